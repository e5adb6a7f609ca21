"""The project's own symbols: `conventions porism`, and the catalogue read back as it is printed.

A topic's notation is what its statements are made of: their quantities, recognized by the
templates that print them, and their symbols and families. T is 1/beta where only beta is
written, as the printer leaves it out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from sympy import Eq, Ge, Gt, Indexed, IndexedBase, KroneckerDelta, Lambda, Le, Lt, Pow, S
from sympy.core.relational import Relational

from bridge.reading import nodes
from bridge.reading.expressions import Reader
from bridge.reading.naming import found, index, key
from bridge.reading.notation import BARE, Bindings, Mismatch, match
from bridge.reading.parsing import parse
from bridge.reading.scope import Defined, Family, Scope, index_symbol
from bridge.reading.tokens import ReadingError, tokens
from bridge.reading.topic import INDICES, Notation, Vocabulary, vocabulary
from bridge.reading.writing import text
from formal.functions import Subset
from formal.quantity import Quantity, unfold
from formal.strings import (
    StringSum,
    StringSymbol,
    WordSum,
    vocabulary_size,
)
from formal.symbols import T, V, beta

RELATIONS: dict[str, Any] = {"=": Eq, "<=": Le, "<": Lt, ">=": Ge, ">": Gt}


class ConventionReader(Reader):
    """Reads expressions in the notation of a topic."""

    def __init__(
        self, scope: Scope, words: Vocabulary, default_t: Any, own: frozenset[str]
    ) -> None:
        """A scope with the names of the topic, what T is where it is left out, and the names
        that the paper introduces itself."""
        super().__init__(scope)
        self.own = own
        self.words, self.default_t = words, default_t
        self.names._filled = self._filled  # type: ignore[method-assign]

    def unit(self, items: Sequence[nodes.Item], at: int) -> tuple[Any, int]:
        """The quantity that is written at a position, or what else is read there."""
        notations = () if self._is_own(items[at]) else self.words.notations
        for notation in notations:
            try:
                bound, power = match(items, at, notation.items, bare=self.scope.bare is not None)
                value, after, power = self._quantity(notation, bound, items, at, power)
            except (Mismatch, ReadingError, TypeError, ValueError):
                continue
            return (value if power is None else Pow(value, self.row(power))), after
        for special in (self._string_value, self._string_sum):
            try:
                read = special(items, at)
            except Mismatch:
                read = None
            if read is not None:
                return read
        return super().unit(items, at)

    def _is_own(self, item: nodes.Item) -> bool:
        """Whether the paper itself declares or defines the name that stands here."""
        if not isinstance(item.atom, nodes.Letter):
            return False
        known = found(self.scope, item)
        return known is not None and (known[1] in self.own or isinstance(known[0], Defined))

    def recognizes(self, row: nodes.Row) -> bool:
        """Whether a row is nothing but a quantity of the topic: no name to define."""
        product = row.product
        if product is None:
            return False
        for notation in self.words.notations:
            try:
                match(product.items, 0, notation.items, bare=False)
            except Mismatch:
                continue
            return len(notation.items) == len(product.items) and not self._is_own(product.items[0])
        return super().recognizes(row)

    def _filled(self, entry: Family, indices: list[Any]) -> list[Any]:
        """The indices of a family with the one that a mean leaves out."""
        bare = self.scope.bare
        taken = {self.words.places.get((entry.base, str(i))) for i in indices}
        place = next((n for n in range(len(entry.axes)) if n not in taken), 0)
        return [*indices[:place], bare, *indices[place:]]

    def _quantity(
        self,
        notation: Notation,
        bound: Bindings,
        items: Sequence[nodes.Item],
        at: int,
        power: nodes.Row | None,
    ) -> tuple[Any, int, nodes.Row | None]:
        parameters = notation.quantity.parameters
        arguments = [self.default_t if p == T else p for p in parameters]
        for hole, row in bound.items():
            arguments[hole - 1] = self._argument(parameters[hole - 1], row)
        after = at + len(notation.items)
        rest = [n for n in range(len(parameters)) if n + 1 not in bound]
        for opener in "[(":
            group = items[after] if after < len(items) and power is None else None
            if group is None or not isinstance(group.atom, nodes.Group) or group.below:
                continue
            if group.atom.opener == opener and self._overrides(group.atom.row, opener):
                kind = [
                    n for n in rest if isinstance(parameters[n], IndexedBase) == (opener == "[")
                ]
                changed = self._override(notation.quantity, arguments, kind, group.atom.row)
                if changed is not None:
                    arguments, after, power = changed, after + 1, group.above
        return notation.quantity(*arguments), after, power

    def _overrides(self, row: nodes.Row, opener: str) -> bool:
        """Whether brackets after a quantity are arguments: families in square brackets, numbers
        made of nothing but numbers and symbols in round ones."""
        if opener == "[" or set(row.separators) == {","}:
            return True
        if self._is_index(row):
            return True
        if any(cell is None for cell in row.cells):
            return False
        try:
            values = [self.row(nodes.Row((cell,))) for cell in row.cells]
        except ReadingError:
            return False
        return not any(v.has(Indexed, Quantity) or _has_index(v) for v in values)

    def _override(
        self, quantity: type[Quantity], arguments: list[Any], rest: Sequence[int], row: nodes.Row
    ) -> list[Any] | None:
        """The arguments with those in brackets in their places, each in the first that it fits;
        None where they fit nowhere."""
        parameters, changed = quantity.parameters, list(arguments)
        wanted = sorted(rest, key=lambda n: _rank(quantity, parameters[n]))
        for cell in row.cells:
            inside = nodes.Row((cell,))
            place = next((n for n in wanted if self._fits(quantity, parameters[n], inside)), None)
            if place is None:
                return None
            wanted.remove(place)
            try:
                changed[place] = self._argument(parameters[place], inside)
            except (Mismatch, ReadingError):
                return None
        return changed

    def _fits(self, quantity: type[Quantity], parameter: Any, row: nodes.Row) -> bool:
        """Whether what is written has as many indices as a family that it stands for."""
        if not isinstance(parameter, IndexedBase) and self._is_index(row) != bool(
            parameter.is_integer
        ):
            return False
        entry = self._family(row)
        rank = _rank(quantity, parameter)
        return rank < 2 or (entry is not None and rank in entry.ranks)

    def _is_index(self, row: nodes.Row) -> bool:
        """Whether a row is one letter of an index."""
        letter = row.item.atom if row.item is not None else None
        return isinstance(letter, nodes.Letter) and self.scope.is_index(letter.text)

    def _family(self, row: nodes.Row) -> Family | None:
        item = row.item
        entry = self.scope.names.get(key(item, below=True, above=True)) if item else None
        return entry if isinstance(entry, Family) else None

    def _argument(self, parameter: Any, row: Any) -> Any:
        left_out = row in (BARE,)
        if left_out and isinstance(parameter, (IndexedBase, StringSymbol)):
            raise Mismatch  # only an index is left out
        if isinstance(parameter, Subset):
            entry = self._family(row)
            if entry is None:
                return self._chosen(row)
            if not isinstance(entry.base, Subset):
                raise Mismatch
            return entry.base
        if isinstance(parameter, IndexedBase):
            entry = self._family(row)
            return entry.base if entry is not None else self._constant_or_family(row)
        if isinstance(parameter, StringSymbol):
            return self.string(row)
        if left_out:
            return self.scope.bare
        if parameter.is_integer and row.item is not None:
            try:
                return index(self.scope, row.item)
            except ReadingError:
                return self.row(row)
        return self.row(row)

    def _chosen(self, row: nodes.Row) -> Lambda:
        """The tokens that a rule chooses, as top-k does: a quantity that is 0 or 1.

        Raises:
            Mismatch: It is none.
        """
        try:
            found = self.family(row)
        except ReadingError:
            raise Mismatch from None
        value: Any = unfold(found.expr) if isinstance(found.expr, Quantity) else S.Zero
        if not any(isinstance(one, KroneckerDelta) for one in (value, S.One - value)):
            raise Mismatch
        return found

    def _constant_or_family(self, row: nodes.Row) -> Lambda:
        """A family; one of which all components are equal, such as 1/V, has no index."""
        try:
            return self.family(row)
        except ReadingError:
            value = self.row(row)
            if value.has(Indexed, Quantity):
                raise
            return Lambda(index_symbol("i"), value)

    # Strings

    def string(self, row: nodes.Row) -> Any:
        """A concatenation of words and strings.

        Raises:
            Mismatch: Something in it is neither.
        """
        product = row.product
        if product is None:
            raise Mismatch
        result: Any = S.One
        for item in product.items:
            name = text(item)
            if name == "\\varnothing":
                continue
            if name not in self.words.strings:
                raise Mismatch
            result *= self.words.strings[name]
        return result

    def _string_value(self, items: Sequence[nodes.Item], at: int) -> tuple[Any, int] | None:
        """P_L(s t), the value of a function of strings."""
        item = items[at]
        plain = isinstance(item.atom, nodes.Letter) and at + 1 < len(items)
        base = self.words.functions.get(key(item, below=True, above=True)) if plain else None
        group = items[at + 1].atom if plain else None
        if base is None or not isinstance(group, nodes.Group):
            return None
        cells = [nodes.Row((cell,)) for cell in group.row.cells]
        return base[tuple(map(self.string, cells))], at + 2

    def _string_sum(self, items: Sequence[nodes.Item], at: int) -> tuple[Any, int] | None:
        """A sum over all strings, or over the words."""
        item = items[at]
        chain = item.below.lone if item.below is not None else None
        if not isinstance(item.atom, nodes.Big) or chain is None:
            return None
        over = text(chain.sums[-1])
        if [r.sign for r in chain.relations] != ["in"] or over not in ("W", "W^{*}"):
            return None
        operator = WordSum if over == "W" else StringSum
        bound = self.string(nodes.Row((nodes.Chain(chain.sums[:1]),)))
        return operator(self.product(items[at + 1 :]), bound), len(items)


def _rank(quantity: type[Quantity], family: Any) -> int:
    """How many indices a family has in the definition of a quantity."""
    body: Any = unfold(quantity.body)
    return max((len(e.args) - 1 for e in body.atoms(Indexed) if e.args[0] == family), default=1)


def _has_index(value: Any) -> bool:
    return any(s.is_integer and s.name in INDICES for s in value.free_symbols)


def read_statement(
    written: str, topic: str, renamed: Mapping[str, str] | None = None
) -> Relational:
    """The claim that a statement's LaTeX makes, in the notation of its topic.

    `renamed` are the names that were printed in another form.

    Raises:
        ReadingError: It is not a relation in that notation.
        ValueError: There is no such topic.
    """
    found, _ = tokens(written, topic)
    chain = parse(found).lone
    if chain is None or len(chain.relations) != 1 or chain.relations[0].sign not in RELATIONS:
        raise ReadingError("this is not one relation", found[0].place)
    reader = convention_reader(Scope(), topic, written, renamed)
    left, right = (reader.sum(side) for side in chain.sums)
    return RELATIONS[chain.relations[0].sign](left, right, evaluate=False)


def convention_reader(
    scope: Scope, topic: str, written: str, renamed: Mapping[str, str] | None = None
) -> ConventionReader:
    """A reader in the notation of a topic for a text; what its scope knows already is kept.

    Where the text has beta and no T, T is 1/beta.

    Raises:
        ValueError: There is no such topic.
    """
    words = vocabulary(topic, renamed)
    own = frozenset(scope.names)
    bases = [e.base for e in scope.names.values() if isinstance(e, Family)]
    free = [h for h in words.hypotheses if not any(h.has(base) for base in bases)]
    scope.hypotheses += free
    scope.names = {**words.names, **scope.names}
    letters = {letter: V for letter in INDICES if letter not in words.names}
    scope.ranges = {**letters, "in W": vocabulary_size, **scope.ranges}
    temperature, inverse = (
        re.search(rf"{re.escape(w)}(?![a-zA-Z])", written) for w in words.letters
    )
    default_t: Any = 1 / beta if inverse and not temperature else T
    return ConventionReader(scope, words, default_t, own)
