"""Curvature of Uhlmann's connection: how far the fibre turns around a small loop.

F = da + a a, and a small parallelogram with sides e x and e y turns the fibre by 1 - e^2 F(x, y).
On horizontal tangents X and Y of an amplitude W it solves F W*W + W*W F = 2 (X*Y - Y*X); in the
section sqrt(rho) these are G W, with G from `horizontal_generator`. F is anti-hermitian and odd
under an exchange of both changes. Amplitudes W U have U* F U: its eigenvalues are the state's.
"""

from __future__ import annotations

import torch
from torch import Tensor

from numeric.arrays import ArrayT
from numeric.bundle.connection import horizontal_generator
from numeric.bundle.states import covariances, fitting, like, matrices
from numeric.domain import first_index, row_name
from numeric.errors import InputError

HORIZONTAL = 1e-8


def uhlmann_curvature(rho: ArrayT, first: ArrayT, second: ArrayT) -> ArrayT:
    """F(first, second) in the section sqrt(rho), for changes of a state: (..., n, n) thrice.

    Raises:
        InputError: Shapes do not fit, rho is not positive, or a change leaves its rank.
    """
    state = covariances(rho, "rho")
    root = state.roots
    tangents = []
    for change in (first, second):
        generator = matrices(horizontal_generator(rho, change), "change")
        tangents.append(generator @ root.to(torch.promote_types(root.dtype, generator.dtype)))
    return like(_solved(*torch.broadcast_tensors(root.to(tangents[0].dtype), *tangents)), rho)


def amplitude_curvature(amplitude: ArrayT, first: ArrayT, second: ArrayT) -> ArrayT:
    """F(first, second) at amplitudes (..., d, n), for horizontal tangents: (..., n, n).

    The difference of an amplitude to the nearest one of another state is horizontal.

    Raises:
        InputError: Shapes do not fit, or a tangent X is not horizontal: W*X is not hermitian.
    """
    w = matrices(amplitude, "amplitude")
    tangents = [matrices(first, "first"), matrices(second, "second")]
    for name, x in zip(("first", "second"), tangents, strict=True):
        fitting(w, x, f"amplitude, {name}")
        skew = torch.linalg.matrix_norm(w.mH @ x - x.mH @ w)
        size = torch.linalg.matrix_norm(w) * torch.linalg.matrix_norm(x)
        if bool((skew > HORIZONTAL * size).any()):
            where = row_name(first_index(skew > HORIZONTAL * size))
            raise InputError(f"{name}: expected horizontal tangents, got another in {where}")
    return like(_solved(w, *tangents), amplitude)


def _solved(w: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """Entry by entry in an eigenbasis of W*W, from a singular value decomposition of W."""
    _, size, right = torch.linalg.svd(w, full_matrices=True)
    missing = w.shape[-1] - size.shape[-1]
    squares = torch.nn.functional.pad(size**2, (0, missing))
    sums = squares.unsqueeze(-1) + squares.unsqueeze(-2)
    least = 16 * w.shape[-1] * torch.finfo(size.dtype).eps * squares.amax(-1)[..., None, None]
    kept = sums > least
    overlap = x.mH @ y
    turned = right @ (overlap - overlap.mH) @ right.mH
    return right.mH @ torch.where(kept, 2 * turned / torch.where(kept, sums, 1), 0) @ right
