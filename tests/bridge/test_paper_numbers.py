"""Measured numbers in papers: digits that are certain, provenance, and ledgers that are none."""

import json
from pathlib import Path

import numpy as np
import pytest

from bridge.errors import BadInput
from bridge.paper.digits import shown
from bridge.paper.figures import figures
from bridge.paper.measured import measured
from bridge.paper.numbers import macros, temperatures
from bridge.report.uncertainty import standard_error

LEDGER = Path(__file__).parents[2] / "docs" / "paper" / "ledger.json"


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        (2.951, 0.0712, "2.95(7)"),
        (2.951, 0.0182, "2.951(18)"),
        (14.594, 2.448, "15(2)"),
        (14.594, 1.26, "14.6(1.3)"),
        (14.594, 0.96, "14.6(10)"),
        (-27.684, 0.3776, "-27.7(4)"),
        (123456.0, 3456.0, "123000(3000)"),
        (0.0, 0.1, "0.00(10)"),
        (1e-7, 3e-9, "0.000000100(3)"),
        (1.35936, None, "1.359"),
        (49152.0, None, "49152"),
        (0.0, None, "0"),
        (1e-5, None, "0.00001000"),
    ],
)
def test_digits_that_are_certain(value, error, text):
    assert shown(value, error) == text


def test_a_number_lies_within_its_digits():
    generator = np.random.default_rng(0)
    for value, error in generator.lognormal(0, 3, (200, 2)):
        text, _, rest = shown(float(value), float(error)).partition("(")
        digits = rest.rstrip(")")
        places = len(text.partition(".")[2])
        width = float(digits) if "." in digits or not places else float(digits) / 10**places
        assert abs(float(text) - value) <= width / 2 + 1e-12
        assert width == pytest.approx(error, rel=0.34)


def test_the_error_of_a_mean_knows_that_neighbors_are_alike():
    generator = np.random.default_rng(0)
    drawn = generator.standard_normal((300, 1024))
    alone = np.array([standard_error(row) for row in drawn])
    assert alone.mean() == pytest.approx(1 / 32, rel=0.03)
    walk = np.array([np.convolve(row, np.full(8, 1 / 8), "same") for row in drawn])
    true = walk.mean(axis=1).std()
    naive = (walk.std(axis=1) / 32).mean()
    batched = np.array([standard_error(row) for row in walk]).mean()
    assert naive < 0.5 * true and batched == pytest.approx(true, rel=0.15)
    assert standard_error(np.zeros(15)) is None


def test_macros_have_values_and_their_place():
    text = macros(measured(LEDGER))
    rows = json.loads(LEDGER.read_text())["readings"]["temperatures"]
    place = next(n for n, row in enumerate(rows) if row["temperature"] == 1)
    line = next(line for line in text.splitlines() if "EntropyMean" in line)
    mean = rows[place]["entropy"]
    assert line.startswith(rf"\newcommand\porismEntropyMean{{\ensuremath{{{mean:.2f}(")
    assert (
        line.endswith(" nats") and f"readings/temperatures/{place}/entropy = {mean!r} +-" in line
    )
    assert r"49\,152" in text and "standard uncertainty" in text


def test_a_table_has_a_row_for_each_temperature():
    found = measured(LEDGER)
    text = temperatures(found)
    assert text.count(r"\\") == len(found.at) + 1 and r"\toprule" in text


def test_figures_are_vectors_in_computer_modern_and_the_same_each_time():
    found = measured(LEDGER)
    drawn = figures(found)
    assert drawn == figures(found) and len(drawn) == 2
    for data in drawn.values():
        assert data.startswith(b"%PDF") and b"/Subtype /Image" not in data
        assert b"Cmr10" in data or b"cmr10" in data


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda data: data.update(format="porism.ledger/9"), "expected a ledger of format"),
        (lambda data: data.update(readings=None), "no readings"),
        (lambda data: data["readings"].pop("standard_errors"), "run `porism report` again"),
        (lambda data: data["readings"].pop("balance"), "nothing at readings/balance"),
        (lambda data: data["readings"].update(perplexity="\\input{x}"), "expected a number"),
        (lambda data: data["readings"].update(perplexity=True), "expected a number"),
    ],
)
def test_a_file_that_is_no_ledger(change, message, tmp_path):
    data = json.loads(LEDGER.read_text())
    change(data)
    path = tmp_path / "ledger.json"
    path.write_text(json.dumps(data))
    with pytest.raises(BadInput, match=message):
        measured(path)


def test_text_that_is_no_json(tmp_path):
    path = tmp_path / "ledger.json"
    for text in ("[1]", "{", "[" * 100_000):
        path.write_text(text)
        with pytest.raises(BadInput, match="expected a ledger in JSON"):
            measured(path)
    with pytest.raises(BadInput, match="cannot be read"):
        measured(tmp_path / "none.json")
    bad = LEDGER.read_text().replace('"perplexity": 1', '"perplexity": NaN, "x": 1', 1)
    path.write_text(bad)
    with pytest.raises(BadInput, match="finite"):
        measured(path)


def test_a_name_of_a_model_cannot_command_tex(tmp_path):
    data = json.loads(LEDGER.read_text())
    data["model"]["name"] = "a_b\n\\input{x}"
    path = tmp_path / "ledger.json"
    path.write_text(json.dumps(data))
    text = macros(measured(path))
    first, *rest = text.splitlines()
    assert first.startswith("% model a_b") and not any(r"\input" in line for line in rest)
