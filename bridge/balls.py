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
from typing import Any, cast

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
)
from bridge.ball_scope import Node, Scope, SeededFamily, name, node, refuse_circles
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
            values = {name(key): entered(value) for key, value in point.values.items()}
        given = {name(key): node(unfold(value)) for key, value in point.given.items()}
        self._root = Scope(values | given)
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
            scope = scope.bind({name(index): fmpq(value) for index, value in indices.items()})
        with ctx.workprec(self.bits):
            value = self._value(node(expression), scope)
            if isinstance(value, arb) and not value.is_finite():
                raise UndecidedError("a ball without bounds", str(expression))
            return value

    def _value(self, e: Node, scope: Scope) -> Number:
        home = scope.home(e.names)
        if e not in home.cache:
            try:
                home.cache[e] = self._compute(e, home)
            except BallError as error:
                raise _located(error, e.expression) from error.__cause__
        return home.cache[e]

    def _compute(self, e: Node, scope: Scope) -> Number:
        if issubclass(e.kind, Symbol):
            return self._symbol(e.expression, scope)
        if issubclass(e.kind, Indexed):
            base, *places = e.args
            indices = tuple(position(self._value(place, scope), "an index") for place in places)
            return self._component(base.expression, indices, scope)
        if e.kind in ELEMENTWISE:
            return ELEMENTWISE[e.kind](*(self._value(part, scope) for part in e.args))
        if e.kind in FOLDS:
            return self._fold(e, scope)
        if issubclass(e.kind, Derivative):
            seeded, tags = self._seed(e, scope)
            return _tangent(self._value(e.args[0], seeded), tags)
        if issubclass(e.kind, Integral):
            return self._integral(e, scope)
        return constant(e.expression)

    def _symbol(self, symbol: Basic, scope: Scope) -> Number:
        value = scope.owner(symbol).bindings[symbol]
        return self._value(value, self._root) if isinstance(value, Node) else value

    def _component(self, base: Basic, indices: tuple[int, ...], scope: Scope) -> Number:
        owner = scope.owner(base)
        family = owner.bindings[base]
        if isinstance(family, SeededFamily):
            if indices == family.indices:
                return family.component
            return self._component(base, indices, owner.around)
        if not isinstance(family, Node):
            return entry(family, indices, base)
        if issubclass(family.kind, IndexedBase):
            return self._component(family.expression, indices, self._root)
        if issubclass(family.kind, Lambda):
            variables, body = family.args
            places = (variable.expression for variable in variables.args)
            bound = dict(zip(places, map(fmpq, indices), strict=True))
            return self._value(body, self._root.bind(bound))
        return self._value(family, self._root)

    # Sums, products and extrema

    def _span(self, limit: Node, scope: Scope) -> range:
        first, last = (position(self._value(end, scope), "a limit") for end in limit.args[1:])
        if last < first - 1:
            raise UndefinedError(f"a range from {first} down to {last}")
        return range(first, last + 1)

    def _fold(self, e: Node, scope: Scope) -> Number:
        body, limit = e.args
        span = self._span(limit, scope)
        index = limit.args[0].expression
        if index not in body.names and span:
            return constant_fold(e.kind, self._value(body, scope), len(span))
        return FOLDS[e.kind](self._column(body, index, span, scope))

    def _column(self, e: Node, index: Basic, span: range, scope: Scope) -> Sequence[Number]:
        """The values of an expression for each value of an index."""
        home = scope.home(e.names - {index})
        key = (e, index, span)
        if key not in home.cache:
            try:
                home.cache[key] = self._compute_column(e, index, span, home)
            except BallError as error:
                raise _located(error, e.expression) from error.__cause__
        return home.cache[key]

    def _compute_column(
        self, e: Node, index: Basic, span: range, scope: Scope
    ) -> Sequence[Number]:
        if e.expression is index:
            return [fmpq(value) for value in span]
        if index not in e.names:
            return [self._value(e, scope)] * len(span)
        if issubclass(e.kind, (Add, Mul)):
            return self._combined(e, index, span, scope)
        if issubclass(e.kind, Indexed):
            return self._components(e, index, span, scope)
        if e.kind in ELEMENTWISE:
            columns = [self._column(part, index, span, scope) for part in e.args]
            return list(map(ELEMENTWISE[e.kind], *columns))
        if issubclass(e.kind, Derivative) and not _moved(e, index):
            seeded, tags = self._seed(e, scope)
            return [_tangent(x, tags) for x in self._column(e.args[0], index, span, seeded)]
        return [self._value(e, scope.bind({index: fmpq(value)})) for value in span]

    def _combined(self, e: Node, index: Basic, span: range, scope: Scope) -> list[Number]:
        """A sum or product, with its parts that are free of the index combined once."""
        operation: Callable[..., Number] = add if issubclass(e.kind, Add) else mul
        moving = [part for part in e.args if index in part.names]
        columns = [self._column(part, index, span, scope) for part in moving]
        combined = list(columns[0])
        for column in columns[1:]:
            combined = list(map(operation, combined, column))
        fixed = [self._value(part, scope) for part in e.args if index not in part.names]
        if not fixed or not combined:
            return combined
        common = reduce(operation, fixed)
        if isinstance(combined[0], arb) and isinstance(common, fmpq):
            common = arb(common)
        return list(map(operation, repeat(common), combined))

    def _components(self, e: Node, index: Basic, span: range, scope: Scope) -> Sequence[Number]:
        base, *places = e.args
        family = scope.owner(base.expression).bindings[base.expression]
        if len(places) == 1 and places[0].expression is index:
            if isinstance(family, Node) and issubclass(family.kind, Lambda):
                variables, body = family.args
                return self._column(body, variables.args[0].expression, span, self._root)
            if isinstance(family, list) and 1 <= span.start <= span.stop <= len(family) + 1:
                return family[span.start - 1 : span.stop - 1]
        columns = (self._column(place, index, span, scope) for place in places)
        rows = [tuple(position(n, "an index") for n in row) for row in zip(*columns, strict=True)]
        if isinstance(family, list):
            return [entry(family, indices, base.expression) for indices in rows]
        return [self._component(base.expression, indices, scope) for indices in rows]

    # Derivatives and integrals

    def _seed(self, e: Node, scope: Scope) -> tuple[Scope, list[int]]:
        """A scope in which each variable of a derivative has an infinitesimal part of its own."""
        tags = []
        for variable in _variables(e):
            key = ("seed", variable)
            if key not in scope.cache:
                scope.cache[key] = self._seeded(variable, scope)
            scope = scope.cache[key]
            tags.append(scope.seeds)
        return scope, tags

    def _seeded(self, variable: Node, scope: Scope) -> Scope:
        value = Dual(scope.seeds + 1, self._value(variable, scope), numbers.ONE)
        if issubclass(variable.kind, Symbol):
            return scope.seed(variable.expression, value)
        if not issubclass(variable.kind, Indexed):
            raise UnsupportedError(f"a derivative with respect to {variable.expression}")
        base, *places = variable.args
        indices = tuple(position(self._value(place, scope), "an index") for place in places)
        return scope.seed(base.expression, SeededFamily(indices, value))

    def _integral(self, e: Node, scope: Scope) -> Number:
        body, limit = e.args
        variable, *ends = (part.expression for part in limit.args)
        if len(ends) != 2:
            raise UnsupportedError("an integral without limits")

        def evaluate(part: Basic, bound: Mapping[Basic, Any]) -> Number:
            inner = scope.bind({name(symbol): value for symbol, value in bound.items()})
            return self._value(node(part), inner)

        return integral(cast(Expr, body.expression), variable, ends, evaluate)


def _variables(derivative: Node) -> list[Node]:
    return [node(variable) for variable in derivative.expression.variables]  # type: ignore[attr-defined]


def _moved(derivative: Node, index: Basic) -> bool:
    """Whether a variable of a derivative depends on an index."""
    return any(index in variable.names for variable in _variables(derivative))


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
