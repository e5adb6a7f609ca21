"""With compensated exponents S keeps all its digits in float64, wherever it vanishes."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from arb_reference import Row
from hypothesis import given, settings
from hypothesis import strategies as st

import numeric
from numeric.compensated import exp_of_gap
from numeric.state import ThermodynamicState, merged

BAR = 1e-14


def error(value, row, t) -> float:
    return abs(float(value) / float(Row.of(row, t).value("entropy")) - 1)


@given(
    gap=st.floats(1, 600),
    t=st.floats(0.01, 100),
    others=st.lists(st.floats(-3, 3), min_size=1, max_size=5),
    offset=st.sampled_from([0.0, 0.1, 1e3, -777.7]),
)
@settings(max_examples=200, deadline=None)
def test_entropy_is_good_to_1e_minus_14_at_generic_temperatures(gap, t, others, offset):
    row = np.array([gap * t, *others]) + offset
    y = (row.max() - row) / t
    if np.sort(y)[1] > 680:  # beyond, S comes near the smallest normal number
        return
    assert error(numeric.thermodynamics(row, t, backend="torch").entropy, row, t) <= BAR


def uncompensated(row, t):
    y = (row.max() - np.sort(row)[:-1]) / t
    e = np.exp(-y)
    return np.log1p(e.sum()) + (e * y).sum() / (1 + e.sum())


def test_without_compensation_the_bar_is_missed():
    worst = {"plain": 0.0, "compensated": 0.0}
    g = np.random.default_rng(0)
    for _ in range(200):
        row, t = g.normal(size=4), g.uniform(0.3, 3)
        row[0] += 400 * t
        worst["plain"] = max(worst["plain"], error(uncompensated(row, t), row, t))
        s = numeric.thermodynamics(row, t, backend="torch").entropy
        worst["compensated"] = max(worst["compensated"], error(s, row, t))
    assert worst["plain"] > 3 * BAR and worst["compensated"] <= BAR / 5


def test_merges_keep_all_digits_too():
    g = np.random.default_rng(1)
    for _ in range(50):
        row, t = g.normal(size=9), g.uniform(0.3, 3)
        row[g.integers(9)] += 400 * t
        parts = [ThermodynamicState.of(row[a : a + 3], [t]) for a in (0, 3, 6)]
        assert error(merged(parts).entropy, row, t) <= BAR


@pytest.mark.parametrize("t", [1e-300, 1e-30, 1e30, 1e300])
def test_beyond_the_range_of_floats_nothing_is_corrected(t):
    x, y = torch.tensor([3.0, 1e10, 0.0]).double(), torch.tensor([1.0, -1e10, 0.0]).double()
    temperature = torch.tensor(t, dtype=torch.float64)
    gap = (x - y) / temperature
    e = exp_of_gap(gap, x, y, temperature)
    assert torch.allclose(e, (-gap).exp(), rtol=1e-9, atol=0) and not e.isnan().any()


def test_float32_is_left_as_it_is():
    x, y, t = torch.tensor(3.0), torch.tensor(1.1), torch.tensor(0.3)
    gap = (x - y) / t
    assert torch.equal(exp_of_gap(gap, x, y, t), (-gap).exp())
