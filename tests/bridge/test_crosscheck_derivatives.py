"""What a derivative may be off by: derived from the claim, wide enough for right code at any
seed, narrow enough for a derivative that is off in its tenth digit."""

from typing import Any

import pytest
import torch
from sympy import Derivative

import formal
import numeric
from benchmarks.crosscheck import right_head
from bridge.arrays import Assignment, Evaluation
from bridge.crosschecking.arrays import ArrayKind
from bridge.crosschecking.calls import Calls
from bridge.crosschecking.gradients import Gradients, look_at_gradients
from bridge.crosschecking.laws import look_at_laws
from bridge.crosschecking.patience import Patience
from bridge.crosschecking.targets import TARGETS
from bridge.domain import Domain
from bridge.running import slack
from formal.boltzmann import E, S, T
from formal.symbols import V

SEEDS = range(3)
DIFFERENTIAL = {
    name: s
    for name, s in formal.statements().items()
    if s.claim is not None and Domain(s.claim, s.domain).has_derivative
}
# in float32 a derivative of some nats is seen at 1e-4, one of a few tenths of a nat at 1e-3
WRONG = (
    ("log_partition", "float64", 1e-9),
    ("entropy", "float64", 1e-9),
    ("log_partition", "float32", 1e-4),
    ("internal_energy", "float32", 1e-4),
    ("entropy", "float32", 1e-3),
)


def off_in_logits(function: Any, by: float) -> Any:
    """The function with a right value and all derivatives too large by a part."""

    def wrong(*arguments: Any) -> Any:
        value = function(*arguments)
        return value.detach() + (value - value.detach()) * (1 + by)

    return wrong


def off_in_temperature(function: Any, by: float) -> Any:
    """The function with a right value and a derivative in T too large by a part."""

    def wrong(logits: Any, temperature: Any) -> Any:
        if isinstance(temperature, torch.Tensor):
            temperature = temperature.detach() + (temperature - temperature.detach()) * (1 + by)
        return function(logits, temperature)

    return wrong


def calls_of(function: Any, against: str) -> Calls:
    return Calls(function, TARGETS[against], ArrayKind.of("torch"), Patience(60))


@pytest.mark.parametrize("how", [off_in_logits, off_in_temperature])
@pytest.mark.parametrize(("against", "dtype", "by"), WRONG)
def test_a_wrong_derivative_is_seen_with_every_seed(against, dtype, by, how):
    for seed in SEEDS:
        seen = Gradients()
        calls = calls_of(how(getattr(numeric, against), by), against)
        look_at_gradients(calls, dtype, seed, 60, seen)
        calls.patience.close()
        assert seen.findings.failures


@pytest.mark.parametrize("how", [off_in_logits, off_in_temperature])
@pytest.mark.parametrize("against", ["free_energy", "entropy"])
def test_a_wrong_derivative_breaks_laws_with_every_seed(against, how):
    wrong = how(getattr(numeric, against), 1e-9)
    assert all(asked(wrong, against, "float64", seed).broken for seed in SEEDS)


RIGHT = (
    right_head.free_energy_functional,
    right_head.entropy_log_softmax,
    right_head.heat_capacity_varentropy,
)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("function", RIGHT, ids=lambda function: function.__name__)
def test_right_functions_keep_every_law_with_derivatives_with_every_seed(function, dtype):
    against = next(name for name in TARGETS if function.__name__.startswith(name))
    for seed in SEEDS:
        found = asked(function, against, dtype, seed)
        assert not found.broken and found.held
        if dtype == "float64":  # what is allowed leaves every identity something to see
            assert found.moved >= len([n for n in found.held if _is_identity(n)])
        assert not [why for why in found.not_asked.values() if "raises" in why]


def _is_identity(name: str) -> bool:
    return DIFFERENTIAL[name.split(" (by")[0]].kind == "identity"


def asked(function: Any, against: str, dtype: str, seed: int) -> Any:
    calls = calls_of(function, against)
    try:
        return look_at_laws(calls, DIFFERENTIAL, dtype, seed, smooth=True, in_temperature=True)
    finally:
        calls.patience.close()


def test_the_allowance_of_a_derivative_is_the_formula_of_the_page():
    """n! (|f| + 1) / r^n, r = min(T, T^2 / max |x|), is the most of it where S is nearly flat."""
    rows = torch.tensor([[3.0, -40.0, 7.0], [0.1, 0.2, -0.1]], dtype=torch.float64)
    number = torch.tensor([0.5, 2.0], dtype=torch.float64)
    evaluation = Evaluation(Assignment(2, {V: 3}, {T: number}, {E: rows}, {}))
    unit, value = slack(3) * torch.finfo(torch.float64).eps, evaluation(S).value.abs()
    steepness = torch.tensor([40 / 0.5**2, 1 / 2], dtype=torch.float64)
    for order, factorial in ((1, 1), (2, 2)):
        error = evaluation(Derivative(S, (T, order))).error
        least = unit * factorial * (value + 1) * steepness**order
        assert bool((error >= least).all()) and bool((error[:1] < 3 * least[:1]).all())
