"""Sums written out at V = 2 and 3: SymPy's algebra agrees with what is true, and with no slip."""

import gc
import sys
import time

import pytest
from sympy import Derivative, Eq, Le, Product, Rational, Sum, cos, exp, log, pi, sin, tan

from bridge import Status, exact_oracle
from bridge.exact_oracle import exact_evidence
from bridge.written_out import written_out
from formal import statements
from formal.boltzmann import C, F, S, U
from formal.statement import simplex
from formal.symbols import E, T, V, i, j, k, q
from tests.formal.textbook import SLIPS

KNOWN = statements()
NAMES = [
    "free_energy_eq_internal_energy_sub_temperature_mul_entropy",
    "entropy_eq_neg_deriv_free_energy",
    "cross_entropy_eq_entropy_add_kl_divergence",
    "entropy_add_const",
]


@pytest.mark.parametrize("name", NAMES)
def test_identities_hold_for_all_values_at_two_and_three_states(name):
    found = exact_evidence(KNOWN[name].claim, KNOWN[name].domain)
    assert found is not None and found.status is Status.SUPPORTED, found
    assert found.data["sizes"] == [2, 3]


def test_sines_and_cosines_are_settled_and_slips_of_theirs_are_not():
    right = Eq(sin(2 * T) / (1 + cos(2 * T)), tan(T), evaluate=False)
    turned = Eq(cos(pi * (1 - 1 / T)), -cos(pi / T), evaluate=False)
    for claim in (right, turned):
        found = exact_evidence(claim)
        assert found is not None and found.status is Status.SUPPORTED, found
    for claim in (Eq(sin(T) ** 2 - cos(T) ** 2, 1), Eq(cos(pi * (1 - 1 / T)), cos(pi / T))):
        found = exact_evidence(claim)
        assert found is not None and found.status is Status.UNKNOWN


@pytest.mark.parametrize("entry", SLIPS, ids=lambda entry: entry.name)
def test_no_slip_passes(entry):
    found = exact_evidence(entry.claim, entry.assuming)
    assert found is not None and found.status is Status.UNKNOWN
    assert found.detail.startswith("no answer: ") and not found.data["sizes"]


@pytest.mark.parametrize(
    "claim", [Eq(F, U - T * S + Rational(1, 10**60)), Eq(C, Derivative(S, T))]
)
def test_small_errors_do_not_pass(claim):
    found = exact_evidence(claim)
    assert found is not None and found.status is Status.UNKNOWN


def test_hypotheses_are_met_by_construction():
    claim = Eq(Sum(q[i] * (E[i] + T), (i, 1, V)), Sum(q[i] * E[i], (i, 1, V)) + T)
    with_sum = exact_evidence(claim, simplex(q))
    without = exact_evidence(claim)
    assert with_sum is not None and with_sum.status is Status.SUPPORTED
    assert without is not None and without.status is Status.UNKNOWN


def test_inequalities_are_not_for_this_oracle():
    assert exact_evidence(Le(S, log(V))) is None


def test_sums_and_indices_are_written_out():
    claim = Eq(Sum(exp(E[i]), (i, 1, V)), exp(E[k]) * Product(T, (j, 1, V)))
    sides = list(written_out(claim, (), 2))
    assert [str(left) for left, _ in sides] == ["exp(E_1) + exp(E_2)"] * 2
    assert [str(right) for _, right in sides] == ["T**2*exp(E_1)", "T**2*exp(E_2)"]


def test_what_takes_too_long_has_no_answer():
    heavy = Sum(Sum(exp(E[i] * E[j] / T), (i, 1, V)) ** 9, (j, 1, V))
    start = time.monotonic()
    found = exact_evidence(Eq(Derivative(log(heavy), (T, 6)), 0, evaluate=False))
    assert time.monotonic() - start < 30
    assert found is not None and found.status is Status.UNKNOWN


def test_time_that_runs_out_within_a_callback_of_the_collector_is_told_a_moment_later(monkeypatch):
    """What is raised there is printed by Python and lost."""
    inside, lost = [], []
    monkeypatch.setattr(sys, "unraisablehook", lost.append)

    def callback(phase, info):
        inside.append(phase)
        time.sleep(0.2)

    gc.callbacks.append(callback)
    try:
        with pytest.raises(exact_oracle._NoAnswerError), exact_oracle._limited(0.1):
            gc.collect()
            time.sleep(1)
    finally:
        gc.callbacks.remove(callback)
    assert inside and not [row for row in lost if row.object is callback]
