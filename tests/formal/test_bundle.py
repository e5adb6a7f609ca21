"""The instances of principal bundles satisfy the axioms, and wrong connections do not."""

from dataclasses import replace
from functools import lru_cache

import pytest
from sympy import Eq, Integer, sqrt, symbols

from formal import Proof, bundles, prove
from formal.bundle import axioms, equations, is_tensorial, nothing

SMALL = ("hopf", "simplex", "covariances", "linear_equation")
OF_POINTS = ("vertical", "reproduces", "orthogonal")  # do not name the group


def holds(claims):
    return all(isinstance(prove(claim), Proof) for claim in claims)


@lru_cache
def claims(name):
    return axioms(getattr(bundles, name))


@pytest.mark.parametrize("name", SMALL)
def test_axioms_are_proved(name):
    assert {axiom: holds(found) for axiom, found in claims(name).items()} == dict.fromkeys(
        claims(name), True
    )
    assert claims(name)["reproduces"] and claims(name)["equivariant"]


@pytest.mark.parametrize("name", SMALL)
def test_curvature_has_no_part_along_the_fibre(name):
    assert holds(is_tensorial(getattr(bundles, name)))


def test_amplitudes_of_a_qubit_under_phases():
    assert all(map(holds, claims("phases").values()))


@pytest.mark.parametrize("name", ["turns", "tilts"])
def test_amplitudes_of_a_qubit_under_turns(name):
    found = {axiom: c for axiom, c in claims(name).items() if axiom not in OF_POINTS}
    assert list(found) == ["fibre", "action", "equivariant"]
    assert all(map(holds, found.values()))


WRONG = {
    "reproduces": lambda right: lambda p, x: tuple(e / 2 for e in right(p, x)),
    "equivariant": lambda right: lambda p, x: tuple(e + p[0] * x[0] for e in right(p, x)),
}


@pytest.mark.parametrize("name", ["hopf", "covariances"])
@pytest.mark.parametrize("axiom", WRONG)
def test_a_wrong_connection_is_seen(name, axiom):
    right = getattr(bundles, name)
    assert not holds(axioms(replace(right, connection=WRONG[axiom](right.connection)))[axiom])


def test_a_connection_that_is_not_orthogonal_is_seen():
    def first_only(z, x):
        return ((z[0] * x[1] - z[1] * x[0]) / (z[0] ** 2 + z[1] ** 2),)

    found = axioms(replace(bundles.hopf, connection=first_only))
    assert holds(found["reproduces"]) and holds(found["equivariant"])
    assert not holds(found["orthogonal"])


def test_a_wrong_group_is_seen():
    right = bundles.hopf
    shrunk = replace(right, act=lambda z, g: tuple(e / 2 for e in right.act(z, g)))
    assert not holds(axioms(shrunk)["fibre"])
    added = replace(right, compose=lambda g, h: (g[0] + h[0],))
    assert not holds(axioms(added)["action"])


def test_phases_are_flat_and_spheres_are_not():
    x, y = symbols("u_1:5", real=True), symbols("v_1:5", real=True)
    flat = bundles.simplex.curvature(x, y)
    assert holds(equations(flat, nothing(flat)))
    round_ = bundles.hopf.curvature(x, y)
    assert not holds(equations(round_, nothing(round_)))


def test_a_great_circle_of_amplitudes_is_parallel():
    t = symbols("t", real=True)
    path = (1 / sqrt(1 + t**2), Integer(0), t / sqrt(1 + t**2), Integer(0))
    assert holds(equations(bundles.hopf.pulled_back(path, t), (Integer(0),)))
    turned = bundles.hopf.act(path, (t,))
    (potential,) = bundles.hopf.pulled_back(turned, t)
    assert isinstance(prove(Eq(potential, 2 / (1 + t**2))), Proof)  # the rate of the turn
