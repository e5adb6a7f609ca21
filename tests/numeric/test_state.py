"""The state is a commutative monoid, and its values are those of the whole."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
import torch
from arb_reference import Row, misses
from hard_rows import rows, temperatures
from hypothesis import given, settings
from hypothesis import strategies as st

from numeric.state import ThermodynamicState, merged

TEMPERATURES = torch.tensor([0.3, 1.0, 7.0], dtype=torch.float64)


def state(values, order=4):
    return ThermodynamicState.of(torch.as_tensor(values), TEMPERATURES, order)


def numbers(s: ThermodynamicState):
    return {f.name: getattr(s, f.name) for f in fields(s)}


def same(a, b, tolerance=1e-13):
    """Whether all moments agree, relative to the natural size of each: E|y - mean|^n."""
    for name, power in {"weight": 0, "mean": 1, "variance": 2, "third": 3, "fourth": 4}.items():
        size = 1 if power == 0 else b.fourth ** (power / 4) + b.mean**power
        if not bool(
            (getattr(a, name) - getattr(b, name))
            .abs()
            .le(tolerance * (size + getattr(b, name).abs()))
            .all()
        ):
            return False
    return torch.equal(a.maximum, b.maximum)


def random_rows(seed, size=40):
    return 3 * torch.randn(
        2, size, dtype=torch.float64, generator=torch.Generator().manual_seed(seed)
    )


@given(st.lists(st.integers(0, 40), max_size=6), st.integers(0, 99), st.permutations(range(7)))
@settings(max_examples=60, deadline=None)
def test_any_partition_in_any_order_gives_the_state_of_the_whole(cuts, seed, order):
    x = random_rows(seed)
    bounds = [0, *sorted(cuts), 40]
    parts = [x[:, a:b] for a, b in zip(bounds, bounds[1:], strict=False) if b > a]
    states = [state(parts[i]) for i in order if i < len(parts)]
    folded = ThermodynamicState.zero(states[0].temperature, 4)
    for s in states:
        folded = folded.merge(s)
    assert same(folded, state(x)) and same(merged(states), state(x))


def test_a_wrong_merge_is_caught():
    x = random_rows(0)
    a, b = state(x[:, :13]), state(x[:, 13:])
    forgotten = ThermodynamicState(
        a.temperature,
        torch.maximum(a.maximum, b.maximum),
        a.weight + b.weight,
        a.mean,
        a.variance,
        a.third,
        a.fourth,
    )
    assert same(a.merge(b), state(x)) and not same(forgotten, state(x))


def test_zero_is_neutral_bit_for_bit():
    a = state(random_rows(1))
    zero = ThermodynamicState.zero(a.temperature, 4)
    assert a.merge(zero) == a and zero.merge(a) == a and zero.merge(zero) == zero
    assert a != zero and a != state(random_rows(2)) and a != "a state"


def test_a_block_without_tokens_left_is_zero():
    masked = torch.full((2, 5), -torch.inf, dtype=torch.float64)
    assert state(masked) == ThermodynamicState.zero(TEMPERATURES.expand(2, 3), 4)


def test_merge_commutes_bit_for_bit():
    a, b = state(random_rows(3)), state(random_rows(4))
    assert a.merge(b) == b.merge(a)


@given(rows(np.float64, min_size=2), temperatures(np.float64), st.integers(1, 23))
@settings(max_examples=100, deadline=None)
def test_merged_entropy_and_heat_capacity_enclose_their_definitions(row, t, cut):
    cut = min(cut, len(row) - 1)
    a, b = (ThermodynamicState.of(part, [t]) for part in (row[:cut], row[cut:]))
    union, exact = a.merge(b), Row.of(row, t)
    for name, value in (("entropy", union.entropy), ("heat_capacity", union.variance)):
        assert not misses(float(value), exact.value(name), 4 * exact.allowance(name, row.dtype))


def test_order_is_that_of_the_poorer_state():
    a, b = state(random_rows(3), 2), state(random_rows(4), 4)
    assert a.merge(b).order == 2 and a.order == 2 and b.order == 4
    assert "order=4" in repr(b)


def test_states_at_different_temperatures_do_not_merge():
    a = ThermodynamicState.of(torch.zeros(3), [1.0])
    with pytest.raises(ValueError, match="same temperatures"):
        a.merge(ThermodynamicState.of(torch.zeros(3), [2.0]))


def test_nan_is_refused_also_beside_masked_rows():
    x = torch.tensor([[-torch.inf, -torch.inf], [0.0, torch.nan]])
    with pytest.raises(ValueError, match="nan in row 1"):
        ThermodynamicState.of(x, [1.0])


def test_merge_is_differentiable():
    x = random_rows(5).requires_grad_()
    whole, parts = state(x), merged([state(x[:, :9]), state(x[:, 9:20]), state(x[:, 20:])])
    for name in ("weight", "mean", "variance", "third"):
        a, b = (
            torch.autograd.grad(getattr(s, name).sum(), x, retain_graph=True)[0]
            for s in (whole, parts)
        )
        torch.testing.assert_close(a, b, rtol=1e-10, atol=1e-12)
