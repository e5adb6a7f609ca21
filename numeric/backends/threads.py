"""Rows shared among threads; compiled loops release the interpreter's lock.

Where torch runs its own operators in an OpenMP team, the loops join that team.  Its threads wait
busily for some milliseconds after an operator: threads of our own would have to share processors
with them.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import Any

import numpy as np
import torch

_WORTH_A_THREAD = 2**18  # logits times temperatures: some 50 us of work
_WORTH_A_PIECE = 2**22
_PIECES = 8  # to a thread: one that is held up leaves its rows to the others

_Task = ctypes.CFUNCTYPE(None, ctypes.c_void_p)
_IMPORTED_BY = os.getpid()


def in_threads(work: Callable[[slice], None], pieces: list[slice]) -> None:
    """Run `work` on every piece, in the calling thread and in others if there are several.

    An exception of a piece is raised here, after the others are done.
    """
    waiting, failures = iter(pieces), []

    def take() -> None:
        try:
            for piece in waiting:
                work(piece)
        except BaseException as failure:  # an interrupt too: nothing may leave a foreign thread
            failures.append(failure)

    threads = torch.get_num_threads()
    if min(threads, len(pieces)) < 2:
        take()
    elif (parallel := _openmp()) and os.getpid() == _IMPORTED_BY:  # a team does not survive fork
        parallel(_Task(lambda _: take()), None, threads, 0)
    else:
        with ThreadPoolExecutor(threads) as pool:
            for _ in range(min(threads, len(pieces)) - 1):
                pool.submit(take)
            take()
    if failures:
        raise failures[0]


@lru_cache
def _openmp() -> Any:
    """`GOMP_parallel(task, data, threads, flags)` of the OpenMP that torch is linked to, or None.

    It runs a task once in every thread of the caller's team.  GNU's OpenMP has it, and LLVM's and
    Intel's on Linux.
    """
    try:
        parallel = ctypes.CDLL(torch._C.__file__).GOMP_parallel
    except (AttributeError, OSError):
        return None
    parallel.argtypes, parallel.restype = [_Task, ctypes.c_void_p, *[ctypes.c_uint] * 2], None
    return parallel


def pieces_of(rows: int, threads: int, per_row: int) -> list[slice]:
    """Contiguous ranges of rows: one per thread that pays, and several where there is much."""
    work = rows * per_row
    threads = min(threads, work // _WORTH_A_THREAD)
    each = min(max(1, work // (threads * _WORTH_A_PIECE)), _PIECES) if threads else 1
    cuts = np.linspace(0, rows, max(1, min(threads * each, rows)) + 1).astype(int)
    return [slice(a, b) for a, b in zip(cuts, cuts[1:], strict=False)]
