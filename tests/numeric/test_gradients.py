"""Derivatives by autograd: right in the bulk, at ties, with masks and where entropy vanishes."""

from __future__ import annotations

import pytest
import torch
from torch.autograd import grad, gradcheck, gradgradcheck

import numeric

QUANTITIES = {
    "log_partition": numeric.log_partition,
    "free_energy": numeric.free_energy,
    "internal_energy": numeric.internal_energy,
    "entropy": numeric.entropy,
    "heat_capacity": numeric.heat_capacity,
    "log_probabilities": numeric.log_probabilities,
    "probabilities": numeric.probabilities,
    "cross_entropy": lambda x, t: numeric.cross_entropy(x, 1, t),
    "renyi 0.4": lambda x, t: numeric.renyi_entropy(x, t, 0.4),
    "renyi 1.5": lambda x, t: numeric.renyi_entropy(x, t, 1.5),
    "third": lambda x, t: numeric.thermodynamics(x, t, order=4).cumulants[2],
    "fourth": lambda x, t: numeric.thermodynamics(x, t, order=4).cumulants[3],
    "normalized": lambda x, t: numeric.thermodynamics(x, t, gauge="normalized").free_energy,
    "centered": lambda x, t: numeric.thermodynamics(x, t, gauge="centered").internal_energy,
}
ROWS = {
    "generic": [[0.3, -1.2, 0.7, 1.9], [2.0, 0.1, -0.4, 0.2]],
    "ties": [[1.0, 1.0, 0.0, 1.0], [0.0, 0.0, 0.0, 0.0]],
}


def leaves(rows, temperature):
    x = torch.tensor(rows, dtype=torch.float64, requires_grad=True)
    return x, torch.tensor(temperature, dtype=torch.float64, requires_grad=True)


@pytest.mark.parametrize("rows", ROWS)
@pytest.mark.parametrize("name", QUANTITIES)
def test_first_and_second_derivatives_equal_differences(name, rows):
    inputs = leaves(ROWS[rows], [0.7, 1.6])
    assert gradcheck(QUANTITIES[name], inputs)
    assert gradgradcheck(QUANTITIES[name], inputs)


@pytest.mark.parametrize("name", [n for n in QUANTITIES if "probabilities" not in n])
def test_masked_tokens_have_gradient_zero_and_leave_no_nan(name):
    kept, t = leaves([[1.0, 0.3, 1.0, -4.0]], [0.5, 2.0])
    masked, u = leaves([[1.0, 0.3, float("-inf"), 1.0, -4.0]], [0.5, 2.0])
    for a, b in zip(
        grad(QUANTITIES[name](kept, t).sum(), (kept, t)),
        grad(QUANTITIES[name](masked, u).sum(), (masked, u)),
        strict=True,
    ):
        b = b[:, [0, 1, 3, 4]] if b.shape[-1] == 5 else b
        torch.testing.assert_close(a, b, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("name", QUANTITIES)
@pytest.mark.parametrize("t", [1e-100, 0.01, 1.0])  # 1 / T^3 of second derivatives is finite
def test_no_derivative_is_nan_where_entropy_vanishes(name, t):
    x, temperature = leaves([[500.0, 0.0, -30.0, 500.0], [900.0, 0.0, 1.0, 2.0]], [t])
    first = grad(QUANTITIES[name](x, temperature).sum(), (x, temperature), create_graph=True)
    assert not any(g.isnan().any() for g in first)
    second = grad(first[0].sum() + first[1].sum(), (x, temperature), allow_unused=True)
    assert not any(g.isnan().any() for g in second if g is not None)


def test_entropy_is_minus_the_slope_of_the_free_energy_with_relative_accuracy():
    x, t = leaves([[200.0, 0.0, 1.5]], [1.1])
    (slope,) = grad(numeric.free_energy(x, t).sum(), t)
    s = numeric.entropy(x.detach(), t.detach())[0]
    assert s < 1e-70
    torch.testing.assert_close(-slope, s, rtol=1e-12, atol=0)


@pytest.mark.parametrize("rows", ROWS)
def test_cumulants_are_the_derivatives_of_log_partition_to_order_four(rows):
    x = torch.tensor(ROWS[rows], dtype=torch.float64)
    beta = torch.tensor(0.8, dtype=torch.float64, requires_grad=True)
    for row in x:
        derivative = numeric.log_partition(row, 1 / beta)
        cumulants = numeric.thermodynamics(row, 1 / beta.detach(), order=4).cumulants
        for n, cumulant in enumerate(cumulants, 1):
            (derivative,) = grad(derivative, beta, create_graph=True)
            torch.testing.assert_close((-1) ** n * derivative, cumulant, rtol=1e-11, atol=1e-12)


def test_the_gradient_of_log_partition_is_the_distribution_over_t_also_at_ties():
    x, t = leaves([[1.0, 1.0, 0.0, 1.0]], 0.5)
    (g,) = grad(numeric.log_partition(x, t).sum(), x)
    torch.testing.assert_close(g, numeric.probabilities(x, t) / t, rtol=1e-14, atol=0)


def test_one_of_two_may_require_a_gradient():
    x, t = leaves([[1.0, 0.5]], 0.5)
    assert grad(numeric.entropy(x, t.detach()).sum(), x)[0].isfinite().all()
    assert grad(numeric.entropy(x.detach(), t).sum(), t)[0] > 0
    assert grad(numeric.entropy(x.detach().numpy(), 1.0).sum() * t, t)[0] > 0


def test_forward_mode_works():
    x, t = torch.tensor([0.4, 1.0, -2.0], dtype=torch.float64), torch.tensor(0.9).double()
    _, slope = torch.func.jvp(lambda t: numeric.internal_energy(x, t), (t,), (t * 0 + 1,))  # pyright: ignore[reportAssignmentType]
    torch.testing.assert_close(slope, numeric.heat_capacity(x, t), rtol=1e-13, atol=0)
