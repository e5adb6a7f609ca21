"""The prover on x ln y, indicators, products and absolute values: what holds and what does not."""

from typing import Any

import pytest
from sympy import (
    Abs,
    Gt,
    IndexedBase,
    KroneckerDelta,
    Max,
    Min,
    Product,
    Rational,
    Symbol,
    exp,
    log,
    sqrt,
    symbols,
)

from formal import Subset, xlogy
from tests.formal.test_prover import (
    E,
    T,
    V,
    c,
    d,
    fails,
    i,
    j,
    k,
    l,
    le,
    lt,
    n,
    proved,
    s,
    t,
    x,
)
from tests.formal.textbook import by, equal, normalised, over

p: Any = IndexedBase("p", nonnegative=True)
q: Any = IndexedBase("q", nonnegative=True)
m: Any = IndexedBase("m", nonnegative=True)
J: Any = IndexedBase("J", nonnegative=True)
P, Q, R = (IndexedBase(name, positive=True) for name in "PQR")
A: Any = Subset("A")
B: Any = Subset("B")
place = symbols("place", integer=True, positive=True)

HUNDREDTH = Rational(1, 100)


def entropy(f: Any, index: Any = i, size: Any = V) -> Any:
    return -over(xlogy(f, f), index, size)


JX, JY = over(J[i, j], j, n), over(J[i, j])
MIX = (p[i] + q[i]) / 2
KL = over(xlogy(p[i], p[i]) - xlogy(p[i], Q[i]))
INSIDE = over(A[i] * P[i])
NUCLEUS = A[i] * P[i] / INSIDE
TV = over(Abs(P[i] - Q[i])) / 2
ROWS = (equal(over(J[i, j], j, n), 1),)

IDENTITIES = {
    "chain rule with zeros": (
        -over(over(xlogy(p[i] * J[i, j], p[i] * J[i, j]), j, n)),
        entropy(p[i]) + over(p[i] * entropy(J[i, j], j, n)),
        ROWS,
    ),
    "cross-entropy with zeros": (over(xlogy(p[i], p[i] / Q[i])), KL, ()),
    "information with zeros": (
        over(over(xlogy(J[i, j], J[i, j]) - xlogy(J[i, j], JX) - xlogy(J[i, j], JY), j, n)),
        entropy(JX) + entropy(JY, j, n) + over(over(xlogy(J[i, j], J[i, j]), j, n)),
        (),
    ),
    "Jensen-Shannon with zeros": (
        over(xlogy(p[i], p[i]) - xlogy(p[i], MIX)) + over(xlogy(q[i], q[i]) - xlogy(q[i], MIX)),
        2 * entropy(MIX) - entropy(p[i]) - entropy(q[i]),
        (),
    ),
    "entropy of one state": (entropy(KroneckerDelta(i, k)), 0, ()),
    "an indicator twice": (over(A[i] ** 2 * P[i]), INSIDE, ()),
    "complement": (INSIDE + over((1 - A[i]) * P[i]), over(P[i]), ()),
    "divergence of a part": (over(xlogy(NUCLEUS, NUCLEUS / P[i])), -log(INSIDE), ()),
    "entropy of a part": (
        entropy(NUCLEUS),
        log(INSIDE) - over(A[i] * P[i] * log(P[i])) / INSIDE,
        (),
    ),
    "logarithm of a product": (log(Product(P[i], (i, 1, V))), over(log(P[i])), ()),
    "product of products": (
        Product(P[i] * Q[i], (i, 1, V)),
        Product(P[i], (i, 1, V)) * Product(Q[j], (j, 1, V)),
        (),
    ),
    "product of equals": (Product(T, (i, 1, V)), T**V, ()),
    "product from two": (P[k] * Product(T, (i, 2, V)), P[k] * T ** (V - 1), ()),
    "double product": (
        log(Product(R[i, j], (i, 1, V), (j, 1, n))),
        over(over(log(R[i, j])), j, n),
        (),
    ),
    "absolute value of a product": (Abs(s * t), Abs(s) * Abs(t), ()),
    "scaled distance": (over(Abs(T * x[i] - T * c)), T * over(Abs(c - x[i])), ()),
    "square": (Abs(s) ** 2, s**2, ()),
    "smaller and greater": (Min(s, t) + Max(s, t), s + t, ()),
    "product of extremes": (Min(s, t) * Max(s, t), s * t, ()),
    "three": (Min(s, t, c), Min(Min(c, t), s), ()),
    "overlap": (1 - over(Min(P[i], Q[i])), TV, normalised(P, Q)),
    "surplus": (over(Max(P[i] - Q[i], 0)), TV, normalised(P, Q)),
    "one factor apart": (Product(1 + KroneckerDelta(i, k) * T, (i, 1, V)), 1 + T, ()),
    "an indicator to a power": (over(A[i] ** T * P[i]), INSIDE, ()),
    "truncated, then tempered": (
        over((A[i] * P[i] / INSIDE) ** T),
        over(A[i] * P[i] ** T) / INSIDE**T,
        (),
    ),
    "slope of an entropy": (by(entropy(p[i]), p[k]), -log(p[k]) - 1, ()),
}
SLIPS = {
    "chain rule without the weight": (
        -over(over(xlogy(p[i] * J[i, j], p[i] * J[i, j]), j, n)),
        entropy(p[i]) + over(entropy(J[i, j], j, n)),
        ROWS,
    ),
    "entropy of two states": (entropy(KroneckerDelta(i, k) + KroneckerDelta(i, l)), 0, ()),
    "indicators of two subsets": (over(A[i] * B[i]), over(A[i]), ()),
    "a number is no indicator": (over(p[i] ** 2), over(p[i]), ()),
    "divergence of a part, sign": (over(xlogy(NUCLEUS, NUCLEUS / P[i])), log(INSIDE), ()),
    "two factors apart": (
        Product(1 + KroneckerDelta(i, k) * T + KroneckerDelta(i, l) * T, (i, 1, V)),
        (1 + T) ** 2,
        (),
    ),
    "an indicator to any power": (A[k] ** s, A[k], ()),
    "no mass": (over(A[i]), 0, (equal(INSIDE, 0), equal(over(B[i]), 0))),
    "xlogy of another": (xlogy(p[k], p[k]), xlogy(p[k], q[k]), ()),
    "product of sums": (Product(P[i] + Q[i], (i, 1, V)), over(P[i]) + over(Q[i]), ()),
    "product over another range": (Product(T, (i, 1, V)), T**n, ()),
    "product and sum": (log(Product(P[i], (i, 1, V))), log(over(P[i])), ()),
    "root without bars": (Abs(s), s, ()),
    "absolute value of a sum": (over(Abs(x[i])), Abs(over(x[i])), ()),
    "smaller of other ranges": (over(Min(x[i], s)), over(Min(x[j], s), j, n), ()),
    "min is max": (Min(s, t), Max(s, t), ()),
    "overlap without halves": (1 - over(Min(P[i], Q[i])), 2 * TV, normalised(P, Q)),
    "slope of a bar": (by(Abs(s), s), 1, ()),
    "slope by an indicator": (by(A[k] ** 2, A[k]), 2 * A[k], ()),
    "factor zero out of a bar": (Abs(c * s), c * Abs(s), ()),
}


@pytest.mark.parametrize("name", IDENTITIES)
def test_identity(name: str) -> None:
    left, right, assuming = IDENTITIES[name]
    proved(equal(left, right), assuming)
    fails(equal(left + HUNDREDTH, right), assuming)


@pytest.mark.parametrize("name", SLIPS)
def test_slip(name: str) -> None:
    left, right, assuming = SLIPS[name]
    fails(equal(left, right), assuming)


INEQUALITIES = {
    "Gibbs with zeros": (0, KL, normalised(p, Q)),
    "entropy with zeros from above": (entropy(p[i]), log(V), normalised(p)),
    "entropy with zeros from below": (0, entropy(p[i]), normalised(p)),
    "variational with zeros": (
        -T * log(over(exp(-E[j] / T), j)),
        over(p[i] * E[i]) - T * entropy(p[i]),
        normalised(p),
    ),
    "a part": (INSIDE, 1, normalised(P)),
    "bar": (-s, Abs(s), ()),
    "smaller": (Min(s, t), t, ()),
    "greater": (t, Max(s, t), ()),
    "triangle": (Abs(s + t), Abs(s) + Abs(t), ()),
    "triangle of distributions": (
        over(Abs(p[i] - q[i])),
        over(Abs(p[i] - m[i])) + over(Abs(m[i] - q[i])),
        (),
    ),
    "total variation": (TV, 1, normalised(P, Q)),
}


@pytest.mark.parametrize("name", INEQUALITIES)
def test_inequality(name: str) -> None:
    left, right, assuming = INEQUALITIES[name]
    proved(le(left, right), assuming)


@pytest.mark.parametrize("name", INEQUALITIES)
def test_inequality_a_hundredth_stronger_or_reversed(name: str) -> None:
    left, right, assuming = INEQUALITIES[name]
    fails(le(left + HUNDREDTH, right), assuming)
    fails(le(right, left), assuming)


def test_hypotheses_that_make_an_inequality_true_are_needed() -> None:
    fails(le(0, KL), normalised(p))
    fails(le(entropy(p[i]), log(V)))
    fails(le(0, entropy(p[i])))
    fails(le(TV, 1), normalised(P))


def test_what_has_no_value_is_printed() -> None:
    """A divergence where q has no mass, and the slope of p ln p where p is zero."""
    (words,) = proved(equal(over(xlogy(p[i], q[i])) + c, c + over(xlogy(p[i], q[i])))).where
    assert words == "q[any1] is positive where p[any1] is not 0"
    assert "p[k] is positive" in proved(equal(by(xlogy(p[k], p[k]), p[k]), log(p[k]) + 1)).where
    fails(equal(xlogy(T, s - s) + d, d + xlogy(T, t - t)))


def test_a_product_of_what_may_be_negative_is_not_spoken_of() -> None:
    """It has a value, and may be negative: the exponential of a sum of logarithms is neither."""
    whole, positive = Product(x[i], (i, 1, V)), Gt(x[k], 0, evaluate=False)
    for claim in (le(0, whole), equal(whole, sqrt(Product(x[i] ** 2, (i, 1, V))))):
        assert "positive" in fails(claim)
        assert proved(claim, (positive,)).hypotheses_used == (positive,)
    assert "positive" in fails(lt(0, Product(p[i], (i, 1, V))))


def test_a_size_is_not_declared_negative_or_possibly_zero() -> None:
    for declared in ({"negative": True}, {"nonnegative": True}):
        size = Symbol("size", integer=True, **declared)
        assert "not declared positive" in fails(lt(0, over(P[i], i, size)))


def test_names_of_entries_and_subsets_are_told_apart() -> None:
    reason = fails(equal(over(A[i]), over(IndexedBase("A", real=True)[i])))
    assert "two different symbols" in reason
