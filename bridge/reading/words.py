"""Definitions that an author declares: taken once the names on their right have a meaning."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bridge.reading import nodes
from bridge.reading.definitions import define
from bridge.reading.expressions import Reader
from bridge.reading.heads import head
from bridge.reading.scope import Family, UnknownName
from bridge.reading.tokens import Place, Problem, ReadingError
from bridge.reading.writing import text


class Words:
    """Declared definitions that wait, since the paper may define later what they are made of."""

    def __init__(self, reader: Reader, definitions: Sequence[tuple[nodes.Row, Place]]) -> None:
        """Definitions as they are declared, with their places."""
        self.reader = reader
        self.waiting = list(definitions)

    def __len__(self) -> int:
        """How many wait."""
        return len(self.waiting)

    def take(self) -> list[Problem]:
        """Take those whose names have a meaning by now; what is wrong with them."""
        problems: list[Problem] = []
        for row, place in list(self.waiting):
            try:
                self._take(row, place)
            except UnknownName:
                continue
            except ReadingError as error:
                problems.append(Problem(place, error.message))
            self.waiting.remove((row, place))
        return problems

    def unmet(self) -> list[Problem]:
        """Those that waited in vain."""
        said = "this declaration waits for a name that the paper gives no meaning"
        return [Problem(place, f"{said}: {text(row)}") for row, place in self.waiting]

    def names(self) -> Iterator[str]:
        """The names that those which wait will define."""
        for row, place in self.waiting:
            try:
                found = head(self.reader.scope, *_sides(row, place))
            except ReadingError:
                continue
            if found is not None:
                yield found.name

    def _take(self, row: nodes.Row, place: Place) -> None:
        scope = self.reader.scope
        left, right = _sides(row, place)
        alone = left.item.atom if left.item is not None and not left.item.below else None
        if isinstance(alone, nodes.Letter) and isinstance(scope.names.get(alone.text), Family):
            scope.means[alone.text] = right  # what a family's name stands for without an index
            return
        found = head(scope, left, right)
        if found is None:
            raise ReadingError("this declaration defines no name", place)
        define(self.reader, found, right)


def _sides(row: nodes.Row, place: Place) -> tuple[nodes.Row, nodes.Row]:
    chain = row.lone
    if chain is None or [r.sign for r in chain.relations] != ["="]:
        raise ReadingError("this declaration is no definition", place)
    left, right = (nodes.Row((nodes.Chain((side,)),)) for side in chain.sums)
    return left, right
