"""The definitions of truncation rules hold their code, and not code that is off by one."""

from dataclasses import replace

import pytest
import torch
from sympy import Ge, Le

import numeric
from bridge import Status, lexicon
from bridge.domain import Domain
from bridge.property_oracle import definition_evidence
from bridge.strategies import Recipe, assign
from formal import truncation
from formal.symbols import rho

RULES = (
    truncation.top_k_probability,
    truncation.top_p_probability,
    truncation.min_p_probability,
    truncation.typical_probability,
    truncation.eta_probability,
)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_code_that_is_off_is_refuted(rule, monkeypatch):
    (code,) = lexicon.code_of(rule)
    slipped = replace(code, function=lambda x, parameter: code.function(x, parameter * 0.7 + 0.3))
    monkeypatch.setitem(lexicon.CODE, rule, (slipped,))
    assert definition_evidence(rule, examples=64).status is Status.REFUTED


def test_a_nucleus_without_the_token_that_reaches_the_mass_is_refuted(monkeypatch):
    def inclusive(logits, mass):
        rows = logits.unsqueeze(1).expand(*logits.shape[:1], mass.shape[1], -1)
        falling, order = rows.sort(-1, descending=True)
        p = falling.softmax(-1)
        kept = (p.cumsum(-1) <= mass.unsqueeze(-1)).index_fill(-1, torch.tensor([0]), True)
        x = rows.masked_fill(~kept.gather(-1, order.argsort(-1)), -torch.inf)
        return x.softmax(-1)

    (code,) = lexicon.code_of(truncation.top_p_probability)
    slipped = replace(code, function=inclusive)
    monkeypatch.setitem(lexicon.CODE, truncation.top_p_probability, (slipped,))
    assert definition_evidence(truncation.top_p_probability).status is Status.REFUTED


@pytest.mark.parametrize("bound", [Le(rho, 1), Ge(rho, 3)])
def test_parameters_are_drawn_within_their_bounds(bound):
    claim = truncation.min_p_probability.statement.claim
    batch = assign(Domain(claim, (bound,)), Recipe(5, ("normal",), 0, 64), torch.float64)
    values = batch.scalars[rho]
    assert bool((values > 0).all()) and len(set(values.tolist())) > 20
    assert all(bound.subs(rho, v) for v in values.tolist())


def test_a_tie_at_the_edge_is_skipped_and_not_blamed():
    """Two tokens of equal logits and top-1: which one stays is a convention."""
    found = definition_evidence(truncation.top_k_probability, examples=64)
    assert found.data["skipped"] > 0
    assert numeric.top_k_probabilities(torch.zeros(2), 1).tolist() == [0.5, 0.5]
