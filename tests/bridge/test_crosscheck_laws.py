"""Laws of a cross-check: every quantity has some, and one that fails alone shows both sides."""

from dataclasses import replace
from typing import Any

import pytest
import torch
from sympy import Eq, Sum

import formal
import numeric
from bridge import Status
from bridge.crosschecking.arrays import ArrayKind
from bridge.crosschecking.calls import Calls
from bridge.crosschecking.check import _Check
from bridge.crosschecking.instances import instance_of
from bridge.crosschecking.law_cases import sides
from bridge.crosschecking.laws import laws_of, look_at_laws
from bridge.crosschecking.patience import Patience
from bridge.crosschecking.stands import stand_of
from bridge.crosschecking.targets import TARGETS
from bridge.errors import BadInput
from formal import decoding, moduli, sphere, truncation
from formal.statement import Statement
from formal.symbols import M, V, i, q, r

NAMES = ("sum_truncated_eq_one", "kl_divergence_of_truncated_eq_neg_log_kept_mass")
ABOUT_TRUNCATED = {name: getattr(decoding, name) for name in NAMES}


def calls_of(function: Any, against: str) -> Calls:
    return Calls(function, TARGETS[against], ArrayKind.of("torch"), Patience(60))


def asked(function: Any, against: str, catalogue: Any) -> Any:
    calls = calls_of(function, against)
    try:
        return look_at_laws(calls, catalogue, "float64", 0, smooth=True, in_temperature=True)
    finally:
        calls.patience.close()


@pytest.mark.parametrize("name", TARGETS)
def test_every_quantity_has_two_laws_at_least(name):
    calls = calls_of(lambda *_: None, name)
    assert len(list(laws_of(calls, formal.statements()))) >= 2
    calls.patience.close()


def top_k_not_normalized(logits, count):
    p = logits.softmax(-1)
    return torch.where(p < p.topk(count, dim=-1).values[..., -1:], 0, p)


def test_a_truncation_is_held_to_what_is_stated_of_truncated_distributions():
    right = asked(numeric.top_k_probabilities, "top_k_probabilities", ABOUT_TRUNCATED)
    assert [name.split(" (by")[0] for name in right.held] == list(NAMES)
    assert right.moved == 2 and not right.broken
    wrong = asked(top_k_not_normalized, "top_k_probabilities", ABOUT_TRUNCATED)
    assert len(wrong.broken) == 2 and wrong.broken[0].proved


def test_perplexity_and_distance_are_undone_and_held_to_laws_about_what_is_inside():
    name = "cross_entropy_eq_entropy_add_kl_divergence"
    known = {name: formal.statements()[name]}
    assert asked(numeric_perplexity, "perplexity", known).held
    in_bits = asked(lambda x, y: numeric_perplexity(x, y).log2().exp(), "perplexity", known)
    assert [one.law.by for one in in_bits.broken] == ["perplexity"]
    name = "squared_hellinger_distance_eq_one_sub_bhattacharyya_coefficient"
    known = {name: getattr(sphere, name)}
    assert asked(numeric.fisher_rao_distance, "fisher_rao_distance", known).held
    half = asked(lambda x, y: numeric.fisher_rao_distance(x, y) / 2, "fisher_rao_distance", known)
    assert len(half.broken) == 1


def numeric_perplexity(logits_p, logits_q):
    return (-(logits_p.softmax(-1) * logits_q.log_softmax(-1)).sum(-1)).exp()


def test_a_law_about_narrower_arguments_is_not_taken_over():
    """What holds of a truncated distribution on tokens of one sort need not hold on others."""
    kept, positive = Sum(decoding.truncated(q, M, i), (i, 1, V)), Sum(q[i], (i, 1, V))
    law = instance_of(Statement.of(Eq(kept, positive), "identity"), truncation.top_k_probability)
    assert law is not None and law.by == "top_k_probability" and "softmax" in str(law.claim)
    swapped = Eq(Sum(decoding.truncated(q, r, i), (i, 1, V)), 1)  # a distribution for a subset
    swapped = Statement.of(swapped, "identity")
    assert instance_of(swapped, truncation.top_k_probability) is None
    unrelated = Statement.of(Eq(moduli.kl_divergence(q, q), 0), "identity")
    assert instance_of(unrelated, moduli.perplexity) is None


def test_a_law_in_which_the_function_is_never_called_is_not_counted():
    name = "bhattacharyya_coefficient_of_truncated_eq_sqrt_kept_mass"
    found = asked(
        numeric.fisher_rao_distance, "fisher_rao_distance", {name: formal.statements()[name]}
    )
    assert not found.held and "not called" in next(iter(found.not_asked.values()))


def test_what_a_value_is_of_the_catalogue_is_read_off_it():
    target = TARGETS["distillation_loss"]
    (stand,) = target.stands
    assert [role.name for role in stand.roles] == ["LOGITS", "LOGITS", "TEMPERATURE"]
    assert stand_of(target.value + 1, target.arguments) is None
    seen = []
    code = stand.code(lambda *given: seen.append([g.shape for g in given]) or torch.zeros(()))
    rows, numbers = torch.zeros(2, 5), torch.ones(2, 3)
    assert code(rows, rows, numbers).shape == (2, 3)
    assert seen == [[(5,), (5,), ()]] * 6


def test_a_law_that_fails_alone_has_a_snippet_that_shows_both_sides():
    def broken_on_four(logits, temperature):
        value = numeric.entropy(logits, temperature)
        return 1.5 * value if logits.shape[-1] == 4 else value  # no other check has four tokens

    name = "entropy_le_log_card"
    check = _Check(calls_of(broken_on_four, "entropy"), ("float64",), 0, 8)
    check._laws({name: formal.statements()[name]}, "float64", smooth=False)
    found = check.verdict()
    assert found.status is Status.REFUTED and found.counterexample is not None
    assert found.counterexample["E"] == [0.0] * 4 and found.counterexample["T"] == 1.0
    with pytest.raises(AssertionError, match=r"\(2\.07\d*, 1\.38\d*\)"):
        exec(found.snippet, {"broken_on_four": broken_on_four})
    exec(found.snippet, {"broken_on_four": numeric.entropy})
    assert "left " in found.explain() and "right " in found.explain()


def test_sides_say_what_a_point_lacks_and_what_is_no_law():
    law = formal.statements()["entropy_le_log_card"]
    left, right = sides(numeric.entropy, "entropy", law, {"V": 2, "T": 1.0, "E": [0.0, 0.0]})
    assert left == pytest.approx(right)
    with pytest.raises(BadInput, match="lacks 'T'"):
        sides(numeric.entropy, "entropy", law, {"V": 2, "E": [0.0, 0.0]})
    with pytest.raises(BadInput, match="says nothing about z_loss"):
        sides(lambda x: x, "z_loss", replace(law), {})
