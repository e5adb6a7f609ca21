"""Products, extrema of two, |x|, x ln x with zeros, and subsets: in balls and on arrays."""

from fractions import Fraction
from typing import Any

import pytest
import torch
from flint import arb, ctx
from sympy import (
    Abs,
    Derivative,
    Eq,
    Ge,
    IndexedBase,
    Integral,
    Le,
    Lt,
    Max,
    Min,
    Product,
    Rational,
    Sum,
    log,
)

from bridge import Status
from bridge.arrays import Evaluation
from bridge.ball_numbers import UndefinedError
from bridge.ball_oracle import ball_evidence
from bridge.balls import evaluate_balls
from bridge.domain import Domain
from bridge.points import draws
from bridge.property_oracle import property_evidence
from bridge.strategies import Recipe, assign
from formal.functions import Subset, xlogy
from formal.statement import simplex
from formal.symbols import E, T, V, a, b, c, d, i, j, k, n, q, r, x

A, B = Subset("A"), Subset("B")
p = IndexedBase("p", nonnegative=True)
ZEROS = {p: [0, Fraction(1, 2), Fraction(1, 2)], V: 3, A: [1, 1, 0]}


def equal(left: Any, right: Any) -> Any:
    """An equality that SymPy leaves alone."""
    return Eq(left, right, evaluate=False)


def total(summand: Any, index: Any = i) -> Any:
    """A sum over the vocabulary."""
    return Sum(summand, (index, 1, V))


@pytest.mark.parametrize(
    ("expression", "exact"),
    [
        (-total(xlogy(p[i], p[i])), lambda: arb(2).log()),
        (total(xlogy(A[i] * p[i], p[i])), lambda: -arb(2).log() / 2),
        (xlogy(p[1], -1), lambda: arb(0)),
        (total(A[i] * (1 - A[i])), lambda: arb(0)),
        (Product(p[i] + 1, (i, 1, V)), lambda: arb(9) / 4),
        (total(Min(p[i], Rational(1, 4))), lambda: arb(1) / 2),
        (total(Max(p[i], A[i])), lambda: arb(5) / 2),
        (total(Abs(p[i] - A[i])), lambda: arb(2)),
        (Derivative(total(xlogy(p[i], q[i])), p[1]), lambda: arb(3).log()),
        (Derivative(xlogy(p[2] ** 2, p[2]), p[2]), lambda: arb(1) / 2 - arb(2).log()),
        (Derivative(Min(p[2], 2 * p[1] + 3 * p[3]), p[2]), lambda: arb(1)),
        (Integral(xlogy(T, T), (T, 1, 2)), lambda: 2 * arb(2).log() - arb(3) / 4),
    ],
)
def test_closed_forms(expression, exact):
    with ctx.workprec(333):
        found = evaluate_balls(expression, {**ZEROS, q: [3, 1, 2]})
        assert found.overlaps(exact()) and bool(abs(found - exact()) < arb(10) ** -50)


@pytest.mark.parametrize(
    "expression",
    [
        xlogy(p[2], p[1]),
        xlogy(p[2], -1),
        Derivative(xlogy(p[1], p[1]), p[1]),
        Derivative(Min(p[2], p[3]), p[2]),
        1 / total((1 - A[i]) * p[1]),
    ],
)
def test_what_has_no_value_is_undefined(expression):
    with pytest.raises(UndefinedError):
        evaluate_balls(expression, ZEROS)


def test_points_with_zeros_and_every_kind_of_subset():
    cases = draws(Le(total(A[i] * p[i]), 1), simplex(p)).cases
    sizes = [(sum(case.point.values[A]), case.size) for case in cases]
    assert {0, 1} >= {entry for case in cases for entry in case.point.values[A]}
    assert any(count == 0 for count, _ in sizes) and any(count == V_ for count, V_ in sizes)
    assert any(0 < count < V_ for count, V_ in sizes)
    assert any(0 in case.point.values[p] for case in cases)
    assert all(sum(case.point.values[p]) == 1 for case in cases)


def test_a_hypothesis_leaves_the_empty_subset_out():
    found = draws(Le(total(A[i]), V), (Lt(0, total(A[i] * q[i]), evaluate=False),))
    assert found.rejected and all(sum(case.point.values[A]) > 0 for case in found.cases)


def test_batches_with_zeros_and_every_kind_of_subset():
    claim = Le(total(A[i] * p[i]), 1, evaluate=False)
    at = assign(Domain(claim, simplex(p)), Recipe(5, ("normal",), 1, 16), torch.float64)
    counts = at.families[A].sum(1)
    assert bool((counts == 5).any() and (counts < 5).any())
    assert set(at.families[A].unique().tolist()) == {0.0, 1.0}
    assert bool((at.families[p] == 0).any())
    assert torch.allclose(at.families[p].sum(1), torch.ones(16, dtype=torch.float64))


EXPRESSIONS = [
    total(xlogy(p[i], p[i])),
    total(xlogy(A[i] * p[i], p[i] / total(A[j] * p[j], j) + 1)),
    Product(1 + p[i] * q[i], (i, 1, V)),
    log(Product(q[i] / 3, (i, 1, V))),
    total(Min(p[i], q[i], A[i])) + total(Max(p[i], q[i])) + total(Abs(p[i] - x[i])),
]


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32], ids=["float64", "float32"])
@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_values_on_arrays_lie_within_their_errors(expression, dtype):
    at = assign(Domain(equal(expression, 0)), Recipe(5, ("normal", "ties"), 4, 6), dtype)
    found = Evaluation(at)(expression)
    for row in range(at.rows):
        values = {V: 5, **{family: t[row].tolist() for family, t in at.families.items()}}
        off = abs(arb(float(found.value[row])) - evaluate_balls(expression, values))
        assert float(off.upper()) <= float(found.error[row])
        assert float(found.error[row]) < 1e-3 * (1 + abs(float(found.value[row])))


@pytest.mark.parametrize(
    ("right", "assuming"),
    [
        (equal(total(Min(q[i], r[i])), 1 - total(Abs(q[i] - r[i])) / 2), simplex(q, r)),
        (equal(Max(T, c) - Min(T, c), Abs(T - c)), ()),
        (equal(log(Product(q[i], (i, 1, V))), total(log(q[i]))), ()),
        (equal(Product(q[i] * r[i], (i, 1, n)), Product(q[i], (i, 1, n)) * r[1]), (Eq(n, 1),)),
        (Le(0, -total(xlogy(p[i], p[i])), evaluate=False), simplex(p)),
        (equal(total(A[i] * x[i]) + total((1 - A[i]) * x[i]), total(x[i])), ()),
        (equal(A[k] ** 2, A[k]), ()),
    ],
)
def test_truths_are_supported_by_balls(right, assuming):
    assert ball_evidence(right, assuming).status is Status.SUPPORTED


SLIPS = {
    "overlap without half": (
        equal(total(Min(q[i], r[i])), 1 - total(Abs(q[i] - r[i]))),
        simplex(q, r),
    ),
    "maxima are normalized": (equal(total(Max(q[i], r[i])), 1), simplex(q, r)),
    "product of a sum": (
        equal(
            Product(q[i] + r[i], (i, 1, V)), Product(q[i], (i, 1, V)) + Product(r[i], (i, 1, V))
        ),
        (),
    ),
    "logarithm of a product": (equal(log(Product(q[i], (i, 1, V))), log(total(q[i]))), ()),
    "absolute value left out": (equal(total(Abs(x[i])), total(x[i])), ()),
    "entropy of zeros": (Ge(-total(xlogy(p[i], p[i])), log(V), evaluate=False), simplex(p)),
    "overlapping subsets add": (
        equal(total((A[i] + B[i] - A[i] * B[i]) * q[i]), total((A[i] + B[i]) * q[i])),
        (),
    ),
    "subset is everything": (equal(total(A[i] * q[i]), 1), simplex(q)),
    "two sizes are one": (
        equal(
            d * Sum(Sum(E[a] * x[b], (b, 1, d)), (a, 1, n)),
            n * Sum(E[a], (a, 1, n)) * Sum(x[b], (b, 1, d)),
        ),
        (),
    ),
}


@pytest.mark.parametrize("name", SLIPS)
def test_slips_are_refuted_with_a_small_witness(name):
    claim, assuming = SLIPS[name]
    found = ball_evidence(claim, assuming)
    assert found.status is Status.REFUTED and found.witness is not None, found
    assert int(found.witness.get("V", 1)) <= 3
    assert property_evidence(claim, assuming, examples=32).status is Status.REFUTED


def test_no_derivative_of_x_ln_x_is_taken_at_zero():
    claim = equal(Derivative(total(xlogy(p[i], p[i])), p[k]), log(p[k]) + 1)
    at = assign(Domain(claim, simplex(p)), Recipe(5, ("normal",), 1, 16), torch.float64)
    slope = Evaluation(at)(claim.lhs).value.detach()
    zero = at.families[p] == 0
    assert bool(zero.any()) and bool((slope.isfinite() == ~zero).all())
    assert torch.allclose(slope[~zero], at.families[p][~zero].log() + 1)


def test_a_family_over_two_sizes_at_once_is_not_evaluated_on_arrays():
    claim = equal(Sum(x[a], (a, 1, n)), Sum(x[b], (b, 1, d)))
    found = property_evidence(claim, examples=32)
    assert found.status is Status.UNKNOWN and "over n and over d" in found.detail
    assert ball_evidence(claim).status is Status.REFUTED
