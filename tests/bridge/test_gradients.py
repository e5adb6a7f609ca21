"""Closed-form gradients of the engine against the derivatives of formal definitions, in balls."""

from __future__ import annotations

import pytest
import torch
from sympy import Derivative
from torch.autograd import grad

import numeric
from bridge.balls import evaluate_balls
from formal import boltzmann
from formal.symbols import E, T, V

ENERGIES, TEMPERATURE = [0.3, -1.0, 0.25, 4.5, -1.0], 0.7  # two ties at the minimum
QUANTITIES = {
    "log_partition": boltzmann.log_partition,
    "free_energy": boltzmann.free_energy,
    "internal_energy": boltzmann.internal_energy,
    "entropy": boltzmann.entropy,
    "heat_capacity": boltzmann.heat_capacity,
}
# Values are of the order of one; an entry sums V terms of at most (gap / T)^4 eps each.
ALLOWED = 5 * (5.5 / 0.7) ** 4 * torch.finfo(torch.float64).eps


def formal(quantity, *variables) -> float:
    """A derivative of the definition, which shares nothing with torch's calculus."""
    expression = Derivative(quantity(E, T), *variables)
    return float(evaluate_balls(expression, {V: len(ENERGIES), T: TEMPERATURE, E: ENERGIES}))


def computed(name: str, backend, order: int = 2):
    """Gradients with respect to energies and temperature, and the second one to temperature."""
    x = -torch.tensor(ENERGIES, dtype=torch.float64)
    x, t = x.requires_grad_(), torch.tensor(TEMPERATURE, dtype=torch.float64, requires_grad=True)
    th = numeric.thermodynamics(x, t, backend=backend, order=order)
    by_logits, by_temperature = grad(getattr(th, name), (x, t), create_graph=True)
    (second,) = grad(by_temperature, t)
    return -by_logits, by_temperature, second


@pytest.mark.parametrize("order", [2, 4])
@pytest.mark.parametrize("backend", ["torch", "numba"])
@pytest.mark.parametrize("name", QUANTITIES)
def test_gradients_are_those_of_the_definition(name, backend, order):
    quantity = QUANTITIES[name]
    by_energies, by_temperature, second = computed(name, backend, order)
    for k in range(len(ENERGIES)):
        assert abs(float(by_energies[k].detach()) - formal(quantity, E[k + 1])) <= ALLOWED
    assert abs(float(by_temperature.detach()) - formal(quantity, T)) <= ALLOWED
    assert abs(float(second.detach()) - formal(quantity, T, T)) <= 8 * ALLOWED


def test_without_the_term_of_the_excluded_token_it_fails():
    by_energies, by_temperature, _ = computed("entropy", "numba")
    wrong = by_energies.clone()
    wrong[1] = 0
    assert abs(float(wrong[1].detach()) - formal(boltzmann.entropy, E[2])) > ALLOWED
    assert (
        abs(float(by_temperature.detach()) * (1 + 1e-9) - formal(boltzmann.entropy, T)) > ALLOWED
    )
