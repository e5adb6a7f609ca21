"""A guess at the cause of a failure."""

from __future__ import annotations

from typing import Any


def guess(*_: Any) -> str:
    """A guess, or nothing."""
    return ""
