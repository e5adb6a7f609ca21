"""Bounds with roots, exponentials of means and unit vectors: what is proved, and what is not."""

import pytest
from sympy import Eq, Expr, Ge, IndexedBase, KroneckerDelta, Le, Lt, Sum, exp, log, sqrt, symbols

from formal import prove, replay

V, N, d = symbols("V N d", integer=True, positive=True)
i, j, k, a, b = symbols("i j k a b", integer=True, positive=True)
T, tau_1, tau_2 = symbols("T tau_1 tau_2", positive=True)
q, K, tau = (IndexedBase(name, positive=True) for name in ("q", "K", "tau"))
x, v, h, A, E = (IndexedBase(name, real=True) for name in ("x", "v", "h", "A", "E"))


def dot(x: IndexedBase, v: IndexedBase) -> Expr:
    return Sum(x[a] * v[a], (a, 1, d))


def over(summand: Expr, index: Expr = i, size: Expr = N) -> Sum:
    return Sum(summand, (index, 1, size))


def apart(x: IndexedBase, v: IndexedBase) -> Expr:
    return Sum((x[a] - v[a]) ** 2, (a, 1, d))


xx, vv = dot(x, x), dot(v, v)
moving = (Lt(0, xx, evaluate=False), Lt(0, vv, evaluate=False))
both = sqrt(Sum((x[a] + v[a]) ** 2, (a, 1, d)))
whole = Sum(over(A[i, a]) ** 2, (a, 1, d))
piece = Sum(A[i, a] ** 2, (a, 1, d))
energy = sqrt(tau[i] ** 2 + piece)
DOUBLY = (
    Eq(over(K[i, j]), 1, evaluate=False),
    Eq(over(K[i, j], j), 1, evaluate=False),
)
mean = over(K[i, j] * E[j], j)
Z, Z_0 = over(exp(-E[i] / T)), over(exp(-x[i] / T))
ROTATION = (Eq(over(A[i, k] * A[j, k], k), KroneckerDelta(i, j), evaluate=False),)
turned = Sum(q[i] * A[i, k] * KroneckerDelta(i, k), (i, 1, N), (k, 1, N))

TRUE = {
    "Cauchy and Schwarz": (Le(dot(x, v), sqrt(xx) * sqrt(vv), evaluate=False), moving),
    "with masses": (
        Le(tau_1 * tau_2 + dot(x, v), sqrt(tau_1**2 + xx) * sqrt(tau_2**2 + vv), evaluate=False),
        (),
    ),
    "triangle": (Le(both, sqrt(xx) + sqrt(vv), evaluate=False), moving),
    "triangle of three points": (
        Le(sqrt(apart(x, v)), sqrt(apart(x, h)) + sqrt(apart(h, v)), evaluate=False),
        (Lt(0, apart(x, h), evaluate=False), Lt(0, apart(h, v), evaluate=False)),
    ),
    "path": (
        Le(whole, over(sqrt(piece)) ** 2, evaluate=False),
        (Lt(0, piece, evaluate=False),),
    ),
    "path of clocks": (
        Le(sqrt(over(tau[i]) ** 2 + whole), over(energy), evaluate=False),
        (),
    ),
    "Peierls": (Le(over(exp(-mean)), over(exp(-E[j]), j), evaluate=False), DOUBLY),
    "Peierls and Bogoliubov": (
        Le(
            -T * log(Z),
            -T * log(Z_0) + over(exp(-x[i] / T) / Z_0 * (mean - x[i])),
            evaluate=False,
        ),
        DOUBLY,
    ),
    "rotation": (Le(turned, over(q[i]), evaluate=False), ROTATION),
}

FALSE = {
    "triangle with a factor": (Le(both, (sqrt(xx) + sqrt(vv)) * 3 / 4, evaluate=False), moving),
    "clocks the wrong way round": (
        Ge(sqrt(over(tau[i]) ** 2 + whole), over(energy), evaluate=False),
        (),
    ),
    "energies without momenta": (
        Le(sqrt(over(tau[i]) ** 2 + whole), over(tau[i]), evaluate=False),
        (),
    ),
    "Peierls without rows": (TRUE["Peierls"][0], DOUBLY[:1]),
    "Peierls without columns": (TRUE["Peierls"][0], DOUBLY[1:]),
    "a matrix that is no rotation": (TRUE["rotation"][0], ()),
}


@pytest.mark.parametrize("name", TRUE)
def test_it_is_proved(name: str) -> None:
    claim, assuming = TRUE[name]
    found = prove(claim, assuming)
    assert found, found
    assert not found.definedness
    assert replay(found.certificate, claim, assuming)


@pytest.mark.parametrize("name", FALSE)
def test_what_is_false_is_not(name: str) -> None:
    claim, assuming = FALSE[name]
    assert not prove(claim, assuming, seconds=0.3)
