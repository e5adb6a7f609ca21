"""Bounds at zero points of the entropy, against brute force and against distributions."""

import numpy as np
import pytest
from scipy.optimize import minimize

import numeric
from numeric import zeros


def entropy(energies):
    p = np.exp(-np.asarray(energies) + np.min(energies))
    p /= p.sum()
    return float(-(p * np.log(p)).sum())


def test_no_energies_of_a_range_have_less_entropy_than_two_levels():
    rng = np.random.default_rng(0)
    for size, spread in [(2, 3.0), (5, 1.0), (40, 6.0), (300, 4.0)]:
        least = zeros.minimal_entropy(size, spread)
        drawn = spread * rng.beta(0.3, 0.3, size=(500, size))
        assert min(map(entropy, drawn)) >= least
        ground = zeros.minimal_entropy_ground(size, spread)
        levels = np.where(np.arange(size) < ground, 0.0, spread)
        assert entropy(levels) == pytest.approx(least, rel=1e-13)


def test_a_local_search_finds_nothing_lower():
    rng = np.random.default_rng(1)
    for size, spread in [(3, 2.0), (6, 5.0)]:
        least = zeros.minimal_entropy(size, spread)
        for _ in range(4):
            start = spread * rng.random(size)
            found = minimize(entropy, start, bounds=[(0, spread)] * size).fun
            assert found >= least - 1e-9


def test_one_token_below_all_others_is_not_always_the_least():
    assert zeros.minimal_entropy_ground(49_152, 6.0) == 613
    assert zeros.minimal_entropy_ground(49_152, 20.0) == 1
    one_below = zeros.two_level_entropy(1, 49_151, 6.0)
    assert zeros.minimal_entropy(49_152, 6.0) < one_below


def test_it_keeps_its_digits_where_it_vanishes():
    size, spread = 49_152, 80.0
    weight = (size - 1) * np.exp(-spread)
    assert zeros.minimal_entropy(size, spread) == pytest.approx(weight * (1 + spread), rel=1e-13)
    assert zeros.minimal_entropy(1, 5.0) == 0
    assert zeros.minimal_entropy(7, 0.0) == pytest.approx(np.log(7))
    assert zeros.minimal_entropy(9, 6.0, 2.0) == zeros.minimal_entropy(9, 3.0)


def test_the_needed_gap_leaves_what_was_asked():
    gap = zeros.needed_gap(49_152, 1e-3)
    assert gap == pytest.approx(17.709, abs=1e-3)
    energies = np.full(49_152, gap)
    energies[7] = 0
    assert 1 - numeric.probabilities(-energies, 1.0)[7] == pytest.approx(1e-3, rel=1e-10)
    assert zeros.needed_gap(10, 0.2, 3.0) == pytest.approx(3 * zeros.needed_gap(10, 0.2))


def test_a_token_between_others_has_its_largest_probability_where_it_should():
    rng = np.random.default_rng(2)
    weights = np.array([0.5, 0.3, 0.2])
    rows = np.vstack([np.eye(3), weights])
    bound = zeros.largest_probability_between(weights)
    drawn = numeric.probabilities(5 * rng.normal(size=(2000, 3)) @ rows.T, 1.0)[:, 3]
    assert drawn.max() <= bound
    best = numeric.probabilities(rows @ np.log(weights), 1.0)[3]
    assert best == pytest.approx(bound, rel=1e-14)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: zeros.minimal_entropy(0, 1.0), "size: expected a whole number of tokens >= 1"),
        (lambda: zeros.minimal_entropy(3, -1.0), "spread: expected a finite number >= 0"),
        (lambda: zeros.minimal_entropy(3, 1.0, 0.0), "temperature: expected a finite number > 0"),
        (lambda: zeros.needed_gap(1, 0.1), "tokens >= 2"),
        (lambda: zeros.needed_gap(5, 1.0), "missing: expected a probability between 0 and 1"),
        (lambda: zeros.largest_probability_between([0.5, 0.6]), "weights: expected numbers >= 0"),
        (lambda: zeros.two_level_entropy(0, 1, 1.0), "ground: expected numbers > 0"),
    ],
)
def test_bad_input_is_refused_in_words(call, says):
    with pytest.raises(ValueError, match=says):
        call()
