"""Thermodynamic states as Parquet columns: one row per distribution, the state per temperature.

The state is kept rather than S or F, because states merge and every quantity follows from them.
The grid of temperatures, the version of the format and the provenance are in the schema's
metadata.  A file appears under its name when it is complete, and not before.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import torch

from numeric.errors import InputError
from numeric.state import ThermodynamicState

FORMAT = 1
_KEY = b"porism.state"
_MOMENTS = ("weight", "mean", "variance", "third", "fourth")


def write_states(
    path: str | Path, state: ThermodynamicState, provenance: Mapping[str, Any] | None = None
) -> None:
    """Write the states of rows (...) at K common temperatures; leading axes are flattened.

    `provenance` is any JSON data: model, dtype, tokenizer, versions, configuration.
    """
    table = table_of(state, provenance)
    path = Path(path)
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        pq.write_table(
            table, partial, compression="zstd", use_dictionary=False, use_byte_stream_split=True
        )
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def read_states(path: str | Path) -> tuple[ThermodynamicState, dict[str, Any]]:
    """States (N, K) and the provenance that `write_states` wrote.

    Raises:
        InputError: The file is not one of states, or of a later format.
    """
    try:
        table = pq.read_table(path)
    except pa.ArrowInvalid as error:
        raise InputError(f"{path}: expected a Parquet file of states: {error}") from None
    return state_of_table(table, str(path))


def table_of(state: ThermodynamicState, provenance: Mapping[str, Any] | None = None) -> pa.Table:
    """The states as an Arrow table: `maximum`, and lists over temperatures of every moment.

    Raises:
        InputError: Rows have temperatures of their own.
    """
    count = state.temperature.shape[-1]
    grid = state.temperature.reshape(-1, count)
    if len(grid) and not bool((grid == grid[0]).all()):
        raise InputError("states: expected the same temperatures in every row")
    columns = {"maximum": pa.array(state.maximum.reshape(-1).detach().cpu().numpy())}
    for name in _MOMENTS:
        values = getattr(state, name)
        if values is not None:
            flat = pa.array(values.detach().reshape(-1).cpu().numpy())
            columns[name] = pa.FixedSizeListArray.from_arrays(flat, count)
    header = {
        "format": FORMAT,
        "temperatures": [float(t) for t in grid[0]] if len(grid) else [0.0] * count,
        "provenance": dict(provenance or {}),
    }
    return pa.table(columns).replace_schema_metadata({_KEY: json.dumps(header).encode()})


def state_of_table(table: pa.Table, name: str = "table") -> tuple[ThermodynamicState, dict]:
    """The inverse of `table_of`, with rows (N,).

    Raises:
        InputError: The table is not one of states, or of a later format.
    """
    header = json.loads((table.schema.metadata or {}).get(_KEY, b"{}"))
    if header.get("format") not in range(1, FORMAT + 1):
        raise InputError(
            f"{name}: expected states of format {FORMAT} or earlier, got {header.get('format')}"
        )
    maximum = _tensor(table["maximum"]).unsqueeze(-1)
    count = len(header["temperatures"])
    moments = [
        _tensor(table[n]).reshape(-1, count) if n in table.column_names else None for n in _MOMENTS
    ]
    temperatures = torch.tensor(header["temperatures"], dtype=maximum.dtype)
    weight, mean, variance, third, fourth = moments
    if weight is None or mean is None or variance is None:
        raise InputError(f"{name}: expected columns weight, mean and variance")
    state = ThermodynamicState(
        temperatures.expand(weight.shape), maximum, weight, mean, variance, third, fourth
    )
    return state, header["provenance"]


def _tensor(column: pa.ChunkedArray) -> torch.Tensor:
    values = column.combine_chunks()
    values = values.flatten() if pa.types.is_fixed_size_list(values.type) else values
    return torch.from_numpy(np.array(values.to_numpy(zero_copy_only=False)))
