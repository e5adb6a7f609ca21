"""Balls against closed forms, Arb's own series, finite differences and plain floats."""

import math
from fractions import Fraction
from time import perf_counter

import pytest
from flint import arb, arb_series, ctx, fmpq
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import (
    Abs,
    Derivative,
    IndexedBase,
    Integer,
    Integral,
    KroneckerDelta,
    Lambda,
    Product,
    Rational,
    Sum,
    acos,
    asin,
    cos,
    erf,
    exp,
    log,
    oo,
    pi,
    sin,
    sqrt,
    tan,
)

from bridge.ball_numbers import UndecidedError, UndefinedError, UnsupportedError
from bridge.balls import Evaluation, Point, evaluate_balls
from formal import boltzmann
from formal.moduli import fisher_rao_distance
from formal.symbols import T_1, T_2, A, E, Maximum, Minimum, T, V, beta, c, i, j, k, m, q, r, u, x

Z = Sum(exp(-E[i] / T), (i, 1, V))


def agree(left, right, digits=60):
    """Whether balls overlap, and are narrower than the digits asked for."""
    return left.overlaps(right) and bool(abs(left - right) < arb(10) ** -digits)


@pytest.mark.parametrize(
    ("expression", "exact"),
    [
        (Rational(1, 3) + Integer(2), lambda: arb(7) / 3),
        (exp(log(c)), lambda: arb(5)),
        (sqrt(c) ** 3, lambda: arb(5).sqrt() ** 3),
        (c ** Rational(-1, 3), lambda: 1 / arb(5).root(3)),
        (c**pi, lambda: (arb.pi() * arb(5).log()).exp()),
        (acos(1 / c) + asin(1 / c), lambda: arb.pi() / 2),
        (asin(log(2 * c) - log(c) - log(2)), lambda: arb(0)),
        (sin(c) + tan(pi / c), lambda: arb(5).sin() + (arb.pi() / 5).tan()),
        (Derivative(cos(c**2), c, c), lambda: -2 * arb(25).sin() - 100 * arb(25).cos()),
        (Derivative(tan(c), c), lambda: 1 + arb(5).tan() ** 2),
        (Integral(cos(c * T), (T, 0, pi)), lambda: arb(0)),
        (Abs(1 - c), lambda: arb(4)),
        (Sum(i * j, (j, 1, i), (i, 1, 4)), lambda: arb(65)),
        (Sum(Sum(i, (i, 1, i)), (i, 1, 3)), lambda: arb(10)),
        (Product(i, (i, 1, c)), lambda: arb(120)),
        (Sum(c, (i, 1, 3)), lambda: arb(15)),
        (Sum(i, (i, 1, 0)), lambda: arb(0)),
        (Minimum(Abs(i - 3), (i, 1, c)), lambda: arb(0)),
        (Maximum(Minimum(i * j, (j, 2, 3)), (i, 1, c)), lambda: arb(10)),
        (Sum(KroneckerDelta(i, 2) * i**3, (i, 1, c)), lambda: arb(8)),
    ],
)
def test_closed_forms(expression, exact):
    with ctx.workprec(333):
        assert agree(evaluate_balls(expression, {c: 5}), exact())


def test_precision_of_the_caller_is_left_alone():
    before = ctx.prec
    evaluate_balls(exp(c), {c: 1}, bits=1000)
    with pytest.raises(UndefinedError):
        evaluate_balls(log(c), {c: -1})
    assert ctx.prec == before


def test_more_bits_give_narrower_balls():
    assert evaluate_balls(exp(c), {c: 1}, 1000).rad() < arb(2) ** -990


rationals = st.fractions(min_value=-3, max_value=3, max_denominator=12)


@settings(deadline=None, max_examples=30)
@given(st.lists(rationals, min_size=1, max_size=5), st.fractions(Fraction(1, 7), 4))
def test_derivatives_in_beta_agree_with_arb_series(energies, at):
    """The Taylor coefficients of ln Z by Arb's power series, up to the fifth."""
    point = {E: energies, beta: at, V: len(energies)}
    log_z = log(Sum(exp(-beta * E[i]), (i, 1, V)))
    with ctx.workprec(333):
        ctx_cap, ctx.cap = ctx.cap, 6
        variable = arb_series([arb(fmpq(at.numerator, at.denominator)), 1])
        terms = ((variable * arb(fmpq(-e.numerator, e.denominator))).exp() for e in energies)
        series = sum(terms, arb_series([0])).log()
        ctx.cap = ctx_cap
        for order in range(1, 6):
            exact = series[order] * math.factorial(order)
            assert agree(evaluate_balls(Derivative(log_z, (beta, order)), point), exact)


@pytest.mark.parametrize(
    ("derivative", "closed"),
    [
        (Derivative(x[k] ** 2 * x[m], x[k]), 2 * x[k] * x[m]),
        (Derivative(x[k] ** 2 * x[m], x[m], x[k]), 2 * x[k]),
        (Derivative(Sum(x[i] ** 3, (i, 1, V)), x[k]), 3 * x[k] ** 2),
        (Derivative(Sum(x[i] * x[k], (i, 1, V)), x[k]), Sum(x[i], (i, 1, V)) + x[k]),
        (Sum(Derivative(Sum(x[j] ** 2, (j, 1, V)), x[i]), (i, 1, V)), 2 * Sum(x[i], (i, 1, V))),
        (Derivative(T**c, T), c * T ** (c - 1)),
        (Derivative(T**T, T), T**T * (log(T) + 1)),
        (Derivative(acos(1 / T), T), 1 / (T**2 * sqrt(1 - T**-2))),
        (Derivative(Abs(1 - T), T), Integer(1)),
        (Derivative(T * Derivative(T**3, T), T), 9 * T**2),
        (Derivative(c * Derivative(T * c**2, c), T), 2 * c**2),
        (Derivative(Maximum(x[i], (i, 1, V)), x[2]), Integer(1)),
        (Derivative(Product(x[i], (i, 1, V)), x[1]), x[2] * x[3]),
        (Derivative(Integral(T**2, (T, 1, c)), c), c**2),
        (Derivative(Integral(c * T**2, (T, 1, 2)), c), Rational(7, 3)),
        (Derivative(x[k], x[m]), Integer(0)),
        (Derivative(x[k], x[k]), Integer(1)),
    ],
)
def test_derivatives(derivative, closed):
    point = Point({x: [1, 5, Fraction(1, 3)], V: 3, T: 2, c: 3})
    evaluation = Evaluation(point)
    for at in ({k: 1, m: 2}, {k: 3, m: 1}):
        assert agree(evaluation.ball(derivative, at), evaluation.ball(closed, at))


def test_nested_derivatives_do_not_confuse_their_infinitesimals():
    """d/dx (x d/dy (x + y)) is 1; with one infinitesimal for both it would be 2."""
    nested = Derivative(T * Derivative(T + c, c), T)
    assert evaluate_balls(nested, {T: 1, c: 1}) == 1


def test_integrals():
    with ctx.workprec(333):
        assert agree(evaluate_balls(Integral(1 / T, (T, 1, c)), {c: 3}), arb(3).log())
        assert agree(evaluate_balls(Integral(T**-2, (T, 2, oo)), {}), arb(1) / 2)
        heat = Integral(boltzmann.C / T, (T, T_1, T_2))
        rise = boltzmann.entropy(E, T_2) - boltzmann.entropy(E, T_1)
        point = {E: [0, 1, 3], V: 3, T_1: Fraction(1, 2), T_2: 2}
        assert agree(evaluate_balls(heat, point), evaluate_balls(rise, point))


def test_integral_from_absolute_zero_to_infinite_temperature():
    heat = Integral(boltzmann.C / T, (T, 0, oo))
    value = evaluate_balls(heat, {E: [0, 1, 0], V: 3})
    with ctx.workprec(333):
        assert agree(value, arb(3).log() - arb(2).log(), 50)


@pytest.mark.parametrize(
    ("expression", "where"),
    [
        (log(-c), "log(-c)"),
        (log(c - 5), "log(c - 5)"),
        (1 / (c - 5), "1/(c - 5)"),
        (acos(c), "acos(c)"),
        (sqrt(-c), "sqrt(-c)"),
        (Sum(log(3 - i), (i, 1, V)), "log(3 - i)"),
        (E[V + 1], "E[V + 1]"),
        (Sum(i, (i, 1, Rational(1, 2))), "Sum(i, (i, 1, 1/2))"),
        (Derivative(Maximum(E[i], (i, 1, V)), E[1]), "Maximum(E[i], (i, 1, V))"),
    ],
)
def test_undefined_names_the_subexpression(expression, where):
    with pytest.raises(UndefinedError) as caught:
        evaluate_balls(1 + T * expression, {c: 5, V: 3, T: 1, E: [1, 1, 1]})
    assert caught.value.where == where


def test_nan_and_infinity_do_not_enter():
    for value in (math.nan, math.inf):
        with pytest.raises(UndefinedError):
            evaluate_balls(c, {c: value})


def test_a_ball_around_zero_is_not_zero():
    wide = evaluate_balls(asin(log(2 * c) - log(c) - log(2)), {c: 5})
    assert 0 in wide and not wide.is_zero()


def test_wide_balls_are_undecided_and_not_undefined():
    """ln of something positive by less than the precision can show."""
    tiny = log(exp(Rational(1, 2**200)) - 1)
    with pytest.raises(UndecidedError):
        evaluate_balls(tiny, {}, 100)
    assert evaluate_balls(tiny, {}, 400) < -138


def test_a_node_without_a_rule_and_a_name_without_a_value_are_unsupported():
    with pytest.raises(UnsupportedError, match="no rule for erf"):
        evaluate_balls(erf(c), {c: 1})
    with pytest.raises(UnsupportedError, match="no value for T"):
        evaluate_balls(c + T, {c: 1})


def test_ties_are_decided_exactly():
    point = {E: [Fraction(1, 3), Fraction(2, 6), 1], V: 3}
    assert evaluate_balls(boltzmann.ground_degeneracy(E), point) == 2
    with pytest.raises(UndecidedError):
        evaluate_balls(KroneckerDelta(exp(E[1]), exp(E[2])), point)


def test_the_overlap_of_a_distribution_with_itself_is_exactly_one():
    thirds = [Fraction(1, 3), Fraction(2, 3)]
    distance = fisher_rao_distance(q, r)
    assert evaluate_balls(distance, {q: thirds, r: thirds, V: 2}) == 0
    with pytest.raises(UndefinedError):
        evaluate_balls(distance, {q: [1, 1], r: [1, 1], V: 2})


def test_given_definitions_stand_for_symbols_and_families():
    shifted = Point({E: [1, 2], V: 2, c: 3}, {A: Lambda(i, E[i] + c), T: 1 / c, q: 1 / V, x: E})
    total = Sum(A[i] * q[i] * x[i], (i, 1, V)) / T
    assert evaluate_balls(total, shifted) == 21
    with pytest.raises(UnsupportedError, match="defined by itself"):
        evaluate_balls(c, Point({}, {c: T, T: c}))


def test_two_indices():
    y = IndexedBase("y")
    trace = Sum(Sum(u[i, j] * y[j, i], (j, 1, V)), (i, 1, V))
    assert evaluate_balls(trace, {u: [[1, 2], [3, 4]], y: [[5, 6], [7, 8]], V: 2}) == 69


def test_definitions_agree_with_floats():
    energies = [0.3, -1.7, 2.0, 0.25]
    weights = [math.exp(-e / 0.7) for e in energies]
    p = [w / math.fsum(weights) for w in weights]
    point = {E: energies, T: 0.7, V: 4}
    entropy = -math.fsum(a * math.log(a) for a in p)
    mean = math.fsum(a * e for a, e in zip(p, energies, strict=True))
    # a dozen roundings, of terms below 10
    assert abs(float(evaluate_balls(boltzmann.S, point)) - entropy) < 2.0**-52 * 100
    assert abs(float(evaluate_balls(boltzmann.U, point)) - mean) < 2.0**-52 * 100


def test_a_whole_vocabulary_of_floats():
    """V = 49,152: entropy in 0.3 s on an idle core; the limit leaves room for a busy one."""
    energies = [math.sin(n) * 7 for n in range(49152)]
    start = perf_counter()
    entropy = evaluate_balls(boltzmann.S, {E: energies, T: 1.0, V: len(energies)})
    assert perf_counter() - start < 6
    assert entropy.rad() < arb(10) ** -80
    z = math.fsum(math.exp(-e) for e in energies)
    reference = math.fsum(math.exp(-e) / z * (e + math.log(z)) for e in energies)
    assert abs(float(entropy) - reference) < 1e-12
