"""Compiled loops over the vocabulary: raw moments of gaps, all temperatures in one pass.

For every row: the maximum m and the place of one maximal logit, then, per temperature, the sums
over all other tokens of e, e d and e d^2 with d = m - x >= 0 and e = exp(-beta d).  All terms are
nonnegative.  Logits are taken in blocks that stay in the cache; sums over a block run in the dtype
of the logits, sums of blocks in float64.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from numeric.backends.bits import (
    as_bits,
    as_float,
    flush_subnormals,
    ordered,
    restore_subnormals,
    widest_vectors,
)
from numeric.backends.exponential import exp2_negative

_SUMS = {"contract", "reassoc", "nsz"}  # sums may run in vector lanes, products be fused

BLOCK = 1024
GROUP = 4  # temperatures of a ladder that share one pass over the block


@njit(nogil=True, cache=True)
def ladder_sums(x, hi, lo, groups, maxima, places, sums):
    """Sums (N, 4 groups, 3) at beta_j = base + j step, by three exponentials in all.

    hi, lo (3,): the constants of base, step and 4 step.  A row that is not legal gets its
    offending value as maximum and no sums.
    """
    d, e = np.empty(BLOCK, x.dtype), np.empty(BLOCK, x.dtype)
    step, stride = np.empty(BLOCK, x.dtype), np.empty(BLOCK, x.dtype)
    mode = flush_subnormals()
    for row in range(x.shape[0]):
        maxima[row], places[row] = _maximum(x[row])
        if not np.isfinite(maxima[row]):
            continue
        for start in range(0, x.shape[1], BLOCK):
            fill_gaps(x[row, start : start + BLOCK], maxima[row], places[row] - start, d)
            _weights(d, hi[1], lo[1], step)
            if hi[0] == hi[1] and lo[0] == lo[1]:
                e[:] = step
            else:
                _weights(d, hi[0], lo[0], e)
            _weights(d, hi[2], lo[2], stride)
            for group in range(groups):
                _four_sums(d, e, step, stride, sums[row, GROUP * group : GROUP * (group + 1)])
    restore_subnormals(mode)


@njit(nogil=True, cache=True)
def grid_sums(x, hi, lo, maxima, places, sums):
    """Sums (N, K, 3) at any temperatures, one exponential each; hi, lo (1, K) or (N, K)."""
    d = np.empty(BLOCK, x.dtype)
    mode = flush_subnormals()
    for row in range(x.shape[0]):
        maxima[row], places[row] = _maximum(x[row])
        if not np.isfinite(maxima[row]):
            continue
        at = row if hi.shape[0] > 1 else 0
        for start in range(0, x.shape[1], BLOCK):
            fill_gaps(x[row, start : start + BLOCK], maxima[row], places[row] - start, d)
            for k in range(hi.shape[1]):
                _one_sum(d, hi[at, k], lo[at, k], sums[row, k])
    restore_subnormals(mode)


@njit(nogil=True, cache=True)
def central_sum(x, maximum, place, hi, lo, mean):
    """Sum of e (d - mean)^2 over the other tokens of one row (V,) at one temperature."""
    d = np.empty(BLOCK, x.dtype)
    total = 0.0
    for start in range(0, x.size, BLOCK):
        fill_gaps(x[start : start + BLOCK], maximum, place - start, d)
        total += _central(d, hi, lo, mean)
    return total


@njit(cache=True)
def fill_gaps(x, maximum, place, d):
    """Gaps of a block; masked, missing and the excluded token get one whose weight is 0."""
    widest_vectors()
    far = d.dtype.type(1e12)  # its cube is a finite float32
    for i in range(x.size):
        gap = maximum - x[i]
        d[i] = gap if gap < far else far
    for i in range(x.size, BLOCK):
        d[i] = far
    if 0 <= place < BLOCK:
        d[place] = far


@njit(cache=True)
def _weights(d, hi, lo, e):
    widest_vectors()
    for i in range(BLOCK):
        e[i] = exp2_negative(d[i], hi, lo)


@njit(fastmath=_SUMS, cache=True)
def _four_sums(d, e, step, stride, sums):
    """Add four temperatures of the ladder to sums (4, 3) and move e on to the next four."""
    widest_vectors()
    a0 = a1 = a2 = b0 = b1 = b2 = c0 = c1 = c2 = f0 = f1 = f2 = d.dtype.type(0)
    for i in range(BLOCK):
        gap, factor, weight = d[i], step[i], e[i]
        square = gap * gap
        a0 += weight
        a1 += weight * gap
        a2 += weight * square
        next1 = weight * factor
        b0 += next1
        b1 += next1 * gap
        b2 += next1 * square
        next2 = next1 * factor
        c0 += next2
        c1 += next2 * gap
        c2 += next2 * square
        next3 = next2 * factor
        f0 += next3
        f1 += next3 * gap
        f2 += next3 * square
        e[i] = weight * stride[i]
    _add(sums[0], a0, a1, a2)
    _add(sums[1], b0, b1, b2)
    _add(sums[2], c0, c1, c2)
    _add(sums[3], f0, f1, f2)


@njit(fastmath=_SUMS, cache=True)
def _one_sum(d, hi, lo, sums):
    widest_vectors()
    a0 = a1 = a2 = d.dtype.type(0)
    for i in range(BLOCK):
        weight = exp2_negative(d[i], hi, lo)
        moment = weight * d[i]
        a0 += weight
        a1 += moment
        a2 += moment * d[i]
    _add(sums, a0, a1, a2)


@njit(fastmath=_SUMS, cache=True)
def _central(d, hi, lo, mean):
    widest_vectors()
    total = d.dtype.type(0)
    for i in range(BLOCK):
        deviation = d[i] - mean
        total += exp2_negative(d[i], hi, lo) * deviation * deviation
    return total


@njit(cache=True)
def _add(sums, s0, s1, s2):
    sums[0] += s0
    sums[1] += s1
    sums[2] += s2


@njit(cache=True)
def _maximum(x):
    """The maximum of a row and its first place; an illegal value where there is one.

    Compared as integers in the order of the floats, so that it vectorizes and a NaN is beyond
    either infinity.
    """
    best, where = ordered(as_bits(x[0])), 0
    least = best
    for start in range(0, x.size, BLOCK):
        low, high = _extremes(x[start : start + BLOCK])
        least = min(least, low)
        if high > best:
            best, where = high, start
    infinity = x.dtype.type(np.inf)
    if best > ordered(as_bits(infinity)) or least < ordered(as_bits(-infinity)):
        return x.dtype.type(np.nan), 0
    maximum = as_float(ordered(best))
    for i in range(where, x.size):
        if x[i] == maximum:
            return maximum, i
    return maximum, 0


@njit(cache=True)
def _extremes(x):
    widest_vectors()
    low = high = ordered(as_bits(x[0]))
    for i in range(x.size):
        value = ordered(as_bits(x[i]))
        low = min(low, value)
        high = max(high, value)
    return low, high
