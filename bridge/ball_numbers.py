"""Numbers that expressions are evaluated in: exact rationals, Arb balls, and nested dual numbers.

Rationals stay exact (`fmpq`) until a function makes them irrational, so that ties and Kronecker
deltas are decided and not guessed. A dual number is a value and its derivative along one
direction, its tag; duals of greater tags hold duals of smaller ones, which gives repeated and
mixed derivatives. Nothing here returns NaN on the real line: it raises, and says why.
Reference: johansson2017.
"""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from functools import reduce
from operator import add, mul
from typing import Any

from flint import acb, arb, fmpq, fmpz

Number = Any  # fmpq | arb | acb | Dual: python-flint ships no types that pyright could combine

ZERO, ONE = fmpq(0), fmpq(1)
LARGEST_EXACT_EXPONENT = 1024  # beyond it a rational power is taken in balls


class BallError(ArithmeticError):
    """An expression that has no enclosure; `where` is the subexpression at fault, if known."""

    def __init__(self, reason: str, where: str = ""):
        """An error for a reason, in a subexpression."""
        super().__init__(reason)
        self.reason = reason
        self.where = where

    def __str__(self) -> str:
        """The reason and the place."""
        return f"{self.reason} in {self.where}" if self.where else self.reason


class UndefinedError(BallError):
    """The expression is certainly not defined at the point: a logarithm of -1, 1/0, ..."""


class UndecidedError(BallError):
    """At this precision the balls are too wide to tell; a higher one may help."""


class UnsupportedError(BallError):
    """The evaluator has no rule for this kind of expression."""


def exact(value: Any) -> Number:
    """An integer, a fraction or a float as the number that it is, without rounding.

    Raises:
        UndefinedError: The value is NaN or infinite.
    """
    if isinstance(value, (fmpq, arb, Dual)):
        return value
    if isinstance(value, (int, fmpz)):
        return fmpq(value)
    if isinstance(value, Fraction):
        return fmpq(value.numerator, value.denominator)
    if getattr(value, "is_Rational", False):
        return fmpq(int(value.p), int(value.q))
    ball = arb(float(value))
    if not ball.is_finite():
        raise UndefinedError(f"{value} is not a finite number")
    return ball


def ball(number: Number) -> arb:
    """The number as a ball of the current precision."""
    return number if isinstance(number, arb) else arb(number)


def integer(number: Number) -> int | None:
    """The integer that a number certainly is, or None."""
    if isinstance(number, fmpq):
        return int(number.p) if number.q == 1 else None
    found = number.unique_fmpz() if isinstance(number, arb) and number.is_exact() else None
    return None if found is None else int(found)


class Dual:
    """`primal + tangent * epsilon` with `epsilon**2 = 0`, one epsilon for each tag."""

    __slots__ = ("tag", "primal", "tangent")

    def __init__(self, tag: int, primal: Number, tangent: Number):
        """The number with a value and a derivative along the direction of a tag."""
        self.tag, self.primal, self.tangent = tag, primal, tangent

    def __add__(self, other: Number) -> "Dual":
        """The sum."""
        if not isinstance(other, Dual) or other.tag < self.tag:
            return Dual(self.tag, self.primal + other, self.tangent)
        if other.tag > self.tag:
            return other + self
        return Dual(self.tag, self.primal + other.primal, self.tangent + other.tangent)

    def __mul__(self, other: Number) -> "Dual":
        """The product."""
        if not isinstance(other, Dual) or other.tag < self.tag:
            return Dual(self.tag, self.primal * other, self.tangent * other)
        if other.tag > self.tag:
            return other * self
        tangent = self.primal * other.tangent + self.tangent * other.primal
        return Dual(self.tag, self.primal * other.primal, tangent)

    __radd__, __rmul__ = __add__, __mul__

    def __neg__(self) -> "Dual":
        """The negative."""
        return Dual(self.tag, -self.primal, -self.tangent)

    def __sub__(self, other: Number) -> "Dual":
        """The difference."""
        return self + (-other)

    def __rsub__(self, other: Number) -> "Dual":
        """The difference from another number."""
        return -self + other

    def _chain(self, value: Number, slope: Number) -> "Dual":
        return Dual(self.tag, value, slope * self.tangent)


def primal(number: Number) -> Number:
    """The value of a number, without any derivative."""
    while isinstance(number, Dual):
        number = number.primal
    return number


def tangent(number: Number, tag: int) -> Number:
    """The derivative of a number along the direction of a tag, the greatest it may have."""
    return number.tangent if isinstance(number, Dual) and number.tag == tag else ZERO


def total(terms: Iterable[Number]) -> Number:
    """The sum of numbers."""
    return reduce(add, terms, ZERO)


def product(factors: Iterable[Number]) -> Number:
    """The product of numbers."""
    return reduce(mul, factors, ONE)


def exp(x: Number) -> Number:
    """The exponential."""
    if isinstance(x, fmpq):
        return arb(x).exp() if x else ONE
    if isinstance(x, Dual):
        value = exp(x.primal)
        return x._chain(value, value)
    return x.exp()


def log(x: Number) -> Number:
    """The natural logarithm of a positive number."""
    if isinstance(x, Dual):
        return x._chain(log(x.primal), power(x.primal, -ONE))
    if isinstance(x, acb):
        return x.log(analytic=True)
    if x > 0:
        return ZERO if x == 1 else ball(x).log()
    raise _sign_error(x, "logarithm of")


def xlogy(x: Number, y: Number) -> Number:
    """The product x ln y, exactly zero where x is, whatever y."""
    return ZERO if _vanishes(x) else x * log(y)


def _vanishes(x: Number) -> bool:
    """Whether a number is zero with all its derivatives."""
    if isinstance(x, Dual):
        return _vanishes(x.primal) and _vanishes(x.tangent)
    return not isinstance(x, acb) and x == 0


def _sign_error(x: Number, action: str) -> BallError:
    shown = x if isinstance(x, fmpq) else x.str(5)
    if x <= 0:
        return UndefinedError(f"{action} {shown}")
    return UndecidedError(f"{action} {shown}, which may not be positive")


def power(x: Number, y: Number) -> Number:
    """The power x^y: of any number for an integer y, else of a positive base; 0^0 is 1."""
    if isinstance(y, Dual):
        return exp(y * log(x))
    n = integer(y)
    if n is None:
        return _real_power(x, y)
    return _integer_power(x, n) if n >= 0 else reciprocal(_integer_power(x, -n))


def _integer_power(x: Number, n: int) -> Number:
    if n == 0:
        return ONE
    if n == 1:
        return x
    if isinstance(x, Dual):
        return x._chain(_integer_power(x.primal, n), n * _integer_power(x.primal, n - 1))
    if isinstance(x, fmpq) and n > LARGEST_EXACT_EXPONENT:
        x = arb(x)
    half = _integer_power(x, n // 2)  # Arb's own power is NaN for a base that holds zero
    return half * half * x if n % 2 else half * half


def reciprocal(x: Number) -> Number:
    """One over a number."""
    if isinstance(x, Dual):
        value = reciprocal(x.primal)
        return x._chain(value, -(value * value))
    if isinstance(x, arb) and 0 in x and not x.is_zero():
        raise UndecidedError(f"division by {x.str(5)}, which may be zero")
    if not isinstance(x, acb) and x == 0:
        raise UndefinedError("division by zero")
    return 1 / x


def _real_power(x: Number, y: Number) -> Number:
    if isinstance(x, Dual):
        return x._chain(_real_power(x.primal, y), y * _real_power(x.primal, y - 1))
    if isinstance(x, acb) or isinstance(y, acb):
        return acb(x).pow(acb(y), analytic=True)
    if x == 0 and y > 0:
        return ZERO
    if not x > 0:
        raise _sign_error(x, f"power {y if isinstance(y, fmpq) else y.str(5)} of")
    if isinstance(x, fmpq) and isinstance(y, fmpq) and y.q == 2:
        if x.p.is_square() and x.q.is_square():  # an exact root keeps ties exact
            return power(fmpq(x.p.isqrt(), x.q.isqrt()), fmpq(y.p))
    return ball(x) ** ball(y)


def sin(x: Number) -> Number:
    """The sine."""
    if isinstance(x, Dual):
        return x._chain(sin(x.primal), cos(x.primal))
    if isinstance(x, fmpq):
        return arb(x).sin() if x else ZERO
    return x.sin()


def cos(x: Number) -> Number:
    """The cosine."""
    if isinstance(x, Dual):
        return x._chain(cos(x.primal), -sin(x.primal))
    if isinstance(x, fmpq):
        return arb(x).cos() if x else ONE
    return x.cos()


def acos(x: Number) -> Number:
    """The arc cosine of a number between -1 and 1."""
    if isinstance(x, Dual):
        slope = power(1 - x.primal * x.primal, -fmpq(1, 2))
        return x._chain(acos(x.primal), -slope)
    if isinstance(x, acb):
        raise UnsupportedError("an inverse cosine or sine under an integral")
    if x == 1:
        return ZERO
    if x > 1 or x < -1:
        raise UndefinedError(f"inverse cosine or sine of {ball(x).str(5)}")
    if not (x <= 1 and x >= -1):
        raise UndecidedError(f"inverse cosine or sine of {ball(x).str(5)}, which may exceed one")
    return ball(x).acos()


def asin(x: Number) -> Number:
    """The arc sine of a number between -1 and 1."""
    nothing = isinstance(x, fmpq) and not x  # a ball around zero is not zero
    return ZERO if nothing else fmpq(1, 2) * arb.pi() - acos(x)


def absolute(x: Number) -> Number:
    """The absolute value of a real number."""
    value = primal(x)
    if isinstance(value, acb):
        raise UnsupportedError("an absolute value under an integral")
    if not isinstance(x, Dual):
        return abs(value)
    if value > 0:
        return x
    if value < 0:
        return -x
    raise (UndefinedError if value == 0 else UndecidedError)("derivative of |x| where x may be 0")


def kronecker(x: Number, y: Number) -> Number:
    """One where two numbers are equal and zero where they are not, if that can be decided."""
    x, y = primal(x), primal(y)
    if isinstance(x, acb) or isinstance(y, acb):
        raise UnsupportedError("a Kronecker delta of an integration variable")
    if x == y:
        return ONE
    if x != y:
        return ZERO
    raise UndecidedError("a Kronecker delta of balls that overlap")


def extremum(values: Sequence[Number], sign: int) -> Number:
    """The greatest (sign 1) or least (sign -1) of some real numbers."""
    if not values:
        raise UndefinedError("extremum over an empty range")
    if any(isinstance(primal(value), acb) for value in values):
        raise UnsupportedError("an extremum that depends on an integration variable")
    if any(isinstance(value, Dual) for value in values):
        return _dual_extremum(values, sign)
    if all(isinstance(value, fmpq) for value in values):
        return max(values, key=lambda value: sign * value)
    return reduce(arb.max if sign > 0 else arb.min, map(ball, values))


def _dual_extremum(values: Sequence[Number], sign: int) -> Number:
    """The one value that certainly exceeds the others: at a tie there is no derivative."""
    best = max(values, key=lambda value: sign * ball(primal(value)).mid())
    for value in values:
        if value is not best and not sign * (primal(best) - primal(value)) > 0:
            tie = primal(best) == primal(value)
            kind = UndefinedError if tie else UndecidedError
            raise kind("derivative of an extremum that may be attained twice")
    return best
