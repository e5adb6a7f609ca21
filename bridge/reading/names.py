"""The values of names: which of their scripts and of the brackets after them are arguments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sympy import Add, Expr, Lambda, Mul, Pow, Symbol

from bridge.reading import nodes
from bridge.reading.naming import (
    conditional,
    found,
    index,
    inside,
    is_label,
    key,
    literal,
    looks_like_indices,
    pieces,
)
from bridge.reading.questions import declare_random
from bridge.reading.scope import (
    Defined,
    Entry,
    Family,
    Scalar,
    Size,
    index_symbol,
)
from bridge.reading.tokens import QuestionError, ReadingError
from bridge.reading.writing import text
from formal.quantity import unfold

if TYPE_CHECKING:
    from bridge.reading.expressions import Reader

EVENTS = ("P", "\\mathrm{P}", "\\mathbb{P}", "\\mathrm{Pr}", "\\mathcal{P}")


class NameReader:
    """Reads a name at a place of a product, with the brackets that it is applied to."""

    def __init__(self, reader: Reader) -> None:
        """Names of a reader's scope."""
        self.reader, self.scope = reader, reader.scope

    def read(self, items: Sequence[nodes.Item], at: int) -> tuple[Expr, int]:
        """The value of the name at a position, its power included, and the position after it."""
        item = items[at]
        group = self._brackets(items, at + 1)
        letter = key(item, below=True, above=False)
        if self.scope.is_index(letter) and letter not in self.scope.names and group is None:
            value: Any = self.scope.bound.get(letter, index_symbol(letter))
            return (value if item.above is None else value ** self.reader.row(item.above)), at + 1
        split = self._difference(items, at)
        if split is not None:
            return split
        label = literal(item, group)
        if label in self.scope.names:
            entry = self.scope.names[label]
            assert isinstance(entry, Defined)
            value = entry.quantity(*entry.quantity.parameters)
            return self._powered(value, items[at + 1]), at + 2
        if (at_value := self._parametric(item)) is not None:
            return at_value, at + 1
        if group is not None and group.row.separators == ("|",):
            known = self._conditional(item, group)
        else:
            known = found(self.scope, item, group) or self._inferred(item, group)
        entry, name, below, above = known
        self.scope.used.add(name)
        indices = [] if below else self._indices(item)
        value, after = self._applied(entry, name, indices, items, at)
        if after > at + 1:
            value = self._powered(value, items[after - 1])
        if item.above is None or above:
            return value, after
        if after > at + 1:
            raise QuestionError(
                f"is the power in {text(item)} that of the function or of its value?", item.place
            )
        return value ** self.reader.row(item.above), after

    def _powered(self, value: Any, brackets: nodes.Item) -> Any:
        """A value to the power that stands at the brackets of its arguments, as in f(x)^2."""
        if brackets.below is not None or brackets.primes:
            raise ReadingError(f"{text(brackets)} is not mathematics I read", brackets.place)
        return value if brackets.above is None else value ** self.reader.row(brackets.above)

    def _parametric(self, item: nodes.Item) -> Expr | None:
        """H_2, where H_alpha was defined: its value at 2."""
        entry, place = self.scope.parametric.get(item.atom.text, (None, 0))  # type: ignore[union-attr]
        inside = item.below.item if item.below is not None else None
        number = inside is not None and isinstance(inside.atom, nodes.Number)
        if entry is None or not number or entry.indices or entry.kinds:
            return None
        if key(item, below=True, above=False) in self.scope.names:
            return None
        value = entry.where({place: self.reader.row(item.below)})  # type: ignore[arg-type]
        return value if item.above is None else value ** self.reader.row(item.above)

    def _difference(self, items: Sequence[nodes.Item], at: int) -> tuple[Expr, int] | None:
        """Delta times a name, where Delta is a name by itself."""
        item = items[at]
        name = item.atom.text  # type: ignore[union-attr]
        alone = nodes.Item(nodes.Letter("\\Delta"), place=item.place)
        if not name.startswith("\\Delta ") or found(self.scope, alone) is None:
            return None
        if found(self.scope, item) is not None:
            return None
        rest = nodes.Letter(name.removeprefix("\\Delta "))
        other = nodes.Item(rest, item.below, item.above, item.primes, place=item.place)
        first, _ = self.read((alone,), 0)
        second, after = self.reader.unit((other, *items[at + 1 :]), 0)
        return first * second, at + after

    def _brackets(self, items: Sequence[nodes.Item], at: int) -> nodes.Group | None:
        if at < len(items) and isinstance(items[at].atom, nodes.Group):
            group = items[at].atom
            if isinstance(group, nodes.Group) and group.opener in ("(", "["):
                return group
        return None

    def _conditional(self, item: nodes.Item, group: nodes.Group) -> tuple[Entry, str, bool, bool]:
        """What p(y|x) is; it is another family than p(x)."""
        above = is_label(item.above)
        name = conditional(item, group)
        if name not in self.scope.names:
            self.scope.infer(name, len(inside(group)), item.place)
        return self.scope.names[name], name, True, above

    def _indices(self, item: nodes.Item) -> list[Any]:
        parts = pieces(item.below)
        if parts is None:
            raise ReadingError(f"{text(item.below)} is no index that I read", item.place)
        return [index(self.scope, part) for part in parts]

    def _inferred(self, item: nodes.Item, group: nodes.Group | None) -> Any:
        """An entry for a name that is not introduced: indexed if its scripts are indices."""
        above = is_label(item.above)
        plain = looks_like_indices(self.scope, item.below)
        if item.below is None and group is not None and self._is_call(group):
            name = key(item, below=False, above=above)
            return self.scope.infer(name, len(group.row.cells), item.place), name, False, above
        if plain:
            name, rank = key(item, below=False, above=above), len(pieces(item.below) or ())
            return self.scope.infer(name, rank, item.place), name, False, above
        name = key(item, below=True, above=above)
        called = group.row.item if group is not None and group.opener == "(" else None
        if called is not None and isinstance(called.atom, nodes.Letter) and self.scope.inferring:
            asked = f"is {name} a function of {text(called)}, or a factor?"
            letter = called.atom.text
            if name in EVENTS and letter.isupper():
                raise QuestionError(f"{asked} {declare_random([letter])}", item.place)
            declared = f"% porism: {name}({text(called)}) = ..., or {name} real"
            raise QuestionError(f"{asked} Declare it: {declared}", item.place)
        return self.scope.infer(name, 0, item.place), name, True, above

    def _is_call(self, group: nodes.Group) -> bool:
        """Whether brackets hold nothing but indices."""
        parts = [nodes.Row((cell,)).item for cell in group.row.cells]
        if group.row.separators and set(group.row.separators) <= {"|", ","}:
            return all(part is not None for part in parts)
        return all(
            part is not None
            and isinstance(part.atom, nodes.Letter)
            and self.scope.is_index(part.atom.text)
            for part in parts
        )

    # What brackets after a name mean

    def _applied(
        self, entry: Entry, name: str, indices: list[Any], items: Sequence[nodes.Item], at: int
    ) -> tuple[Any, int]:
        group = self._brackets(items, at + 1)
        item = items[at]
        match entry:
            case Scalar() | Size():
                if indices:
                    raise QuestionError(
                        f"is {name} a number or a family with an index?", item.place
                    )
                if group is not None and group.row.separators:
                    raise QuestionError(f"what is {name} as a function?", item.place)
                return entry.symbol, at + 1
            case Family():
                return self._component(entry, name, indices, group, item, at)
            case Defined():
                return self._defined(entry, name, indices, group, item, at)

    def _component(
        self, entry: Family, name: str, indices: list[Any], group: Any, item: nodes.Item, at: int
    ) -> tuple[Any, int]:
        rank, after = len(entry.axes), at + 1
        if len(indices) < rank and group is not None and self._fits(group, rank - len(indices)):
            indices = [*indices, *self._called(group)]
            after += 1
        if len(indices) == rank - 1 and self.scope.bare is not None:
            indices = self._filled(entry, indices)
        if not indices and group is None and name in self.scope.means:
            return self.reader.row(self.scope.means[name]), after
        if len(indices) != rank and len(indices) not in entry.ranks:
            raise QuestionError(
                f"is {name} a number or a family? It has {rank} "
                f"{'index' if rank == 1 else 'indices'} where it was introduced"
                + self._instead(name, indices, group),
                item.place,
            )
        return entry.base[tuple(indices)], after

    def _instead(self, name: str, indices: list[Any], group: nodes.Group | None) -> str:
        """What else a family's name may stand for that has too many indices, or none."""
        if not indices and group is None:
            return f"; its mean? Declare it: % porism: {name} = <{name}>"
        called = [text(part) for part in inside(group) if part] if group is not None else []
        if not indices and len(called) > 1 and all(len(c) == 1 and c.islower() for c in called):
            return f"; of random variables? {declare_random([c.upper() for c in called])}"
        return ""

    def _filled(self, entry: Family, indices: list[Any]) -> list[Any]:
        """The indices with that of the mean at the one place that its range fits."""
        bare = self.scope.bare
        if len(entry.axes) == 1:
            return [bare]
        return [bare, *indices]

    def _fits(self, group: nodes.Group, count: int) -> bool:
        parts = inside(group)
        return len(parts) == count and None not in parts

    def _called(self, group: nodes.Group) -> list[Any]:
        parts = [index(self.scope, part) for part in inside(group) if part is not None]
        return parts[::-1] if group.row.separators == ("|",) else parts

    def _defined(
        self, entry: Defined, name: str, indices: list[Any], group: Any, item: nodes.Item, at: int
    ) -> tuple[Any, int]:
        arguments = list(entry.quantity.parameters)
        after = at + 1
        if len(indices) < entry.indices and group is not None:
            if self._fits(group, entry.indices - len(indices)):
                indices = [*indices, *self._called(group)]
                group, after = None, after + 1
        if len(indices) == entry.indices - 1 and self.scope.bare is not None:
            indices = [*indices, self.scope.bare]
        if len(indices) != entry.indices:
            raise QuestionError(
                f"is {name} a number or a family? It was defined with {entry.indices} indices",
                item.place,
            )
        for place, value in zip(entry.places, indices, strict=False):
            arguments[place] = value
        if group is not None:
            after = self._arguments(entry, name, arguments, group, item, after)
        elif entry.kinds and any(kind == "family" for kind in entry.kinds):
            raise QuestionError(f"what is {name} of here?", item.place)
        return entry.quantity(*arguments), after

    def _arguments(
        self,
        entry: Defined,
        name: str,
        arguments: list[Any],
        group: nodes.Group,
        item: nodes.Item,
        after: int,
    ) -> int:
        """Put what stands in brackets in its places; the position after the brackets."""
        cells = group.row.cells
        if entry.kinds:
            if len(cells) != len(entry.kinds):
                raise QuestionError(
                    f"{name} was defined with {len(entry.kinds)} arguments", item.place
                )
            places = entry.places[entry.indices :]
            for kind, place, cell in zip(entry.kinds, places, cells, strict=True):
                row = nodes.Row((cell,))
                arguments[place] = self._argument(kind, row)
            return after + 1
        return self._dependence(entry, name, arguments, group, item, after)

    def _argument(self, kind: str, row: nodes.Row) -> Any:
        if kind == "family":
            return self.reader.family(row)
        if kind == "index" and row.item is not None:
            return index(self.scope, row.item)
        return self.reader.row(row)

    def _dependence(
        self,
        entry: Defined,
        name: str,
        arguments: list[Any],
        group: nodes.Group,
        item: nodes.Item,
        after: int,
    ) -> int:
        """Brackets after a quantity that was defined without: what it depends on, or its value
        elsewhere; anything but one plain name or number in them is a factor."""
        numbers = [n for n, p in enumerate(entry.quantity.parameters) if _is_scalar(p)]
        inside = group.row.item
        if inside is None or not isinstance(inside.atom, (nodes.Letter, nodes.Number)):
            if group.row.separators:
                raise QuestionError(f"what is {name} as a function?", item.place)
            if not _is_variable(entry) and self._mentions(entry, group):
                raise QuestionError(
                    f"is {name} applied to these brackets, or multiplied by them?", item.place
                )
            return after
        value = self.reader.row(group.row)
        if any(arguments[n] == value for n in numbers) or self.reader.same_by_definition(
            value, [arguments[n] for n in numbers]
        ):
            return after + 1
        if len(numbers) != 1:
            raise QuestionError(f"on what does {name} depend in these brackets?", item.place)
        arguments[numbers[0]] = value
        return after + 1

    def _mentions(self, entry: Defined, group: nodes.Group) -> bool:
        """Whether what stands in brackets is made of what the quantity depends on."""
        try:
            value = self.reader.row(group.row)
        except ReadingError:
            return True
        numbers = {p for p in entry.quantity.parameters if _is_scalar(p)}
        product = group.row.product
        return product is not None and bool(numbers & value.free_symbols)


def _is_variable(entry: Defined) -> bool:
    """Whether a quantity is but another number, as beta = 1/(k T): nobody evaluates it elsewhere,
    and brackets after it are a factor."""
    body: Any = unfold(entry.quantity.body)
    return all(map(_is_scalar, entry.quantity.parameters)) and (
        isinstance(body, (Mul, Pow)) and not body.has(Add)
    )


def _is_scalar(parameter: Any) -> bool:
    return (
        isinstance(parameter, Symbol)
        and not isinstance(parameter, Lambda)
        and not (parameter.is_integer)
    )
