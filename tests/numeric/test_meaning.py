"""Distances against meanings: the table of prompts, and correlations that can say no."""

import numpy as np
import pytest
from scipy.stats import spearmanr

import numeric
from numeric.meaning import (
    LABELS,
    Distances,
    as_rows,
    distances,
    nearer_than_other_meaning,
    rank_correlation,
    read_triples,
    spearman,
)


def test_the_table_of_prompts_is_whole_and_each_stands_once():
    triples = read_triples()
    assert len(triples) == 30
    assert all(not prompt.endswith((" ", ".", "?")) for triple in triples for prompt in triple)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (["a\tb\tc"], "expected the header"),
        (["prompt\tparaphrase\tother meaning", "a\tb"], "line 2: expected three prompts"),
        (["prompt\tparaphrase\tother meaning", "a\tb\t "], "line 2: expected three prompts"),
        (["prompt\tparaphrase\tother meaning", "a\tb\ta"], "'a' stands twice"),
        (["prompt\tparaphrase\tother meaning", "a\tb\tc"], "at least three triples, got 1"),
    ],
)
def test_tables_that_are_none_are_refused(tmp_path, rows, message):
    file = tmp_path / "prompts.tsv"
    file.write_text("\n".join(rows), encoding="utf-8")
    with pytest.raises(ValueError, match=message):
        read_triples(file)


def test_ranks_are_scipys_and_equal_distances_say_nothing():
    rng = np.random.default_rng(0)
    x, y = rng.integers(0, 4, 40).astype(float), rng.normal(size=40)
    assert spearman(x, y) == pytest.approx(spearmanr(x, y).statistic, abs=1e-14)
    assert np.isnan(spearman(np.ones(4), y[:4]))


def test_right_order_is_seen_and_none_is_not():
    right = np.tile([0.1, 1.0, 2.0], (30, 1)) + np.random.default_rng(1).normal(size=(30, 3)) / 50
    found = rank_correlation(right)
    assert found.value == pytest.approx(np.sqrt(2 / 3), abs=1e-3) and found.low > 0.5
    assert nearer_than_other_meaning(right).low > 0.8
    rng, labels = np.random.default_rng(2), np.tile([0.0, 1.0, 1.0], 30)
    noise = [spearman(rng.normal(size=90), labels) for _ in range(400)]
    assert abs(np.mean(noise)) < 4 / np.sqrt(400 * 89)
    assert rank_correlation(-right).high < 0


@pytest.mark.model
def test_distances_of_a_real_model_are_those_of_its_predictions():
    charlm = numeric.load_model("charlm", "cpu")
    triples = read_triples()[:3]
    found = distances(charlm, triples)
    assert found.count == 3 and set(found.values) == {
        "Fisher-Rao",
        "total variation",
        "Jeffreys",
        "hidden cosine",
        "words",
    }
    first, second = (charlm.logits(charlm.encode(p))[-1].double() for p in triples[0][:2])
    expected = float(numeric.fisher_rao_distance(first, second))
    assert found.values["Fisher-Rao"][0, 0] == pytest.approx(expected, rel=1e-4)
    assert np.all(found.values["words"][:, 1] < found.values["words"][:, 2])
    rows = as_rows(found)
    assert len(rows) == 9 and rows[0]["label"] == LABELS[0]


def test_every_pair_has_a_row():
    found = Distances({"x": np.arange(6.0).reshape(2, 3)})
    assert [row["x"] for row in as_rows(found)] == [0, 1, 2, 3, 4, 5]
