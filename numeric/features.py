"""What the next-token distribution of a prompt says of it: one row of numbers for each position.

For work on uncertainty and hallucination, which takes such numbers as features.  None depends on
the constant that logits are free in; those marked (scale) in `FEATURES` do not change either when
all logits and the temperature are scaled.  Everything is of a single position: temperature applied
token by token gives no Boltzmann distribution of sequences, so that nothing here adds up to a heat
capacity of a text.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from numeric.arrays import tensor_from
from numeric.boltzmann import cross_entropy
from numeric.domain import checked_logits
from numeric.errors import InputError
from numeric.melting import (
    Melting,
    maximal_heat_capacity,
    melting,
    two_level_competitors,
    two_level_top_probability,
)
from numeric.thermodynamics import thermodynamics

FEATURES: dict[str, str] = {
    "entropy": "S at T = 1, nats",
    "heat_capacity": "C = Var(ln p) at T = 1, the varentropy",
    "capacity_share": "C over the largest heat capacity of so many tokens, 0 to 1",
    "top_probability": "probability of the likeliest token at T = 1",
    "gap": "difference of the two greatest logits, inf for a single token",
    "melting_temperature": "temperature of the highest peak of C, the coldest of equals; NaN if "
    "all tokens are alike",
    "peak_heat_capacity": "C there (scale)",
    "peak_share": "that over the largest heat capacity of so many tokens, 0 to 1 (scale)",
    "peaks": "number of peaks of C over all temperatures (scale)",
    "peak_temperatures": "all of them, coldest first, separated by spaces",
    "turning_temperature": "hottest T below the melting temperature at which S goes over from "
    "bending up to bending down; NaN if none",
    "heat": "U - F = T S at the melting temperature",
    "top_probability_at_peak": "probability of the likeliest token there (scale)",
    "two_level_top_probability": "what it were with all others at one gap and a peak as high "
    "(scale)",
    "two_level_competitors": "how many these others were (scale)",
    "surprisal": "-ln p of the token that follows, at T = 1",
    "excess": "surprisal minus entropy: mean zero on a model's own samples, variance C",
}
"""Every feature and what it is, in the order of the columns."""


def prompt_features(logits, targets: Any = None) -> dict[str, NDArray]:
    """The features (N,) of logits (N, V); the last two only with the tokens `targets` (N,).

    Tokens masked by -inf are left out, and of the number of tokens as well.

    Raises:
        InputError: Logits are no table, or outside their domain.
    """
    x = checked_logits(tensor_from(logits, "logits")).detach()
    if x.ndim != 2:
        raise InputError(f"logits: expected a table (N, V), got shape {tuple(x.shape)}")
    now = thermodynamics(x, 1.0)
    entropy, capacity = _array(now.entropy), _array(now.heat_capacity)
    bound = _bounds(x)
    found = melting(x)
    columns = {
        "entropy": entropy,
        "heat_capacity": capacity,
        "capacity_share": _share(capacity, bound),
        "top_probability": _array(now.state.log_weight.neg().exp()[..., 0]),
        "gap": _gaps(x),
        **_at_melting(x, found, bound),
    }
    if targets is not None:
        columns["surprisal"] = _array(cross_entropy(x, torch.as_tensor(targets, device=x.device)))
        columns["excess"] = columns["surprisal"] - entropy
    return {name: columns[name] for name in FEATURES if name in columns}


def _at_melting(x: Tensor, found: Melting, bound: NDArray) -> dict[str, NDArray]:
    temperature, peak = found.temperature, found.capacity
    melts = np.isfinite(temperature)
    own = torch.from_numpy(np.where(melts, temperature, 1.0)).to(x.device)
    there = thermodynamics(x, own.unsqueeze(-1), gauge="ground")
    state = there.state
    return {
        "melting_temperature": temperature,
        "peak_heat_capacity": peak,
        "peak_share": _share(peak, bound),
        "peaks": np.array([len(t) for t in found.temperatures]),
        "peak_temperatures": np.array(
            [" ".join(f"{t:.9g}" for t in row) for row in found.temperatures], dtype=object
        ),
        "turning_temperature": np.array(
            [_last_below(t, m) for t, m in zip(found.turns, temperature, strict=True)]
        ),
        "heat": np.where(melts, temperature * _array(there.entropy[..., 0]), np.nan),
        "top_probability_at_peak": _array(state.log_weight.neg().exp()[..., 0]),
        "two_level_top_probability": two_level_top_probability(peak),
        "two_level_competitors": two_level_competitors(peak),
    }


def _last_below(turns: NDArray, limit: float) -> float:
    below = turns[turns < limit]
    return float(below[-1]) if len(below) else float("nan")


def _bounds(x: Tensor) -> NDArray:
    """The largest heat capacity (N,) of as many tokens as a row leaves."""
    sizes = (x > -torch.inf).sum(-1).cpu().numpy()
    known = {size: maximal_heat_capacity(int(size)) for size in np.unique(sizes)}
    return np.array([known[size] for size in sizes])


def _share(capacity: NDArray, bound: NDArray) -> NDArray:
    return np.divide(capacity, bound, out=np.zeros_like(capacity), where=bound > 0)


def _gaps(x: Tensor) -> NDArray:
    if x.shape[1] == 1:
        return np.full(len(x), np.inf)
    top = x.topk(2, dim=-1).values.double()
    return _array(top[:, 0] - top[:, 1])


def _array(values: Tensor) -> NDArray[np.float64]:
    return values.detach().cpu().numpy().astype(np.float64)
