"""Derivatives by reverse accumulation in balls, against closed forms and automatic ones."""

import pytest
import torch
from flint import arb

import numeric
from bridge.ball_gradients import value_and_gradient, variable
from bridge.balls import Evaluation, Point
from bridge.crosschecking.inputs import battery
from bridge.crosschecking.oracle import slopes
from formal.boltzmann import C, F, S
from formal.quantity import unfold
from formal.symbols import E, T, V

BITS = 128


@pytest.mark.parametrize(
    ("quantity", "name"), [(F, "free_energy"), (S, "entropy"), (C, "heat_capacity")]
)
def test_all_derivatives_at_once(quantity, name):
    energies = [0.5, -1.25, 2.0, 0.0, 0.0]
    inputs = [variable(arb(e)) for e in energies]
    temperature = variable(arb(0.75))
    at = Evaluation(Point({V: 5, E: inputs, T: temperature}), BITS)
    _, found = value_and_gradient(at.number(unfold(quantity)), [*inputs, temperature], BITS)
    x = torch.tensor([-e for e in energies], dtype=torch.float64, requires_grad=True)
    t = torch.tensor(0.75, dtype=torch.float64, requires_grad=True)
    by_x, by_t = torch.autograd.grad(getattr(numeric, name)(x, t), [x, t])
    expected = [*(-by_x).tolist(), float(by_t)]
    for ball, value in zip(found, expected, strict=True):
        assert ball.rad() < 1e-30 and abs(float(ball.mid()) - value) < 1e-13


def test_what_does_not_depend_has_no_slope():
    given, other = variable(arb(2)), variable(arb(3))
    _, found = value_and_gradient(given * given + 1, [given, other], BITS)
    assert found[0] == 4 and found[1] == 0
    _, found = value_and_gradient(arb(7), [given], BITS)
    assert found == [0]


def test_slopes_of_the_oracle_are_zero_at_masked_tokens():
    cases = [c for b in battery("entropy", "float64", 0, 1) for c in b.cases]
    masked = next(c for c in cases if len(c.kept) < c.size <= 17)
    (row,) = slopes("entropy", masked).logits
    hidden = set(range(masked.size)) - set(masked.kept)
    assert hidden and all(row[place][0] == 0 for place in hidden)
