"""Which function of numbers evaluates which kind of expression."""

from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from operator import add, mul
from typing import Any

from flint import arb, fmpq
from sympy import (
    Abs,
    Add,
    Basic,
    Float,
    KroneckerDelta,
    Max,
    Min,
    Mul,
    Pow,
    Product,
    Rational,
    S,
    Sum,
    acos,
    asin,
    cos,
    cosh,
    exp,
    log,
    sin,
    sinh,
    tan,
    tanh,
)
from sympy.core.numbers import Exp1, Pi

from bridge import ball_numbers as numbers
from bridge.ball_numbers import Number, UndefinedError, UnsupportedError
from formal.functions import xlogy
from formal.symbols import Maximum, Minimum

HALF = fmpq(1, 2)
ELEMENTWISE: Mapping[type, Callable[..., Number]] = {
    Add: lambda *terms: reduce(add, terms),
    Mul: lambda *factors: reduce(mul, factors),
    Pow: numbers.power,
    exp: numbers.exp,
    log: numbers.log,
    cosh: lambda z: HALF * (numbers.exp(z) + numbers.exp(-z)),
    sinh: lambda z: HALF * (numbers.exp(z) - numbers.exp(-z)),
    tanh: lambda z: 1 - 2 * numbers.power(numbers.exp(2 * z) + 1, fmpq(-1)),
    sin: numbers.sin,
    cos: numbers.cos,
    tan: lambda z: numbers.sin(z) * numbers.reciprocal(numbers.cos(z)),
    acos: numbers.acos,
    asin: numbers.asin,
    Abs: numbers.absolute,
    KroneckerDelta: numbers.kronecker,
    xlogy: numbers.xlogy,
    Min: lambda *values: numbers.extremum(values, -1),
    Max: lambda *values: numbers.extremum(values, 1),
}
FOLDS: Mapping[type, Callable[[Sequence[Number]], Number]] = {
    Sum: numbers.total,
    Product: numbers.product,
    Minimum: lambda values: numbers.extremum(values, -1),
    Maximum: lambda values: numbers.extremum(values, 1),
}


def with_joined_roots(e: Basic) -> Basic:
    """A product of roots of nonnegative factors as one root, which may be rational.

    SymPy splits sqrt(q r); with q = r at a point, sum_i sqrt(q_i r_i) must be exactly one.
    """
    if not isinstance(e, Mul):
        return e
    roots = [a for a in e.args if isinstance(a, Pow) and a.exp == S.Half and a.base.is_nonnegative]
    if len(roots) < 2:
        return e
    joined = Pow(Mul(*(root.base for root in roots)), S.Half, evaluate=False)
    others = [a for a in e.args if a not in roots]
    return Mul(*others, joined, evaluate=False) if others else joined


def position(value: Number, what: str) -> int:
    """The integer that an index or a limit is."""
    found = numbers.integer(numbers.primal(value))
    if found is None:
        raise UndefinedError(f"{what} that is not an integer")
    return found


def entry(family: Any, indices: tuple[int, ...], base: Basic) -> Number:
    """A component of a family that is given by nested lists."""
    for index in indices:
        if not isinstance(family, list) or not 1 <= index <= len(family):
            raise UndefinedError(f"no component {base}{list(indices)} at this point")
        family = family[index - 1]
    return family


def entered(value: Any) -> Any:
    """A number, or nested lists of numbers, as they enter an evaluation: without rounding."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, (list, tuple)):
        return [entered(entry) for entry in value]
    return numbers.exact(value)


def constant(e: Basic) -> Number:
    """The value of an expression without parts."""
    if isinstance(e, (Rational, Float)):
        return numbers.exact(Rational(e))
    if isinstance(e, Pi):
        return arb.pi()
    if isinstance(e, Exp1):
        return arb(1).exp()
    if getattr(e, "is_Number", False) or getattr(e, "is_infinite", False):
        raise UndefinedError(f"{e} is not a finite number")
    raise UnsupportedError(f"no rule for {type(e).__name__}")


def constant_fold(kind: type, value: Number, count: int) -> Number:
    """A sum, a product or an extremum of equal terms."""
    if kind is Sum:
        return count * value
    return numbers.power(value, fmpq(count)) if kind is Product else value
