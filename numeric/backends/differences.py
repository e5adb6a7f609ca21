"""Differences of exponentials and of logarithms from their first terms, as LLVM vectorizes them.

exp(z) - 1 - z and ln(1 + z) lose their digits to subtraction where z is small, unless they are
series there.  The functions choose their constants by the dtype of the argument.
"""

from __future__ import annotations

from math import factorial
from typing import Any

import numpy as np
from numba import types
from numba.extending import overload

from numeric.backends.exponential import exp2_negative
from numeric.backends.ladder import constants

# exp(a) - 1 - a = a^2 sum a^k / (k + 2)! for |a| <= 1/2, and the same of 2 a from that of a.
_E64 = tuple(1 / factorial(k) for k in range(14, 1, -1))
_E32 = tuple(np.float32(c) for c in _E64[6:])
# artanh(s) = s sum s^(2 k) / (2 k + 1) for |s| <= 0.16
_A64 = tuple(1 / k for k in range(19, 0, -2))
_A32 = tuple(np.float32(c) for c in _A64[5:])
(_HI64,), (_LO64,) = constants(np.ones(1, np.longdouble), np.dtype(np.float64))
(_HI32,), (_LO32,) = constants(np.ones(1, np.longdouble), np.dtype(np.float32))


def exp_negative(v) -> Any:
    """exp(-v) for v >= -60, to about a unit in the last place."""
    raise NotImplementedError("only inside compiled kernels")


@overload(exp_negative, inline="always")
def _exp_negative(v):
    if v == types.float32:
        return lambda v: exp2_negative(v, _HI32, _LO32)
    return lambda v: exp2_negative(v, _HI64, _LO64)


def exp_remainder(z) -> Any:
    """exp(z) - 1 - z >= 0 for |z| <= 1, with relative accuracy."""
    raise NotImplementedError("only inside compiled kernels")


@overload(exp_remainder)
def _exp_remainder(z):
    return _remainder32 if z == types.float32 else _remainder64


def _remainder32(z):
    a = z * np.float32(0.5)
    p = _E32[0]
    p = p * a + _E32[1]
    p = p * a + _E32[2]
    p = p * a + _E32[3]
    p = p * a + _E32[4]
    p = p * a + _E32[5]
    p = p * a + _E32[6]
    g = p * a * a
    return (a + g) * (a + g) + g + g


def _remainder64(z):
    a = z * 0.5
    p = _E64[0]
    p = p * a + _E64[1]
    p = p * a + _E64[2]
    p = p * a + _E64[3]
    p = p * a + _E64[4]
    p = p * a + _E64[5]
    p = p * a + _E64[6]
    p = p * a + _E64[7]
    p = p * a + _E64[8]
    p = p * a + _E64[9]
    p = p * a + _E64[10]
    p = p * a + _E64[11]
    p = p * a + _E64[12]
    g = p * a * a
    return (a + g) * (a + g) + g + g


def artanh(s) -> Any:
    """Inverse hyperbolic tangent for |s| <= 0.16; ln(1 + z) is twice that of z / (2 + z)."""
    raise NotImplementedError("only inside compiled kernels")


@overload(artanh)
def _artanh(s):
    return _artanh32 if s == types.float32 else _artanh64


def _artanh32(s):
    q = s * s
    p = _A32[0]
    p = p * q + _A32[1]
    p = p * q + _A32[2]
    p = p * q + _A32[3]
    p = p * q + _A32[4]
    return p * s


def _artanh64(s):
    q = s * s
    p = _A64[0]
    p = p * q + _A64[1]
    p = p * q + _A64[2]
    p = p * q + _A64[3]
    p = p * q + _A64[4]
    p = p * q + _A64[5]
    p = p * q + _A64[6]
    p = p * q + _A64[7]
    p = p * q + _A64[8]
    p = p * q + _A64[9]
    return p * s
