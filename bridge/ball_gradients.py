"""All partial derivatives of an expression at once, enclosed: reverse accumulation in balls.

Numbers enter as dual numbers whose infinitesimal part is a `Form`, a linear form in the inputs
that remembers what it was made of. One walk back from the value's form gives its coefficients.
"""

from collections.abc import Iterable, Sequence
from itertools import count
from typing import Any

from flint import arb, ctx, fmpq

from bridge.ball_numbers import ZERO, Dual, Number

TAG = 0  # below every tag that an evaluation gives to its own derivatives
_order = count()


class Form:
    """A linear form: a sum of earlier forms, each times a number; an input has no parts."""

    __slots__ = ("age", "parts")

    def __init__(self, *parts: tuple[Number, "Form"]):
        """The form that is the sum of some numbers times forms."""
        self.age = next(_order)
        self.parts = parts

    def __add__(self, other: "Form") -> "Form":
        """The sum of two forms."""
        return Form((1, self), (1, other))

    def __mul__(self, number: Number) -> "Form":
        """A form times a number."""
        return Form((number, self))

    __rmul__ = __mul__

    def __neg__(self) -> "Form":
        """The negative."""
        return Form((-1, self))


def variable(value: Number) -> Dual:
    """A number as an input, with respect to which derivatives are taken."""
    return Dual(TAG, value, Form())


def value_and_gradient(
    number: Number, inputs: Sequence[Dual], bits: int
) -> tuple[Number, list[Number]]:
    """A number that was computed from some inputs, and its derivative with respect to each."""
    if not isinstance(number, Dual):
        return number, [ZERO] * len(inputs)
    slopes: dict[Form, Number] = {number.tangent: fmpq(1)}
    with ctx.workprec(bits):
        for form in sorted(_reached(number.tangent), key=lambda form: -form.age):
            slope = slopes.pop(form) if form.parts else None
            for factor, part in form.parts:
                step = slope * factor
                slopes[part] = slopes[part] + step if part in slopes else step
    return number.primal, [slopes.get(given.tangent, ZERO) for given in inputs]


def combination(weights: Iterable[Any], numbers: Iterable[Number]) -> Number:
    """The sum of numbers times weights."""
    return sum((arb(w) * n for w, n in zip(weights, numbers, strict=True)), start=ZERO)


def _reached(form: Form) -> set[Form]:
    """A form and all that it was made of."""
    found, pending = {form}, [form]
    while pending:
        for _, part in pending.pop().parts:
            if part not in found:
                found.add(part)
                pending.append(part)
    return found
