"""Compiled loop over the vocabulary: what sum p^q differs from one by, term by term."""

from __future__ import annotations

import numpy as np
from numba import njit

from numeric.backends.bits import flush_subnormals, restore_subnormals, widest_vectors
from numeric.backends.differences import exp_negative, exp_remainder
from numeric.backends.kernels import BLOCK, fill_gaps

_SUMS = {"contract", "reassoc", "nsz"}


@njit(nogil=True, cache=True)
def power_excess(x, maxima, beta, levels, a, b, sums):
    """Sums (N, K) of |p^q - p| over the tokens of rows (N, V), where -ln p = beta d + level.

    maxima (N,), beta and levels (N, K), a = min(q, 1) and b = |q - 1| in the dtype of x.  All
    terms have one sign, so that nothing cancels as q -> 1.
    """
    d = np.empty(BLOCK, x.dtype)
    mode = flush_subnormals()
    for row in range(x.shape[0]):
        for start in range(0, x.shape[1], BLOCK):
            block = x[row, start : start + BLOCK]
            fill_gaps(block, maxima[row], -1, d)
            for k in range(beta.shape[1]):
                sums[row, k] += _differences(d[: block.size], beta[row, k], levels[row, k], a, b)
    restore_subnormals(mode)


@njit(fastmath=_SUMS, cache=True)
def _differences(d, beta, level, a, b):
    """Sum of exp(-a s) (1 - exp(-b s)) with s = -ln p."""
    widest_vectors()
    zero, one = d.dtype.type(0), d.dtype.type(1)
    total = zero
    for i in range(d.size):
        s = beta * d[i] + level
        v = b * s
        small = v <= one
        step = -v if small else zero
        drop = -(step + exp_remainder(step)) if small else one - exp_negative(v)
        total += exp_negative(a * s) * drop
    return np.float64(total)
