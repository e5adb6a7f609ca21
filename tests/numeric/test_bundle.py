"""Distances, geodesics and the connection over density operators, against mpmath."""

import math

import mpmath
import numpy as np
import pytest
import torch

from numeric import fisher_rao_distance
from numeric.bundle import (
    bures_angle,
    bures_distance,
    bures_norm,
    fidelity,
    geodesic,
    horizontal_generator,
    uhlmann_connection,
    wasserstein_distance,
)
from numeric.errors import InputError

KINDS = [torch.float64, torch.complex128]


def states(n, count=None, kind=torch.complex128, seed=0, mixed=0.1):
    """Random density operators, none of whose eigenvalues lies below mixed / n."""
    generator = torch.Generator().manual_seed(seed)
    shape = (n, n) if count is None else (count, n, n)
    amplitude = torch.randn(shape, generator=generator, dtype=kind)
    positive = amplitude @ amplitude.mH
    positive = positive / positive.diagonal(dim1=-2, dim2=-1).sum(-1)[..., None, None]
    return (1 - mixed) * positive + mixed * torch.eye(n, dtype=kind) / n


def change(n, kind=torch.complex128, seed=1):
    generator = torch.Generator().manual_seed(seed)
    step = torch.randn((n, n), generator=generator, dtype=kind)
    step = step + step.mH
    return step - step.diagonal().sum() / n * torch.eye(n)


def exact_infidelity(rho, sigma):
    """1 - sqrt(F) to 50 digits at the very floats, divided by their traces."""

    def matrix(values):
        return mpmath.matrix([[mpmath.mpmathify(x) for x in row] for row in values.tolist()])

    def root(values):
        eigenvalues, vectors = mpmath.eighe(values)
        return vectors * mpmath.diag([mpmath.sqrt(x) for x in eigenvalues]) * vectors.H

    with mpmath.workdps(60):
        a, b = matrix((rho + rho.mH) / 2), matrix((sigma + sigma.mH) / 2)
        trace = [mpmath.re(mpmath.fsum(m[i, i] for i in range(m.rows))) for m in (a, b)]
        squares, _ = mpmath.eighe(root(a) * b * root(a))
        total = mpmath.fsum(mpmath.sqrt(x) for x in squares)
        return 1 - total / mpmath.sqrt(trace[0] * trace[1])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("apart", [1.0, 1e-4, 1e-9, 1e-12])
def test_distances_agree_with_fifty_digits_however_near(kind, apart):
    rho, other = states(3, kind=kind), states(3, kind=kind, seed=5)
    sigma = (1 - apart) * rho + apart * other
    with mpmath.workdps(50):
        exact = exact_infidelity(rho, sigma)
        distance, angle = mpmath.sqrt(2 * exact), mpmath.acos(1 - exact)
    assert float(bures_distance(rho, sigma)) == pytest.approx(float(distance), rel=1e-14)
    assert float(bures_angle(rho, sigma)) == pytest.approx(float(angle), rel=1e-14)
    assert float(fidelity(rho, sigma)) == pytest.approx(float((1 - exact) ** 2), rel=1e-14)


def test_subtracting_from_one_would_see_nothing_at_1e_9():
    rho = states(3)
    sigma = (1 - 1e-9) * rho + 1e-9 * states(3, seed=5)
    root = torch.linalg.svdvals(_root(sigma) @ _root(rho)).sum()
    naive = (2 * (1 - root).clamp(min=0)).sqrt()
    assert abs(float(naive) / float(bures_distance(rho, sigma)) - 1) > 0.01


def _root(rho):
    values, vectors = torch.linalg.eigh(rho)
    return vectors @ torch.diag(values.sqrt()).to(rho.dtype) @ vectors.mH


@pytest.mark.parametrize("kind", KINDS)
def test_distance_of_covariances_is_the_least_of_all_lifts(kind):
    a, b = 3 * states(4, kind=kind), 0.5 * states(4, kind=kind, seed=2)
    found = float(wasserstein_distance(a, b))
    turns = torch.linalg.qr(torch.randn((200, 4, 4), dtype=kind)).Q
    lifts = torch.linalg.matrix_norm(_root(a) - _root(b) @ turns)
    assert found <= float(lifts.min())
    left, _, right = torch.linalg.svd(_root(b) @ _root(a))
    assert float(torch.linalg.matrix_norm(_root(a) - _root(b) @ left @ right)) == pytest.approx(
        found, rel=1e-12
    )
    # Control: a lift that is not parallel is farther away.
    assert float(torch.linalg.matrix_norm(_root(a) - _root(b))) > found * (1 + 1e-6)


def test_commuting_states_are_distributions():
    logits = torch.randn(2, 6, dtype=torch.float64, generator=torch.Generator().manual_seed(3))
    p = torch.diag_embed(logits.softmax(-1))
    half = float(fisher_rao_distance(logits[0], logits[1])) / 2
    assert float(bures_angle(p[0], p[1])) == pytest.approx(half, rel=1e-13)
    assert float(uhlmann_connection(p[0], p[1] - p[0]).abs().max()) == 0.0


@pytest.mark.parametrize("place", [0.0, 0.3, 1.0])
def test_geodesics_divide_their_length(place):
    rho, sigma = states(3), states(3, seed=2)
    between = geodesic(rho, sigma, place)
    whole = float(bures_angle(rho, sigma))
    assert float(bures_angle(rho, between)) == pytest.approx(place * whole, abs=1e-13)
    assert float(bures_angle(between, sigma)) == pytest.approx((1 - place) * whole, abs=1e-13)
    # Control: the straight line is no geodesic.
    if place == 0.3:
        straight = 0.7 * rho + 0.3 * sigma
        parts = bures_angle(rho, straight) + bures_angle(straight, sigma)
        assert float(parts) > whole + 1e-4


@pytest.mark.parametrize("kind", KINDS)
def test_generator_connection_and_metric_solve_their_equations(kind):
    rho, step = states(4, kind=kind), change(4, kind)
    g, a = horizontal_generator(rho, step), uhlmann_connection(rho, step)
    torch.testing.assert_close(g @ rho + rho @ g, step, rtol=0, atol=1e-13)
    torch.testing.assert_close(a, -a.mH, rtol=0, atol=1e-14)
    root = _root(rho)
    d_root = (_root(rho + 1e-5 * step) - _root(rho - 1e-5 * step)) / 2e-5
    torch.testing.assert_close(a @ rho + rho @ a, root @ d_root - d_root @ root, rtol=0, atol=1e-7)
    squared = (g @ rho @ g).diagonal().sum().real
    assert float(bures_norm(rho, step)) ** 2 == pytest.approx(float(squared), rel=1e-13)
    near = float(bures_distance(rho - 1e-7 * step, rho + 1e-7 * step)) / 2e-7
    assert float(bures_norm(rho, step)) == pytest.approx(near, rel=1e-9)


def test_pure_and_orthogonal_states_have_their_values():
    up, down = torch.diag(torch.tensor([1.0, 0])), torch.diag(torch.tensor([0, 1.0]))
    both = torch.stack([up, down]).double()
    assert fidelity(both, both[0]).tolist() == [1, 0]
    assert bures_distance(both, both[0]).tolist() == pytest.approx([0, math.sqrt(2)])
    assert bures_angle(both, both[0]).tolist() == pytest.approx([0, math.pi / 2])
    assert float(fidelity(up, torch.eye(2) / 2)) == pytest.approx(0.5)
    halfway = geodesic(both[0], both[1], 0.5)
    assert halfway.diagonal().tolist() == pytest.approx([0.5, 0.5])
    step = torch.tensor([[0, 1.0], [1, 0]])
    # For a pure state the metric is that of Fubini and Study.
    assert float(bures_norm(up, step)) == pytest.approx(1.0)


def test_numpy_comes_back_and_single_precision_is_taken():
    rho = states(2).numpy()
    assert isinstance(geodesic(rho, rho, 0.5), np.ndarray)
    assert float(bures_distance(rho.astype(np.complex64), rho)) < 1e-6


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda r: 2 * r, r"expected a density operator, of trace 1, got trace 2"),
        (lambda r: r - 0.4 * torch.eye(3), r"expected no negative eigenvalue, got -0\.\d+"),
        (lambda r: r + torch.triu(r, 1), r"expected a hermitian matrix"),
        (lambda r: r[:, :2], r"expected square matrices, got shape \(3, 2\)"),
        (lambda r: r[:2, :2] / r[:2, :2].trace(), r"expected matrices of one size"),
        (lambda r: r * torch.nan, r"expected finite numbers, got .*nan.* at \(0, 0\)"),
        (lambda r: torch.stack([r, 2 * r]), r"got trace 2 in row 1"),
        (lambda r: r[0], r"expected matrices \(\.\.\., n, m\), got shape \(3,\)"),
        (lambda r: r.bool(), r"expected real or complex numbers, got torch\.bool"),
    ],
)
def test_what_is_no_density_operator_is_refused(spoil, message):
    with pytest.raises(InputError, match=message):
        bures_distance(states(3), spoil(states(3)))


def test_changes_that_leave_the_rank_have_no_length():
    up, step = torch.diag(torch.tensor([1.0, 0])), torch.diag(torch.tensor([-1.0, 1]))
    for ask in (bures_norm, uhlmann_connection, horizontal_generator):
        with pytest.raises(InputError, match="leaves the rank of rho in the only row"):
            ask(up, step)
    with pytest.raises(InputError, match="expected hermitian matrices"):
        bures_norm(up, torch.tensor([[0, 1.0], [0, 0]]))
