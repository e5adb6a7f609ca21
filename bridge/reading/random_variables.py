"""Random variables with a joint distribution, as an author declares them:

    % porism: X, Y random with joint p(x, y)

p(x), p_X(x), p(y|x), P(X = x), H(X), H(X, Y), H(Y|X), I(X;Y) and E[f(X, Y)] mean then what they
mean in information theory.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sympy import log

from bridge.reading import nodes
from bridge.reading.distributions import Distribution, Names
from bridge.reading.drawn import drawn_in, stands
from bridge.reading.names import EVENTS
from bridge.reading.naming import index, key
from bridge.reading.questions import declare_random
from bridge.reading.scope import Defined, Family
from bridge.reading.tokens import Place, QuestionError, ReadingError
from bridge.reading.writing import text

if TYPE_CHECKING:
    from bridge.reading.expressions import Reader

ENTROPIES = ("H", "\\mathrm{H}", "\\mathbb{H}", "\\mathcal{H}", "\\mathsf{H}")
INFORMATIONS = ("I", "\\mathrm{I}", "\\mathbb{I}", "\\mathcal{I}", "\\mathrm{MI}")


@dataclass(frozen=True)
class _Argument:
    """What stands between two commas after p: of which variable it is a value, and the value."""

    value: Any
    name: str | None = None
    named: bool = False


class RandomReader:
    """Reads what is written of random variables in a reader's scope."""

    def __init__(self, reader: Reader) -> None:
        """The variables that the paper declares."""
        self.reader, self.scope = reader, reader.scope
        self.known: list[Distribution] = []
        self._refresh()

    def _refresh(self) -> None:
        """Take the joints as they are declared or defined by now, and name their margins."""
        for n, joint in enumerate(self.scope.joints):
            if n < len(self.known) and self.known[n].entry is self.scope.names[joint.name]:
                continue
            made = Distribution(self.scope, joint)
            self.known[n : n + 1] = [made]
            for name in made.letters if len(made.letters) > 1 else ():
                made.probability(made.at((name,)))

    def read(self, items: Sequence[nodes.Item], at: int) -> tuple[Any, int] | None:
        """What is read here and the position after it; None for other things."""
        if not self.scope.joints or at + 1 >= len(items):
            return None
        item, group = items[at], items[at + 1].atom
        if not isinstance(item.atom, nodes.Letter) or not isinstance(group, nodes.Group):
            return None
        if group.opener not in ("(", "[") or items[at + 1].below is not None or item.primes:
            return None
        self._refresh()
        value = self._function(item, group)
        if value is None:
            return None
        for script in (item.above, items[at + 1].above):
            value = value if script is None else value ** self.reader.row(script)
        return value, at + 2

    def recognizes(self, row: nodes.Row) -> bool:
        """Whether a row is nothing but what the joint gives a meaning, so that it is no name."""
        product = row.product
        used = set(self.scope.used)
        try:
            found = self.read(product.items, 0) if product is not None else None
        except QuestionError:
            return True
        except ReadingError:
            return False
        finally:
            self.scope.used = used
        if found is None or product is None or found[1] != len(product.items):
            return False
        return not any(
            found[0].func is getattr(d.entry, "quantity", None) for d in self.known
        ) and (not getattr(found[0], "is_Indexed", False))

    def _function(self, item: nodes.Item, group: nodes.Group) -> Any:
        name = item.atom.text  # type: ignore[union-attr]
        if item.below is None and name in (*ENTROPIES, *INFORMATIONS):
            sides = self._sides(group.row)
            if sides is not None and name in ENTROPIES and len(sides[0]) == 1:
                return self._over(sides, item.place).entropy(sides[0][0], sides[1])
            if sides is not None and name in INFORMATIONS:
                if len(sides[0]) == 1 and group.row.separators[:1] == (",",):  # I(X, Y)
                    sides = [(one,) for one in sides[0][0]], sides[1]
                if len(sides[0]) == 2:
                    (first, second), given = sides
                    return self._over(sides, item.place).information(first, second, given)
        return self._probability(item, group.row)

    # H(X, Y | Z) and I(X; Y | Z)

    def _sides(self, row: nodes.Row) -> tuple[list[Names], Names] | None:
        """The variables between semicolons, and those after a bar; None for anything else."""
        named = [self._named(cell) for cell in row.cells]
        if any(names is None for names in named) or row.separators.count("|") > 1:
            return None
        parts: list[list[str]] = [[]]
        bar = None
        for names, sign in zip(named, ("", *row.separators), strict=True):
            if sign in (";", ":", "|"):
                bar = len(parts) if sign == "|" else bar
                parts.append([])
            parts[-1] += names or ()
        before, given = (parts, []) if bar is None else (parts[:bar], parts[bar:])
        if len(given) > 1:
            return None
        return [tuple(part) for part in before], tuple(given[0]) if given else ()

    def _named(self, cell: nodes.Chain | None) -> Names | None:
        product = nodes.Row((cell,)).product
        names = tuple(text(item) for item in product.items) if product is not None else ()
        return names if names and all(self._has(name) for name in names) else None

    def _has(self, name: str) -> bool:
        return any(name in known.letters for known in self.known)

    def _over(self, sides: tuple[list[Names], Names], place: Place) -> Distribution:
        """The distribution that has all the variables."""
        self._ask_unit(place)
        return self._of([name for names in (*sides[0], sides[1]) for name in names], place)

    def _of(self, names: Iterable[str], place: Place) -> Distribution:
        asked = list(dict.fromkeys(names))
        for known in self.known:
            if all(name in known.letters for name in asked):
                self.scope.used.add(known.joint.name)
                return known
        shown = ", ".join(asked)
        said = f"what is the joint distribution of {shown}? {declare_random(asked)}"
        raise QuestionError(said, place)

    def _ask_unit(self, place: Place) -> None:
        if self.scope.asks_unit:
            raise QuestionError(
                "logarithms to several bases stand in the paper: in what are entropies? Declare "
                "it: % porism: entropies in bits, or in nats",
                place,
            )

    # p(x), p_X(x), p(y|x), P(X = x), P(X_i)

    def _probability(self, item: nodes.Item, row: nodes.Row) -> Any:
        name = item.atom.text  # type: ignore[union-attr]
        if any(sign not in (",", "|") for sign in row.separators) or row.separators.count("|") > 1:
            return None
        below = self._sides(item.below) if item.below is not None else None
        if item.below is not None and (below is None or len(below[0]) != 1):
            return None
        arguments = [self._argument(cell) for cell in row.cells]
        if below is not None:
            names = (*below[0][0], *below[1])
            if len(names) != len(arguments) or any(a is None for a in arguments):
                return None
            arguments = [replace(a, name=n) for a, n in zip(arguments, names, strict=True) if a]
        if any(a is None or a.name is None for a in arguments):
            return None
        bar = row.separators.index("|") + 1 if "|" in row.separators else len(arguments)
        of = {a.name: a.value for a in arguments[:bar] if a}
        given = {a.name: a.value for a in arguments[bar:] if a}
        if len({*of, *given}) != len(arguments):
            return None
        events = all(a.named for a in arguments if a)
        own = self.scope.names.get(key(item, below=True, above=False))
        if events and isinstance(own, Defined) and own.indices == len(arguments) == 1:
            return own.where(dict(zip(own.places, (a.value for a in arguments if a), strict=True)))
        known = self._of((*of, *given), item.place)  # type: ignore[arg-type]
        if name != known.joint.stem and not (events and name in EVENTS):
            return None
        if isinstance(own, Family) and own is not known.entry and len(own.axes) == len(arguments):
            return None
        return known.conditional(of, given) if given else known.probability(of)  # type: ignore[arg-type]

    def _argument(self, cell: nodes.Chain | None) -> _Argument | None:
        """x, x', x_i, X_i or X = x."""
        if cell is not None and [r.sign for r in cell.relations] == ["="]:
            name = self._named(nodes.Chain(cell.sums[:1]))
            found = self._argument(nodes.Chain(cell.sums[1:]))
            if name is None or len(name) != 1 or found is None:
                return None
            return _Argument(found.value, name[0], named=True)
        item = nodes.Row((cell,)).item
        if item is None or not isinstance(item.atom, nodes.Letter) or item.above is not None:
            return None
        written = item.atom.text
        by_letter = {v.letter: v.name for d in self.known for v in d.joint.variables}
        name = written if self._has(written) else by_letter.get(written)
        if name is None:
            return _Argument(index(self.scope, item))
        if item.below is None:
            named = self._has(written)
            return None if named else _Argument(index(self.scope, item), name)
        inner = item.below.item
        if inner is None or not isinstance(inner.atom, (nodes.Letter, nodes.Number)):
            return None
        return _Argument(index(self.scope, inner), name, named=self._has(written))

    # Means and divergences

    def mean(self, item: nodes.Item, row: nodes.Row) -> Any:
        """E[f(X, Y)] or E_X[f(X, Y)]: over the variables it names; None where it names none."""
        if not self.scope.joints:
            return None
        self._refresh()
        if item.below is not None:
            sides = self._sides(item.below)
            names = sides[0][0] if sides is not None and len(sides[0]) == 1 else ()
        else:
            names = tuple(n for d in self.known for n in d.letters if stands(row, n))
        if not names:
            return None
        known = self._of(names, item.place)
        letters = {v.name: v.letter for v in known.joint.variables if v.name in names}
        drawn = drawn_in(row, letters)
        left = [name for name in letters if stands(drawn, name)]
        if left:
            raise QuestionError(
                f"what values does {left[0]} take? Write a function of it, as f({left[0]})",
                item.place,
            )
        with self.scope.binding(*letters.values()):
            value = self.reader.row(drawn)
        return known.mean(known.ordered(names), value)

    def covariance(self, item: nodes.Item, first: nodes.Row, second: nodes.Row) -> Any:
        """The mean of the product less the product of the means; None where no variable stands."""
        both = nodes.row_of(*(_bracketed(row, item.place) for row in (first, second)))
        product = self.mean(item, both)
        if product is None:
            return None
        of_each = [self.mean(item, row) for row in (first, second)]
        if None in of_each:
            return None
        return product - of_each[0] * of_each[1]

    def divergence(self, row: nodes.Row) -> Any:
        """D_KL(p(x, y) || p(x) p(y)); None where what stands first is no probability."""
        product = nodes.Row(row.cells[:1]).product
        group = product.items[-1].atom if product is not None else None
        if not self.scope.joints or product is None or not isinstance(group, nodes.Group):
            return None
        arguments = [self._argument(cell) for cell in group.row.cells]
        names = [a.name for a in arguments if a is not None and a.name is not None]
        if len(product.items) != 2 or len(names) != len(arguments) or "|" in group.row.separators:
            return None
        known = self._of(names, product.items[0].place)
        letters = [known.letters[name] for name in names]
        if [a.value for a in arguments if a] != letters:
            return None
        with self.scope.binding(*map(str, letters)):
            first, second = (self.reader.row(nodes.Row((cell,))) for cell in row.cells)
        return known.summed(known.ordered(names), first * log(first / second))


def _bracketed(row: nodes.Row, place: Place) -> nodes.Item:
    return nodes.Item(nodes.Group("(", row, ")"), place=place)
