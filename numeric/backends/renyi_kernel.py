"""Compiled loop over the vocabulary: what sum p^q differs from one by, term by term."""

from __future__ import annotations

import numpy as np
from numba import njit

from numeric.backends.bits import flush_subnormals, restore_subnormals, widest_vectors
from numeric.backends.compiled import kernel
from numeric.backends.differences import exp_negative, exp_remainder
from numeric.backends.kernels import BLOCK, fill_gaps

_SUMS = {"contract", "reassoc", "nsz"}


@kernel
def power_excess(x, maxima, beta, levels, a, b, sums):
    """Sums (N, K) of |p^q - p| / min(b, 1) over the tokens of rows (N, V), -ln p = beta d + level.

    maxima (N,), beta and levels (N, K), a = min(q, 1) and b = |q - 1| in the dtype of x.  All
    terms have one sign, so that nothing cancels as q -> 1, and are of the order of -p ln p there.
    """
    d, room = np.empty(BLOCK, x.dtype), np.empty(BLOCK, x.dtype)
    mode = flush_subnormals()
    for row in range(x.shape[0]):
        for start in range(0, x.shape[1], BLOCK):
            block = x[row, start : start + BLOCK]
            fill_gaps(block, maxima[row], -1, d)
            own, terms = d[: block.size], room[: block.size]
            for k in range(beta.shape[1]):
                _fill_terms(own, beta[row, k], levels[row, k], a, b, terms)
                sums[row, k] += _sum(terms)
    restore_subnormals(mode)


@njit()
def _fill_terms(d, beta, level, a, b, terms):
    """exp(-a s) (1 - exp(-b s)) / min(b, 1) with s = -ln p; in this order nothing underflows."""
    widest_vectors()
    zero, one = d.dtype.type(0), d.dtype.type(1)
    scale = one / min(b, one)
    factor = scale * b
    for i in range(d.size):
        s = beta * d[i] + level
        v = b * s
        small = v <= one
        step = -v if small else zero
        near = factor * s - scale * exp_remainder(step)
        terms[i] = exp_negative(a * s) * (near if small else scale * (one - exp_negative(v)))


@njit(fastmath=_SUMS)
def _sum(terms):
    widest_vectors()
    total = terms.dtype.type(0)
    for i in range(terms.size):
        total += terms[i]
    return np.float64(total)
