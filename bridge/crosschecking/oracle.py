"""The oracle: the definition in balls at the very numbers that came in, and what may be allowed.

For a value f of inputs x in a dtype with rounding unit eps the allowance is

    c (sum_k |df/dx_k| |x_k| eps + eps (|f| + 1)),    c = 4 (4 + log2 V),

where each slope is the largest that the definition has when every input moves by its rounding,
enclosed in balls, so that nothing is left to first order. For a partial derivative g of f in an
input v it is c (m + eps (|g| + (|f| + 1) / r)), m being how far g moves when the inputs do, and r
the length of v on which no reduced logit x/T moves by more than a nat (`bridge.differentiation`
says why): T for a logit, T^2 / max |x_k|, and T at most, for the temperature. Half precision
accumulates wide and rounds once, so that c = 4 there.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from flint import arb, ctx
from sympy import Basic

from bridge.ball_gradients import combination, value_and_gradient, variable
from bridge.ball_numbers import BallError, UndecidedError, ball, primal
from bridge.balls import Evaluation, Point
from bridge.crosschecking.inputs import Case
from bridge.crosschecking.selections import SOFTMAX, hangs_on_rounding, only, selected
from bridge.crosschecking.targets import Kind, Target, target_of
from formal.quantity import instantiate, unfold
from formal.symbols import V, k

BITS, LARGE_BITS, MOST_BITS = 256, 128, 4096
ROUGH_BITS = 64  # of slopes over the neighbourhood of a point
LARGE = 1024  # tokens beyond which slopes are not taken one by one
SHOWN = 24  # tokens of a long row of values that are compared
MEANINGLESS = {"float64": 1e-2, "float32": 1e-2, "bfloat16": 0.5}
HALF = ("bfloat16",)
HALF_SLACK = 4.0


@dataclass(frozen=True)
class Reference:
    """What the definition says at a case: a value for each compared token, or one.

    `places` are the tokens whose values these are, counted from 0, or empty for a scalar;
    `allowances` belong to `values`. Where `reason` says why, the question is ill-conditioned or
    not decided, and only that a value is finite can be asked.
    """

    values: tuple[arb, ...]
    allowances: tuple[float, ...]
    places: tuple[int, ...]
    reason: str = ""


@dataclass(frozen=True)
class Slopes:
    """Derivatives of the definition at a case, of a value per token a weighted sum of them.

    `logits` has one tuple for each row of logits, 0 at masked tokens; `temperature` is None
    where there is none. Each is a value and an allowance, infinite where that would say nothing.
    """

    logits: tuple[tuple[tuple[float, float], ...], ...]
    temperature: tuple[float, float] | None
    reason: str = ""


def eps_of(dtype: str) -> float:
    """The unit of rounding of a dtype."""
    return torch.finfo(getattr(torch, dtype)).eps


def slack(size: int, dtype: str) -> float:
    """The factor c of every allowance: 4 (4 + log2 V), and 4 in half precision."""
    return HALF_SLACK if dtype in HALF else 4 * (4 + math.log2(max(size, 1)))


@lru_cache(maxsize=16384)
def reference(name: str, case: Case) -> Reference:
    """The definition's value and allowance at a case."""
    target = target_of(name)
    places = _places(target, case)
    try:
        values = _values(target, case, places)
    except BallError as error:
        return Reference((), (), places, str(error))
    if any(abs(value) > torch.finfo(getattr(torch, case.dtype)).max for value in values):
        return Reference((), (), places, f"beyond the greatest {case.dtype}")
    eps, c = eps_of(case.dtype), slack(case.size, case.dtype)
    try:
        drifts = _drifts_of(target, case, places, values, eps)
    except BallError as error:
        nowhere = (math.inf,) * len(values)
        return Reference(values, nowhere, places, f"ill-conditioned: {error}")
    unit = _unit(target, case)
    allowances = tuple(
        c * (drift + eps * (abs(float(value.mid())) + unit))
        for value, drift in zip(values, drifts, strict=True)
    )
    most = MEANINGLESS[case.dtype]
    pairs = zip(values, allowances, strict=True)
    if not all(allowed <= most * (abs(float(v.mid())) + unit) for v, allowed in pairs):
        return Reference(values, allowances, places, "ill-conditioned")
    return Reference(values, allowances, places)


@lru_cache(maxsize=4096)
def slopes(name: str, case: Case) -> Slopes:
    """The definition's derivatives at a case, in its logits and its temperature."""
    target = target_of(name)
    found = reference(name, case)
    if not found.values or (found.reason and not target.continuous):
        return Slopes((), None, found.reason)
    if target.continuous:
        return _slopes(target, case)
    return _slopes(SOFTMAX, only(case, selected(found.places, found.values)))


def _slopes(target: Target, case: Case) -> Slopes:
    eps, c = eps_of(case.dtype), slack(case.size, case.dtype)
    places = tuple(case.kept)
    try:
        value, exact = _gradient(target, case, places, 0.0, BITS)
        movements = _movements(target, case, places, eps)
    except BallError as error:
        return Slopes((), None, f"no derivative: {error}")
    size = (abs(float(ball(value).mid())) + _unit(target, case)) / _scale(target, case)
    found = []
    for slope, movement, steps in zip(exact, movements, _nats(target, case), strict=True):
        middle = _certain(ball(slope))
        allowed = c * (movement + eps * (abs(middle) + size * steps))
        meaningful = allowed <= MEANINGLESS[case.dtype] * (abs(middle) + size)
        found.append((middle, allowed if meaningful else math.inf))
    return _arranged(target, case, found, c * eps * size)


def _certain(value: arb) -> float:
    """The middle of a ball, or zero where its sign is not known."""
    return 0.0 if 0 in value else float(value.mid())


def _nats(target: Target, case: Case) -> list[float]:
    """How many nats, one at least, a reduced logit x/T moves when an input moves by the scale of
    logits, for each of the inputs that are differentiated in."""
    kept, found = case.kept, []
    largest = max(abs(row[place]) for row in case.rows for place in kept)
    for argument in target.arguments:
        if argument.kind is Kind.LOGITS:
            found += [1.0] * len(kept)
        elif argument.kind is Kind.TEMPERATURE:
            found.append(max(1.0, largest / _scale(target, case)))
        elif argument.kind not in (Kind.TOKEN, Kind.COUNT):
            found.append(1.0)
    return found


def token_weights(size: int) -> np.ndarray:
    """Weights (V,) with which the values per token are summed before they are differentiated."""
    return np.cos(np.arange(1, size + 1))


def value_of(target: Target, expression: Any, case: Case, place: int | None = None) -> arb:
    """The value of another expression over the arguments of a target, at a case."""
    indices: dict[Basic, int] = {} if place is None else {k: case.kept.index(place) + 1}
    return Evaluation(_point(target, case, 0.0)[0], BITS).ball(unfold(expression), indices)


def _places(target: Target, case: Case) -> tuple[int, ...]:
    """The tokens whose values are compared: all, or of many the extreme ones and some others."""
    if not target.per_token:
        return ()
    kept = case.kept
    if len(kept) <= SHOWN:
        return kept
    order = sorted(kept, key=lambda place: case.rows[0][place])
    third = SHOWN // 3
    step = len(kept) // third
    return tuple(dict.fromkeys([*order[-third:], *order[:third], *kept[::step]]))


def _values(target: Target, case: Case, places: tuple[int, ...]) -> tuple[arb, ...]:
    """The values, at a precision at which they have twenty digits, or at the greatest."""
    return _exact_values(target.name, replace(case, regime="", dtype=""), places)


@lru_cache(maxsize=4096)
def _exact_values(name: str, case: Case, places: tuple[int, ...]) -> tuple[arb, ...]:
    """The values at a case of no dtype: what several dtypes can hold is evaluated once."""
    target = target_of(name)
    bits, expression = LARGE_BITS if case.size > LARGE else BITS, _expression(target, case)
    while True:
        evaluation = Evaluation(_point(target, case, 0.0)[0], bits)
        try:
            found = tuple(evaluation.ball(expression, at) for at in _indices(case, places))
        except UndecidedError:
            if bits >= MOST_BITS:
                raise
        else:
            sizes = (1e-20 * (abs(float(v.mid())) + 1e-6) for v in found)
            certain = all(float(v.rad()) <= size for v, size in zip(found, sizes, strict=True))
            if certain or bits >= MOST_BITS:
                return found
        bits *= 4


def _indices(case: Case, places: Sequence[int]) -> list[Mapping[Basic, int]]:
    kept = {place: number for number, place in enumerate(case.kept, 1)}
    return [{k: kept[place]} for place in places] if places else [{}]


def _expression(target: Target, case: Case) -> Basic:
    """The definition, with rows of equal probabilities under one name where it is only about
    these, so that what cancels does so exactly."""
    families = target.of_kind(Kind.LOGITS)
    same = {
        a.symbol: families[0].symbol
        for a, row in zip(families[1:], case.rows[1:], strict=True)
        if target.of_probabilities and _gaps(row) == _gaps(case.rows[0])
    }
    return unfold(instantiate(target.value, same) if same else target.value)


def _gaps(row: Sequence[float]) -> list[Fraction]:
    """By how much each logit of a row exceeds the first, exactly."""
    return [Fraction(x) - Fraction(row[0]) for x in row]


def _unit(target: Target, case: Case) -> float:
    """What one rounding of the result is measured in, besides the result: a nat, mostly."""
    return 1.0 if target.unit == 1 else float(value_of(target, target.unit, case).mid())


def _point(
    target: Target,
    case: Case,
    radius: float,
    *,
    differentiated: bool = False,
    scale: float = 0.0,
) -> tuple[Point, list[Any]]:
    """The point of a case, each input within its relative radius, and the inputs in order.

    Logits lie within the radius of a scale besides, if one is given.
    """
    kept = case.kept
    values: dict[Basic, Any] = {V: len(kept)}
    inputs: list[Any] = []

    def entered(number: float, scale: float = 0.0) -> Any:
        held = arb(number, (abs(number) + scale) * radius)
        if differentiated:
            held = variable(held)
            inputs.append(held)
        return held

    rows, numbers = iter(case.rows), iter(case.numbers)
    for argument in target.arguments:
        if argument.kind is Kind.LOGITS:
            row = next(rows)
            values[argument.symbol] = [entered(row[place], scale) for place in kept]
            continue
        number = next(numbers)
        if argument.kind is Kind.TOKEN:
            values[argument.symbol] = kept.index(int(number)) + 1
        elif argument.kind is Kind.COUNT:
            values[argument.symbol] = int(number)
        else:
            values[argument.symbol] = entered(number)
    return Point(values), inputs


def _drifts_of(
    target: Target, case: Case, places: Sequence[int], values: Sequence[arb], eps: float
) -> list[float]:
    """How far the values move with the inputs' rounding; where they jump, those of the tokens
    that are selected, if no rounding selects others."""
    if target.continuous:
        return _drifts(target, case, places, eps)
    kept = selected(places, values)
    if hangs_on_rounding(target, case, kept, slack(case.size, case.dtype) * eps):
        raise UndecidedError("which tokens are kept hangs on rounding")
    drifts = dict(zip(kept, _drifts(SOFTMAX, only(case, kept), kept, eps), strict=True))
    return [drifts.get(place, 0.0) for place in places]


def _drifts(target: Target, case: Case, places: Sequence[int], eps: float) -> list[float]:
    """Sum over the inputs of |df/dx_k| |x_k| eps, for each value.

    Of very many tokens the values' own movement over the inputs' rounding is taken instead,
    which is no less.
    """
    if case.size > LARGE:
        evaluation = Evaluation(_point(target, case, eps)[0], ROUGH_BITS)
        balls = [evaluation.ball(unfold(target.value), at) for at in _indices(case, places)]
        return [float(value.rad()) for value in balls]
    try:
        return _slope_drifts(target, case, places, eps, eps)
    except UndecidedError:
        pass
    try:  # a kink within the inputs' rounding: the slopes at the point itself
        return _slope_drifts(target, case, places, eps, 0.0)
    except BallError:
        if target.of_probabilities and len(case.kept) == 1:
            return [0.0] * max(len(places), 1)
        return _slope_drifts(target, _beside(case), places, eps, 0.0)


def _slope_drifts(
    target: Target, case: Case, places: Sequence[int], eps: float, radius: float
) -> list[float]:
    bits = ROUGH_BITS if radius else BITS
    point, inputs = _point(target, case, radius, differentiated=True)
    evaluation, expression = Evaluation(point, bits), unfold(target.value)
    sizes = [float(abs(given.primal).upper()) for given in inputs]
    drifts = []
    for at in _indices(case, places):
        number = evaluation.number(expression, at)
        _, gradient = value_and_gradient(number, inputs, bits)
        steps = (_most(s) * size for s, size in zip(gradient, sizes, strict=True))
        drift = eps * sum(steps)
        if not math.isfinite(drift):
            raise UndecidedError("slopes without bounds")
        drifts.append(drift)
    return drifts


def _most(slope: Any) -> float:
    return float(abs(ball(slope)).upper())


def _beside(case: Case) -> Case:
    """A case beside one at which the value has a kink."""
    moved = [
        np.asarray(row) + 2.0**-10 * np.cos(np.arange(len(row)) + n)
        for n, row in enumerate(case.rows)
    ]
    return replace(case, rows=tuple(tuple(row.tolist()) for row in moved))


def _gradient(
    target: Target,
    case: Case,
    places: Sequence[int],
    radius: float,
    bits: int,
    scale: float = 0.0,
) -> tuple[Any, list[Any]]:
    """The value, or the weighted sum of values per token, and its derivative in each input."""
    point, inputs = _point(target, case, radius, differentiated=True, scale=scale)
    evaluation = Evaluation(point, bits)
    expression = _expression(target, case)
    with ctx.workprec(bits):
        if target.per_token:
            weights = token_weights(case.size)[list(places)].tolist()
            numbers = [evaluation.number(expression, at) for at in _indices(case, places)]
            number = combination(weights, numbers)
        else:
            number = evaluation.number(expression)
    value, gradient = value_and_gradient(number, inputs, bits)
    for slope in (value, *gradient):
        if not ball(primal(slope)).is_finite():
            raise UndecidedError("a derivative without bounds")
    return value, gradient


def _movements(target: Target, case: Case, places: Sequence[int], eps: float) -> list[float]:
    """How far each derivative moves when the inputs do by their rounding, and the logits by one
    of their scale besides: near a kink this is what roundings of a sum and of a difference do."""
    _, near = _gradient(target, case, places, eps, 2 * ROUGH_BITS, _scale(target, case))
    return [float(ball(slope).rad()) for slope in near]


def _scale(target: Target, case: Case) -> float:
    """What logits are measured in: the temperature, or one."""
    numbers = zip(
        (a for a in target.arguments if a.kind is not Kind.LOGITS), case.numbers, strict=True
    )
    return next((float(n) for a, n in numbers if a.kind is Kind.TEMPERATURE), 1.0)


def _arranged(
    target: Target, case: Case, found: Sequence[tuple[float, float]], least: float
) -> Slopes:
    """Derivatives in the order of the inputs as rows of logits and a temperature.

    At a masked token the derivative is 0, and `least` is allowed.
    """
    kept, rest = case.kept, list(found)
    logits, temperature = [], None
    for argument in target.arguments:
        if argument.kind is Kind.LOGITS:
            row = [(0.0, least)] * case.size
            for place in kept:
                row[place] = rest.pop(0)
            logits.append(tuple(row))
        elif argument.kind is Kind.TEMPERATURE:
            temperature = rest.pop(0)
        elif argument.kind not in (Kind.TOKEN, Kind.COUNT):
            rest.pop(0)
    return Slopes(tuple(logits), temperature)
