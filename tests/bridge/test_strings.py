"""The oracle for claims over strings: what it supports, and that it can say no."""

from dataclasses import replace

import pytest
from flint import arb, ctx, fmpq
from sympy import Abs, Eq, Ge, Gt, Integer, Le, Ne, Rational, log

import formal
from bridge.ball_numbers import UndefinedError, UnsupportedError
from bridge.string_evaluation import StringEvaluation
from bridge.string_models import FiniteStateModel, models, strings
from bridge.strings import ClosedFormModel, is_about_strings, string_evidence
from bridge.verdict import Status
from formal.functions import xlogy
from formal.language import (
    causal_probability,
    entropy_function,
    possible,
    prefix_probability,
    prompt_distance,
    silent,
    stop_probability,
    sum_causal_probability_eq_one,
    word_probability,
)
from formal.strings import P, StringSum, WordSum, empty, s, string_family, t, u, vocabulary_size, w
from numeric.language import MarkovLanguageModel

STATEMENTS = [x for x in formal.statements().values() if is_about_strings(x)]
pi = prefix_probability


def named(statement):
    return statement.name


@pytest.mark.parametrize("statement", STATEMENTS, ids=named)
def test_every_statement_over_strings_is_supported(statement):
    evidence = string_evidence(statement)
    assert evidence.status is Status.SUPPORTED, evidence.detail
    assert evidence.data["largest_vocabulary"] == 3
    assert evidence.data["models"] >= 7


def moved(statement):
    """The claim moved by 1/100, an inequality to the stronger side."""
    left, right = statement.claim.args
    step = -Rational(1, 100) if isinstance(statement.claim, Le) else Rational(1, 100)
    claim = statement.claim.func(left, right + step, evaluate=False)
    return replace(statement, claim=claim)


@pytest.mark.parametrize("statement", STATEMENTS, ids=named)
def test_every_claim_moved_by_a_hundredth_is_refuted(statement):
    evidence = string_evidence(moved(statement))
    assert evidence.status is Status.REFUTED, evidence.detail
    assert evidence.witness is not None


def test_statements_over_strings_are_told_from_others():
    names = {statement.name for statement in STATEMENTS}
    assert {"prefix_probability", "causal_probability_of_concat", "entropy_function"} <= names
    assert "free_energy" not in names
    assert "prompt_entropy_eq_entropy_of_energies" not in names
    assert not is_about_strings(formal.statements()["moduli_space"])
    with pytest.raises(ValueError, match="expected a claim over strings"):
        string_evidence(formal.statements()["free_energy_add_const"])


FALSE = {
    "not divided by the prefix probability": Eq(StringSum(P[s * t], t), 1),
    "stop forgotten in a sum": Eq(WordSum(word_probability(P, w, s), w), 1),
    "stop forgotten in a prefix": Eq(pi(P, s), WordSum(pi(P, s * w), w)),
    "stop forgotten in the number of outcomes": Le(entropy_function(P, s), log(vocabulary_size)),
    "concatenated in the wrong order": Eq(pi(P, w * s), word_probability(P, w, s) * pi(P, s)),
    "conditioned in the wrong order": Eq(
        causal_probability(P, t, s * w) * StringSum(causal_probability(P, w * u, s), u),
        causal_probability(P, t * w, s),
    ),
    "next word for the whole rest": Eq(word_probability(P, w, s), causal_probability(P, w, s)),
    "logarithm to base two": Eq(
        entropy_function(P, s),
        -stop_probability(P, s) * log(stop_probability(P, s)) / log(2)
        - WordSum(word_probability(P, w, s) * log(word_probability(P, w, s)) / log(2), w),
    ),
    "distance of half the size": Le(
        Abs(stop_probability(P, s) - stop_probability(P, u)) * 3, prompt_distance(P, s, u)
    ),
    "only words of one letter are texts": Eq(StringSum(P[t], t), P[empty] + WordSum(P[w], w)),
}


@pytest.mark.parametrize("claim", FALSE.values(), ids=FALSE)
def test_planted_mistakes_are_refuted_with_a_witness(claim):
    evidence = string_evidence(claim, possible(s, u, w * s))
    assert evidence.status is Status.REFUTED, evidence.detail
    assert {"initial", "transition", "left", "right"} <= set(evidence.witness)


def test_a_witness_can_be_redone_by_hand():
    evidence = string_evidence(FALSE["stop forgotten in a prefix"])
    table = [fmpq(*map(int, x.split("/"))) for x in evidence.witness["initial"]]
    assert evidence.witness["s"] == "(empty)"
    assert fmpq(1) - table[-1] != 1
    assert float(arb(evidence.witness["right"])) == pytest.approx(float(arb(1 - table[-1])))


def test_division_by_an_impossible_prompt_is_undefined():
    evidence = string_evidence(replace(sum_causal_probability_eq_one, domain=()))
    assert evidence.status is Status.UNDEFINED
    assert evidence.witness["initial"] == ["0", "1"]
    assert evidence.witness["s"] == "1"


def test_what_is_not_decided_is_unknown():
    loose = Le(entropy_function(P, s), log(vocabulary_size + 1) + 1)
    assert "stronger claim" in string_evidence(loose, possible(s)).detail
    never = Gt(P[s], 2, evaluate=False)
    no_bound = Eq(StringSum(pi(P, t), t), 1)
    unequal = Ne(P[s], 2)
    cases = ((loose, possible(s)), (no_bound, ()), (Eq(pi(P, s), 1), (never,)), (unequal, ()))
    for claim, domain in cases:
        assert string_evidence(claim, domain).status is Status.UNKNOWN


def test_a_false_place_of_tightness_is_noticed():
    bound = formal.statements()["entropy_function_le_log_card"]
    evidence = string_evidence(replace(bound, tight_at={P: silent, s: empty}))
    assert evidence.status is Status.UNKNOWN
    assert "where it should be tight" in evidence.detail
    assert evidence.data["slack"] == pytest.approx(float(arb(2).log()))


def test_a_loose_claim_is_not_supported_by_being_true():
    bound = formal.statements()["entropy_function_le_log_card"]
    loose = replace(bound, claim=Le(bound.claim.lhs, bound.claim.rhs + Rational(1, 10)))
    assert string_evidence(loose).status is Status.UNKNOWN


def test_a_sum_that_diverges_is_undefined():
    assert string_evidence(Eq(StringSum(P[s], t), 1)).status is Status.UNDEFINED


def test_two_runs_say_the_same_and_leave_the_precision_alone():
    before = ctx.prec
    assert string_evidence(STATEMENTS[2], seed=3) == string_evidence(STATEMENTS[2], seed=3)
    assert ctx.prec == before


def test_zero_times_the_logarithm_of_zero_is_zero_and_the_logarithm_alone_is_not():
    silent = FiniteStateModel((fmpq(0), fmpq(1)), ((fmpq(1, 2), fmpq(1, 2)),), 9)
    evaluation = StringEvaluation(silent)
    assert evaluation.value(xlogy(P[w], P[w]), {w: (0,)}) == 0
    for undefined in (log(P[w]), P[w] * log(P[w]), xlogy(1 + P[w], P[w])):
        with pytest.raises(UndefinedError, match="logarithm"):
            evaluation.value(undefined, {w: (0,)})


def test_a_formula_that_is_not_a_distribution_is_refused():
    model = ClosedFormModel(string_family(lambda t: Integer(1)), words=1, length=9)
    with pytest.raises(UndefinedError, match="mass exceeds one"):
        StringEvaluation(model).value(pi(P, empty), {})


def test_a_second_function_of_strings_has_no_values():
    evaluation = StringEvaluation(next(models(2, 0)))
    with pytest.raises(UnsupportedError, match="only"):
        evaluation.value(P[s, t], {s: (), t: ()})


@pytest.mark.parametrize("words", [1, 2, 3])
def test_intervals_contain_the_prefix_probability(words):
    """The models are tight, so that the exact value is the product of the steps."""
    tried = [model for model in models(12, seed=5) if model.words == words]
    for model in tried:
        evaluation = StringEvaluation(model)
        for string in strings(words, 2):
            enclosure = evaluation.value(pi(P, s), {s: string})
            assert enclosure.contains(model.weight(string).mid())
            assert enclosure.rad() <= model.tail(string).upper() + arb(2) ** -40


def test_code_agrees_with_the_definitions():
    eps = 2.0**-52
    for exact in models(8, seed=1):
        code = MarkovLanguageModel(*_floats(exact))
        evaluation = StringEvaluation(exact)
        for string in strings(exact.words, 2):
            enclosure = evaluation.value(pi(P, s), {s: string})
            near = arb(0, 16 * eps)
            assert enclosure.overlaps(arb(code.prefix_probability(string)) + near)
            assert evaluation.value(P[s], {s: string}).overlaps(
                arb(code.string_probability(string)) + near
            )
            if exact.weight(string) > 0:
                entropy = evaluation.value(entropy_function(P, s), {s: string})
                assert entropy.overlaps(arb(code.entropy_function(string)) + 4 * near)


def _floats(model):
    rows = [
        [float(fmpq(x).p) / float(fmpq(x).q) for x in row]
        for row in (model.initial, *model.transition)
    ]
    return rows[0], rows[1:]


def test_an_inequality_says_how_close_it_came():
    evidence = string_evidence(Ge(pi(P, s), P[s]))
    assert evidence.status is Status.SUPPORTED
    assert evidence.data["slack"] < 1e-3
