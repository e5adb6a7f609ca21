"""Coq accepts what the kernel proved, and rejects the proof for any other statement."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache

import pytest
from sampled import sampled
from sympy import (
    Abs,
    Add,
    Derivative,
    Eq,
    IndexedBase,
    KroneckerDelta,
    Le,
    Max,
    Min,
    Mul,
    Product,
    Rational,
    Sum,
    Symbol,
    log,
    sqrt,
)

from bridge import coq, verify
from formal import Proof, prove, statements
from formal.coq import coq_text, exported
from formal.coq.text import NotExported
from formal.functions import Subset, xlogy
from formal.proof.encoding import encode_claim

needs_coq = pytest.mark.skipif(shutil.which("coqc") is None, reason=coq.INSTALL)
BATCH = 20  # theorems in one file
NOT_EXPORTED = (  # why a statement may not be
    "sums over strings",
    "integrals",
    "a step below a derivative rests on a hypothesis",
)
T = Symbol("T", positive=True)


@lru_cache(maxsize=1)
def exports():
    """The file, or the reason why there is none, for every statement that the kernel proves."""
    found = {}
    for name, known in statements().items():
        if known.kind not in ("identity", "inequality"):
            continue
        proof = prove(known.claim, known.domain, seconds=30)
        if isinstance(proof, Proof):
            try:
                found[name] = coq_text(proof.certificate, known.claim, known.domain, name)
            except NotExported as reason:
                found[name] = str(reason)
    return found


def texts():
    return {name: text for name, text in exports().items() if not isinstance(text, str)}


@pytest.fixture(scope="module")
def prelude():
    with coq.compiled_prelude() as folder:
        assert folder is not None, "the prelude does not compile"
        yield folder


@pytest.fixture(scope="module")
def rejected(prelude):
    """What Coq said of the theorems that it did not accept, batches first."""
    names = sampled(sorted(texts()), one_in=16)
    batches = [names[n : n + BATCH] for n in range(0, len(names), BATCH)]

    def judge(batch):
        chosen = [texts()[name] for name in batch]
        if coq.accepted_together(chosen, seconds=300, prelude=prelude):
            return {}
        answers = {name: coq.compiled(texts()[name], prelude=prelude) for name in batch}
        return {name: answer.message for name, answer in answers.items() if not answer}

    with ThreadPoolExecutor(2) as pool:
        return {name: why for found in pool.map(judge, batches) for name, why in found.items()}


@needs_coq
@pytest.mark.slow
def test_coq_accepts_every_exported_statement(rejected):
    assert texts()
    assert not rejected


@needs_coq
@pytest.mark.slow
def test_all_but_sums_over_strings_and_integrals_are_exported():
    missing = {name: why for name, why in exports().items() if isinstance(why, str)}
    assert {name: why for name, why in missing.items() if why not in NOT_EXPORTED} == {}
    kinds = {name: statements()[name].kind for name in exports()}
    identities = [name for name in exports() if kinds[name] == "identity"]
    assert len([n for n in identities if n not in missing]) >= 0.9 * len(identities)


@needs_coq
def test_a_file_stands_alone():
    name = "free_energy_eq_internal_energy_sub_temperature_mul_entropy"
    known = statements()[name]
    certificate = prove(known.claim, known.domain).certificate
    result = coq.check(certificate, known.claim, known.domain, name)
    assert result.accepted, result.message
    assert result.version.startswith("8.")
    assert set(result.assumptions) == coq.ASSUMPTIONS
    assert "Theorem porism_free_energy" in result.text


@needs_coq
def test_coq_is_asked_where_it_is_named():
    verdict = verify("sum_token_probability_eq_one", oracles=("kernel", "coq"))
    assert [row.oracle for row in verdict.evidence] == ["kernel", "coq"]
    assert all(row.status == "PROVED" for row in verdict.evidence)
    assert verdict.evidence[1].data["version"] == coq.version()


def test_without_coq_one_line_says_so(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda _: None)
    known = statements()["sum_token_probability_eq_one"]
    result = coq.check(prove(known.claim, known.domain).certificate, known.claim, known.domain)
    assert result.answer == "not installed"
    assert "\n" not in result.message
    assert result.text.count("Theorem") == 1
    assert not coq.evidence(result).status


@needs_coq
def test_an_unexpected_assumption_is_no_acceptance():
    gift = "Axiom gift : 0 = 1.\nTheorem claim : 0 = 1.\nProof. exact gift. Qed."
    result = coq.compiled(coq.CoqText("claim", gift))
    assert result.answer == "rejected"
    assert "gift" in result.message


@needs_coq
def test_an_unfinished_proof_is_no_acceptance(prelude):
    text = coq.CoqText("claim", "Theorem claim : 0 = 1.\nProof. Admitted.")
    assert coq.compiled(text, prelude=prelude).answer == "rejected"
    assert not coq.accepted_together([text], prelude=prelude)


@needs_coq
def test_time_is_limited(prelude):
    text = coq.CoqText(
        "claim", "Theorem claim : 2 = 2.\nProof. do 100000000 idtac. reflexivity. Qed."
    )
    result = coq.compiled(text, seconds=2, prelude=prelude)
    assert result.answer == "rejected"
    assert "2 seconds" in result.message


# False statements, each with the proof of the true one


def slips(claim):
    """A sign, a factor, a power of T, a term too many or none; none of these is true."""
    left, right = claim.args
    relation = type(claim)
    yield relation(left, Mul(-1, right, evaluate=False), evaluate=False)
    yield relation(left, Mul(2, right, evaluate=False), evaluate=False)
    yield relation(Mul(T, left, evaluate=False), right, evaluate=False)
    yield relation(Add(left, 1, evaluate=False), right, evaluate=False)
    if relation is Le:
        yield relation(right, left, evaluate=False)


FALSIFIED = (
    "free_energy_eq_internal_energy_sub_temperature_mul_entropy",
    "entropy_eq_neg_deriv_free_energy",
    "deriv_internal_energy_eq_variance_div_temperature_sq",
    "free_energy_add_const",
    "heat_capacity_eq_variance_log_probability",
    "ground_energy_le_internal_energy",
)


@needs_coq
@pytest.mark.parametrize("name", FALSIFIED)
def test_false_statements_are_rejected_with_the_proof_of_true_ones(name, prelude):
    known = statements()[name]
    certificate = prove(known.claim, known.domain).certificate
    right = coq_text(certificate, known.claim, known.domain, name)
    lemmas, _, theorem = right.body.rpartition("Theorem ")
    proof = theorem.rpartition("Proof. exact ")[2].removesuffix(" Qed.\n")
    false = [
        exported(encode_claim(wrong, known.domain), certificate, f"slip{n}")
        for n, wrong in enumerate(slips(known.unfolded))
    ]
    failing = [
        f"Theorem {each.body.rpartition('Theorem ')[2].rpartition('Proof.')[0]}"
        f"Proof. Fail exact {proof} Abort.\n"
        for each in false
    ]
    assert len(failing) >= 4
    text = coq.CoqText(right.name, "\n".join([lemmas, *failing, f"Theorem {theorem}"]))
    result = coq.compiled(text, prelude=prelude)
    assert result.accepted, result.message  # every exact failed but the last
    assert not coq.compiled(false[0], prelude=prelude)


@needs_coq
def test_a_hypothesis_that_is_left_out_is_missed(prelude):
    name = "kl_divergence_nonneg"
    known = statements()[name]
    certificate = prove(known.claim, known.domain).certificate
    text = exported(encode_claim(known.claim), certificate, name)
    assert coq.compiled(text, prelude=prelude).answer == "rejected"


@needs_coq
def test_a_claim_that_the_proof_is_not_about_is_rejected(prelude):
    one = statements()["free_energy_eq_internal_energy_sub_temperature_mul_entropy"]
    certificate = prove(one.claim, one.domain).certificate
    text = coq_text(certificate, Eq(T, T + 1, evaluate=False))
    assert coq.compiled(text, prelude=prelude).answer == "rejected"


# Beyond the catalogue: each of these needs something that nothing above needs


def beyond():
    V, i, j, k = (Symbol(name, integer=True, positive=True) for name in "Vijk")
    p, q = (IndexedBase(name, positive=True) for name in "pq")
    r = IndexedBase("r", nonnegative=True)
    A, a, b, w = Subset("A"), *(Symbol(name, positive=True) for name in "abw")
    x, y = (Symbol(name, real=True) for name in "xy")
    over = lambda f, index=i: Sum(f, (index, 1, V))  # noqa: E731
    equal = lambda left, right: Eq(left, right, evaluate=False)  # noqa: E731
    one = lambda *fs: tuple(equal(over(f[i]), 1) for f in fs)  # noqa: E731
    yield "a root of a sum", equal((a + b) / sqrt(a + b), sqrt(a + b)), ()
    third, rest = a ** Rational(1, 3), a ** Rational(5, 6)
    yield "roots of numbers", equal(sqrt(8 * a) * third, 2 * sqrt(2) * rest), ()
    apart, common = over((sqrt(p[i]) - sqrt(q[i])) ** 2), over(sqrt(p[i] * q[i]))
    yield "Hellinger", equal(apart, 2 - 2 * common), one(p, q)
    yield "derivative of a root", equal(Derivative(sqrt(a), a), 1 / (2 * sqrt(a))), ()
    yield "powers", equal(a**x * a**-x * w, w), ()
    yield "absolute values", equal(Abs(x * y), Abs(x) * Abs(y)), ()
    yield "larger and smaller", equal(Min(x, y) + Max(x, y), x + y), ()
    yield "indicators", equal(over(A[i] * A[i] * p[i]), over(A[i] * p[i])), ()
    yield "a subset weighs less", Le(over(A[i] * p[i]), over(p[i]), evaluate=False), ()
    yield "zeros", Le(0, -over(xlogy(r[i], r[i])), evaluate=False), one(r)
    yield "zeros in a divergence", Le(0, over(xlogy(r[i], r[i] / p[i])), evaluate=False), one(r, p)
    yield "total variation", Le(over(Abs(r[i] - q[i])), 2, evaluate=False), one(r, q)
    yield "a product", equal(log(Product(p[i], (i, 1, V))), over(log(p[i]))), ()
    twice = Derivative(over(p[i] ** 3), p[j], p[k])
    yield "an entry twice", equal(twice, 6 * p[j] * KroneckerDelta(j, k)), ()
    yield "a condition near a point", equal(Derivative(log(x - y), x, x), -1 / (x - y) ** 2), ()
    yield "an index from 2", equal(Sum(a, (i, 2, V)), a * (V - 1)), ()


@needs_coq
def test_what_the_catalogue_does_not_need_is_accepted(prelude):
    chosen = []
    for name, claim, assuming in beyond():
        proof = prove(claim, assuming)
        assert isinstance(proof, Proof), f"{name}: {proof}"
        chosen.append(coq_text(proof.certificate, claim, assuming, "beyond"))
    if not coq.accepted_together(chosen, prelude=prelude):
        answers = [coq.compiled(text, prelude=prelude).message for text in chosen]
        assert not [(entry[0], why) for entry, why in zip(beyond(), answers, strict=True) if why]
