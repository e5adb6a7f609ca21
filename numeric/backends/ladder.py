"""Inverse temperatures as the compiled loops take them: a ladder where they are one, or a grid."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

# Extended precision where the platform has it: exponents then inherit no rounding of 1 / T.
_LOG2_E = np.longdouble("1.44269504088896340735992468100189214")
_LEAST_LADDER = 3  # below that, exponentials cost no more than recognising a ladder saves


@dataclass(frozen=True)
class Ladder:
    """Inverse temperatures (K,) that rise from `base` by `step`, in the order `order`.

    `excess` (K,) is what the temperatures asked for differ from the ladder by: rounding of the
    temperatures, corrected to first order afterwards.
    """

    base: np.longdouble
    step: np.longdouble
    order: np.ndarray
    excess: np.ndarray

    @classmethod
    def of(cls, beta: np.ndarray, eps: float) -> Ladder | None:
        """The ladder that inverse temperatures (K,) are up to rounding `eps`, if they are one."""
        if beta.size < _LEAST_LADDER:
            return None
        order = np.argsort(beta, kind="stable")
        rising = beta[order]
        base, step = rising[0], (rising[-1] - rising[0]) / (beta.size - 1)
        if abs(base - step) <= eps * base:  # proportional to 1, 2, 3, ...: one exponential less
            base = step = rising[-1] / beta.size
        excess = rising - (base + step * np.arange(beta.size))
        if step <= 0 or np.any(np.abs(excess) > 2 * eps * rising):
            return None
        return cls(base, step, order, excess.astype(np.float64))

    def rungs(self, group: int) -> np.ndarray:
        """The inverse temperatures, and so many beyond that whole groups come out."""
        return self.base + self.step * np.arange(-(-self.order.size // group) * group)

    def corrected(self, sums: np.ndarray) -> np.ndarray:
        """Sums (N, K, 3) of e d^n at the temperatures asked for, in the order asked for."""
        place = np.argsort(self.order)
        result, shift = np.take(sums, place, 1), self.excess[place]
        for n in (0, 1):  # d/dbeta of sum e d^n is -sum e d^(n+1)
            result[..., n] -= shift * result[..., n + 1]
        return result


def inverse(temperature: np.ndarray) -> np.ndarray:
    """Inverse temperatures in extended precision."""
    return 1 / temperature.astype(np.longdouble)


def constants(beta: np.ndarray, dtype: np.dtype) -> tuple[np.ndarray, np.ndarray]:
    """Inverse temperatures times log2(e), each as a pair hi + lo of floats of `dtype`."""
    scaled = beta * _LOG2_E
    high = scaled.astype(dtype)
    return high, (scaled - high).astype(dtype)
