"""Statements by components against what they are about: matrices, their roots and exponentials."""

from typing import Any

import pytest
import torch
from sympy import lambdify

from formal import bures, qubits
from numeric.bundle import bures_norm, holonomy

PAULI = torch.tensor(
    [
        [[1, 0], [0, 1]],
        [[0, 1], [1, 0]],
        [[0, -1j], [1j, 0]],
        [[1, 0], [0, -1]],
    ],
    dtype=torch.complex128,
)


def draw(*shape: int, seed: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def state(w: torch.Tensor) -> torch.Tensor:
    bloch = w / (1 + w @ w).sqrt()
    return (PAULI[0] + torch.einsum("a,aij->ij", bloch.to(PAULI.dtype), PAULI[1:])) / 2


def hermitian(size: int, seed: int) -> torch.Tensor:
    x = torch.complex(draw(size, size, seed=seed), draw(size, size, seed=seed + 1))
    return x + x.mH


def value(expression: Any, symbols: tuple, *numbers: torch.Tensor) -> float:
    return float(lambdify(symbols, expression, "math")(*torch.cat(numbers).tolist()))


@pytest.mark.parametrize("seed", range(3))
def test_triangles_of_qubits(seed: int) -> None:
    """The closed forms against the holonomy of the polygon of three states."""
    y, w = draw(2, 3, seed=seed)
    pole = torch.tensor([0.0, 0.0, 0.7 - seed], dtype=torch.float64)
    names = (qubits.c, *qubits.Y, *qubits.W)
    real = value(qubits.REAL_PART, names, pole[2:], y, w)
    imaginary = -float(pole @ torch.linalg.cross(y, w))
    turn = holonomy(torch.stack([state(at) for at in (pole, y, w, pole)])).turn
    gamma = [float((1 + at @ at).sqrt()) for at in (pole, y, w)]
    ends = ((pole, y, 0, 1), (y, w, 1, 2), (w, pole, 2, 0))
    sizes = [2 * (1 + gamma[n] * gamma[m] + float(a @ b)) for a, b, n, m in ends]
    scale = 2 / (sizes[0] * sizes[1] * sizes[2]) ** 0.5
    found = torch.trace(state(pole) @ turn)
    assert abs(found.real - scale * real) < 1e-12
    assert abs(abs(found.imag) - scale * abs(imaginary)) < 1e-12 < abs(imaginary)
    assert abs(torch.trace(turn).real - 2 * scale * real) < 1e-12


@pytest.mark.parametrize("seed", range(3))
def test_dittmann_form_is_that_of_matrices(seed: int) -> None:
    weights = draw(3, seed=seed).exp()
    p = weights / weights.sum()
    tangent = hermitian(3, seed + 7)
    names = (*bures.WEIGHTS, *bures.SIZES)
    sizes = torch.stack(
        [tangent[n, k].abs() for n, k in [(0, 0), (1, 1), (2, 2), (0, 1), (0, 2), (1, 2)]]
    )
    claim = bures.dittmann_form_of_bures_metric_of_qutrit_eq_bures_metric.claim
    rho, one = torch.diag(p).to(tangent.dtype), torch.eye(3, dtype=tangent.dtype)
    rest, inverse = one - rho, one - torch.linalg.inv(rho)
    cubes = 1 - torch.trace(rho @ rho @ rho)
    traces = [torch.trace(x @ tangent @ x @ tangent) for x in (one, rest, inverse)]
    direct = traces[0] + 3 / cubes * (traces[1] + torch.linalg.det(rho) * traces[2])
    assert abs(value(claim.lhs, names, weights, sizes) - direct.real / 4) < 1e-11
    assert abs(value(claim.rhs, names, weights, sizes) - bures_norm(rho, tangent) ** 2) < 1e-11


@pytest.mark.parametrize("seed", range(3))
def test_bounds_on_traces_of_exponentials(seed: int) -> None:
    """Overlaps and eigenvalues stand for matrices that do not commute; Golden and Thompson."""
    first, other = hermitian(3, seed), hermitian(3, seed + 11)
    energies, basis = torch.linalg.eigh(first)
    levels, states = torch.linalg.eigh(other)
    overlaps = (states.mH @ basis).abs() ** 2
    free = -torch.logsumexp(-energies, 0)
    gibbs = torch.softmax(-levels, 0)
    bound = -torch.logsumexp(-levels, 0) + (gibbs * (overlaps @ energies - levels)).sum()
    rho = torch.linalg.matrix_exp(-other) / torch.trace(torch.linalg.matrix_exp(-other))
    direct = -torch.logsumexp(-levels, 0) + torch.trace(rho @ (first - other)).real
    assert abs(bound - direct) < 1e-11 and free <= bound

    a, b = draw(2, 3, seed=seed)
    fields = [torch.einsum("a,aij->ij", x.to(PAULI.dtype), PAULI[1:]) for x in (a, b, a + b)]
    one, two, both = map(torch.linalg.matrix_exp, fields)
    alpha, gamma = a.norm(), b.norm()
    cosine = a @ b / (alpha * gamma)
    product = alpha.cosh() * gamma.cosh() + cosine * alpha.sinh() * gamma.sinh()
    size = (alpha**2 + gamma**2 + 2 * alpha * gamma * cosine).sqrt()
    assert abs(torch.trace(one @ two).real / 2 - product) < 1e-11 * product
    assert abs(torch.trace(both).real / 2 - size.cosh()) < 1e-11 * product
    assert size.cosh() <= product
