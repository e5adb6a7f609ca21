"""What every compiled loop over a vocabulary begins with: blocks of gaps below the maximum.

The gap of a logit is d = m - x >= 0, with m the maximum of its row; the place of one maximal logit
is excluded.  Logits are taken in blocks that stay in the cache.  A row is read once: its maximum
is the greatest logit so far, and `raise_maximum` moves sums that were taken below an earlier one.
Illegal logits are found on the way, and end a row with an illegal maximum.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from numeric.backends.bits import (
    as_bits,
    as_float,
    as_unsigned,
    ordered,
    prefetch,
    widest_vectors,
)

BLOCK = 1024
FAR = 1e12  # a gap whose weight is 0 and whose cube is a finite float32
_LINE, _PAGE = 64, 4096  # bytes that come into the cache together, bytes of a page


@njit()
def next_gaps(block, start, maximum, place, d):
    """Gaps `d` of a block of a row that begins at `start`, below the row's maximum so far.

    Returns the maximum and its place: those given, or the block's first greater logit.  The
    maximum is -inf while every token is masked, and then there are no gaps; it becomes +inf or
    NaN at a logit that is.
    """
    if maximum > -np.inf and _fill(block, maximum, d):
        _exclude(place - start, d)
        return maximum, place
    low, high = _extremes(block)
    infinity = d.dtype.type(np.inf)
    if high > ordered(as_bits(infinity)) or low < ordered(as_bits(-infinity)):
        return d.dtype.type(np.nan), 0
    top = as_float(ordered(high))
    if top > maximum:
        maximum, place = top, start + _first(block, top)
    if np.isfinite(maximum):
        _fill(block, maximum, d)
        _exclude(place - start, d)
    return maximum, place


@njit()
def raise_maximum(sums, row, beta, at, rise):
    """Sums (N, K, 3) of one row, with what was excluded, below a maximum higher by `rise`."""
    for k in range(beta.shape[1]):
        factor = np.exp(-beta[at, k] * rise)
        total, first, second = 1 + sums[row, k, 0], sums[row, k, 1], sums[row, k, 2]
        if factor == 0:  # where squares could overflow
            total, first, second, factor = 0.0, 0.0, 0.0, 1.0
        sums[row, k, 0] = factor * total
        sums[row, k, 1] = factor * (first + rise * total)
        sums[row, k, 2] = factor * (second + rise * (2 * first + rise * total))


@njit()
def fetch_ahead(address, size):
    """Ask for `size` bytes from an address before they are needed."""
    for place in range(address, address + size, _LINE):
        prefetch(place)


def workspace(dtype: np.dtype, states: int) -> tuple[np.ndarray, ...]:
    """Four arrays for blocks of rows (N, states): whole vectors, of 8 KiB at most.

    Each begins with a line of the cache, and at a place of a page where loads from one need not
    wait for stores to another.
    """
    length = min(2 * _PAGE // dtype.itemsize, (states + 63) // 64 * 64)
    room, apart = np.empty(12 * _PAGE, np.uint8), 2 * _PAGE + _PAGE // 4
    first = -room.ctypes.data % _PAGE
    starts = (first + n * apart for n in range(4))
    return tuple(room[a : a + length * dtype.itemsize].view(dtype) for a in starts)


@njit()
def fill_gaps(x, maximum, place, d):
    """Gaps of a block; masked, missing and the excluded token get one whose weight is 0."""
    _fill(x, maximum, d)
    _exclude(place, d)


@njit()
def _fill(x, maximum, d):
    """Gaps of a block, and whether all of them are numbers and none is negative."""
    widest_vectors()
    far = d.dtype.type(FAR)
    worst = as_unsigned(d.dtype.type(0))
    for i in range(x.size):
        gap = maximum - x[i]
        worst = max(worst, as_unsigned(gap))
        d[i] = far if gap > far else gap  # not a NaN
    for i in range(x.size, d.size):
        d[i] = far
    return worst <= as_unsigned(d.dtype.type(np.inf))


@njit()
def _exclude(place, d):
    if 0 <= place < d.size:
        d[place] = FAR


@njit()
def row_maximum(x):
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
    return maximum, where + _first(x[where : where + BLOCK], maximum)


@njit()
def _first(x, value):
    """The first place of a value that is there."""
    widest_vectors()
    place = np.int32(x.size)
    for i in range(x.size):
        place = min(place, np.int32(i) if x[i] == value else place)
    return place


@njit()
def _extremes(x):
    """The least and the greatest of a block, as integers in the order of the floats."""
    widest_vectors()
    low = high = ordered(as_bits(x[0]))
    for i in range(x.size):
        value = ordered(as_bits(x[i]))
        low = min(low, value)
        high = max(high, value)
    return low, high
