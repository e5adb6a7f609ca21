"""Notations as patterns: the printed form of a quantity, with holes for its arguments.

The catalogue prints a quantity by a template such as `D_{\\mathrm{KL}}(#1 \\,\\|\\, #2)`. The same
template, parsed, is the pattern by which the quantity is recognized: what is printed is what is
read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from bridge.reading import nodes
from bridge.reading.parsing import parse
from bridge.reading.tokens import Place, tokens

Bindings = dict[int, Any]
BARE = "bare"  # what a hole is bound to whose index is left out


class Mismatch(Exception):
    """Items do not have the form of a pattern."""


def pattern(template: str) -> tuple[nodes.Item, ...]:
    """The items of a template."""
    product = parse(tokens(template, "a template")[0]).product
    assert product is not None, template
    return product.items


def match(
    items: Sequence[nodes.Item], at: int, wanted: Sequence[nodes.Item], *, bare: bool
) -> tuple[Bindings, nodes.Row | None]:
    """What the holes of a pattern stand for at a position, and the power that is written there.

    Raises:
        Mismatch: Something else stands there.
    """
    if at + len(wanted) > len(items):
        raise Mismatch
    found = _Match(bare)
    last = len(wanted) - 1
    power = None
    for n, want in enumerate(wanted):
        power = found.item(want, items[at + n], may_have_power=n == last)
    return found.bindings, power


class _Match:
    """Compares items with those of a pattern, and notes what the holes stand for."""

    def __init__(self, bare: bool) -> None:
        self.bindings: Bindings = {}
        self.bare = bare

    def bind(self, hole: int, value: Any) -> None:
        if self.bindings.setdefault(hole, value) != value:
            raise Mismatch

    def item(
        self, want: nodes.Item, item: nodes.Item, *, may_have_power: bool
    ) -> nodes.Row | None:
        hole = _hole(want.atom)
        if hole is not None:
            self.bind(hole, row_of(nodes.Item(item.atom, primes=item.primes, place=item.place)))
        else:
            self.atom(want.atom, item.atom)
            if want.primes != item.primes:
                raise Mismatch
        self.row(want.below, item.below)
        if want.above is None and may_have_power:
            return item.above
        self.row(want.above, item.above)
        return None

    def atom(self, want: nodes.Atom, atom: nodes.Atom) -> None:
        if isinstance(want, nodes.Group) and isinstance(atom, nodes.Group):
            if (want.opener, want.closer) != (atom.opener, atom.closer):
                raise Mismatch
            self.row(want.row, atom.row)
        elif (
            isinstance(want, nodes.Letter) and isinstance(atom, nodes.Letter) and "#" in want.text
        ):
            before, hole, after = re.split(r"#(\d)", want.text)
            name = atom.text.removeprefix(before).removesuffix(after)
            if atom.text != before + name + after:
                raise Mismatch
            place = Place("", 1, 1)
            self.bind(int(hole), row_of(nodes.Item(nodes.Letter(name), place=place)))
        elif want != atom:
            raise Mismatch

    def row(self, want: nodes.Row | None, row: nodes.Row | None) -> None:
        if want is None and row is None:
            return
        if want is None:
            raise Mismatch
        lone = want.item
        hole = _hole(lone.atom) if lone is not None and not (lone.below or lone.above) else None
        if hole is not None and (row is None or row.cells == (None,)):
            self.left_out(hole)
            return
        if row is None:
            raise Mismatch
        if hole is not None:
            self.bind(hole, row)
            return
        if want.separators != row.separators:
            raise Mismatch
        for a, b in zip(want.cells, row.cells, strict=True):
            self.chain(a, b)

    def chain(self, want: nodes.Chain | None, chain: nodes.Chain | None) -> None:
        if want is not None and chain is None:
            lone = nodes.Row((want,)).item
            if lone is not None and _hole(lone.atom) is not None:
                return self.left_out(_hole(lone.atom))
        if want is None or chain is None:
            if want is not chain:
                raise Mismatch
            return
        if want.relations != chain.relations or len(want.sums) != len(chain.sums):
            raise Mismatch
        for a, b in zip(want.sums, chain.sums, strict=True):
            self.sum(a, b)

    def sum(self, want: nodes.Sum, found: nodes.Sum) -> None:
        product = want.terms[0][1]
        hole = _hole(product.items[0].atom) if len(want.terms) == len(product.items) == 1 else None
        if hole is not None and product.items[0].below is None:
            self.bind(hole, nodes.Row((nodes.Chain((found,)),)))
            return
        if [s for s, _ in want.terms] != [s for s, _ in found.terms]:
            raise Mismatch
        for (_, a), (_, b) in zip(want.terms, found.terms, strict=True):
            self.items(a.items, b.items)

    def items(self, want: Sequence[nodes.Item], items: Sequence[nodes.Item]) -> None:
        want = list(want)
        if len(want) == len(items) + 1:
            place = next((n for n, w in enumerate(want) if _hole(w.atom) is not None), None)
            if place is None:
                raise Mismatch
            self.left_out(_hole(want.pop(place).atom))
        if len(want) != len(items):
            raise Mismatch
        for a, b in zip(want, items, strict=True):
            hole = _hole(a.atom)
            if hole is not None and a.below is None and a.above is None:
                self.bind(hole, row_of(b))
            else:
                self.item(a, b, may_have_power=False)

    def left_out(self, hole: int | None) -> None:
        if not self.bare or hole is None:
            raise Mismatch
        self.bind(hole, BARE)


def _hole(atom: nodes.Atom) -> int | None:
    if isinstance(atom, nodes.Letter) and atom.text[0] == "#":
        return int(atom.text[1:])
    return None


def row_of(*items: nodes.Item) -> nodes.Row:
    """Items as a row."""
    return nodes.Row((nodes.Chain((nodes.Sum(((1, nodes.Product(items)),)),)),))
