"""Compiled loops against Arb balls and against the torch reference, ladder and grid alike."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from arb_reference import Row, misses
from hard_rows import DTYPES, rows
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit, vectorize
from torch.autograd import grad, gradcheck, gradgradcheck

import numeric
from numeric.backends.choice import Backend
from numeric.backends.exponential import exp2_negative
from numeric.backends.ladder import Ladder, constants, inverse

NAMES = ("log_partition", "free_energy", "internal_energy", "entropy", "heat_capacity")
PROPORTIONAL = 1 / (0.25 * np.arange(1, 17))
SPACED = 1 / (0.3 + 0.2 * np.arange(13))
GENERIC = np.array([0.31, 0.7, 1.0, 1.9, 44.0])
GRIDS = {"proportional": PROPORTIONAL, "spaced": SPACED, "generic": GENERIC, "one": GENERIC[:1]}

# Two exponentials of one unit and at most three and four products on the way to a weight.
LADDER_ROUNDINGS = 12


def wrong(thermodynamics, row, temperatures) -> list[str]:
    """Quantities that miss their definition; a float32 weight below 1e-38 may be lost."""
    found = []
    for k, t in enumerate(temperatures):
        exact = Row.of(row, t)
        for name in NAMES:
            allowance = LADDER_ROUNDINGS * exact.allowance(name, row.dtype)
            if misses(getattr(thermodynamics, name)[k], exact.value(name), allowance):
                found.append(f"{name} at {t}")
    return found


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("grid", GRIDS)
@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_every_quantity_encloses_its_definition(dtype, grid, data):
    row = data.draw(rows(dtype))
    t = GRIDS[grid].astype(dtype)
    assert not wrong(numeric.thermodynamics(row, t, backend="numba"), row, t)


def test_the_battery_catches_a_weight_that_is_half_wrong():
    row = np.array([3.0, 1.0, 0.5])
    th = numeric.thermodynamics(row + np.array([0, 1e-9, 0]), GENERIC, backend="numba")
    assert wrong(th, row, GENERIC)
    assert not wrong(numeric.thermodynamics(row, GENERIC, backend="numba"), row, GENERIC)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("grid", GRIDS)
@pytest.mark.parametrize("size", [1, 1023, 1024, 1025, 5000])
def test_blocks_and_their_remainders_agree_with_the_reference(dtype, grid, size):
    x = np.random.default_rng(size).standard_normal((3, size)).astype(dtype) * dtype(3)
    x[1, size // 2 :: 7] = -np.inf if size > 1 else 0
    fast = numeric.thermodynamics(x, GRIDS[grid], backend="numba")
    slow = numeric.thermodynamics(x.astype(np.float64), GRIDS[grid], backend="torch")
    eps = np.finfo(dtype).eps
    gap = float((x.max() - x[np.isfinite(x)].min()) / GRIDS[grid].min())
    for name in ("entropy", "heat_capacity"):
        a, b = getattr(fast, name), getattr(slow, name)
        tiny = np.finfo(dtype).tiny * size * gap**2
        assert np.all(np.abs(a - b) <= 2 * eps * (1 + gap) * b + tiny), name
    assert fast.entropy.dtype == dtype


def rising_rows(dtype):
    """The maximum so far rises in every block, late, after a mask, or from far below."""
    x = 3 * np.random.default_rng(5).standard_normal((5, 5000))
    x[0] = np.sort(x[0])
    x[1, 4999] = 16.0
    x[2, :3000] = -np.inf
    x[3, :1024] -= 1e30 if dtype == np.float64 else 1e6
    x[4] = np.repeat([-0.0, 0.0, 0.0, 1.0, 1.0], 1000)
    return x.astype(dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("grid", GRIDS)
def test_sums_move_with_a_maximum_that_rises(dtype, grid):
    x = rising_rows(dtype)
    fast = numeric.thermodynamics(x, GRIDS[grid], backend="numba")
    slow = numeric.thermodynamics(x.astype(np.float64), GRIDS[grid], backend="torch")
    assert np.array_equal(fast.state.maximum[:, 0], x.max(-1))
    for name in ("entropy", "heat_capacity"):
        a, b = getattr(fast, name), getattr(slow, name)
        assert np.all(np.abs(a / b - 1) <= 512 * np.finfo(dtype).eps), name  # gap / T < 256
    assert len(np.unique([block.max() for block in x[0].reshape(5, 1000)])) == 5


def test_illegal_logits_are_found_wherever_the_maximum_is():
    for place in (0, 1500, 4999):
        for value in (np.nan, -np.nan, np.inf):
            x = np.sort(np.random.default_rng(0).standard_normal((2, 5000)))
            x[1, place] = value
            for t in (PROPORTIONAL, GENERIC):
                with pytest.raises(ValueError, match="in row 1"):
                    numeric.thermodynamics(x, t, backend="numba")


def test_entropy_down_to_1e_minus_180_in_float64():
    for gap in (37.0, 100.0, 230.0, 410.0):
        row = np.array([gap, 0.0, 0.3, -1.7])
        s = numeric.thermodynamics(row, [0.97], backend="numba").entropy[0]
        exact = float(Row.of(row, 0.97).value("entropy"))
        assert abs(s / exact - 1) <= 2 * np.finfo(np.float64).eps * (4 + gap / 0.97)


def test_variance_keeps_its_accuracy_far_from_the_maximum():
    """One outlier on top, all others at nearly one gap: E[d^2] - E[d]^2 would cancel."""
    row = np.full(4000, 0.0)
    row[1:] += 1e-6 * np.sin(np.arange(3999))
    row[7] = 3.0
    for dtype in DTYPES:
        x = row.astype(dtype)
        t = np.array([1000.0])
        c = numeric.thermodynamics(x, t, backend="numba").heat_capacity[0]
        exact = numeric.thermodynamics(x.astype(np.float64), t, backend="torch").heat_capacity[0]
        assert abs(c / exact - 1) <= 64 * np.finfo(dtype).eps


@pytest.mark.parametrize("bits", [np.float32, np.float64])
def test_the_exponential_is_good_to_a_unit_in_the_last_place(bits):
    power = vectorize(nopython=True)(njit(lambda d, hi, lo: exp2_negative(d, hi, lo)))
    d = np.linspace(0, 86.9, 20001).astype(bits)
    hi, lo = constants(inverse(np.array([1.0])), np.dtype(bits))
    values = power(d, hi[0], lo[0])
    exact = np.exp(-d.astype(np.longdouble))
    assert np.max(np.abs(values / exact - 1)) <= np.finfo(bits).eps
    with np.errstate(over="ignore"):
        assert power(bits(1e18), hi[0], lo[0]) == 0
    assert power(bits(0), hi[0], lo[0]) == 1


def test_ladders_are_recognised_and_put_back_in_order():
    for t, kind in ((PROPORTIONAL, True), (SPACED[::-1], True), (GENERIC, False)):
        assert (Ladder.of(inverse(t), 2.3e-16) is not None) == kind
    assert Ladder.of(inverse(np.array([1.0, 1.0, 1.0])), 2.3e-16) is None
    proportional = Ladder.of(inverse(PROPORTIONAL), 2.3e-16)
    assert proportional is not None and proportional.base == proportional.step
    x = np.random.default_rng(0).standard_normal(50)
    shuffled = np.random.default_rng(1).permutation(PROPORTIONAL)
    fast = numeric.thermodynamics(x, shuffled, backend="numba")
    slow = numeric.thermodynamics(x, shuffled, backend="torch")
    np.testing.assert_allclose(fast.entropy, slow.entropy, rtol=1e-14)


def test_temperatures_given_in_float32_are_taken_as_they_are():
    """No snapping to the ladder: in float64 nothing moves by more than 1e-13."""
    x = np.random.default_rng(0).standard_normal((2, 3000)) * 3
    t = PROPORTIONAL.astype(np.float32)
    fast = numeric.thermodynamics(x, t, backend="numba").entropy
    exact = numeric.thermodynamics(x, t.astype(np.float64), backend="torch").entropy
    np.testing.assert_allclose(fast, exact, rtol=1e-13)
    ladder = numeric.thermodynamics(x, PROPORTIONAL, backend="torch").entropy
    assert np.max(np.abs(ladder / exact - 1)) > 1e-8  # the test can tell them apart


def test_rows_have_their_own_temperatures():
    x = np.random.default_rng(0).standard_normal((2, 3, 40))
    t = np.random.default_rng(1).uniform(0.2, 3, (2, 3, 5))
    fast, slow = (numeric.thermodynamics(x, t, backend=b).entropy for b in ("numba", "torch"))
    assert fast.shape == (2, 3, 5)
    np.testing.assert_allclose(fast, slow, rtol=1e-14)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_is_widened_first(dtype):
    x = torch.randn(3, 2000, generator=torch.Generator().manual_seed(0)).to(dtype)
    a, b = (numeric.thermodynamics(y, [0.3, 1.0], backend="numba") for y in (x, x.float()))
    assert a.entropy.dtype == torch.float32 and torch.equal(a.entropy, b.entropy)


def test_any_number_of_threads_gives_the_same_bits():
    x = torch.randn(37, 5000, generator=torch.Generator().manual_seed(0))
    before = torch.get_num_threads()
    try:
        results = []
        for threads in (1, 2, 3):
            torch.set_num_threads(threads)
            results.append(numeric.thermodynamics(x, PROPORTIONAL, backend="numba").state)
    finally:
        torch.set_num_threads(before)
    assert results[0] == results[1] == results[2]


BAD = {
    "nan": (math.nan, "nan in row 1"),
    "negative nan": (math.copysign(math.nan, -1), "nan in row 1"),
    "infinite": (math.inf, "inf in row 1"),
}


@pytest.mark.parametrize("case", BAD)
@pytest.mark.parametrize("dtype", DTYPES)
def test_illegal_rows_are_named(case, dtype):
    value, message = BAD[case]
    x = np.zeros((3, 2000), dtype)
    x[1, 1999] = value
    with pytest.raises(ValueError, match=message):
        numeric.thermodynamics(x, [1.0], backend="numba")


def test_rows_without_tokens_left_are_named():
    x = np.zeros((3, 2000))
    x[2] = -np.inf
    with pytest.raises(ValueError, match="every token masked .* in row 2"):
        numeric.thermodynamics(x, [1.0], backend="numba")


def test_what_compiled_loops_do_not_serve_is_said_or_left_to_torch():
    x = torch.randn(4, 70000, requires_grad=True)
    with pytest.raises(ValueError, match="beyond"):
        numeric.thermodynamics(x.detach(), 1e-300, backend="numba")
    with pytest.raises(ValueError, match="backend: expected one of"):
        numeric.thermodynamics(x.detach(), 1.0, backend="abacus")  # type: ignore[arg-type]
    assert numeric.thermodynamics(x, 1.0).entropy.requires_grad


def leaves(seed, rows=2, size=6):
    g = torch.Generator().manual_seed(seed)
    x = 2 * torch.randn(rows, size, dtype=torch.float64, generator=g)
    return x.requires_grad_(), torch.tensor([0.4, 1.0, 3.0]).double().requires_grad_()


@pytest.mark.parametrize("own", [False, True])
@pytest.mark.parametrize("name", NAMES)
def test_closed_form_gradients_equal_differences_to_second_order(name, own):
    x, t = leaves(0)
    t = (t * torch.tensor([[1.0], [1.3]])).detach().requires_grad_() if own else t

    def quantity(x, t):
        return getattr(numeric.thermodynamics(x, t, backend="numba"), name)

    assert gradcheck(quantity, (x, t)) and gradgradcheck(quantity, (x, t))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("name", NAMES)
def test_closed_form_gradients_equal_those_of_the_reference(name, dtype):
    """Over several blocks, with masks and ties; in float32 against the float64 reference."""
    x, t = leaves(1, 3, 2100)
    with torch.no_grad():
        x[0, ::5], x[1, 7] = -torch.inf, x[1].max()
    found = []
    backends: list[tuple[Backend, torch.dtype]] = [("numba", dtype), ("torch", torch.float64)]
    for backend, kind in backends:
        y = x.detach().to(kind).requires_grad_()
        u = t.detach().to(kind).requires_grad_()
        th = numeric.thermodynamics(y, u, backend=backend)
        found.append(grad(getattr(th, name).sum(), (y, u)))
    eps = torch.finfo(dtype).eps
    for a, b in zip(*found, strict=True):
        assert a.dtype == dtype and not a.isnan().any()
        # each entry sums at most thousands of terms of its own size times a polynomial in y
        assert (a.double() - b).abs().max() <= 64 * eps * (1 + b.abs().max())


def test_masked_tokens_have_gradient_zero():
    x, t = leaves(2, 2, 3000)
    with torch.no_grad():
        x[:, 1::2] = -torch.inf
    (g,) = grad(numeric.thermodynamics(x, t, backend="numba").entropy.sum(), x)
    assert torch.equal(g[:, 1::2], torch.zeros_like(g[:, 1::2])) and g[:, ::2].abs().min() > 0


def test_rows_of_deep_batches_are_named_as_the_caller_knows_them():
    x = torch.zeros(2, 3, 5)
    x[1, 2, 0] = torch.nan
    with pytest.raises(ValueError, match=r"row \(1, 2\)"):
        numeric.thermodynamics(x, 1.0, backend="numba")


def test_subnormal_numbers_are_what_they_were_after_a_call():
    """The loops take them for 0 while they run, on the caller's thread too."""
    x = torch.randn(2, 40, dtype=torch.float64, requires_grad=True)
    numeric.thermodynamics(x, PROPORTIONAL, backend="numba").entropy.sum().backward()
    numeric.thermodynamics(x, GENERIC, backend="numba")
    assert (
        np.float32(1e-40) * np.float32(0.5) > 0
        and torch.tensor(1e-310, dtype=torch.float64) * 0.5 > 0
    )


def test_no_rows_and_no_temperatures():
    assert numeric.thermodynamics(np.zeros((0, 5)), [1.0], backend="numba").entropy.shape == (0, 1)
    none = numeric.thermodynamics(np.zeros((2, 5)), np.zeros(0), backend="numba")
    assert none.entropy.shape == (2, 0)
