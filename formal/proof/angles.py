"""The rules of sine and cosine: addition, parity, the circle, and values at parts of pi.

Sine and cosine are functions of every real number, of which the kernel knows these four rules
and the derivatives (`formal.proof.calculus`); pi is a positive constant.
"""

from __future__ import annotations

from fractions import Fraction

from formal.proof.conditions import Conclusion, Context
from formal.proof.field import is_zero
from formal.proof.terms import (
    HALF,
    MINUS_ONE,
    ONE,
    TWO,
    ZERO,
    Term,
    add,
    cos,
    mul,
    need,
    number,
    power,
    sin,
    subtract,
)

PI = Term("pi")
SINES = {  # of multiples of pi up to a right angle; the cosine is the sine of what is left
    Fraction(0): ZERO,
    Fraction(1, 6): HALF,
    Fraction(1, 4): mul(HALF, power(TWO, HALF)),
    Fraction(1, 3): mul(HALF, power(number(3), HALF)),
    Fraction(1, 2): ONE,
}


def angles(_: Context, before: Term, x: Term, y: Term) -> Conclusion:
    """The sine or cosine of a sum of two angles."""
    need(not y < x, "the parts are not in order")  # one proof, one certificate
    _is_of(before, add(x, y))
    if before.op == "sin":
        return add(mul(sin(x), cos(y)), mul(cos(x), sin(y))), ()
    return subtract(mul(cos(x), cos(y)), mul(sin(x), sin(y))), ()


def parity(_: Context, before: Term, unit: Term, x: Term) -> Conclusion:
    """The sine or cosine of an angle written otherwise, or of its negative."""
    need(unit in (ONE, MINUS_ONE), "the sign of an angle is 1 or -1")
    _is_of(before, mul(unit, x))
    return (mul(unit, sin(x)) if before.op == "sin" else cos(x)), ()


def circle(_: Context, before: Term) -> Conclusion:
    """The square of a sine by that of the cosine."""
    need(before.op == "pow" and before.terms[1] == TWO, "circle needs a square")
    sine = before.terms[0]
    need(sine.op == "sin", "circle needs the square of a sine")
    return subtract(ONE, power(cos(sine.terms[0]), TWO)), ()


def part_of_pi(_: Context, before: Term, part: Term) -> Conclusion:
    """The sine or cosine of an angle that is a known part of pi."""
    need(part.op == "num", "a part of pi is a number")
    _is_of(before, mul(part, PI))
    at = part.value if before.op == "sin" else Fraction(1, 2) - part.value
    need(at in SINES, "the value at this part of pi is not known")
    return SINES[at], ()


def _is_of(before: Term, angle: Term) -> None:
    need(before.op in ("sin", "cos"), "the rule is about sines and cosines")
    need(is_zero(subtract(before.terms[0], angle)), "the angle is not the given one")
