"""Transport and holonomy against closed forms, Lorentz boosts, and the connection integrated."""

import math

import pytest
import torch
from test_bundle import states

from numeric.bundle import (
    amplitude_holonomy,
    amplitude_transport,
    bloch_state,
    bloch_vector,
    circle,
    critical_temperature,
    geodesic,
    great_circle_holonomy,
    holonomy,
    latitude_holonomy,
    lorentz_factor,
    orbit,
    parallel_transport,
    path_holonomy,
    path_transport,
    relative_amplitude,
    rotation_angles,
    thomas_form,
    twins,
    uhlmann_connection,
    uhlmann_form,
    uhlmann_phase,
    wigner_rotation,
)
from numeric.errors import InputError

BAR = 1e-12
PAULI = torch.tensor([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]]).to(
    torch.complex128
)


def vectors(count, seed, longest=1.0):
    generator = torch.Generator().manual_seed(seed)
    v = torch.randn(count, 3, dtype=torch.float64, generator=generator)
    size = torch.rand(count, 1, dtype=torch.float64, generator=generator) ** (1 / 3)
    return longest * size * v / torch.linalg.vector_norm(v, dim=-1, keepdim=True)


def off(first, second):
    return float(torch.linalg.matrix_norm(first - second).max())


@pytest.mark.parametrize("radius", [0.1, 0.6, 0.9, 0.99])
def test_great_circles(radius):
    found = path_holonomy(circle(radius))
    assert off(found.turn, great_circle_holonomy(radius)) < BAR
    assert found.error < BAR and int(found.rank) == 2
    # Control: with the other sign of the connection the fibre turns the other way.
    assert off(found.turn, great_circle_holonomy(radius).mH) > 0.01


@pytest.mark.parametrize("polar", [0.3, 1.1, 2.5])
@pytest.mark.parametrize("radius", [0.4, 0.95])
def test_circles_of_latitude(radius, polar):
    assert off(path_holonomy(circle(radius, polar)).turn, latitude_holonomy(radius, polar)) < BAR


@pytest.mark.parametrize("polar", [0.4, 2.0])
def test_pure_states_have_the_phase_of_berry(polar):
    path = circle(1.0, polar)
    found = path_holonomy(path)
    phase, visibility = uhlmann_phase(path(torch.zeros(1)), found.turn)
    berry = -math.pi * (1 - math.cos(polar))
    assert int(found.rank) == 1
    assert math.remainder(float(phase[0]) - berry, 2 * math.pi) == pytest.approx(0, abs=BAR)
    assert float(visibility[0]) == pytest.approx(1, abs=BAR)


@pytest.mark.parametrize(("warmer", "phase"), [(0.99, math.pi), (1.01, 0.0)])
def test_the_phase_jumps_at_the_critical_temperature(warmer, phase):
    radius = math.tanh(1.7 / (2 * warmer * critical_temperature(1.7)))
    path = circle(radius)
    found, visibility = uhlmann_phase(path(torch.zeros(1))[0], path_holonomy(path).turn)
    assert abs(float(found)) == pytest.approx(phase, abs=1e-9)
    assert float(visibility) < 0.05


def test_the_connection_integrated_gives_the_same_turn():
    corners = states(3, count=3, seed=4)

    def weights(places):
        angle = 2 * math.pi * places
        both = torch.stack([angle * 0 + 2, angle.cos() + 1, angle.sin() + 1], -1)
        slopes = 2 * math.pi * torch.stack([angle * 0, -angle.sin(), angle.cos()], -1)
        total, rate = both.sum(-1, keepdim=True), slopes.sum(-1, keepdim=True)
        return both / total, (slopes - both / total * rate) / total

    def path(places):
        return torch.einsum("tk,kij->tij", weights(places)[0].to(corners.dtype), corners)

    def integrated(sign, steps=500):
        """dV = sign a V by Runge and Kutta, of fourth order."""
        places = torch.linspace(0, 1, 2 * steps + 1, dtype=torch.float64)
        slopes = torch.einsum("tk,kij->tij", weights(places)[1].to(corners.dtype), corners)
        form = sign * uhlmann_connection(path(places), slopes) / steps
        turn = torch.eye(3, dtype=corners.dtype)
        for a, b, c in zip(form[:-2:2], form[1::2], form[2::2], strict=True):
            one = a @ turn
            two = b @ (turn + one / 2)
            three = b @ (turn + two / 2)
            turn = turn + (one + 2 * two + 2 * three + c @ (turn + three)) / 6
        return turn

    found = path_holonomy(path).turn
    assert off(found, integrated(-1)) < 1e-10
    assert off(found, integrated(+1)) > 0.01  # control: dV = +aV


def test_polygons_of_geodesics_are_exact():
    corners = states(3, count=3, seed=4)
    loop = torch.cat([corners, corners[:1]])
    fine = [geodesic(a, b, k / 7) for a, b in zip(loop, loop[1:], strict=False) for k in range(7)]
    turn = holonomy(loop).turn
    assert off(turn, holonomy(torch.stack([*fine, loop[0]])).turn) < BAR
    # Control: along straight lines the fibre turns by something else.
    straight = [
        a + (b - a) * k / 7 for a, b in zip(loop, loop[1:], strict=False) for k in range(7)
    ]
    assert off(turn, holonomy(torch.stack([*straight, loop[0]])).turn) > 1e-4
    there_and_back = torch.cat([loop, loop.flip(0)])
    assert off(holonomy(there_and_back).turn, torch.eye(3)) < BAR


def test_batches_are_loops_one_by_one():
    corners = states(3, count=8, seed=9).reshape(2, 4, 3, 3)
    loops = torch.cat([corners, corners[:, :1]], 1)
    found = holonomy(loops).turn
    assert off(found[1], holonomy(loops[1]).turn) < 1e-14
    assert parallel_transport(loops).turn.shape == (2, 3, 3)


@pytest.mark.parametrize("kind", [torch.float64, torch.complex128])
def test_eigenvalues_do_not_know_the_gauge(kind):
    generator = torch.Generator().manual_seed(0)
    amplitudes = torch.randn(5, 9, 4, dtype=kind, generator=generator)
    turns = torch.linalg.qr(torch.randn(5, 4, 4, dtype=kind, generator=generator)).Q

    def angles(chain):
        return rotation_angles(amplitude_holonomy(torch.cat([chain, chain[:1]])).turn)

    torch.testing.assert_close(angles(amplitudes), angles(amplitudes @ turns), atol=BAR, rtol=0)
    assert float(angles(amplitudes).abs().max()) > 0.1
    # Control: after a map that is not of the structure group they do.
    skewed = amplitudes @ (turns + 0.3 * torch.randn(5, 4, 4, dtype=kind, generator=generator))
    assert float((angles(amplitudes) - angles(skewed)).abs().max()) > 1e-3


def test_rectangular_amplitudes_and_their_states_turn_alike():
    chain = torch.randn(3, 6, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    chain = torch.cat([chain, chain[:1]])
    by_amplitudes = amplitude_holonomy(chain)
    by_states = holonomy(chain @ chain.mT)
    assert int(by_states.rank) == 2 and float(by_states.smallest) > 0
    thin = rotation_angles(by_amplitudes.turn)
    wide = torch.linalg.eigvals(by_states.turn)
    kept = wide[wide.abs() > 0.5].angle().sort().values
    torch.testing.assert_close(thin, kept, atol=1e-11, rtol=0)


def test_the_relative_amplitude_is_a_wigner_rotation():
    u, v = vectors(200, 1), vectors(200, 2)
    assert off(wigner_rotation(u, v), relative_amplitude(bloch_state(u), bloch_state(v))) < BAR
    torch.testing.assert_close(bloch_vector(bloch_state(u)), u, atol=1e-15, rtol=0)
    # The same angle from 4 x 4 Lorentz matrices, whose product of boosts is a boost and a turn.
    product = _boost(v[0]) @ _boost(u[0])
    left, _, right = torch.linalg.svd(product)
    by_lorentz = (left @ right)[1:, 1:].trace()
    by_spin = (wigner_rotation(u[:1], v[:1])[0].trace().real / 2) ** 2 * 4 - 1
    assert float(by_lorentz) == pytest.approx(float(by_spin), abs=1e-11)


def _boost(velocity):
    gamma = float(lorentz_factor(velocity))
    boost = torch.eye(4, dtype=torch.float64)
    boost[0, 0] = gamma
    boost[0, 1:] = boost[1:, 0] = gamma * velocity
    outer = torch.outer(velocity, velocity) * gamma**2 / (gamma + 1)
    boost[1:, 1:] += outer
    return boost


def test_forms_of_uhlmann_and_thomas():
    r, step = vectors(100, 3, 0.99), vectors(100, 4)
    changes = torch.einsum("tk,kij->tij", step.to(PAULI.dtype), PAULI) / 2
    expected = torch.einsum("tk,kij->tij", uhlmann_form(r, step).to(PAULI.dtype), PAULI) * 0.5j
    assert off(uhlmann_connection(bloch_state(r), changes), expected) < BAR
    ratio = lorentz_factor(r).unsqueeze(-1)
    torch.testing.assert_close(thomas_form(r, step), ratio * uhlmann_form(r, step))


def test_twins_differ_by_clock_length_and_turn():
    found = twins(orbit(0.6), orbit(0.8))
    for one, speed in ((found.first, 0.6), (found.second, 0.8)):
        gamma = 1 / math.sqrt(1 - speed**2)
        assert one.proper_time == pytest.approx(1 / gamma, abs=BAR)
        assert one.length == pytest.approx(math.asin(speed) + math.pi * speed, abs=BAR)
        assert one.angle == pytest.approx(2 * math.pi * (1 - 1 / gamma), abs=1e-11)
        assert one.thomas_angle == pytest.approx(2 * math.pi * (gamma - 1), abs=1e-11)
    assert found.second.proper_time < found.first.proper_time  # Minkowski
    assert found.second.length > found.first.length  # Riemann
    assert found.angle == pytest.approx(0.4 * math.pi, abs=1e-11)


def test_bad_loops_paths_and_vectors_are_named():
    chain = states(3, count=4)
    cases = [
        (lambda: holonomy(chain), "expected a closed loop.* differ by .* of its size"),
        (lambda: holonomy(chain[:1]), r"expected a chain \(\.\.\., m, n, n\) of m >= 2"),
        (lambda: amplitude_transport(chain[0]), r"expected a chain .* got shape \(3, 3\)"),
        (lambda: path_holonomy(lambda t: bloch_state(0.5 * _line(t))), "expected a closed loop"),
        (
            lambda: path_transport(lambda t: bloch_state(0.9 * _line((t - 0.4).abs(), 1.0))),
            "polygons of 2048 sides still change",
        ),
        (lambda: bloch_state(torch.tensor([1.0, 1.0, 0])), "length at most 1, got 1.41421356"),
        (lambda: bloch_state(torch.tensor([1.0, torch.nan, 0])), "length at most 1, got nan"),
        (lambda: bloch_vector(chain), r"expected matrices \(\.\.\., 2, 2\)"),
        (lambda: wigner_rotation(*torch.eye(3)[:1] * torch.tensor([[[1.0]], [[-1]]])[:, 0]), "no"),
        (lambda: orbit(1.0), r"expected a number in \[0, 1\)"),
        (lambda: critical_temperature(0.0), "expected a positive finite number"),
        (lambda: twins(orbit(0.6), _line), "do not meet"),
        (lambda: rotation_angles(torch.zeros(2, 3)), "expected square matrices"),
    ]
    for ask, message in cases:
        with pytest.raises(InputError, match=message):
            ask()


def _line(places, side=0.0):
    return torch.stack([places, side * places**2, torch.zeros_like(places)], -1)


def test_a_phase_without_visibility_has_no_value():
    turn = torch.diag(torch.tensor([1.0, -1.0]))
    phase, visibility = uhlmann_phase(torch.eye(2) / 2, turn)
    assert math.isnan(float(phase)) and float(visibility) == 0
