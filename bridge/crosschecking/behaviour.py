"""What a function does besides its values: shapes, repeated calls, its input, its signature."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from bridge.crosschecking.calls import Calls, Misbehaviour
from bridge.crosschecking.inputs import Case, battery
from bridge.crosschecking.targets import Target
from bridge.errors import BadInput


def check_signature(function: Callable[..., Any], target: Target) -> None:
    """Whether a function can be called as its target is.

    Raises:
        BadInput: It is not callable, takes other numbers of arguments, or in another order.
    """
    if not callable(function):
        raise BadInput(f"expected a function to hold against {target.name}, got {function!r}")
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return  # a function that does not say
    by_place = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    most = len(by_place)
    if any(p.kind is p.VAR_POSITIONAL for p in parameters):
        most = max(most, len(target.arguments))
    least = sum(p.default is p.empty for p in by_place)
    needed = [p.name for p in parameters if p.kind is p.KEYWORD_ONLY and p.default is p.empty]
    name = getattr(function, "__name__", "the function")
    own = ", ".join(p.name for p in parameters)
    wanted = [argument.name for argument in target.arguments]
    if needed:
        raise BadInput(
            f"{name} needs the keyword {needed[0]}; expected a function of "
            f"({', '.join(wanted)}): fix the keyword with functools.partial"
        )
    if not least <= len(wanted) <= most:
        hint = ""
        if wanted[-1] == "temperature" and most == len(wanted) - 1:
            hint = (
                f"; a function at temperature one is "
                f"lambda logits, temperature: {name}(logits / temperature), as far as it scales so"
            )
        raise BadInput(
            f"{name} takes ({own}); to be held against {target.name} it is called as "
            f"{name}({', '.join(wanted)}){hint}"
        )
    taken = [p.name for p in by_place[: len(wanted)]]
    if taken != wanted and sorted(taken) == sorted(wanted):
        raise BadInput(
            f"{name} takes ({', '.join(taken)}); the arguments of {target.name} come in the order "
            f"({', '.join(wanted)})"
        )


def check_behaviour(calls: Calls, dtype: str, seed: int) -> tuple[Case, ...]:
    """Six plain cases on which the function behaves.

    The same rows as a bare vector, with several leading axes, and as a view that is not
    contiguous give the same, and so does the same call twice.

    Raises:
        Misbehaviour: They do not.
        TimeLimit: The function did not return in time.
    """
    cases = _plain(calls.target, dtype, seed)
    rows = calls.values(cases)
    _expect_same(
        rows, calls.values(cases), cases, "random", "gives another value when called again"
    )
    _expect_same(rows[:1], calls.values(cases[:1], ()), cases, "shape", "differs on a bare vector")
    several = calls.values(cases, (2, 1, 3))
    _expect_same(rows, several, cases, "shape", "differs where logits are (2, 1, 3, V)")
    spread = calls.call(calls.tensors(cases, (len(cases),)), cases[0], strided=True)
    again = calls.checked(spread, cases, (len(cases),))
    _expect_same(rows, again, cases, "layout", "differs where logits are not contiguous in memory")
    return cases


def _plain(target: Target, dtype: str, seed: int) -> tuple[Case, ...]:
    """Six cases of one size without masks and offsets."""
    batch = next(b for b in battery(target.name, dtype, seed, 1) if b.cases[0].size == 17)
    plain = [c for c in batch.cases if not ("masked" in c.regime or "offset" in c.regime)]
    return tuple(plain[:6])


def _expect_same(
    rows: Tensor, others: Tensor, cases: Sequence[Case], kind: str, told: str
) -> None:
    """Whether two results agree to half of the dtype's digits.

    The oracle says which of them is wrong, and the loose comparison leaves it to it.
    """
    eps = torch.finfo(getattr(torch, cases[0].dtype)).eps
    a, b = rows.detach().double(), others.detach().double().reshape(rows.shape)
    loose = eps**0.5 * (1 + a.abs())
    different = (a != b) & ~((a - b).abs() <= loose) & ~(a.isnan() & b.isnan())
    if kind == "random":
        different = (a != b) & ~(a.isnan() & b.isnan())
    if bool(different.any()):
        row = (
            int(different.flatten(1).any(1).nonzero()[0])
            if different.ndim > 1
            else int(different.nonzero()[0])
        )
        raise Misbehaviour(kind, f"it {told}", cases[row])
