"""The text of exported theorems: its shape, its names, and that the statement sees no proof."""

import re

import pytest
from sympy import Derivative, Eq, IndexedBase, Le, Sum, Symbol, exp, log, symbols

import formal.coq.statement
from formal import prove
from formal.coq import PRELUDE, coq_text
from formal.coq.statement import theorem
from formal.coq.text import Names, NotExported
from formal.proof.encoding import encode_claim

V = Symbol("V", integer=True, positive=True)
i, j, k = symbols("i j k", integer=True, positive=True)
T = Symbol("T", positive=True)
c = Symbol("c", real=True)
E = IndexedBase("E", real=True)
p = IndexedBase("p", positive=True)

FORBIDDEN = (
    r"\b(Axiom|Axioms|Admitted|admit|Parameter|Parameters|Conjecture|Variable|Hypothesis)\b"
)


def equal(left, right):
    return Eq(left, right, evaluate=False)


def exported(claim, assuming=(), name="claim"):
    proof = prove(claim, assuming)
    assert proof, proof
    return coq_text(proof.certificate, claim, assuming, name)


def stated(claim, assuming=()):
    encoded = encode_claim(claim, assuming)
    return theorem(encoded, "name", Names(encoded))


def test_no_word_that_assumes_without_proof():
    claim = equal(Derivative(log(Sum(exp(T * E[j]), (j, 1, V))), E[i]), 
                  T * exp(T * E[i]) / Sum(exp(T * E[j]), (j, 1, V)))  # fmt: skip
    text = exported(claim).file
    assert not re.search(FORBIDDEN, text)
    assert text.count("Theorem ") == 1
    assert text.rstrip().endswith("Print Assumptions porism_claim.")


def test_every_lemma_of_the_prelude_is_closed():
    assert len(re.findall(r"^(Lemma|Theorem)\b", PRELUDE, re.MULTILINE)) == PRELUDE.count("Qed.")


def test_the_theorem_quantifies_over_sizes_signs_and_ranges():
    text = stated(equal(Sum(p[i] * T, (i, 1, V)) + E[k], E[k] + T * Sum(p[j], (j, 1, V))))
    for binder in (
        "(n_V : nat)",
        "(Hn_V : (1 <= n_V)%nat)",
        "(x_T : R)",
        "(Hx_T : 0 < x_T)",
        "(f_p : nat -> R)",
        "(Hf_p : forall k1 : nat, 0 < (f_p k1))",
        "(f_E : nat -> R)",
        "(i_k : nat)",
        "(Hi_k : (1 <= i_k <= n_V)%nat)",
    ):
        assert binder in text
    assert "Hf_E" not in text


def test_the_theorem_says_that_derivatives_exist():
    text = stated(equal(Derivative(T**2, T), 2 * T))
    assert "(ex_derive (fun x_T : R => (x_T ^ 2)) x_T) /\\ " in text


def test_hypotheses_and_conditions_are_hypotheses_of_the_theorem():
    text = stated(equal(c / c, 1), (equal(Sum(p[i], (i, 1, V)), 1), Le(E[i], c)))
    assert "(A0 : (vsum 1 n_V (fun j1 : nat => (f_p j1))) = 1)" in text
    assert "(A1 : forall k1 : nat, (1 <= k1 <= n_V)%nat -> (f_E k1) <= x_c)" in text


def test_a_condition_of_definedness_is_a_hypothesis():
    x = Symbol("x", real=True)
    assert "(C0 : x_x <> 0)" in stated(equal((x**2 + x) / x, x + 1))


def test_names_cannot_reach_out_of_their_place():
    odd = Symbol(r"\beta_{*}", positive=True)
    text = exported(equal(odd + T, T + odd), name="x. Admitted. (* ").file
    assert "Theorem porism_xAdmitted" in text
    assert not re.search(FORBIDDEN, text)


def test_names_that_become_equal_stay_apart():
    one, two = Symbol("T^*", positive=True), Symbol("T", positive=True)
    text = stated(equal(one + 2 * two, 2 * two + one))
    assert "(x_T : R)" in text and "(x_T__2 : R)" in text


def test_the_statement_depends_on_the_claim_alone():
    claim = equal(Sum(T * E[i], (i, 1, V)), T * Sum(E[i], (i, 1, V)))
    wrong = equal(Sum(T * E[i], (i, 1, V)), 2 * T * Sum(E[i], (i, 1, V)))
    certificate = prove(claim).certificate
    right, moved = (coq_text(certificate, each) for each in (claim, wrong))
    assert right.body.partition("Theorem")[0] == moved.body.partition("Theorem")[0]
    assert stated(wrong).partition("Theorem name")[2] in moved.body


def test_the_printer_of_statements_imports_no_proof():
    source = open(formal.coq.statement.__file__).read()
    imported = re.findall(r"^from (\S+) import", source, re.MULTILINE)
    assert not {m for m in imported if "coq_" in m} - {"formal.coq.text"}
    assert not any("certificate" in m or "prover" in m or "normal" in m for m in imported)


def test_what_is_not_exported_says_why():
    a = IndexedBase("a", positive=True)
    claim = equal(Sum(a[i], (i, 1, 100_000)), Sum(a[j], (j, 1, 100_000)))
    with pytest.raises(NotExported, match="more than 2000"):
        exported(claim)
