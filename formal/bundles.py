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


def _real(names: str) -> Vector:
    return symbols(names, real=True, seq=True)


def _euclidean(_: Vector, x: Vector, y: Vector) -> Any:
    return sum((a * b for a, b in zip(x, y, strict=True)), Integer(0))


# Phases: complex numbers as pairs


def _times(z: Vector, w: Vector) -> Vector:
    return z[0] * w[0] - z[1] * w[1], z[0] * w[1] + z[1] * w[0]


def _size(t: Vector) -> Any:
    return 1 + _euclidean((), t, t)


def _unscaled(t: Vector) -> Vector:
    """Cosine and sine of an angle, the sine in components, from the tangent t of half of it; both
    times the size of t."""
    return 2 - _size(t), *(2 * e for e in t)


def _turned(z: Vector, t: Vector) -> Vector:
    """A complex number turned by an angle."""
    return tuple(e / _size(t) for e in _times(z, _unscaled(t)))


def _composed(product: Vector, g: Vector, h: Vector) -> Vector:
    """The tangent of half an angle, from the unscaled product of two group elements."""
    return tuple(e / (_size(g) * _size(h) + product[0]) for e in product[1:])


def _phases(g: Vector, h: Vector) -> Vector:
    return _composed(_times(_unscaled(g), _unscaled(h)), g, h)


def _pairs(z: Vector) -> list[Vector]:
    return [z[n : n + 2] for n in range(0, len(z), 2)]


def _joined(pairs: Any) -> Vector:
    return tuple(entry for pair in pairs for entry in pair)


def _turning(z: Vector, x: Vector) -> Any:
    """The imaginary part of the conjugate of z times x."""
    return z[0] * x[1] - z[1] * x[0]


def _hopf_base(z: Vector) -> Vector:
    first, second = _pairs(z)
    real, imaginary = _times(first, (second[0], -second[1]))
    return 2 * real, 2 * imaginary, _euclidean((), first, first) - _euclidean((), second, second)


hopf = Bundle(
    point=_real("x_1 y_1 x_2 y_2"),
    element=_real("a"),
    generator=_real("t"),
    project=_hopf_base,
    act=lambda z, g: _joined(_turned(pair, g) for pair in _pairs(z)),
    compose=_phases,
    adjoint=lambda _, t: t,
    bracket=lambda *_: (Integer(0),),
    fundamental=lambda z, t: _joined((-y * t[0], x * t[0]) for x, y in _pairs(z)),
    connection=lambda z, x: (
        sum(map(_turning, _pairs(z), _pairs(x)), Integer(0)) / _euclidean((), z, z),
    ),
    metric=_euclidean,
)
"""Amplitudes of pure states of a qubit, C^2 without zero, over their vectors: the Hopf bundle."""


simplex = Bundle(
    point=_real("x_1 y_1 x_2 y_2"),
    element=_real("a_1 a_2"),
    generator=_real("t_1 t_2"),
    project=lambda z: tuple(_euclidean((), pair, pair) for pair in _pairs(z)),
    act=lambda z, g: _joined(_turned(w, (h,)) for w, h in zip(_pairs(z), g, strict=True)),
    compose=lambda g, h: _joined(_phases((a,), (b,)) for a, b in zip(g, h, strict=True)),
    adjoint=lambda _, t: t,
    bracket=lambda *_: (Integer(0), Integer(0)),
    fundamental=lambda z, t: _joined(
        (-y * s, x * s) for (x, y), s in zip(_pairs(z), t, strict=True)
    ),
    connection=lambda z, x: tuple(
        _turning(w, v) / _euclidean((), w, w) for w, v in zip(_pairs(z), _pairs(x), strict=True)
    ),
    metric=_euclidean,
)
"""Amplitudes with a phase for each outcome over weights of two outcomes: the classical case."""


# Real two-by-two matrices as four entries, row by row


def _product(m: Vector, n: Vector) -> Vector:
    (a, b, c, d), (e, f, g, h) = m, n
    return a * e + b * g, a * f + b * h, c * e + d * g, c * f + d * h


def _transposed(m: Vector) -> Vector:
    return m[0], m[2], m[1], m[3]


def _inverse(m: Vector) -> Vector:
    a, b, c, d = m
    determinant = a * d - b * c
    return d / determinant, -b / determinant, -c / determinant, a / determinant


def _less(m: Vector, n: Vector) -> Vector:
    return tuple(a - b for a, b in zip(m, n, strict=True))


def _commutator(m: Vector, n: Vector) -> Vector:
    return _less(_product(m, n), _product(n, m))


def _rotated(w: Vector, t: Vector) -> Vector:
    """A matrix times a rotation."""
    cosine, sine = _unscaled(t)
    return tuple(e / _size(t) for e in _product(w, (cosine, -sine, sine, cosine)))


def _procrustes(w: Vector, x: Vector) -> Vector:
    """The turn t with W^T X - X^T W = T W^T W + W^T W T."""
    apart = _less(_product(_transposed(w), x), _product(_transposed(x), w))
    return (apart[2] / _euclidean((), w, w),)


covariances = Bundle(
    point=_real("w_1 w_2 w_3 w_4"),
    element=_real("a"),
    generator=_real("t"),
    project=lambda w: _product(w, _transposed(w)),
    act=_rotated,
    compose=_phases,
    adjoint=lambda _, t: t,
    bracket=lambda *_: (Integer(0),),
    fundamental=lambda w, t: _product(w, (Integer(0), -t[0], t[0], Integer(0))),
    connection=_procrustes,
    metric=_euclidean,
)
"""Square roots W of covariances W W^T of two variables, with rotations."""


RATES, CHANGES = _real("m_1 m_2 m_3 m_4"), _real("n_1 n_2 n_3 n_4")


def _driven(p: Vector, x: Vector) -> Vector:
    """The inverse of g times what dg is more than the equation says, at rates m + t n."""
    time, *g = p
    rates = tuple(m + time * n for m, n in zip(RATES, CHANGES, strict=True))
    drift = tuple(x[0] * e for e in _product(rates, tuple(g)))
    return _product(_inverse(tuple(g)), _less(x[1:], drift))


linear_equation = Bundle(
    point=_real("s g_1 g_2 g_3 g_4"),
    element=_real("a b c d"),
    generator=_real("t_1 t_2 t_3 t_4"),
    project=lambda p: p[:1],
    act=lambda p, h: (p[0], *_product(p[1:], h)),
    compose=_product,
    adjoint=lambda h, t: _product(_product(_inverse(h), t), h),
    bracket=_commutator,
    fundamental=lambda p, t: (Integer(0), *_product(p[1:], t)),
    connection=_driven,
)
"""Solutions of a linear neural equation in two variables over time; GL(2) mixes them."""


# A qubit: matrices by eight components


def _matrix(w: Vector) -> Matrix:
    return Matrix((w[0], w[1], w[2], w[3]), (w[4], w[5], w[6], w[7]))


def _unitary(t: Vector, axis: int) -> Matrix:
    """The unitary matrix of a turn about an axis, or of a phase for the axis 0, times its size."""
    cosine, sine = _unscaled(t)
    turned = [Integer(0)] * 4
    turned[axis] = sine
    return Matrix((cosine, *ZERO[1:]), (turned[0], turned[1], turned[2], turned[3]))


def _algebra(t: Vector) -> Matrix:
    return Matrix(ZERO, (t[0], t[1], t[2], t[3]))


def _uhlmann(w: Vector, x: Vector) -> Vector:
    """The generator A with W* X - X* W = A W* W + W* W A, by components."""
    amplitude, tangent = _matrix(w), _matrix(x)
    state, skew = amplitude.adjoint @ amplitude, amplitude.adjoint @ tangent
    s, b = state.real, tuple(2 * e for e in skew.imaginary)
    part = (b[0] * s[0] - dot(b[1:], s[1:])) / (2 * (s[0] ** 2 - dot(s[1:], s[1:])))
    return part, *((e / 2 - part * f) / s[0] for e, f in zip(b[1:], s[1:], strict=True))


def _adjoint(t: Vector, a: Vector, axis: int) -> Vector:
    unitary = _unitary(t, axis)
    found = (unitary.adjoint @ _algebra(a) @ unitary).imaginary
    return tuple(e / _size(t) ** 2 for e in found)


def _purification(axis: int) -> Bundle:
    """Amplitudes with the turns about one axis, and all generators."""
    real = _real("x_0 x_1 x_2 x_3")
    return Bundle(
        point=_real("x_0 x_1 x_2 x_3 y_0 y_1 y_2 y_3"),
        element=_real("a"),
        generator=_real("t_0 t_1 t_2 t_3"),
        project=lambda w: (_matrix(w) @ _matrix(w).adjoint).real,
        act=lambda w, t: (_matrix(w) @ _unitary(t, axis)).scaled(1 / _size(t)).components,
        compose=_phases,
        adjoint=lambda t, a: _adjoint(t, a, axis),
        bracket=lambda s, t: (_algebra(s) @ _algebra(t) - _algebra(t) @ _algebra(s)).imaginary,
        fundamental=lambda w, t: (_matrix(w) @ _algebra(t)).components,
        connection=_uhlmann,
        metric=_euclidean,
        section=(*real[:2], Integer(0) if axis else real[2], real[3], *ZERO),
    )


phases, turns, tilts = (_purification(axis) for axis in (0, 3, 1))
"""Amplitudes W of mixed states W W* of a qubit, under phases and under turns about two axes:
these generate U(2). The connection sees of W and of a tangent X only W* W and W* X, so that W may
be taken as Hermitian, by a unitary from the left. A turn of a Hermitian W, taken back from the
left, is Hermitian again: so what holds of turns about each axis holds of their products, and a
turn about the axis makes the second component zero."""
