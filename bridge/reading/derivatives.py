"""Derivatives as they are written: dF/dT, a fraction of partials, an operator before what it
acts on, a subscript of partial, a prime.

A derivative is of all that a quantity depends on through its definition. By a symbol that the
paper defines, as beta = 1/T, the chain rule gives it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sympy import Derivative, Indexed, Symbol, diff

from bridge.reading import nodes
from bridge.reading.naming import found
from bridge.reading.scope import Defined, Family, Scalar
from bridge.reading.sizes import unfolded
from bridge.reading.tokens import QuestionError, ReadingError
from bridge.reading.writing import text
from formal.quantity import Quantity

if TYPE_CHECKING:
    from bridge.reading.expressions import Reader

SIGNS = ("\\partial", "d", "\\mathrm{d}")
MOST = 12  # the order of a derivative
BOLTZMANN = ("k", "k_{B}", "k_{\\mathrm{B}}")


class DerivativeReader:
    """Reads derivatives in a reader's scope."""

    def __init__(self, reader: Reader) -> None:
        """Derivatives of a reader's scope."""
        self.reader, self.scope = reader, reader.scope
        self.operand: Symbol | None = None

    def read(self, items: Sequence[nodes.Item], at: int) -> tuple[Any, int] | None:
        """The derivative at a position and the position after it; None where there is none."""
        item = items[at]
        match item.atom:
            case nodes.Fraction(top, bottom):
                return self._fraction(items, at, top, bottom)
            case nodes.Letter("\\partial") if item.below is not None:
                return self._subscript(items, at)
            case nodes.Letter(name) if name in SIGNS:
                return self._slashed(items, at)
            case nodes.Letter() if item.primes:
                return self._primed(items, at)
            case nodes.Group("(", row, _) if item.below is not None:
                return self._held(row, item, at)
        return None

    def _fraction(
        self, items: Sequence[nodes.Item], at: int, top: nodes.Row, bottom: nodes.Row
    ) -> tuple[Any, int] | None:
        sign = -1 if top.sum is not None and top.sum.terms[0][0] < 0 else 1
        above = top.sum.terms[0][1] if top.sum and len(top.sum.terms) == 1 else None
        below = bottom.product
        if above is None or below is None or not _starts(above.items) or not _starts(below.items):
            return None
        if above.items[0].atom != below.items[0].atom:
            return None
        variables = self._variables(below.items)
        self._check_order(above.items[0], len(variables))
        value, after = self._target(above.items[1:], items, at + 1)
        value = sign * self._derivative(value, variables, items[at])
        if items[at].above is not None:
            value = value ** self.reader.row(items[at].above)  # type: ignore[arg-type]
        return value, after

    def _slashed(self, items: Sequence[nodes.Item], at: int) -> tuple[Any, int] | None:
        """dF/dT in one line."""
        for n in range(at + 1, len(items) - 2):
            slash = items[n].atom
            if isinstance(slash, nodes.Mark) and slash.text == "/":
                if items[n + 1].atom != items[at].atom:
                    return None
                variables = self._variables(items[n + 1 : n + 3])
                self._check_order(items[at], len(variables))
                value, after = self._target(items[at + 1 : n], items, n + 3)
                return self._derivative(value, variables, items[at]), after
        return None

    def _subscript(self, items: Sequence[nodes.Item], at: int) -> tuple[Any, int]:
        item = items[at]
        assert item.below is not None
        variable = self.reader.row(item.below)
        order = 1
        if item.above is not None:
            order = self._order(item)
        value, after = self._target((), items, at + 1)
        return self._derivative(value, [variable] * order, item), after

    def _primed(self, items: Sequence[nodes.Item], at: int) -> tuple[Any, int] | None:
        item = items[at]
        if found(self.scope, item) is not None or not self.scope.inferring:
            return None
        bare = nodes.Item(item.atom, item.below, item.above, place=item.place)
        known = found(self.scope, bare)
        if known is None or not isinstance(known[0], Defined):
            return None
        numbers = [p for p in known[0].quantity.parameters if _is_number(p)]
        if len(numbers) != 1:
            raise QuestionError(f"by what does {text(item)} differentiate?", item.place)
        rest = list(items[at + 1 :])
        power = rest[0].above if rest and isinstance(rest[0].atom, nodes.Group) else None
        if power is not None:  # of the derivative
            rest[0] = nodes.Item(rest[0].atom, rest[0].below, place=rest[0].place)
        value, after = self.reader.names.read([bare, *rest], 0)
        if power is not None and after == 1:
            return None
        by = value.args[known[0].quantity.parameters.index(numbers[0])]
        if by != numbers[0]:
            raise ReadingError("a derivative at another point is not read", item.place)
        value = self._derivative(value, [by] * item.primes, item)
        return value if power is None else value ** self.reader.row(power), at + after

    def _held(self, row: nodes.Row, item: nodes.Item, at: int) -> tuple[Any, int] | None:
        """A derivative in brackets, with what is held fixed as a subscript."""
        product = row.product
        first = product.items[0].atom if product is not None else None
        if product is None or not isinstance(first, nodes.Fraction) or item.primes:
            return None
        if self._fraction(product.items, 0, first.top, first.bottom) is None:
            return None
        value = self.reader.row(row)
        return value if item.above is None else value ** self.reader.row(item.above), at + 1

    # Equations of operators

    def acted_on(self, *rows: nodes.Row) -> Symbol | None:
        """The variable by which every term of some rows differentiates, if none says what.

        An equation of such operators of the first order, as d/dx = 2 d/dy, holds for everything
        that depends on the variable if it holds for the variable itself.
        """
        variables = [self._last(term) for row in rows if row.sum for _, term in row.sum.terms]
        first = variables[0] if variables and all(row.sum for row in rows) else None
        return first if isinstance(first, Symbol) and set(variables) == {first} else None

    def _last(self, term: nodes.Product) -> Any:
        """What the operator at the end of a term differentiates by, once; else None."""
        *_, item = term.items
        fraction = item.atom
        if not isinstance(fraction, nodes.Fraction) or item.above is not None:
            return None
        above, below = fraction.top.item, fraction.bottom.product
        if above is None or below is None or not _starts((above,)) or not _starts(below.items):
            return None
        if above.above is not None or above.atom != below.items[0].atom:
            return None
        variables = self._variables(below.items)
        return self._base(variables[0], item)[0] if len(variables) == 1 else None

    @contextmanager
    def acting(self, operand: Symbol | None) -> Iterator[None]:
        """Let derivatives of nothing be those of a variable."""
        outer, self.operand = self.operand, operand
        try:
            yield
        finally:
            self.operand = outer

    # What is differentiated, and by what

    def _target(
        self, inside: Sequence[nodes.Item], items: Sequence[nodes.Item], after: int
    ) -> tuple[Any, int]:
        """What stands over the line, or else all that follows."""
        if inside:
            return self.reader.product(inside), after
        rest = list(items[after:])
        if not rest and self.operand is not None:
            return self.operand, after
        if not rest:
            raise ReadingError("the derivative of what?", items[-1].place)
        if isinstance(rest[0].atom, nodes.Group) and rest[0].atom.opener == "(":
            rest[0] = nodes.Item(rest[0].atom, None, rest[0].above, place=rest[0].place)
        if isinstance(rest[0].atom, nodes.Group) and rest[0].atom.opener in ("(", "[", "\\{"):
            if len(rest) > 1:
                shown = text(rest[1])
                raise QuestionError(f"is {shown} differentiated as well?", rest[1].place)
        return self.reader.product(rest), len(items)

    def _variables(self, items: Sequence[nodes.Item]) -> list[Any]:
        """The variables below the line, each as often as its order says."""
        found: list[Any] = []
        at = 0
        while at < len(items):
            if not _starts(items[at:]) or at + 1 >= len(items):
                raise ReadingError(f"{text(items[at])} is not differentiated by", items[at].place)
            item = items[at + 1]
            order = self._order(item) if item.above is not None else 1
            plain = nodes.Item(item.atom, item.below, None, item.primes, place=item.place)
            variable, used = self.reader.names.read((plain, *items[at + 2 :]), 0)
            found += [variable] * order
            at += 1 + used
        return found

    def _order(self, item: nodes.Item) -> int:
        assert item.above is not None
        order = self.reader.row(item.above)
        if not (order.is_Integer and 1 <= order <= MOST):
            raise ReadingError(f"{text(item)}: the order must be a small number", item.place)
        return int(order)

    def _check_order(self, item: nodes.Item, order: int) -> None:
        above = 1 if item.above is None else self._order(item)
        if above != order:
            raise QuestionError(
                f"is this derivative of order {above}, as above, or {order}, as below?", item.place
            )

    def _derivative(self, target: Any, variables: Sequence[Any], item: nodes.Item) -> Any:
        for variable in variables:
            base, factor = self._base(variable, item)
            self._check_dependence(target, base, variable, item)
            target = factor * Derivative(target, base, evaluate=False)
        return target

    def _base(self, variable: Any, item: nodes.Item) -> tuple[Any, Any]:
        """A symbol or component to differentiate by, and the factor of the chain rule."""
        if isinstance(variable, (Symbol, Indexed)):
            return variable, 1
        if not isinstance(variable, Quantity):
            raise ReadingError("a derivative is by a symbol", item.place)
        inner: Any = unfolded(variable, item.place)
        components = inner.atoms(Indexed)
        symbols = {s for s in inner.free_symbols if isinstance(s, Symbol) and not s.is_integer}
        symbols -= {s for c in components for s in c.free_symbols}
        candidates = [*components, *symbols]
        if len(candidates) > 1:  # Boltzmann's constant does not change
            candidates = [c for c in candidates if str(c) not in BOLTZMANN]
        if len(candidates) != 1:
            raise QuestionError(f"what is held fixed when {variable} changes?", item.place)
        return candidates[0], 1 / diff(inner, candidates[0])

    def _check_dependence(self, target: Any, base: Any, variable: Any, item: nodes.Item) -> None:
        """Ask where the target would not depend on the variable, or on what is not known."""
        plain: Any = unfolded(target, item.place)
        name = base.base if isinstance(base, Indexed) else base
        if not plain.has(name):
            raise QuestionError(
                f"how does what is differentiated depend on {variable}?", item.place
            )
        for entry in self.scope.names.values():
            if isinstance(entry, Scalar) and not entry.declared and entry.symbol != base:
                if plain.has(entry.symbol):
                    raise QuestionError(
                        f"does {entry.symbol} depend on {variable}? It is neither defined nor "
                        "declared",
                        item.place,
                    )
            if isinstance(entry, Family) and not entry.declared and entry.base != name:
                if plain.has(entry.base):
                    raise QuestionError(
                        f"does {entry.base} depend on {variable}? It is neither defined nor "
                        "declared",
                        item.place,
                    )


def _starts(items: Sequence[nodes.Item]) -> bool:
    """Whether items begin with the sign of a derivative."""
    if not items or not isinstance(items[0].atom, nodes.Letter):
        return False
    return items[0].atom.text in SIGNS and items[0].below is None


def _is_number(parameter: Any) -> bool:
    return isinstance(parameter, Symbol) and not parameter.is_integer
