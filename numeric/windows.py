"""Windows over a sequence that is longer than a model reads at once.

A sequence of n tokens is covered by windows of `width` tokens that advance by `width - overlap`.
The first window answers for all of its positions, every later one for those that no earlier
window holds, so each position is answered once and sees at least `overlap` tokens before it
(or everything, near the start).
"""

from collections.abc import Iterator
from itertools import groupby
from typing import NamedTuple

from numeric.errors import InputError


class Window(NamedTuple):
    """Tokens start..stop-1 are read; positions first..stop-1 are answered."""

    start: int
    first: int
    stop: int


def windows(length: int, width: int, overlap: int) -> list[Window]:
    """Cover 0..length-1 by windows; every position is answered by exactly one.

    Raises:
        InputError: Unless 0 <= overlap < width.
    """
    if not 0 <= overlap < width:
        raise InputError(f"expected 0 <= overlap < width, got overlap {overlap}, width {width}")
    if length <= 0:
        return []
    cover = [Window(0, 0, min(width, length))]
    while (answered := cover[-1].stop) < length:
        start = cover[-1].start + width - overlap
        cover.append(Window(start, answered, min(start + width, length)))
    return cover


def equal_runs(cover: list[Window]) -> Iterator[list[Window]]:
    """Split into runs of consecutive windows that read equally many tokens."""
    for _, run in groupby(cover, key=lambda window: window.stop - window.start):
        yield list(run)
