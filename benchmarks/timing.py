"""Interleaved repeats, so that a noisy machine disturbs all contestants alike."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from statistics import median


def interleaved(
    contestants: Mapping[str, Callable[[], object]],
    repeats: int,
    of: Callable[[list[float]], float] = median,
) -> dict[str, float]:
    """Median milliseconds of each contestant; one call of each, unmeasured, goes first."""
    for call in contestants.values():
        call()
    times: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(repeats):
        for name, call in contestants.items():
            start = time.perf_counter()
            call()
            times[name].append(1e3 * (time.perf_counter() - start))
    return {name: of(values) for name, values in times.items()}


def exponent(times: Mapping[int, float]) -> float:
    """Least-squares slope of ln time against ln size."""
    points = [(math.log(size), math.log(t)) for size, t in times.items()]
    mean_x, mean_y = (sum(p[i] for p in points) / len(points) for i in (0, 1))
    rise = sum((x - mean_x) * (y - mean_y) for x, y in points)
    return rise / sum((x - mean_x) ** 2 for x, _ in points)
