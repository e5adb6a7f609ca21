"""Definitions of a paper: an equation with a new name alone on its left.

A definition becomes a quantity: its parameters are its indices, its arguments in brackets, and
all that its right side is made of, so that derivatives see through it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sympy import IndexedBase, Sum, Symbol

from bridge.reading import nodes
from bridge.reading.expressions import Reader
from bridge.reading.heads import Head
from bridge.reading.naming import unmarked
from bridge.reading.quantities import quantity_of
from bridge.reading.scope import (
    Defined,
    Family,
    Scalar,
    Scope,
    Size,
    index_symbol,
)
from bridge.reading.sizes import unfolded
from bridge.reading.tokens import QuestionError
from bridge.reading.writing import symbol_name


def averaged(left: nodes.Row, right: nodes.Row) -> nodes.Row | None:
    """The weights p where an equation says <E> = sum_i p_i E_i: what <.> averages over."""
    group = left.item.atom if left.item is not None else None
    product = right.product
    if not isinstance(group, nodes.Group) or group.opener != "<" or product is None:
        return None
    inside = group.row.item
    if inside is None or left.item.below is not None or len(product.items) != 3:  # type: ignore[union-attr]
        return None
    big, *factors = product.items
    if not isinstance(big.atom, nodes.Big) or big.atom.name != "sum":
        return None
    bare = [nodes.Item(f.atom, None, f.above, f.primes, place=f.place) for f in factors]
    if inside not in bare or any(f.below is None for f in factors):
        return None
    weights = bare[1 - bare.index(inside)]
    return nodes.Row((nodes.Chain((nodes.Sum(((1, nodes.Product((weights,))),)),)),))


def is_free(scope: Scope, found: Head) -> bool:
    """Whether a name may still be defined: nothing is made of it yet."""
    entry = scope.names.get(found.name)
    base, _, below = found.name.removesuffix("}").partition("_{")
    if isinstance(entry, (Defined, Size)) or (below.isdigit() and base in scope.parametric):
        return False
    return entry is None or found.name not in scope.used


def define(reader: Reader, found: Head, right: nodes.Row, *, normalized: bool = False) -> Any:
    """Bind a name to what stands on the right; the value at its own indices and arguments.

    With `normalized` the right side is only proportional, and is divided by its sum.
    """
    scope = reader.scope
    with _arguments(scope, found) as known, scope.binding(*found.indices) as indices:
        body: Any = reader.row(right)
        if normalized:
            body = _normalized(scope, body, found)
    unfolded(body, found.place)  # or it is too large
    axes = [scope.axis(body, index) or scope.ranges.get(str(index)) for index in indices]
    quantity = quantity_of(found.name, _shown(found), [*indices, *known], body, indices)
    places = tuple(range(len(indices) + len(known)))
    kinds = tuple(kind for kind, _ in found.arguments)
    _forget(scope, found.name)
    entry = Defined(quantity, len(indices), kinds, places, axes)
    scope.names[found.name] = entry
    _note_parameter(scope, found.name, entry)
    return quantity(*quantity.parameters)


def _note_parameter(scope: Scope, name: str, entry: Defined) -> None:
    """H_alpha is a function of alpha, and H_2 its value at 2."""
    base, _, below = name.removesuffix("}").partition("_{")
    known = scope.names.get(below)
    if isinstance(known, Scalar) and known.symbol in entry.quantity.parameters:
        scope.parametric[base] = entry, entry.quantity.parameters.index(known.symbol)


@contextmanager
def _arguments(scope: Scope, found: Head) -> Iterator[list[Any]]:
    """The parameters of a definition's arguments, known while its right side is read."""
    before = dict(scope.names)
    known: list[Any] = []
    for kind, letter in found.arguments:
        entry = scope.names.get(letter)
        label = symbol_name(letter)
        if kind == "index":
            known.append(index_symbol(letter))
        elif kind == "family":
            if not isinstance(entry, Family):
                entry = scope.names[letter] = Family(IndexedBase(label, real=True), [None])
            known.append(entry.base)
        else:
            if isinstance(entry, Defined):
                raise QuestionError(
                    f"is {found.name} a function of {letter}, which is defined already?",
                    found.place,
                )
            if entry is None:
                entry = scope.names[letter] = Scalar(Symbol(label, real=True))
            known.append(entry.symbol)  # type: ignore[union-attr]
    letters = [letter for kind, letter in found.arguments if kind == "index"]
    try:
        with scope.binding(*letters):
            yield known
    finally:
        added = {name: e for name, e in scope.names.items() if name not in before}
        for _, letter in found.arguments:
            added.pop(letter, None)
        scope.names = {**before, **added}


def _normalized(scope: Scope, body: Any, found: Head) -> Any:
    if len(found.indices) != 1:
        raise QuestionError(f"over what is {found.name} normalized?", found.place)
    index = index_symbol(found.indices[0])
    end = scope.axis(body, index) or scope.ranges.get(found.indices[0])
    end = end or scope.default_size(found.indices[0], found.place)
    scope.set_axis(body, index, end)
    return body / Sum(body, (index, 1, end))


def _shown(found: Head) -> str:
    """How a quantity is printed, with holes for its indices and arguments."""
    shown = unmarked(found.name)
    if found.indices:
        holes = "".join(f"#{n}" for n in range(1, len(found.indices) + 1))
        shown += f"_{{{holes}}}" if "_" not in shown else f"[{holes}]"
    if found.arguments:
        start = len(found.indices)
        holes = ", ".join(f"#{start + n}" for n in range(1, len(found.arguments) + 1))
        shown += f"({holes})"
    return shown


def _forget(scope: Scope, name: str) -> None:
    """Drop what was assumed of a name that is now defined."""
    entry = scope.names.get(name)
    old = entry.base if isinstance(entry, Family) else getattr(entry, "symbol", None)
    if old is not None:
        scope.hypotheses = [h for h in scope.hypotheses if not h.has(old)]
