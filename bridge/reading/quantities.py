"""Quantities of a paper: what they are made of becomes their parameters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sympy import IndexedBase

from bridge.ball_scope import names as names_of
from bridge.reading.writing import symbol_name
from formal.quantity import Quantity, unfold


def quantity_of(
    name: str, shown: str, first: Sequence[Any], body: Any, indices: Sequence[Any] = ()
) -> type[Quantity]:
    """A quantity with given parameters first, and then all else that its body is made of, so
    that derivatives see through it; `shown` is how it is printed."""
    free = names_of(unfold(body))
    families = [p for p in free if isinstance(p, IndexedBase)]
    labels = {str(family) for family in families}
    rest = sorted(
        (p for p in free if p not in indices and (p in families or str(p) not in labels)),
        key=str,
    )
    parameters = (*first, *(p for p in rest if p not in first))
    return type(
        symbol_name(name),
        (Quantity,),
        {"symbol": shown, "parameters": parameters, "body": body, "__module__": __name__},
    )
