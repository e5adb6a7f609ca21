"""Raw moments of rows of logits on CPUs, from compiled loops in threads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from numeric.backends.grid_kernel import central_sum, grid_sums
from numeric.backends.ladder import Ladder, constants
from numeric.backends.ladder_kernel import FRESH, RUNGS, ladder_sums
from numeric.backends.threads import in_threads, pieces_of

# Raw moments lose this factor to cancellation before the variance is summed once more.
_CANCELLATION = {np.dtype(np.float32): 32.0, np.dtype(np.float64): 256.0}

_WIDENED = 2**17  # logits at a time


@dataclass(frozen=True)
class RawMoments:
    """Per row and temperature: sums (N, K, 3) of e d^n over all tokens but one maximal one."""

    maxima: np.ndarray  # (N,)
    places: np.ndarray  # (N,)
    sums: np.ndarray  # (N, K, 3) float64
    variance: np.ndarray  # (N, K) of d


def raw_moments(logits: Tensor, beta: np.ndarray, threads: int) -> RawMoments:
    """Moments of rows of logits (N, V) at inverse temperatures (K,) or (N, K).

    Half precision is widened piece by piece.  Illegal rows come out with a maximum that is not
    finite and no sums.
    """
    pieces = pieces_of(logits.shape[0], threads, logits.shape[1] * beta.shape[-1])
    count, states = logits.shape[0], beta.shape[-1]
    result = RawMoments(
        np.empty(count, _working(logits.dtype)),
        np.empty(count, np.int64),
        np.zeros((count, states, 3)),
        np.zeros((count, states)),
    )
    in_threads(_work(logits, beta, result), pieces)
    return result


def _working(dtype: torch.dtype) -> np.dtype:
    return np.dtype(np.float64 if dtype == torch.float64 else np.float32)


def _work(logits: Tensor, beta: np.ndarray, result: RawMoments) -> Callable[[slice], None]:
    """What one thread does: fill the rows of `result` in a slice."""
    dtype = _working(logits.dtype)
    ladder = Ladder.of(beta, float(np.finfo(dtype).eps)) if beta.ndim == 1 else None
    grid = beta if beta.ndim == 2 else beta[None]
    high, low = constants(grid, dtype)
    double = grid.astype(np.float64)

    def rows(piece: slice) -> None:
        for part in _widening_parts(logits, piece):
            x = logits[part].to(torch.float64 if dtype == np.float64 else torch.float32).numpy()
            outputs = result.maxima[part], result.places[part]
            own = slice(None) if high.shape[0] == 1 else part
            if ladder is None:
                grid_sums(x, high[own], low[own], double[own], *outputs, result.sums[part])
            else:
                result.sums[part] = _ladder_sums(x, ladder, *outputs)
            _set_variance(x, high[own], low[own], part, result)

    return rows


def _widening_parts(logits: Tensor, piece: slice) -> list[slice]:
    """A few rows at a time where logits must be widened, so that memory stays small; else all."""
    if logits.dtype in (torch.float32, torch.float64):
        return [piece]
    step = max(1, _WIDENED // logits.shape[1])
    return [slice(a, min(a + step, piece.stop)) for a in range(piece.start, piece.stop, step)]


def _ladder_sums(x: np.ndarray, ladder: Ladder, maxima, places) -> np.ndarray:
    count = ladder.order.size
    rungs = ladder.base + ladder.step * np.arange(-(-count // RUNGS) * RUNGS)
    high, low = constants(np.append(ladder.step, rungs[::FRESH]), x.dtype)
    sums = np.zeros((x.shape[0], rungs.size, 3))
    ladder_sums(x, high, low, rungs[None].astype(np.float64), maxima, places, sums)
    return ladder.corrected(sums[:, :count])


def _set_variance(x, high, low, part: slice, result: RawMoments) -> None:
    """Variance E[d^2] - E[d]^2, or a second pass where that cancels."""
    sums = result.sums[part]
    total = 1 + sums[..., 0]
    mean, square = sums[..., 1] / total, sums[..., 2] / total
    variance = square - mean**2
    for row, k in np.argwhere(variance * _CANCELLATION[x.dtype] < square):
        at = row if high.shape[0] > 1 else 0
        maximum, place = result.maxima[part][row], result.places[part][row]
        central = central_sum(
            x[row], maximum, place, high[at, k], low[at, k], x.dtype.type(mean[row, k])
        )
        variance[row, k] = (central + mean[row, k] ** 2) / total[row, k]
    result.variance[part] = variance
