"""Instances of principal bundles: amplitudes over states, and a linear neural equation.

Each is a `formal.bundle.Bundle` whose axioms the kernel proves. Amplitudes W over density matrices
of a qubit, over covariances of two variables and over distributions with two outcomes; the sphere
of amplitudes over pure states; solutions of a linear equation over time.
"""

from __future__ import annotations

from typing import Any

from sympy import Integer, symbols

from formal.bundle import Bundle, Vector
from formal.pauli import ZERO, Matrix, dot
from formal.planes import (
    angular,
    between,
    commutator,
    euclidean,
    half,
    imaginary,
    inverse,
    joined,
    less,
    pairs,
    phases_composed,
    product,
    rotated,
    size,
    times,
    transposed,
    turned,
    turning,
    unscaled,
)


def _real(names: str) -> Vector:
    return symbols(names, real=True, seq=True)


# Phases


def _hopf_base(z: Vector) -> Vector:
    first, second = pairs(z)
    real, imaginary = times(first, (second[0], -second[1]))
    return 2 * real, 2 * imaginary, euclidean((), first, first) - euclidean((), second, second)


hopf = Bundle(
    point=_real("x_1 y_1 x_2 y_2"),
    element=_real("a"),
    generator=_real("t"),
    project=_hopf_base,
    act=lambda z, g: joined(turned(pair, g) for pair in pairs(z)),
    compose=phases_composed,
    adjoint=lambda _, t: t,
    bracket=lambda *_: (Integer(0),),
    rate=angular,
    difference=lambda z, w: (half(euclidean((), z, w), imaginary(z, w), euclidean((), z, z)),),
    fundamental=lambda z, t: joined((-y * t[0], x * t[0]) for x, y in pairs(z)),
    connection=lambda z, x: (imaginary(z, x) / euclidean((), z, z),),
    metric=euclidean,
)
"""Amplitudes of pure states of a qubit, C^2 without zero, over their vectors: the Hopf bundle."""


simplex = Bundle(
    point=_real("x_1 y_1 x_2 y_2"),
    element=_real("a_1 a_2"),
    generator=_real("t_1 t_2"),
    project=lambda z: tuple(euclidean((), pair, pair) for pair in pairs(z)),
    act=lambda z, g: joined(turned(w, (h,)) for w, h in zip(pairs(z), g, strict=True)),
    compose=lambda g, h: joined(phases_composed((a,), (b,)) for a, b in zip(g, h, strict=True)),
    adjoint=lambda _, t: t,
    bracket=lambda *_: (Integer(0), Integer(0)),
    rate=angular,
    difference=lambda z, w: tuple(
        half(*between(a, b)) for a, b in zip(pairs(z), pairs(w), strict=True)
    ),
    fundamental=lambda z, t: joined(
        (-y * s, x * s) for (x, y), s in zip(pairs(z), t, strict=True)
    ),
    connection=lambda z, x: tuple(
        turning(w, v) / euclidean((), w, w) for w, v in zip(pairs(z), pairs(x), strict=True)
    ),
    metric=euclidean,
)
"""Amplitudes with a phase for each outcome over weights of two outcomes: the classical case."""


# Real two-by-two matrices as four entries, row by row


def _procrustes(w: Vector, x: Vector) -> Vector:
    """The turn t with W^T X - X^T W = T W^T W + W^T W T."""
    apart = less(product(transposed(w), x), product(transposed(x), w))
    return (apart[2] / euclidean((), w, w),)


def _rotation_between(w: Vector, v: Vector) -> Vector:
    """The tangent of half the angle of the rotation W^-1 V."""
    a, b, c, d = product(inverse(w), v)
    return (half(a + d, c - b, 2),)


covariances = Bundle(
    point=_real("w_1 w_2 w_3 w_4"),
    element=_real("a"),
    generator=_real("t"),
    project=lambda w: product(w, transposed(w)),
    act=rotated,
    compose=phases_composed,
    adjoint=lambda _, t: t,
    bracket=lambda *_: (Integer(0),),
    rate=angular,
    difference=_rotation_between,
    fundamental=lambda w, t: product(w, (Integer(0), -t[0], t[0], Integer(0))),
    connection=_procrustes,
    metric=euclidean,
)
"""Square roots W of covariances W W^T of two variables, with rotations."""


RATES, CHANGES = _real("m_1 m_2 m_3 m_4"), _real("n_1 n_2 n_3 n_4")


def _driven(p: Vector, x: Vector) -> Vector:
    """The inverse of g times what dg is more than the equation says, at rates m + t n."""
    time, *g = p
    rates = tuple(m + time * n for m, n in zip(RATES, CHANGES, strict=True))
    drift = tuple(x[0] * e for e in product(rates, tuple(g)))
    return product(inverse(tuple(g)), less(x[1:], drift))


linear_equation = Bundle(
    point=_real("s g_1 g_2 g_3 g_4"),
    element=_real("a b c d"),
    generator=_real("t_1 t_2 t_3 t_4"),
    project=lambda p: p[:1],
    act=lambda p, h: (p[0], *product(p[1:], h)),
    compose=product,
    adjoint=lambda h, t: product(product(inverse(h), t), h),
    bracket=commutator,
    rate=lambda h, x: product(inverse(h), x),
    difference=lambda p, q: product(inverse(p[1:]), q[1:]),
    fundamental=lambda p, t: (Integer(0), *product(p[1:], t)),
    connection=_driven,
)
"""Solutions of a linear neural equation in two variables over time; GL(2) mixes them."""


# A qubit: matrices by eight components


def matrix(w: Vector) -> Matrix:
    """The complex matrix of eight components."""
    return Matrix((w[0], w[1], w[2], w[3]), (w[4], w[5], w[6], w[7]))


def unitary(t: Vector, axis: int) -> Matrix:
    """The unitary matrix of a turn about an axis, or of a phase for the axis 0, times its size."""
    cosine, sine = unscaled(t)
    turned = [Integer(0)] * 4
    turned[axis] = sine
    return Matrix((cosine, *ZERO[1:]), (turned[0], turned[1], turned[2], turned[3]))


def algebra(t: Vector) -> Matrix:
    """The anti-Hermitian matrix of four components."""
    return Matrix(ZERO, (t[0], t[1], t[2], t[3]))


def _uhlmann(w: Vector, x: Vector) -> Vector:
    """The generator A with W* X - X* W = A W* W + W* W A, by components."""
    amplitude, tangent = matrix(w), matrix(x)
    state, skew = amplitude.adjoint @ amplitude, amplitude.adjoint @ tangent
    s, b = state.real, tuple(2 * e for e in skew.imaginary)
    part = (b[0] * s[0] - dot(b[1:], s[1:])) / (2 * (s[0] ** 2 - dot(s[1:], s[1:])))
    return part, *((e / 2 - part * f) / s[0] for e, f in zip(b[1:], s[1:], strict=True))


def _algebra_along(axis: int, part: Any) -> Vector:
    found = [Integer(0)] * 4
    found[axis] = part
    return tuple(found)


def _turn_between(w: Vector, v: Vector, axis: int) -> Any:
    """The tangent of half the angle of (W* W)^-1 W* V, a turn about the axis."""
    first, second = matrix(w), matrix(v)
    s = (first.adjoint @ first).real
    turn = Matrix((s[0], -s[1], -s[2], -s[3])) @ (first.adjoint @ second)
    return half(turn.real[0], turn.imaginary[axis], s[0] ** 2 - dot(s[1:], s[1:]))


def _adjoint(t: Vector, a: Vector, axis: int) -> Vector:
    turn = unitary(t, axis)
    found = (turn.adjoint @ algebra(a) @ turn).imaginary
    return tuple(e / size(t) ** 2 for e in found)


def _purification(axis: int) -> Bundle:
    """Amplitudes with the turns about one axis, and all generators."""
    real = _real("x_0 x_1 x_2 x_3")
    return Bundle(
        point=_real("x_0 x_1 x_2 x_3 y_0 y_1 y_2 y_3"),
        element=_real("a"),
        generator=_real("t_0 t_1 t_2 t_3"),
        project=lambda w: (matrix(w) @ matrix(w).adjoint).real,
        act=lambda w, t: (matrix(w) @ unitary(t, axis)).scaled(1 / size(t)).components,
        compose=phases_composed,
        adjoint=lambda t, a: _adjoint(t, a, axis),
        rate=lambda t, x: _algebra_along(axis, *angular(t, x)),
        difference=lambda w, v: (_turn_between(w, v, axis),),
        bracket=lambda s, t: (algebra(s) @ algebra(t) - algebra(t) @ algebra(s)).imaginary,
        fundamental=lambda w, t: (matrix(w) @ algebra(t)).components,
        connection=_uhlmann,
        metric=euclidean,
        section=(*real[:2], Integer(0) if axis else real[2], real[3], *ZERO),
    )


phases, turns, tilts = (_purification(axis) for axis in (0, 3, 1))
"""Amplitudes W of mixed states W W* of a qubit, under phases and under turns about two axes:
these generate U(2). The connection sees of W and of a tangent X only W* W and W* X, so that W may
be taken as Hermitian, by a unitary from the left. A turn of a Hermitian W, taken back from the
left, is Hermitian again: so what holds of turns about each axis holds of their products, and a
turn about the axis makes the second component zero."""
