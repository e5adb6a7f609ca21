"""States survive a Parquet file bit for bit, and files that are not states are refused."""

from __future__ import annotations

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch

from numeric.columns import read_states, state_of_table, table_of, write_states
from numeric.state import ThermodynamicState

T = torch.tensor([0.1, 1.0, 7.0])


def state(dtype=torch.float64, order=4, rows=5):
    x = torch.randn(rows, 40, dtype=dtype, generator=torch.Generator().manual_seed(0))
    return ThermodynamicState.of(x, T.to(dtype), order)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("order", [2, 3, 4])
def test_states_come_back_bit_for_bit(tmp_path, dtype, order):
    path, provenance = tmp_path / "states.parquet", {"model": "none", "versions": [1, 2]}
    write_states(path, state(dtype, order), provenance)
    assert read_states(path) == (state(dtype, order), provenance)
    assert [p.name for p in tmp_path.iterdir()] == ["states.parquet"]


def test_empty_sets_and_no_rows_come_back(tmp_path):
    zero = ThermodynamicState.zero(T.expand(2, 3))
    write_states(tmp_path / "zero", zero)
    assert read_states(tmp_path / "zero")[0] == zero
    assert state_of_table(table_of(state(rows=0)))[0].weight.shape == (0, 3)


def test_states_of_a_file_still_merge(tmp_path):
    write_states(tmp_path / "a", state())
    read = read_states(tmp_path / "a")[0]
    assert read.merge(read) == state().merge(state())


def test_columns_are_compressed_and_split(tmp_path):
    write_states(tmp_path / "a", state(rows=100))
    column = pq.ParquetFile(tmp_path / "a").metadata.row_group(0).column(1)
    assert column.compression == "ZSTD" and "BYTE_STREAM_SPLIT" in column.encodings


def test_rows_with_temperatures_of_their_own_are_refused():
    own = ThermodynamicState.of(torch.zeros(2, 4), torch.tensor([[1.0], [2.0]]))
    with pytest.raises(ValueError, match="same temperatures in every row"):
        table_of(own)


def test_files_that_are_not_states_are_refused(tmp_path):
    path = tmp_path / "other"
    path.write_text("not a table")
    with pytest.raises(ValueError, match="expected a Parquet file of states"):
        read_states(path)
    pq.write_table(pa.table({"maximum": [1.0]}), path)
    with pytest.raises(ValueError, match="format 1 or earlier, got None"):
        read_states(path)
    later = {b"porism.state": json.dumps({"format": 99}).encode()}
    with pytest.raises(ValueError, match="got 99"):
        state_of_table(table_of(state()).replace_schema_metadata(later))


def test_a_failed_write_leaves_what_was_there(tmp_path, monkeypatch):
    path = tmp_path / "states"
    write_states(path, state())

    def fails(table, where, **options):
        where.write_text("half")
        raise OSError("no space left")

    monkeypatch.setattr(pq, "write_table", fails)
    with pytest.raises(OSError, match="no space"):
        write_states(path, state(order=2))
    assert read_states(path)[0] == state() and len(list(tmp_path.iterdir())) == 1
