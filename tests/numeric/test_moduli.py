"""Divergences and geodesics on the closed simplex against Arb: near, at zeros, near order one."""

import numpy as np
import pytest
import torch
from arb_reference import in_balls
from flint import arb

import numeric
from numeric import moduli

REACHED = 1e-12
ALPHAS = (-3, -1 - 1e-12, -1, -1 + 1e-9, -0.3, 0, 0.7, 1 - 1e-10, 1, 1 + 1e-6, 2.5)
ORDERS = (0, 1e-9, 0.2, 0.5, 0.9, 1 - 1e-10, 1, 1 + 1e-12, 1 + 1e-7, 1.5, 2, 7)


def _weights(row, logits):
    exact = [arb(float(v)) for v in row if not np.isneginf(v)] if logits else map(arb, row)
    found = iter([v.exp() for v in exact] if logits else exact)
    weights = [arb(0) if logits and np.isneginf(v) else next(found) for v in map(float, row)]
    total = sum(weights, arb(0))
    return [w / total for w in weights]


def _power(base, exponent):
    if base > 0:
        return (exponent * base.log()).exp()
    return arb(1) if exponent == 0 else arb(0) if exponent > 0 else arb("inf")


def _relative(p, q):
    return sum((x * (x / y).log() for x, y in zip(p, q, strict=True) if x > 0), arb(0))


@in_balls
def exact_alpha(row, other, alpha, logits):
    p, q = _weights(row, logits), _weights(other, logits)
    if abs(alpha) == 1:
        return float(_relative(p, q) if alpha == -1 else _relative(q, p))
    a = arb(alpha)
    terms = (_power(x, (1 - a) / 2) * _power(y, (1 + a) / 2) for x, y in zip(p, q, strict=True))
    return float(4 / (1 - a * a) * (1 - sum(terms, arb(0))))


@in_balls
def exact_renyi(row, other, order, logits):
    p, q = _weights(row, logits), _weights(other, logits)
    if order == 1:
        return float(_relative(p, q))
    a = arb(order)
    powers = (_power(x, a) * _power(y, 1 - a) for x, y in zip(p, q, strict=True))
    return float(sum(powers, arb(0)).log() / (a - 1))


@in_balls
def exact_variation(row, other, logits):
    p, q = _weights(row, logits), _weights(other, logits)
    return float(sum((abs(x - y) for x, y in zip(p, q, strict=True)), arb(0)) / 2)


def pairs(logits, count=12, seed=0):
    """Random pairs from a perturbation of 1e-12 on to different ones, far apart as logits."""
    rng = np.random.default_rng(seed)
    for spread, step in [(s, e) for s in (1, 5, 40) for e in (1e-12, 1e-9, 1e-3, 1, 20)][:count]:
        x = spread * rng.normal(size=int(rng.integers(2, 10)))
        y = x + step * rng.normal(size=len(x))
        if logits:
            yield x, y + rng.choice([0.0, 100.0])
        else:
            p = np.exp(x - x.max())
            q = p * np.exp(y - x)
            yield p / p.sum(), q / q.sum()


def relative_error(value, right):
    return 0 if value == right else abs(value / right - 1)


@pytest.mark.parametrize("logits", [True, False])
def test_divergences_agree_with_arb_at_all_orders(logits):
    for p, q in pairs(logits, 15):
        for alpha in ALPHAS:
            value = moduli.alpha_divergence(p, q, alpha, logits=logits)
            assert relative_error(value, exact_alpha(p, q, alpha, logits)) <= REACHED, alpha
        for order in ORDERS[1:]:
            value = moduli.renyi_divergence(p, q, order, logits=logits)
            assert relative_error(value, exact_renyi(p, q, order, logits)) <= REACHED, order


def test_special_values_are_those_of_the_alpha_divergence():
    for p, q in pairs(logits=False):
        distance = exact_alpha(p, q, 0, False) / 4
        assert relative_error(moduli.squared_hellinger_distance(p, q), distance) <= REACHED
        square = 2 * exact_alpha(p, q, -3, False)
        assert relative_error(moduli.chi_square_divergence(p, q), square) <= REACHED
        cosine = moduli.bhattacharyya_coefficient(p, q)
        assert cosine == pytest.approx(1 - distance, rel=1e-14, abs=1e-15)


def test_total_variation_keeps_its_digits():
    for x, y in pairs(logits=True, count=15):
        value = numeric.total_variation_distance(x, y)
        assert relative_error(value, exact_variation(x, y, True)) <= REACHED


def test_a_plain_formula_near_order_one_would_not_pass():
    p, q = np.array([0.2, 0.3, 0.5]), np.array([0.3, 0.3, 0.4])
    order = 1 + 1e-7
    plain = np.log((p**order * q ** (1 - order)).sum()) / (order - 1)
    assert relative_error(plain, exact_renyi(p, q, order, False)) > REACHED


def test_the_size_of_a_vocabulary_and_a_perturbation_of_1e_9():
    rng = np.random.default_rng(1)
    x = 4 * rng.normal(size=49_152)
    y = x + 1e-9 * rng.normal(size=len(x))
    for alpha in (-1, 0, 1 - 1e-9):
        value = moduli.alpha_divergence(x, y, alpha, logits=True)
        assert relative_error(value, exact_near(x, y)) <= 1e-8  # third order is left out there
    alike = moduli.squared_hellinger_distance(x, y, logits=True)
    assert 8 * alike == pytest.approx(2 * moduli.alpha_divergence(x, y, 0, logits=True), rel=1e-13)


def exact_near(x, y):
    """Half the variance of the difference of logits: every divergence up to third order."""
    p = np.exp(x - x.max()).astype(np.longdouble)
    p /= p.sum()
    d = y.astype(np.longdouble) - x.astype(np.longdouble)
    return float((p * (d - (p * d).sum()) ** 2).sum() / 2)


def test_zeros_give_infinity_where_it_is_the_value():
    p, q = np.array([0.5, 0.5, 0.0]), np.array([0.25, 0.25, 0.5])
    assert moduli.alpha_divergence(p, q, -1) == pytest.approx(np.log(2))
    assert moduli.alpha_divergence(q, p, -1) == np.inf == moduli.chi_square_divergence(q, p)
    assert moduli.renyi_divergence(q, p, 2) == np.inf == moduli.renyi_divergence(q, p, np.inf)
    assert moduli.renyi_divergence(p, q, np.inf) == pytest.approx(np.log(2))
    assert moduli.renyi_divergence(p, q, 0) == pytest.approx(np.log(2))
    assert moduli.renyi_divergence(q, p, 0) == 0
    for alpha in (-3, -0.5, 0, 0.5):
        right = exact_alpha(p, q, alpha, False)
        assert relative_error(moduli.alpha_divergence(p, q, alpha), right) <= REACHED
    apart = np.array([1.0, 0.0]), np.array([0.0, 1.0])
    assert moduli.bhattacharyya_coefficient(*apart) == 0
    assert moduli.squared_hellinger_distance(*apart) == 1
    assert moduli.alpha_divergence(*apart, 0.5) == pytest.approx(4 / (1 - 0.25))
    assert moduli.renyi_divergence(*apart, 0.5) == np.inf
    masked = np.array([0.0, -np.inf, 1.0]), np.array([0.0, -np.inf, 1.0 + 1e-9])
    value = moduli.alpha_divergence(*masked, 0, logits=True)
    assert relative_error(value, exact_alpha(*masked, 0, True)) <= REACHED


def test_geodesics_run_from_one_to_the_other():
    p, q = np.array([0.7, 0.2, 0.1]), np.array([0.1, 0.3, 0.6])
    for path in (
        moduli.exponential_geodesic,
        moduli.mixture_geodesic,
        moduli.metric_geodesic,
    ):
        ends = [path(p, q, t) for t in (0, 0.3, 1)]
        assert np.allclose(ends[0], p, atol=1e-15) and np.allclose(ends[2], q, atol=1e-15)
        assert ends[1].sum() == pytest.approx(1, abs=1e-14)
    whole = numeric.fisher_rao_distance(np.log(p), np.log(q))
    for t in (0.25, 0.5):
        there = moduli.metric_geodesic(p, q, t)
        part = numeric.fisher_rao_distance(np.log(p), np.log(there))
        assert part == pytest.approx(t * whole, rel=1e-13)
    assert np.allclose(moduli.metric_geodesic(p, p, 0.5), p, rtol=1e-15)


def test_the_fisher_norm_is_the_speed_of_geodesics():
    p, q = np.array([0.7, 0.2, 0.1]), np.array([0.1, 0.3, 0.6])
    step = 1e-5
    change = (moduli.metric_geodesic(p, q, step) - p) / step
    assert moduli.fisher_norm(p, change) == pytest.approx(
        numeric.fisher_rao_distance(np.log(p), np.log(q)), rel=1e-4
    )
    assert moduli.fisher_norm(np.array([1.0, 0.0]), np.array([-1.0, 1.0])) == np.inf
    assert moduli.fisher_norm(np.array([1.0, 0.0]), np.array([1e-300, 0.0])) == 1e-300


def test_rows_broadcast_and_kinds_are_kept():
    p = torch.tensor([[0.5, 0.5], [0.9, 0.1]])
    value = numeric.renyi_divergence(p, p[:1], 2)
    assert value.shape == (2,) and value.dtype == torch.float32 and value[0] == 0


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: moduli.alpha_divergence(BAD, GOOD, 0), "sum to one, got 1.2 in row 1"),
        (lambda: moduli.renyi_divergence(LOST, GOOD, 2, logits=True), "every token masked"),
        (lambda: moduli.alpha_divergence(GOOD, -GOOD, 0), "q: expected probabilities >= 0"),
        (lambda: moduli.renyi_divergence(GOOD, GOOD, -1), "order: expected a number >= 0"),
        (lambda: moduli.alpha_divergence(GOOD, GOOD, np.nan), "alpha: expected a finite"),
        (lambda: moduli.metric_geodesic(GOOD, GOOD, 2), r"place: expected a number in \[0, 1\]"),
        (lambda: moduli.mixture_geodesic(GOOD, GOOD[::-1], 9), "the line leaves the simplex"),
        (lambda: moduli.exponential_geodesic(EDGE, EDGE[:, ::-1], 0.5), "both allow, got none"),
        (lambda: moduli.exponential_geodesic(EDGE, GOOD, 2), "where supports differ"),
        (lambda: moduli.fisher_norm(GOOD, GOOD * np.nan), "change: expected finite numbers"),
        (lambda: moduli.fisher_norm(GOOD, np.ones(3)), "not rows of one vocabulary"),
        (lambda: moduli.alpha_divergence(GOOD, torch.ones(2), 0), "both torch or both NumPy"),
    ],
)
def test_bad_input_is_refused_in_words(call, says):
    with pytest.raises(ValueError, match=says):
        call()


GOOD = np.array([[0.5, 0.5], [0.25, 0.75]])
BAD = np.array([[0.5, 0.5], [0.5, 0.7]])
LOST = np.array([[0.0, 0.0], [-np.inf, -np.inf]])
EDGE = np.array([[1.0, 0.0], [0.0, 1.0]])
