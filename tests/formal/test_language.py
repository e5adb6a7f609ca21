"""Strings in the catalogue: what the vocabulary of strings means, prints and refuses."""

import pytest
from sympy import Eq, S

import formal
from formal import language, symbols
from formal.catalogue import _declared
from formal.language import (
    causal_probability,
    entropy_function,
    general_language_model,
    prefix_probability,
    prompt_entropy,
    stop_probability,
    word_probability,
)
from formal.latex import latex
from formal.quantity import instantiate, unfold
from formal.strings import (
    Length,
    P,
    StringSum,
    StringSymbol,
    WordSum,
    WordSymbol,
    empty,
    s,
    string_family,
    t,
    u,
    w,
)

STATEMENTS = {statement.name: statement for statement in _declared(language)}


def test_concatenation_keeps_its_order_and_the_empty_string_is_its_unit():
    assert s * w != w * s
    assert s * empty == empty * s == s
    assert (s * w) * t == s * (w * t)


def test_words_are_strings_and_both_are_symbols_of_their_own():
    assert isinstance(w, StringSymbol) and isinstance(w, WordSymbol)
    assert not isinstance(s, WordSymbol)
    assert symbols.s != s and symbols.w != w


def test_a_value_of_a_function_of_strings_is_a_number():
    assert P[s * t].is_commutative
    assert P[s] * P[t] == P[t] * P[s]
    assert StringSum(P[t], t).is_commutative


def test_a_quantity_unfolds_to_sums_over_strings():
    assert unfold(word_probability(P, w, s)) == (
        StringSum(P[s * w * t], t) / StringSum(P[s * t], t)
    )


def test_a_bound_string_does_not_capture_an_argument():
    at_t = prefix_probability(P, t).definition()
    (limit,) = at_t.limits
    assert limit[0] != t and t in at_t.free_symbols
    assert at_t == StringSum(P[t * limit[0]], limit[0])


def test_a_bound_string_is_not_free_and_is_not_substituted():
    total = StringSum(P[s * t], t)
    assert t not in total.free_symbols and s in total.free_symbols
    assert instantiate(total, {t: u}) == total
    assert instantiate(total, {s: s * w}) == StringSum(P[s * w * t], t)


def test_a_function_of_strings_is_replaced_by_another():
    follows = string_family(lambda t: P[s * t])
    assert instantiate(prefix_probability(P, u), {P: follows}).definition() == (
        StringSum(P[s * u * t], t)
    )


def test_sums_over_strings_are_not_differentiated():
    with pytest.raises(TypeError, match="not differentiated"):
        StringSum(symbols.T * P[t], t).diff(symbols.T)


@pytest.mark.parametrize(
    ("expression", "printed"),
    [
        (P[s * w * t], r"P_{L}(s w t)"),
        (P[empty], r"P_{L}(\varnothing)"),
        (P[t, s], r"P_{L}(t \mid s)"),
        (prefix_probability(P, s * w), r"\pi(s w)"),
        (prefix_probability(P, empty), r"\pi(\varnothing)"),
        (causal_probability(P, t, s * w), r"P_{L}(t \mid s w)"),
        (stop_probability(P, s), r"p_{L}(\varnothing \mid s)"),
        (entropy_function(P, s), r"S_L(s)"),
        (WordSum(P[s * w], w), r"\sum_{w \in W} P_{L}(s w)"),
        (Length(t), r"\left|t\right|"),
        (general_language_model.claim, r"\sum_{t \in W^*} P_{L}(t) = 1"),
        (prompt_entropy(symbols.E, symbols.T, symbols.s), r"S(s)"),
    ],
)
def test_strings_print_as_in_papers(expression, printed):
    assert latex(expression) == printed


def test_the_unit_prints_as_the_empty_string_only_where_strings_stand():
    assert latex(Eq(StringSum(P[t], t), S.One)).endswith("= 1")


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("prefix_probability", r"\pi(s) = \sum_{t \in W^*} P_{L}(s t)"),
        (
            "prefix_probability_eq_probability_add_sum",
            r"\pi(s) = P_{L}(s) + \sum_{w \in W} \pi(s w)",
        ),
        (
            "causal_probability_of_concat",
            r"P_{L}(t \mid s w) = "
            r"\frac{P_{L}(w t \mid s)}{\sum_{u \in W^*} P_{L}(w u \mid s)}",
        ),
        ("prompt_entropy_eq_entropy_of_energies", r"S(s) = S\left[E_{s}\right]"),
    ],
)
def test_statements_print_in_their_authors_order(name, printed):
    assert STATEMENTS[name].latex == printed


def test_the_topic_covers_its_definitions():
    items = {item for statement in STATEMENTS.values() for item in statement.item}
    assert {f"1:D1.{n}" for n in range(1, 12)} <= items
    assert {"1:T1.1", "1:T1.2", "1:T1.3", "1:T1.11"} <= items


def test_notions_name_statements_of_the_catalogue():
    catalogue = formal.statements()
    notions = [statement for statement in STATEMENTS.values() if statement.claim is None]
    assert len(notions) == 6
    for notion in notions:
        assert notion.consequences and notion.text
        assert all(catalogue[name].claim is not None for name in notion.consequences)


def test_what_is_only_named_in_the_abstract_is_not_called_restated():
    for name in ("moduli_space", "generalized_distributional_hypothesis"):
        assert STATEMENTS[name].source.fidelity == "derived"
    assert {s.source.at for s in STATEMENTS.values() if s.source.key == "yang2024"} == {"abstract"}


def test_quantities_of_a_prompt_are_proved_to_be_those_of_its_energies():
    names = (
        "token_probability_eq_probability_of_energies",
        "sum_token_probability_eq_one",
        "prompt_entropy_eq_entropy_of_energies",
        "prompt_free_energy_eq_internal_energy_sub_temperature_mul_prompt_entropy",
    )
    for name in names:
        assert formal.prove(STATEMENTS[name].unfolded), name
