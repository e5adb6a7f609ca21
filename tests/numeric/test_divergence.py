"""Divergences against Arb balls, at and near p = q too."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
import torch
from arb_reference import in_balls
from flint import arb
from hard_rows import DTYPES, rows
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
BACKENDS = ("torch", "numba")


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
    info = np.finfo(x.dtype)
    gap = float(max(np.ptp(x), np.ptp(y), np.ptp(y - x)))
    rounding = 8 * float(info.eps) * (8 + np.log2(len(x)) + gap)
    return rounding * value + 100 * len(x) * float(info.tiny)


def misses(definition, pair, backend) -> bool:
    """Whether a divergence is further from its definition than allowed."""
    function, exact = definition
    value, right = float(function(*pair, backend=backend)), exact(*pair)
    return not abs(value - right) <= allowance(abs(right), *pair)


@st.composite
def pairs(draw, dtype):
    """Two rows: unrelated, or one a small or one-token perturbation of the other."""
    x = draw(rows(dtype, masks=False))
    x = np.clip(x - x.max(), -600, 0)
    noise = draw(st.lists(st.floats(-1, 1), min_size=len(x), max_size=len(x)))
    scale = draw(st.sampled_from([0.0, 1e-12, 1e-7, 1e-2, 1.0, 30.0, 500.0]))
    one = draw(st.booleans())
    mask = np.arange(len(x)) == draw(st.integers(0, len(x) - 1))
    y = x + scale * np.array(noise) * (mask if one else 1)
    return x, y.astype(dtype)


@in_balls
def exact_jensen_shannon(x, y):
    pairs = list(zip(probabilities(x), probabilities(y), strict=True))
    terms = [p * (2 * p / (p + q)).log() + q * (2 * q / (p + q)).log() for p, q in pairs]
    return float(sum(terms, arb(0)) / 2)


DEFINITIONS = {
    "kl": (numeric.kl_divergence, exact_kl),
    "distance": (numeric.fisher_rao_distance, exact_distance),
    "jensen_shannon": (numeric.jensen_shannon_divergence, exact_jensen_shannon),
}


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", DEFINITIONS)
@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_every_divergence_equals_its_definition(name, dtype, backend, data):
    assert not misses(DEFINITIONS[name], data.draw(pairs(dtype)), backend)


@pytest.mark.parametrize("name", DEFINITIONS)
def test_the_battery_catches_an_error_in_the_twelfth_digit(name):
    function, exact = DEFINITIONS[name]
    pair = np.array([0.3, -1.0, 2.0, 0.7]), np.array([0.1, -1.0, 2.5, 0.7])
    assert not misses((function, exact), pair, "numba")
    moved = lambda x, y, backend: function(x, y) * (1 + 1e-12)  # noqa: E731
    assert misses((moved, exact), pair, "numba")


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", DEFINITIONS)
@pytest.mark.parametrize("scale", [1e-7, 1.0, 60.0])
@pytest.mark.parametrize("size", [1023, 1024, 3001])
def test_several_blocks_equal_the_definition(name, dtype, scale, size):
    """Among them distributions whose logits lie 1e-7 apart."""
    g = np.random.default_rng(size)
    x = (3 * g.standard_normal(size)).astype(dtype)
    y = (x + scale * g.standard_normal(size)).astype(dtype)
    assert not misses(DEFINITIONS[name], (x, y), "numba")


@pytest.mark.parametrize("function", FUNCTIONS)
def test_compiled_rows_broadcast_and_are_named(function):
    g = torch.Generator().manual_seed(0)
    x, y = torch.randn(4, 1, 1500, generator=g), torch.randn(3, 1500, generator=g)
    fast, slow = function(x, y, backend="numba"), function(x, y, backend="torch")
    assert fast.shape == (4, 3) and fast.dtype == torch.float32
    torch.testing.assert_close(fast, slow, rtol=1e-5, atol=0)
    half = function(x.bfloat16(), y.bfloat16(), backend="numba")
    assert torch.equal(half, function(x.bfloat16().float(), y.bfloat16().float(), backend="numba"))
    y[2, 700] = -torch.inf
    with pytest.raises(ValueError, match="logits_q: .* masked token .* row 2"):
        function(x, y, backend="numba")
    x[1, 0, 1400] = torch.nan
    with pytest.raises(ValueError, match=r"nan in row \(1, 0\)"):
        function(x, y, backend="numba")


@pytest.mark.parametrize("function", FUNCTIONS)
def test_few_pairs_at_a_time_change_nothing(function, monkeypatch):
    g = torch.Generator().manual_seed(0)
    x, y = torch.randn(4, 1, 50, generator=g), torch.randn(3, 50, generator=g)
    whole = function(x, y, backend="torch")
    monkeypatch.setattr("numeric.divergence._NUMBERS_AT_A_TIME", (100, 100))
    assert torch.equal(function(x, y, backend="torch"), whole)


def test_what_compiled_loops_do_not_serve_is_said_or_left_to_torch():
    x = torch.randn(2, 70000, requires_grad=True)
    y = x.detach() + 1
    with pytest.raises(ValueError, match="backend: expected one of"):
        numeric.kl_divergence(x, y, backend="triton")  # type: ignore[arg-type]
    assert numeric.kl_divergence(x, y).requires_grad
    slope = torch.func.grad(lambda v: numeric.kl_divergence(y, v).sum())(y + 1)
    assert slope.abs().max() <= 1e-6
    with pytest.raises(ValueError, match="logits_q is on meta, logits_p is on cpu"):
        numeric.kl_divergence(y, y.to("meta"))


PEAK = """
import resource, torch, numeric
x, y = torch.randn(256, 49152), torch.randn(256, 49152)
numeric.{0}(x[:2], y[:2])
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
numeric.{0}(x, y)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)
"""


@pytest.mark.parametrize("function", FUNCTIONS)
def test_extra_memory_is_at_most_5_percent_of_the_logits(function):
    code = PEAK.format(function.__name__)
    mib = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=300
    ).stdout
    assert float(mib) <= 0.05 * 2 * 48


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


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("function", FUNCTIONS)
def test_derivatives_equal_differences(function, backend):
    g = torch.Generator().manual_seed(0)
    x, y = (torch.randn(2, 5, dtype=torch.float64, generator=g).requires_grad_() for _ in "xy")

    def divergence(x, y):
        return function(x, y, backend=backend)

    assert gradcheck(divergence, (x, y)) and gradgradcheck(divergence, (x, y))
    assert gradcheck(lambda y: divergence(x.detach(), y), (y,))
    x32 = x.detach().float().requires_grad_()
    (slope,) = grad(divergence(x32, y.float().detach()).sum(), x32)
    torch.testing.assert_close(
        slope.double(), grad(divergence(x, y).sum(), x)[0], rtol=1e-4, atol=1e-6
    )


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
    "no tokens": (torch.zeros(2, 0), "logits_q: expected at least one token"),
    "a number": (torch.tensor(1.0), "logits_q: expected shape"),
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
