"""Rows shared among threads; compiled loops release the interpreter's lock."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

_WORTH_A_THREAD = 2**18  # logits times temperatures: some 50 us of work


def in_threads(work: Callable[[slice], None], pieces: list[slice]) -> None:
    """Run `work` on every piece, each in a thread of its own if there are several."""
    if len(pieces) == 1:
        work(pieces[0])
        return
    with ThreadPoolExecutor(len(pieces)) as pool:
        for _ in pool.map(work, pieces):
            pass


def pieces_of(rows: int, threads: int, per_row: int) -> list[slice]:
    """Contiguous ranges of rows, one per thread that pays."""
    count = max(1, min(threads, rows, rows * per_row // _WORTH_A_THREAD))
    cuts = np.linspace(0, rows, count + 1).astype(int)
    return [slice(a, b) for a, b in zip(cuts, cuts[1:], strict=False)]
