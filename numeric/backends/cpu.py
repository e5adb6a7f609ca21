"""Raw moments of rows of logits on CPUs, from compiled loops in threads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from numeric.backends.grid_kernel import central_sum, grid_sums
from numeric.backends.kernels import workspace
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
    dtype, count = _working(logits.dtype), logits.shape[0]
    maxima, places = np.empty(count, dtype), np.empty(count, np.int64)
    ladder = Ladder.of(beta, float(np.finfo(dtype).eps)) if beta.ndim == 1 else None
    grid = beta if beta.ndim == 2 else beta[None]
    if ladder is None:
        sums = np.zeros((count, grid.shape[1], 3))
        work = _grid_pass(grid, dtype, maxima, places, sums)
    else:
        rungs = ladder.rungs(RUNGS)
        sums = np.zeros((count, rungs.size, 3))
        work = _ladder_pass(rungs, ladder.step, dtype, maxima, places, sums)

    def rows(piece: slice) -> None:
        for part in _widening_parts(logits, piece):
            work(_widened(logits[part], dtype), part)

    in_threads(rows, pieces_of(count, threads, logits.shape[1] * grid.shape[1]))
    if ladder is not None:
        sums = ladder.corrected(sums[:, : grid.shape[1]])
    return RawMoments(maxima, places, sums, _variance(logits, grid, maxima, places, sums, threads))


_Pass = Callable[[np.ndarray, slice], None]  # of some rows, in its place


def _grid_pass(grid: np.ndarray, dtype: np.dtype, maxima, places, sums) -> _Pass:
    high, low = constants(grid, dtype)
    double = grid.astype(np.float64)

    def work(x: np.ndarray, part: slice) -> None:
        own = slice(None) if len(grid) == 1 else part
        grid_sums(
            x, high[own], low[own], double[own], maxima[part], places[part], sums[part],
            workspace(dtype, x.shape[1])[0],
        )  # fmt: skip

    return work


def _ladder_pass(rungs: np.ndarray, step, dtype: np.dtype, maxima, places, sums) -> _Pass:
    high, low = constants(np.append(step, rungs[::FRESH]), dtype)
    double = rungs[None].astype(np.float64)

    def work(x: np.ndarray, part: slice) -> None:
        ladder_sums(
            x,
            high,
            low,
            double,
            maxima[part],
            places[part],
            sums[part],
            workspace(dtype, x.shape[1]),
        )

    return work


def _variance(logits: Tensor, grid: np.ndarray, maxima, places, sums, threads: int) -> np.ndarray:
    """Variance E[d^2] - E[d]^2 (N, K), or a second pass where that cancels."""
    total = 1 + sums[..., 0]
    mean, square = sums[..., 1] / total, sums[..., 2] / total
    variance = square - mean**2
    cancelled = np.argwhere(variance * _CANCELLATION[maxima.dtype] < square)
    if not len(cancelled):
        return variance
    high, low = constants(grid, maxima.dtype)

    def again(piece: slice) -> None:
        d = workspace(maxima.dtype, logits.shape[1])[0]
        for row, k in cancelled[piece]:
            at = row if len(grid) > 1 else 0
            x, center = _widened(logits[row], maxima.dtype), maxima.dtype.type(mean[row, k])
            central = central_sum(x, maxima[row], places[row], high[at, k], low[at, k], center, d)
            variance[row, k] = (central + mean[row, k] ** 2) / total[row, k]

    in_threads(again, pieces_of(len(cancelled), threads, logits.shape[1]))
    return variance


def _working(dtype: torch.dtype) -> np.dtype:
    return np.dtype(np.float64 if dtype == torch.float64 else np.float32)


def _widened(logits: Tensor, dtype: np.dtype) -> np.ndarray:
    return logits.to(torch.float64 if dtype == np.float64 else torch.float32).numpy()


def _widening_parts(logits: Tensor, piece: slice) -> list[slice]:
    """A few rows at a time where logits must be widened, so that memory stays small; else all."""
    if logits.dtype in (torch.float32, torch.float64):
        return [piece]
    step = max(1, _WIDENED // logits.shape[1])
    return [slice(a, min(a + step, piece.stop)) for a in range(piece.start, piece.stop, step)]
