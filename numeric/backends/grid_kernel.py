"""Compiled loop over the vocabulary: raw moments of gaps at any inverse temperatures.

The sums are those of `ladder_kernel`, by one exponential for every logit and temperature.
"""

from __future__ import annotations

import numpy as np

from numeric.backends.bits import flush_subnormals, restore_subnormals, widest_vectors
from numeric.backends.compiled import njit
from numeric.backends.exponential import exp2_negative
from numeric.backends.kernels import (
    fetch_ahead,
    fill_gaps,
    next_gaps,
    raise_maximum,
    workspace,
)

_SUMS = {"contract", "reassoc", "nsz"}  # sums may run in vector lanes, products be fused


@njit(nogil=True)
def grid_sums(x, hi, lo, beta, maxima, places, sums):
    """Sums (N, K, 3) of contiguous rows x (N, V); hi, lo and beta (1, K) or (N, K).

    A row that is not legal gets its offending value as maximum and no sums.
    """
    d = workspace(x)[0]
    address = x.ctypes.data
    mode = flush_subnormals()
    for row in range(x.shape[0]):
        maximum, place = x.dtype.type(-np.inf), np.int64(0)
        at = row if hi.shape[0] > 1 else 0
        for start in range(0, x.shape[1], d.size):
            following = row * x.shape[1] + start + d.size
            fetch_ahead(address + following * x.itemsize, d.size * x.itemsize)
            before = maximum
            block = x[row, start : start + d.size]
            maximum, place = next_gaps(block, start, maximum, place, d)
            if maximum == -np.inf:
                continue
            if not np.isfinite(maximum):
                sums[row] = 0
                break
            if maximum > before > -np.inf:
                raise_maximum(sums, row, beta, at, np.float64(maximum) - np.float64(before))
            for k in range(hi.shape[1]):
                _one_sum(d, hi[at, k], lo[at, k], sums, row, k)
        maxima[row], places[row] = maximum, place
    restore_subnormals(mode)


@njit(nogil=True)
def central_sum(x, maximum, place, hi, lo, mean):
    """Sum of e (d - mean)^2 over the other tokens of one row (V,) at one temperature."""
    d = workspace(x.reshape(1, -1))[0]
    total = 0.0
    for start in range(0, x.size, d.size):
        fill_gaps(x[start : start + d.size], maximum, place - start, d)
        total += _central(d, hi, lo, mean)
    return total


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
