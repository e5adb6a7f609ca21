"""The features of every position of a text as a table that other programs read."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import torch

from bridge.errors import BadInput
from bridge.report.files import replacing, writable_folder
from numeric.features import FEATURES, prompt_features

if TYPE_CHECKING:
    from numeric.language_model import LanguageModel

ROWS = 64  # positions at a time
COLUMNS: dict[str, str] = {
    "position": "place in the text, from 0",
    "token": "the token read last",
    "next_token": "the token that follows it in the text",
    **FEATURES,
}
"""Every column and what it is."""

_SUFFIXES = (".csv", ".parquet")


def features(
    model: LanguageModel,
    text: str,
    positions: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> pa.Table:
    """One row for every position of a text that has a token after it, the columns of `COLUMNS`.

    The schema's metadata hold the model's provenance, and each field what the column is.
    A text shorter than two tokens is a `TextError`.
    """
    ids = model.encode(text, at_least=2)
    count = len(ids) - 1 if positions is None else min(positions, len(ids) - 1)
    blocks: list[dict[str, Any]] = []
    for start, logits in model.logits_blocks(ids[:count]):
        for first, rows in enumerate(logits.split(ROWS)):
            place = start + first * ROWS
            follow = torch.tensor(ids[place + 1 : place + 1 + len(rows)])
            blocks.append(prompt_features(rows, follow))
            if progress is not None:
                progress(place + len(rows), count)
    pieces = model.tokens(ids[: count + 1])
    columns = {
        "position": np.arange(count),
        "token": pieces[:-1],
        "next_token": pieces[1:],
        **{name: np.concatenate([block[name] for block in blocks]) for name in FEATURES},
    }
    table = pa.table(columns)
    fields = [field.with_metadata({"description": COLUMNS[field.name]}) for field in table.schema]
    about = {"model": model.name, "provenance": json.dumps(dict(model.provenance))}
    return table.cast(pa.schema(fields, metadata=about))


def checked_table_path(path: str) -> Path:
    """The path of a table to write, whose suffix says how.

    Raises:
        BadInput: The suffix is another.
    """
    place = Path(path).expanduser()
    if place.suffix not in _SUFFIXES:
        raise BadInput(f"--out: expected a file name that ends in .csv or .parquet, got {path}")
    writable_folder(place.parent)
    return place


def write_table(table: pa.Table, path: Path) -> None:
    """Write a table as CSV or Parquet, whole or not at all."""
    with replacing(path) as file:
        if path.suffix == ".csv":
            pyarrow.csv.write_csv(table, file)
        else:
            pyarrow.parquet.write_table(table, file)


def as_csv(table: pa.Table) -> str:
    """The table as CSV."""
    sink = pa.BufferOutputStream()
    pyarrow.csv.write_csv(table, sink)
    return sink.getvalue().to_pybytes().decode()


def as_json(table: pa.Table) -> dict[str, Any]:
    """What the columns are, and the rows; what is not a number is null."""
    rows = [
        {
            name: None if isinstance(value, float) and not np.isfinite(value) else value
            for name, value in row.items()
        }
        for row in table.to_pylist()
    ]
    model = (table.schema.metadata or {}).get(b"model", b"").decode()
    return {"model": model, "columns": COLUMNS, "rows": rows}
