"""Divergences against Arb balls, at and near p = q too."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from arb_reference import in_balls
from flint import arb
from hard_rows import rows
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.autograd import grad, gradcheck, gradgradcheck

import numeric
from numeric.divergence import shannon_entropy

FUNCTIONS = (
    numeric.kl_divergence,
    numeric.fisher_rao_distance,
    numeric.jensen_shannon_divergence,
)
EPS = float(np.finfo(np.float64).eps)


@in_balls
def probabilities(row):
    top = arb(float(max(row)))
    weights = [(arb(float(x)) - top).exp() for x in row]
    z = sum(weights, arb(0))
    return [w / z for w in weights]


@in_balls
def exact_kl(x, y):
    pairs = zip(probabilities(x), probabilities(y), strict=True)
    return float(sum((p * (p / q).log() for p, q in pairs), arb(0)))


@in_balls
def exact_distance(x, y):
    pairs = zip(probabilities(x), probabilities(y), strict=True)
    steps = [p.sqrt() - q.sqrt() for p, q in pairs]
    chord = sum((d * d for d in steps), arb(0))
    return float(4 * (chord.abs_upper().sqrt() / 2).asin())  # a ball of radius 1e-480


def allowance(value, x, y):
    """Each ln p is a sum of two nonnegative terms: relative eps; its exponential, eps (1 + gap).

    r = ln(q / p) inherits the rounding of differences of logits, which do not cancel; the value
    is quadratic (KL) or linear (distance) in r, so the same relative error doubles at most.
    """
    gap = max(np.ptp(x), np.ptp(y), float(np.ptp(y - x)))
    return 8 * EPS * (8 + np.log2(len(x)) + gap) * value + 1e-290


@st.composite
def pairs(draw):
    """Two rows: unrelated, or one a small or one-token perturbation of the other."""
    x = draw(rows(np.float64, masks=False))
    x = np.clip(x - x.max(), -600, 0)
    noise = draw(st.lists(st.floats(-1, 1), min_size=len(x), max_size=len(x)))
    scale = draw(st.sampled_from([0.0, 1e-12, 1e-6, 1e-2, 1.0, 30.0]))
    one = draw(st.booleans())
    mask = np.arange(len(x)) == draw(st.integers(0, len(x) - 1))
    return x, x + scale * np.array(noise) * (mask if one else 1)


@given(pairs())
@settings(max_examples=200, deadline=None)
def test_kl_divergence_equals_its_definition(pair):
    x, y = pair
    exact = exact_kl(x, y)
    assert abs(float(numeric.kl_divergence(x, y)) - exact) <= allowance(abs(exact), x, y)


@given(pairs())
@settings(max_examples=200, deadline=None)
def test_fisher_rao_distance_equals_its_definition(pair):
    x, y = pair
    exact = exact_distance(x, y)
    assert abs(float(numeric.fisher_rao_distance(x, y)) - exact) <= allowance(exact, x, y)


@in_balls
def exact_jensen_shannon(x, y):
    pairs = list(zip(probabilities(x), probabilities(y), strict=True))
    terms = [p * (2 * p / (p + q)).log() + q * (2 * q / (p + q)).log() for p, q in pairs]
    return float(sum(terms, arb(0)) / 2)


@given(pairs())
@settings(max_examples=200, deadline=None)
def test_jensen_shannon_divergence_equals_its_definition(pair):
    x, y = pair
    exact = exact_jensen_shannon(x, y)
    value = float(numeric.jensen_shannon_divergence(x, y))
    assert abs(value - exact) <= allowance(abs(exact), x, y)


def test_the_common_formulas_fail_near_equality_and_these_do_not():
    x = np.array([0.3, -1.0, 2.0, 0.7])
    y = x + 1e-9 * np.array([1.0, -2.0, 0.5, 0.25])
    p, q = torch.softmax(torch.from_numpy(x), 0), torch.softmax(torch.from_numpy(y), 0)
    naive_kl = float((p * (p.log() - q.log())).sum())
    naive_distance = float(2 * torch.arccos((p * q).sqrt().sum().clamp(max=1)))
    assert abs(naive_kl - exact_kl(x, y)) > 0.01 * exact_kl(x, y)
    assert abs(naive_distance - exact_distance(x, y)) > 0.01 * exact_distance(x, y)
    assert float(numeric.kl_divergence(x, y)) == pytest.approx(exact_kl(x, y), rel=1e-13)
    d = float(numeric.fisher_rao_distance(x, y))
    assert d == pytest.approx(exact_distance(x, y), rel=1e-13)


def test_far_apart_the_distance_approaches_pi():
    x, y = np.array([400.0, 0.0]), np.array([0.0, 400.0])
    assert float(numeric.fisher_rao_distance(x, y)) == pytest.approx(np.pi, rel=1e-15)
    assert float(numeric.kl_divergence(x, y)) == pytest.approx(400.0, rel=1e-15)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_derivatives_equal_differences(function):
    g = torch.Generator().manual_seed(0)
    x, y = (torch.randn(2, 5, dtype=torch.float64, generator=g).requires_grad_() for _ in "xy")
    assert gradcheck(function, (x, y)) and gradgradcheck(function, (x, y))


def test_the_hessian_of_kl_at_equality_is_the_fisher_metric():
    x = torch.tensor([0.3, 1.0, -0.5], dtype=torch.float64)
    hessian = torch.autograd.functional.hessian(lambda y: numeric.kl_divergence(x, y), x)
    p = torch.softmax(x, 0)
    torch.testing.assert_close(hessian, p.diag() - p.outer(p), rtol=1e-13, atol=1e-15)


def test_at_equality_values_and_gradients_are_zero():
    x = torch.tensor([0.3, 1.0, -0.5], dtype=torch.float64, requires_grad=True)
    for f in FUNCTIONS:
        value = f(x, x.detach())
        assert value == 0 and torch.equal(grad(value, x)[0], torch.zeros(3, dtype=torch.float64))


def test_leading_axes_broadcast_and_dtypes_promote():
    x, y = torch.randn(4, 1, 6), torch.randn(3, 6, dtype=torch.float64)
    assert numeric.kl_divergence(x, y).shape == (4, 3)
    assert numeric.fisher_rao_distance(x, y).dtype == torch.float64
    assert numeric.kl_divergence(x.bfloat16(), x.bfloat16()).dtype == torch.float32


BAD = {
    "masked": (torch.tensor([[0.0, 1.0], [0.0, -torch.inf]]), "masked token .* in row 1"),
    "nan": (torch.tensor([[0.0, 1.0], [torch.nan, 0.0]]), "nan in row 1"),
    "vocabulary": (torch.zeros(2, 3), "not rows of one vocabulary"),
    "rows": (torch.zeros(3, 2), "not rows of one vocabulary"),
    "kind": (np.zeros((2, 2)), "both torch or both NumPy"),
    "integers": (torch.zeros(2, 2, dtype=torch.int64), "logits_q: expected float16"),
}


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_named(function, case):
    logits, message = BAD[case]
    with pytest.raises(ValueError, match=message):
        function(torch.zeros(2, 2), logits)


def test_shannon_entropy_takes_probabilities_as_given():
    p = np.array([[0.5, 0.5, 0.0], [1.0, 0.0, 0.0]])
    np.testing.assert_array_equal(shannon_entropy(p), [np.log(2), 0])
    with pytest.raises(ValueError, match="row 1"):
        shannon_entropy(np.array([[0.5, 0.5], [1.5, -0.5]]))
