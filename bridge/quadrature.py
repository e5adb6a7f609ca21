"""Nodes and weights for integrals over a positive variable, in its logarithm.

Thermodynamic integrands vary on the scale of ln T, and vanish exponentially towards both ends.
"""

import math

import numpy as np
import torch
from torch import Tensor

# Ends that stand for zero and infinity: a heat capacity beyond them is below rounding for every
# energy range that the strategies draw.
FAR = 60 * math.log(2)


def nodes(ends: list[Tensor | None], order: int, like: Tensor) -> tuple[Tensor, Tensor]:
    """Composite Gauss-Legendre nodes and weights for the integral over [low, high].

    `ends` are (rows,) or None for zero and infinity; panels are at most half a unit of ln T wide.
    Returns nodes and weights, each (rows, n), for `sum(weight * f(node))`.
    """
    far = torch.full((1,), FAR, dtype=like.dtype, device=like.device)
    low, high = (
        sign * far if end is None else end.log() for end, sign in zip(ends, (-1, 1), strict=True)
    )
    panels = max(1, math.ceil(2 * float((high - low).abs().max())))
    x, w = (
        torch.as_tensor(part, dtype=like.dtype, device=like.device)
        for part in np.polynomial.legendre.leggauss(order)
    )
    width = ((high - low) / panels)[:, None, None]
    start = low[:, None, None] + width * torch.arange(panels, dtype=like.dtype)[:, None]
    points = (start + width * (x + 1) / 2).flatten(1).exp()
    weights = (width * w / 2).expand(-1, panels, -1).flatten(1)
    return points, weights * points
