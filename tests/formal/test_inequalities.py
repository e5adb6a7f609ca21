"""Inequalities whose displayed terms stand under several sums, or are products of known ones."""

import pytest
from sympy import Abs, Eq, Expr, Ge, IndexedBase, Le, Lt, Product, Sum, exp, log, symbols

from formal import prove, replay
from formal.functions import Subset, xlogy
from formal.symbols import Maximum, Minimum

V, N = symbols("V N", integer=True, positive=True)
i, j = symbols("i j", integer=True, positive=True)
q, r, s, K, J = (IndexedBase(name, positive=True) for name in ("q", "r", "s", "K", "J"))
x, v, E = (IndexedBase(name, real=True) for name in "xvE")


def over(summand: Expr, index: Expr = i, size: Expr = V) -> Sum:
    return Sum(summand, (index, 1, size))


JOINT = (Eq(over(over(J[i, j], j, N)), 1, evaluate=False),)
CHANNEL = (Eq(over(K[i, j], j, N), 1, evaluate=False),)
Q, R = (Eq(over(law[i]), 1, evaluate=False) for law in (q, r))
first, second = over(J[i, j], j, N), over(J[i, j])
top, bottom = (extremum(E[i], (i, 1, V)) for extremum in (Maximum, Minimum))
mean = over(q[i] * E[i])
spread = over(q[i] * E[i] ** 2) - mean**2
out, other = over(q[i] * K[i, j]), over(r[i] * K[i, j])

subset = Subset("M")
tau, lam = symbols("tau lambda", positive=True)
kept = over(subset[i] * r[i])
share = subset[i] * r[i] / kept
far = Le(subset[i] * tau**2, subset[i] * v[i] ** 2, evaluate=False)
geometric = over(q[i] ** (1 - lam) * r[i] ** lam)

TRUE = {
    "Chebyshev": (
        Le(over(subset[i] * q[i]), over(q[i] * v[i] ** 2) / tau**2, evaluate=False),
        (far,),
    ),
    "divergence of a subset": (
        Le(-log(over(subset[i] * q[i])), over(xlogy(share, share / q[i])), evaluate=False),
        (Lt(0, over(subset[i] * q[i]), evaluate=False), Lt(0, kept, evaluate=False)),
    ),
    "arithmetic and geometric mean": (
        Le(Product(q[i], (i, 1, V)) ** (1 / V), over(q[i]) / V, evaluate=False),
        (),
    ),
    "geodesic": (Le(geometric, 1, evaluate=False), (Q, R, Lt(lam, 1))),
    "mutual information": (
        Ge(over(over(J[i, j] * log(J[i, j] / (first * second)), j, N)), 0, evaluate=False),
        JOINT,
    ),
    "conditional entropy": (
        Le(0, -over(over(J[i, j] * log(J[i, j] / first), j, N)), evaluate=False),
        JOINT,
    ),
    "data processing": (
        Le(over(out * log(out / other), j, N), over(q[i] * log(q[i] / r[i])), evaluate=False),
        (Q, R, *CHANNEL),
    ),
    "concavity of entropy": (
        Le(
            -over(q[i] * over(K[i, j] * log(K[i, j]), j, N)),
            -over(out * log(out), j, N),
            evaluate=False,
        ),
        (Q, *CHANNEL),
    ),
    "Bhatia and Davis": (Le(spread, (top - mean) * (mean - bottom), evaluate=False), (Q,)),
    "Popoviciu": (Le(spread, (top - bottom) ** 2 / 4, evaluate=False), (Q,)),
    "variance of a difference": (
        Ge(over(q[i] * (x[i] - v[i]) ** 2) - over(q[i] * (x[i] - v[i])) ** 2, 0, evaluate=False),
        (Q,),
    ),
    "absolute value of a sum": (Le(Abs(over(x[i])), over(Abs(x[i])), evaluate=False), ()),
    "triangle of total variation": (
        Le(
            over(Abs(q[i] - r[i])),
            over(Abs(q[i] - s[i])) + over(Abs(s[i] - r[i])),
            evaluate=False,
        ),
        (),
    ),
}


@pytest.mark.parametrize("name", TRUE)
def test_it_is_proved(name: str) -> None:
    claim, assuming = TRUE[name]
    found = prove(claim, assuming)
    assert found, found
    assert replay(found.certificate, claim, assuming)


merged = over(over(x[i] * K[i, j]) ** 2 / over(q[i] * K[i, j]), j, N)
TRUE["Chentsov"] = (Le(merged, over(x[i] ** 2 / q[i]), evaluate=False), CHANNEL)

FALSE = {
    "Chentsov without a channel": (TRUE["Chentsov"][0], ()),
    "Chentsov the wrong way round": (
        Ge(merged, over(x[i] ** 2 / q[i]), evaluate=False),
        CHANNEL,
    ),
    "geodesic beyond its ends": (Le(geometric, 1, evaluate=False), (Q, R, Lt(1, lam))),
    "Chebyshev where it is near": (
        TRUE["Chebyshev"][0],
        (Le(subset[i] * v[i] ** 2, subset[i] * tau**2, evaluate=False),),
    ),
    "geometric mean the wrong way round": (
        Ge(Product(q[i], (i, 1, V)) ** (1 / V), over(q[i]) / V, evaluate=False),
        (),
    ),
    "mutual information of what is not joint": (TRUE["mutual information"][0], ()),
    "conditioning increases entropy": (
        Ge(
            -over(over(J[i, j] * log(J[i, j] / first), j, N)),
            -over(second * log(second), j, N),
            evaluate=False,
        ),
        JOINT,
    ),
    "data processing without a channel": (TRUE["data processing"][0], (Q, R)),
    "an eighth instead of a quarter": (
        Le(spread, (top - bottom) ** 2 / 8, evaluate=False),
        (Q,),
    ),
    "the sum of absolute values is less": (
        Le(over(Abs(x[i])), Abs(over(x[i])), evaluate=False),
        (),
    ),
    "convexity of entropy": (
        Ge(
            -over(q[i] * over(K[i, j] * log(K[i, j]), j, N)),
            -over(out * log(out), j, N),
            evaluate=False,
        ),
        (Q, *CHANNEL),
    ),
    "jensen the wrong way round": (
        Ge(exp(over(q[i] * x[i])), over(q[i] * exp(x[i])), evaluate=False),
        (Q,),
    ),
}


@pytest.mark.parametrize("name", FALSE)
def test_its_converse_is_not(name: str) -> None:
    claim, assuming = FALSE[name]
    assert not prove(claim, assuming, seconds=1)
