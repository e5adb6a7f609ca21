"""The typed nodes that the grammar yields: what is written, before it is known what it means."""

from __future__ import annotations

from dataclasses import dataclass, field

from bridge.reading.tokens import Place


@dataclass(frozen=True)
class Letter:
    """A name as it is written: `p`, `\\beta`, `\\mathrm{KL}`, `\\hat{p}`, or a hole `#1`."""

    text: str


@dataclass(frozen=True)
class Number:
    """A number as it is written."""

    text: str


@dataclass(frozen=True)
class Function:
    """A function that is written without brackets: ln, exp, cos."""

    name: str


@dataclass(frozen=True)
class Big:
    """An operator over what follows: sum, prod, int, max, min, and those that are not read."""

    name: str


@dataclass(frozen=True)
class Mark:
    """A sign between factors: `*`, `/` or `!`."""

    text: str


@dataclass(frozen=True)
class Fraction:
    """One thing over another."""

    top: Row
    bottom: Row


@dataclass(frozen=True)
class Root:
    """A root, of a degree if one is written."""

    body: Row
    degree: Row | None


@dataclass(frozen=True)
class Group:
    """What stands in brackets; `{` where braces only group."""

    opener: str
    row: Row
    closer: str


@dataclass(frozen=True)
class Words:
    """Text inside mathematics."""

    text: str


Atom = Letter | Number | Function | Big | Mark | Fraction | Root | Group | Words


@dataclass(frozen=True)
class Item:
    """An atom with what is below and above it, and its primes."""

    atom: Atom
    below: Row | None = None
    above: Row | None = None
    primes: int = 0
    place: Place = field(compare=False, kw_only=True)


@dataclass(frozen=True)
class Product:
    """Items side by side."""

    items: tuple[Item, ...]


@dataclass(frozen=True)
class Sum:
    """Products with their signs."""

    terms: tuple[tuple[int, Product], ...]


@dataclass(frozen=True)
class Relation:
    """A sign of a relation: `=`, `<=`, `in`, ..."""

    sign: str
    place: Place = field(compare=False)


@dataclass(frozen=True)
class Chain:
    """Sums with relations between them; a lone sum has none."""

    sums: tuple[Sum, ...]
    relations: tuple[Relation, ...] = ()


@dataclass(frozen=True)
class Row:
    """Chains between commas, semicolons, colons and bars; None where nothing stands."""

    cells: tuple[Chain | None, ...]
    separators: tuple[str, ...] = ()

    @property
    def lone(self) -> Chain | None:
        """The only chain, or None."""
        return self.cells[0] if len(self.cells) == 1 else None

    @property
    def sum(self) -> Sum | None:
        """The only sum, or None."""
        chain = self.lone
        return chain.sums[0] if chain is not None and not chain.relations else None

    @property
    def product(self) -> Product | None:
        """The only product, without a sign before it, or None."""
        found = self.sum
        if found is None or len(found.terms) != 1 or found.terms[0][0] != 1:
            return None
        return found.terms[0][1]

    @property
    def item(self) -> Item | None:
        """The only item, or None."""
        found = self.product
        return found.items[0] if found is not None and len(found.items) == 1 else None


def row_of(*items: Item) -> Row:
    """The row that is a product of items."""
    return Row((Chain((Sum(((1, Product(items)),)),)),))
