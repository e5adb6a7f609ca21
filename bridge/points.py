"""Sample points from the domain of a claim, simple ones first, the same for the same seed.

What is a size, a free index, a family or a parameter is read off the claim: sums run up to
sizes, families are as long as the sums over them. Values are exact rationals; families that a
hypothesis puts on the simplex are normalized, matrices that one makes inverse to others are their
inverses, other hypotheses are met by rejection.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from itertools import product
from math import prod
from random import Random
from typing import Any

from sympy import (
    Abs,
    Basic,
    Eq,
    Ge,
    Gt,
    IndexedBase,
    Integer,
    Integral,
    Le,
    Lt,
    Max,
    Min,
    Ne,
    Rational,
    Symbol,
    oo,
)
from sympy.core.relational import Relational

from bridge.ball_numbers import BallError, UnsupportedError
from bridge.ball_scope import names
from bridge.balls import Evaluation, Point
from bridge.matrices import matched
from bridge.point_values import Canonical, Drawn, Halved, Tied
from bridge.roles import Roles, normalized, terms
from formal.functions import Subset
from formal.quantity import instantiate, unfold
from formal.symbols import V

CANONICAL = (1, 2, 3)  # vocabulary sizes of the simplest points,
TIED = (2, 3)  # of the same with ties,
HALVED = (1, 2)  # of the same with components halved,
SIMPLE = (1, 2, 3)  # of points with small integers and halves,
INTEGRALS = (2, 3, 2)  # of the last kind, more of them where quadrature allows no others,
RANDOM = (2, 3, 4, 5, 6, 4, 8, 17, 64, 1000)  # and of random rationals
KINKS = (1, 2, 3) * 12  # and more for kinks and subsets, which have many sides
POINTS = len(CANONICAL + TIED + SIMPLE + HALVED + RANDOM)
LIMIT = 2**80  # what stands for infinity in a place of equality
TERMS = 5000  # the most components of a family, or values of indices of a subexpression
ATTEMPTS = 20  # draws for one point before its hypotheses count as not met


@dataclass(frozen=True)
class Case:
    """A point, and the values of the free indices to look at there."""

    point: Point
    indices: tuple[Mapping[Basic, int], ...]
    size: int


@dataclass(frozen=True)
class Draws:
    """Points that meet the hypotheses, and how many draws did not."""

    cases: tuple[Case, ...]
    rejected: int


def draws(
    claim: Basic,
    assuming: Sequence[Relational] = (),
    *,
    given: Mapping[Basic, Basic] | None = None,
    seed: int = 0,
    count: int = POINTS,
) -> Draws:
    """Points at which to look at a claim, with definitions `given` for some of its names.

    A claim over strings, or with a family of no one shape, raises `UnsupportedError`.
    """
    assuming = _unfolded(assuming)
    given = dict(given or {}) | _defined(assuming, given or {})
    roles = roles_of(claim, assuming, given)
    random = Random(f"{seed} {claim}")
    cases, rejected = [], 0
    for size, pick in _plan(claim, roles, given, random, count):
        for _ in range(ATTEMPTS):
            case = within(case_at(roles, claim, assuming, given, size, pick), assuming, roles)
            if case.indices:
                cases.append(case)
                break
            rejected += 1
            pick = Drawn(random, simple=size <= max(SIMPLE))
    return Draws(tuple(cases), rejected)


def roles_of(claim: Basic, assuming: Sequence[Relational], given: Mapping[Basic, Basic]) -> Roles:
    """The roles of the names of a claim, some of which are defined by others.

    A claim over strings, or with a family of no one shape, raises `UnsupportedError`.
    """
    aliases = {name: base for name, base in given.items() if isinstance(base, IndexedBase)}
    definitions = (value for name, value in given.items() if name not in aliases)
    stated = (
        claim,
        *_unfolded(assuming),
        *definitions,
    )  # with an alias SymPy may leave out what cancels
    return Roles.of((*stated, *(instantiate(e, aliases) for e in stated)))


def _unfolded(assuming: Sequence[Relational]) -> tuple[Relational, ...]:
    return tuple(unfold(hypothesis) for hypothesis in assuming)  # type: ignore[misc]


def limits(tight_at: Mapping[Basic, Basic]) -> dict[Basic, Basic]:
    """Definitions for a place of equality: large and small numbers for `oo` and a limit `0`."""
    return {name: _limit(name, unfold(value)) for name, value in tight_at.items()}


def _limit(name: Basic, value: Basic) -> Basic:
    if value in (oo, -oo):
        return Integer(LIMIT if value == oo else -LIMIT)
    if value == 0 and getattr(name, "is_positive", False):
        return Rational(1, LIMIT)
    return value


def _defined(assuming: Sequence[Relational], given: Mapping[Basic, Basic]) -> dict[Basic, Basic]:
    """Symbols that a hypothesis `Eq(symbol, expression)` defines."""
    found: dict[Basic, Basic] = {}
    for hypothesis in assuming:
        if isinstance(hypothesis, Eq):
            for name, value in (hypothesis.args, hypothesis.args[::-1]):
                taken = name in given or name in found
                if isinstance(name, Symbol) and not taken and name not in names(value):
                    found[name] = value
                    break
    return found


def _plan(
    claim: Basic, roles: Roles, given: Mapping[Basic, Basic], random: Random, count: int
) -> Iterator[tuple[int, Canonical]]:
    """Vocabulary sizes at which the claim is evaluated in reasonable time, and kinds of values."""
    plan = [(size, Canonical()) for size in CANONICAL]
    plan += [(size, Tied()) for size in TIED]
    plan += [(size, Drawn(random, simple=True)) for size in SIMPLE]
    plan += [(size, Halved()) for size in HALVED]
    plan += [(size, Drawn(random)) for size in RANDOM]
    if claim.has(Integral):  # quadrature wants few states and a narrow range of energies
        simple = [(size, Drawn(random, simple=True)) for size in INTEGRALS]
        plan = plan[:8] + simple if not claim.has(oo) else plan[:5] + plan[6:7]
    sided = claim.has(Abs, Min, Max) or any(isinstance(base, Subset) for base in roles.axes)
    kinks = KINKS if sided else ()

    @cache
    def feasible(size: int) -> bool:
        sizes = {name: size if name == V else 3 for name in (*roles.sizes, V)}
        extent = _Extent(sizes, given)
        components = max((prod(_shape(roles, base, extent)) for base in roles.axes), default=1)
        return max(components, terms(claim, sizes)) <= TERMS

    for size, pick in (*plan[:count], *((size, Drawn(random)) for size in kinks)):
        if feasible(size):
            yield size, pick


def case_at(
    roles: Roles,
    claim: Basic,
    assuming: Sequence[Relational],
    given: Mapping[Basic, Basic],
    size: int,
    pick: Canonical,
) -> Case:
    """The case at a vocabulary size whose values `pick` chooses."""
    values: dict[Basic, Any] = {}
    for name in (*roles.sizes, V):
        if name not in given:
            values[name] = size if name == V else pick.small_size(name, size)
    extent, counted = _Extent(values, given), len(values)
    for name in sorted(roles.parameters, key=str):
        if name not in given and name not in values:
            values[name] = pick.parameter(name, len(values) - counted)
    for base in roles.axes:
        if base not in given:
            shape = _shape(roles, base, extent)
            values[base] = _normalized(pick.family(base, shape), simplex_axes(base, assuming))
    values |= matched(assuming, values)
    lasts = {
        index: extent(_end(roles, index))
        for index in roles.indices
        if index in names(claim) and index not in given
    }
    return Case(Point(values, given), pick.assignments(lasts), size)


def _shape(roles: Roles, base: Basic, extent: "_Extent") -> list[int]:
    return [max(extent(_end(roles, end)) for end in axis) for axis in roles.axes[base]]


def _end(roles: Roles, end: Basic) -> Basic:
    """The end of an axis in sizes alone: free indices are replaced by their last values."""
    return end.xreplace({index: roles.last(index) for index in names(end) & roles.indices.keys()})


@dataclass(frozen=True)
class _Extent:
    """The value of an end of a range at given sizes."""

    sizes: Mapping[Basic, Any]
    given: Mapping[Basic, Basic]

    def __call__(self, end: Basic) -> int:
        value = end.xreplace(dict(self.given)).xreplace(
            {name: Integer(size) for name, size in self.sizes.items() if isinstance(size, int)}
        )
        if not isinstance(value, Integer):
            raise UnsupportedError(f"{end} is not the end of a range at known sizes")
        return int(value)


def simplex_axes(base: Basic, assuming: Sequence[Relational]) -> tuple[int, ...]:
    """The axes over which a hypothesis says that the components of a family sum to one."""
    for hypothesis in assuming:
        found = normalized(hypothesis)
        if found is not None and found[0] == base:
            return found[1]
    return ()


def _normalized(family: Any, axes: Sequence[int]) -> Any:
    """The family divided by its sums over some axes; where a sum is zero it becomes uniform."""
    if not axes:
        return family
    totals: dict[tuple[int, ...], Fraction] = {}
    counts: dict[tuple[int, ...], int] = {}
    for place, component in _components(family):
        rest = _without(place, axes)
        totals[rest] = totals.get(rest, Fraction(0)) + component
        counts[rest] = counts.get(rest, 0) + 1

    def divided(place: tuple[int, ...], value: Fraction) -> Fraction:
        rest = _without(place, axes)
        return value / totals[rest] if totals[rest] else Fraction(1, counts[rest])

    return _mapped(family, divided)


def _components(family: Any, place: tuple[int, ...] = ()) -> Iterator[tuple[tuple[int, ...], Any]]:
    if not isinstance(family, list):
        yield place, family
        return
    for n, part in enumerate(family):
        yield from _components(part, (*place, n))


def _mapped(family: Any, change: Any, place: tuple[int, ...] = ()) -> Any:
    if not isinstance(family, list):
        return change(place, family)
    return [_mapped(part, change, (*place, n)) for n, part in enumerate(family)]


def _without(place: tuple[int, ...], axes: Sequence[int]) -> tuple[int, ...]:
    return tuple(n for axis, n in enumerate(place) if axis not in axes)


def within(case: Case, assuming: Sequence[Relational], roles: Roles) -> Case:
    """The case with only those values of the free indices at which the hypotheses hold."""
    if not assuming:
        return case
    evaluation = Evaluation(case.point)
    extent = _Extent(case.point.values, case.point.given)
    kept = []
    for chosen in case.indices:
        others = {
            index: extent(roles.last(index))
            for hypothesis in assuming
            for index in names(hypothesis) & roles.indices.keys()
            if index not in chosen and index not in case.point.given
        }
        ranges = [range(1, last + 1) for last in others.values()]
        every = [dict(zip(others, values, strict=True)) for values in product(*ranges)]
        if all(_holds(h, evaluation, {**chosen, **more}) for h in assuming for more in every):
            kept.append(chosen)
    return Case(case.point, tuple(kept), case.size)


def _holds(hypothesis: Relational, evaluation: Evaluation, indices: Mapping[Basic, int]) -> bool:
    """Whether a hypothesis certainly holds; an equation in balls need not be violated."""
    try:
        left = evaluation.number(unfold(hypothesis.lhs), indices)
        right = evaluation.number(unfold(hypothesis.rhs), indices)
    except UnsupportedError:
        raise
    except BallError:
        return False
    relations = {
        Eq: lambda: not left != right,
        Ne: lambda: left != right,
        Lt: lambda: left < right,
        Le: lambda: left <= right,
        Gt: lambda: left > right,
        Ge: lambda: left >= right,
    }
    if type(hypothesis) not in relations:
        raise UnsupportedError(f"a hypothesis of the kind {type(hypothesis).__name__}")
    return bool(relations[type(hypothesis)]())
