"""Compiled loop over the vocabulary: gradients of weight, mean and moments, all at once."""

from __future__ import annotations

import numpy as np
from numba import njit

from numeric.backends.bits import flush_subnormals, restore_subnormals, widest_vectors
from numeric.backends.compiled import kernel
from numeric.backends.exponential import exp2_negative
from numeric.backends.kernels import BLOCK, fill_gaps

_SUMS = {"contract", "reassoc", "nsz"}


@kernel
def gradient(x, hi, lo, scale, maxima, places, means, coefficients, result, sums):
    """Sum over temperatures of e (c0 + c1 z + ...), z = scale d - mean, for every token (N, V).

    A shift of all logits moves nothing, so the excluded token gets minus the sum of the others.
    Adds the sums (N, K) of e z^3, for polynomials of degree 4 of e z^5, to `sums`.  coefficients
    (N, K, 3 or 5), means (N, K) in the dtype of x; hi, lo, scale (1, K) or (N, K).
    """
    d, total = np.empty(BLOCK, x.dtype), np.empty(BLOCK, x.dtype)
    mode = flush_subnormals()
    for row in range(x.shape[0]):
        at = row if hi.shape[0] > 1 else 0
        balance = 0.0
        for start in range(0, x.shape[1], BLOCK):
            stop = min(start + BLOCK, x.shape[1])
            fill_gaps(x[row, start:stop], maxima[row], places[row] - start, d)
            total[:] = 0
            for k in range(hi.shape[1]):
                c = coefficients[row, k]
                if c.size == 3:
                    sums[row, k] += _quadratic(
                        d, hi[at, k], lo[at, k], scale[at, k], means[row, k], c, total
                    )
                else:
                    sums[row, k] += _quartic(
                        d, hi[at, k], lo[at, k], scale[at, k], means[row, k], c, total
                    )
            balance += _sum(total)
            result[row, start:stop] = total[: stop - start]
        result[row, places[row]] = -balance
    restore_subnormals(mode)


@njit(fastmath=_SUMS)
def _quadratic(d, hi, lo, scale, mean, c, total):
    widest_vectors()
    c0, c1, c2 = c[0], c[1], c[2]
    third = zero = d.dtype.type(0)
    for i in range(BLOCK):
        weight = exp2_negative(d[i], hi, lo)
        z = d[i] * scale - mean if weight > zero else zero
        total[i] += weight * (c0 + z * (c1 + z * c2))
        third += weight * (z * z * z)
    return third


@njit(fastmath=_SUMS)
def _quartic(d, hi, lo, scale, mean, c, total):
    widest_vectors()
    c0, c1, c2, c3, c4 = c[0], c[1], c[2], c[3], c[4]
    fifth = zero = d.dtype.type(0)
    for i in range(BLOCK):
        weight = exp2_negative(d[i], hi, lo)
        z = d[i] * scale - mean if weight > zero else zero
        total[i] += weight * (c0 + z * (c1 + z * (c2 + z * (c3 + z * c4))))
        fifth += weight * (z * z * z * (z * z))
    return fifth


@njit(fastmath=_SUMS)
def _sum(values):
    widest_vectors()
    total = values.dtype.type(0)
    for i in range(BLOCK):
        total += values[i]
    return total
