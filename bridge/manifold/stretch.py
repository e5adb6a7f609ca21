"""A stretch of the model's path through the simplex, seen from the shortest path of its ends.

Doubled square roots of probabilities lie on a sphere of radius two, whose great circles are the
shortest paths. A point is shown by how far along the circle through both ends it lies, and how
far off it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from numeric.manifold import BoltzmannManifold, boltzmann_map, log_boltzmann_map, simplex_path

Numbers = NDArray[np.float64]
LONGEST = 12  # positions
PLACES = 41  # on a drawn curve


@dataclass(frozen=True, eq=False)
class Stretch:
    """Points (n, 2) as distance along the shortest path and off it.

    `path` is the model's, `exponential` the straight line of hidden states between its ends,
    `mixture` that of probabilities.
    """

    tokens: list[str]
    path: Numbers
    exponential: Numbers
    mixture: Numbers
    length: float
    distance: float


def stretch(manifold: BoltzmannManifold, hidden: Tensor, tokens: Sequence[str]) -> Stretch | None:
    """The first sentence after the start, at most `LONGEST` positions; None without two points
    that differ."""
    start, stop = _sentence(tokens[: len(hidden)])
    h = hidden[start:stop].double().to(manifold.weight.device)
    if len(h) < 2:
        return None
    log_p = log_boltzmann_map(manifold, h)
    p, found = log_p.exp(), simplex_path(log_p)
    if not found.distance > 1e-6:
        return None
    along = torch.linspace(0, 1, PLACES, dtype=torch.float64, device=h.device).unsqueeze(-1)
    frame = _frame(p[0].sqrt(), p[-1].sqrt())
    lines = {
        "exponential": boltzmann_map(manifold, h[0] + along * (h[-1] - h[0])),
        "mixture": p[0] + along * (p[-1] - p[0]),
    }
    return Stretch(
        tokens=list(tokens[start:stop]),
        path=_seen(p, frame),
        length=found.length,
        distance=found.distance,
        **{name: _seen(points, frame) for name, points in lines.items()},
    )


def _sentence(tokens: Sequence[str]) -> tuple[int, int]:
    """From after the first end of a sentence to the next, or the first positions."""
    ends = [n for n, token in enumerate(tokens) if token.rstrip().endswith((".", "!", "?"))]
    start = ends[0] + 1 if ends and ends[0] + 2 < len(tokens) else 0
    stop = next((n + 1 for n in ends if n > start), len(tokens))
    return start, min(stop, start + LONGEST)


def _frame(first: Tensor, last: Tensor) -> tuple[Tensor, Tensor]:
    """Orthonormal directions of the circle through both ends."""
    across = last - (first @ last) * first
    return first, across / across.norm()


def _seen(p: Tensor, frame: tuple[Tensor, Tensor]) -> Numbers:
    """Distances (n, 2) along the circle and off it, on the sphere of radius two."""
    roots = p.clamp(min=0).sqrt()
    x, y = (roots @ direction for direction in frame)
    rest = (roots - x.unsqueeze(-1) * frame[0] - y.unsqueeze(-1) * frame[1]).norm(dim=-1)
    off = torch.atan2(rest, torch.hypot(x, y))
    along = torch.atan2(y, x) % (2 * math.pi)
    along = torch.where(along > math.pi * 1.5, along - 2 * math.pi, along)
    return torch.stack([2 * along, 2 * off], -1).cpu().numpy()
