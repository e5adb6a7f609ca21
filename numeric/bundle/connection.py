"""Horizontal motion over density operators: Uhlmann's connection and the metric of Bures.

An amplitude W over rho = W W* moves horizontally, W' = G W, where G = G*; then
rho' = G rho + rho G. In the section W = sqrt(rho) the connection form a is anti-hermitian,
a rho + rho a = [sqrt(rho), d sqrt(rho)], and a lift sqrt(rho) V is horizontal where dV = -a V.
In an eigenbasis of rho all three are quotients, entry by entry.

A change that leaves the rank (a kernel of rho in which it does not vanish) has no value.
"""

from __future__ import annotations

import torch
from torch import Tensor

from numeric.arrays import ArrayT
from numeric.bundle.states import Spectra, covariances, fitting, like, matrices
from numeric.domain import first_index, row_name
from numeric.errors import InputError


def horizontal_generator(rho: ArrayT, change: ArrayT) -> ArrayT:
    """The hermitian G with G rho + rho G = change: (..., n, n) twice -> (..., n, n).

    Twice G is the symmetric logarithmic derivative. Between vectors of a kernel it is 0.

    Raises:
        InputError: Shapes do not fit, rho is not positive, or the change leaves its rank.
    """
    state, moved, sums = _in_eigenbasis(rho, change)
    return like(_back(state, _quotient(moved, sums)), rho)


def uhlmann_connection(rho: ArrayT, change: ArrayT) -> ArrayT:
    """The connection form a(change) in the section sqrt(rho), anti-hermitian (..., n, n).

    Raises:
        InputError: Shapes do not fit, rho is not positive, or the change leaves its rank.
    """
    state, moved, sums = _in_eigenbasis(rho, change)
    roots = state.values.sqrt()
    turn = _quotient(
        state.values.unsqueeze(-1) - state.values.unsqueeze(-2),
        (roots.unsqueeze(-1) + roots.unsqueeze(-2)) ** 2,
    )
    return like(_back(state, turn * _quotient(moved, sums)), rho)


def bures_norm(rho: ArrayT, change: ArrayT) -> ArrayT:
    """Length of a change in the metric of Bures, sqrt(Tr G rho G): (...).

    The quantum Fisher information is four times its square.

    Raises:
        InputError: Shapes do not fit, rho is not positive, or the change leaves its rank.
    """
    _, moved, sums = _in_eigenbasis(rho, change)
    return like((_quotient(moved.abs() ** 2, sums).sum((-2, -1)) / 2).sqrt(), rho)


def _in_eigenbasis(rho: ArrayT, change: ArrayT) -> tuple[Spectra, Tensor, Tensor]:
    state, step = covariances(rho, "rho"), matrices(change, "change")
    fitting(state.matrices, step, "rho, change")
    skew, size = (torch.linalg.matrix_norm(x) for x in (step - step.mH, step))
    if bool((skew > 1e-6 * size).any()):
        where = row_name(first_index(skew > 1e-6 * size))
        raise InputError(f"change: expected hermitian matrices, got another in {where}")
    kind = torch.promote_types(step.dtype, state.vectors.dtype)
    state = state.to(kind)
    moved = state.vectors.mH @ step.to(kind) @ state.vectors
    sums = state.values.unsqueeze(-1) + state.values.unsqueeze(-2)
    rounding = 16 * sums.shape[-1] * torch.finfo(torch.float64).eps
    kernel = sums <= rounding * sums.amax((-2, -1), keepdim=True)
    left = (kernel & (moved.abs() > 1e-8 * size[..., None, None])).any(-1).any(-1)
    if bool(left.any()):
        where = row_name(first_index(left))
        raise InputError(
            f"change: it leaves the rank of rho in {where}; expected a change that vanishes "
            "between vectors of the kernel"
        )
    return state, moved, torch.where(kernel, 0, sums)


def _quotient(above: Tensor, below: Tensor) -> Tensor:
    return torch.where(below == 0, 0, above / torch.where(below == 0, 1, below))


def _back(state: Spectra, values: Tensor) -> Tensor:
    return state.vectors @ values @ state.vectors.mH
