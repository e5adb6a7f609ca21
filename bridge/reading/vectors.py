"""Families as vectors: norms, inner products, indicators of an index."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sympy import Abs, KroneckerDelta, sqrt

from bridge.reading import nodes
from bridge.reading.naming import found, index, pieces
from bridge.reading.tokens import ReadingError
from bridge.reading.writing import text
from formal.functions import Subset

if TYPE_CHECKING:
    from bridge.reading.means import MeanReader


class VectorReader:
    """Reads norms and their like; the reader of means gives their sums."""

    def __init__(self, means: MeanReader) -> None:
        """Vectors of a reader's scope."""
        self.means, self.reader, self.scope = means, means.reader, means.scope

    def norm(self, item: nodes.Item, row: nodes.Row) -> Any:
        """The Euclidean norm of a family, or that of absolute values, with its power."""
        family = self.reader.family(row)
        kind = text(item.below) or "2"
        if kind == "1":
            value = self.means.over(family, Abs, item.place)
        elif kind == "2":
            value = sqrt(self.means.over(family, lambda x: x**2, item.place))
        else:
            raise ReadingError(f"{text(item)} is not a norm that I read", item.place)
        return value if item.above is None else value ** self.reader.row(item.above)

    def inner_product(self, items: Sequence[nodes.Item], at: int) -> tuple[Any, int]:
        """The sum of the products of two families, x^T y."""
        item = items[at]
        if at + 1 >= len(items):
            raise ReadingError(f"{text(item)} of what?", item.place)
        left = nodes.Item(item.atom, item.below, place=item.place)
        letter = self.reader.fresh(nodes.row_of(*items[at:]))
        with self.scope.binding(letter) as (bound,), self.scope.filling(bound):
            first, _ = self.reader.unit((left,), 0)
            second, after = self.reader.unit(items, at + 1)
        return self.means.total(first, second, bound, item.place), after

    def indicator(self, items: Sequence[nodes.Item], at: int) -> tuple[Any, int]:
        """1 where two indices are equal."""
        item = items[at]
        row, after = item.below, at + 1
        if row is None and after < len(items) and isinstance(items[after].atom, nodes.Group):
            row, after = items[after].atom.row, after + 1  # type: ignore[union-attr]
        inside = row.item if row is not None else None
        if inside is not None and isinstance(inside.atom, nodes.Group):
            row = inside.atom.row
        chain = row.lone if row is not None else None
        if chain is not None and [relation.sign for relation in chain.relations] == ["in"]:
            return self._member(item, chain), after
        if chain is None or [relation.sign for relation in chain.relations] != ["="]:
            raise ReadingError(f"{text(item)} is not an indicator that I read", item.place)
        sides = [nodes.Row((nodes.Chain((side,)),)).item for side in chain.sums]
        if None in sides:
            raise ReadingError(f"{text(item)} is not an indicator that I read", item.place)
        return KroneckerDelta(*(index(self.scope, side) for side in sides)), after  # type: ignore[arg-type]

    def _member(self, item: nodes.Item, chain: nodes.Chain) -> Any:
        """1 where an index lies in a subset."""
        element, subset = (nodes.Row((nodes.Chain((side,)),)) for side in chain.sums)
        entry = found(self.scope, subset.item) if subset.item is not None else None
        parts = pieces(element)
        known = entry is not None and isinstance(getattr(entry[0], "base", None), Subset)
        if not known or not parts:
            raise ReadingError(f"{text(item)} is not an indicator that I read", item.place)
        return entry[0].base[tuple(index(self.scope, part) for part in parts)]  # type: ignore[index, union-attr]
