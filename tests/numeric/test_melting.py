"""Peaks of the heat capacity, and the features of a prompt, against closed forms and mpmath."""

import math

import mpmath as mp
import numpy as np
import pytest
import torch

import numeric
from numeric.features import FEATURES, prompt_features
from numeric.melting import (
    maximal_heat_capacity,
    melting,
    two_level_competitors,
    two_level_top_probability,
)


def capacity(levels, t):
    """Heat capacity of (energy, degeneracy) in 40 digits."""
    weights = [n * mp.exp(-mp.mpf(e) / t) for e, n in levels]
    total = mp.fsum(weights)
    mean = mp.fsum(w * e for w, (e, _) in zip(weights, levels, strict=True)) / total
    spread = [w * (e - mean) ** 2 for w, (e, _) in zip(weights, levels, strict=True)]
    return mp.fsum(spread) / total / t**2


def row(levels):
    return torch.tensor([[-e for e, n in levels for _ in range(n)]], dtype=torch.float64)


def test_no_distribution_holds_more_heat_than_two_levels():
    rng = np.random.default_rng(0)
    for size, bound in [(2, 0.43922884), (5, 1.24645), (1000, 12.90037), (49_152, 30.16335)]:
        assert maximal_heat_capacity(size) == pytest.approx(bound, abs=6e-6)
        assert maximal_heat_capacity(size) <= math.log(max(size - 1, 1)) ** 2 / 4 + 1
    drawn = rng.normal(size=(4000, 5)) * rng.uniform(0, 8, size=(4000, 1))
    p = np.exp(drawn) / np.exp(drawn).sum(-1, keepdims=True)
    mean = (p * drawn).sum(-1, keepdims=True)
    highest = (p * (drawn - mean) ** 2).sum(-1).max()
    assert 0.9 * maximal_heat_capacity(5) < highest <= maximal_heat_capacity(5)
    assert maximal_heat_capacity(1) == 0


def test_the_bound_is_the_varentropy_where_two_levels_have_most():
    for size in (2, 7, 49_152):
        with mp.workdps(30):
            r = mp.findroot(
                lambda r, n=size: (1 - 2 * r) * mp.log((1 - r) * (n - 1) / r) - 2,
                (0.08 if size == 2 else 0.3, 0.49),
                solver="anderson",
            )
            varentropy = r * (1 - r) * mp.log((1 - r) * (size - 1) / r) ** 2
        assert maximal_heat_capacity(size) == pytest.approx(float(varentropy), rel=1e-13)


@pytest.mark.parametrize("competitors", [1, 4, 300])
def test_two_levels_peak_as_the_law_says(competitors):
    found = melting(row([(0.0, 1), (3.0, competitors)]))
    (height,) = found.capacity
    assert height == pytest.approx(maximal_heat_capacity(competitors + 1), rel=1e-12)
    assert two_level_competitors(height) == pytest.approx(competitors, rel=1e-10)
    x = 3.0 / found.temperature[0]
    assert height == pytest.approx(x * x / 4 - 1, rel=1e-9)
    assert two_level_top_probability(height) == pytest.approx(0.5 + 1 / x, rel=1e-9)


def test_every_peak_is_found_and_the_melting_temperature_is_that_of_the_highest():
    levels = [(0.0, 1), (1.0, 200), (1000.0, 1500)]
    found = melting(row(levels))
    ((cold, hot),) = found.temperatures
    with mp.workdps(40):
        for t, c in zip((cold, hot), found.capacities[0], strict=True):
            assert c == pytest.approx(float(capacity(levels, mp.mpf(t))), rel=1e-12)
            slope = mp.diff(lambda s: mp.log(capacity(levels, mp.exp(s))), mp.log(mp.mpf(t)))
            assert abs(slope) < 1e-9
        (turns,) = found.turns
        for t in turns:
            slope = mp.diff(lambda s: mp.log(capacity(levels, mp.exp(s))), mp.log(mp.mpf(t)))
            assert float(slope) == pytest.approx(1, abs=1e-9)
    assert len(turns) == 2 and turns[0] < cold < turns[1] < hot
    assert found.temperature[0] == cold


def test_no_peak_lies_outside_the_bracket():
    torch.manual_seed(0)
    x = torch.randn(12, 30, dtype=torch.float64) * torch.logspace(-2, 2, 12).unsqueeze(-1)
    found = melting(x)
    wide = torch.logspace(-6, 4, 1000, dtype=torch.float64)
    highest = numeric.heat_capacity(x, wide).amax(-1).numpy()
    assert (highest <= found.capacity * (1 + 1e-12)).all()
    assert (highest >= found.capacity * 0.99).all()


def test_scale_moves_the_temperature_and_nothing_else():
    torch.manual_seed(1)
    x = torch.randn(6, 50, dtype=torch.float64) * 4
    one, scaled, shifted = melting(x), melting(4 * x), melting(x + 8.0)
    assert np.allclose(scaled.temperature, 4 * one.temperature, rtol=1e-9)
    assert np.allclose(scaled.capacity, one.capacity, rtol=1e-12)
    assert np.allclose(shifted.temperature, one.temperature, rtol=1e-9)


def test_what_cannot_melt_does_not():
    found = melting(torch.tensor([[2.0, 2.0, 2.0], [1.0, -math.inf, -math.inf]]))
    assert np.isnan(found.temperature).all() and (found.capacity == 0).all()
    assert melting(torch.zeros(0, 4)).temperature.shape == (0,)


def test_features_are_those_of_the_columns_and_do_not_know_the_gauge():
    torch.manual_seed(2)
    x = torch.randn(5, 40, dtype=torch.float64) * 3
    one, moved = prompt_features(x, [1, 2, 3, 4, 5]), prompt_features(x + 64.0, [1, 2, 3, 4, 5])
    assert list(one) == list(FEATURES)
    for name in one:
        if name != "peak_temperatures":
            assert np.allclose(one[name], moved[name], rtol=1e-8), name
    p = torch.softmax(x, -1)
    surprise = -p.log()
    s = (p * surprise).sum(-1)
    assert np.allclose(one["entropy"], s)
    assert np.allclose(one["heat_capacity"], (p * surprise**2).sum(-1) - s**2)
    assert np.allclose(one["top_probability"], p.amax(-1))
    assert np.allclose(one["excess"], surprise[range(5), [1, 2, 3, 4, 5]] - s)
    assert ((one["peak_share"] > 0) & (one["peak_share"] <= 1)).all()
    assert (one["heat_capacity"] <= one["peak_heat_capacity"] * (1 + 1e-9)).all()


def test_two_levels_are_their_own_reference():
    one = prompt_features(row([(0.0, 1), (2.0, 9)]))
    law, seen = one["two_level_top_probability"], one["top_probability_at_peak"]
    assert law == pytest.approx(seen, rel=1e-8) and one["two_level_competitors"] == pytest.approx(
        9
    )
    other = prompt_features(row([(0.0, 1), (1.0, 3), (2.0, 20)]))
    assert abs(other["two_level_top_probability"] - other["top_probability_at_peak"]) > 0.01


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: maximal_heat_capacity(0), "size: expected a whole number of tokens >= 1"),
        (lambda: two_level_competitors(-1.0), "peak: expected heat capacities >= 0"),
        (lambda: melting(torch.zeros(3)), r"logits: expected a table \(N, V\)"),
        (lambda: melting(torch.tensor([[math.nan, 1.0]])), "logits: expected finite numbers"),
        (lambda: prompt_features(torch.full((1, 2), -math.inf)), "every token masked"),
    ],
)
def test_bad_input_is_refused_in_words(call, says):
    with pytest.raises(ValueError, match=says):
        call()
