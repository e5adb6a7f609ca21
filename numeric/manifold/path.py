"""A model's path through the simplex as it reads a text, against the shortest path."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from numeric.arrays import tensor_from
from numeric.divergence import fisher_rao_distance
from numeric.errors import InputError


@dataclass(frozen=True, eq=False)
class SimplexPath:
    """Fisher-Rao distances of N points in the order of a text.

    `steps` (N - 1,) lie between neighbors, `distance` is that of the ends: at most the length.
    """

    steps: NDArray[np.float64]
    distance: float

    @property
    def length(self) -> float:
        """The sum of all steps."""
        return float(self.steps.sum())


def simplex_path(logits) -> SimplexPath:
    """Steps and distance of the ends of distributions given as finite logits (N, V).

    One point is a path of no steps and no length.

    Raises:
        InputError: There is no point.
    """
    x = tensor_from(logits, "logits").detach()
    if x.ndim != 2 or not len(x):
        raise InputError(f"logits: expected (N, V) with N >= 1, got {tuple(x.shape)}")
    steps = fisher_rao_distance(x[:-1], x[1:], backend="torch") if len(x) > 1 else x.new_zeros(0)
    ends = fisher_rao_distance(x[:1], x[-1:], backend="torch")
    return SimplexPath(steps.cpu().numpy().astype(np.float64), float(ends[0]))
