"""Energy gauges: what a shift of all logits moves says so in its docstring, and only that."""

import inspect

import pytest
import torch

import numeric

LOGITS = torch.tensor([0.3, -1.2, 2.5, 0.0, 1.1], dtype=torch.float64)
OTHER = torch.tensor([1.0, 0.2, -0.4, 0.6, -2.0], dtype=torch.float64)
GIVEN = {
    "logits": LOGITS,
    "logits_p": LOGITS,
    "logits_q": OTHER,
    "draft_logits": OTHER,
    "student": LOGITS,
    "teacher": OTHER,
    "reference_logits": OTHER,
    "rewards": LOGITS,
    "temperature": 0.7,
    "target": torch.tensor(2),
    "preferred": torch.tensor(2),
    "rejected": torch.tensor(1),
    "order": 3.0,
    "count": 2,
    "mass": 0.8,
    "share": 0.3,
    "constant": 0.01,
    "focus": 2.0,
    "smoothing": 0.1,
}
SHIFTED = ("logits", "logits_p", "student", "rewards")


def functions():
    """The public functions of logits, and the argument that a shift is tried on."""
    for name in numeric.__all__:
        function = getattr(numeric, name)
        if not inspect.isfunction(function) or name == "thermodynamics":
            continue  # thermodynamics is told its gauge
        wanted = inspect.signature(function).parameters
        first = next(iter(wanted))
        if first in SHIFTED:
            yield pytest.param(function, first, id=name)


def moved(function, first):
    needed = [
        n
        for n, p in inspect.signature(function).parameters.items()
        if p.default is inspect.Parameter.empty
    ]
    arguments = {name: GIVEN[name] for name in needed}
    before = function(**arguments)
    after = function(**arguments | {first: arguments[first] + 3.0})
    return not torch.allclose(before.double(), after.double(), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(("function", "first"), list(functions()))
def test_what_depends_on_the_gauge_says_so(function, first):
    says = "gauge" in (function.__doc__ or "")
    assert moved(function, first) == says, (
        f"{function.__name__}: a shift of `{first}` "
        f"{'moves it and its docstring names no gauge' if not says else 'does not move it'}"
    )


def test_the_check_sees_what_moves():
    """Free energy moves, entropy does not."""
    assert moved(numeric.free_energy, "logits") and not moved(numeric.entropy, "logits")
    assert len(list(functions())) > 20
