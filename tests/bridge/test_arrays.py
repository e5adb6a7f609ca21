"""The evaluator on arrays against Arb: its values lie within the errors that it claims."""

import math

import pytest
import torch
from flint import arb
from sampled import sampled
from sympy import (
    Derivative,
    Eq,
    IndexedBase,
    Integral,
    KroneckerDelta,
    Sum,
    Symbol,
    cos,
    erf,
    exp,
    log,
    pi,
    sin,
    tan,
)

from bridge.arrays import Evaluation
from bridge.ball_numbers import UndefinedError
from bridge.balls import evaluate_balls
from bridge.confront import confront
from bridge.domain import Domain
from bridge.measured import (
    Measured,
    UnsupportedError,
    add,
    contract,
    exponential,
    logarithm,
    multiply,
    power,
)
from bridge.strategies import Recipe, assign
from bridge.strings import is_about_strings
from bridge.tightness import tighten
from formal import statements
from formal.boltzmann import E, F, S, T, U, entropy, heat_capacity, internal_energy
from formal.symbols import Maximum, V, i, j, k, q, x

STATEMENTS = statements()
CLAIMS = {
    name: s
    for name, s in ((name, STATEMENTS[name]) for name in sampled(STATEMENTS))
    if s.kind in ("identity", "inequality")
    and not is_about_strings(s)
    and not s.claim.has(Integral)
    and not Domain(s.claim, s.domain).distributions
}


def inputs(claim, dtype=torch.float64, hypotheses=(), rows=6, states=4):
    domain = Domain(claim, tuple(hypotheses))
    return assign(domain, Recipe(states, ("normal", "ties"), 7, rows), dtype)


def enclosures(expression, at, row, axes=()):
    """The expression in balls at a row, one value per value of its free index."""
    values = {**at.sizes}
    values |= {symbol: float(v[row]) for symbol, v in at.scalars.items()}
    values |= {family: t[row].tolist() for family, t in at.families.items()}
    if not axes:
        return [evaluate_balls(expression, values)]
    (index,) = axes
    return [evaluate_balls(expression, {**values, index: n + 1}) for n in range(at.sizes[V])]


@pytest.mark.parametrize("name", CLAIMS)
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32], ids=["float64", "float32"])
def test_values_lie_within_their_errors(name, dtype):
    statement = STATEMENTS[name]
    at = inputs(statement.claim, dtype, statement.domain)
    for side in statement.claim.args:
        try:
            found = Evaluation(at)(side)
        except UnsupportedError:
            assert not statement.quantities  # then no oracle asks for it
            continue
        if len(found.axes) > 1:
            continue
        within = found.value.isfinite().any() and dtype == torch.float64
        assert bool(found.error.isfinite().any()) or not within
        for row in range(at.rows):
            values = found.value[row].detach().reshape(-1).tolist()
            errors = found.error[row].reshape(-1).tolist()
            try:
                balls = enclosures(side, at, row, found.axes)
            except UndefinedError:  # outside the hypotheses, which are not looked at here
                assert statement.domain
                continue
            for value, error, ball in zip(values, errors, balls, strict=True):
                if not math.isfinite(error):
                    continue  # out of the range of the dtype: never taken for decided
                off = float(abs(arb(value) - ball).upper())
                assert off <= error, (side, value, ball.str(17), off, error)


def test_derivatives_by_entries_of_a_table_lie_within_their_errors():
    name = "reading_weights_mul_deriv_loss_eq_writing_weight_mul_deriv_loss"
    test_values_lie_within_their_errors(name, torch.float64)


def test_an_error_that_was_forgotten_is_seen():
    """The same comparison without the errors fails: it is not true by its width."""
    at = inputs(Eq(F, U), torch.float32)
    found = Evaluation(at)(entropy(E, T))
    ball = enclosures(entropy(E, T), at, 0)[0]
    assert float(abs(arb(float(found.value[0])) - ball).upper()) > 0
    assert float(found.error.max()) < 1e-2


def test_sums_of_products_are_contracted():
    at = inputs(Eq(Sum(E[i] * E[j] * x[i], (i, 1, V), (j, 1, V)), 0), rows=2)
    found = Evaluation(at)(Sum(E[i] * E[j] * x[i], (i, 1, V), (j, 1, V)))
    energies, logits = at.families[E], at.families[x]
    expected = (energies * logits).sum(1) * energies.sum(1)
    assert torch.allclose(found.value, expected, rtol=1e-12)


def test_free_indices_become_axes():
    at = inputs(Eq(E[k] * KroneckerDelta(k, 2), 0))
    found = Evaluation(at)(E[k] * KroneckerDelta(k, 2))
    assert found.axes == (k,) and torch.equal(found.value[:, 1], at.families[E][:, 1])
    assert not found.value[:, [0, 2, 3]].any()


def test_derivatives_are_those_of_the_code():
    claim = Eq(Derivative(internal_energy(E, T), T), heat_capacity(E, T))
    at = inputs(claim)
    step = 1e-5
    t = at.scalars[T]

    def energy(t):
        return Evaluation(assign_scalar(at, t))(internal_energy(E, T)).value

    def assign_scalar(at, t):
        from dataclasses import replace

        return replace(at, scalars={T: t})

    slope = (energy(t + step * t) - energy(t - step * t)) / (2 * step * t)
    assert torch.allclose(Evaluation(at)(claim.lhs).value.detach(), slope, rtol=1e-7, atol=1e-9)


def test_integrals_by_quadrature():
    claim = Eq(Integral(1 / T, (T, Symbol("T_1", positive=True), Symbol("T_2", positive=True))), S)
    at = inputs(claim)
    low, high = (at.scalars[Symbol(name, positive=True)] for name in ("T_1", "T_2"))
    found = Evaluation(at)(claim.lhs)
    assert torch.allclose(found.value, (high / low).log(), rtol=1e-12)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32], ids=["float64", "float32"])
def test_sines_lie_within_their_errors(dtype):
    side = sin(3 * T) + cos(pi / T) * tan(1 / T)
    at = inputs(Eq(S, T), dtype)
    found = Evaluation(at)(side)
    for row, value in enumerate(found.value.tolist()):
        off = float(abs(arb(value) - enclosures(side, at, row)[0]).upper())
        assert off <= float(found.error[row]) < 1


def test_an_equation_of_numbers_is_evaluated():
    at = inputs(Eq(cos(pi / 3, evaluate=False), 0))
    found = Evaluation(at)(cos(pi / 3, evaluate=False))
    assert found.value.shape == (at.rows,) and torch.allclose(found.value, 0.5 + 0 * found.value)


def test_what_is_not_known_is_said():
    at = inputs(Eq(F, U))
    with pytest.raises(UnsupportedError, match="erf"):
        Evaluation(at)(erf(T))
    with pytest.raises(UnsupportedError, match="from 2"):
        Evaluation(at)(Sum(E[i], (i, 2, V)))
    with pytest.raises(UnsupportedError, match="no value for y"):
        Evaluation(at)(Symbol("y", positive=True))


def test_maximum_of_a_family():
    at = inputs(Eq(Maximum(x[i], (i, 1, V)), 0))
    found = Evaluation(at)(Maximum(x[i], (i, 1, V)))
    assert torch.equal(found.value, at.families[x].amax(1))


def test_running_errors_are_first_order():
    one = Measured(torch.tensor([3.0]), torch.tensor([1e-3]))
    two = Measured(torch.tensor([2.0]), torch.tensor([2e-3]))
    assert float(add(one, two).error) == pytest.approx(3e-3, rel=1e-3)
    assert float(multiply(one, two).error) == pytest.approx(8e-3, rel=1e-3)
    assert float(logarithm(one).error) == pytest.approx(1e-3 / 3, rel=1e-2)
    assert float(exponential(one).error) == pytest.approx(20.0855 * 1e-3, rel=1e-2)
    exact = Measured.exact(torch.tensor([2.0]))
    assert float(power(one, exact).error) == pytest.approx(6e-3, rel=1e-2)


@pytest.mark.parametrize("length", [64, 49_152, 1 << 20])
def test_a_long_sum_lies_within_its_error(length):
    terms = [torch.full((1, length), value, dtype=torch.float32) for value in (0.1, 0.3)]
    found = contract([Measured.exact(t, (i,)) for t in terms], i, length, 1)
    exact = float(terms[0][0, 0].double() * terms[1][0, 0].double()) * length
    assert abs(float(found.value) - exact) <= float(found.error)


@pytest.mark.parametrize("exponent", [0.5, 2.0, -1.0, -0.5])
def test_the_error_of_a_power_covers_both_ends_of_its_base(exponent):
    base = Measured(torch.tensor([1.0]), torch.tensor([0.75]))
    error = float(power(base, Measured.exact(torch.tensor([exponent]))).error)
    assert error >= max(abs(end**exponent - 1) for end in (0.25, 1.75))


def test_tight_points_are_equalities():
    statement = statements()["entropy_le_log_card"]
    at = tighten(inputs(statement.claim), statement.tight_at)
    seen = confront(statement.claim, Evaluation(at))
    assert bool((seen.residual.abs() < 1e-12).all()) and seen.moved_is_seen


def test_a_distribution_at_its_tight_point_keeps_its_logarithms():
    statement = statements()["free_energy_le_mean_energy_sub_temperature_mul_entropy"]
    at = inputs(statement.claim, hypotheses=statement.domain)
    moved = tighten(at, statement.tight_at)
    assert torch.allclose(moved.logarithms[q].exp(), moved.families[q])
    weights = (-at.families[E] / at.scalars[T][:, None]).softmax(-1)
    assert torch.allclose(moved.families[q], weights)


def test_a_scalar_expression_of_quantities():
    at = inputs(Eq(exp(log(T)) * IndexedBase("E", real=True)[1], 0))
    found = Evaluation(at)(exp(log(T)) * E[1])
    assert torch.allclose(found.value, at.scalars[T] * at.families[E][:, 0])
