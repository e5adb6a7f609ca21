"""Derivations: a verdict per step, the first wrong one, its witness, the edit that mends it."""

import pytest
from sympy import Derivative, Eq, Le, Sum, log

from bridge import Evidence, Status, Verdict, verify
from bridge.derivations import derivation_verdict
from bridge.suggestion import suggestion
from formal import Derivation, prove, replay
from formal.boltzmann import F, S, T, U
from formal.statement import simplex
from formal.symbols import V, c, i, q
from tests.formal.textbook import SLIPS

SLIP = {entry.name: entry for entry in SLIPS}


def test_a_right_derivation_is_proved():
    verdict = verify(Derivation([F, U - T * S, U + T * Derivative(F, T)], ["definition", ""]))
    assert verdict.status is Status.PROVED and verdict
    assert [row.oracle for row in verdict.evidence] == ["step 1", "step 2"]
    assert "[definition]" in verdict.evidence[0].detail
    assert verdict.first_wrong is None and verdict.edit is None and verdict.conclusion is None


def test_the_first_wrong_step_is_named_with_witness_and_edit():
    verdict = verify(Derivation([F, U - T * S, U + T * Derivative(F, T), U + T * S]))
    assert verdict.status is Status.REFUTED and not verdict
    assert [v.status for v in verdict.steps] == [Status.PROVED, Status.PROVED, Status.REFUTED]
    assert verdict.first_wrong == 3
    assert verdict.witness is not None and verdict.witness["V"] == "2"
    assert "with −T S in place of T S the step is proved" in verdict.explain()
    assert verdict.conclusion is not None and verdict.conclusion.status is Status.REFUTED


def test_two_errors_that_cancel_are_both_shown():
    verdict = verify(Derivation([F, U + T * S, U - T * S]))
    assert [v.status for v in verdict.steps] == [Status.REFUTED, Status.REFUTED]
    assert verdict.first_wrong == 1
    assert verdict.conclusion is not None and verdict.conclusion.status is Status.PROVED


def test_hypotheses_of_the_chain_and_of_the_call_are_used():
    entropy = -Sum(q[i] * log(q[i]), (i, 1, V))
    chain = [entropy, log(V), log(V) + 1]
    assert verify(Derivation(chain, relations=["<=", "<"], assuming=simplex(q))).status
    assert verify(Derivation(chain, relations="<="), simplex(q)).status is Status.PROVED
    forgotten = verify(Derivation(chain, relations="<="))
    assert forgotten.status is Status.REFUTED and forgotten.first_wrong == 1
    assert forgotten.edit is not None and forgotten.edit.proved
    assert "= 1 assumed" in forgotten.edit.text


def test_an_inequality_the_wrong_way_round():
    verdict = verify(Derivation([log(V), -Sum(q[i] * log(q[i]), (i, 1, V))], (), "<="), simplex(q))
    assert verdict.first_wrong == 1
    assert "the other way round the step is proved" in verdict.explain()


@pytest.mark.parametrize(
    ("statuses", "worst"),
    [
        ((Status.PROVED, Status.UNKNOWN), Status.UNKNOWN),
        ((Status.PROVED, Status.SUPPORTED), Status.SUPPORTED),
        ((Status.UNKNOWN, Status.UNDEFINED), Status.UNDEFINED),
        ((Status.UNDEFINED, Status.REFUTED), Status.REFUTED),
    ],
)
def test_a_derivation_is_as_good_as_its_worst_step(statuses, worst):
    answers = iter((*statuses, Status.UNKNOWN))

    def ask(claim, assuming):
        status = next(answers)
        return Verdict.of("claim", (Evidence("kernel", status, "so it was"),))

    verdict = derivation_verdict(Derivation([c, c + 1, c + 2]), (), ask)
    assert verdict.status is worst


def test_an_undefined_step_is_undefined():
    negative = -Sum(q[i], (i, 1, V))
    verdict = verify(Derivation([c, log(negative)]))
    assert verdict.status is Status.UNDEFINED and verdict.first_wrong == 1


@pytest.mark.parametrize(
    ("slip", "told"),
    [
        ("sign of the energy", "with −∂"),
        ("entropy from F by beta, power", "with β²"),
        ("z-loss without the two", "with (2 e"),
        ("label smoothing without 1/V", "with −ε/V in place of −ε"),
        ("gradient of entropy forgets the one", "with −1 − ln pₖ in place of −ln pₖ"),
        ("softmax Jacobian without delta", "δ"),
        ("relative entropy is symmetric", "in place of ∑ᵢ₌₁^V qᵢ ln(qᵢ/pᵢ)"),
        ("reweighting not normalised", "with 1/(∑"),
        ("distillation without 1/T", "/T in place of"),
        ("Hessian of negative entropy, power", "in place of"),
    ],
)
def test_slips_are_mended_by_an_edit_that_proves(slip, told):
    found = suggestion(SLIP[slip].claim, SLIP[slip].assuming)
    assert found is not None and found.proved
    assert told in found.text
    proof = prove(found.claim, found.assuming)
    assert replay(proof.certificate, found.claim, found.assuming)


SQUARES = Sum(q[i] ** 2, (i, 1, V))


@pytest.mark.parametrize("wrong", [SQUARES, 1 - Sum(q[i] * (1 - q[i]), (i, 1, V))])
def test_p_for_one_minus_p_is_seen(wrong):
    right = Sum(q[i], (i, 1, V)) - SQUARES
    found = suggestion(Eq(right, wrong), simplex(q))
    assert found is not None and found.proved


def test_no_edit_is_invented():
    """A claim that no small edit mends gets none."""
    assert suggestion(SLIP["root of a sum"].claim, ()) is None
    assert suggestion(Le(log(V), -(V**2), evaluate=False), ()) is not None  # the other way round
