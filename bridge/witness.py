"""Witnesses: the simplest point at which a claim fails, and what a person needs to redo it.

What a claim is made of is told from the inside out: quantities, sums and derivatives with their
values, where it can be done in closed form, and both sides.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from time import monotonic
from typing import Any

from flint import ctx, fmpq
from sympy import Basic, Derivative, Integral, Lambda, Sum
from sympy.core.relational import Relational

from bridge.ball_comparison import RULES, Comparison, compared
from bridge.ball_numbers import BallError, Number, ball
from bridge.ball_scope import names
from bridge.balls import PRECISION, Evaluation
from bridge.plain_math import plain
from bridge.points import Case, roles_of
from bridge.simple_points import simple_points
from formal.latex import latex
from formal.quantity import Quantity, bound_symbols, unfold
from formal.symbols import V

TRIED = 600  # points that are looked at for a simpler one,
PATIENCE = 10.0  # for no more seconds
ROUGH = 128  # bits at which the points are tried
DIGITS = 6
LINES = 16
LISTED = 4  # values of a bound index that are listed one by one


@dataclass(frozen=True)
class Failure:
    """A point, values of the free indices, and the sides that balls separate there."""

    case: Case
    indices: Mapping[Basic, int]
    comparison: Comparison


def simplest(failure: Failure, claim: Relational, assuming: Sequence[Relational]) -> Failure:
    """The simplest failure among the first `TRIED` points: fewest states, small numbers.

    Claims with integrals, of which a single point may take as long, keep the one they have.
    """
    given = failure.case.point.given
    roles = roles_of(claim, assuming, given)
    values = failure.case.point.values
    largest = {name: values[name] for name in (*roles.sizes, V) if name in values}
    return first_failure(claim, assuming, largest, given) or failure


def first_failure(
    claim: Relational,
    assuming: Sequence[Relational],
    largest: Mapping[Basic, int] | None = None,
    given: Mapping[Basic, Basic] | None = None,
) -> Failure | None:
    """The first failure among simple points of sizes up to `largest`, without which up to two.

    None where there is none among `TRIED` points, and for claims with integrals.
    """
    if claim.has(Integral):
        return None
    deadline, given = monotonic() + PATIENCE, given or {}
    roles = roles_of(claim, assuming, given)
    sizes = dict(largest or {name: 2 for name in (*roles.sizes, V)})
    if not roles.axes and V not in roles.sizes:
        sizes[V] = 1
    for case in islice(simple_points(claim, assuming, given, roles, sizes), TRIED):
        if monotonic() > deadline:
            break
        rough = Evaluation(case.point, ROUGH)
        for indices in case.indices:
            try:
                if RULES[type(claim)](compared(claim, rough, indices).difference) is False:
                    exact = compared(claim, Evaluation(case.point), indices)
                    return Failure(case, indices, exact)
            except BallError:
                continue
    return None


def place(claim: Basic, case: Case, indices: Mapping[Basic, int]) -> dict[str, str]:
    """The point as text: exact rationals, families as tuples."""
    values = {**case.point.values, **indices, **case.point.given}
    if V not in names(claim) and not any(isinstance(value, list) for value in values.values()):
        values.pop(V, None)
    return {str(name): _text(value) for name, value in sorted(values.items(), key=_by_kind)}


def _by_kind(item: tuple[Basic, Any]) -> tuple[bool, bool, str]:
    name, value = item
    return not isinstance(value, int), isinstance(value, (list, Basic)), str(name)


def _text(value: Any) -> str:
    if isinstance(value, list):
        return "(" + ", ".join(map(_text, value)) + ")"
    return str(value)


def by_hand(claim: Basic, failure: Failure) -> list[str]:
    """The calculation at the point, line by line: what the sides are made of, then the sides."""
    sheet = _Sheet(Evaluation(failure.case.point), failure.indices)
    lines = dict.fromkeys(
        line for part, over in _parts(claim, {}) for line in sheet.lines(part, over)
    )
    left, right = (_number(side) for side in (failure.comparison.left, failure.comparison.right))
    return [*list(lines)[:LINES], f"left = {left}", f"right = {right}"]


Ranges = Mapping[Basic, Basic]  # bound indices and the tuples (index, first, last) that bind them


def _parts(e: Basic, over: Ranges) -> Iterator[tuple[Basic, Ranges]]:
    """Quantities, sums and derivatives of an expression, the innermost first."""
    if isinstance(e, Quantity):
        body = e.definition()
        yield from (found for found in _parts(body, over) if found[0] != body)
        yield e, over
    elif isinstance(e, Lambda):
        return
    elif bound_symbols(e):
        body, *limits = e.args
        yield from _parts(body, {**over, **{limit.args[0]: limit for limit in limits}})
        yield e, over
    else:
        for argument in e.args:
            yield from _parts(argument, over)
        if isinstance(e, Derivative):
            yield e, over


@dataclass(frozen=True)
class _Sheet:
    """Lines of a calculation at one point."""

    evaluation: Evaluation
    indices: Mapping[Basic, int]

    def lines(self, part: Basic, over: Ranges) -> Iterator[str]:
        """A part with its value, or with its values where it depends on one bound index."""
        free = sorted(names(part) & over.keys(), key=str)
        if len(free) > 1:
            return
        try:
            spans = [self._span(over[index]) for index in free]
            if not free:
                yield f"{_shown(part)} = {self._worked(part)}"
            elif len(spans[0]) <= LISTED:
                values = ", ".join(self._value(part, {free[0]: n}) for n in spans[0])
                places = ", ".join(map(str, spans[0]))
                yield f"{_shown(part)} = {values} for {free[0]} = {places}"
        except BallError:
            return

    def _worked(self, part: Basic) -> str:
        """The value, after the terms of a sum that are few."""
        value = self._value(part, {})
        sum_ = part.definition() if isinstance(part, Quantity) else part
        if not isinstance(sum_, Sum) or len(sum_.limits) > 1:
            return value
        limit: Any = sum_.args[1]  # pyright: ignore
        span = self._span(limit)
        if not 1 < len(span) <= LISTED:
            return value
        terms = [self._value(sum_.function, {limit.args[0]: n}) for n in span]
        return f"{_added(terms)} = {value}"

    def _span(self, limit: Basic) -> range:
        first, last = (int(float(self.evaluation.ball(end))) for end in limit.args[1:])
        return range(first, last + 1)

    def _value(self, e: Basic, at: Mapping[Basic, int]) -> str:
        return _number(self.evaluation.number(unfold(e), {**self.indices, **at}))


def _added(terms: Sequence[str]) -> str:
    text = terms[0]
    for term in terms[1:]:
        text += f" − {term[1:]}" if term.startswith("−") else f" + {term}"
    return text


def _shown(part: Basic) -> str:
    text = plain(latex(part))
    return f"{text} = {plain(latex(part.definition()))}" if isinstance(part, Quantity) else text


def _number(value: Number) -> str:
    """An exact rational where it is short, else six digits."""
    if isinstance(value, fmpq) and len(str(value)) <= 12:
        text = str(value)
    else:
        with ctx.workprec(PRECISION):
            text = f"{float(ball(value)):.{DIGITS}g}"
    return text.replace("-", "−")
