"""The Boltzmann manifold of small heads, against mpmath and closed forms."""

import math

import mpmath as mp
import numpy as np
import pytest
import torch

import numeric
from numeric.manifold import (
    BoltzmannManifold,
    boltzmann_map,
    gauss_curvature,
    heat_capacity_of_metric,
    inverse_moment_map,
    log_boltzmann_map,
    log_probability_spectrum,
    metric_spectrum,
    moment_map,
    pulled_back_metric,
    relation_residuals,
    repeated_rows,
    simplex_path,
)

SQUARE = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])


def random_manifold(seed=0, tokens=9, width=3, temperature=0.7, bias=True):
    rng = np.random.default_rng(seed)
    b = rng.normal(size=tokens) if bias else None
    return BoltzmannManifold.of(rng.normal(size=(tokens, width)), b, temperature)


def exact_metric(manifold, h):
    """The probabilities, and the metric from the definition, in 60 digits."""
    u = mp.matrix(manifold.weight.tolist())
    logits = u * mp.matrix(h.tolist()) + mp.matrix(manifold.bias.tolist())
    weights = [mp.exp(x / mp.mpf(manifold.temperature)) for x in logits]
    p = [w / mp.fsum(weights) for w in weights]
    spread, square = mp.diag(p) - mp.matrix(p) * mp.matrix(p).T, mp.mpf(manifold.temperature) ** 2
    return p, u.T * spread * u / square


def test_map_and_metric_are_what_the_definitions_say():
    for seed in range(4):
        manifold = random_manifold(seed)
        h = torch.from_numpy(np.random.default_rng(seed + 9).normal(size=3) * 3)
        with mp.workdps(60):
            p, g = exact_metric(manifold, h)
            found = boltzmann_map(manifold, h).tolist()
            assert max(abs(a / b - 1) for a, b in zip(found, p, strict=True)) < 1e-12
            metric = pulled_back_metric(manifold, h)
            size = mp.mnorm(g, "f")
            off = mp.mnorm(mp.matrix(metric.tolist()) - g, "f")
            assert off < 1e-13 * size
            values = sorted(mp.eigsy(g, eigvals_only=True), reverse=True)
            spectrum = metric_spectrum(manifold, h).tolist()
            assert max(abs(a / b - 1) for a, b in zip(spectrum, values, strict=True)) < 1e-11


def test_small_eigenvalues_survive_where_those_of_the_matrix_drown():
    rng = np.random.default_rng(3)
    turn = np.linalg.qr(rng.normal(size=(4, 4)))[0]
    rows = (rng.normal(size=(30, 4)) * np.array([1.0, 1e-3, 1e-6, 1e-9])) @ turn
    manifold, h = BoltzmannManifold.of(rows), torch.ones(4, dtype=torch.float64)
    with mp.workdps(60):
        _, g = exact_metric(manifold, h)
        least = min(mp.eigsy(g, eigvals_only=True))
        found = float(metric_spectrum(manifold, h)[-1])
        assert found == pytest.approx(float(least), rel=1e-4)
        plain = float(torch.linalg.eigvalsh(pulled_back_metric(manifold, h))[0])
        assert abs(plain / float(least) - 1) > 0.1  # the reason for the other way
    few = metric_spectrum(BoltzmannManifold.of(np.eye(2, 5)), np.zeros(5))
    assert (
        few.shape == (5,) and float(few[0]) == pytest.approx(0.5) and float(few[1:].max()) < 1e-30
    )


def test_heat_capacity_is_the_length_of_the_hidden_state():
    manifold = random_manifold(5, bias=False)
    h = torch.randn(3, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    logits = manifold.weight @ h
    wanted = float(numeric.heat_capacity(logits, manifold.temperature))
    assert heat_capacity_of_metric(manifold, h) == pytest.approx(wanted, rel=1e-13)
    form = float(h @ pulled_back_metric(manifold, h) @ h)
    assert form == pytest.approx(wanted, rel=1e-12)
    with pytest.raises(ValueError, match="without bias"):
        heat_capacity_of_metric(random_manifold(5), h)


def test_straight_lines_are_exponential_geodesics():
    manifold = random_manifold(6)
    h, x = torch.randn(2, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(2))
    p, q = boltzmann_map(manifold, h), boltzmann_map(manifold, x)
    between = boltzmann_map(manifold, 0.7 * h + 0.3 * x)
    assert torch.allclose(between, numeric.exponential_geodesic(p, q, 0.3), rtol=1e-12)
    assert not torch.allclose(between, numeric.mixture_geodesic(p, q, 0.3), rtol=1e-3)


def test_the_moment_map_is_inverted_inside_and_refused_outside():
    manifold = random_manifold(7, tokens=12)
    h = torch.tensor([1.5, -2.0, 0.3], dtype=torch.float64)
    found = inverse_moment_map(manifold, moment_map(manifold, h))
    assert torch.allclose(found, h, atol=1e-8)
    near = moment_map(manifold, 12 * h)  # next to a vertex
    assert torch.allclose(moment_map(manifold, inverse_moment_map(manifold, near)), near)
    flat = BoltzmannManifold.of(np.column_stack([SQUARE, SQUARE[:, 0]]))  # rows span a plane
    eta = torch.tensor([0.3, 0.4, 0.3], dtype=torch.float64)
    assert torch.allclose(moment_map(flat, inverse_moment_map(flat, eta)), eta)
    for outside in ([1.2, 0.5], [1.0, 1.0], [0.5, 1.0], [40.0, -3.0]):
        with pytest.raises(ValueError, match="inner point of the polytope"):
            inverse_moment_map(BoltzmannManifold.of(SQUARE), np.array(outside))
    with pytest.raises(ValueError, match="inner point|boundary"):
        inverse_moment_map(flat, np.array([0.3, 0.4, 0.5]))


def test_rank_law():
    manifold = random_manifold(8, tokens=40, width=5)
    h = torch.randn(30, 5, dtype=torch.float64, generator=torch.Generator().manual_seed(3))
    log_p = log_boltzmann_map(manifold, h)
    law = log_probability_spectrum(log_p)
    assert law.rank() == 5 and law.bound == 29 and law.dimension(1e-10) == 5
    assert law.tail[0] ** 2 == pytest.approx((law.singular_values**2).sum() / (30 * 40))
    assert law.tail[-1] == 0 and law.dimension(0.0) == 30
    # It can fail: a model that is no head of five coordinates.
    bent = log_probability_spectrum(torch.log_softmax(log_p + 0.1 * torch.sin(5 * log_p), -1))
    assert bent.rank() > 20
    # Rank without centering, as counted with and without a bias.
    assert int(torch.linalg.matrix_rank(log_p)) == 7
    unbiased = log_boltzmann_map(random_manifold(8, tokens=40, width=5, bias=False), h)
    assert int(torch.linalg.matrix_rank(unbiased)) == 6


def test_prompts_that_come_twice_count_once():
    manifold = random_manifold(9)
    h = torch.randn(4, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(4))
    log_p = log_boltzmann_map(manifold, h)
    once, twice = (log_probability_spectrum(x) for x in (log_p, torch.cat([log_p, log_p])))
    assert twice.prompts == 4 and np.allclose(once.singular_values, twice.singular_values)
    alone = log_probability_spectrum(log_p[:1])
    assert alone.rank() == 0 and alone.bound == 0


def test_toric_equations():
    rows = np.vstack([SQUARE, SQUARE[1], [[0.5, 0.5]]])
    manifold = BoltzmannManifold.of(rows, np.arange(6.0), 2.0)
    log_p = log_boltzmann_map(manifold, np.random.default_rng(0).normal(size=(7, 2)))
    for tokens, numbers in [
        ([0, 1, 2, 3], [1, -1, -1, 1]),
        ([1, 4], [1, -1]),
        ([0, 3, 5], [1, 1, -2]),
    ]:
        assert float(relation_residuals(manifold, log_p, tokens, numbers).max()) < 1e-13
    bent = log_p + 0.01 * torch.arange(6)
    assert float(relation_residuals(manifold, bent, [1, 4], [1, -1]).min()) > 1e-3
    with pytest.raises(ValueError, match="sum of zero"):
        relation_residuals(manifold, log_p, [0, 1], [1, -1])
    assert [group.tolist() for group in repeated_rows(rows)] == [[1, 4]]
    assert repeated_rows(SQUARE) == []


def test_curvature():
    triangle = BoltzmannManifold.of(np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]))
    square = BoltzmannManifold.of(SQUARE)
    for h in ([0.0, 0.0], [1.3, -0.4]):
        assert gauss_curvature(triangle, np.array(h)) == pytest.approx(0.25, rel=1e-12)
        assert gauss_curvature(square, np.array(h)) == pytest.approx(0, abs=1e-14)
    kite = BoltzmannManifold.of(np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [2.0, 2.0]]))
    low, high = (gauss_curvature(kite, np.array([t, t])) for t in (-1.0, 1.0))
    assert low < -0.2 and high > 0.05  # heads bend either way
    for head, at in [(kite, (-1.0, -1.0)), (random_manifold(2, 6, 2), (0.3, -0.2))]:
        wanted = curvature_by_definition(head, at)
        assert gauss_curvature(head, np.array(at)) == pytest.approx(wanted, rel=1e-8)
    with pytest.raises(ValueError, match="two coordinates"):
        gauss_curvature(random_manifold(), np.zeros(3))
    with pytest.raises(ValueError, match="one line"):
        gauss_curvature(BoltzmannManifold.of(SQUARE[:2]), np.zeros(2))


def curvature_by_definition(head, point):
    """Brioschi's formula with numerical derivatives of the metric."""
    with mp.workdps(50):

        def g(i, j):
            def entry(x, y):
                return exact_metric(head, np.array([x, y], dtype=object))[1][i, j]

            return entry

        e, f, gg = g(0, 0), g(0, 1), g(1, 1)
        at = tuple(map(mp.mpf, point))

        def by(entry, n, m):
            return mp.diff(entry, at, (n, m))

        first = mp.matrix(
            [
                [-by(e, 0, 2) / 2 + by(f, 1, 1) - by(gg, 2, 0) / 2, by(e, 1, 0) / 2,
                 by(f, 1, 0) - by(e, 0, 1) / 2],
                [by(f, 0, 1) - by(gg, 1, 0) / 2, e(*at), f(*at)],
                [by(gg, 0, 1) / 2, f(*at), gg(*at)],
            ]
        )  # fmt: skip
        second = mp.matrix(
            [
                [0, by(e, 0, 1) / 2, by(gg, 1, 0) / 2],
                [by(e, 0, 1) / 2, e(*at), f(*at)],
                [by(gg, 1, 0) / 2, f(*at), gg(*at)],
            ]
        )
        area = e(*at) * gg(*at) - f(*at) ** 2
        return float((mp.det(first) - mp.det(second)) / area**2)


def test_a_path_is_no_shorter_than_its_ends_are_apart():
    x = torch.randn(6, 11, dtype=torch.float64, generator=torch.Generator().manual_seed(5)) * 3
    path = simplex_path(x)
    assert path.steps.shape == (5,) and path.length >= path.distance
    roots = torch.softmax(x, -1).sqrt()
    angles = 2 * torch.arccos((roots[:-1] * roots[1:]).sum(-1))
    assert np.allclose(path.steps, angles.numpy(), rtol=1e-10)
    assert simplex_path(x[:1]).length == 0 and simplex_path(x[:1]).distance == 0
    p, q = torch.softmax(x[0], -1), torch.softmax(x[1], -1)
    along = torch.stack([numeric.metric_geodesic(p, q, t).log() for t in np.linspace(0, 1, 6)])
    straight = simplex_path(along)
    assert straight.length == pytest.approx(straight.distance, rel=1e-10)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: BoltzmannManifold.of(np.zeros(3)), r"expected weight \(V, d\)"),
        (lambda: BoltzmannManifold.of(np.eye(2), np.zeros(3)), r"bias \(V,\)"),
        (lambda: BoltzmannManifold.of(np.eye(2), None, 0.0), "temperature: expected a number > 0"),
        (lambda: BoltzmannManifold.of(np.full((2, 2), math.nan)), "finite rows"),
        (lambda: boltzmann_map(random_manifold(), np.zeros(4)), r"hidden: expected \(..., 3\)"),
        (lambda: boltzmann_map(random_manifold(), np.full(3, math.nan)), "expected finite"),
        (lambda: metric_spectrum(random_manifold(), np.zeros((2, 3))), "expected one state"),
        (lambda: inverse_moment_map(random_manifold(), np.zeros(2)), "moment: expected finite"),
        (lambda: log_probability_spectrum(np.array([[0.0, -math.inf]])), "masked tokens"),
        (lambda: log_probability_spectrum(np.zeros(3)), "expected a table"),
        (lambda: log_probability_spectrum(np.eye(3)).dimension(-1), "error: expected nats >= 0"),
        (lambda: simplex_path(np.zeros((0, 3))), "N >= 1"),
        (lambda: repeated_rows(np.zeros(3)), "expected a table"),
    ],
)
def test_bad_input_is_refused_in_words(call, says):
    with pytest.raises(ValueError, match=says):
        call()
