"""Vector bundles associated with principal ones: vectors that turn as the fibre does.

A vector v at a point p, and what the inverse of g makes of v at p g, are the same vector of the
bundle. Its derivative along a tangent has one more term, by the connection, so that it is the same
in both as well.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sympy import symbols
from sympy.core.relational import Relational

from formal import bundles
from formal.bundle import Bundle, Vector, equations, slopes
from formal.pauli import Matrix
from formal.planes import joined, pairs, size, times, turned


@dataclass(frozen=True)
class Associated:
    """A vector bundle over the base of a principal bundle.

    `vector` are symbols for a vector, `represent(g, v)` is what an element makes of it,
    `generate(a, v)` the same for a generator, and `classed(p, v)` what all pairs of a point and a
    vector have in common that are the same vector of the bundle.
    """

    bundle: Bundle
    vector: Vector
    represent: Callable[[Vector, Vector], Vector]
    generate: Callable[[Vector, Vector], Vector]
    classed: Callable[[Vector, Vector], Vector]

    def derivative(self, p: Vector, x: Vector, v: Vector, dv: Vector) -> Vector:
        """The covariant derivative of a vector that changes by dv along the tangent x at p."""
        turned = self.generate(self.bundle.connection(p, x), v)
        return tuple(a + b for a, b in zip(dv, turned, strict=True))


def axioms(associated: Associated) -> dict[str, tuple[Relational, ...]]:
    """What has to hold of it; all of it is to be proved.

    representation: a product of elements acts as one after the other. generator: elements change
    vectors as generators do. adjoint: turned generators act as they do between turns. class: a
    vector is the same at another point of the fibre.
    """
    bundle, v = associated.bundle, associated.vector
    g, p, a = bundle.element, bundle.section or bundle.point, bundle.generator
    h, dg = (tuple(symbols([form.format(e) for e in g], real=True)) for form in ("{}'", "d{}"))
    turn, generate = associated.represent, associated.generate
    return {
        "representation": equations(turn(bundle.compose(g, h), v), turn(g, turn(h, v))),
        "generator": equations(
            slopes(turn(g, v), g, dg), turn(g, generate(bundle.rate(g, dg), v))
        ),
        "adjoint": equations(turn(g, generate(bundle.adjoint(g, a), v)), generate(a, turn(g, v))),
        "class": equations(
            associated.classed(bundle.act(p, g), v), associated.classed(p, turn(g, v))
        ),
    }


def is_covariant(associated: Associated) -> tuple[Relational, ...]:
    """What follows: the derivative of a vector is the same one at another point of the fibre."""
    bundle, v = associated.bundle, associated.vector
    g, p = bundle.element, bundle.point
    x, dv = (tuple(symbols([f"d{e}" for e in y], real=True)) for y in (p, v))
    turn = associated.represent
    there = associated.derivative(bundle.act(p, g), bundle.act(x, g), v, dv)
    return equations(turn(g, there), associated.derivative(p, x, turn(g, v), turn(g, dv)))


def _vector(names: str) -> Vector:
    return symbols(names, real=True, seq=True)


PLANE, PLANES = _vector("v_1 v_2"), _vector("v_1 v_2 v_3 v_4")


def _quarter(t: Vector, v: Vector) -> Vector:
    """A turn of the plane by a right angle, times t."""
    return -t[0] * v[1], t[0] * v[0]


def _applied(m: Vector, v: Vector) -> Vector:
    """A matrix of four entries applied to a vector."""
    return m[0] * v[0] + m[1] * v[1], m[2] * v[0] + m[3] * v[1]


hopf = Associated(
    bundles.hopf,
    PLANE,
    represent=lambda g, v: turned(v, g),
    generate=_quarter,
    classed=lambda z, v: joined(times(pair, v) for pair in pairs(z)),
)
"""The lines of C^2: amplitudes times a complex number."""


simplex = Associated(
    bundles.simplex,
    PLANES,
    represent=lambda g, v: bundles.simplex.act(v, g),
    generate=lambda t, v: bundles.simplex.fundamental(v, t),
    classed=lambda z, v: joined(times(a, b) for a, b in zip(pairs(z), pairs(v), strict=True)),
)
"""A line for each of two outcomes."""


covariances = Associated(
    bundles.covariances,
    PLANE,
    represent=lambda g, v: turned(v, g),
    generate=_quarter,
    classed=_applied,
)
"""White noise v and what a square root of the covariance makes of it: data."""


linear_equation = Associated(
    bundles.linear_equation,
    PLANE,
    represent=_applied,
    generate=_applied,
    classed=lambda p, v: _applied(p[1:], v),
)
"""Initial values of a linear equation, and the state that a solution makes of them."""


def _spinor(matrix: Matrix, v: Vector) -> Vector:
    """A complex matrix applied to two complex numbers."""
    (a, b, c, d), (p, q, r, s) = matrix.real, matrix.imaginary
    rows = (((a + d, p + s), (b + r, q - c)), ((b - r, q + c), (a - d, p - s)))
    first, second = pairs(v)
    found = ((times(x, first), times(y, second)) for x, y in rows)
    return joined((x[0] + y[0], x[1] + y[1]) for x, y in found)


def _amplitudes(bundle: Bundle, axis: int) -> Associated:
    return Associated(
        bundle,
        PLANES,
        represent=lambda t, v: tuple(e / size(t) for e in _spinor(bundles.unitary(t, axis), v)),
        generate=lambda a, v: _spinor(bundles.algebra(a), v),
        classed=lambda w, v: _spinor(bundles.matrix(w), v),
    )


phases, turns, tilts = (
    _amplitudes(bundle, axis)
    for bundle, axis in ((bundles.phases, 0), (bundles.turns, 3), (bundles.tilts, 1))
)
"""Vectors of C^2 and what an amplitude of a mixed state makes of them."""
