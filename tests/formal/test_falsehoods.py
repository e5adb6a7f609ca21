"""Falsehoods by thought: claims that nearly hold, each at the edge of a rule of the kernel.

None is proved, not even where its terms are defined; and each is refuted by balls or has no value
somewhere, so that the list itself is not mistaken.
"""

from typing import Any

import pytest
from sympy import (
    Abs,
    Eq,
    Ge,
    IndexedBase,
    Integral,
    KroneckerDelta,
    Min,
    Product,
    Rational,
    Sum,
    exp,
    log,
    sqrt,
    symbols,
)

from bridge.ball_oracle import ball_evidence
from bridge.verdict import Status
from formal.functions import Subset, xlogy
from formal.proof.prover import prove
from formal.symbols import Maximum, Minimum
from tests.formal.test_prover import le, lt
from tests.formal.textbook import by, equal, normalised, over

V, n = symbols("V n", integer=True, positive=True)
i, j, k, l = symbols("i j k l", integer=True, positive=True)  # noqa: E741
c, s, t = symbols("c s t", real=True)
T, b = symbols("T b", positive=True)
x, E, M = (IndexedBase(name, real=True) for name in "xEM")
p, q = (IndexedBase(name, positive=True) for name in "pq")
f, g = (IndexedBase(name, nonnegative=True) for name in "fg")
A = Subset("A")

FALSEHOODS: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "root of a product": (
        equal(Product(x[i], (i, 1, V)), sqrt(Product(x[i] ** 2, (i, 1, V)))),
        (),
    ),
    "a product is not negative": (le(0, Product(x[i], (i, 1, V))), ()),
    "a product of zeros is positive": (lt(0, Product(f[i], (i, 1, V))), ()),
    "root of a square": (equal(sqrt(c**2) + s, c + s), ()),
    "fractional powers": (equal((c**2) ** Rational(1, 3) * (c**2) ** Rational(1, 6), c), ()),
    "logarithm of a square with zeros": (equal(xlogy(c, s**2), 2 * xlogy(c, s)), ()),
    "nothing outside a subset": (equal(xlogy(A[k], 1 - A[k]), 0), ()),
    "indicator in a denominator": (equal(A[k] ** -1, A[k]), ()),
    "delta times a derivative": (
        equal(KroneckerDelta(k, l) * by(x[k] ** 2, x[l]), 2 * x[k]),
        (),
    ),
    "slope of a minimum": (equal(by(Min(c, s), c), 1), ()),
    "hypothesis about the variable of an integral": (
        equal(Integral(t, (t, 0, 1)), 1),
        (Eq(t, 1),),
    ),
    "integral over a pole": (equal(Integral(1 / t**2, (t, -1, 1)), -2), ()),
    "integral of the positive part of a variable": (
        equal(Integral(t, (t, -b, b)), Integral(sqrt(t**2 + 1), (t, -b, b))),
        (),
    ),
    "extremum of the opposite": (
        equal(Minimum(E[j], (j, 1, V)), Minimum(-E[j], (j, 1, V))),
        (),
    ),
    "maximum and mean size": (le(Maximum(E[j], (j, 1, V)), over(Abs(E[i])) / V), ()),
    "another size": (equal(over(p[i]), over(p[i], i, n)), ()),
    "sum from two without any": (le(0, Sum(p[i], (i, 2, V)) - p[k]), ()),
    "delta in a sum from two": (
        equal(Sum(KroneckerDelta(i, k) * x[i], (i, 2, V)), x[k]),
        (),
    ),
    "hypotheses about one token each": (equal(over(x[i]), 0), (equal(x[k] * (x[k] - 1), 0),)),
    "logarithm of two negatives": (equal(log(c * s), log(-c) + log(-s)), ()),
    "hidden denominator": (equal(1 / (over(A[i]) - over(A[i] ** 2)), 7), ()),
    "logarithm above zero": (le(0, log(T)), ()),
    "square of a sum": (le(over(x[i]) ** 2, over(x[i] ** 2)), ()),
    "Gibbs with zeros, one not normalised": (
        le(0, over(xlogy(f[i], f[i] / q[i]))),
        normalised(f),
    ),
    "mass of an empty subset": (lt(0, over(A[i] * p[i])), ()),
    "at most one is kept": (le(over(A[i]), 1), ()),
    "diagonal by any entry": (equal(by(over(M[i, i]), M[k, l]), 1), ()),
    "derivative of two ranges": (
        equal(by(over(x[i], i, n) + over(x[j], j), x[k]), 2),
        (),
    ),
    "exponential of an indicator": (equal(exp(A[k] * c), 1 + A[k] * exp(c)), ()),
    "slope of a constrained sum": (equal(by(over(f[i]) * c, f[k]), 0), normalised(f)),
    "derivative of what is assumed": (equal(by(c * s, c), 0), (Ge(s, 0),)),
}


@pytest.mark.parametrize("name", FALSEHOODS)
def test_a_falsehood_is_not_proved(name: str) -> None:
    claim, assuming = FALSEHOODS[name]
    assert not prove(claim, assuming, seconds=2.0)


@pytest.mark.parametrize("name", sorted(FALSEHOODS.keys() - {"integral over a pole"}))
def test_a_falsehood_is_one(name: str) -> None:
    claim, assuming = FALSEHOODS[name]
    assert ball_evidence(claim, assuming).status in (Status.REFUTED, Status.UNDEFINED)


def test_an_integral_over_a_pole_is_given_up() -> None:
    """It is infinite; the primitive at the ends would give -2. Quadrature has to end."""
    claim, _ = FALSEHOODS["integral over a pole"]
    assert ball_evidence(claim).status is Status.UNKNOWN
