"""What is measured on: logits that look like a language model's, and three grids."""

from __future__ import annotations

import math

import torch
from torch import Tensor

ROWS, STATES, WIDTH = 256, 49_152, 576  # of SmolLM2-135M
SPACED = 1 / (0.25 * torch.arange(1, 17, dtype=torch.float64))
GENERIC = torch.logspace(math.log10(0.3), math.log10(4), 16, dtype=torch.float64)
ONE = 0.7


def logits(rows: int = ROWS, states: int = STATES) -> Tensor:
    """A normal bulk, and a few tokens far above it."""
    g = torch.Generator().manual_seed(0)
    x = 3 * torch.randn(rows, states, generator=g)
    x[:, : min(8, states)] += 6 * torch.rand(rows, min(8, states), generator=g)
    return x
