"""Holonomies in closed form: against the polygons of `numeric`, and wrong ones are not proved."""

import math
from typing import Any

import pytest
import torch
from sympy import Eq, Integer, Rational, cos, pi

from bridge.ball_oracle import ball_evidence
from bridge.verdict import Status
from formal import Statement, holonomies, prove
from formal.pauli import antihermitian
from formal.qubits import TURNING, read
from formal.symbols import alpha, c, psi, theta
from numeric.bundle import circle, path_holonomy


@pytest.mark.parametrize(("radius", "polar"), [(0.9, math.pi / 2), (0.6, 0.7), (0.95, 2.2)])
def test_the_closed_form_is_the_limit_of_polygons(radius: float, polar: float) -> None:
    path = circle(radius, polar)
    state = path(torch.zeros(1))[0]
    found = torch.trace(state @ path_holonomy(path).turn)
    stretched = radius / math.sqrt(1 - radius**2)
    at = {alpha: stretched * math.sin(polar), c: stretched * math.cos(polar)}
    kept = complex(*(float(part.subs(at)) for part in holonomies.KEPT))
    assert abs(complex(found) - kept) < 1e-12
    if polar == math.pi / 2:
        assert abs(kept + math.cos(math.pi * math.sqrt(1 - radius**2))) < 1e-12


def claim(statement: Statement) -> Any:
    assert statement.claim is not None
    return statement.claim


BACK, SEEN_BACK = holonomies.LIFTED.adjoint, holonomies.SEEN.adjoint
PURE = claim(holonomies.lift_of_pure_latitude_is_horizontal).lhs
FRAME = antihermitian(Integer(0), holonomies.UP).scaled(holonomies.RADIUS)
OTHERWISE = {
    "backwards around a great circle": Eq(read(TURNING, BACK.adjoint @ BACK.derivative(psi)), 0),
    "overlap of a great circle": Eq(
        holonomies.AFTER_ONE_TURN, cos(pi / holonomies.GAMMA), evaluate=False
    ),
    "backwards around a latitude": Eq(
        read(TURNING, SEEN_BACK.adjoint @ (SEEN_BACK.derivative(psi) - FRAME @ SEEN_BACK)), 0
    ),
    "a pure state too fast": Eq(PURE.xreplace({cos(theta): cos(2 * theta)}), 0),
    "polar coordinates": Eq(
        holonomies.SPEED + Rational(1, 2) * holonomies.ALONG,
        claim(holonomies.bures_metric_of_qubit_in_polar_coordinates).rhs * Integer(4),
    ),
}


@pytest.mark.parametrize("name", OTHERWISE)
def test_what_turns_otherwise_is_not_horizontal(name: str) -> None:
    wrong = OTHERWISE[name]
    assert not prove(wrong)
    assert ball_evidence(wrong, points=4).status is Status.REFUTED
