"""The oracle of a real model, on a made-up head and on SmolLM2."""

from dataclasses import replace

import pytest
import torch
from sampled import sampled
from sympy import Eq, Le, Rational, log

from bridge import Status, lexicon, model_oracle, verify
from bridge.domain import takes_pairs
from bridge.lexicon import Code
from bridge.model_oracle import ModelOracle
from bridge.sample import Sample, take_sample
from bridge.strings import is_about_strings
from formal import boltzmann, statements, truncation
from formal.boltzmann import F, S, T, U
from formal.quantity import quantities
from formal.symbols import V

STATEMENTS = statements()
FREE_ENERGY = "free_energy_eq_internal_energy_sub_temperature_mul_entropy"
THEOREMS = [
    name
    for name, s in STATEMENTS.items()
    if s.kind in ("identity", "inequality") and s.quantities and not is_about_strings(s)
]


@pytest.fixture(scope="module")
def sample():
    """A head of width 8 over 100 tokens, read at 40 positions."""
    torch.manual_seed(0)
    head, hidden = torch.randn(100, 8) * 1.5, torch.randn(40, 8)
    return Sample(
        model="made up",
        provenance={},
        tokens=["a"] * 40,
        following=["b"] * 40,
        targets=[1] * 40,
        logits=hidden @ head.T,
        hidden=hidden,
        head=head,
        text_bytes=40,
    )


@pytest.fixture(scope="module")
def oracle(sample):
    return ModelOracle(sample)


@pytest.mark.parametrize("name", sampled(THEOREMS))
def test_every_theorem_holds(oracle, name):
    statement = STATEMENTS[name]
    found = oracle.evidence(statement.claim, statement.domain, tight_at=statement.tight_at)
    assert found.status is Status.SUPPORTED, found.detail
    assert found.data["moved_claim_fails"]


def test_slopes_at_pairs_of_hidden_coordinates_are_taken_at_few_of_them(sample):
    """A head is hundreds wide; a Hessian in the hidden state has the square of that many."""
    torch.manual_seed(1)
    head, hidden = torch.randn(100, 200) / 4, torch.randn(40, 200)
    wide = ModelOracle(replace(sample, head=head, hidden=hidden, logits=hidden @ head.T))
    kept = {
        name: wide.evidence(STATEMENTS[name].claim, STATEMENTS[name].domain)
        for name in (
            "deriv2_log_partition_hidden_eq_head_metric",
            "deriv_log_partition_hidden_eq_mean_row",
        )
    }
    assert all(found.status is Status.SUPPORTED for found in kept.values()), kept
    few, all_of_them = (found.data["coordinates"] for found in kept.values())
    assert few == model_oracle.NARROW < all_of_them == 200


def test_where_it_is_tight_no_table_runs_over_pairs_of_a_whole_vocabulary(oracle, monkeypatch):
    """The family that makes an inequality tight may be computed for every pair of tokens."""
    seen = {}
    moved = model_oracle.tighten
    for name in THEOREMS:
        values = STATEMENTS[name].tight_at.values()
        if takes_pairs(node for value in values for node in quantities(value)):
            monkeypatch.setattr(model_oracle, "LIKELIEST", 10)
            monkeypatch.setattr(
                model_oracle,
                "tighten",
                lambda at, *a, _name=name, **k: moved(seen.setdefault(_name, at), *a, **k),
            )
            statement = STATEMENTS[name]
            oracle.evidence(statement.claim, statement.domain, tight_at=statement.tight_at)
    assert seen and all(at.sizes[V] <= 10 for at in seen.values())


QUANTITIES = {quantity.__name__: quantity for quantity in lexicon.CODE}


@pytest.mark.parametrize("name", sampled(QUANTITIES))
def test_every_function_computes_its_definition(oracle, name):
    quantity = QUANTITIES[name]
    found = oracle.definition_evidence(quantity)
    if found is None:
        assert all(code.quadratic for code in lexicon.CODE[quantity])
    else:
        assert found.status is Status.SUPPORTED, found.detail


def test_a_wrong_claim_is_refuted(oracle):
    found = oracle.evidence(Eq(F, U - S, evaluate=False))
    assert (
        found.status is Status.REFUTED and found.witness["residual"] > found.witness["allowance"]
    )


def test_a_claim_moved_by_a_thousandth_is_refuted(oracle):
    found = oracle.evidence(Eq(F, U - T * S + Rational(1, 1000), evaluate=False))
    assert found.status is Status.REFUTED


def test_a_claim_that_says_nothing_is_unknown(oracle):
    found = oracle.evidence(Le(S, log(V) + 1, evaluate=False))
    assert found.status is Status.UNKNOWN and "moved" in found.detail


def test_code_that_forgets_the_temperature_is_seen(sample, monkeypatch):
    roles = lexicon.CODE[boltzmann.entropy][0].roles
    forgetful = Code(
        lambda x, t: lexicon.numeric.entropy(x, torch.ones_like(t)), roles, "forgetful"
    )
    monkeypatch.setitem(lexicon.CODE, boltzmann.entropy, (forgetful,))
    claim = STATEMENTS[FREE_ENERGY].claim
    assert ModelOracle(sample).evidence(claim).status is Status.REFUTED


def test_a_model_without_a_linear_head_is_unknown_where_it_matters(sample):
    headless = ModelOracle(replace(sample, hidden=None, head=None))
    statement = STATEMENTS["heat_capacity_eq_fisher_norm_of_hidden_state"]
    found = headless.evidence(statement.claim, statement.domain)
    assert found.status is Status.UNKNOWN and "head" in found.detail


@pytest.mark.model
def test_free_energy_on_five_hundred_and_twelve_positions_of_smollm2():
    import numeric
    from numeric.texts import default_text

    sample = take_sample(numeric.load_model("smollm2"), default_text(), 512)
    verdict = verify(FREE_ENERGY, oracles=("kernel", "model"), sample=sample)
    model = verdict.evidence[-1]
    assert verdict.status is Status.PROVED and model.status is Status.SUPPORTED
    assert model.data["positions"] >= 512 and model.data["vocabulary"] == 49_152
    assert model.data["worst_residual"] <= model.data["allowance"]


@pytest.mark.parametrize(
    "name",
    [
        "sum_sq_deriv_doubled_sqrt_eq_fisher_metric",
        "fisher_metric_of_exponential_geodesic_eq_variance_log_ratio",
    ],
)
def test_slopes_at_every_token_of_a_sum_are_taken_on_few_tokens(sample, name):
    """One slope for each token of a vocabulary is as many passes backward."""
    torch.manual_seed(1)
    head = torch.randn(5000, 8)
    wide = ModelOracle(replace(sample, head=head, logits=sample.hidden @ head.T))
    statement = STATEMENTS[name]
    found = wide.evidence(statement.claim, statement.domain, tight_at=statement.tight_at)
    assert found.status is Status.SUPPORTED and found.data["vocabulary"] <= 64, found
    counted = wide.definition_evidence(truncation.top_k_probability)
    assert counted.status is Status.SUPPORTED and counted.data["vocabulary"] <= 64, counted
