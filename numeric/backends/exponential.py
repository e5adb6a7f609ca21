"""A negative exponential that LLVM vectorizes: 2^-(d c) to about one unit in the last place.

The constant c = beta log2(e) comes as two floats, c = hi + lo, so that the exponent is rounded
once, and for typical logits not at all: with n the integer nearest d c, the remainder
n - d c is one fused multiply-add.  Weights below the smallest normal float are 0.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import types
from numba.extending import overload

from numeric.backends.bits import as_bits, as_float, fma

# 1 + r q(r) interpolates 2^r at Chebyshev nodes of [-1/2, 1/2], to 5.1e-9 and 1.2e-19.
_C32 = tuple(
    np.float32(c)
    for c in (
        0.00015453162945120690,
        0.00133908633646712344,
        0.00961808255727785149,
        0.05550357114219077819,
        0.24022650760568126945,
        0.69314718802622878106,
    )
)
_C64 = (
    2.5729324177362304214e-11,
    4.455817908336064493e-10,
    7.0548973041554992774e-9,
    1.0178057087733941105e-7,
    1.321548680870556279e-6,
    1.5252733841556772589e-5,
    1.5403530393370733411e-4,
    1.3333558146406470697e-3,
    9.6181291076284794928e-3,
    5.5504108664821627039e-2,
    0.24022650695910071233,
    0.69314718055994530925,
)
# Adding _ROUND leaves the nearest integer in the low bits; below _LEAST it is too small for a
# normal float.
_ROUND32, _LEAST32 = np.float32(1.5 * 2**23), np.float32(1.5 * 2**23 - 125)
_ROUND64, _LEAST64 = 1.5 * 2.0**52, 1.5 * 2.0**52 - 1021


def exp2_negative(d, hi, lo) -> Any:
    """2^-(d (hi + lo)) for d >= 0, compiled for float32 and float64."""
    raise NotImplementedError("only inside compiled kernels")


@overload(exp2_negative)
def _exp2_negative(d, hi, lo):
    return _single if d == types.float32 else _double


def _single(d, hi, lo):
    shifted = fma(-d, hi, _ROUND32)
    r = fma(-d, lo, fma(-d, hi, _ROUND32 - shifted))
    p = fma(_C32[0], r, _C32[1])
    p = fma(p, r, _C32[2])
    p = fma(p, r, _C32[3])
    p = fma(p, r, _C32[4])
    p = fma(p, r, _C32[5])
    p = fma(p, r, np.float32(1))
    scaled = as_float(np.int32(as_bits(p) + (as_bits(shifted) << np.int32(23))))
    return scaled if shifted >= _LEAST32 else np.float32(0)


def _double(d, hi, lo):
    shifted = fma(-d, hi, _ROUND64)
    r = fma(-d, lo, fma(-d, hi, _ROUND64 - shifted))
    p = fma(_C64[0], r, _C64[1])
    p = fma(p, r, _C64[2])
    p = fma(p, r, _C64[3])
    p = fma(p, r, _C64[4])
    p = fma(p, r, _C64[5])
    p = fma(p, r, _C64[6])
    p = fma(p, r, _C64[7])
    p = fma(p, r, _C64[8])
    p = fma(p, r, _C64[9])
    p = fma(p, r, _C64[10])
    p = fma(p, r, _C64[11])
    p = fma(p, r, 1.0)
    scaled = as_float(as_bits(p) + (as_bits(shifted) << 52))
    return scaled if shifted >= _LEAST64 else 0.0
