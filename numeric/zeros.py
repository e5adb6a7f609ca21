"""How near to certainty a next-token distribution can come: bounds at zero points of the entropy.

Numbers of tokens, gaps and ranges of energies are plain numbers or arrays (...) that broadcast;
results are float64, NumPy.  Everything keeps its relative accuracy where the entropy vanishes.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from numeric.errors import InputError


def two_level_entropy(ground: ArrayLike, excited: ArrayLike, gap: ArrayLike) -> NDArray:
    """Entropy in nats of so many tokens at the ground and so many others gap >= 0 above, T = 1."""
    g, e, x = (np.asarray(n, dtype=np.float64) for n in (ground, excited, gap))
    for number, name, legal in ((g, "ground", g > 0), (e, "excited", e >= 0), (x, "gap", x >= 0)):
        if not np.all(legal):
            raise InputError(
                f"{name}: expected numbers {'>' if name == 'ground' else '>='} 0, "
                f"got {number[~legal].flat[0]:g}"
            )
    with np.errstate(over="ignore", invalid="ignore"):
        weight = e / g * np.exp(-x)
        heat = np.where(weight > 0, x * weight / (1 + weight), 0)
    return np.log(g) + np.log1p(weight) + heat


def minimal_entropy(size: int, spread: float, temperature: float = 1.0) -> float:
    """Least entropy in nats of `size` tokens whose energies span at most `spread`: sharp.

    Attained by two levels; how many tokens are below depends on the range, and is not always one.

    Raises:
        InputError: The size is below 1, the spread negative or NaN, or the temperature not
            positive.
    """
    return float(two_level_entropy(*_levels(size, spread, temperature)))


def minimal_entropy_ground(size: int, spread: float, temperature: float = 1.0) -> int:
    """How many tokens are at the ground where the entropy is least for a range of energies."""
    return int(_levels(size, spread, temperature)[0])


def needed_gap(size: int, missing: float, temperature: float = 1.0) -> float:
    """Gap of one token to all others at which they share the probability `missing` in (0, 1).

    Raises:
        InputError: Fewer than two tokens, or a number outside its range.
    """
    _check_size(size, 2)
    _check_temperature(temperature)
    if not 0 < missing < 1:
        raise InputError(f"missing: expected a probability between 0 and 1, got {missing}")
    return float(temperature * (np.log(size - 1) + np.log1p(-missing) - np.log(missing)))


def largest_probability_between(weights: ArrayLike) -> float:
    """Largest probability of a token whose row is the mean, with these weights, of other rows.

    It is c / (1 + c) with c = prod w_i^w_i, however the hidden state is chosen, and attained
    where the other rows with a weight are affinely independent and there are no more.

    Raises:
        InputError: The weights are not a distribution.
    """
    w = np.asarray(weights, dtype=np.float64)
    total = w.sum() if w.ndim == 1 else np.nan
    if not (w.size and np.all(w >= 0) and abs(total - 1) <= 1e-8):
        raise InputError(f"weights: expected numbers >= 0 that sum to one, got {weights!r}")
    w = w[w > 0] / total
    return float(1 / (1 + np.exp(-(w * np.log(w)).sum())))


def _levels(size: int, spread: float, temperature: float) -> tuple[float, float, float]:
    _check_size(size, 1)
    _check_temperature(temperature)
    if not spread >= 0 or spread == np.inf:
        raise InputError(f"spread: expected a finite number >= 0, got {spread}")
    ground = np.arange(1.0, size + 1)
    gap = spread / temperature
    best = int(np.argmin(two_level_entropy(ground, size - ground, gap)))
    return float(ground[best]), float(size - ground[best]), gap


def _check_size(size: int, least: int) -> None:
    if not (isinstance(size, int | np.integer) and size >= least):
        raise InputError(f"size: expected a whole number of tokens >= {least}, got {size!r}")


def _check_temperature(temperature: float) -> None:
    if not 0 < temperature < np.inf:
        raise InputError(f"temperature: expected a finite number > 0, got {temperature}")
