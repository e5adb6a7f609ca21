"""Each quantity against its definition in Arb balls, within a derived allowance."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from arb_reference import Row, misses
from hard_rows import DTYPES, rows, temperatures
from hypothesis import given, settings
from hypothesis import strategies as st

import numeric

NAMES = ("log_partition", "free_energy", "internal_energy", "entropy", "heat_capacity")


def failures(function, name, row, temperature) -> bool:
    exact = Row.of(row, temperature)
    value = function(row, temperature)
    return misses(float(value), exact.value(name), exact.allowance(name, row.dtype))


@pytest.mark.parametrize("dtype", DTYPES)
@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_every_quantity_encloses_its_definition(dtype, data):
    row, t = data.draw(rows(dtype)), data.draw(temperatures(dtype))
    check_every_quantity(row, t)


def test_two_greatest_logits_and_small_weights_beside_them():
    """The sum of the weights but one is 1 and a few millionths: it is rounded at every step."""
    check_every_quantity(np.array([30, *[0] * 7, 30, 0], np.float32), np.float32(2))


def check_every_quantity(row, t):
    wrong = [n for n in NAMES if failures(getattr(numeric, n), n, row, t)]
    assert not wrong


@pytest.mark.parametrize("dtype", DTYPES)
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_cumulants_enclose_their_definitions(dtype, data):
    row, t = data.draw(rows(dtype)), data.draw(temperatures(dtype))
    exact = Row.of(row, t)
    third, fourth = numeric.thermodynamics(row, t, order=4).cumulants[2:]
    for name, value in (("third_cumulant", third), ("fourth_cumulant", fourth)):
        if exact.allowance(name, dtype) < np.finfo(dtype).max:
            assert not misses(float(value), exact.value(name), exact.allowance(name, dtype)), name


@pytest.mark.parametrize("gap", [1.0, 37.0, 100.0, 230.0, 410.0])
def test_entropy_keeps_its_relative_accuracy_down_to_1e_minus_180(gap):
    row = np.array([gap, 0.0, 0.3, -1.7])
    s, exact = float(numeric.entropy(row, 0.97)), Row.of(row, 0.97).value("entropy")
    eps = np.finfo(np.float64).eps
    assert abs(s / float(exact) - 1) <= 2 * eps * (4 + gap / 0.97)
    if gap > 400:
        assert 0 < s < 1e-180


def base_two(x, t):
    return numeric.entropy(x, t) / np.log(2)


def forgets_temperature(x, t):
    return numeric.entropy(x, 1.0)


def cancels(x, t):
    p = torch.softmax(torch.from_numpy(np.asarray(x)) / t, -1)
    return -torch.xlogy(p, p).sum() + 0.0


def one_percent_more(x, t):
    return 1.01 * numeric.entropy(x, t)


def without_zero_gauge(x, t):
    """A streaming maximum that starts at zero, as some kernels' does."""
    x = np.asarray(x) / t
    m = max(0.0, x.max())
    e = np.exp(x - m)
    return m + np.log(e.sum()) - (e * x).sum() / e.sum()


@pytest.mark.parametrize("wrong", [base_two, forgets_temperature, one_percent_more])
def test_wrong_formulas_are_caught_anywhere(wrong):
    assert failures(wrong, "entropy", np.array([0.3, 1.2, -0.4]), 0.7)


@pytest.mark.parametrize("wrong", [cancels])
def test_naive_entropy_is_caught_where_entropy_vanishes(wrong):
    row = np.array([40.0, 0.0, 1.0])
    assert failures(wrong, "entropy", row, 1.0)
    assert not failures(numeric.entropy, "entropy", row, 1.0)


def test_a_maximum_that_starts_at_zero_is_caught_by_a_gauge_shift():
    row = np.array([0.3, 1.2, -0.4])
    with np.errstate(all="ignore"):
        assert failures(without_zero_gauge, "entropy", row - 1500, 1.0)


def test_probabilities_put_the_temperatures_before_the_vocabulary():
    x = torch.randn(5, 7, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    t = torch.tensor([0.5, 1.0, 3.0], dtype=torch.float64)
    expected = torch.softmax(x[:, None] / t[:, None], -1)
    assert numeric.probabilities(x, t).shape == (5, 3, 7)
    torch.testing.assert_close(numeric.probabilities(x, t), expected, rtol=1e-14, atol=0)
    torch.testing.assert_close(numeric.log_probabilities(x, t).exp(), expected, rtol=1e-14, atol=0)
    assert numeric.probabilities(x, 2.0).shape == (5, 7)


def test_cross_entropy_is_minus_the_log_probability_of_the_target():
    x = torch.randn(6, 9, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    target = torch.tensor([0, 8, 3, 3, 1, 7])
    expected = torch.nn.functional.cross_entropy(x / 0.7, target, reduction="none")
    torch.testing.assert_close(numeric.cross_entropy(x, target, 0.7), expected, rtol=1e-14, atol=0)
    assert numeric.cross_entropy(x, target, [0.7, 1.0]).shape == (6, 2)
    assert numeric.cross_entropy(x, target).shape == (6,)


def test_cross_entropy_of_a_sure_target_keeps_its_relative_accuracy():
    row = np.array([90.0, 0.0])
    assert float(numeric.cross_entropy(row, 0)) == pytest.approx(np.exp(-90.0), rel=1e-13)


def test_masked_tokens_are_as_if_they_were_not_there():
    row = np.array([0.2, -np.inf, 1.5, -np.inf, -3.0])
    for name in NAMES:
        f = getattr(numeric, name)
        assert f(row, 0.8) == f(row[np.isfinite(row)], 0.8)
    assert numeric.cross_entropy(row, 1) == np.inf
    assert numeric.probabilities(row, 0.8)[1] == 0


def test_one_state_has_neither_entropy_nor_heat_capacity():
    for t in (0.01, 1.0, 100.0):
        assert numeric.entropy(np.array([3.7]), t) == 0
        assert numeric.heat_capacity(np.array([3.7]), t) == 0


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("t", [1e-300, 1e-30, 1e30, 1e300])
def test_extreme_temperatures_have_their_limits(dtype, t):
    row = np.array([2.0, 2.0, 1.0, -4.0], dtype=dtype)
    count = 2 if t < 1 else 4
    assert float(numeric.entropy(row, t)) == pytest.approx(np.log(count), rel=1e-6)
    assert float(numeric.heat_capacity(row, t)) <= 1e-50
    assert float(numeric.internal_energy(row, t)) == pytest.approx(
        -2 if t < 1 else -0.25, rel=1e-6
    )
    assert numeric.entropy(row, t).dtype == dtype


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_is_widened_before_the_division(dtype):
    x = torch.tensor([4.0, 3.5, -1.25, 0.75], dtype=dtype)
    s = numeric.entropy(x, 0.3)
    assert s.dtype == torch.float32
    assert s == numeric.entropy(x.float(), 0.3)
    assert s != numeric.entropy((x / 0.3).float(), 1.0)


@pytest.mark.parametrize("dtype", DTYPES)
@given(data=st.data())
@settings(max_examples=50, deadline=None)
def test_a_change_of_gauge_leaves_entropy_and_heat_capacity(dtype, data):
    """Shifts by powers of two of integers are exact, so results must be bit for bit the same."""
    values = data.draw(st.lists(st.integers(-50, 50), min_size=1, max_size=20))
    shift = data.draw(st.sampled_from([150, -150, 2**16, -(2**16)]))
    row = np.array(values, dtype=dtype)
    for f in (numeric.entropy, numeric.heat_capacity):
        assert f(row, dtype(0.8)) == f(row + dtype(shift), dtype(0.8))


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_quantities_on_a_gpu_equal_those_on_the_cpu():
    x = torch.randn(8, 1000, dtype=torch.float64, generator=torch.Generator().manual_seed(2))
    for name in NAMES:
        here, there = getattr(numeric, name)(x, 0.7), getattr(numeric, name)(x.cuda(), 0.7)
        torch.testing.assert_close(there.cpu(), here, rtol=1e-12, atol=0)
