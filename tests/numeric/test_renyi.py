"""Renyi entropies against Arb balls, by the loops and by the reference, at every order."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from arb_reference import Row, misses
from hard_rows import DTYPES, rows, temperatures
from hypothesis import given, settings
from hypothesis import strategies as st

import numeric

ORDERS = [1e-3, 0.5, 0.999999, 1.000001, 1.5, 2.0, 7.0]
BACKENDS = ("torch", "numba")


def wrong(value, row, t, order) -> bool:
    exact = Row.of(row, t)
    return misses(float(value), exact.renyi(order), exact.renyi_allowance(order, row.dtype))


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("order", ORDERS)
@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_it_encloses_its_definition(order, dtype, backend, data):
    row, t = data.draw(rows(dtype)), data.draw(temperatures(dtype))
    assert not wrong(numeric.renyi_entropy(row, t, order, backend=backend), row, t, order)


def test_the_battery_catches_the_common_formula_near_order_one():
    row, t, order = np.array([3.0, 1.0, 0.5, -2.0]), 1.0, 1 + 1e-6
    p = numeric.probabilities(row, t)
    naive = np.log((p**order).sum()) / (1 - order)
    assert wrong(naive, row, t, order)
    assert not wrong(numeric.renyi_entropy(row, t, order, backend="numba"), row, t, order)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("order", ORDERS)
def test_several_blocks_rows_and_temperatures_equal_the_reference(order, dtype):
    x = np.random.default_rng(0).standard_normal((2, 3, 3001)).astype(dtype) * dtype(3)
    x[0, 1, ::7] = -np.inf
    t = np.array([0.3, 1.0, 20.0])
    fast = numeric.renyi_entropy(x, t, order, backend="numba")
    slow = numeric.renyi_entropy(x.astype(np.float64), t, order, backend="torch")
    gap = float((x.max() - x[np.isfinite(x)].min()) / t.min())
    assert fast.shape == (2, 3, 3) and fast.dtype == dtype
    tolerance = 8 * max(order, 1) * np.finfo(dtype).eps * (1 + gap)
    np.testing.assert_allclose(fast, slow, rtol=tolerance)
    own = np.broadcast_to(t, (2, 3, 3))
    again = numeric.renyi_entropy(x, own, order, backend="numba")
    np.testing.assert_allclose(again, slow, rtol=tolerance)


def test_limits_are_named_entropies():
    x = torch.tensor([0.5, 0.1, -2.0, float("-inf")], dtype=torch.float64)
    assert numeric.renyi_entropy(x, 2.0, 1) == numeric.entropy(x, 2.0)
    assert numeric.renyi_entropy(x, 2.0, math.inf) == -numeric.log_probabilities(x, 2.0)[0]
    assert numeric.renyi_entropy(x, 2.0, 0) == torch.tensor(3.0, dtype=torch.float64).log()


def test_large_inputs_are_left_to_the_loops_unless_a_gradient_is_asked_for():
    x = torch.randn(2, 70000)
    assert torch.equal(
        numeric.renyi_entropy(x, 1.0, 2.0), numeric.renyi_entropy(x, 1.0, 2.0, backend="numba")
    )
    x.requires_grad_()
    assert numeric.renyi_entropy(x, 1.0, 2.0).requires_grad
    with pytest.raises(ValueError, match="'numba' does not serve gradients"):
        numeric.renyi_entropy(x, 1.0, 2.0, backend="numba")
    with pytest.raises(ValueError, match="backend: expected one of"):
        numeric.renyi_entropy(x, 1.0, 2.0, backend="triton")  # type: ignore[arg-type]
