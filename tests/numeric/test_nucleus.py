"""Top-k mass and nucleus size against sorting exact fractions."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import numeric

X = torch.tensor([[8.0, 4.0, 2.0, 2.0], [1.0, 1.0, 1.0, 1.0]], dtype=torch.float64).log()


@pytest.mark.parametrize("count, masses", [(1, [1 / 2, 1 / 4]), (2, [3 / 4, 1 / 2]), (4, [1, 1])])
def test_top_mass_adds_the_largest_probabilities(count, masses):
    expected = torch.tensor(masses, dtype=torch.float64)
    torch.testing.assert_close(numeric.top_mass(X, 1.0, count), expected, rtol=1e-15, atol=0)
    assert numeric.top_mass(X, [0.5, 1.0], count).shape == (2, 2)


@pytest.mark.parametrize(
    "mass, sizes", [(0.1, [1, 1]), (0.49, [1, 2]), (0.74, [2, 3]), (1, [4, 4])]
)
def test_nucleus_size_is_the_least_number_that_suffices(mass, sizes):
    assert numeric.nucleus_size(X, 1.0, mass).tolist() == sizes
    assert numeric.nucleus_size(X.numpy(), [1.0, 1.0], mass).tolist() == [[s, s] for s in sizes]


def test_a_tail_below_rounding_still_counts():
    x = np.array([90.0, 0.0])
    assert numeric.nucleus_size(x, 1.0, 1.0) == 2 and numeric.nucleus_size(x, 1.0, 0.999) == 1


def test_masked_tokens_are_not_needed():
    x = torch.tensor([0.0, -torch.inf, 0.0])
    assert numeric.nucleus_size(x, 1.0, 1.0) == 2 and numeric.top_mass(x, 1.0, 2) == 1


def test_top_mass_is_differentiable():
    x = X[:1].clone().requires_grad_()
    assert torch.autograd.gradcheck(lambda x: numeric.top_mass(x, 0.7, 2), (x,))


def by_sorting(x, t, count, mass):
    """Mass of the first tokens and size of the nucleus, by sorting in float64."""
    p = np.sort(np.exp(x.astype(np.float64) / t - (x.max() / t)))[::-1]
    p = p / p.sum()
    return p[:count].sum(), 1 + int((np.cumsum(p)[:-1] < mass).sum())


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_several_rows_and_temperatures_equal_sorting(dtype, monkeypatch):
    monkeypatch.setattr("numeric.nucleus._NUMBERS_AT_A_TIME", 2 * 900)
    x = 3 * np.random.default_rng(0).standard_normal((5, 900)).astype(dtype)
    x[2, ::3] = -np.inf
    t = np.array([[0.5, 1.0]] * 5) * np.arange(1, 6)[:, None]
    mass, size = numeric.top_mass(x, t, 7), numeric.nucleus_size(x, t, 0.9)
    for row in range(5):
        for k in range(2):
            expected = by_sorting(x[row], t[row, k], 7, 0.9)
            assert mass[row, k] == pytest.approx(expected[0], rel=1e-5)
            assert size[row, k] == expected[1]


def test_a_whole_vocabulary_never_carries_more_than_one():
    x = torch.randn(64, 5000, generator=torch.Generator().manual_seed(0))
    whole = numeric.top_mass(x, 1.0, 5000)
    assert whole.max() <= 1 and whole.min() >= 1 - 1e-5


def test_no_rows_and_one_token():
    assert numeric.nucleus_size(torch.zeros(0, 3), [1.0, 2.0], 0.5).shape == (0, 2)
    assert numeric.top_mass(torch.zeros(0, 3), 1.0, 2).shape == (0,)
    assert numeric.nucleus_size(np.zeros(1), 1.0, 1.0) == 1
    assert numeric.top_mass(np.zeros(1), 1.0, 1) == 1


def test_counts_and_masses_outside_their_range_are_named():
    with pytest.raises(ValueError, match=r"count: expected 1\.\.4, got 5"):
        numeric.top_mass(X, 1.0, 5)
    with pytest.raises(ValueError, match=r"mass: expected a number in \(0, 1\], got 0"):
        numeric.nucleus_size(X, 1.0, 0)
