"""Compiled loops over two rows of logits: relative entropy, chord and Jensen-Shannon, in one go.

As `numeric.pair` in torch: everything is built from r_i = ln q_i - ln p_i, taken from differences
of logits and from ln sum p exp(delta).  The two rows are read from memory once; four sweeps over
their blocks find them in the cache, and nothing as long as a row is allocated.  The three loops
are written out: one that takes the sum over a block as an argument would be compiled anew in
every process.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from numeric.backends.bits import flush_subnormals, restore_subnormals, widest_vectors
from numeric.backends.compiled import kernel
from numeric.backends.differences import artanh, exp_negative, exp_remainder
from numeric.backends.kernels import BLOCK, fill_gaps, row_maximum

_SUMS = {"contract", "reassoc", "nsz"}
_NEAR = 0.5  # a sum of p expm1(delta) below which its log1p keeps more digits than ln Z_q / Z_p


@kernel
def relative_entropy(x, y):
    """D(p || q) of rows of logits (V,) of one dtype; NaN where a logit is not finite."""
    mode = flush_subnormals()
    levels, buffers, total = np.empty(6, x.dtype), np.empty((3, BLOCK), x.dtype), 0.0
    _find_levels(x, y, levels, buffers)
    for start in range(0, x.size, BLOCK):
        total += _entropies(*_fill(x, y, start, levels, buffers))
    restore_subnormals(mode)
    return total


@kernel
def squared_chord(x, y):
    """|sqrt p - sqrt q|^2 of rows of logits (V,) of one dtype; NaN where a logit is not finite."""
    mode = flush_subnormals()
    levels, buffers, total = np.empty(6, x.dtype), np.empty((3, BLOCK), x.dtype), 0.0
    _find_levels(x, y, levels, buffers)
    for start in range(0, x.size, BLOCK):
        total += _chords(*_fill(x, y, start, levels, buffers))
    restore_subnormals(mode)
    return total


@kernel
def jensen_shannon(x, y):
    """Jensen-Shannon divergence of rows of logits (V,); NaN where a logit is not finite."""
    mode = flush_subnormals()
    levels, buffers, total = np.empty(6, x.dtype), np.empty((3, BLOCK), x.dtype), 0.0
    _find_levels(x, y, levels, buffers)
    for start in range(0, x.size, BLOCK):
        total += _mixtures(*_fill(x, y, start, levels, buffers))
    restore_subnormals(mode)
    return total


@njit()
def _find_levels(x, y, levels, buffers):
    """Maxima, 1 / (1 + w) of p and q, the difference at p's maximum and ln sum p exp(delta).

    The last is NaN where a logit is not finite.
    """
    max_x, k = row_maximum(x)
    max_y, at_y = row_maximum(y)
    if not (np.isfinite(max_x) and np.isfinite(max_y)):
        levels[:] = np.nan
        return
    levels[0], levels[1], levels[4], levels[5] = max_x, max_y, y[k] - x[k], 0
    dx, dy, delta = buffers[0], buffers[1], buffers[2]
    weight_p = weight_q = growth = 0.0
    for start in range(0, x.size, BLOCK):
        own, other = x[start : start + BLOCK], y[start : start + BLOCK]
        if _fill_differences(own, other, levels, delta):
            levels[:] = np.nan
            return
        delta[own.size :] = 0
        fill_gaps(own, max_x, k - start, dx)
        fill_gaps(other, max_y, at_y - start, dy)
        p, q, g = _weights(dx, dy, delta)
        weight_p, weight_q, growth = weight_p + p, weight_q + q, growth + g
    growth /= 1 + weight_p
    levels[2], levels[3] = 1 / (1 + weight_p), 1 / (1 + weight_q)
    if abs(growth) < _NEAR:
        levels[5] = np.log1p(growth)
    else:
        step = np.float64(max_y) - np.float64(max_x) - np.float64(levels[4])
        levels[5] = step + np.log1p(weight_q) - np.log1p(weight_p)


@njit()
def _fill_differences(x, y, levels, r):
    """Differences of logits less their levels, as written: no sum may be reordered here.

    True where a token is masked.
    """
    widest_vectors()
    masked = 0
    shift, level, lowest = levels[4], levels[5], x.dtype.type(-np.inf)
    for i in range(x.size):
        r[i] = ((y[i] - x[i]) - shift) - level
        masked |= (x[i] == lowest) | (y[i] == lowest)
    return masked != 0


@njit(fastmath=_SUMS)
def _weights(dx, dy, delta):
    """Sums over a block of exp(-dx), exp(-dy) and exp(-dx) (exp(delta) - 1)."""
    widest_vectors()
    zero, one, most = dx.dtype.type(0), dx.dtype.type(1), dx.dtype.type(60)
    p = q = growth = zero
    for i in range(BLOCK):
        weight = exp_negative(dx[i])
        small = abs(delta[i]) <= one
        step = delta[i] if small else zero
        far = max(dx[i] - delta[i], -most) if not small else zero
        p += weight
        q += exp_negative(dy[i])
        growth += weight * (step + exp_remainder(step)) if small else exp_negative(far) - weight
    return np.float64(p), np.float64(q), np.float64(growth)


@njit()
def _fill(x, y, start, levels, buffers):
    """Probabilities of p and q and logarithms of their ratio, of one block."""
    x, y = x[start : start + BLOCK], y[start : start + BLOCK]
    p, q, r = buffers[0, : x.size], buffers[1, : x.size], buffers[2, : x.size]
    _fill_differences(x, y, levels, r)
    _fill_probabilities(x, levels[0], levels[2], p)
    _fill_probabilities(y, levels[1], levels[3], q)
    return p, q, r


@njit()
def _fill_probabilities(x, maximum, scale, p):
    widest_vectors()
    for i in range(x.size):
        p[i] = scale * exp_negative(maximum - x[i])


@njit(fastmath=_SUMS)
def _entropies(p, q, r):
    """p (exp(r) - 1 - r), because sum p exp(r) = sum q = 1."""
    widest_vectors()
    zero, one = r.dtype.type(0), r.dtype.type(1)
    total = zero
    for i in range(r.size):
        small = abs(r[i]) <= one
        near = p[i] * exp_remainder(r[i] if small else zero)
        total += near if small else (q[i] - p[i]) - p[i] * r[i]
    return np.float64(total)


@njit(fastmath=_SUMS)
def _chords(p, q, r):
    """(sqrt q - sqrt p)^2 = p (exp(r / 2) - 1)^2, and the same with -r for q."""
    widest_vectors()
    zero, one, half = r.dtype.type(0), r.dtype.type(1), r.dtype.type(0.5)
    total = zero
    for i in range(r.size):
        larger = q[i] if r[i] > zero else p[i]
        v = half * abs(r[i])
        small = v <= one
        step = -v if small else zero
        drop = step + exp_remainder(step) if small else exp_negative(v) - one
        total += larger * drop * drop
    return np.float64(total)


@njit(fastmath=_SUMS)
def _mixtures(p, q, r):
    """Half of (p + q) (ln 2 - h(1 / (1 + exp r))), with h the entropy of a coin."""
    widest_vectors()
    zero, one, two = r.dtype.type(0), r.dtype.type(1), r.dtype.type(2)
    half, log_two = r.dtype.type(0.5), r.dtype.type(0.6931471805599453)
    total = zero
    for i in range(r.size):
        a = abs(r[i])
        small = a <= one
        step = -a if small else zero
        drop = step + exp_remainder(step)
        u = one + drop if small else exp_negative(a)
        tanh = -drop / (one + u)  # of a / 2
        square = tanh * tanh
        near = half * tanh * a - artanh(square / (two - square))
        far = log_two - two * artanh(u / (two + u) if not small else zero) - u * a / (one + u)
        total += half * (p[i] + q[i]) * (near if small else far)
    return np.float64(total)
