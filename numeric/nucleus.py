"""How much probability the most probable tokens carry, and how many carry a given one."""

from __future__ import annotations

import torch
from torch import Tensor

from numeric.arrays import ArrayT, Temperature
from numeric.ensemble import Ensemble
from numeric.errors import InputError


def top_mass(logits: ArrayT, temperature: Temperature, count: int) -> ArrayT:
    """Total probability of the `count` most probable tokens; shapes as in `numeric.boltzmann`.

    Raises:
        InputError: The count is not in 1..V.
    """
    b = Ensemble.of(logits, temperature)
    if not 1 <= count <= b.logits.shape[-1]:
        raise InputError(f"count: expected 1..{b.logits.shape[-1]}, got {count}")
    others = b.weights.topk(count - 1, dim=-1).values.sum(-1)
    return b.outlet((1 + others) / (1 + b.weight))


def nucleus_size(logits: ArrayT, temperature: Temperature, mass: float) -> ArrayT:
    """Least number of tokens that together carry probability `mass`, as an integer array.

    Raises:
        InputError: The mass is not in (0, 1].
    """
    if not 0 < mass <= 1:
        raise InputError(f"mass: expected a number in (0, 1], got {mass}")
    b = Ensemble.of(logits, temperature)
    falling = b.weights.detach().sort(dim=-1, descending=True).values
    # missing after k tokens: a sum of small weights from the end, which cancels nothing
    missing = torch.flip(torch.flip(falling, [-1]).cumsum(-1), [-1])
    allowed = (1 - mass) * (1 + b.weight.detach()).unsqueeze(-1)
    size: Tensor = 1 + (missing > allowed).sum(-1)
    size = size.squeeze(-1) if b.outlet.scalar else size
    return size.numpy()[()] if b.outlet.numpy else size  # pyright: ignore[reportReturnType]
