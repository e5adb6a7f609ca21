"""Coq accepts what the kernel proved, and rejects the proof for any other statement."""

import shutil
from functools import lru_cache

import pytest

from bridge import coq
from formal import Proof, prove, statements

needs_coq = pytest.mark.skipif(shutil.which("coqc") is None, reason=coq.INSTALL)


@lru_cache(maxsize=1)
def proofs():
    """The proof of every statement of the catalogue that the kernel proves."""
    asked = {n: s for n, s in statements().items() if s.kind in ("identity", "inequality")}
    found = {name: prove(s.claim, s.domain, seconds=30) for name, s in asked.items()}
    return {name: proof for name, proof in found.items() if isinstance(proof, Proof)}


@pytest.fixture(scope="module")
def prelude():
    with coq.compiled_prelude() as folder:
        assert folder is not None, "the prelude does not compile"
        yield folder


@needs_coq
def test_a_file_stands_alone():
    name = "free_energy_eq_internal_energy_sub_temperature_mul_entropy"
    known = statements()[name]
    result = coq.check(proofs()[name].certificate, known.claim, known.domain, name)
    assert result.accepted, result.message
    assert result.version.startswith("8.")
    assert set(result.assumptions) <= coq.ASSUMPTIONS
    assert "Theorem porism_free_energy" in result.text


def test_without_coq_one_line_says_so(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda _: None)
    name = "sum_token_probability_eq_one"
    known = statements()[name]
    result = coq.check(prove(known.claim, known.domain).certificate, known.claim, known.domain)
    assert result.answer == "not installed"
    assert "\n" not in result.message
    assert result.text.count("Theorem") == 1
    assert not coq.evidence(result).status


@needs_coq
def test_an_unexpected_assumption_is_no_acceptance():
    text = coq.CoqText(
        "claim", "Axiom gift : 0 = 1.\nTheorem claim : 0 = 1.\nProof. exact gift. Qed."
    )
    result = coq.compiled(text)
    assert result.answer == "rejected"
    assert "gift" in result.message
