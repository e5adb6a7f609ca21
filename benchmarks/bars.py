"""Figures beside their bars, as a benchmark prints them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Figure(NamedTuple):
    """A measured value beside its bar; `notes` name what missed, or what is worth reading."""

    name: str
    value: float
    bar: str
    met: bool
    notes: tuple[str, ...] = ()


def printed(figures: Iterable[Figure]) -> list[Figure]:
    """The figures, each printed as soon as it is there, and below them all their notes."""
    found = []
    for figure in figures:
        found.append(figure)
        value = f"{figure.value:.3f}" if isinstance(figure.value, float) else str(figure.value)
        verdict = "" if not figure.bar else "met" if figure.met else "MISSED"
        print(f"{figure.name:56} {value:>8}  {figure.bar:12} {verdict}", flush=True)
    for figure in found:
        for note in figure.notes:
            print(f"\n{figure.name}: {note}")
    return found
