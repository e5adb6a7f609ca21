"""Third and fourth cumulants from one compiled pass: against Arb balls, far tails, gradients."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from arb_reference import Row, misses
from hard_rows import DTYPES, rows
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.autograd import grad, gradcheck, gradgradcheck

import numeric

T = np.array([0.31, 0.7, 1.0, 1.9, 44.0])
NAMES = ("internal_energy", "heat_capacity", "third_cumulant", "fourth_cumulant")
MOMENTS = ("weight", "mean", "variance", "third", "fourth")

# A block is centered before its powers are summed, and merged with the others in float64.
ROUNDINGS = 4


def wrong(cumulants, row, temperatures) -> list[str]:
    """Cumulants that miss their definition."""
    found = []
    for k, t in enumerate(temperatures):
        exact = Row.of(row, t)
        values = (cumulants[0][k], cumulants[1][k] / t**2, cumulants[2][k], cumulants[3][k])
        for name, value in zip(NAMES, values, strict=True):
            allowance = ROUNDINGS * exact.allowance(name, row.dtype)
            if misses(value, exact.value(name), allowance):
                found.append(f"{name} at {t}")
    return found


def compiled(row, temperatures=T, order=4):
    return numeric.thermodynamics(row, temperatures, order=order, backend="numba")


@pytest.mark.parametrize("dtype", DTYPES)
@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_cumulants_enclose_their_definitions(dtype, data):
    row, t = data.draw(rows(dtype)), T.astype(dtype)
    assert not wrong(compiled(row, t).cumulants, row, t)


def test_a_weight_at_the_edge_of_float32_may_be_lost_and_no_other():
    row = np.array([9.0, -52.0], np.float32)  # exp(-61 / 0.7) is 1.2 times the smallest normal
    assert not wrong(compiled(row, T.astype(row.dtype)).cumulants, row, T.astype(row.dtype))
    nearer = np.array([9.0, -45.0], np.float32)
    lost = [np.zeros_like(c) if n else c for n, c in enumerate(compiled(nearer).cumulants)]
    assert any("at 0.7" in w for w in wrong(lost, nearer, T))


def test_the_battery_catches_a_cumulant_that_is_wrong_in_the_twelfth_digit():
    row = np.array([3.0, 1.0, 0.5, -2.0])
    right = compiled(row).cumulants
    assert not wrong(right, row, T)
    for n in range(4):
        moved = [c * (1 + 1e-12 * (i == n)) for i, c in enumerate(right)]
        assert {w.split()[0] for w in wrong(moved, row, T)} == {NAMES[n]}


def through_raw_moments(row, t):
    """The fourth cumulant from sums of e d^n about zero, as a pass of order 2 would get it."""
    d = row.max() - row
    e = np.exp(-d / t)
    m1, m2, m3, m4 = (float((e * d**n).sum() / e.sum()) for n in range(1, 5))
    return m4 - 4 * m3 * m1 - 3 * m2**2 + 12 * m2 * m1**2 - 6 * m1**4


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_narrow_band_far_from_the_maximum_keeps_its_cumulants(dtype):
    """Nearly all weight sits in a band of width 1e-2 that lies 3 below the maximum."""
    row = np.full(4000, 0.0)
    row[1:] += 1e-2 * np.sin(np.arange(3999))
    row[7] = 3.0
    row, t = row.astype(dtype), np.array([1.0], dtype)
    exact = float(Row.of(row, 1.0).value("fourth_cumulant"))
    eps = np.finfo(dtype).eps
    assert abs(compiled(row, t).cumulants[3][0] / exact - 1) <= 16 * eps
    if dtype == np.float64:
        assert abs(through_raw_moments(row, 1.0) / exact - 1) > 100 * eps


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("size", [1, 2, 1023, 1024, 1025, 5000])
@pytest.mark.parametrize("order", [3, 4])
def test_blocks_and_their_remainders_agree_with_the_reference(dtype, size, order):
    x = np.random.default_rng(size).standard_normal((3, size)).astype(dtype) * dtype(3)
    x[1, size // 2 :: 7] = -np.inf if size > 1 else 0
    fast = compiled(x, T, order).state
    slow = numeric.thermodynamics(x.astype(np.float64), T, order=4, backend="torch").state
    assert slow.fourth is not None
    gap = float((x.max() - x[np.isfinite(x)].min()) / T.min())
    assert fast.order == order and fast.weight.dtype == torch.from_numpy(x).dtype
    for n, name in enumerate(MOMENTS[: order + 1]):
        size = slow.fourth ** (n / 4) + slow.mean * (n == 1) if n else slow.weight
        error = (getattr(fast, name).double() - getattr(slow, name)).abs()
        assert (error <= (2 + n) * np.finfo(dtype).eps * (1 + gap) * size).all(), name


@pytest.mark.parametrize("temperature", [2.0**-20, 1e-3, 2.0**20])
def test_powers_neither_overflow_nor_vanish_in_float32(temperature):
    """Gaps of the order of T give cumulants of the order of T^n, wherever T is."""
    base = np.array([0.0, -0.5, -1.0, -2.5], np.float32)
    t = np.array([temperature], np.float32)
    state, one = compiled(base * t, t).state, compiled(base, np.ones(1, np.float32)).state
    for name in MOMENTS:
        np.testing.assert_allclose(getattr(state, name), getattr(one, name), rtol=1e-6)


def test_rows_have_their_own_temperatures():
    x = np.random.default_rng(0).standard_normal((2, 3, 40))
    t = np.random.default_rng(1).uniform(0.2, 3, (2, 3, 5))
    fast, slow = (numeric.thermodynamics(x, t, order=4, backend=b) for b in ("numba", "torch"))
    for a, b in zip(fast.cumulants, slow.cumulants, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12)


def test_any_number_of_threads_gives_the_same_bits():
    x = torch.randn(37, 5000, generator=torch.Generator().manual_seed(0))
    before, results = torch.get_num_threads(), []
    try:
        for threads in (1, 2, 3):
            torch.set_num_threads(threads)
            results.append(compiled(x).state)
    finally:
        torch.set_num_threads(before)
    assert results[0] == results[1] == results[2]


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_is_widened_first(dtype):
    x = torch.randn(3, 2000, generator=torch.Generator().manual_seed(0)).to(dtype)
    assert compiled(x).state == compiled(x.float()).state


@pytest.mark.parametrize("value, message", [(np.nan, "nan"), (np.inf, "inf"), (-np.inf, "masked")])
def test_illegal_rows_are_named(value, message):
    x = np.zeros((3, 2000))
    x[1] = value
    with pytest.raises(ValueError, match=f"{message}.* in row 1"):
        compiled(x)


def leaves(rows=2, size=6):
    g = torch.Generator().manual_seed(0)
    x = 2 * torch.randn(rows, size, dtype=torch.float64, generator=g)
    return x.requires_grad_(), torch.tensor([0.4, 1.0, 3.0]).double().requires_grad_()


@pytest.mark.parametrize("own", [False, True])
@pytest.mark.parametrize("order, name", [(3, "third"), (4, "third"), (4, "fourth"), (4, "mean")])
def test_closed_form_gradients_equal_differences_to_second_order(order, name, own):
    x, t = leaves()
    t = (t * torch.tensor([[1.0], [1.3]])).detach().requires_grad_() if own else t

    def moment(x, t):
        return getattr(compiled(x, t, order).state, name)

    assert gradcheck(moment, (x, t)) and gradgradcheck(moment, (x, t))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("n", range(4))
def test_closed_form_gradients_equal_those_of_the_reference(n, dtype):
    """Over several blocks, with masks and ties; in float32 against the float64 reference."""
    x, t = leaves(3, 2100)
    with torch.no_grad():
        x[0, ::5], x[1, 7] = -torch.inf, x[1].max()
    found = []
    for backend, kind in (("numba", dtype), ("torch", torch.float64)):
        y, u = (v.detach().to(kind).requires_grad_() for v in (x, t))
        th = numeric.thermodynamics(y, u, order=4, backend=backend)  # pyright: ignore
        found.append(grad(th.cumulants[n].sum(), (y, u)))
    eps = torch.finfo(dtype).eps
    for a, b in zip(*found, strict=True):
        assert a.dtype == dtype and not a.isnan().any()
        assert (a.double() - b).abs().max() <= 64 * (n + 1) * eps * (1 + b.abs().max())
