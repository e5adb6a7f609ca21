"""Rows shared among threads; compiled loops release the interpreter's lock."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch

_WORTH_A_THREAD = 2**18  # logits times temperatures: some 50 us of work
_WORTH_A_PIECE = 2**22
_PIECES = 8  # to a thread: one that is held up leaves its rows to the others


def in_threads(work: Callable[[slice], None], pieces: list[slice]) -> None:
    """Run `work` on every piece, in the calling thread and in others if there are several."""
    waiting = iter(pieces)

    def take() -> None:
        for piece in waiting:
            work(piece)

    helpers = min(torch.get_num_threads(), len(pieces)) - 1
    if helpers < 1:
        take()
        return
    with ThreadPoolExecutor(helpers) as pool:
        running = [pool.submit(take) for _ in range(helpers)]
        take()
        for future in running:
            future.result()


def pieces_of(rows: int, threads: int, per_row: int) -> list[slice]:
    """Contiguous ranges of rows: one per thread that pays, and several where there is much."""
    work = rows * per_row
    threads = min(threads, work // _WORTH_A_THREAD)
    each = min(max(1, work // (threads * _WORTH_A_PIECE)), _PIECES) if threads else 1
    cuts = np.linspace(0, rows, max(1, min(threads * each, rows)) + 1).astype(int)
    return [slice(a, b) for a, b in zip(cuts, cuts[1:], strict=False)]
