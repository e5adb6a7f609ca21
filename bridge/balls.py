"""Rigorous values: a plain expression at a point, enclosed in an Arb ball.

    evaluate_balls(entropy(E, T), {E: logits, T: 1, V: len(logits)})

Sums run as they are printed, over 1..V. Derivatives are taken by nested dual numbers and share
nothing with SymPy's calculus. Subexpressions are evaluated once per value of the bound indices
that they mention, and whole columns at a time, so that a family may have 49,152 components.
Reference: johansson2017.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from itertools import repeat
from operator import add, mul
from typing import Any

from flint import arb, ctx, fmpq
from sympy import (
    Add,
    Basic,
    Derivative,
    Expr,
    Indexed,
    IndexedBase,
    Integral,
    Lambda,
    Mul,
    Symbol,
)

from bridge import ball_numbers as numbers
from bridge.ball_integrals import integral
from bridge.ball_numbers import (
    BallError,
    Dual,
    Number,
    UndecidedError,
    UndefinedError,
    UnsupportedError,
)
from bridge.ball_rules import (
    ELEMENTWISE,
    FOLDS,
    constant,
    constant_fold,
    entered,
    entry,
    position,
    with_joined_roots,
)
from bridge.ball_scope import Scope, SeededFamily, names, refuse_circles
from formal.quantity import unfold

PRECISION = 333  # bits: one hundred digits


@dataclass(frozen=True)
class Point:
    """Where an expression is evaluated.

    `values` holds a number for each symbol and a sequence of numbers, or of sequences, for each
    family; integers, fractions and floats enter as exactly the numbers they are. `given` defines
    further symbols and families by expressions over the others, a `Lambda` for a family with
    components; they are evaluated at the precision of the evaluation.
    """

    values: Mapping[Basic, Any]
    given: Mapping[Basic, Basic] = field(default_factory=dict)


def evaluate_balls(
    expression: Basic, point: Point | Mapping[Basic, Any], bits: int = PRECISION
) -> arb:
    """A ball that holds the value of an expression at a point.

    What is not defined there raises `UndefinedError`, balls that are too wide at this precision
    `UndecidedError`, and a node without a rule `UnsupportedError`; all say where.
    """
    point = point if isinstance(point, Point) else Point(point)
    return Evaluation(point, bits).ball(unfold(expression))


class Evaluation:
    """Values of plain expressions at one point, at one precision; what they share is kept."""

    def __init__(self, point: Point, bits: int = PRECISION):
        """The evaluation at a point in balls of some bits; the values enter without rounding."""
        self.bits = bits
        with ctx.workprec(bits):
            values = {name: entered(value) for name, value in point.values.items()}
        self._root = Scope(values | {name: unfold(value) for name, value in point.given.items()})
        refuse_circles(point.given)

    def ball(self, expression: Basic, indices: Mapping[Basic, int] | None = None) -> arb:
        """The value as a ball; `indices` are values for free indices."""
        value = self.number(expression, indices)
        with ctx.workprec(self.bits):
            return numbers.ball(value)

    def number(self, expression: Basic, indices: Mapping[Basic, int] | None = None) -> Number:
        """The value as an exact rational where it is one, else as a ball."""
        scope = self._root
        if indices:
            scope = scope.bind({index: fmpq(value) for index, value in indices.items()})
        with ctx.workprec(self.bits):
            value = self._value(expression, scope)
            if isinstance(value, arb) and not value.is_finite():
                raise UndecidedError("a ball without bounds", str(expression))
            return value

    def _value(self, expression: Basic, scope: Scope) -> Number:
        home = scope.home(names(expression))
        if expression not in home.cache:
            try:
                home.cache[expression] = self._compute(expression, home)
            except BallError as error:
                raise _located(error, expression) from error.__cause__
        return home.cache[expression]

    def _compute(self, e: Basic, scope: Scope) -> Number:
        e = with_joined_roots(e)
        if isinstance(e, Symbol):
            return self._symbol(e, scope)
        if isinstance(e, Indexed):
            indices = [position(self._value(index, scope), "an index") for index in e.indices]
            return self._component(e.base, tuple(indices), scope)
        if type(e) in ELEMENTWISE:
            return ELEMENTWISE[type(e)](*(self._value(argument, scope) for argument in e.args))
        if type(e) in FOLDS:
            return self._fold(e, scope)
        if isinstance(e, Derivative):
            seeded, tags = self._seed(e.variables, scope)
            return _tangent(self._value(e.expr, seeded), tags)
        if isinstance(e, Integral):
            return self._integral(e, scope)
        return constant(e)

    def _symbol(self, symbol: Symbol, scope: Scope) -> Number:
        value = scope.owner(symbol).bindings[symbol]
        return self._value(value, self._root) if isinstance(value, Basic) else value

    def _component(self, base: Basic, indices: tuple[int, ...], scope: Scope) -> Number:
        owner = scope.owner(base)
        family = owner.bindings[base]
        if isinstance(family, SeededFamily):
            if indices == family.indices:
                return family.component
            return self._component(base, indices, owner.around)
        if isinstance(family, IndexedBase):
            return self._component(family, indices, self._root)
        if isinstance(family, Lambda):
            bound = dict(zip(family.variables, map(fmpq, indices), strict=True))
            return self._value(family.expr, self._root.bind(bound))
        if isinstance(family, Expr):
            return self._value(family, self._root)
        return entry(family, indices, base)

    # Sums, products and extrema

    def _span(self, limit: Basic, scope: Scope) -> range:
        first, last = (position(self._value(end, scope), "a limit") for end in limit.args[1:])
        if last < first - 1:
            raise UndefinedError(f"a range from {first} down to {last}")
        return range(first, last + 1)

    def _fold(self, e: Basic, scope: Scope) -> Number:
        body, *inner, limit = e.args
        body = e.func(body, *inner) if inner else body
        span = self._span(limit, scope)
        index = limit.args[0]
        if index not in names(body) and span:
            return constant_fold(type(e), self._value(body, scope), len(span))
        return FOLDS[type(e)](self._column(body, index, span, scope))

    def _column(self, e: Basic, index: Basic, span: range, scope: Scope) -> Sequence[Number]:
        """The values of an expression for each value of an index."""
        home = scope.home(names(e) - {index})
        key = (e, index, span)
        if key not in home.cache:
            try:
                home.cache[key] = self._compute_column(e, index, span, home)
            except BallError as error:
                raise _located(error, e) from error.__cause__
        return home.cache[key]

    def _compute_column(
        self, e: Basic, index: Basic, span: range, scope: Scope
    ) -> Sequence[Number]:
        if isinstance(e, Symbol) and e == index:
            return [fmpq(value) for value in span]
        if index not in names(e):
            return [self._value(e, scope)] * len(span)
        e = with_joined_roots(e)
        if isinstance(e, (Add, Mul)):
            return self._combined(e, index, span, scope)
        if isinstance(e, Indexed):
            return self._components(e, index, span, scope)
        if type(e) in ELEMENTWISE:
            columns = [self._column(argument, index, span, scope) for argument in e.args]
            return list(map(ELEMENTWISE[type(e)], *columns))
        if isinstance(e, Derivative) and not _mentions(e.variables, index):
            seeded, tags = self._seed(e.variables, scope)
            return [_tangent(x, tags) for x in self._column(e.expr, index, span, seeded)]
        return [self._value(e, scope.bind({index: fmpq(value)})) for value in span]

    def _combined(self, e: Basic, index: Basic, span: range, scope: Scope) -> list[Number]:
        """A sum or product, with its parts that are free of the index combined once."""
        operation: Callable[..., Number] = add if isinstance(e, Add) else mul
        moving = [argument for argument in e.args if index in names(argument)]
        columns = [self._column(argument, index, span, scope) for argument in moving]
        combined = list(columns[0])
        for column in columns[1:]:
            combined = list(map(operation, combined, column))
        fixed = [self._value(a, scope) for a in e.args if index not in names(a)]
        if not fixed or not combined:
            return combined
        common = reduce(operation, fixed)
        if isinstance(combined[0], arb) and isinstance(common, fmpq):
            common = arb(common)
        return list(map(operation, repeat(common), combined))

    def _components(self, e: Indexed, index: Basic, span: range, scope: Scope) -> Sequence[Number]:
        family = scope.owner(e.base).bindings[e.base]
        if e.indices == (index,):
            if isinstance(family, Lambda):
                return self._column(family.expr, family.variables[0], span, self._root)
            if isinstance(family, list) and 1 <= span.start <= span.stop <= len(family) + 1:
                return family[span.start - 1 : span.stop - 1]
        columns = (self._column(place, index, span, scope) for place in e.indices)
        places = [
            tuple(position(n, "an index") for n in row) for row in zip(*columns, strict=True)
        ]
        if isinstance(family, list):
            return [entry(family, indices, e.base) for indices in places]
        return [self._component(e.base, indices, scope) for indices in places]

    # Derivatives and integrals

    def _seed(self, variables: Sequence[Basic], scope: Scope) -> tuple[Scope, list[int]]:
        """A scope in which each variable has an infinitesimal part of its own."""
        tags = []
        for variable in variables:
            key = ("seed", variable)
            if key not in scope.cache:
                scope.cache[key] = self._seeded(variable, scope)
            scope = scope.cache[key]
            tags.append(scope.seeds)
        return scope, tags

    def _seeded(self, variable: Basic, scope: Scope) -> Scope:
        value = Dual(scope.seeds + 1, self._value(variable, scope), numbers.ONE)
        if isinstance(variable, Symbol):
            return scope.seed(variable, value)
        if not isinstance(variable, Indexed):
            raise UnsupportedError(f"a derivative with respect to {variable}")
        indices = [position(self._value(index, scope), "an index") for index in variable.indices]
        return scope.seed(variable.base, SeededFamily(tuple(indices), value))

    def _integral(self, e: Integral, scope: Scope) -> Number:
        body, *inner, limit = e.args
        body = Integral(body, *inner) if inner else body
        if len(limit.args) != 3:
            raise UnsupportedError("an integral without limits")
        variable, *ends = limit.args
        return integral(body, variable, ends, lambda e, bound: self._value(e, scope.bind(bound)))


def _mentions(variables: Sequence[Basic], index: Basic) -> bool:
    return any(index in names(variable) for variable in variables)


def _tangent(value: Number, tags: Sequence[int]) -> Number:
    for tag in reversed(tags):
        value = numbers.tangent(value, tag)
    return value


def _located(error: BallError, expression: Basic) -> BallError:
    """The error with the innermost expression at fault, which is the first to be told."""
    if not error.where:
        text = str(expression)
        error.where = text if len(text) <= 200 else text[:197] + "..."
    return error
