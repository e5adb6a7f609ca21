"""Small edits of an expression: the slips that people make, undone one at a time.

A sign, a factor of two, a power of a parameter, a constant, p for 1 - p, a forgotten Kronecker
delta, a missing normalization, two families exchanged. Where one such edit makes a wrong step
right, it is very likely what was meant.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, permutations
from typing import Any, cast

from sympy import (
    Add,
    Basic,
    Derivative,
    Expr,
    Indexed,
    IndexedBase,
    Integer,
    KroneckerDelta,
    Mul,
    Pow,
    Sum,
    Symbol,
    exp,
    log,
)

from bridge.ball_scope import names
from bridge.roles import Roles
from formal.quantity import Quantity, rebuild

MOST_FACTORS = 5  # of a term, some of which a delta may multiply


@dataclass(frozen=True)
class Edit:
    """An expression with one part replaced, and what was replaced by what."""

    expression: Expr
    before: Expr
    after: Expr


@dataclass(frozen=True)
class Place:
    """A part of an expression, and how to put another in its place."""

    part: Any
    put: Callable[[Any], Any]


def edits(expression: Expr, roles: Roles) -> Iterator[Edit]:
    """Every edit of an expression, the likeliest kinds first and outer parts before inner ones.

    `roles` are those of the whole step: its parameters, free indices and families.
    """
    terms, factors = list(_terms(expression)), list(_factors(expression))
    scales = [s for s in (*roles.parameters, *roles.sizes) if isinstance(s, Symbol)]
    positive = [s for s in scales if s.is_positive]
    pairs = [pair for pair in combinations(roles.indices, 2)]
    kinds: list[tuple[Sequence[Place], Callable[[Any], Iterator[Any]]]] = [
        (terms, lambda e: iter((-e,))),
        (terms, lambda e: iter((2 * e, e / 2))),
        (terms, lambda e: (x for s in positive for x in (e * s, e / s))),
        (terms, lambda e: iter((e + 1, e - 1))),
        ([*terms, *factors], _complement),
        (factors, _other_powers),
        (terms, lambda e: _with_delta(e, pairs)),
        (terms, lambda e: _normalized(e, expression)),
        (terms, lambda e: _exchanged(e, roles)),
    ]
    for places, change in kinds:
        for place in places:
            for after in change(place.part):
                if after != place.part and isinstance(after, Expr):
                    yield Edit(place.put(after), place.part, after)


def _terms(e: Any, put: Callable[[Any], Any] = lambda x: x) -> Iterator[Place]:
    """Parts that stand as a term: the whole, summands, and what functions and sums are of."""
    yield Place(e, put)
    for place in _inner(e, put):
        if isinstance(e, Mul):
            yield from (p for p in _terms(place.part, place.put) if p.part is not place.part)
        elif not (isinstance(e, Pow) and place.part is e.exp):
            yield from _terms(place.part, place.put)


def _factors(e: Any, put: Callable[[Any], Any] = lambda x: x) -> Iterator[Place]:
    """Parts that stand as a factor, numbers apart."""
    for place in _inner(e, put):
        if isinstance(e, Mul) and not place.part.is_number:
            yield place
        yield from _factors(place.part, place.put)


def _inner(e: Any, put: Callable[[Any], Any]) -> Iterator[Place]:
    """The parts of a node that are expressions of numbers: no indices, no ranges, no arguments
    of quantities."""
    if isinstance(e, (Add, Mul, Pow, exp, log)):
        shown: Sequence[int] = range(len(e.args))
    elif isinstance(e, (Sum, Derivative)):
        shown = range(1)
    else:
        return
    for n in shown:
        yield Place(e.args[n], _putting(e, n, put))


def _putting(e: Basic, n: int, put: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda part: put(rebuild(e, (*e.args[:n], part, *e.args[n + 1 :])))


def _complement(e: Any) -> Iterator[Any]:
    """1 - p for p, p for 1 - p, and p (1 - p) for a square."""
    if not e.is_number:
        yield 1 - e
    if isinstance(e, Pow) and e.exp == 2:
        yield e.base * (1 - e.base)


def _other_powers(e: Any) -> Iterator[Any]:
    """The factor with its exponent one more, one less, or the other sign."""
    base, exponent = e.as_base_exp() if not isinstance(e, exp) else (e, Integer(1))
    if exponent.is_Rational:
        yield from (base ** (exponent + 1), base ** (exponent - 1), base**-exponent)


def _with_delta(e: Any, pairs: Sequence[tuple[Any, ...]]) -> Iterator[Any]:
    """The term times a Kronecker delta of two free indices, or with a delta times some of its
    factors added or taken away."""
    for a, b in pairs:
        if {a, b} & names(e):
            delta = KroneckerDelta(a, b)
            yield e * delta
            for part in _subproducts(e):
                yield from (e + delta * part, e - delta * part)


def _subproducts(e: Any) -> Iterator[Any]:
    """Products of some of the factors of a term, of none first; powers and exponentials of sums
    count as the factors that they are made of."""
    factors: list[Any] = []
    for factor in Mul.make_args(e):
        if isinstance(factor, exp):
            factors += [exp(term) for term in Add.make_args(cast(Expr, factor.args[0]))]
        elif isinstance(factor, Pow) and abs(factor.exp) in (2, 3):
            factors += [factor.base ** (factor.exp / abs(factor.exp))] * int(abs(factor.exp))
        elif not factor.is_number:
            factors.append(factor)
    if len(factors) <= MOST_FACTORS:
        chosen = (c for size in range(len(factors) + 1) for c in combinations(factors, size))
        yield from dict.fromkeys(Mul(*part) for part in chosen)


def _normalized(e: Any, whole: Expr) -> Iterator[Any]:
    """The part divided by a sum: one that occurs, or its own without one of the factors."""
    if not e.has(Sum):
        return
    free = names(whole)
    sums = [s for s in whole.atoms(Sum) if names(s) <= free]
    for own in sorted(e.atoms(Sum), key=str):
        factors = Mul.make_args(own.function)
        shorter = [Mul(*(g for g in factors if g is not f)) for f in factors if len(factors) > 1]
        sums += [Sum(body, *own.limits) for body in shorter if body.has(Indexed, Quantity)]
    for total in sorted(set(sums) - {e}, key=str):
        if names(total) <= free:
            yield e / total


def _exchanged(e: Any, roles: Roles) -> Iterator[Any]:
    """Two families, or two quantities, in one another's place."""
    found = [f for f in roles.axes if isinstance(f, IndexedBase) and f in names(e)]
    for a, b in permutations(found, 2):
        if str(a) < str(b) and len(roles.axes[a]) == len(roles.axes[b]):
            yield e.xreplace({a: b, b: a})
