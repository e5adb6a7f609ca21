"""Sampling and losses held against theory: right code passes, slips do not."""

import pytest
import torch

import numeric
from bridge import Status, crosscheck
from bridge.crosschecking.inputs import Case
from bridge.crosschecking.oracle import reference, slopes
from bridge.crosschecking.targets import TARGETS, target_of

IN_USE = (
    "top_k_probabilities",
    "top_p_probabilities",
    "min_p_probabilities",
    "typical_probabilities",
    "eta_probabilities",
    "label_smoothing_loss",
    "z_loss",
    "distillation_loss",
    "scaled_distillation_loss",
    "acceptance_rate",
    "total_variation_distance",
)


@pytest.mark.parametrize("name", ["top_k_probabilities", "typical_probabilities", "z_loss"])
def test_the_project_holds_its_own_functions(name):
    found = crosscheck(
        getattr(numeric, name), name, max_examples=24, laws=False, dtypes=["float64"]
    )
    assert found.status is Status.SUPPORTED, found.explain()


def nucleus_one_short(logits, mass):
    falling, order = logits.sort(dim=-1, descending=True)
    drop = falling.softmax(-1).cumsum(-1) > mass
    drop[..., 0] = False
    drop = torch.zeros_like(drop).scatter(-1, order, drop)
    return logits.masked_fill(drop, -torch.inf).softmax(-1)


def top_k_not_normalized(logits, count):
    p = logits.softmax(-1)
    return torch.where(p < p.topk(count, dim=-1).values[..., -1:], 0, p)


def distilled_once(student, teacher, temperature):
    p, q = ((z / temperature).log_softmax(-1) for z in (student, teacher))
    return temperature * (q.exp() * (q - p)).sum(-1)


@pytest.mark.parametrize(
    ("function", "against"),
    [
        (nucleus_one_short, "top_p_probabilities"),
        (top_k_not_normalized, "top_k_probabilities"),
        (distilled_once, "scaled_distillation_loss"),
        (lambda logits_p, logits_q: logits_p.softmax(-1).sum(-1), "acceptance_rate"),
        (lambda logits: logits.logsumexp(-1), "z_loss"),
    ],
    ids=lambda case: getattr(case, "__name__", str(case)),
)
def test_slips_are_refuted(function, against):
    found = crosscheck(function, against, max_examples=24, laws=False, dtypes=["float64"])
    assert found.status is Status.REFUTED, found.explain()


def test_a_tie_at_the_edge_is_not_asked():
    tied = Case(((1.0, 1.0, 0.0),), (1,), "ties", "float64")
    assert "hangs on rounding" in reference("top_k_probabilities", tied).reason
    assert slopes("top_k_probabilities", tied).reason
    both = Case(((1.0, 1.0, 0.0),), (2,), "ties", "float64")
    found = reference("top_k_probabilities", both)
    assert not found.reason and [float(v.mid()) for v in found.values] == [0.5, 0.5, 0.0]


def test_tokens_that_are_equally_typical_but_for_rounding_are_not_asked():
    """Their distances from the mean logit differ by 3e-17 of a nat."""
    near = Case(((5.1e-9, -2.6e-9),), (0.5,), "narrow", "float64")
    assert "hangs on rounding" in reference("typical_probabilities", near).reason
    apart = Case(((0.51, -0.26),), (0.4,), "plain", "float64")
    assert not reference("typical_probabilities", apart).reason


def test_values_beyond_a_dtype_are_not_asked():
    far = Case(((0.0, 200.0), (200.0, 0.0)), (), "wide", "float32")
    assert "beyond the greatest float32" in reference("perplexity", far).reason


def test_every_target_says_its_signature():
    assert target_of("label_smoothing_loss").signature == (
        "label_smoothing_loss(logits, target, smoothing)"
    )
    assert set(IN_USE) < set(TARGETS)


def test_second_derivatives_are_no_better_than_the_sums_they_run_through():
    """With this seed the variance of the energy differs by 4e-15 from a double backward."""

    def log_partition(logits, temperature):
        return torch.logsumexp(logits / temperature, dim=-1)

    found = crosscheck(log_partition, "log_partition", seed=8, max_examples=8, dtypes=["float64"])
    assert found.status is Status.SUPPORTED, found.explain()
