"""Compiled loop over the vocabulary: moments to order 4, centered block by block, in one pass.

Sums of e d^n about zero lose the third and fourth central moments to cancellation.  So every
block of logits, while it is in the cache, gets its own mean and the moments about it, and blocks
are merged by Pebay's formulas (2008) with Gibbs weights: those of `numeric.state` for sets whose
maximum is common, in float64.  The excluded token is the set that the merge begins with.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from numeric.backends.bits import flush_subnormals, restore_subnormals, widest_vectors
from numeric.backends.compiled import kernel
from numeric.backends.exponential import exp2_negative
from numeric.backends.kernels import BLOCK, fill_gaps, row_maximum

_SUMS = {"contract", "reassoc", "nsz"}


@kernel
def centered_moments(x, hi, lo, scale, maxima, places, moments):
    """Weight, mean and central moments 2 to 4 (N, K, 5) of scale d; hi, lo, scale (1 or N, K).

    `scale` are powers of two, so that the scaled gaps are exact and their powers stay in range.
    The weight is that of all tokens but the excluded one, the moments are of all.  A row that is
    not legal gets its offending value as maximum, and no moments.
    """
    d, e = np.empty(BLOCK, x.dtype), np.empty(BLOCK, x.dtype)
    block = np.empty(5)
    mode = flush_subnormals()
    for row in range(x.shape[0]):
        maxima[row], places[row] = row_maximum(x[row])
        if not np.isfinite(maxima[row]):
            continue
        at = row if hi.shape[0] > 1 else 0
        for start in range(0, x.shape[1], BLOCK):
            fill_gaps(x[row, start : start + BLOCK], maxima[row], places[row] - start, d)
            for k in range(hi.shape[1]):
                _block(d, e, hi[at, k], lo[at, k], scale[at, k], block)
                _merge(moments[row, k], block)
        for k in range(hi.shape[1]):
            total = 1 + moments[row, k, 0]
            for n in range(2, 5):
                moments[row, k, n] /= total
    restore_subnormals(mode)


@njit()
def _block(d, e, hi, lo, scale, block):
    """Weight, mean and sums of e z^n about it, n = 2, 3, 4, of one block, into `block` (5,)."""
    weight, first = _weights(d, hi, lo, scale, e)
    block[0] = weight
    if weight == 0:
        return
    center = d.dtype.type(first / weight)
    s1, s2, s3, s4 = _powers(d, e, scale, center)
    rest = s1 / weight  # what rounding left between the center and the mean
    block[1] = center + rest
    block[2] = s2 - s1 * rest
    block[3] = s3 - 3 * rest * s2 + 2 * s1 * rest**2
    block[4] = s4 - 4 * rest * s3 + 6 * rest**2 * s2 - 3 * s1 * rest**3


@njit(fastmath=_SUMS)
def _weights(d, hi, lo, scale, e):
    widest_vectors()
    s0 = s1 = d.dtype.type(0)
    for i in range(BLOCK):
        weight = exp2_negative(d[i], hi, lo)
        e[i] = weight
        s0 += weight
        s1 += weight * (d[i] * scale)
    return np.float64(s0), np.float64(s1)


@njit(fastmath=_SUMS)
def _powers(d, e, scale, center):
    widest_vectors()
    zero = d.dtype.type(0)
    s1 = s2 = s3 = s4 = zero
    for i in range(BLOCK):
        z = d[i] * scale - center if e[i] > zero else zero
        first = e[i] * z
        second = first * z
        s1 += first
        s2 += second
        s3 += second * z
        s4 += second * (z * z)
    return np.float64(s1), np.float64(s2), np.float64(s3), np.float64(s4)


@njit()
def _merge(a, b):
    """Add a block to the set `a`, whose weight `a[0]` does not count the excluded token's 1."""
    if b[0] == 0:
        return
    own, other = 1 + a[0], b[0]
    total = own + other
    f, g = other / total, own / total
    gap = b[1] - a[1]
    square = gap * gap
    a[4] += b[4] + square * square * own * f * (g * g - f * g + f * f)
    a[4] += 6 * square * (g * g * b[2] + f * f * a[2]) + 4 * gap * (g * b[3] - f * a[3])
    a[3] += b[3] + square * gap * own * f * (g - f) + 3 * gap * (g * b[2] - f * a[2])
    a[2] += b[2] + square * own * f
    a[1] = g * a[1] + f * b[1]
    a[0] += other
