"""Moments of orders 3 and 4 of rows of logits on CPUs, from one compiled pass in threads."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from numeric.backends.cumulant_kernel import centered_moments
from numeric.backends.ladder import constants
from numeric.backends.threads import in_threads, pieces_of

_ONE_ROW_COSTS = 2  # as much as so many temperatures of the pass of order 2


def central_moments(logits: Tensor, beta: np.ndarray, threads: int):
    """Maxima and places (N,) and moments (N, K, 5) of the scaled gaps of rows of logits (N, V).

    The moments are the weight of all tokens but the excluded one, then mean and central moments
    of orders 2 to 4 of all, in float64; beta is (K,) or (N, K).
    """
    dtype = np.dtype(np.float64 if logits.dtype == torch.float64 else np.float32)
    grid = beta if beta.ndim == 2 else beta[None]
    high, low = constants(grid, dtype)
    units = powers_of_two(grid)
    scale = units.astype(dtype)
    maxima, places = np.empty(len(logits), dtype), np.empty(len(logits), np.int64)
    moments = np.zeros((len(logits), grid.shape[1], 5))

    def rows(piece: slice) -> None:
        for row in range(piece.start, piece.stop):  # half precision is widened row by row
            one = slice(row, row + 1)
            own = one if len(grid) > 1 else slice(None)
            x = logits[one].to(torch.from_numpy(maxima).dtype).numpy()
            centered_moments(
                x, high[own], low[own], scale[own], maxima[one], places[one], moments[one]
            )

    work = logits.shape[1] * grid.shape[1] * _ONE_ROW_COSTS
    in_threads(rows, pieces_of(len(logits), threads, work))
    factor = (grid / units).astype(np.float64)
    for n in range(1, 5):
        moments[..., n] *= factor**n
    return maxima, places, moments


def powers_of_two(beta: np.ndarray) -> np.ndarray:
    """The powers of two nearest to inverse temperatures: factors that round nothing."""
    return np.exp2(np.rint(np.log2(beta.astype(np.float64))))
