"""Smooth paths as limits of polygons, to rounding.

A polygon of N sides and the same one passed backwards undo each other. So what it gives differs
from its limit by even powers of 1/N, and polygons of 8, 16, 32, ... sides extrapolate to it
(Romberg's scheme). No derivative of the path is needed, and no choice of amplitudes.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from numeric.bundle.states import covariances
from numeric.bundle.transport import Transport, along, chained, check_closed, polar, roots
from numeric.errors import InputError

FIRST, LEVELS = 8, 9  # polygons of 8, 16, ... 2048 sides


def path_transport(path: Callable[[Tensor], Tensor], *, tolerance: float = 1e-12) -> Transport:
    """Transport along a smooth path of density operators or covariances, from t = 0 to 1.

    `path` takes places (N,) in float64 and gives states (N, n, n).

    Raises:
        InputError: Polygons do not agree to the tolerance (a kink, a rank that changes, a state
            so nearly without rank that rounding shows), or a state is not positive semidefinite.
    """
    found: list[Transport] = []

    def turn(places: Tensor) -> Tensor:
        found.append(along(chained(roots(covariances(path(places), "path")), "path")))
        return found[-1].turn

    limit, error = limit_of_polygons(turn, tolerance)
    return Transport(polar(limit)[0], found[-1].smallest, found[-1].rank, error)


def limit_of_polygons(
    value: Callable[[Tensor], Tensor], tolerance: float = 1e-12
) -> tuple[Tensor, float]:
    """What a number or matrix of polygons tends to, and what the last refinement changed.

    `value` takes the places of the corners.  Polygons of 8, 16, ... sides, passed either way,
    differ from the limit by even powers of a side, which extrapolation takes off one by one.

    Raises:
        InputError: Polygons of 2048 sides do not agree to the tolerance.
    """
    rows: list[Tensor] = []
    change = float("inf")
    for level in range(LEVELS):
        refined = [value(torch.linspace(0, 1, (FIRST << level) + 1, dtype=torch.float64))]
        for order, coarse in enumerate(rows, 1):
            refined.append(refined[-1] + (refined[-1] - coarse) / (4**order - 1))
        if rows:
            change = float(torch.linalg.vector_norm(refined[-1] - rows[-1]))
        rows = refined
        if change <= tolerance:
            return rows[-1], change
    raise InputError(
        f"path: polygons of {FIRST << (LEVELS - 1)} sides still change by {change:.1g}, expected "
        f"{tolerance:.1g}; is it smooth and of one rank? If so, ask for a larger tolerance"
    )


def path_holonomy(path: Callable[[Tensor], Tensor], *, tolerance: float = 1e-12) -> Transport:
    """Holonomy of a smooth closed path of states, as for `path_transport`.

    Raises:
        InputError: The path does not end where it begins, or as for `path_transport`.
    """
    ends = covariances(path(torch.tensor([0.0, 1.0], dtype=torch.float64)), "path").matrices
    check_closed(ends, "path")
    return path_transport(path, tolerance=tolerance)
