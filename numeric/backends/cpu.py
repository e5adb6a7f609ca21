"""The thermodynamic state on CPUs, from compiled loops in as many threads as torch would use."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from numeric.backends import kernels
from numeric.backends.ladder import Ladder, constants, inverse
from numeric.domain import check_maxima
from numeric.state import ThermodynamicState

_ROWS_WORTH_A_THREAD = 2**18  # logits times temperatures: some 50 us of work
_TORCH = {np.dtype(np.float32): torch.float32, np.dtype(np.float64): torch.float64}
# Raw moments lose this factor to cancellation before the variance is summed once more.
_CANCELLATION = {np.dtype(np.float32): 32.0, np.dtype(np.float64): 256.0}


@dataclass(frozen=True)
class RawMoments:
    """Per row and temperature: sums (N, K, 3) of e d^n over all tokens but one maximal one."""

    maxima: np.ndarray  # (N,)
    places: np.ndarray  # (N,)
    sums: np.ndarray  # (N, K, 3) float64
    variance: np.ndarray  # (N, K) of d


def compiled_state(logits: Tensor, temperature: Tensor) -> ThermodynamicState:
    """State of order 2 of logits (..., V) at temperatures (K,), or (..., K) with the same rows."""
    rows, states = logits.shape[:-1], temperature.shape[-1]
    x = logits.detach().reshape(-1, logits.shape[-1]).contiguous()
    t = temperature.detach().to(torch.float64)
    t = t if t.ndim == 1 else t.reshape(-1, states)
    moments = raw_moments(x, inverse(t.numpy()), torch.get_num_threads())
    check_maxima(torch.from_numpy(moments.maxima).reshape(rows))
    return _state(moments, t, rows)


def _state(moments: RawMoments, t: Tensor, rows: torch.Size) -> ThermodynamicState:
    shape, dtype = (*rows, t.shape[-1]), _TORCH[moments.maxima.dtype]
    weight, first, _ = np.moveaxis(moments.sums, -1, 0)
    beta = 1 / t.numpy()
    values = (weight, beta * first / (1 + weight), beta**2 * moments.variance)
    return ThermodynamicState(
        t.expand(weight.shape).reshape(shape).to(dtype),
        torch.from_numpy(moments.maxima).reshape(*rows, 1),
        *(torch.from_numpy(v).to(dtype).reshape(shape) for v in values),
    )


def raw_moments(logits: Tensor, beta: np.ndarray, threads: int) -> RawMoments:
    """Moments of rows of logits (N, V) at inverse temperatures (K,) or (N, K).

    Half precision is widened piece by piece.  Illegal rows come out with a maximum that is not
    finite and no sums.
    """
    pieces = _pieces(logits.shape[0], threads, logits.shape[1] * beta.shape[-1])
    count, states = logits.shape[0], beta.shape[-1]
    result = RawMoments(
        np.empty(count, _working(logits.dtype)),
        np.empty(count, np.int64),
        np.zeros((count, states, 3)),
        np.zeros((count, states)),
    )
    work = _work(logits, beta, result)
    if len(pieces) == 1:
        work(pieces[0])
        return result
    with ThreadPoolExecutor(len(pieces)) as pool:
        for _ in pool.map(work, pieces):
            pass
    return result


def _pieces(rows: int, threads: int, per_row: int) -> list[slice]:
    """Contiguous ranges of rows, one per thread that pays."""
    count = max(1, min(threads, rows, rows * per_row // _ROWS_WORTH_A_THREAD))
    cuts = np.linspace(0, rows, count + 1).astype(int)
    return [slice(a, b) for a, b in zip(cuts, cuts[1:], strict=False)]


def _working(dtype: torch.dtype) -> np.dtype:
    return np.dtype(np.float64 if dtype == torch.float64 else np.float32)


def _work(logits: Tensor, beta: np.ndarray, result: RawMoments) -> Callable[[slice], None]:
    """What one thread does: fill the rows of `result` in a slice."""
    dtype = _working(logits.dtype)
    ladder = Ladder.of(beta, float(np.finfo(dtype).eps)) if beta.ndim == 1 else None
    high, low = constants(beta if beta.ndim == 2 else beta[None], dtype)

    def rows(piece: slice) -> None:
        for part in _widening_parts(logits, piece):
            x = logits[part].to(torch.float64 if dtype == np.float64 else torch.float32).numpy()
            outputs = result.maxima[part], result.places[part]
            own = slice(None) if high.shape[0] == 1 else part
            if ladder is None:
                kernels.grid_sums(x, high[own], low[own], *outputs, result.sums[part])
            else:
                result.sums[part] = _ladder_sums(x, ladder, *outputs)
            _set_variance(x, high[own], low[own], part, result)

    return rows


def _widening_parts(logits: Tensor, piece: slice) -> list[slice]:
    """Single rows where logits must be widened, so that memory stays small; else all at once."""
    if logits.dtype in (torch.float32, torch.float64):
        return [piece]
    return [slice(row, row + 1) for row in range(piece.start, piece.stop)]


def _ladder_sums(x: np.ndarray, ladder: Ladder, maxima, places) -> np.ndarray:
    groups = -(-ladder.order.size // kernels.GROUP)
    rungs = np.array([ladder.base, ladder.step, kernels.GROUP * ladder.step])
    high, low = constants(rungs, x.dtype)
    sums = np.zeros((x.shape[0], kernels.GROUP * groups, 3))
    kernels.ladder_sums(x, high, low, groups, maxima, places, sums)
    return ladder.corrected(sums[:, : ladder.order.size])


def _set_variance(x, high, low, part: slice, result: RawMoments) -> None:
    """Variance E[d^2] - E[d]^2, or a second pass where that cancels."""
    sums = result.sums[part]
    total = 1 + sums[..., 0]
    mean, square = sums[..., 1] / total, sums[..., 2] / total
    variance = square - mean**2
    for row, k in np.argwhere(variance * _CANCELLATION[x.dtype] < square):
        at = row if high.shape[0] > 1 else 0
        maximum, place = result.maxima[part][row], result.places[part][row]
        central = kernels.central_sum(
            x[row], maximum, place, high[at, k], low[at, k], x.dtype.type(mean[row, k])
        )
        variance[row, k] = (central + mean[row, k] ** 2) / total[row, k]
    result.variance[part] = variance
