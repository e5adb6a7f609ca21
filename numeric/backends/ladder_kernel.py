"""Compiled loop over the vocabulary: raw moments of gaps at equally spaced inverse temperatures.

For every row the maximum m and the place of one maximal logit, and then, per rung beta_j, the sums
over all other tokens of e, e d and e d^2 with d = m - x >= 0 and e = exp(-beta_j d).  One
exponential exp(-step d) and its powers serve sixteen rungs.  Eight rungs share one pass over a
block: two weights and their first moments times four powers are twenty-four running sums, which
fill the vector registers, so that a logit costs three fused products a rung.  All terms are
nonnegative.  Sums over a block run in the dtype of the logits, sums of blocks in float64.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from numeric.backends.bits import borrowed, flush_subnormals, restore_subnormals, widest_vectors
from numeric.backends.compiled import kernel
from numeric.backends.exponential import exp2_negative
from numeric.backends.kernels import fetch_ahead, next_gaps, raise_maximum

_SUMS = {"contract", "reassoc", "nsz"}  # sums may run in vector lanes, products be fused

RUNGS = 8  # of a ladder that share one pass over a block
FRESH = 2 * RUNGS  # after so many, weights are exponentials again, and not products


@kernel
def ladder_sums(x, hi, lo, beta, maxima, places, sums, room):
    """Sums (N, K, 3) at K rungs beta (1, K), K a multiple of 8, of contiguous rows x (N, V).

    hi, lo: the constants of the step, and of every sixteenth rung from the first.  A row that is
    not legal gets its offending value as maximum and no sums.
    """
    x, sums, address = borrowed(x), borrowed(sums), x.ctypes.data
    d, step = borrowed(room[0]), borrowed(room[1])
    base, further = borrowed(room[2]), borrowed(room[3])
    at = np.int64(0)
    pairs = (beta.shape[1] + RUNGS) // FRESH
    proportional = hi[0] == hi[1] and lo[0] == lo[1]
    mode = flush_subnormals()
    for row in range(x.shape[0]):
        maximum, place = x.dtype.type(-np.inf), np.int64(0)
        for start in range(0, x.shape[1], d.size):
            following = row * x.shape[1] + start + d.size
            ahead, quarter = address + following * x.itemsize, d.size * x.itemsize // 4
            fetch_ahead(ahead, quarter)  # little at a time: few lines may be on their way
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
            fetch_ahead(ahead + quarter, quarter)
            _weights(d, hi[0], lo[0], step)
            fetch_ahead(ahead + 2 * quarter, quarter)
            for pair in range(pairs):
                source, first = base, FRESH * pair
                if pair == 0 and proportional:
                    source = step
                else:
                    _weights(d, hi[1 + pair], lo[1 + pair], base)
                _eight_sums(d, step, source, sums, row, first)
                if first + RUNGS < beta.shape[1]:
                    fetch_ahead(ahead + 3 * quarter, quarter)
                    _advance(source, step, further)
                    _eight_sums(d, step, further, sums, row, first + RUNGS)
        maxima[row], places[row] = maximum, place
    restore_subnormals(mode)


@njit()
def _weights(d, hi, lo, e):
    widest_vectors()
    for i in range(d.size):
        e[i] = exp2_negative(d[i], hi, lo)


@njit()
def _advance(weight, step, result):
    """Weights eight rungs further on."""
    widest_vectors()
    for i in range(weight.size):
        two = step[i] * step[i]
        four = two * two
        result[i] = weight[i] * (four * four)


@njit(fastmath=_SUMS)
def _eight_sums(d, step, weight, sums, row, first):
    """Add eight rungs, the first of which has these weights, to sums (N, K, 3)."""
    widest_vectors()
    a0 = a1 = a2 = a3 = a4 = a5 = d.dtype.type(0)
    b0 = b1 = b2 = b3 = b4 = b5 = d.dtype.type(0)
    c0 = c1 = c2 = c3 = c4 = c5 = d.dtype.type(0)
    f0 = f1 = f2 = f3 = f4 = f5 = d.dtype.type(0)
    for i in range(d.size):
        gap, factor, even = d[i], step[i], weight[i]
        odd = even * factor
        two = factor * factor
        four = two * two
        six = four * two
        even1, odd1 = even * gap, odd * gap
        even2, odd2 = even1 * gap, odd1 * gap
        a0, a1, a2 = a0 + even, a1 + even1, a2 + even2
        a3, a4, a5 = a3 + odd, a4 + odd1, a5 + odd2
        b0, b1, b2 = b0 + even * two, b1 + even1 * two, b2 + even2 * two
        b3, b4, b5 = b3 + odd * two, b4 + odd1 * two, b5 + odd2 * two
        c0, c1, c2 = c0 + even * four, c1 + even1 * four, c2 + even2 * four
        c3, c4, c5 = c3 + odd * four, c4 + odd1 * four, c5 + odd2 * four
        f0, f1, f2 = f0 + even * six, f1 + even1 * six, f2 + even2 * six
        f3, f4, f5 = f3 + odd * six, f4 + odd1 * six, f5 + odd2 * six
    _add_two(sums, row, first, a0, a1, a2, a3, a4, a5)
    _add_two(sums, row, first + 2, b0, b1, b2, b3, b4, b5)
    _add_two(sums, row, first + 4, c0, c1, c2, c3, c4, c5)
    _add_two(sums, row, first + 6, f0, f1, f2, f3, f4, f5)


@njit()
def _add_two(sums, row, k, s0, s1, s2, t0, t1, t2):
    sums[row, k, 0] += s0
    sums[row, k, 1] += s1
    sums[row, k, 2] += s2
    sums[row, k + 1, 0] += t0
    sums[row, k + 1, 1] += t1
    sums[row, k + 1, 2] += t2
