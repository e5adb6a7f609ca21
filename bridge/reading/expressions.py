"""What formulas mean: from nodes to SymPy expressions, by constructors only.

A product is read from left to right. A sum reaches to the next + or - or relation.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from sympy import (
    Abs,
    Add,
    Indexed,
    KroneckerDelta,
    Lambda,
    Mul,
    Pow,
    Rational,
    Symbol,
    exp,
    log,
    oo,
    pi,
    sqrt,
)

from bridge.reading import nodes
from bridge.reading.derivatives import BOLTZMANN, DerivativeReader
from bridge.reading.functions import FunctionReader
from bridge.reading.means import MeanReader
from bridge.reading.names import NameReader
from bridge.reading.naming import found, index, pieces
from bridge.reading.random_variables import RandomReader
from bridge.reading.scope import Scope
from bridge.reading.sums import SumReader
from bridge.reading.tokens import QuestionError, ReadingError
from bridge.reading.writing import text
from formal.functions import xlogy
from formal.quantity import unfold

MOST = 2_000  # factors that one relation may stand for
FRESH = "ijklmnabcdr"


class Reader:
    """Reads expressions in a scope."""

    def __init__(self, scope: Scope) -> None:
        """The scope says what names mean."""
        self.scope = scope
        self.left = MOST
        self.names = NameReader(self)
        self.functions = FunctionReader(self)
        self.sums = SumReader(self)
        self.means = MeanReader(self)
        self.derivatives = DerivativeReader(self)
        self.random = RandomReader(self)

    def recognizes(self, row: nodes.Row) -> bool:
        """Whether conventions say what a row is, so that it is no name to define."""
        return self.random.recognizes(row)

    # Rows, sums, products

    def row(self, row: nodes.Row) -> Any:
        """The value of what stands alone in braces or brackets."""
        found = row.sum
        if found is None:
            raise ReadingError(f"{text(row)} is no expression that I read", place_of(row))
        return self.sum(found)

    def sum(self, found: nodes.Sum) -> Any:
        """The value of a sum of products."""
        return Add(*(sign * self.product(term.items) for sign, term in found.terms))

    def product(self, items: Sequence[nodes.Item]) -> Any:
        """The value of items side by side."""
        factors: list[Any] = []
        below, at = False, 0
        while at < len(items):
            item = items[at]
            if isinstance(item.atom, nodes.Mark) and not item.above and not item.below:
                below = self._mark(item, items, at, below)
                at += 1
                continue
            value, after = self.unit(items, at)
            if below and _is_boltzmann(items, at):
                factor, after = self.unit(items, after)
                value *= factor
            if below:
                self._ask_below(items, at, after)
                value = 1 / value
            factors.append(value)
            below, at = False, after
        if not factors:
            raise ReadingError("a factor is missing here", items[0].place)
        return Mul(*_with_zeros(factors))

    def _mark(self, item: nodes.Item, items: Sequence[nodes.Item], at: int, below: bool) -> bool:
        """Whether what follows a sign between factors is divided by."""
        sign = item.atom.text  # type: ignore[union-attr]
        if sign not in ("*", "/") or below or at in (0, len(items) - 1):
            raise ReadingError(f"{text(item)} is not mathematics I read here", item.place)
        return sign == "/"

    def _ask_below(self, items: Sequence[nodes.Item], at: int, after: int) -> None:
        """Ask what a slash divides by where more than one thing follows it."""
        if after >= len(items):
            return
        following = items[after].atom
        numbers = isinstance(items[at].atom, nodes.Number) and isinstance(
            items[at - 2].atom, nodes.Number
        )
        if not numbers and not isinstance(following, (nodes.Mark, nodes.Big, nodes.Function)):
            shown = text(nodes.Product(tuple(items[at : after + 1])))
            raise QuestionError(
                f"is {text(items[after])} under the slash in /{shown}? Use \\frac or brackets",
                items[after].place,
            )

    # One factor

    def unit(self, items: Sequence[nodes.Item], at: int) -> tuple[Any, int]:
        """The value of the factor at a position, and the position after it."""
        self.left -= 1
        if self.left < 0:
            raise ReadingError("this formula stands for more than can be judged", items[at].place)
        for reader in (self.derivatives, self.random, self.means):
            found = reader.read(items, at)
            if found is not None:
                return found
        item = items[at]
        match item.atom:
            case nodes.Letter():
                return self._letter(items, at)
            case nodes.Function():
                return self.functions.read(items, at)
            case nodes.Big():
                return self.sums.read(items, at)
            case nodes.Words(said):
                raise ReadingError(f"the words {said!r} stand in a formula", item.place)
            case _:
                return self._raised(self.closed(item), item), at + 1

    def closed(self, item: nodes.Item) -> Any:
        """The value of an atom that needs nothing around it, without its power."""
        match item.atom:
            case nodes.Number(written):
                return Rational(Fraction(written))
            case nodes.Fraction(top, bottom):
                return self.row(top) / self.row(bottom)
            case nodes.Root(body, degree):
                return sqrt(self.row(body)) if degree is None else self._root(body, degree)
            case nodes.Group(opener, row, closer):
                return self._group(opener, row, closer, item)
        raise ReadingError(f"{text(item)} is not mathematics I read", item.place)

    def _root(self, body: nodes.Row, degree: nodes.Row) -> Any:
        return Pow(self.row(body), 1 / self.row(degree))

    def _group(self, opener: str, row: nodes.Row, closer: str, item: nodes.Item) -> Any:
        if opener == "|" and closer == "|":
            size = self.scope.ranges.get(f"in {text(row)}")
            return Abs(self.row(row)) if size is None else size
        if (opener, closer) in (("(", ")"), ("[", "]"), ("{", "}"), ("\\{", "\\}")):
            return self.row(row)
        raise ReadingError(f"{text(item)} is not mathematics I read", item.place)

    def _raised(self, value: Any, item: nodes.Item) -> Any:
        """The value to the power that is written at its item."""
        if item.primes or item.below is not None:
            raise ReadingError(f"{text(item)} is not mathematics I read", item.place)
        return value if item.above is None else Pow(value, self.row(item.above))

    def _letter(self, items: Sequence[nodes.Item], at: int) -> tuple[Any, int]:
        item = items[at]
        name = item.atom.text  # type: ignore[union-attr]
        if name == "e" and item.above is not None and item.below is None:
            return exp(self.row(item.above)), at + 1
        if name in ("\\dots", "\\ldots", "\\cdots"):
            raise ReadingError("dots stand for terms that are not written", item.place)
        if name == "\\infty":
            return oo, at + 1
        if name == "\\pi" and "\\pi" not in self.scope.names and item.below is None:
            if not (at + 1 < len(items) and _may_be_argument(items[at + 1].atom)):
                return self._raised(pi, item), at + 1
        if name == "\\delta" and item.below is not None and name not in self.scope.names:
            sides = self._delta(item.below)
            if sides is not None:
                return KroneckerDelta(*sides), at + 1
        return self.names.read(items, at)

    def _delta(self, row: nodes.Row) -> list[Any] | None:
        """The two indices, or the two numbers, that a Kronecker delta compares."""
        parts = pieces(row) or []
        if len(parts) == 2 and not any(_known(self.scope, part) for part in parts):
            return [index(self.scope, part) for part in parts]
        if len(row.cells) == 2:
            return [self.row(nodes.Row((cell,))) for cell in row.cells]
        return None

    # Families

    def family(self, row: nodes.Row) -> Lambda:
        """A family written without its index, or with the one index that is free in it.

        Raises:
            QuestionError: It has several, or none.
        """
        letter = self.fresh(row)
        with self.scope.binding(letter) as (bound,), self.scope.filling(bound):
            value = self.row(row)
        if bound not in value.free_symbols:
            bound = self.free_index(value, place_of(row))
        return Lambda(bound, value)

    def free_index(self, value: Any, place: Any) -> Symbol:
        """The one index of families in an expression that nothing binds yet."""
        taken = set(self.scope.bound.values())
        free = {
            argument
            for node in value.atoms(Indexed)
            for argument in node.args[1:]
            if isinstance(argument, Symbol) and argument not in taken
        }
        free |= self.free_quantity_indices(value) - taken
        free &= value.free_symbols
        if len(free) != 1:
            raise QuestionError("over which index is this a family?", place)
        return free.pop()

    def free_quantity_indices(self, value: Any) -> set[Symbol]:
        """The indices at which quantities of the paper stand in an expression."""
        return self.scope.quantity_indices(value)

    def fresh(self, row: nodes.Row) -> str:
        """A letter for an index that occurs nowhere in what it will bind."""
        written = text(row)
        taken = {letter for letter in FRESH if letter in written}
        taken |= set(self.scope.bound)
        return next((letter for letter in FRESH if letter not in taken), "i'")

    def same_by_definition(self, value: Any, arguments: Sequence[Any]) -> bool:
        """Whether a value is defined by nothing but one of some parameters, as beta is by T."""
        unfolded: Any = unfold(value)
        return any(
            isinstance(a, Symbol) and unfolded.free_symbols == {a} and value != a
            for a in arguments
        )


def _may_be_argument(atom: nodes.Atom) -> bool:
    """Whether pi before this might be a function of it: pi(a | s) or pi(x), and not pi (1 - x)."""
    if not isinstance(atom, nodes.Group):
        return False
    found = atom.row.sum
    return found is None or len(found.terms) == 1


def _known(scope: Scope, item: nodes.Item) -> bool:
    """Whether a piece of a subscript is a number that the paper knows, not an index."""
    return isinstance(item.atom, nodes.Letter) and found(scope, item) is not None


def _is_boltzmann(items: Sequence[nodes.Item], at: int) -> bool:
    """Whether Boltzmann's constant and a temperature begin here: k_B T is one thing."""
    if at + 1 >= len(items) or not isinstance(items[at].atom, nodes.Letter):
        return False
    temperature = items[at + 1].atom
    plain = nodes.Item(items[at].atom, items[at].below, place=items[at].place)
    return text(plain) in BOLTZMANN and isinstance(temperature, nodes.Letter)


def place_of(row: nodes.Row) -> Any:
    """Where a row begins; the place of its first item."""
    for cell in row.cells:
        if cell is not None:
            return cell.sums[0].terms[0][1].items[0].place
    raise ValueError("an empty row has no place")


def _with_zeros(factors: list[Any]) -> list[Any]:
    """p ln p is 0 at p = 0, as everybody writes it: where p may be zero, as x ln y."""
    for n, factor in enumerate(factors):
        if isinstance(factor, log):
            for m, other in enumerate(factors):
                may_vanish = isinstance(other, Indexed) and other.is_positive is not True
                if may_vanish and other.is_nonnegative and factor.has(other):
                    rest = [f for k, f in enumerate(factors) if k not in (n, m)]
                    return [*rest, xlogy(other, factor.args[0])]
    return factors
