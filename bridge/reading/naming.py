"""Names with their scripts: what they are called, and which scripts are indices.

What the paper has declared or defined decides; the longest name that it knows is the one meant.
"""

from __future__ import annotations

import re
from typing import Any

from sympy import Integer

from bridge.reading import nodes
from bridge.reading.scope import Defined, Entry, Family, Scalar, Scope, index_symbol
from bridge.reading.tokens import QuestionError, ReadingError
from bridge.reading.writing import text

INDEX_LETTERS = frozenset("ijklmn")
LABELS = ("*", "\\star", "\\ast", "\\dagger")


def pieces(row: nodes.Row | None) -> list[nodes.Item] | None:
    """The single items of a script such as `ij` or `i,j`; None where it is anything else."""
    if row is None:
        return []
    found: list[nodes.Item] = []
    for cell in row.cells:
        product = nodes.Row((cell,)).product
        if product is None or any(sign not in (",", "|") for sign in row.separators):
            return None
        found += product.items
    return found


def is_label(row: nodes.Row | None) -> bool:
    """Whether a superscript names: a star, a word, something in round brackets; else a power."""
    item = row.item if row is not None else None
    if item is None:
        return False
    if isinstance(item.atom, nodes.Mark):
        return item.atom.text == "*"
    if isinstance(item.atom, nodes.Group):
        return item.atom.opener == "("
    if isinstance(item.atom, nodes.Letter):
        return item.atom.text in LABELS or item.atom.text.startswith("\\mathrm")
    return isinstance(item.atom, nodes.Words)


def key(item: nodes.Item, *, below: bool, above: bool) -> str:
    """The name of an item with some of its scripts as part of the name."""
    name = item.atom.text if isinstance(item.atom, nodes.Letter) else text(_lone(item))
    name += "'" * item.primes
    if below and item.below is not None:
        name += f"_{{{text(item.below)}}}"
    if above and item.above is not None:
        name += f"^{{{text(item.above)}}}"
    return name


def conditional(item: nodes.Item, group: nodes.Group | None = None) -> str:
    """The name of a family of one index given another, as in p(y|x), or of two that are compared
    there, as in p(y > z | x)."""
    signs = {r.sign for cell in group.row.cells if cell for r in cell.relations} if group else ()
    return key(item, below=True, above=is_label(item.above)) + f"{{{''.join(signs)}|}}"


def unmarked(name: str) -> str:
    """A name without what marks that it is of something given something else."""
    return re.sub(r"\{\w*\|\}$", "", name)


def inside(group: nodes.Group) -> list[nodes.Item | None]:
    """What stands in brackets between commas, bars and signs that compare; None for what is more
    than one thing."""
    return [
        nodes.Row((nodes.Chain((side,)),)).item if side is not None else None
        for cell in group.row.cells
        for side in (cell.sums if cell is not None and _compares(cell) else (None,))
    ]


def _compares(chain: nodes.Chain) -> bool:
    return all(relation.sign in ("succ", "prec") for relation in chain.relations)


def literal(item: nodes.Item, group: nodes.Group | None) -> str:
    """The name of what is applied to labels, as in H(X|Y): the brackets are part of it."""
    return "" if group is None else key(item, below=True, above=True) + text(group.row).join("()")


def _lone(item: nodes.Item) -> nodes.Item:
    return nodes.Item(item.atom, place=item.place)


def found(
    scope: Scope, item: nodes.Item, group: nodes.Group | None = None
) -> tuple[Entry, str, bool, bool] | None:
    """The entry of the longest known name, and which scripts belong to it: below, above."""
    for below, above in ((True, True), (True, False), (False, True), (False, False)):
        if (below and item.below is None) or (above and item.above is None):
            continue
        if not above and is_label(item.above):
            continue
        name = key(item, below=below, above=above)
        name = name if name in scope.names else unbold(name)
        if name in scope.names and (below or _has_room(scope.names[name], item, group)):
            return scope.names[name], name, below, above
    return None


def _has_room(entry: Entry, item: nodes.Item, group: nodes.Group | None) -> bool:
    """Whether a subscript may be indices of an entry: E_0(x) is another family than E(x)."""
    parts = pieces(item.below)
    if not parts:
        return True
    if any(text(part) == "0" or text(part).startswith("\\mathrm") for part in parts):
        return False
    if isinstance(entry, Defined):
        return len(parts) <= entry.indices
    if not isinstance(entry, Family) or group is None:
        return True
    called = [nodes.Row((cell,)).item for cell in group.row.cells]
    letters = all(c is not None and isinstance(c.atom, nodes.Letter) for c in called)
    return not letters or len(parts) + len(called) <= len(entry.axes)


def unbold(name: str) -> str:
    """`\\mathbf{p}` is the family whose components are `p_i`, with or without an accent."""
    return re.sub(r"\\mathbf\{(\w)\}", r"\1", name)


def index(scope: Scope, item: nodes.Item) -> Any:
    """The index that an item is.

    Raises:
        ReadingError: It is none.
    """
    if isinstance(item.atom, nodes.Number) and not (item.below or item.above):
        if item.atom.text.isdigit() and int(item.atom.text) >= 1:
            return Integer(int(item.atom.text))
    if isinstance(item.atom, nodes.Mark) and scope.bare is not None:
        return scope.bare
    if isinstance(item.atom, nodes.Letter) and not item.above:
        name = key(item, below=True, above=False)
        entry = scope.names.get(name)
        if name not in scope.bound and isinstance(entry, Scalar) and not entry.symbol.is_integer:
            asked = f"{text(item)} is a number and no index: is this a function beside a family?"
            raise QuestionError(asked, item.place)
        return scope.bound.get(name, index_symbol(name))
    raise ReadingError(f"{text(item)} is no index that I read", item.place)


def looks_like_indices(scope: Scope, row: nodes.Row | None) -> bool:
    """Whether every piece of a subscript is an index by what is known or by its letter."""
    parts = pieces(row)
    if not parts:
        return False
    return all(
        isinstance(part.atom, nodes.Letter)
        and (scope.is_index(key(part, below=True, above=False)) or part.atom.text in INDEX_LETTERS)
        for part in parts
    )
