"""Compiled loop over the vocabulary: raw moments of gaps at any inverse temperatures.

The sums are those of `ladder_kernel`, by one exponential for every logit and temperature.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from numeric.backends.bits import (
    as_unsigned,
    borrowed,
    flush_subnormals,
    restore_subnormals,
    widest_vectors,
)
from numeric.backends.compiled import kernel
from numeric.backends.exponential import exp2_negative
from numeric.backends.kernels import (
    FAR,
    fetch_ahead,
    fill_gaps,
    next_gaps,
    raise_maximum,
)

_SUMS = {"contract", "reassoc", "nsz"}  # sums may run in vector lanes, products be fused


@kernel
def grid_sums(x, hi, lo, beta, maxima, places, sums, d):
    """Sums (N, K, 3) of contiguous rows x (N, V); hi, lo and beta (1, K) or (N, K).

    A row that is not legal gets its offending value as maximum and no sums.
    """
    x, sums, d, address = borrowed(x), borrowed(sums), borrowed(d), x.ctypes.data
    mode = flush_subnormals()
    for row in range(x.shape[0]):
        maximum, place = x.dtype.type(-np.inf), np.int64(0)
        at = row if hi.shape[0] > 1 else 0
        for start in range(0, x.shape[1], d.size):
            block, done = x[row, start : start + d.size], 0
            if block.size == d.size and hi.shape[1] > 0:
                done = _gaps_and_sum(block, maximum, hi[at, 0], lo[at, 0], d, sums, row)
            if not done:
                before = maximum
                maximum, place = next_gaps(block, start, maximum, place, d)
                if maximum == -np.inf:
                    continue
                if not np.isfinite(maximum):
                    sums[row] = 0
                    break
                if maximum > before > -np.inf:
                    raise_maximum(sums, row, beta, at, np.float64(maximum) - np.float64(before))
            if done < hi.shape[1]:
                following = row * x.shape[1] + start + d.size
                fetch_ahead(address + following * x.itemsize, d.size * x.itemsize)
            for k in range(done, hi.shape[1]):
                _one_sum(d, hi[at, k], lo[at, k], sums, row, k)
        maxima[row], places[row] = maximum, place
    restore_subnormals(mode)


@kernel
def central_sum(x, maximum, place, hi, lo, mean, d):
    """Sum of e (d - mean)^2 over the other tokens of one row (V,) at one temperature."""
    total = 0.0
    for start in range(0, x.size, d.size):
        fill_gaps(x[start : start + d.size], maximum, place - start, d)
        total += _central(d, hi, lo, mean)
    return total


@njit(fastmath=_SUMS)
def _gaps_and_sum(x, maximum, hi, lo, d, sums, row):
    """Gaps of a whole block, and its sums at the first temperature added; 0 if a gap is illegal.

    Nothing is excluded: the token with the maximum is in an earlier block.
    """
    widest_vectors()
    far = d.dtype.type(FAR)
    a0 = a1 = a2 = d.dtype.type(0)
    worst = as_unsigned(a0)
    for i in range(d.size):
        gap = maximum - x[i]
        worst = max(worst, as_unsigned(gap))
        gap = far if gap > far else gap
        weight = exp2_negative(gap, hi, lo)
        moment = weight * gap
        a0 += weight
        a1 += moment
        a2 += moment * gap
        d[i] = gap
    if worst > as_unsigned(d.dtype.type(np.inf)):
        return 0
    sums[row, 0, 0] += a0
    sums[row, 0, 1] += a1
    sums[row, 0, 2] += a2
    return 1


@njit(fastmath=_SUMS)
def _one_sum(d, hi, lo, sums, row, k):
    widest_vectors()
    a0 = a1 = a2 = d.dtype.type(0)
    for i in range(d.size):
        weight = exp2_negative(d[i], hi, lo)
        moment = weight * d[i]
        a0 += weight
        a1 += moment
        a2 += moment * d[i]
    sums[row, k, 0] += a0
    sums[row, k, 1] += a1
    sums[row, k, 2] += a2


@njit(fastmath=_SUMS)
def _central(d, hi, lo, mean):
    widest_vectors()
    total = d.dtype.type(0)
    for i in range(d.size):
        deviation = d[i] - mean
        total += exp2_negative(d[i], hi, lo) * deviation * deviation
    return total
