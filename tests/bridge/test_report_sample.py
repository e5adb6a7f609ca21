"""Samples, readings and evaluation against plain NumPy on a model of eleven letters."""

import math

import numpy as np
import pytest
import torch
from tiny_report import LETTERS, TEXT, Letters, readings, sample  # noqa: F401

from bridge.evaluation import evaluate
from bridge.report.readings import read
from bridge.sample import Sample, predicted_bytes, take_sample
from numeric.errors import InputError, TextError


def test_targets_are_the_tokens_that_follow(sample):  # noqa: F811
    text = [letter for letter in TEXT if letter in LETTERS]
    assert sample.tokens == text[:40]
    assert sample.following == text[1:41]
    assert [LETTERS[target] for target in sample.targets] == sample.following
    assert sample.logits.shape == (40, 11) and sample.logits.dtype == torch.float32


def test_logits_are_hidden_states_times_head(sample):  # noqa: F811
    eps = np.finfo(np.float32).eps
    size = sample.hidden.abs() @ sample.head.abs().T
    assert ((sample.hidden @ sample.head.T - sample.logits).abs() <= 5 * eps * size).all()


def test_a_head_with_a_bias_is_not_given_as_a_matrix():
    biased = take_sample(Letters(bias=True), TEXT, 8)
    assert biased.hidden is None and biased.head is None and len(biased) == 8
    assert (biased.logits - take_sample(Letters(), TEXT, 8).logits).abs().max() > 0.5


def test_sample_survives_a_folder(sample, tmp_path):  # noqa: F811
    sample.save(tmp_path)
    again = Sample.load(tmp_path)
    assert again.tokens == sample.tokens and again.targets == sample.targets
    assert again.text_bytes == sample.text_bytes and again.provenance == sample.provenance
    assert torch.equal(again.logits, sample.logits) and torch.equal(again.head, sample.head)


@pytest.mark.parametrize("text", ["", "a"])
def test_a_text_of_less_than_two_tokens_is_refused(text):
    with pytest.raises(TextError, match="at least 2 tokens"):
        take_sample(Letters(), text)
    with pytest.raises(TextError, match="at least 2 tokens"):
        evaluate(Letters(), text)


def test_no_positions_are_refused():
    with pytest.raises(InputError, match="at least one position"):
        take_sample(Letters(), TEXT, 0)


def test_bytes_count_what_is_predicted():
    assert predicted_bytes("étude", ["é", "tu", "de"], whole=True) == 4
    assert predicted_bytes("étude longue", ["é", "tu", "dé"], whole=False) == 5


def test_readings_agree_with_numpy(sample, readings):  # noqa: F811
    logits = sample.logits.double().numpy()
    logp = logits - np.log(np.exp(logits).sum(1, keepdims=True))
    p = np.exp(logp)
    entropy = -(p * logp).sum(1)
    capacity = (p * (logp + entropy[:, None]) ** 2).sum(1)
    loss = -logp[np.arange(40), sample.targets]
    ordered = np.sort(logits, axis=1)
    allowed = 64 * np.finfo(np.float32).eps * (1 + np.abs(logits).max()) ** 2
    assert np.abs(readings.entropy - entropy).max() < allowed
    assert np.abs(readings.heat_capacity - capacity).max() < allowed
    assert np.abs(readings.loss - loss).max() < allowed
    assert np.abs(readings.gap - (ordered[:, -1] - ordered[:, -2])).max() < allowed
    assert readings.perplexity == pytest.approx(np.exp(loss.mean()), rel=allowed)
    assert readings.zero_points[0.5] == (entropy < 0.5).mean()


def test_the_table_holds_means_at_each_temperature(sample, readings):  # noqa: F811
    for row in readings.table:
        x = sample.logits.double().numpy() / row["temperature"]
        log_z = np.log(np.exp(x).sum(1))
        p = np.exp(x - log_z[:, None])
        mean = -(p * x).sum(1) * row["temperature"]
        allowed = 64 * np.finfo(np.float32).eps * (1 + np.abs(x).max())
        assert row["internal_energy"] == pytest.approx(mean.mean(), abs=allowed)
        assert row["free_energy"] == pytest.approx(-row["temperature"] * log_z.mean(), abs=allowed)


def test_the_needed_gap_is_exactly_enough(readings):  # noqa: F811
    others = readings.vocabulary_size - 1
    assert 1 / (1 + others * math.exp(-readings.certain_gap)) == pytest.approx(0.999, rel=1e-12)


def test_evaluation_does_not_depend_on_batches(sample):  # noqa: F811
    model = Letters()
    whole = evaluate(model, TEXT, (0.5, 2.0), positions=40)
    model.batch_tokens = 7
    parts = evaluate(model, TEXT, (0.5, 2.0), positions=40)
    table = read(sample, (0.5, 2.0)).table
    assert whole["positions"] == parts["positions"] == 40
    assert parts["perplexity"] == pytest.approx(whole["perplexity"], rel=1e-6)
    assert whole["zero_points"] == parts["zero_points"]
    for here, there, read_off in zip(
        whole["temperatures"], parts["temperatures"], table, strict=True
    ):
        assert here == pytest.approx(there, rel=1e-6)
        assert here == pytest.approx(read_off, rel=1e-6)
