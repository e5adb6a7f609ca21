"""The standard error of a mean over the positions of a text.

Neighboring positions are not independent. The positions are cut into about sqrt(N) consecutive
blocks, and the means of the blocks are taken as independent: the method of batch means.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

FEWEST = 4  # blocks, below which a spread says nothing


def blocks(positions: int) -> int:
    """The number of blocks that positions are cut into."""
    return math.isqrt(positions)


def standard_error(values: NDArray[np.float64]) -> float | None:
    """The standard error of the mean of values (N,) in the order of the text.

    None where there are fewer than sixteen.
    """
    count = blocks(len(values))
    if count < FEWEST:
        return None
    means = [float(part.mean()) for part in np.array_split(values, count)]
    return float(np.std(means, ddof=1)) / math.sqrt(count)
