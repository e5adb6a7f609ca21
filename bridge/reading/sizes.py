"""How large an expression is with its definitions put in, found out without doing so.

Ten definitions, each twice the one before, unfold to a thousand terms, and forty to more than a
machine holds.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from bridge.reading.tokens import Place, ReadingError
from formal.quantity import Quantity, unfold

MOST = 20_000  # nodes of an unfolded expression


def unfolded(expression: Any, place: Place) -> Any:
    """The expression in plain SymPy.

    Raises:
        ReadingError: It would be too large.
    """
    if size(expression) > MOST:
        raise ReadingError("its definitions unfold to more than can be judged", place)
    return unfold(expression)


def size(expression: Any) -> int:
    """How many nodes an expression has once it is unfolded, at least."""
    own = _body_size(type(expression)) if isinstance(expression, Quantity) else 1
    return own + sum(size(argument) for argument in expression.args)


@lru_cache(maxsize=4096)
def _body_size(quantity: type[Quantity]) -> int:
    return size(quantity.body)
