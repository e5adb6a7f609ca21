"""The instances of principal bundles satisfy the axioms, and wrong connections do not."""

from dataclasses import replace
from functools import lru_cache

import pytest
from sympy import Eq, Integer, N, sqrt, symbols

from formal import Proof, associated, bundles, prove
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
    assert list(found) == ["fibre", "action", "free", "equivariant", "gauge"]
    assert all(map(holds, found.values()))


@pytest.mark.parametrize("name", [*SMALL, "phases", "turns", "tilts"])
def test_associated_bundles(name):
    found = associated.axioms(getattr(associated, name))
    assert list(found) == ["representation", "generator", "adjoint", "class"]
    assert {axiom: holds(claims) for axiom, claims in found.items()} == dict.fromkeys(found, True)
    assert found["representation"] and found["generator"] and found["class"]


@pytest.mark.parametrize("name", ["hopf", "covariances"])
def test_a_covariant_derivative(name):
    right = getattr(associated, name)
    assert holds(associated.is_covariant(right))
    broken = replace(right.bundle, connection=WRONG["equivariant"](right.bundle.connection))
    assert not holds(associated.is_covariant(replace(right, bundle=broken)))


def test_a_wrong_associated_bundle_is_seen():
    right = associated.covariances
    opposite = replace(right, represent=lambda g, v: right.represent((-g[0],), v))
    found = associated.axioms(opposite)
    assert holds(found["representation"]) and not holds(found["class"])
    twice = replace(right, generate=lambda t, v: right.generate((2 * t[0],), v))
    assert not holds(associated.axioms(twice)["generator"])


def test_a_gauge_transformation_of_a_potential():
    t, bundle = symbols("t", real=True), bundles.linear_equation
    one, zero = Integer(1), Integer(0)
    path, turn = (t, one, t, zero, one + t**2), (one, zero, t, one)
    after = bundle.pulled_back(bundle.act(path, turn), t)
    assert holds(equations(after, bundle.transformed(bundle.pulled_back(path, t), turn, t)))
    assert not holds(equations(after, bundle.pulled_back(path, t)))


def test_the_holonomy_of_an_octant_is_half_its_solid_angle():
    zero, half, root = Integer(0), 1 / Integer(2), 1 / sqrt(2)
    corners = (1, zero, zero, zero), (root, zero, root, zero), (root, zero, zero, root)
    # From each corner to the point over the next one with which it has a positive product.
    ends = corners[1], (half, -half, half, half), corners[0]
    pieces = list(zip(corners, ends, strict=True))
    (found,) = bundles.hopf.holonomy(pieces)
    assert abs(N(found - 1 + sqrt(2), 40)) < 1e-35  # the tangent of half of -pi / 4
    # Pieces that start elsewhere in their fibres give the same turn; another start the same, too.
    moved = [
        tuple(bundles.hopf.act(p, (g,)) for p in piece)
        for piece, g in zip(pieces, (0, 2, -3), strict=True)
    ]
    assert abs(N(bundles.hopf.holonomy(moved)[0] - found, 40)) < 1e-35


def test_the_holonomy_of_matrices_is_conjugate_where_it_starts_elsewhere():
    bundle = bundles.linear_equation
    zero, one, values = Integer(0), Integer(1), symbols("b_1:13", real=True)
    entries = (one, zero, zero, one, *values)
    points = [(zero, *entries[n : n + 4]) for n in range(0, 16, 4)]
    pieces = [(points[0], points[1]), (points[2], points[3])]
    found, h = bundle.holonomy(pieces), bundle.element

    def moved(*places):
        return [
            tuple(bundle.act(p, h) for p in piece) if n in places else piece
            for n, piece in enumerate(pieces)
        ]

    assert holds(equations(bundle.holonomy(moved(1)), found))
    assert holds(equations(bundle.holonomy(moved(0)), bundle.adjoint(h, found)))
    assert not holds(equations(bundle.holonomy(moved(0)), found))


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
    faster = replace(right, rate=lambda g, x: x)
    assert not holds(axioms(faster)["gauge"])
    back = replace(right, difference=lambda z, w: right.difference(w, z))
    assert not holds(axioms(back)["free"])


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
