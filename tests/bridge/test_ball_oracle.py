"""The oracle supports the catalogue, and refutes each of its claims when moved by a percent."""

import json
from fractions import Fraction

import pytest
from sampled import sampled
from sympy import (
    Derivative,
    Eq,
    Ge,
    Gt,
    IndexedBase,
    Integer,
    KroneckerDelta,
    Le,
    Lt,
    Ne,
    Rational,
    Sum,
    Symbol,
    erf,
    exp,
    log,
    oo,
)

from bridge.ball_comparison import magnitude
from bridge.ball_oracle import ball_evidence
from bridge.balls import Point, evaluate_balls
from bridge.strings import is_about_strings
from bridge.verdict import Status
from formal import boltzmann, statements
from formal.boltzmann import F, S, U
from formal.statement import simplex
from formal.symbols import E, Maximum, T, V, alpha, c, i, j, k, q

HUNDREDTH = Rational(1, 100)


def over_numbers(*kinds):
    """The claims of some kinds that are not over strings, by name: those of the sample."""
    known = statements()
    return {
        name: known[name]
        for name in sampled(known)
        if known[name].kind in kinds and not is_about_strings(known[name])
    }


IDENTITIES, INEQUALITIES = over_numbers("identity"), over_numbers("inequality")


def evidence(statement, claim=None):
    claim = statement.unfolded if claim is None else claim
    return ball_evidence(claim, statement.domain, tight_at=statement.tight_at)


@pytest.mark.parametrize("name", IDENTITIES)
def test_identities_are_supported(name):
    found = evidence(IDENTITIES[name])
    assert found.status is Status.SUPPORTED, found
    assert found.data["digits"] >= 50
    assert found.data["largest_size"] >= 3
    json.dumps(found.data)


@pytest.mark.parametrize("name", INEQUALITIES)
def test_inequalities_are_supported_and_tight_where_they_say(name):
    found = evidence(INEQUALITIES[name])
    assert found.status is Status.SUPPORTED, found
    assert INEQUALITIES[name].tight_at and found.data["tight"] > 0


@pytest.mark.parametrize("name", IDENTITIES)
def test_moved_identities_are_refuted(name):
    claim = IDENTITIES[name].unfolded
    moves = [claim.rhs + HUNDREDTH, claim.rhs * (1 + HUNDREDTH)]
    for moved in moves if claim.rhs != 0 else moves[:1]:
        found = evidence(IDENTITIES[name], Eq(claim.lhs, moved, evaluate=False))
        assert found.status is Status.REFUTED, found
        assert found.witness is not None and {"left", "right"} <= set(found.witness)
        assert len(found.witness) > 2 or not claim.free_symbols
        json.dumps(found.witness)


@pytest.mark.parametrize("name", INEQUALITIES)
def test_stronger_inequalities_are_refuted(name):
    claim = INEQUALITIES[name].unfolded
    step = HUNDREDTH if isinstance(claim, (Ge, Gt)) else -HUNDREDTH
    stronger = claim.func(claim.lhs, claim.rhs + step, evaluate=False)
    found = evidence(INEQUALITIES[name], stronger)
    assert found.status is Status.REFUTED, found


@pytest.mark.parametrize("name", INEQUALITIES)
def test_stronger_inequalities_are_refuted_at_their_place_of_equality(name):
    """Without ordinary points, the place of equality alone must do it."""
    statement = INEQUALITIES[name]
    claim = statement.unfolded
    step = HUNDREDTH if isinstance(claim, (Ge, Gt)) else -HUNDREDTH
    stronger = claim.func(claim.lhs, claim.rhs + step, evaluate=False)
    found = ball_evidence(stronger, statement.domain, tight_at=statement.tight_at, points=0)
    assert found.status is Status.REFUTED, found


@pytest.mark.parametrize(
    "claim",
    [
        Eq(F, U - S),  # forgotten temperature
        Eq(F, U + T * S),  # wrong sign
        Eq(S, -Derivative(F, T) / log(2)),  # bits for nats
        Eq(F, -T * log(boltzmann.Z) / log(2)),
        Eq(Derivative(F, T), S),
        Le(U, boltzmann.E_min),
        Ge(S, log(V)),
        Lt(S, log(V)),  # equality where all energies are equal
        Gt(boltzmann.C, 0),  # zero for one token
        Ne(Sum(i, (i, 1, V)), V * (V + 1) / 2),
        Eq(Derivative(log(boltzmann.Z), E[k]), -boltzmann.probability(E, T, k)),  # forgotten 1/T
    ],
)
def test_planted_errors_are_refuted(claim):
    assert ball_evidence(claim).status is Status.REFUTED


def test_the_witness_can_be_redone_by_hand():
    found = ball_evidence(Eq(F, U - S))
    assert found.witness is not None
    temperature = Fraction(found.witness["T"])
    energies = [Fraction(e) for e in found.witness["E"].strip("()").split(", ")]
    point = Point({E: energies, T: temperature, V: len(energies)})
    assert found.witness["V"] == str(len(energies)) and len(energies) <= 3
    left, right = evaluate_balls(F, point), evaluate_balls(U - S, point)
    assert abs(float(left) - float(found.witness["left"])) < 1e-15
    assert abs(float(right) - float(found.witness["right"])) < 1e-15


def test_a_claim_that_fails_only_in_large_vocabularies_is_refuted():
    found = ball_evidence(Le(S, log(7)))
    assert found.status is Status.REFUTED
    assert found.witness is not None and int(found.witness["V"]) >= 8


def test_a_difference_far_below_floats_is_refuted():
    found = ball_evidence(Eq(F, U - T * S + Rational(1, 10**70)))
    assert found.status is Status.REFUTED


def test_cancellation_raises_the_precision():
    """Both sides are 1e-120, as differences of numbers near one; 333 bits show 1e-100."""
    tiny = Rational(1, 10**120)
    left, right = exp(tiny * T + c) - exp(c), exp(c) * (exp(tiny * T) - 1)
    found = ball_evidence(Eq(left, right))
    assert found.status is Status.SUPPORTED and found.data["bits"] > 333
    assert ball_evidence(Eq(left, 2 * right)).status is Status.REFUTED


@pytest.mark.parametrize(
    "claim",
    [
        Eq(log(-T), 0, evaluate=False),
        Eq(log(boltzmann.E_min), 0, evaluate=False),
        Eq(1 / (E[k] - boltzmann.E_min), c),
        Ge(Derivative(boltzmann.E_min, E[k]), 0),
    ],
)
def test_claims_that_are_not_defined_are_undefined(claim):
    found = ball_evidence(claim)
    assert found.status is Status.UNDEFINED
    assert found.witness is not None and " in " in found.detail


def test_a_hypothesis_can_make_a_claim_defined():
    claim = Eq(1 / (1 - alpha) - alpha / (1 - alpha), 1)
    assert ball_evidence(claim).status is Status.UNDEFINED
    assert ball_evidence(claim, (Ne(alpha, 1),)).status is Status.SUPPORTED


def test_a_zero_that_no_precision_shows_is_unknown():
    """1/0 in disguise: balls can never be sure, and do not pass it."""
    zero = exp(c) * exp(T) - exp(Sum(c + T, (i, 1, 1)))
    found = ball_evidence(Eq(1 / (S - S * Sum(1, (i, 1, 1)) + zero), c))
    assert found.status in (Status.UNKNOWN, Status.UNDEFINED)


def test_ties_leave_a_theorem_open_and_not_that_a_definition_is_defined():
    """At equal numbers balls cannot say which of two is larger, in a delta that asks."""
    x = IndexedBase("x", real=True)
    share = exp(x[k]) / Sum(exp(x[i]), (i, 1, V))
    first = KroneckerDelta(0, Maximum(share.xreplace({k: i}), (i, 1, V)) - share)
    kept = ball_evidence(Eq(first, first, evaluate=False))
    assert kept.status is Status.SUPPORTED and "undecided for" in kept.detail
    again = Sum(first, (j, 1, 1))
    assert ball_evidence(Eq(first, again, evaluate=False)).status is Status.UNKNOWN


def test_an_inequality_that_is_nowhere_tight_as_declared_is_unknown():
    found = ball_evidence(Le(S, log(V) + 1), tight_at={T: oo})
    assert found.status is Status.UNKNOWN and "nowhere tight" in found.detail


def test_an_equality_is_consistent_with_an_inequality_but_not_with_a_strict_one():
    assert ball_evidence(Le(F, U - T * S)).status is Status.SUPPORTED
    assert ball_evidence(Lt(F, U - T * S)).status is not Status.SUPPORTED


def test_no_point_is_no_support():
    found = ball_evidence(Eq(c, c, evaluate=False), (Lt(T, -1, evaluate=False),))
    assert found.status is Status.UNKNOWN and "hypotheses" in found.detail
    assert ball_evidence(Eq(F, U - T * S), points=0).status is Status.UNKNOWN


def test_what_balls_have_no_rule_for_is_unknown_with_the_reason():
    word = Symbol("s", commutative=False)
    assert "string" in ball_evidence(Eq(word, word, evaluate=False)).detail
    found = ball_evidence(Eq(erf(c), c))
    assert found.status is Status.UNKNOWN and "no rule for erf" in found.detail
    assert ball_evidence(Integer(1)).status is Status.UNKNOWN


def test_hypotheses_are_used():
    claim = Eq(Sum(q[i] * (E[i] + c), (i, 1, V)), Sum(q[i] * E[i], (i, 1, V)) + c)
    assert ball_evidence(claim).status is Status.REFUTED
    assert ball_evidence(claim, simplex(q)).status is Status.SUPPORTED


def test_magnitude_is_the_sum_of_absolute_values():
    terms = magnitude(Sum(E[i] - 3, (i, 1, V)))
    assert evaluate_balls(terms, {E: [1, -2], V: 2}) == 9


def test_the_seed_decides():
    first, second = (ball_evidence(Eq(F, U - T * S), seed=7) for _ in range(2))
    assert {**first.data, "seconds": 0} == {**second.data, "seconds": 0}
