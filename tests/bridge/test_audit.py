"""What proofs rest on: hypotheses that are needed, certificates that do not bend, items."""

from collections import Counter

import pytest
from sympy import Eq, Ge, Le, Ne, Sum, log

from bridge import Status, audit, verify
from bridge.audit import hypotheses, mutation_score, record
from formal import prove, statements
from formal.items import ITEMS, coverage, unknown_items
from formal.statement import Statement, simplex
from formal.symbols import T, V, alpha, i, q

KNOWN = statements()
ENTROPY = Le(-Sum(q[i] * log(q[i]), (i, 1, V)), log(V), evaluate=False)


def stated(claim, *assuming):
    return Statement.of(claim, "inequality", assuming)


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (KNOWN["kl_divergence_nonneg"], [(True, "refuted"), (True, "refuted")]),
        (stated(ENTROPY, *simplex(q)), [(True, "refuted")]),
        (stated(ENTROPY, *simplex(q), Ne(alpha, 1)), [(True, "refuted"), (False, "provable")]),
        (stated(Eq(T / T * alpha, alpha, evaluate=False), Le(T, 1)), [(False, "provable")]),
        (stated(Eq((alpha - 1) / (alpha - 1), 1, evaluate=False)), []),
    ],
)
def test_each_hypothesis_is_dropped(statement, expected):
    proof = prove(statement.claim, statement.domain)
    assert proof
    found = hypotheses(statement, proof)
    assert [(row["used"], row["without"]) for row in found] == expected


def test_a_hypothesis_that_only_makes_defined_says_so():
    statement = KNOWN["entropy_of_truncated"]
    found = hypotheses(statement, prove(statement.claim, statement.domain))
    assert [row["without"] for row in found] == ["definedness"]


def test_without_a_proof_nothing_is_said_of_use():
    assert hypotheses(stated(Ge(q[i], 2), *simplex(q)), None)[0]["used"] is None


def test_corrupted_certificates_are_rejected_and_counted():
    statement = KNOWN["kl_divergence_nonneg"]
    score = mutation_score(statement, prove(statement.claim, statement.domain))
    assert score["accepted"] == 0 and sum(score.values()) == audit.CORRUPTIONS
    assert score["rejected"] >= audit.CORRUPTIONS - 2


def test_a_checker_that_accepts_a_corruption_is_shown(monkeypatch):
    monkeypatch.setattr(audit, "tally", lambda *_: (Counter(rejected=11), [{}]))
    row = verify("kl_divergence_nonneg", oracles=("audit",)).evidence[0]
    assert row.status is Status.UNKNOWN and "1 accepted" in row.detail


def test_the_audit_is_asked_only_by_name():
    verdict = verify("entropy_nonneg", oracles=("kernel", "audit"))
    assert [row.oracle for row in verdict.evidence] == ["kernel", "audit"]
    assert verify("entropy", oracles=("audit",)).status is Status.UNKNOWN


def test_the_record_holds_what_is_stable():
    found = record(KNOWN["kl_divergence_nonneg"])
    assert found["proved"] and len(found["hypotheses"]) == 2
    assert set(found) == {"kind", "items", "proved", "hypotheses"}
    assert "proved" not in record(KNOWN["entropy"])
    assert record(KNOWN["moduli_space"])["checked_by"]


def test_statements_name_items_of_the_plan():
    assert not unknown_items(KNOWN.values())
    covered = coverage(KNOWN)
    assert covered["1:T1.19"] and not covered["2:Q7"]
    assert len(set(ITEMS.values())) > 0.95 * len(ITEMS)


def test_an_item_that_is_not_in_the_plan_is_seen():
    wrong = Statement("x", "identity", None, ("9:X",), KNOWN["entropy"].source, "")
    assert unknown_items([wrong]) == ["9:X"]
