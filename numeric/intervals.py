"""Confidence intervals of what was measured: by resampling, and of a proportion.

Neighbouring positions of a text are alike, so that whole blocks of them are drawn again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from numeric.errors import InputError

DRAWS = 1000


class Measured(NamedTuple):
    """A value and the ends of its 95 % interval."""

    value: float
    low: float
    high: float


def bootstrap(
    statistic: Callable[[NDArray[Any]], float],
    count: int,
    *,
    block: int = 1,
    draws: int = DRAWS,
    seed: int = 0,
) -> Measured:
    """A statistic of chosen cases, and the interval between its 2.5 % and 97.5 % quantiles.

    `statistic` takes numbers of cases 0..count - 1, some of them repeatedly. Cases are drawn in
    circular blocks of `block` neighbours. Draws without a value (NaN) are left out.

    Raises:
        InputError: There are no cases, or `block` is not in 1..count.
    """
    if count < 1 or not 1 <= block <= count:
        raise InputError(f"expected cases, and a block of 1..{count} of them, got {block}")
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(draws):
        starts = rng.integers(count, size=-(-count // block))
        cases = ((starts[:, None] + np.arange(block)) % count).reshape(-1)[:count]
        found.append(statistic(cases))
    value = float(statistic(np.arange(count)))
    kept = np.array(found)[~np.isnan(found)]
    if not len(kept):
        return Measured(value, np.nan, np.nan)
    low, high = np.quantile(kept, [0.025, 0.975])
    return Measured(value, float(low), float(high))


def proportion(successes: int, count: int) -> Measured:
    """A proportion and its interval after Wilson; without a case, NaN between 0 and 1.

    Raises:
        InputError: `successes` is not in 0..count.
    """
    if not 0 <= successes <= count:
        raise InputError(f"expected successes in 0..{count}, got {successes}")
    if count == 0:
        return Measured(np.nan, 0.0, 1.0)
    z, share = float(norm.ppf(0.975)), successes / count
    scale = 1 + z**2 / count
    middle = (share + z**2 / (2 * count)) / scale
    half = z * np.sqrt(share * (1 - share) / count + z**2 / (4 * count**2)) / scale
    return Measured(share, float(max(0.0, middle - half)), float(min(1.0, middle + half)))
