"""Mixed states of a qubit as points of the Bloch ball, and as velocities: closed forms.

rho = (1 + r.sigma) / 2 with |r| <= 1 is, up to a factor, the square of a Lorentz boost of
velocity r. With gamma = 1 / sqrt(1 - r^2) the turn of the fibre from u to v is the rotation by
which two boosts differ from one, and Uhlmann's and Thomas' forms are multiples of each other:

    Uhlmann  (1 - 1/gamma) (r x dr) / r^2        Thomas  (gamma - 1) (r x dr) / r^2

Bloch vectors are (..., 3); matrices are (..., 2, 2), complex. Circles are passed once, from
azimuth 0, against the clock about the positive axis.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from numeric.bundle.states import matrices
from numeric.domain import first_index
from numeric.errors import InputError

_PAULI = torch.tensor(
    [[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]], dtype=torch.complex128
)


def bloch_state(vector: Tensor) -> Tensor:
    """The density operator (1 + r.sigma) / 2 of Bloch vectors: (..., 3) -> (..., 2, 2).

    Raises:
        InputError: A vector is longer than 1, or has not three real components.
    """
    r = _in_ball(vector, "vector")
    return (torch.eye(2, dtype=_PAULI.dtype, device=r.device) + _spin(r)) / 2


def bloch_vector(state: Tensor) -> Tensor:
    """The Bloch vector Tr(rho sigma) of qubit states: (..., 2, 2) -> (..., 3).

    Raises:
        InputError: The matrices are not 2 x 2.
    """
    rho = matrices(state, "state").to(_PAULI.dtype)
    if rho.shape[-2:] != (2, 2):
        raise InputError(f"state: expected matrices (..., 2, 2), got shape {tuple(rho.shape)}")
    return torch.einsum("...ij,kji->...k", rho, _PAULI.to(rho.device)).real


def lorentz_factor(velocity: Tensor) -> Tensor:
    """gamma = 1 / sqrt(1 - r^2): (..., 3) -> (...), infinite for pure states.

    Raises:
        InputError: A velocity is longer than 1, or has not three real components.
    """
    return 1 / _root(_in_ball(velocity, "velocity"))


def wigner_rotation(u: Tensor, v: Tensor) -> Tensor:
    """The rotation in SU(2) left over by boosts u, then v: (..., 3) twice -> (..., 2, 2).

    It is the polar factor of sqrt(rho_v) sqrt(rho_u), Uhlmann's relative amplitude from u to v.

    Raises:
        InputError: A vector lies outside the ball, or both are pure and opposite: no rotation
            is left over then, for none is singled out.
    """
    first, second = torch.broadcast_tensors(_in_ball(u, "u"), _in_ball(v, "v"))
    a, b = _root(first), _root(second)
    even = (1 + a) * (1 + b) + (first * second).sum(-1)
    odd = torch.linalg.cross(second, first)
    size = (even**2 + (odd**2).sum(-1)).sqrt()
    if bool((size == 0).any()):
        at = first_index(size == 0)
        raise InputError(f"u, v: opposite pure states have no rotation, got such a pair at {at}")
    one = torch.eye(2, dtype=_PAULI.dtype, device=even.device)
    return ((even / size)[..., None, None] * one) + 1j * _spin(odd / size.unsqueeze(-1))


def uhlmann_form(r: Tensor, change: Tensor) -> Tensor:
    """(1 - sqrt(1 - r^2)) (r x dr) / r^2: the connection form is i/2 times it, dotted with sigma.

    Raises:
        InputError: A vector is longer than 1, or has not three real components.
    """
    at = _in_ball(r, "r")
    return torch.linalg.cross(at, change.to(at)) / (1 + _root(at)).unsqueeze(-1)


def thomas_form(velocity: Tensor, change: Tensor) -> Tensor:
    """(gamma - 1) (v x dv) / v^2: the angle by which Thomas turns a carried frame.

    Raises:
        InputError: A velocity is longer than 1, or has not three real components.
    """
    at = _in_ball(velocity, "velocity")
    gamma = (1 / _root(at)).unsqueeze(-1)
    return gamma * torch.linalg.cross(at, change.to(at)) / (1 + 1 / gamma)


def curvature_form(r: Tensor, first: Tensor, second: Tensor) -> Tensor:
    """e(first) x e(second), with e(x) = x + gamma^2 (r.x) r / (1 + gamma): (..., 3).

    The curvature of Uhlmann's connection is i/2 times it, dotted with sigma; e is the change in a
    frame in which the metric of Bures is a quarter of the Euclidean one.

    Raises:
        InputError: A vector is as long as 1 or longer, or has not three real components.
    """
    at = _in_ball(r, "r")
    if bool((_root(at) == 0).any()):
        where = first_index(_root(at) == 0)
        raise InputError(f"r: expected mixed states, got a pure one at {where}")
    gamma = (1 / _root(at)).unsqueeze(-1)
    frame = [
        x.to(at) + gamma**2 / (1 + gamma) * (at * x.to(at)).sum(-1, keepdim=True) * at
        for x in (first, second)
    ]
    return torch.linalg.cross(*frame)


def circle(radius: float, polar: float = math.pi / 2):
    """A circle of latitude as a path: places (N,) -> states (N, 2, 2); a great one unless said.

    Raises:
        InputError: The radius is not in [0, 1].
    """
    size = _radius(radius)

    def path(places: Tensor) -> Tensor:
        azimuth = 2 * math.pi * places.to(torch.float64)
        flat = size * math.sin(polar)
        height = torch.full_like(azimuth, size * math.cos(polar))
        return bloch_state(torch.stack([flat * azimuth.cos(), flat * azimuth.sin(), height], -1))

    return path


def latitude_holonomy(radius: float, polar: float) -> Tensor:
    """Holonomy (2, 2) of a circle of latitude, in closed form.

    Raises:
        InputError: The radius is not in [0, 1].
    """
    size = _radius(radius)
    lag = 1 - math.sqrt((1 - size) * (1 + size))
    sine, cosine = math.sin(polar), math.cos(polar)
    axis = torch.tensor([lag * sine * cosine, 0.0, 1 - lag * sine**2], dtype=torch.float64)
    rate = float(torch.linalg.vector_norm(axis))
    one = torch.eye(2, dtype=_PAULI.dtype)
    if rate == 0:
        return -one
    return -(math.cos(math.pi * rate) * one + 1j * math.sin(math.pi * rate) * _spin(axis / rate))


def great_circle_holonomy(radius: float) -> Tensor:
    """-exp(i pi sqrt(1 - r^2) sigma_z), the holonomy of a great circle about the z axis.

    Raises:
        InputError: The radius is not in [0, 1].
    """
    return latitude_holonomy(radius, math.pi / 2)


def critical_temperature(gap: float) -> float:
    """gap / (2 ln(2 + sqrt 3)): above it the Uhlmann phase of a great circle is 0, below it pi.

    The state at temperature T has radius tanh(gap / 2T), and the phase jumps at sqrt(3) / 2.

    Raises:
        InputError: The gap is not positive and finite.
    """
    if not 0 < gap < math.inf:
        raise InputError(f"gap: expected a positive finite number, got {gap}")
    return gap / (2 * math.log(2 + math.sqrt(3)))


def _spin(vector: Tensor) -> Tensor:
    return torch.einsum("...k,kij->...ij", vector.to(_PAULI.dtype), _PAULI.to(vector.device))


def _root(r: Tensor) -> Tensor:
    """sqrt(1 - r^2), without cancellation where r is nearly 1."""
    length = torch.linalg.vector_norm(r, dim=-1).clamp(max=1)
    return ((1 - length) * (1 + length)).sqrt()


def _in_ball(vector: Tensor, name: str) -> Tensor:
    r = torch.as_tensor(vector)
    if r.is_complex() or r.shape[-1:] != (3,):
        raise InputError(f"{name}: expected real vectors (..., 3), got shape {tuple(r.shape)}")
    r = r.to(torch.float64)
    bad = ~(torch.linalg.vector_norm(r, dim=-1) <= 1 + 1e-12)
    if bool(bad.any()):
        at = first_index(bad)
        length = float(torch.linalg.vector_norm(r, dim=-1)[at])
        where = f" at {at}" if at else ""
        raise InputError(f"{name}: expected a vector of length at most 1, got {length:.9g}{where}")
    return r


def _radius(radius: float) -> float:
    if not 0 <= radius <= 1:
        raise InputError(f"radius: expected a number in [0, 1], got {radius}")
    return float(radius)
