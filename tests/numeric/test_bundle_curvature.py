"""Curvature against the closed form of a qubit, small loops, and derivatives of the connection."""

import pytest
import torch
from test_bundle import states

from numeric.bundle import (
    amplitude_curvature,
    bloch_state,
    curvature_form,
    holonomy,
    horizontal_generator,
    uhlmann_connection,
    uhlmann_curvature,
)
from numeric.errors import InputError

BAR = 1e-12


def normal(*shape, seed=0, dtype=torch.complex128):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def changes(n, count, seed):
    x = normal(count, n, n, seed=seed)
    trace = x.diagonal(dim1=-2, dim2=-1).sum(-1)[:, None, None]
    x = x - trace * torch.eye(n) / n
    return (x + x.mH) / 2


def test_a_qubit_has_the_closed_form():
    r = normal(50, 3, seed=1, dtype=torch.float64)
    r = 0.95 * r / (1 + torch.linalg.vector_norm(r, dim=-1, keepdim=True))
    x, y = normal(2, 50, 3, seed=2, dtype=torch.float64)
    step = [bloch_state(v / 9) - bloch_state(0 * v) for v in (x, y)]
    found = uhlmann_curvature(bloch_state(r), *(9 * s for s in step))
    form = curvature_form(r, x, y)
    expected = 1j * (bloch_state(form / 99) - bloch_state(0 * form)) * 99
    size = torch.linalg.matrix_norm(expected)
    assert float((torch.linalg.matrix_norm(found - expected) / (1 + size)).max()) < BAR
    assert float(torch.linalg.matrix_norm(found + expected).min()) > 1e-3  # the other sign


@pytest.mark.parametrize("n", [2, 3, 5])
def test_a_small_loop_turns_by_it(n):
    rho = states(n, count=1, seed=n)[0]
    x, y = changes(n, 2, seed=n) * 0.2 * float(torch.linalg.eigvalsh(rho)[0])

    def turned(size):
        """1 - holonomy by the area, around a parallelogram about rho that is entered from it."""
        a, b = size * x / 2, size * y / 2
        corners = [rho - a - b, rho + a - b, rho + a + b, rho - a + b, rho - a - b]
        turn = holonomy(torch.stack([rho, *corners, rho])).turn
        return (torch.eye(n) - turn) / size**2

    # The error falls with even powers of the size: two steps of extrapolation.
    rough, fine, finest = (turned(size) for size in (0.4, 0.2, 0.1))
    once = [(4 * b - a) / 3 for a, b in ((rough, fine), (fine, finest))]
    limit = (16 * once[1] - once[0]) / 15
    found = uhlmann_curvature(rho, x, y)
    size = float(torch.linalg.matrix_norm(found))
    assert float(torch.linalg.matrix_norm(limit - found)) < 1e-6 * size
    assert float(torch.linalg.matrix_norm(limit + found)) > size


def test_it_is_the_derivative_of_the_connection():
    rho, (x, y) = states(4, count=1, seed=7)[0], changes(4, 2, seed=8) * 0.01

    def slope(along, of):
        def form(t):
            return uhlmann_connection(rho + t * along, of)

        far = (form(0.1) - form(-0.1)) / 0.2
        near = (form(0.05) - form(-0.05)) / 0.1
        nearest = (form(0.025) - form(-0.025)) / 0.05
        once = [(4 * b - a) / 3 for a, b in ((far, near), (near, nearest))]
        return (16 * once[1] - once[0]) / 15

    a, b = uhlmann_connection(rho, x), uhlmann_connection(rho, y)
    expected = slope(x, y) - slope(y, x) + a @ b - b @ a
    found = uhlmann_curvature(rho, x, y)
    assert float(torch.linalg.matrix_norm(found - expected)) < 1e-9 * float(
        torch.linalg.matrix_norm(expected)
    )


def test_it_turns_with_the_amplitude_and_vanishes_for_distributions():
    rho = states(4, count=1, seed=3)[0]
    x, y = changes(4, 2, seed=4)
    values, vectors = torch.linalg.eigh(rho)
    root = (vectors * values.sqrt()) @ vectors.mH
    turn = torch.linalg.qr(normal(4, 4, seed=5)).Q
    tangents = [horizontal_generator(rho, change) @ root @ turn for change in (x, y)]
    found = amplitude_curvature(root @ turn, *tangents)
    expected = turn.mH @ uhlmann_curvature(rho, x, y) @ turn
    assert float(torch.linalg.matrix_norm(found - expected)) < 1e-11
    swapped = uhlmann_curvature(rho, y, x)
    assert float(torch.linalg.matrix_norm(swapped + uhlmann_curvature(rho, x, y))) < BAR
    diagonal = torch.diag(torch.tensor([0.5, 0.3, 0.2], dtype=torch.float64))
    moves = [torch.diag(torch.tensor(v, dtype=torch.float64)) for v in ((1, -1, 0), (0, 1, -1))]
    assert float(uhlmann_curvature(diagonal, *moves).abs().max()) == 0.0


def test_rectangular_amplitudes_without_full_rank():
    w = (
        normal(6, 4, seed=1, dtype=torch.float64)
        @ torch.diag(torch.tensor([1.0, 1, 1, 0])).double()
    )
    others = [w + 0.1 * normal(6, 4, seed=s, dtype=torch.float64) @ (w.mT @ w) for s in (2, 3)]
    tangents = []
    for other in others:
        left, _, right = torch.linalg.svd(other.mT @ w)
        tangents.append(other @ (left @ right) - w)
    found = amplitude_curvature(w, *tangents)
    assert bool(found.isfinite().all()) and float((found + found.mT).abs().max()) < BAR
    with pytest.raises(InputError, match="second: expected horizontal tangents"):
        amplitude_curvature(w, tangents[0], w @ torch.triu(torch.ones(4, 4)).double())
    rho = bloch_state(torch.tensor([0.0, 0.0, 1.0]))
    with pytest.raises(InputError, match="change: it leaves the rank of rho"):
        uhlmann_curvature(rho, torch.eye(2), torch.eye(2))
    with pytest.raises(InputError, match="r: expected mixed states, got a pure one"):
        curvature_form(torch.tensor([0.0, 0.0, 1.0]), torch.ones(3), torch.ones(3))
