"""Gaussian curvature of the image of a head of two coordinates in the simplex."""

from __future__ import annotations

import torch

from numeric.errors import InputError
from numeric.manifold.head import BoltzmannManifold, boltzmann_map


def gauss_curvature(manifold: BoltzmannManifold, hidden) -> float:
    """Curvature at a hidden state (2,) of a head of two coordinates; that of the simplex is 1/4.

    The metric is the Hessian of ln Z, so that second and third cumulants of the rows are enough:
    K = -det(kappa_2; kappa_3; kappa_3) / (4 det(g)^2).

    Raises:
        InputError: The head has not two coordinates, or its rows lie on one line.
    """
    if manifold.dimension != 2:
        raise InputError(f"expected a head of two coordinates, got {manifold.dimension}")
    p = boltzmann_map(manifold, hidden)
    u = manifold.weight / manifold.temperature
    x, y = (u - p @ u).unbind(-1)
    xx, xy, yy = (p @ product for product in (x * x, x * y, y * y))
    xxx, xxy, xyy, yyy = (p @ product for product in (x**3, x * x * y, x * y * y, y**3))
    area = xx * yy - xy * xy
    if not float(area) > 1e-14 * float(xx * yy):
        raise InputError("expected rows that span a plane, got rows on one line (or one point)")
    rows = torch.stack([torch.stack(r) for r in ((xx, xy, yy), (xxx, xxy, xyy), (xxy, xyy, yyy))])
    return float(-torch.linalg.det(rows) / (4 * area * area))
