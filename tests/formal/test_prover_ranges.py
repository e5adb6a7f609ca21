"""The prover on several sizes in one claim: traces, inner products, rows, heads, hypotheses."""

from typing import Any

import pytest
from sympy import IndexedBase, KroneckerDelta, Le, Lt, Rational, exp, log, symbols

from tests.formal.test_prover import T, V, c, d, fails, i, j, k, l, n, p, proved, q, x
from tests.formal.textbook import by, equal, over

H = symbols("H", integer=True, positive=True)
a, b, t = symbols("a b t", integer=True, positive=True)
lam = symbols("lambda", real=True)
A, B, C, D, key, query = (IndexedBase(f, real=True) for f in ("A", "B", "C", "D", "key", "query"))
J: Any = IndexedBase("J", positive=True)
R: Any = IndexedBase("R", positive=True)


def nested(summand: Any, *limits: Any) -> Any:
    """Sum over several indices, the first outermost."""
    for index, size in reversed(limits):
        summand = over(summand, index, size)
    return summand


def inner(row: Any) -> Any:
    return over(key[row, a] * query[a], a, d)


def attention(row: Any) -> Any:
    return exp(inner(row) / T) / over(exp(inner(j) / T), j)


ENERGY = -T * log(over(exp(inner(i) / T))) + over(query[a] ** 2, a, d) / 2
CYCLE = A[i, j] * B[j, k] * C[k, l] * D[l, a] * A[a, b] * B[b, i]
SHIFTED = B[i, j] * C[j, k] * D[k, l] * A[l, a] * B[a, b] * A[b, i]
ALL = [(index, V) for index in (i, j, k, l, a, b)]

IDENTITIES = {
    "trace of two": (
        nested(A[i, j] * B[j, i], (i, V), (j, n)),
        nested(B[i, j] * A[j, i], (i, n), (j, V)),
        (),
    ),
    "trace of three": (
        nested(A[i, j] * B[j, k] * C[k, i], (i, V), (j, n), (k, d)),
        nested(B[i, j] * C[j, k] * A[k, i], (i, n), (j, d), (k, V)),
        (),
    ),
    "trace of six": (nested(CYCLE, *ALL), nested(SHIFTED, *ALL), ()),
    "trace of a product with the identity": (
        nested(KroneckerDelta(i, j) * A[j, i], (i, V), (j, V)),
        over(A[i, i]),
        (),
    ),
    "energy of a Hopfield network": (
        by(ENERGY, query[b]),
        query[b] - over(attention(i) * key[i, b]),
        (),
    ),
    "one row of many": (
        by(over(log(over(exp(A[t, i]))), t, n), A[l, k]),
        exp(A[l, k]) / over(exp(A[l, i])),
        (),
    ),
    "heads, places, tokens": (
        nested(R[a, t, i], (a, H), (t, n), (i, V)),
        nested(R[a, t, i], (i, V), (a, H), (t, n)),
        (),
    ),
    "channel": (
        nested(q[i] * J[i, j], (j, n), (i, V)),
        over(q[i]),
        (equal(over(J[i, j], j, n), 1),),
    ),
    "shares": (
        over(p[i] * x[i] / (p[i] + 2 * q[i])) + 2 * over(q[i] * x[i] / (p[i] + 2 * q[i])),
        over(x[i]),
        (),
    ),
    "one level apart": (over(exp(KroneckerDelta(i, k) * c)), V - 1 + exp(c), ()),
}
SLIPS = {
    "trace of a commuted product": (
        nested(A[i, j] * B[j, k] * C[k, i], (i, V), (j, V), (k, V)),
        nested(A[i, j] * C[j, k] * B[k, i], (i, V), (j, V), (k, V)),
        (),
    ),
    "trace of six, two exchanged": (
        nested(CYCLE, *ALL),
        nested(A[i, j] * C[j, k] * B[k, l] * D[l, a] * A[a, b] * B[b, i], *ALL),
        (),
    ),
    "transposed": (
        nested(A[i, j] * B[j, i], (i, V), (j, V)),
        nested(A[i, j] * B[i, j], (i, V), (j, V)),
        (),
    ),
    "columns for rows": (
        nested(q[i] * J[i, j], (j, n), (i, V)),
        over(q[i]),
        (equal(over(J[i, j]), 1),),
    ),
    "Hopfield, sign": (
        by(ENERGY, query[b]),
        query[b] + over(attention(i) * key[i, b]),
        (),
    ),
    "two levels apart": (over(exp(KroneckerDelta(i, k) * c)), V - 2 + 2 * exp(c), ()),
    "heads are not places": (
        nested(R[a, t, i], (a, H), (t, n), (i, V)),
        nested(R[a, t, i], (a, n), (t, H), (i, V)),
        (),
    ),
}


@pytest.mark.parametrize("name", IDENTITIES)
def test_identity(name: str) -> None:
    left, right, assuming = IDENTITIES[name]
    proved(equal(left, right), assuming)
    fails(equal(left, right + Rational(1, 100)), assuming)


@pytest.mark.parametrize("name", SLIPS)
def test_slip(name: str) -> None:
    left, right, assuming = SLIPS[name]
    fails(equal(left, right), assuming)


def test_hypotheses_about_a_parameter_give_signs() -> None:
    above, below = Lt(0, lam, evaluate=False), Lt(lam, 1, evaluate=False)
    mixture = (1 - lam) * q[i] + lam * p[i]
    split = equal(log(mixture * T), log(mixture) + log(T))
    proof = proved(split, (above, below))
    assert not proof.definedness and proof.hypotheses_used == (above, below)
    assert proved(split, (above,)).definedness
    assert proved(split, (Le(lam, 1, evaluate=False), above)).definedness == ()
