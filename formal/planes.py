"""Planes by components: complex numbers as pairs, angles by the tangent of half, real matrices.

A turn is named by the tangent of half its angle, so that all is rational; half a turn has none.
"""

from __future__ import annotations

from typing import Any

from sympy import Integer

from formal.bundle import Vector


def euclidean(_: Vector, x: Vector, y: Vector) -> Any:
    """The sum of products of components, at any point."""
    return sum((a * b for a, b in zip(x, y, strict=True)), Integer(0))


def times(z: Vector, w: Vector) -> Vector:
    """The product of two complex numbers, as pairs."""
    return z[0] * w[0] - z[1] * w[1], z[0] * w[1] + z[1] * w[0]


def size(t: Vector) -> Any:
    """One over the squared cosine of half an angle, from the tangent of that half."""
    return 1 + euclidean((), t, t)


def unscaled(t: Vector) -> Vector:
    """Cosine and sine of an angle, the sine in components, from the tangent t of half of it; both
    times the size of t."""
    return 2 - size(t), *(2 * e for e in t)


def turned(z: Vector, t: Vector) -> Vector:
    """A complex number turned by an angle."""
    return tuple(e / size(t) for e in times(z, unscaled(t)))


def composed(product: Vector, g: Vector, h: Vector) -> Vector:
    """The tangent of half an angle, from the unscaled product of two group elements."""
    return tuple(e / (size(g) * size(h) + product[0]) for e in product[1:])


def phases_composed(g: Vector, h: Vector) -> Vector:
    """The tangent of half of a sum of two angles."""
    return composed(times(unscaled(g), unscaled(h)), g, h)


def half(cosine: Any, sine: Any, size: Any) -> Any:
    """The tangent of half an angle, from its cosine and sine times a size."""
    return sine / (size + cosine)


def angular(g: Vector, x: Vector) -> Vector:
    """The rate of the angles of which these are the tangents of halves."""
    return tuple(2 * b / size((a,)) for a, b in zip(g, x, strict=True))


def between(z: Vector, w: Vector) -> tuple[Any, Any, Any]:
    """Cosine and sine of the angle from a complex number to another, and their size."""
    return euclidean((), z, w), turning(z, w), euclidean((), z, z)


def pairs(z: Vector) -> list[Vector]:
    """Components two by two."""
    return [z[n : n + 2] for n in range(0, len(z), 2)]


def joined(pairs: Any) -> Vector:
    """Pairs as components, one after another."""
    return tuple(entry for pair in pairs for entry in pair)


def turning(z: Vector, x: Vector) -> Any:
    """The imaginary part of the conjugate of z times x."""
    return z[0] * x[1] - z[1] * x[0]


def imaginary(z: Vector, x: Vector) -> Any:
    """The imaginary part of the product of complex vectors, the first conjugated."""
    return sum(map(turning, pairs(z), pairs(x)), Integer(0))


def product(m: Vector, n: Vector) -> Vector:
    """The product of matrices, as four entries row by row."""
    (a, b, c, d), (e, f, g, h) = m, n
    return a * e + b * g, a * f + b * h, c * e + d * g, c * f + d * h


def transposed(m: Vector) -> Vector:
    """The matrix with rows as columns."""
    return m[0], m[2], m[1], m[3]


def inverse(m: Vector) -> Vector:
    """The inverse of a matrix."""
    a, b, c, d = m
    determinant = a * d - b * c
    return d / determinant, -b / determinant, -c / determinant, a / determinant


def less(m: Vector, n: Vector) -> Vector:
    """The difference of components."""
    return tuple(a - b for a, b in zip(m, n, strict=True))


def commutator(m: Vector, n: Vector) -> Vector:
    """The product of matrices less that in the other order."""
    return less(product(m, n), product(n, m))


def rotated(w: Vector, t: Vector) -> Vector:
    """A matrix times a rotation."""
    cosine, sine = unscaled(t)
    return tuple(e / size(t) for e in product(w, (cosine, -sine, sine, cosine)))
