"""Where a next-token distribution melts: peaks of its heat capacity over all temperatures.

The largest heat capacity of V tokens is that of one token below V - 1 others, at a gap x over T
with V - 1 = e^x (x - 2) / (x + 2), and is x^2 / 4 - 1.

All peaks of a row lie between D / (ln V + 3) and R / 2, where D is the gap between the two
greatest different logits and R their range: below, the third moment exceeds 2 T Var(E); above it
cannot.  The grid between the two moves with the logits, so that what is found scales with them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.optimize import brentq
from torch import Tensor

from numeric.arrays import tensor_from, widened
from numeric.domain import check_maxima
from numeric.errors import InputError
from numeric.state import ThermodynamicState
from numeric.thermodynamics import thermodynamics

GRID = 96
_ROUNDS = 40


def maximal_heat_capacity(size: int) -> float:
    """The largest heat capacity that a distribution over `size` >= 1 tokens can have.

    Raises:
        InputError: The size is below 1.
    """
    if not (isinstance(size, int | np.integer) and size >= 1):
        raise InputError(f"size: expected a whole number of tokens >= 1, got {size!r}")
    if size == 1:
        return 0.0
    target = math.log(size - 1)
    x: Any = brentq(lambda x: _log_competitors(x) - target, 2 + 1e-12, target + 6, xtol=1e-15)
    return x * x / 4 - 1


def two_level_competitors(peak):
    """How many tokens one gap above a single one make heat capacity peak at `peak`: (...) > 0.

    Raises:
        InputError: A peak is negative or NaN.
    """
    c = np.asarray(peak, dtype=np.float64)
    if not np.all(c >= 0):
        raise InputError(f"peak: expected heat capacities >= 0, got {c[~(c >= 0)].flat[0]}")
    x = 2 * np.sqrt(1 + c)
    return c * np.exp(x) * (2 / (x + 2)) ** 2  # x - 2 = 4 c / (x + 2)


def two_level_top_probability(peak):
    """The probability (...) of the single token there: 1/2 + T / gap, between 1/2 and 1."""
    return 0.5 + 0.5 / np.sqrt(1 + np.asarray(peak, dtype=np.float64))


def _log_competitors(x: float) -> float:
    return x + math.log(x - 2) - math.log(x + 2)


@dataclass(frozen=True, eq=False)
class Melting:
    """Peaks of the heat capacity of N rows over temperature, and where entropy turns.

    `temperatures[n]` and `capacities[n]` (P_n,) are all peaks of row n, coldest first; `turns[n]`
    the temperatures at which S goes over from bending up to bending down.  `temperature`,
    `capacity` (N,) are those of the highest peak, the coldest of equals; NaN and 0 where all
    tokens are alike and nothing melts.
    """

    temperatures: list[NDArray[np.float64]]
    capacities: list[NDArray[np.float64]]
    turns: list[NDArray[np.float64]]

    @property
    def temperature(self) -> NDArray[np.float64]:
        """The melting temperature (N,)."""
        return np.array([t[_highest(c)] if len(t) else np.nan for t, c in self._pairs])

    @property
    def capacity(self) -> NDArray[np.float64]:
        """The heat capacity (N,) at the melting temperature."""
        return np.array([c[_highest(c)] if len(c) else 0.0 for _, c in self._pairs])

    @property
    def _pairs(self):
        return list(zip(self.temperatures, self.capacities, strict=True))


def _highest(capacities: NDArray[np.float64]) -> int:
    """The first that is not below the greatest by more than rounding of float32 logits."""
    return int(np.argmax(capacities >= capacities.max() * (1 - 1e-6)))


def melting(logits, *, grid: int = GRID) -> Melting:
    """Peaks of the heat capacity of logits (N, V) over all temperatures; -inf is a masked token.

    Peaks closer to each other than one of `grid` equal steps in ln T, about 0.1, may be missed.

    Raises:
        InputError: Logits are no table, or outside their domain.
    """
    x = tensor_from(logits, "logits").detach()
    if x.ndim != 2 or not x.shape[1]:
        raise InputError(f"logits: expected a table (N, V), got shape {tuple(x.shape)}")
    check_maxima(x.amax(-1))
    low, high = _bounds(x)
    alive = (high > 0).nonzero()[:, 0]
    found = Melting([np.empty(0)] * len(x), [np.empty(0)] * len(x), [np.empty(0)] * len(x))
    if not len(alive):
        return found
    y = x[alive]
    places = torch.linspace(0, 1, grid, dtype=torch.float64, device=x.device)
    logs = low[alive, None].log() + (high / low)[alive, None].log() * places
    growth = _growth(y, logs)
    peaks, turns = (_crossings(y, logs, growth, level) for level in (0.0, 1.0))
    heights = _on_rows(y, peaks, lambda state: state.variance)
    for n, row in enumerate(alive.tolist()):
        found.temperatures[row] = np.exp(peaks[n])
        found.capacities[row] = heights[n]
        found.turns[row] = np.exp(turns[n])
    return found


def _bounds(x: Tensor) -> tuple[Tensor, Tensor]:
    """The lowest and the highest temperature (N,) of a peak; 0 where all tokens are alike."""
    y = x.double()
    top = y.amax(-1, keepdim=True)
    kept = y > -torch.inf
    gap = torch.where(kept & (y < top), top - y, torch.inf).amin(-1)
    spread = torch.where(kept, top - y, 0).amax(-1)
    low = torch.where(gap.isinf(), 1.0, gap / (math.log(x.shape[1]) + 3))
    return low, torch.where(gap.isinf(), 0.0, spread / 2 * (1 + 1e-9))


def _growth(x: Tensor, logs: Tensor) -> Tensor:
    """T C' / C = third moment / second - 2, of scaled energies, at ln T (N, K)."""
    return _quantity(x, logs, lambda state: state.third / state.variance - 2)


def _quantity(x: Tensor, logs: Tensor, read) -> Tensor:
    state: ThermodynamicState = thermodynamics(x, logs.exp(), order=3).state
    return read(state).double()


def _crossings(x: Tensor, logs: Tensor, growth: Tensor, level: float) -> list[NDArray[np.float64]]:
    """ln T of every fall of the growth through a level, row by row, by false position."""
    above = growth > level
    falls = above[:, :-1] & ~above[:, 1:]
    most = int(falls.sum(-1).max())
    order = falls.long().argsort(dim=-1, descending=True, stable=True)[:, :most]
    real = falls.gather(-1, order)
    left, right = logs.gather(-1, order), logs.gather(-1, order + 1)
    over, under = (growth.gather(-1, order + side) - level for side in (0, 1))
    middle = left
    small = 64 * torch.finfo(widened(x.dtype)).eps
    for _ in range(_ROUNDS if most else 0):  # Illinois: the end that stays twice counts half
        share = torch.where(real, over / (over - under), 0.5).clamp(0.02, 0.98)
        middle = left + share * (right - left)
        value = _growth(x, middle) - level
        up = value > 0
        under = torch.where(up, under / 2, value)
        over = torch.where(up, value, over / 2)
        left, right = torch.where(up, middle, left), torch.where(up, right, middle)
        if not bool(((value.abs() > small) & real).any()):
            break
    return [row[kept].cpu().numpy() for row, kept in zip(middle, real, strict=True)]


def _on_rows(x: Tensor, places: list[NDArray[np.float64]], read) -> list[NDArray[np.float64]]:
    """A quantity at ln T of each row's own places."""
    most = max(map(len, places))
    if not most:
        return [np.empty(0)] * len(places)
    padded = np.zeros((len(places), most))
    for row, own in enumerate(places):
        padded[row, : len(own)] = own
    values = _quantity(x, torch.from_numpy(padded).to(x.device), read).cpu().numpy()
    return [value[: len(own)] for value, own in zip(values, places, strict=True)]
