"""How much probability the most probable tokens carry, and how many carry a given one.

Both take the weight of all tokens from the one pass of `numeric.thermodynamics`.
"""

from __future__ import annotations

import torch
from torch import Tensor

from numeric.arrays import ArrayT, Temperature
from numeric.backends.choice import state_of
from numeric.domain import checked_logits
from numeric.errors import InputError
from numeric.pair import row_places

_NUMBERS_AT_A_TIME = 2**18  # logits that are sorted at once


def top_mass(logits: ArrayT, temperature: Temperature, count: int) -> ArrayT:
    """Total probability of the `count` most probable tokens; shapes as in `numeric.boltzmann`.

    Raises:
        InputError: The count is not in 1..V.
    """
    x = checked_logits(logits)
    if not 1 <= count <= x.shape[-1]:
        raise InputError(f"count: expected 1..{x.shape[-1]}, got {count}")
    state, outlet = state_of(logits, temperature)
    others = x.topk(count, dim=-1).values[..., 1:].to(state.maximum.dtype)
    kept = others > -torch.inf
    gaps = state.maximum - torch.where(kept, others, 0)
    scaled = gaps.unsqueeze(-2) / state.temperature.unsqueeze(-1)
    weights = torch.where(kept.unsqueeze(-2), (-scaled).exp(), 0)
    return outlet(((1 + weights.sum(-1)) / (1 + state.weight)).clamp(max=1))


def nucleus_size(logits: ArrayT, temperature: Temperature, mass: float) -> ArrayT:
    """Least number of tokens that together carry probability `mass`, as an integer array.

    Raises:
        InputError: The mass is not in (0, 1].
    """
    if not 0 < mass <= 1:
        raise InputError(f"mass: expected a number in (0, 1], got {mass}")
    with torch.no_grad():
        state, outlet = state_of(logits, temperature)
        x = checked_logits(logits)
        shape = state.weight.shape
        t = state.temperature.expand(shape).reshape(shape[:-1].numel(), shape[-1]).double()
        places = row_places(x, shape[:-1])
        x = x.reshape(-1, x.shape[-1])
        step = max(1, _NUMBERS_AT_A_TIME // x.shape[-1])
        parts = [
            _sizes(x[places[i : i + step]].double(), t[i : i + step], mass)
            for i in range(0, len(places), step)
        ]
    size = torch.cat(parts).reshape(shape) if parts else t.new_zeros(shape, dtype=torch.int64)
    size = size.squeeze(-1) if outlet.scalar else size
    return size.numpy()[()] if outlet.numpy else size  # pyright: ignore[reportReturnType]


def _sizes(x: Tensor, t: Tensor, mass: float) -> Tensor:
    """Sizes (N, K) of the nuclei of rows (N, V) at temperatures (N, K)."""
    falling = x.sort(dim=-1, descending=True).values
    gaps = falling[:, :1] - falling[:, 1:]
    sizes = []
    for own in t.T.unsqueeze(-1):
        # missing after k tokens: a sum of small weights from the end, which cancels nothing
        missing = (-gaps / own).exp().flip(-1).cumsum(-1).flip(-1)
        weight = missing[:, :1] if missing.shape[-1] else own.new_zeros(own.shape)
        sizes.append(1 + (missing > (1 - mass) * (1 + weight)).sum(-1))
    return torch.stack(sizes, -1) if sizes else t.new_zeros(t.shape, dtype=torch.int64)
