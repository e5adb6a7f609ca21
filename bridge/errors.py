"""The errors of the layer where theory and code meet, each one line and addressed to its user."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class BadInput(ValueError):
    """Something was asked for that cannot be answered; says what was expected and what came."""


def unknown_name(what: str, name: str, known: Iterable[str], listing: str) -> BadInput:
    """No `what` is called `name`; names the nearest ones and the command that lists all."""
    near = get_close_matches(name, list(known), n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(near)}?" if near else f"see {listing}"
    return BadInput(f"there is no {what} {name!r}; {hint}")
