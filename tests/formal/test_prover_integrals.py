"""The prover on integrals: by the primitive that a claim suggests, or that the integrand does."""

from typing import Any

import pytest
from sympy import Integral, Rational, exp, log, symbols

from tests.formal.test_prover import A, E, T, V, b, c, fails, i, j, k, p, proved
from tests.formal.textbook import by, equal, over

x, y, s, t = symbols("x y s t", real=True)
u, v, beta, beta_1, beta_2 = symbols("u v beta beta_1 beta_2", positive=True)


def partition(inverse: Any, strength: Any = 0) -> Any:
    return over(exp(-inverse * (E[i] + strength * A[i])))


def mean(f: Any, inverse: Any, strength: Any = 0) -> Any:
    weights = exp(-inverse * (E[i] + strength * A[i]))
    return over(weights * f) / partition(inverse, strength)


IDENTITIES = {
    "of a power": (Integral(3 * x**2 + c, (x, 0, s)), s**3 + c * s),
    "of an inverse": (Integral(1 / u, (u, beta_1, beta_2)), log(beta_2 / beta_1)),
    "of an exponential": (Integral(exp(T * x), (x, 0, 1)), (exp(T) - 1) / T),
    "of a logarithm": (Integral(log(u), (u, 1, v)), v * log(v) - v + 1),
    "of energy over inverse temperature": (
        Integral(mean(E[i], beta), (beta, beta_1, beta_2)),
        log(partition(beta_1)) - log(partition(beta_2)),
    ),
    "of a slope": (
        Integral(by(mean(E[i], beta), beta), (beta, beta_1, beta_2)),
        mean(E[i], beta_2) - mean(E[i], beta_1),
    ),
    "of a force": (
        Integral(mean(A[i], 1 / T, x), (x, 0, 1)),
        -T * log(partition(1 / T, 1)) + T * log(partition(1 / T)),
    ),
    "renamed": (Integral(x * c, (x, 0, 1)), Integral(s * c, (s, 0, 1))),
    "of a sum": (Integral(over(p[i] * x), (x, 0, 1)), over(p[i]) / 2),
    "twice": (Integral(Integral(x * u, (x, 0, 1)), (u, 1, 2)), Rational(3, 4)),
    "slope of an integral": (
        by(Integral(exp(x * s), (x, 0, s)), s),
        exp(s**2) + Integral(x * exp(x * s), (x, 0, s)),
    ),
    "its variable is not the parameter": (T * Integral(T, (T, 1, 2)), 3 * T / 2),
}


@pytest.mark.parametrize("name", IDENTITIES)
def test_identity(name: str) -> None:
    left, right = IDENTITIES[name]
    proved(equal(left, right))
    fails(equal(left, right + Rational(1, 100)))


SLIPS = {
    "sign of a bound": equal(Integral(x, (x, t, s)), (s**2 + t**2) / 2),
    "through a pole": equal(Integral(x**-2, (x, -1, 1)), -2),
    "through zero": equal(Integral(1 / x, (x, -1, 1)), 0),
    "from zero": equal(Integral(1 / u, (u, 0, 1)), 0),
    "negative bounds": equal(Integral(1 / u, (u, -2, -1)), -log(2)),
    "captured": equal(Integral(x * s, (x, 0, 1)), Integral(s * s, (s, 0, 1))),
    "escaped": equal(x * Integral(x, (x, 0, 1)), Integral(x**2, (x, 0, 1))),
    "product": equal(Integral(x * exp(x), (x, 0, 1)), Integral(x, (x, 0, 1)) * (exp(1) - 1)),
    "force, sign": equal(
        Integral(mean(A[i], 1 / T, x), (x, 0, 1)),
        T * log(partition(1 / T, 1)) - T * log(partition(1 / T)),
    ),
    "bound in itself": equal(Integral(T, (T, 1, T)), T**2 / 2 - Rational(1, 2)),
    "slope without the bound": equal(
        by(Integral(exp(x * s), (x, 0, s)), s), Integral(x * exp(x * s), (x, 0, s))
    ),
    "index as variable": equal(Integral(p[k], (k, 1, 2)), p[k]),
    "size as variable": equal(Integral(over(p[i]) * V, (V, 1, 2)), over(p[i])),
}


@pytest.mark.parametrize("name", SLIPS)
def test_slip(name: str) -> None:
    fails(SLIPS[name])


def test_a_hypothesis_about_a_parameter_is_not_about_the_variable() -> None:
    fails(equal(Integral(s, (s, 0, 1)), 0), (equal(s, 0),))
    proved(equal(Integral(s * x, (x, 0, 1)), 0), (equal(s, 0),))
    proved(equal(Integral(over(b[j], j) * x, (x, 0, 2)), 2), (equal(over(b[i]), 1),))
