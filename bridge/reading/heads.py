"""The left side of a definition: what name it would define, with which indices and arguments."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bridge.reading import nodes
from bridge.reading.means import (
    COVARIANCES,
    DIVERGENCES,
    DIVERGENT,
    ENTROPIES,
    EXPECTATIONS,
    VARIANCES,
)
from bridge.reading.naming import (
    INDEX_LETTERS,
    conditional,
    found,
    inside,
    is_label,
    key,
    literal,
    pieces,
    unbold,
    unmarked,
)
from bridge.reading.scope import Defined, Family, Scalar, Scope, Size, UnknownName
from bridge.reading.tokens import Place
from bridge.reading.writing import text


@dataclass(frozen=True)
class Head:
    """The left side of a definition: a name, its indices, and its arguments in brackets."""

    name: str
    indices: tuple[str, ...]
    arguments: tuple[tuple[str, str], ...]  # kind and letter
    place: Place


def head(scope: Scope, left: nodes.Row, right: nodes.Row) -> Head | None:
    """What an equation would define by its left side; None where that is no name alone."""
    product = left.product
    if product is not None and isinstance(product.items[0].atom, nodes.Function):
        return _function_head(scope, product.items)
    if product is None or not isinstance(product.items[0].atom, nodes.Letter):
        return None
    item, *others = product.items
    if len(others) > 1 or item.atom.text in ("\\partial", "\\mathrm{d}"):  # type: ignore[union-attr]
        return None
    if item.primes and _is_derivative(scope, item, others):
        return None
    above = is_label(item.above) or _is_family(scope, item.above)
    mean = item.atom.text == "E" and item.below is not None and bool(others)  # type: ignore[union-attr]
    if mean or item.atom.text in EXPECTATIONS:  # type: ignore[union-attr]
        return None
    if item.above is not None and not above:
        return None if others else _squared_head(scope, item)
    group = others[0].atom if others else None
    if others and not _is_brackets(others[0]):
        return None
    known = isinstance(group, nodes.Group) and literal(item, group) in scope.names
    if isinstance(group, nodes.Group) and (known or _are_labels(scope, group, right)):
        return Head(literal(item, group), (), (), item.place)
    letters = _indices(scope, item, right)
    if isinstance(group, nodes.Group) and group.row.separators == ("|",):
        called = _letters(group)
        if called is None or letters:
            return None
        return Head(conditional(item, group), tuple(called[::-1]), (), item.place)
    name = key(item, below=letters is None, above=above)
    indices, arguments = list(letters or ()), []
    if isinstance(group, nodes.Group):
        called = _letters(group)
        if called is None:
            return None
        kinds = [_kind(scope, letter, right) for letter in called]
        if _is_common(item):
            unknown = [letter for letter in called if letter not in scope.names]
            if not unknown:
                return None  # a claim about what everybody means by it
            if not scope.inferring:
                raise UnknownName(unknown[0], item.place)
        if set(kinds) == {"number"} and any(_is_defined(scope, letter) for letter in called):
            kinds, called = [], []  # Z(beta), where beta is 1/T: what it depends on
        if "family" not in kinds and isinstance(scope.names.get(name), Family) and not indices:
            if set(kinds) == {"number"}:  # O(T) beside a family O_i
                return Head(literal(item, group), (), (), item.place)
        if set(kinds) == {"index"}:
            indices += called
        else:
            arguments = list(zip(kinds, called, strict=True))
    if len(set(indices)) < len(indices):
        return None
    return Head(name, tuple(indices), tuple(arguments), item.place)


def _function_head(scope: Scope, items: tuple[nodes.Item, ...]) -> Head | None:
    """The head of a function of one's own such as ln_q x."""
    item, *others = items
    if len(others) != 1 or item.below is None or item.above is not None:
        return None
    inside = others[0].atom
    called = _letters(inside) if isinstance(inside, nodes.Group) else [text(others[0])]
    if called is None or len(called) != 1 or called[0] == text(item.below):
        return None
    name = text(nodes.Item(item.atom, item.below, place=item.place))
    return Head(name, (), (("number", called[0]),), item.place)


def is_vector(scope: Scope, left: nodes.Row) -> bool:
    """Whether a bold name without an index stands alone, whose components have a name.

    Raises:
        UnknownName: They have none yet, and may be given one later.
    """
    item = left.item
    if item is None or not isinstance(item.atom, nodes.Letter) or item.below or item.above:
        return False
    name = unbold(item.atom.text)
    if name == item.atom.text or item.atom.text in scope.names:
        return False
    entry = scope.names.get(name)
    if entry is None and not scope.inferring:
        raise UnknownName(name, item.place)
    return isinstance(entry, Family) or (isinstance(entry, Defined) and entry.indices == 1)


def _is_family(scope: Scope, script: nodes.Row | None) -> bool:
    """Whether a superscript is a family, as in V^pi; a power is a number."""
    item = script.item if script is not None else None
    if item is None or not isinstance(item.atom, nodes.Letter) or item.below or item.above:
        return False
    names = (item.atom.text, conditional(item))
    return any(isinstance(scope.names.get(name), Family) for name in names)


def _squared_head(scope: Scope, item: nodes.Item) -> Head | None:
    """The head of a square whose root has no name: Delta E^2 is one symbol then."""
    power = item.above.item if item.above is not None else None
    bare = nodes.Item(item.atom, item.below, None, item.primes, place=item.place)
    square = power is not None and power.atom == nodes.Number("2") and item.below is None
    if not square or item.primes or found(scope, bare) is not None:
        return None
    name = key(item, below=True, above=True)
    if name not in scope.names and not scope.inferring:
        raise UnknownName(name, item.place)  # its root may be defined later
    return Head(name, (), (), item.place)


def _is_derivative(scope: Scope, item: nodes.Item, others: list[nodes.Item]) -> bool:
    """Whether a prime after a name is a derivative: of a function of the number in brackets."""
    bare = nodes.Item(item.atom, item.below, item.above, place=item.place)
    known = found(scope, bare)
    return known is not None and isinstance(known[0], Defined) and bool(others)


def _are_labels(scope: Scope, group: nodes.Group, right: nodes.Row) -> bool:
    """Whether brackets hold names that mean nothing here, such as those of random variables."""
    called = _letters(group)
    if called is None or any(letter in scope.names or scope.is_index(letter) for letter in called):
        return False
    variables = {letter for letter in called if letter.isupper()} - _beside(right)
    return not (set(called) - variables) & letters_of(right)


def _beside(node: Any) -> set[str]:
    """The letters that stand in a formula elsewhere than in subscripts: p_X(x) is of x."""
    return {
        item.atom.text
        for items in _products(node, scripts=False)
        for item in items
        if isinstance(item.atom, nodes.Letter)
    }


def letters_of(node: Any) -> set[str]:
    """Every letter in a node, as it stands without its scripts."""
    return {
        item.atom.text
        for items in _products(node)
        for item in items
        if isinstance(item.atom, nodes.Letter)
    }


def _is_common(item: nodes.Item) -> bool:
    """Whether a name has a meaning that papers need not define: a divergence, an entropy."""
    name = item.atom.text  # type: ignore[union-attr]
    below = text(item.below)
    common = (*ENTROPIES, *DIVERGENCES, *VARIANCES, *COVARIANCES)
    return (name in common and not below) or (name in DIVERGENT and "KL" in below)


def _is_defined(scope: Scope, letter: str) -> bool:
    return isinstance(scope.names.get(letter), Defined)


def _is_brackets(item: nodes.Item) -> bool:
    plain = item.above is None and item.below is None and not item.primes
    return plain and isinstance(item.atom, nodes.Group) and item.atom.opener in ("(", "[")


def _letters(group: nodes.Group) -> list[str] | None:
    """What stands in brackets, if it is nothing but names."""
    items = inside(group)
    if any(i is None or not isinstance(i.atom, nodes.Letter) or i.above for i in items):
        return None
    return [key(item, below=True, above=False) for item in items if item is not None]


def _indices(scope: Scope, item: nodes.Item, right: nodes.Row) -> list[str] | None:
    """The index letters of a subscript; None where it is part of the name."""
    parts = pieces(item.below)
    if not parts or any(not isinstance(part.atom, nodes.Letter) for part in parts):
        return [] if item.below is None else None
    letters = [key(part, below=True, above=False) for part in parts]
    known = scope.names.get(key(item, below=False, above=is_label(item.above)))
    if isinstance(known, Family) and len(known.axes) == len(letters):
        return letters
    if key(item, below=True, above=is_label(item.above)) in scope.names or any(
        isinstance(scope.names.get(letter), Scalar) for letter in letters
    ):
        return None
    used = script_letters(right)
    plain = all(
        letter in used or scope.is_index(letter) or letter in INDEX_LETTERS for letter in letters
    )
    return letters if plain else None


def _kind(scope: Scope, letter: str, right: nodes.Row) -> str:
    """Whether an argument of a definition is an index, a family or a number."""
    entry = scope.names.get(letter)
    family = isinstance(entry, Family) or (isinstance(entry, Defined) and entry.indices)
    if family or letter in families(right):
        return "family"
    if isinstance(entry, (Scalar, Size)) or isinstance(entry, Defined):
        return "number"
    if scope.is_index(letter) or letter in script_letters(right):
        return "index"
    return "number"


def script_letters(node: Any) -> set[str]:
    """The letters that stand in subscripts, and alone in brackets after a name; capital ones,
    as in p_X(x), say what a name is of."""
    found: set[str] = set()
    for items in _products(node):
        for n, item in enumerate(items):
            parts = pieces(item.below) if isinstance(item.atom, nodes.Letter) else None
            found |= {text(part) for part in parts or ()}
            group = items[n + 1].atom if n + 1 < len(items) else None
            if isinstance(item.atom, nodes.Letter) and isinstance(group, nodes.Group):
                if group.opener in ("(", "["):
                    found |= set(_letters(group) or ())
    return {letter for letter in found if not letter.isupper()}


def families(node: Any) -> set[str]:
    """The names that stand with an index letter as their subscript, or in brackets."""
    found: set[str] = set()
    bound = _bound(node)
    for items in _products(node):
        for n, item in enumerate(items):
            if not isinstance(item.atom, nodes.Letter):
                continue
            inside = item.below.item if item.below is not None else None
            if inside is None and n + 1 < len(items):
                group = items[n + 1].atom
                inside = group.row.item if isinstance(group, nodes.Group) else None
                letters: Any = bound
            else:
                letters = bound | INDEX_LETTERS
            if inside is not None and isinstance(inside.atom, nodes.Letter):
                if inside.atom.text in letters:
                    found.add(item.atom.text)
    return found


def _bound(node: Any) -> set[str]:
    """The letters below a sum and its like, and those that are drawn, as in E_{x ~ p}."""
    found: set[str] = set()
    for items in _products(node):
        for item in items:
            chain = item.below.lone if item.below is not None else None
            if item.below is not None and isinstance(item.atom, nodes.Big):
                found |= letters_of(item.below)
            elif chain is not None and [r.sign for r in chain.relations] == ["sim"]:
                found |= letters_of(chain.sums[0])
    return found


def _products(node: Any, *, scripts: bool = True) -> Iterator[tuple[nodes.Item, ...]]:
    """Every product inside a node; `scripts` as well, or what stands on the line alone."""
    if isinstance(node, nodes.Product):
        yield node.items
    if isinstance(node, tuple):
        for part in node:
            yield from _products(part, scripts=scripts)
    elif hasattr(node, "__dataclass_fields__") and not isinstance(node, Place):
        for name in node.__dataclass_fields__:
            if scripts or name not in ("below", "above"):
                yield from _products(getattr(node, name), scripts=scripts)


def mentions(scope: Scope, right: nodes.Row, found: Head) -> bool:
    """Whether the right side has the name in it that is to be defined."""
    name = unmarked(found.name)
    return any(
        name in (key(item, below=b, above=a) for b in (True, False) for a in (True, False))
        for items in _products(right)
        for item in items
        if isinstance(item.atom, nodes.Letter) and not _is_another(scope, item, found)
    )


def _is_another(scope: Scope, item: nodes.Item, found: Head) -> bool:
    """Whether a name with its subscript is one that is known by itself, as p_0 beside p."""
    if item.below is None:
        return False
    names = {key(item, below=True, above=is_label(item.above)), conditional(item)}
    return found.name not in names and any(name in scope.names for name in names)
