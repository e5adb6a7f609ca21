"""Two-by-two complex matrices by real components: the algebra of Pauli's matrices.

A matrix is the sum of (x_k + i y_k) s_k over the identity s_0 and Pauli's matrices s_1, s_2, s_3.
The kernel knows real numbers only, so x and y are kept apart. Nothing here is a claim.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sympy import Derivative, Integer

Vector = tuple[Any, Any, Any]
Four = tuple[Any, Any, Any, Any]
NONE = Integer(0)
ZERO: Four = (NONE, NONE, NONE, NONE)


def dot(x: Vector, y: Vector) -> Any:
    """The scalar product of two vectors."""
    return sum((a * b for a, b in zip(x, y, strict=True)), Integer(0))


def cross(x: Vector, y: Vector) -> Vector:
    """The vector product of two vectors."""
    (a, b, c), (p, q, r) = x, y
    return (b * r - c * q, c * p - a * r, a * q - b * p)


@dataclass(frozen=True)
class Matrix:
    """A complex two-by-two matrix: real and imaginary parts of its coefficients of s_0 to s_3."""

    real: Four
    imaginary: Four = ZERO

    def __add__(self, other: Matrix) -> Matrix:
        return Matrix(_added(self.real, other.real), _added(self.imaginary, other.imaginary))

    def __sub__(self, other: Matrix) -> Matrix:
        return self + other.scaled(-1)

    def __matmul__(self, other: Matrix) -> Matrix:
        """The matrix product: (a + i b)(c + i d) by real and imaginary parts of coefficients."""
        pairs = ((self.real, other.real), (self.imaginary, other.imaginary))
        even, even_turned = zip(*(_product(x, y) for x, y in pairs), strict=True)
        crossed = ((self.real, other.imaginary), (self.imaginary, other.real))
        odd, odd_turned = zip(*(_product(x, y) for x, y in crossed), strict=True)
        real = _added(even[0], _negated(even[1]), _negated(odd_turned[0]), _negated(odd_turned[1]))
        imaginary = _added(odd[0], odd[1], even_turned[0], _negated(even_turned[1]))
        return Matrix(real, imaginary)

    def scaled(self, factor: Any) -> Matrix:
        """The matrix times a real number."""
        return self.mapped(lambda entry: factor * entry)

    def mapped(self, change: Callable[[Any], Any]) -> Matrix:
        """The matrix with all its real coefficients changed."""
        return Matrix(_four(map(change, self.real)), _four(map(change, self.imaginary)))

    def derivative(self, by: Any) -> Matrix:
        """The derivative of all coefficients by a symbol; not evaluated."""
        return self.mapped(lambda e: Derivative(e, by) if e.has(by) else Integer(0))

    @property
    def adjoint(self) -> Matrix:
        """The conjugate transpose: Pauli's matrices are their own."""
        return Matrix(self.real, _negated(self.imaginary))

    @property
    def trace(self) -> tuple[Any, Any]:
        """The real and the imaginary part of the trace."""
        return 2 * self.real[0], 2 * self.imaginary[0]

    @property
    def components(self) -> tuple[Any, ...]:
        """The eight real coefficients."""
        return (*self.real, *self.imaginary)


def hermitian(scalar: Any, vector: Vector) -> Matrix:
    """The Hermitian matrix with the given trace, halved, and vector."""
    return Matrix((scalar, *vector))


def antihermitian(scalar: Any, vector: Vector) -> Matrix:
    """The imaginary unit times a Hermitian matrix."""
    return Matrix(ZERO, (scalar, *vector))


def _product(x: Four, y: Four) -> tuple[Four, Four]:
    """The product of two Hermitian matrices: its Hermitian part, and what stands beside i."""
    (a, *u), (b, *v) = x, y
    left, right = (u[0], u[1], u[2]), (v[0], v[1], v[2])
    even = (a * b + dot(left, right), *(a * q + b * p for p, q in zip(u, v, strict=True)))
    return _four(even), (Integer(0), *cross(left, right))


def _added(*terms: Four) -> Four:
    return _four(sum(entries, Integer(0)) for entries in zip(*terms, strict=True))


def _negated(x: Four) -> Four:
    return _four(-entry for entry in x)


def _four(entries: Any) -> Four:
    first, second, third, fourth = entries
    return first, second, third, fourth
