"""Whether a mutant is a fault at all: held against the definition in balls, on inputs of its own.

A mutant that agrees with the definition within the allowance, in value and in gradient, on every
one of these inputs, batched and alone, is taken for equivalent. One that raises or returns another
shape on a plain input is not counted: anybody sees it at the first call.
"""

import warnings
from collections.abc import Iterator
from enum import StrEnum
from functools import lru_cache
from itertools import product
from typing import Any

import numpy as np
import torch
from flint import arb

from benchmarks.crosscheck.candidates import Candidate
from bridge.crosschecking.inputs import Case, representable
from bridge.crosschecking.oracle import reference, slopes, token_weights
from bridge.crosschecking.targets import Kind, Target, target_of

SIZES = (3, 1, 2, 6)
STYLES = {
    "plain": lambda g, n: g.normal(size=n) * 2,
    "ties": lambda g, n: g.integers(0, 2, n) * 1.5,
    "wide": lambda g, n: g.normal(size=n) * 300,
    "narrow": lambda g, n: g.normal(size=n) * 1e-7,
    "far": lambda g, n: g.normal(size=n) * 2 - 5e5,
    "above": lambda g, n: g.normal(size=n) * 2 + 2e4,
    "sure": lambda g, n: g.normal(size=n) + 45 * (np.arange(n) == g.integers(n)),
    "masked": lambda g, n: np.where(np.arange(n) % 3 == 1, -np.inf, g.normal(size=n) * 2),
}
NUMBERS: dict[Kind, tuple[float, ...]] = {
    Kind.TEMPERATURE: (0.6, 1.7, 30.0, 0.02),
    Kind.ORDER: (2.5, 0.4),
    Kind.FRACTION: (0.35, 0.8),
    Kind.POSITIVE: (0.7, 3.0),
}


class Outcome(StrEnum):
    """What a mutant is."""

    FAULT = "fault"
    EQUIVALENT = "equivalent"
    BROKEN = "broken"  # a plain call raises or returns another shape


def judged(candidate: Candidate) -> tuple[Outcome, str]:
    """What a function is, and where that was seen."""
    target = target_of(candidate.against)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for number, group in enumerate(_groups(candidate.against)):
            where = f"{group[0].dtype}, V = {group[0].size}"
            try:
                found = _off(candidate, target, group) or _off(candidate, target, group[:1], False)
            except Exception as problem:  # any exception of any code that is looked at
                told = f"{type(problem).__name__} in {where}"
                return (Outcome.FAULT if number else Outcome.BROKEN), told
            if found:
                return Outcome.FAULT, f"{found}, {where}"
    return Outcome.EQUIVALENT, ""


@lru_cache(maxsize=64)
def _groups(name: str) -> tuple[tuple[Case, ...], ...]:
    """Cases of one size and with the same numbers; the plain ones first."""
    return tuple(_made(target_of(name)))


def _made(target: Target) -> Iterator[tuple[Case, ...]]:
    g = np.random.default_rng(20)
    styles = [s for s in STYLES if target.masks or s != "masked"]
    for dtype, (turn, size) in product(("float64", "float32"), enumerate(SIZES)):
        for repeat in range(2):
            cases = []
            for style in styles:
                rows = tuple(
                    representable(STYLES[style](g, size), dtype)
                    for _ in target.of_kind(Kind.LOGITS)
                )
                if repeat and len(rows) == 2:  # two distributions that nearly agree
                    near = np.asarray(rows[0]) + 1e-4 * g.normal(size=size)
                    rows = (rows[0], representable(near, dtype))
                numbers = tuple(_number(a.kind, 2 * turn + repeat, size) for a in _others(target))
                cases.append(Case(rows, numbers, style, dtype))
            yield tuple(cases)


def _others(target: Target) -> list[Any]:
    return [a for a in target.arguments if a.kind is not Kind.LOGITS]


def _number(kind: Kind, turn: int, size: int) -> float | int:
    if kind is Kind.TOKEN:
        return size - 1 if size != 2 else 0
    if kind is Kind.COUNT:
        return 1 + turn % size
    return NUMBERS[kind][turn % len(NUMBERS[kind])]


def _off(
    candidate: Candidate, target: Target, cases: tuple[Case, ...], batched: bool = True
) -> str:
    """Where the function is off the definition at cases in one call, or nothing."""
    inputs, arguments = _arguments(candidate, target, cases, batched)
    found = candidate.function(*arguments)
    shape = tuple(inputs[0].shape)
    if tuple(found.shape) != (shape if target.per_token else shape[:-1]):
        raise ValueError(f"shape {tuple(found.shape)}")
    value = torch.as_tensor(np.asarray(found) if candidate.array == "numpy" else found)
    rows = value.double().reshape(len(cases), -1)
    for case, row in zip(cases, rows.detach(), strict=True):
        if _misses(candidate, case, row):
            return f"value of {case.regime} rows"
    if candidate.array == "torch" and _wrong_gradient(candidate, target, cases, inputs, rows):
        return "gradient"
    return ""


def _arguments(
    candidate: Candidate, target: Target, cases: tuple[Case, ...], batched: bool
) -> tuple[list[Any], list[Any]]:
    """The tensors of logits, and all arguments in order."""
    dtype = getattr(torch, cases[0].dtype)
    places, numbers = iter(range(2)), iter(range(4))
    inputs: list[Any] = []
    arguments: list[Any] = []
    for argument in target.arguments:
        if argument.kind is Kind.LOGITS:
            place = next(places)
            x: Any = torch.tensor([c.rows[place] for c in cases], dtype=torch.float64).to(dtype)
            x = x if batched else x[0]
            x = x.numpy() if candidate.array == "numpy" else x.requires_grad_()
            inputs.append(x)
            arguments.append(x)
            continue
        number = next(numbers)
        if argument.kind is Kind.TOKEN:
            index: Any = torch.tensor([int(c.numbers[number]) for c in cases])
            index = index if batched else index[0]
            arguments.append(index.numpy() if candidate.array == "numpy" else index)
        else:
            arguments.append(cases[0].numbers[number])
    return inputs, arguments


def _misses(candidate: Candidate, case: Case, row: torch.Tensor) -> bool:
    """Whether a row of values is further from the definition than allowed; NaN is."""
    expected = reference(candidate.against, case)
    if expected.reason:
        return False
    shown = row[list(expected.places)] if expected.places else row
    pairs = zip(shown.tolist(), expected.values, expected.allowances, strict=True)
    return any(not bool(abs(arb(v) - ball) <= arb(allowed)) for v, ball, allowed in pairs)


def _wrong_gradient(
    candidate: Candidate,
    target: Target,
    cases: tuple[Case, ...],
    inputs: list[Any],
    rows: torch.Tensor,
) -> bool:
    if not rows.requires_grad:
        return True
    weights = torch.as_tensor(token_weights(cases[0].size)) if target.per_token else 1.0
    total = (torch.where(rows.isfinite(), rows, 0) * weights).sum()
    found = torch.autograd.grad(total, inputs, allow_unused=True)
    for place, x in enumerate(inputs):
        slope = torch.zeros_like(x) if found[place] is None else found[place]
        slope = slope.double().reshape(len(cases), -1)
        for case, row in zip(cases, slope, strict=True):
            expected = slopes(candidate.against, case)
            if expected.reason or reference(candidate.against, case).reason:
                continue
            pairs = zip(row.tolist(), expected.logits[place], strict=True)
            if any(not abs(v - right) <= allowed for v, (right, allowed) in pairs):
                return True
    return False
