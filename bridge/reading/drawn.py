"""Random variables inside a mean: E[ln p(X)] is the mean of ln p(x)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bridge.reading import nodes


def stands(node: Any, name: str) -> bool:
    """Whether a variable stands in a formula, elsewhere than in subscripts."""
    if isinstance(node, nodes.Item):
        if node.atom == nodes.Letter(name):
            return True
        return stands(node.atom, name) or stands(node.above, name)
    if isinstance(node, tuple):
        return any(stands(part, name) for part in node)
    parts = getattr(node, "__dataclass_fields__", ())
    return any(stands(getattr(node, part), name) for part in parts if part != "place")


def drawn_in(node: Any, letters: dict[str, str]) -> Any:
    """A formula with x for X where X stands alone between commas in brackets after a name."""
    if isinstance(node, nodes.Product):
        items: list[nodes.Item] = []
        for n, item in enumerate(node.items):
            before = node.items[n - 1].atom if n else None
            if isinstance(item.atom, nodes.Group) and isinstance(before, nodes.Letter):
                row = item.atom.row
                cells = tuple(_cell(cell, letters) for cell in row.cells)
                atom = nodes.Group(
                    item.atom.opener, nodes.Row(cells, row.separators), item.atom.closer
                )
                items.append(replace(item, atom=atom))
            else:
                items.append(drawn_in(item, letters))
        return nodes.Product(tuple(items))
    if isinstance(node, nodes.Item):
        return replace(node, atom=drawn_in(node.atom, letters))
    if isinstance(
        node, (nodes.Row, nodes.Chain, nodes.Sum, nodes.Fraction, nodes.Root, nodes.Group)
    ):
        names = node.__dataclass_fields__
        return replace(node, **{name: drawn_in(getattr(node, name), letters) for name in names})
    if isinstance(node, tuple):
        return tuple(drawn_in(part, letters) for part in node)
    return node


def _cell(cell: nodes.Chain | None, letters: dict[str, str]) -> nodes.Chain | None:
    item = nodes.Row((cell,)).item
    if item is None or not isinstance(item.atom, nodes.Letter) or item.below is not None:
        return drawn_in(cell, letters)
    letter = nodes.Letter(letters.get(item.atom.text, item.atom.text))
    return nodes.row_of(replace(item, atom=letter)).cells[0]
