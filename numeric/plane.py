"""How much heat capacity a next-token distribution of a given entropy can have."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from numeric.errors import InputError
from numeric.zeros import two_level_entropy

_HALVINGS = 80
_EACH = 64  # so many likeliest tokens are tried one by one, more in steps of four percent


def capacity_boundary(size: int, entropy) -> NDArray[np.float64]:
    """The largest heat capacity (n,) of `size` tokens with an entropy (n,) from 0 to ln `size`.

    Where Var(ln p) is greatest for a given mean of ln p, Lagrange's condition is quadratic in
    ln p, so that two levels attain it; how many tokens are on the upper one is tried.

    Raises:
        InputError: The size is below 1, or an entropy outside its range.
    """
    if not (isinstance(size, int | np.integer) and size >= 1):
        raise InputError(f"size: expected a whole number of tokens >= 1, got {size!r}")
    s = np.atleast_1d(np.asarray(entropy, dtype=np.float64))
    if not np.all((s >= 0) & (s <= np.log(size) * (1 + 1e-12))):
        raise InputError(f"entropy: expected numbers from 0 to ln {size} = {np.log(size):.4g}")
    best = np.zeros_like(s)
    for ground in _grounds(size):
        best = np.maximum(best, _two_levels(ground, size - ground, s))
    return best


def _grounds(size: int) -> NDArray[np.float64]:
    few = np.arange(1, min(size, _EACH + 1))
    many = np.geomspace(_EACH, max(size - 1, _EACH), max(2, int(25 * np.log(max(size, 2)))))
    return np.unique(np.concatenate([few, many[many < size].round()])).astype(np.float64)


def _two_levels(ground: float, excited: float, entropy: NDArray) -> NDArray:
    """Heat capacity at each entropy, 0 where so many likeliest tokens have more."""
    low, high = np.zeros_like(entropy), np.full_like(entropy, 800.0)
    for _ in range(_HALVINGS):  # entropy falls as the gap grows
        middle = (low + high) / 2
        above = two_level_entropy(ground, excited, middle) > entropy
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    weight = excited / ground * np.exp(-high)
    return np.where(entropy >= np.log(ground), high**2 * weight / (1 + weight) ** 2, 0.0)
