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


def test_counts_and_masses_outside_their_range_are_named():
    with pytest.raises(ValueError, match=r"count: expected 1\.\.4, got 5"):
        numeric.top_mass(X, 1.0, 5)
    with pytest.raises(ValueError, match=r"mass: expected a number in \(0, 1\], got 0"):
        numeric.nucleus_size(X, 1.0, 0)
