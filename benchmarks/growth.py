"""How the time grows with rows, vocabulary and temperatures, over their full ranges."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

import numeric
from benchmarks.figures import Figure
from benchmarks.inputs import SPACED, logits
from benchmarks.timing import exponent, interleaved

ROWS = (64, 256, 1024, 4096, 16_384)
STATES = (465, 2048, 8192, 32_768, 131_072, 262_144)
COUNTS = (1, 2, 4, 8, 16, 32, 64)


def curves(repeats: int) -> dict[str, dict[int, float]]:
    """Least milliseconds by size: rows at V = 2,048, V at 64 rows, K at 128 x 8,192.

    The least, and by one thread, because what interrupts weighs more on a short call than on a
    long one, and because a second thread joins only where there is much to do.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        return _curves(repeats)
    finally:
        torch.set_num_threads(threads)


def _curves(repeats: int) -> dict[str, dict[int, float]]:
    x = logits(max(ROWS), 2048)
    rows = _times({n: lambda n=n: numeric.thermodynamics(x[:n], SPACED) for n in ROWS}, repeats)
    wide = {n: logits(64, n) for n in STATES}
    states_times = _times(
        {n: lambda y=y: numeric.thermodynamics(y, SPACED) for n, y in wide.items()}, repeats
    )
    spaced = {n: 1 / (4.0 / n * torch.arange(1, n + 1).double()) for n in COUNTS}
    generic = {n: torch.linspace(0.31, 3, n).double() for n in COUNTS}
    return {
        "rows": rows,
        "V": states_times,
        "K, 1/T equally spaced": _by_count(spaced, repeats),
        "K, any temperatures": _by_count(generic, repeats),
    }


def _by_count(grids: dict[int, Tensor], repeats: int) -> dict[int, float]:
    x = logits(128, 8192)
    calls = {n: lambda t=t: numeric.thermodynamics(x, t) for n, t in grids.items()}
    return _times(calls, repeats)


def figures(found: dict[str, dict[int, float]]) -> list[Figure]:
    """The fitted exponents."""
    return [
        Figure(f"time against {name}, {min(t):,} to {max(t):,}", "exponent", exponent(t), 1.05)
        for name, t in found.items()
    ]


def _times(calls: dict[int, Callable[[], object]], repeats: int) -> dict[int, float]:
    named = interleaved({str(n): call for n, call in calls.items()}, repeats, min)
    return {int(n): t for n, t in named.items()}
