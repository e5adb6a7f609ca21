"""Sums over strings in proofs: what a naive rule would accept, next to what holds."""

from collections.abc import Callable

import pytest
from sympy import Derivative, Eq, Ge, Gt, Sum, Symbol, exp, log

import formal
from formal import prove
from formal.proof.conditions import Condition, Relation
from formal.proof.kernel import Claim, Derivation
from formal.proof.strings import STRINGS, WORDS, dominated, put
from formal.proof.terms import (
    MINUS_ONE,
    ONE,
    ZERO,
    ProofError,
    Term,
    add,
    bind,
    instantiate,
    mul,
    power,
    subtract,
)
from formal.strings import (
    P,
    StringFunction,
    StringSum,
    WordSum,
    empty,
    s,
    t,
    u,
    vocabulary_size,
    w,
)

WORD, STRING = Term("idx", "#1", 1, WORDS), Term("idx", "#1", 1, STRINGS)
S, W = Term("idx", "s", 1, STRINGS), Term("idx", "w", 1, WORDS)
X, B = Term("sym", "x", "real"), Term("sym", "b", "positive")


def p(*string: Term) -> Term:
    return Term("arr", "P", "nonnegative", Term("cat", *string))


def over(index: Term, summand: Term) -> Term:
    return bind("sum", index, summand)


AFTER_S = over(STRING, p(S, STRING))
ONE_STRING = Relation("Eq", AFTER_S, AFTER_S)


def proof(*given: Term) -> Derivation:
    """A derivation whose claim speaks of the given sums, so that they converge."""
    return Derivation(Claim(Relation("Eq", add(*given), ZERO)))


def refused(step: Callable[[], object], why: str) -> None:
    with pytest.raises(ProofError, match=why):
        step()


# The rules


def test_strings_are_not_counted() -> None:
    refused(lambda: proof().step("lin", over(STRING, ONE), (ONE, ONE)), "infinitely many")
    assert proof().step("lin", over(WORD, ONE), (ONE, ONE)) == Term("size", WORDS)


def test_a_sum_over_strings_is_not_split_into_sums_that_may_diverge() -> None:
    """0 = sum (f - f) is not sum f - sum f for f = 1, nor for any f of which nothing is known."""
    nothing = over(STRING, ZERO)
    summand = p(S, Term("var", 0))
    parts = sorted([(ONE, summand), (MINUS_ONE, summand)])
    refused(lambda: proof().step("lin", nothing, *parts), "convergent")
    assert proof(AFTER_S).step("lin", nothing, *parts) == subtract(AFTER_S, AFTER_S)


def test_a_factor_that_may_be_zero_says_nothing_of_the_rest() -> None:
    """sum x f converges for x = 0 whatever f is."""
    scaled = over(STRING, mul(X, p(S, STRING)))
    pair = (X, p(S, Term("var", 0)))
    refused(lambda: proof(scaled).step("lin", scaled, pair), "convergent")
    positive = over(STRING, mul(B, p(S, STRING)))
    assert proof(positive).step("lin", positive, (B, pair[1])) == mul(B, AFTER_S)


def test_sums_over_strings_are_not_reordered() -> None:
    other = Term("idx", "#2", 1, STRINGS)
    before = over(STRING, over(other, p(STRING, other)))
    after = over(STRING, over(other, p(other, STRING)))
    refused(lambda: proof(before, after).step("fubini", before, after, (1, 0)), "not reordered")


def test_a_sum_over_strings_is_not_differentiated() -> None:
    before = Term("diff", over(STRING, mul(Term("exp", mul(X, p(STRING))), p(STRING))), X)
    refused(lambda: proof(before.terms[0]).step("diff", before), "not differentiated")
    value = Term("diff", p(S), p(S))
    refused(lambda: proof().step("diff", value), "not variables")


def gather(*string: Term, factor: Term = ONE, known: Term = AFTER_S) -> Term:
    """One step of `gather` on sum_w sum_t factor P(string), to sum_t P(s t)."""
    inner = over(STRING, mul(factor, p(*string)))
    summand = p(S, Term("var", 0))
    return proof(known, inner).step("gather", over(WORD, inner), summand)


def test_a_nonempty_string_is_a_word_and_a_string() -> None:
    assert gather(S, WORD, STRING) == subtract(AFTER_S, p(S))


def test_the_word_comes_before_the_string() -> None:
    refused(lambda: gather(S, STRING, WORD), "after a word")


def test_the_word_comes_directly_before_the_string() -> None:
    refused(lambda: gather(WORD, S, STRING), "after a word")


def test_nothing_else_may_depend_on_the_word() -> None:
    factor = p(WORD)
    refused(lambda: gather(S, WORD, STRING, factor=factor), "after a word")


def test_the_word_is_gathered_once() -> None:
    refused(lambda: gather(S, WORD, WORD, STRING), "after a word")


def test_only_words_are_gathered() -> None:
    """One state of V is not a word: the sum over them is another sum."""
    state = Term("idx", "#1", 1, "V")
    inner = over(STRING, Term("arr", "P", "nonnegative", Term("cat", S, STRING)))
    refused(
        lambda: proof(AFTER_S).step("gather", over(state, inner), p(S, Term("var", 0))), "words"
    )


# Convergence


def test_part_of_a_convergent_sum_converges() -> None:
    assert dominated(over(STRING, p(S, W, STRING)), [AFTER_S])
    assert not dominated(AFTER_S, [over(STRING, p(S, W, STRING))])
    assert dominated(AFTER_S, [over(STRING, p(S, WORD, STRING))])  # for every first word


def test_convergence_is_inherited_from_the_same_function_only() -> None:
    other = Term("arr", "Q", "nonnegative", Term("cat", S, STRING))
    assert not dominated(over(STRING, other), [AFTER_S])
    assert not dominated(AFTER_S, [over(STRING, power(p(S, STRING), Term("num", 2, 1)))])
    assert not dominated(over(STRING, p(STRING, S)), [AFTER_S])
    assert not dominated(over(STRING, ONE), [AFTER_S])


def test_rows_that_converge_say_nothing_of_the_diagonal() -> None:
    """For every u the sum over t of P[u t] converges; the sum over t of P[t t] need not."""
    rows = over(Term("idx", "#2", 1, STRINGS), p(STRING, Term("idx", "#2", 1, STRINGS)))
    diagonal = over(STRING, p(STRING, STRING))
    assert dominated(rows, [rows])
    assert not dominated(diagonal, [rows])
    every_row = Eq(StringSum(P[u * t], t), 1, evaluate=False)
    found = prove(Ge(StringSum(P[t * t], t), 0, evaluate=False), [every_row])
    assert found and len(found.where) == 1 and not found.hypotheses_used


def test_a_sum_of_which_there_may_be_none_need_not_converge() -> None:
    i, V = Symbol("i", integer=True), Symbol("V")
    whole = StringSum(P[t], t)
    for first, conditions in (1, 0), (2, 1):
        given = Eq(Sum(whole, (i, first, V)), 0, evaluate=False)
        found = prove(Ge(whole, 0, evaluate=False), [given])
        assert found and len(found.where) == conditions


def test_a_sum_of_absolute_values_converges_with_the_sum() -> None:
    difference = subtract(p(S, STRING), p(W, STRING))
    square = power(difference, Term("num", 2, 1))
    absolute = over(STRING, power(square, Term("num", 1, 2)))
    root = over(STRING, power(p(S, STRING), Term("num", 1, 2)))
    known = [AFTER_S, over(STRING, p(W, STRING))]
    assert dominated(absolute, known)
    assert not dominated(absolute, known[:1])
    assert not dominated(root, known)


def test_strings_are_put_into_concatenations_only() -> None:
    assert put(p(S, STRING), STRING, ()) == p(S)
    refused(lambda: put(Term("delta", S, STRING), STRING, (S,)), "concatenation")


def test_divergence_is_a_condition_of_the_claim() -> None:
    assert proof(AFTER_S).conditions == {Condition("convergent", AFTER_S): None}
    relation = Relation("Eq", AFTER_S, ZERO)
    assert not Derivation(Claim(relation, (ONE_STRING,))).conditions


# Names


def test_a_spread_is_of_a_sum() -> None:
    refused(lambda: proof().step("unfold", Term("spread", X)), "sum")


# Claims

FALSE = {
    "words are not all strings": (Eq(WordSum(P[w], w), 1), (Eq(StringSum(P[t], t), 1),)),
    "prefix and suffix differ": (Eq(StringSum(P[s * t], t), StringSum(P[t * s], t)), ()),
    "order matters": (Eq(P[s * t], P[t * s], evaluate=False), ()),
    "the stop is forgotten": (Eq(StringSum(P[t], t), WordSum(StringSum(P[w * t], t), w)), ()),
    "two first words": (
        Eq(StringSum(P[t], t) - P[empty], WordSum(StringSum(P[w * w * t], t), w)),
        (),
    ),
    "a string is not a word": (
        Eq(StringSum(P[s * t], t) - P[s], StringSum(StringSum(P[s * u * t], t), u)),
        (),
    ),
    "a marginal of another function": (
        Eq(StringSum(P[t], t), 1),
        (Eq(StringSum(StringFunction("Q", nonnegative=True)[t], t), 1),),
    ),
}


@pytest.mark.parametrize("name", FALSE)
def test_a_falsehood_about_strings_is_not_proved(name: str) -> None:
    claim, assuming = FALSE[name]
    assert not prove(claim, assuming)


REFUSED = {
    "a string is a number": Eq(exp(s), exp(s), evaluate=False),
    "a string in a sum of numbers": Eq(StringSum(t, t), 0, evaluate=False),
    "a sum over an ordinary symbol": Eq(
        StringSum(P[t], Symbol("i", integer=True)), P[t], evaluate=False
    ),
    "a value at an ordinary index": Eq(P[Symbol("i")], P[Symbol("i")], evaluate=False),
    "a derivative by a value": Eq(Derivative(P[s], P[s], evaluate=False), 1, evaluate=False),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_about_strings_is_refused(name: str) -> None:
    assert not prove(REFUSED[name])


def test_a_prompt_is_free_and_the_condition_is_told() -> None:
    claim = Eq(StringSum(P[s * t], t) - WordSum(StringSum(P[s * w * t], t), w), P[s])
    found = prove(claim)
    assert found
    assert found.where == ("Sum(P_L[s i], i in strings) is convergent",)


def test_the_number_of_words_is_the_sum_of_one() -> None:
    found = prove(Eq(WordSum(log(2), w), vocabulary_size * log(2), evaluate=False))
    assert found
    assert not prove(Eq(Sum(1, (Symbol("i"), 1, Symbol("V"))), vocabulary_size, evaluate=False))


def test_the_identities_over_strings_are_proved_and_replayed() -> None:
    names = [
        name
        for name, statement in formal.statements().items()
        if statement.kind == "identity" and statement.unfolded.has(StringSum, WordSum)
    ]
    assert len(names) >= 5
    for name in names:
        statement = formal.statements()[name]
        found = prove(statement.claim, statement.domain)
        assert found, (name, found)
        assert formal.replay(found.certificate, statement.claim, statement.domain)


def test_the_hypothesis_that_a_prompt_is_possible_is_used() -> None:
    statement = formal.statements()["sum_causal_probability_eq_one"]
    found = prove(statement.claim, statement.domain)
    assert found and found.hypotheses_used == statement.domain
    assert isinstance(found.hypotheses_used[0], Gt)
    without = prove(statement.claim)
    assert without and any("nonzero" in condition for condition in without.where)


def test_instantiated_summands_do_not_capture() -> None:
    """A summand with a free index of the same name is opened at another."""
    inner = over(STRING, p(S, WORD, STRING, STRING))
    assert instantiate(inner.args[2], S).indices == {S, WORD}  # type: ignore[arg-type]


def test_prompts_are_at_most_two_apart_and_nearer_in_the_next_word() -> None:
    for name in ("prompt_distance_le_two", "predictive_distance_le_prompt_distance"):
        statement = formal.statements()[name]
        found = prove(statement.claim, statement.domain)
        assert found and not found.where, (name, found)
        assert found.hypotheses_used == statement.domain


def test_absolute_values_inside_an_infinite_sum_converge_with_both_parts_only() -> None:
    bend = over(STRING, Term("bend", p(S, STRING), p(W, STRING)))
    fold = over(STRING, Term("fold", p(S, STRING)))
    assert dominated(fold, [AFTER_S])
    assert not dominated(bend, [AFTER_S])
    assert dominated(bend, [AFTER_S, over(STRING, p(W, STRING))])
