"""Inputs at which an inequality is declared to be an equality."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import torch
from sympy import Dummy, IndexedBase, Lambda, Symbol, oo

from bridge.arrays import Assignment, Evaluation
from bridge.measured import Measured

# What stands for a limit: within every dtype's range, beyond what its rounding can tell. A
# derivative with respect to T is rounded at the scale of |f E| / T^2, so that there T and 1 / T
# must stay nearer. A shift of energies enters by its rounding, and e^-128 is as good as zero.
FAR, NEAR = 2.0**80, 2.0**-80
FAR_IN_DERIVATIVE, NEAR_IN_DERIVATIVE, FAR_SHIFT = 2.0**7, 2.0**-7, 2.0**7


def tighten(
    at: Assignment, tight_at: Mapping[Any, Any], *, derivative: bool = False
) -> Assignment:
    """The same inputs moved to where the inequality is tight."""
    limits = {oo: FAR, 0: NEAR}
    if derivative:
        limits = {oo: FAR_IN_DERIVATIVE, 0: NEAR_IN_DERIVATIVE}
    scalars = dict(at.scalars)
    like = at.like
    for symbol, value in tight_at.items():
        if isinstance(symbol, Symbol):
            number = limits[value] if value in limits else float(value)
            number = number if symbol.is_positive else min(number, FAR_SHIFT)
            scalars[symbol] = torch.full((at.rows,), number, dtype=like.dtype, device=like.device)
    at = replace(at, scalars=scalars)
    for base, value in tight_at.items():
        if isinstance(base, IndexedBase):
            at = _with_family(at, base, value)
    return at


def _with_family(at: Assignment, base: Any, value: Any) -> Assignment:
    """Replace a family by a constant, another family or a formula for its components."""
    shape = at.families[base].shape
    if not isinstance(value, (IndexedBase, Lambda)):
        places = tuple(Dummy("n", integer=True) for _ in shape[1:])
        value = Lambda(places, value)
    missing = {s for s in value.free_symbols if isinstance(s, Symbol) and not s.is_integer}
    names = {family.label for family in at.families}
    ones = torch.ones(at.rows, dtype=at.like.dtype, device=at.like.device)
    extra = {s: ones for s in missing - names - set(at.scalars)}
    evaluation = Evaluation(replace(at, scalars=dict(at.scalars) | extra))
    logs = dict(at.logarithms)
    tables = dict(at.families) | {base: _filled(*evaluation.table(value, shape[1:]), shape)}
    if base in logs:
        logs[base] = _filled(*evaluation.table(value, shape[1:], logarithm=True), shape)
    return replace(at, families=tables, logarithms=logs)


def _filled(values: Measured, axes: tuple[Symbol, ...], shape: torch.Size) -> torch.Tensor:
    return values.aligned(axes).value.expand(shape).detach().clone()
