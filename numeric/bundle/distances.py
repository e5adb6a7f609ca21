"""Fidelity and the distances of Bures and Wasserstein, accurate for states that nearly agree.

A state is rho = W W*; amplitudes W and W U are the same state. The distance of two states is that
of their nearest amplitudes, W_1 = sqrt(rho) and W_2 = sqrt(sigma) U, with U the unitary factor of
sqrt(sigma) sqrt(rho). Their difference D = W_2 - W_1 solves

    S D* + D* rho = sqrt(rho) (sigma - rho),    S = (sqrt(rho) sigma sqrt(rho))^(1/2),

so that where states differ by 1e-9 it comes from sigma - rho, which is exact, and nothing is
subtracted from 1. Without that, fidelities lie within 1e-16 of 1 and distances within 1e-8 of 0.
"""

from __future__ import annotations

import torch
from torch import Tensor

from numeric.arrays import ArrayT
from numeric.bundle.states import Spectra, covariances, density_operators, like, paired


def fidelity(rho: ArrayT, sigma: ArrayT) -> ArrayT:
    """Fidelity (Tr (sqrt(rho) sigma sqrt(rho))^(1/2))^2 of density operators, in [0, 1].

    Shapes: (..., n, n) and (..., n, n) -> (...).  For commuting states it is (sum sqrt(p q))^2.

    Raises:
        InputError: A matrix is no density operator, or shapes do not fit.
    """
    return like((1 - _given(rho, sigma)).clamp(min=0) ** 2, rho)


def bures_distance(rho: ArrayT, sigma: ArrayT) -> ArrayT:
    """Bures distance sqrt(2 - 2 sqrt(F)) of density operators, in [0, sqrt(2)]: (...).

    Raises:
        InputError: A matrix is no density operator, or shapes do not fit.
    """
    return like((2 * _given(rho, sigma)).sqrt(), rho)


def bures_angle(rho: ArrayT, sigma: ArrayT) -> ArrayT:
    """Bures angle arccos sqrt(F) of density operators, in [0, pi/2]: (...).

    It is the length of the shortest path between them, for commuting states half the distance of
    Fisher and Rao.

    Raises:
        InputError: A matrix is no density operator, or shapes do not fit.
    """
    return like(angle_of(_given(rho, sigma)), rho)


def wasserstein_distance(first: ArrayT, second: ArrayT) -> ArrayT:
    """Bures-Wasserstein distance of covariances, of any trace and rank: (...).

    Its square is Tr A + Tr B - 2 Tr (A^(1/2) B A^(1/2))^(1/2), the cost of moving a centered
    normal distribution to another.

    Raises:
        InputError: A matrix is not positive semidefinite, or shapes do not fit.
    """
    a, b = covariances(first, "first"), covariances(second, "second")
    a, b = paired(a, b, "first, second")
    return like(torch.linalg.matrix_norm(nearest(a, b)), first)


def geodesic(rho: ArrayT, sigma: ArrayT, place: float) -> ArrayT:
    """The state on the shortest path of density operators, rho at place 0, sigma at 1.

    Shapes: (..., n, n) and (..., n, n) -> (..., n, n).  The place may be any real number: the
    path goes on as a great circle of amplitudes.  Of states without common support one of many
    shortest paths is taken.

    Raises:
        InputError: A matrix is no density operator, or shapes do not fit.
    """
    a, b = paired(density_operators(rho, "rho"), density_operators(sigma, "sigma"), "rho, sigma")
    step = nearest(a, b)
    angle = 2 * (torch.linalg.matrix_norm(step) / 2).clamp(max=0.5**0.5).arcsin()
    whole, part = _share(angle, 1 - place) + _share(angle, place), _share(angle, place)
    lift = whole[..., None, None] * a.roots + part[..., None, None] * step
    return like(lift @ lift.mH, rho)


def nearest(a: Spectra, b: Spectra) -> Tensor:
    """W_2 - W_1 (..., n, n) for W_1 = sqrt(a) and the amplitude W_2 of b nearest to it.

    In the bases of S and a its adjoint is R_ij / (s_i + a_j). Where s_i + a_j is smaller than the
    change of the state, the difference of amplitudes is the more accurate of the two.
    """
    change = b.matrices - a.matrices
    left, s, right = torch.linalg.svd(b.roots @ a.roots)
    basis = right.mH  # S = basis s basis*
    direct = basis.mH @ (basis @ left.mH @ b.roots - a.roots) @ a.vectors
    residual = basis.mH @ a.roots @ change @ a.vectors
    sums = s.unsqueeze(-1) + a.values.unsqueeze(-2)
    near = sums > torch.linalg.matrix_norm(change)[..., None, None]
    solved = torch.where(near, residual / torch.where(near, sums, 1), direct)
    return (basis @ solved @ a.vectors.mH).mH


def infidelity(a: Spectra, b: Spectra) -> Tensor:
    """1 - sqrt(F) (...) of the states divided by their traces, which rounding has moved off 1."""
    size, other = _trace(a.matrices).sqrt(), _trace(b.matrices).sqrt()
    off = _trace(b.matrices - a.matrices) / (size + other)
    squared = torch.linalg.matrix_norm(nearest(a, b)) ** 2
    return ((squared - off**2) / (2 * size * other)).clamp(0, 1)


def angle_of(infidelities: Tensor) -> Tensor:
    """arccos(1 - x), which keeps its digits near 0."""
    return 2 * (infidelities / 2).sqrt().arcsin()


def _given(rho: ArrayT, sigma: ArrayT) -> Tensor:
    a, b = density_operators(rho, "rho"), density_operators(sigma, "sigma")
    return infidelity(*paired(a, b, "rho, sigma"))


def _trace(values: Tensor) -> Tensor:
    return values.diagonal(dim1=-2, dim2=-1).sum(-1).real


def _share(angle: Tensor, part: float) -> Tensor:
    """sin(part angle) / sin(angle), which is `part` at angle 0."""
    small = angle == 0
    safe = torch.where(small, 1, angle)
    return torch.where(small, part, (part * safe).sin() / safe.sin())
