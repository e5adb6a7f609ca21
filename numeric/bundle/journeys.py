"""Twins: two histories of velocities that part at rest and meet again, and what each clock says.

A velocity is a point of the Bloch ball. A twin boosts from rest to the first velocity of a closed
path, passes it in one unit of home time, and boosts back; boosts take no time. Home and path are
then compared in three ways: by the time on the twin's clock, the integral of sqrt(1 - v^2), which
a detour makes shorter; by the length of the path in the metric of Bures, which a detour makes
longer; and by the turn of the fibre, Uhlmann's for states and Thomas' for frames. The first two
obey opposite triangle inequalities: only the first is the paradox.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from numeric.bundle.distances import bures_angle
from numeric.bundle.paths import limit_of_polygons, path_holonomy
from numeric.bundle.qubits import bloch_state, lorentz_factor, wigner_rotation
from numeric.bundle.transport import product, rotation_angles
from numeric.errors import InputError

Velocity = Callable[[Tensor], Tensor]
"""Places (N,) in [0, 1], which are home times, to velocities (N, 3); closed and smooth."""


@dataclass(frozen=True, eq=False)
class Journey:
    """A twin's account: clock, Bures length, Uhlmann's and Thomas' turn (2, 2) in SU(2).

    Angles are those of rotations, in [0, 2 pi], of the turns of the fibre: what a turn by a whole
    number of times 2 pi more does is the same turn.
    """

    proper_time: float
    length: float
    turn: Tensor
    thomas: Tensor

    @property
    def angle(self) -> float:
        """Angle of Uhlmann's turn."""
        return spin_angle(self.turn)

    @property
    def thomas_angle(self) -> float:
        """Angle of Thomas' turn."""
        return spin_angle(self.thomas)


@dataclass(frozen=True, eq=False)
class Twins:
    """Two journeys between the same events, and the turn (2, 2) between their lifts."""

    first: Journey
    second: Journey
    turn: Tensor

    @property
    def angle(self) -> float:
        """Angle of the turn between their lifts."""
        return spin_angle(self.turn)


def twins(first: Velocity, second: Velocity) -> Twins:
    """Compare two journeys that part at rest and meet again after one unit of home time.

    Raises:
        InputError: A path is not closed or not smooth, leaves the ball, or the twins do not meet.
    """
    gap = float(torch.linalg.vector_norm(_displacement(first) - _displacement(second)))
    if gap > 1e-9:
        raise InputError(f"first, second: the twins do not meet, they end {gap:.3g} apart")
    one, other = journey(first), journey(second)
    return Twins(one, other, other.turn.mH @ one.turn)


def journey(velocity: Velocity) -> Journey:
    """Clock, length and turns of one twin.

    Raises:
        InputError: The path is not closed or not smooth, or leaves the ball.
    """

    def states(places: Tensor) -> Tensor:
        return bloch_state(velocity(places))

    def clock(places: Tensor) -> Tensor:
        rate = 1 / lorentz_factor(velocity(places))
        return torch.trapezoid(rate, places)

    def length(places: Tensor) -> Tensor:
        chain = states(places)
        return bures_angle(chain[:-1], chain[1:]).sum()

    def thomas(places: Tensor) -> Tensor:
        v = velocity(places)
        return product(wigner_rotation(v[:-1], -v[1:]))

    turn = path_holonomy(states).turn
    start = velocity(torch.zeros(1, dtype=torch.float64))[0]
    boosts = 2 * math.asin(min(1.0, float(torch.linalg.vector_norm(start)))) / 2
    return Journey(
        float(limit_of_polygons(clock)[0]),
        float(limit_of_polygons(length)[0]) + boosts,
        turn,
        limit_of_polygons(thomas)[0],
    )


def orbit(speed: float) -> Velocity:
    """The history of a twin on a circle: velocity of constant size, turned once.

    Raises:
        InputError: The speed is not in [0, 1).
    """
    if not 0 <= speed < 1:
        raise InputError(f"speed: expected a number in [0, 1), got {speed}")

    def velocity(places: Tensor) -> Tensor:
        angle = 2 * math.pi * places
        return speed * torch.stack([angle.cos(), angle.sin(), torch.zeros_like(angle)], -1)

    return velocity


def spin_angle(turn: Tensor) -> float:
    """The angle in [0, 2 pi] by which a matrix of SU(2) turns space."""
    return 2 * float(rotation_angles(turn).abs().max())


def _displacement(velocity: Velocity) -> Tensor:
    return limit_of_polygons(lambda places: torch.trapezoid(velocity(places), places, dim=0))[0]
