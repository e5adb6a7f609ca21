"""The table of features: as file, on the terminal, as JSON, and what is refused."""

import csv
import json
import math

import pyarrow.parquet
import pytest
import torch
from command_line import refused, run

import numeric
from bridge.features import COLUMNS

pytestmark = pytest.mark.model
TEXT = "A text to read."


def features(text, *more):
    return run("evaluate", "--model", "charlm", "--text", text, "--features", *more)


def test_the_table_is_one_row_per_position(text, tmp_path):
    told = features(text, "--positions", 4, "--out", tmp_path / "f.csv")
    assert told.exit_code == 0, told.output
    with (tmp_path / "f.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [list(row) for row in rows] == [list(COLUMNS)] * 4
    model = numeric.load_model("charlm", "cpu")
    ids = model.encode(TEXT)[:5]
    logits = model.logits(ids[:4])
    for name, wanted in [
        ("entropy", numeric.entropy(logits, 1.0)),
        ("heat_capacity", numeric.heat_capacity(logits, 1.0)),
        ("surprisal", numeric.cross_entropy(logits, torch.tensor(ids[1:]))),
    ]:
        assert [float(row[name]) for row in rows] == pytest.approx(wanted.tolist(), rel=1e-5)
    assert "".join(row["next_token"] for row in rows) == "A te"


def test_parquet_says_what_its_columns_are(text, tmp_path):
    told = features(text, "--positions", 2, "--out", tmp_path / "f.parquet")
    assert told.exit_code == 0, told.output
    table = pyarrow.parquet.read_table(tmp_path / "f.parquet")
    assert {f.name: f.metadata[b"description"].decode() for f in table.schema} == COLUMNS
    assert json.loads(table.schema.metadata[b"provenance"])["file"]


def test_json_and_csv_on_the_terminal(text):
    data = json.loads(features(text, "--positions", 1, "--json").stdout)
    assert data["columns"] == COLUMNS and len(data["rows"]) == 1
    printed = features(text, "--positions", 1).stdout.splitlines()
    assert len(printed) == 2 and math.isfinite(float(printed[1].split(",")[3]))


def test_bad_input_is_one_line(text, tmp_path):
    given = ("evaluate", "--model", "charlm", "--text", text)
    assert "ends in .csv or .parquet" in refused(*given, "--features", "--out", "f.txt")
    assert "--features" in refused(*given, "--out", "f.csv")
    empty = tmp_path / "empty.txt"
    empty.write_text("", encoding="utf-8")
    line = refused("evaluate", "--model", "charlm", "--text", empty, "--features")
    assert "empty" in line or "tokens" in line
