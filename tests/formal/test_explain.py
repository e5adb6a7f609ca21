"""Explained proofs: every line equals the one before, in balls that know nothing of the proof."""

import pytest
from sympy import Eq, Ge, Sum, log

from bridge import Status
from bridge.ball_oracle import ball_evidence
from formal import Derivation, prove, statements
from formal.explain import explain
from formal.statement import simplex
from formal.symbols import V, i, q, r
from tests.formal.textbook import IDENTITIES, SLIPS

KNOWN = statements()
KL = Ge(Sum(q[i] * log(q[i] / r[i]), (i, 1, V)), 0, evaluate=False)
NAMES = [
    "free_energy_eq_internal_energy_sub_temperature_mul_entropy",
    "entropy_eq_neg_deriv_free_energy",
    "heat_capacity_eq_deriv_internal_energy",
    "kl_divergence_nonneg",
    "shannon_entropy_le_log_card",
]
TEXTBOOK = ["Fisher information of softmax", "chain rule of entropy", "total variance"]


def steps_hold(explained, assuming):
    """Whether each line is equal to the one before, at points of the domain."""
    letters = dict(explained.letters)
    lines = [line.expression.xreplace(letters) for line in explained.lines]
    lines = lines[:-1] if explained.lines[-1].relation != "=" else lines
    pairs = list(zip(lines, lines[1:], strict=False))
    found = [
        ball_evidence(Eq(a, b, evaluate=False), assuming, points=7, digits=20) for a, b in pairs
    ]
    return bool(pairs) and all(row.status is Status.SUPPORTED for row in found)


@pytest.mark.parametrize("name", NAMES)
def test_every_line_of_a_proof_equals_the_one_before(name):
    statement = KNOWN[name]
    assert steps_hold(explain(prove(statement.claim, statement.domain)), statement.domain)


@pytest.mark.parametrize("name", TEXTBOOK)
def test_every_line_of_a_textbook_proof_equals_the_one_before(name):
    entry = next(e for e in IDENTITIES if e.name == name)
    explained = explain(prove(entry.claim, entry.assuming))
    assert steps_hold(explained, entry.assuming)
    assert explained.lines[0].expression.xreplace(dict(explained.letters)) is not None


def test_a_line_that_is_wrong_would_be_seen():
    slip = next(e for e in SLIPS if e.name == "F with plus")
    claim = Derivation([slip.claim.lhs, slip.claim.rhs])
    assert ball_evidence(claim.steps[0].claim, points=7).status is Status.REFUTED


def test_an_inequality_ends_in_the_lemma_of_its_summand():
    explained = explain(prove(KL, simplex(q, r)))
    last = explained.lines[-1]
    assert last.relation == r"\geq" and last.expression == 0
    assert last.reason == (r"x - 1 - \ln x \geq 0 \text{ at } x = \frac{r_{i}}{q_{i}}")
    assert len(explained.hypotheses) == 2
    assert any("hypothesis" in reason for _, reason in explained)


def test_sums_in_logarithms_have_letters_and_the_chain_is_aligned():
    statement = KNOWN[NAMES[0]]
    explained = explain(prove(statement.claim, statement.domain))
    assert [str(letter) for letter, _ in explained.letters] == ["Z"]
    text = explained.latex
    assert text.startswith("\\begin{aligned}\nZ &:= ") and "&= " in text
    assert len(text.splitlines()) == len(explained) + 3


def test_what_is_no_certificate_is_refused():
    proof = prove(KL, simplex(q, r))
    for wrong in (None, {}, "proof", {**proof.certificate, "steps": []}, {"terms": [[]]}):
        with pytest.raises(ValueError, match="no certificate"):
            explain(wrong)
