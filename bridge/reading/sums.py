"""Operators over an index: sums, products, maxima and minima; and integrals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sympy import Integer, Integral, KroneckerDelta, Max, Min, Product, Sum, Symbol

from bridge.reading import nodes
from bridge.reading.naming import key, pieces
from bridge.reading.tokens import Place, QuestionError, ReadingError
from bridge.reading.writing import text
from formal.symbols import Maximum, Minimum

if TYPE_CHECKING:
    from bridge.reading.expressions import Reader

OPERATORS = {"sum": Sum, "prod": Product, "max": Maximum, "min": Minimum}
Limits = tuple[list[str], Any, Any, tuple[str, str] | None]  # letters, low, high, a != b


class SumReader:
    """Reads operators and what they reach: the rest of their product."""

    def __init__(self, reader: Reader) -> None:
        """Sums of a reader's scope."""
        self.reader, self.scope = reader, reader.scope

    def read(self, items: Sequence[nodes.Item], at: int) -> tuple[Any, int]:
        """The value of the operator at a position with all that follows it."""
        item = items[at]
        name = item.atom.name  # type: ignore[union-attr]
        if name == "int":
            return self._integral(items, at)
        if name not in OPERATORS:
            raise ReadingError(f"{text(item)} is not an operator that I read", item.place)
        if at + 1 >= len(items):
            raise ReadingError(f"{text(item)} of what?", item.place)
        if name in ("max", "min"):
            listed = self._listed(items, at, name)
            if listed is not None:
                return listed
        rest = items[at + 1 :]
        if isinstance(rest[0].atom, nodes.Mark):
            rest = rest[1:]
        after = len(items)
        if name in ("max", "min") and len(rest) > 1 and isinstance(rest[0].atom, nodes.Group):
            rest, after = rest[:1], at + 2
        return self._over(item, OPERATORS[name], rest), after

    def _listed(self, items: Sequence[nodes.Item], at: int, name: str) -> tuple[Any, int] | None:
        """max(a, b), of things that are listed."""
        group = items[at + 1].atom
        if items[at].below is not None or not isinstance(group, nodes.Group):
            return None
        if set(group.row.separators) != {","}:
            return None
        values = [self.reader.row(nodes.Row((cell,))) for cell in group.row.cells]
        return (Max if name == "max" else Min)(*values), at + 2

    def _over(self, item: nodes.Item, operator: Any, rest: Sequence[nodes.Item]) -> Any:
        letters, low, high, unequal = self._limits(item)
        if not letters:
            return self._implicit(item, operator, rest)
        with self.scope.binding(*letters) as symbols:
            value = self.reader.product(rest)
            if unequal is not None:
                value *= 1 - KroneckerDelta(*map(self._letter_symbol, unequal))
        for letter, symbol in list(zip(letters, symbols, strict=True))[::-1]:
            end = high if high is not None else self._end(letter, symbol, value, item.place)
            self.scope.set_axis(value, symbol, end)
            value = operator(value, (symbol, low, end))
        return value

    def _letter_symbol(self, letter: str) -> Symbol:
        from bridge.reading.scope import index_symbol

        return self.scope.bound.get(letter, index_symbol(letter))

    def _implicit(self, item: nodes.Item, operator: Any, rest: Sequence[nodes.Item]) -> Any:
        """A sum that does not say over what: over the one index that is free in it."""
        value = self.reader.product(rest)
        symbol = self.reader.free_index(value, item.place)
        end = self._end(str(symbol), symbol, value, item.place)
        self.scope.set_axis(value, symbol, end)
        return operator(value, (symbol, 1, end))

    def _end(self, letter: str, symbol: Symbol, value: Any, place: Place) -> Any:
        """How far an index runs of which the operator does not say it."""
        known = self.scope.axis(value, symbol)
        if known is None:
            known = self.scope.ranges.get(letter)
        return known if known is not None else self.scope.default_size(letter, place)

    # Limits

    def _limits(self, item: nodes.Item) -> Limits:
        below = item.below
        if below is None:
            return [], Integer(1), None, None
        chain = below.lone
        if chain is not None and len(chain.relations) == 1:
            return self._related(item, chain)
        parts = pieces(below)
        if parts is None or item.above is not None:
            raise ReadingError(f"the limits of {text(item)} are not ones that I read", item.place)
        return [self._letter(part) for part in parts], Integer(1), None, None

    def _related(self, item: nodes.Item, chain: nodes.Chain) -> Limits:
        left = nodes.Row((nodes.Chain(chain.sums[:1]),))
        right = nodes.Row((nodes.Chain(chain.sums[1:]),))
        letters = [self._letter(part) for part in pieces(left) or []]
        if not letters:
            raise ReadingError(f"the limits of {text(item)} are not ones that I read", item.place)
        sign = chain.relations[0].sign
        if sign == "=" and len(letters) == 1 and item.above is not None:
            return letters, self.reader.row(right), self._size(item.above), None
        if sign == "in":
            name = text(right)
            size = self._of_set(name, letters[0])
            return letters, Integer(1), size, None
        if sign == "!=" and len(letters) == 1 and right.item is not None:
            other = self._letter(right.item)
            both = [letters[0]] if other in self.scope.bound else [letters[0], other]
            if other not in self.scope.bound and self.scope.bound:
                both = [letters[0]]
            return both, Integer(1), None, (letters[0], other)
        raise ReadingError(f"the limits of {text(item)} are not ones that I read", item.place)

    def _of_set(self, name: str, letter: str) -> Any:
        """The size of a set that an index runs over: that of the index, where it is declared."""
        known = self.scope.ranges.get(f"in {name}") or self.scope.ranges.get(letter)
        if known is None:
            known = self.scope.size(f"|{name}|") if self.scope.sizes() else self.scope.size("V")
        self.scope.ranges[f"in {name}"] = known
        return known

    def _size(self, row: nodes.Row) -> Any:
        """The end of a range: a number or the name of a size."""
        item = row.item
        if item is not None and isinstance(item.atom, nodes.Number):
            return Integer(int(item.atom.text))
        if (
            item is not None
            and isinstance(item.atom, nodes.Letter)
            and item.atom.text != "\\infty"
        ):
            name = key(item, below=True, above=False)
            from bridge.reading.scope import Scalar

            entry = self.scope.names.get(name)
            if isinstance(entry, Scalar):
                raise QuestionError(f"is {name} a number or how many there are?", item.place)
            return self.scope.size(name)
        return self.reader.row(row)

    def _letter(self, item: nodes.Item) -> str:
        if not isinstance(item.atom, nodes.Letter) or item.above is not None:
            raise ReadingError(f"{text(item)} is no index that I read", item.place)
        return key(item, below=True, above=False)

    # Integrals

    def _integral(self, items: Sequence[nodes.Item], at: int) -> tuple[Any, int]:
        item = items[at]
        rest = items[at + 1 :]
        ends = [
            n
            for n, other in enumerate(rest[:-1])
            if isinstance(other.atom, nodes.Letter) and other.atom.text in ("d", "\\mathrm{d}")
        ]
        if not ends or item.below is None or item.above is None:
            raise ReadingError("an integral without limits, or without d of something", item.place)
        place = ends[-1]
        name = rest[place + 1]
        if not isinstance(name.atom, nodes.Letter):
            raise ReadingError("an integral over what?", item.place)
        low, high = self.reader.row(item.below), self.reader.row(item.above)
        variable = self.reader.row(nodes.row_of(name))
        if not isinstance(variable, Symbol):
            raise QuestionError(f"is {text(name)} a free variable of integration?", name.place)
        body: Any = self.reader.product(rest[:place]) if place else Integer(1)
        return Integral(body, (variable, low, high)), at + 1 + place + 2
