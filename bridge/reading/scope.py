"""What the names of a paper stand for: numbers, families over an index, defined quantities.

Nothing is guessed: a name that is neither declared nor defined is inferred only where there is
one reading, and then listed as inferred.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sympy import Basic, IndexedBase, Symbol
from sympy.core.relational import Relational

from bridge.reading import nodes
from bridge.reading.tokens import Place, QuestionError
from bridge.reading.writing import symbol_name
from formal.quantity import Quantity
from formal.symbols import V


@dataclass
class Scalar:
    """A number: its symbol, and whether the paper declares it."""

    symbol: Symbol
    declared: bool = True


@dataclass
class Family:
    """Numbers over one or more indices, with the ends of their ranges as far as they are known.

    `ranks` are other numbers of indices that the name is used with, in the catalogue.
    """

    base: Any
    axes: list[Any]
    declared: bool = True
    ranks: frozenset[int] = frozenset()


@dataclass
class Size:
    """How many values an index has; also a number in formulas."""

    symbol: Any


@dataclass
class Defined:
    """A quantity that the paper defines: over indices, with arguments, both or neither.

    `kinds` tells of each argument in brackets whether it is an `index`, a `family` or a `number`;
    `places` are the parameters of `quantity` that they stand for, those of its indices first.
    """

    quantity: type[Quantity]
    indices: int = 0
    kinds: tuple[str, ...] = ()
    places: tuple[int, ...] = ()
    axes: list[Any] = field(default_factory=list)

    def where(self, values: Mapping[int, Any]) -> Any:
        """The quantity with some of its parameters, told by their number, replaced."""
        parameters = enumerate(self.quantity.parameters)
        return self.quantity(*(values.get(n, parameter) for n, parameter in parameters))


Entry = Scalar | Family | Size | Defined


@dataclass(frozen=True)
class Variable:
    """A random variable, and the letter of its values in its distribution: X and x."""

    name: str
    letter: str


@dataclass(frozen=True)
class Joint:
    """Random variables with a joint distribution, by the name that carries it; `stem` is the
    letter of all that follows from it, and `ends` are how many values the variables have."""

    name: str
    stem: str
    variables: tuple[Variable, ...]
    ends: tuple[Any, ...]


class UnknownName(QuestionError):
    """A name that the paper has not introduced, where names may not be inferred."""

    def __init__(self, name: str, place: Place) -> None:
        """The name and where it stands."""
        said = f"what is {name}? Define it, or declare it: % porism: {name} real"
        super().__init__(said, place)
        self.name = name


class Scope:
    """Names and what they stand for, while a paper is read from its beginning to its end."""

    def __init__(self) -> None:
        """Nothing is known yet."""
        self.names: dict[str, Entry] = {}
        self.ranges: dict[str, Any] = {}
        self.parametric: dict[str, tuple[Defined, int]] = {}
        self.hypotheses: list[Relational] = []
        self.averages: nodes.Row | None = None
        self.means: dict[str, nodes.Row] = {}  # what a family's name without index stands for
        self.operators: dict[str, tuple[str, nodes.Row]] = {}  # E_x: a sum, or a mean, over what
        self.joints: list[Joint] = []
        self.unit: Any = None  # entropies are divided by its logarithm
        self.asks_unit = False
        self.used: set[str] = set()
        self.inferred: set[str] = set()
        self.bound: dict[str, Symbol] = {}
        self.bare: Symbol | None = None
        self.inferring = False
        self.awaited: set[str] = set()

    # Indices

    @contextmanager
    def binding(self, *letters: str) -> Iterator[tuple[Symbol, ...]]:
        """Bind index letters inside."""
        outer = self.bound
        symbols = tuple(index_symbol(letter) for letter in letters)
        self.bound = {**outer, **dict(zip(letters, symbols, strict=True))}
        try:
            yield symbols
        finally:
            self.bound = outer

    @contextmanager
    def filling(self, index: Symbol | None) -> Iterator[None]:
        """Let families without their index have this one."""
        outer, self.bare = self.bare, index
        try:
            yield
        finally:
            self.bare = outer

    def is_index(self, letter: str) -> bool:
        """Whether a letter is known to be an index here."""
        return letter in self.bound or letter in self.ranges

    def sizes(self) -> list[Any]:
        """The sizes that the paper knows, each once."""
        ends = [entry.symbol for entry in self.names.values() if isinstance(entry, Size)]
        ends += [end for end in self.ranges.values() if isinstance(end, Symbol)]
        return list(dict.fromkeys(ends))

    def default_size(self, letter: str, place: Place) -> Any:
        """The end of an index's range of which nothing is said.

        Raises:
            QuestionError: There are several it might be.
        """
        known = self.sizes()
        if len(known) > 1:
            shown = ", ".join(str(size) for size in known)
            declared = f"% porism: {letter} = 1..{known[0]}"
            said = f"how far does {letter} run: {shown}? Declare it: {declared}"
            raise QuestionError(said, place)
        return known[0] if known else V

    # Names

    def size(self, name: str) -> Any:
        """The size of a name, which becomes one."""
        entry = self.names.get(name)
        if isinstance(entry, Size):
            return entry.symbol
        symbol = Symbol(symbol_name(name), integer=True, positive=True)
        self.names[name] = Size(symbol)
        return symbol

    def infer(self, name: str, rank: int, place: Place) -> Entry:
        """A real number, or a real family, for a name that is not introduced.

        Raises:
            UnknownName: Names may not be inferred now.
        """
        if not self.inferring or name in self.awaited:
            raise UnknownName(name, place)
        label = symbol_name(name)
        entry: Entry = (
            Family(IndexedBase(label, real=True), [None] * rank, declared=False)
            if rank
            else Scalar(Symbol(label, real=True), declared=False)
        )
        self.names[name] = entry
        self.inferred.add(name)
        return entry

    def axis(self, node: Any, index: Basic) -> Any:
        """The end of the range of an index, from what it is an index of; None if unknown."""
        ends = set()
        for entry, place in self._places(node, index):
            if entry.axes[place] is not None:
                ends.add(entry.axes[place])
        return ends.pop() if len(ends) == 1 else None

    def set_axis(self, node: Any, index: Basic, end: Any) -> None:
        """Note the end of an index's range with the families that it is an index of."""
        for entry, place in self._places(node, index):
            if entry.axes[place] is None:
                entry.axes[place] = end

    def quantity_indices(self, node: Any) -> set[Any]:
        """The indices at which quantities of the paper stand."""
        defined = {e.quantity: e for e in self.names.values() if isinstance(e, Defined)}
        return {
            part.args[place]
            for part in _parts(node)
            if isinstance(part, Quantity) and type(part) in defined
            for place in defined[type(part)].places[: defined[type(part)].indices]
            if isinstance(part.args[place], Symbol)
        }

    def _places(self, node: Any, index: Basic) -> Iterator[tuple[Family | Defined, int]]:
        families = {e.base: e for e in self.names.values() if isinstance(e, Family)}
        defined = {e.quantity: e for e in self.names.values() if isinstance(e, Defined)}
        for part in _parts(node):
            if isinstance(part, Quantity) and type(part) in defined:
                entry = defined[type(part)]
                for n in range(len(entry.axes)):
                    if part.args[entry.places[n]] == index:
                        yield entry, n
            elif getattr(part, "is_Indexed", False) and part.args[0] in families:  # type: ignore[attr-defined]
                entry = families[part.args[0]]  # type: ignore[index]
                for n, argument in enumerate(part.args[1:]):
                    if argument == index and n < len(entry.axes):
                        yield entry, n


def _parts(node: Any) -> Iterator[Basic]:
    yield node
    for argument in node.args:
        yield from _parts(argument)


def index_symbol(letter: str) -> Symbol:
    """The symbol of an index letter."""
    return Symbol(symbol_name(letter), integer=True, positive=True)
