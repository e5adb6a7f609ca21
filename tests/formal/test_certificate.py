"""Certificates: they replay, they are compared with the claim, and noise is refused."""

import copy
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sympy import Eq, KroneckerDelta, Symbol, exp, log, sqrt

from formal.proof.certificate import digest
from formal.proof.prover import Failure, Proof, prove, replay
from tests.formal.certified import CASES, GIBBS, certificate
from tests.formal.textbook import (
    E,
    T,
    V,
    beta,
    by,
    c,
    equal,
    i,
    j,
    k,
    lnZ,
    normalised,
    over,
    p,
    x,
)


@pytest.mark.parametrize(("claim", "assuming"), CASES)
def test_a_certificate_survives_json_and_replays(claim: Any, assuming: Any) -> None:
    data = certificate(claim, assuming)
    assert replay(data, claim, assuming)
    assert 300 < len(json.dumps(data)) < 12_000


def test_a_certificate_for_another_claim_does_not_replay() -> None:
    data = certificate(*CASES[0])
    for claim, assuming in CASES[1:]:
        assert not replay(data, claim, assuming)
    zero = certificate(equal(c + 0 * E[k], c))
    assert not replay(zero, *CASES[0])


def test_hypotheses_are_compared() -> None:
    claim, assuming = GIBBS
    data = certificate(claim, assuming)
    assert replay(data, claim, (*assuming, equal(over(x[i]), 1)))  # knowing more does not hurt
    assert not replay(data, claim, assuming[:1])
    assert not replay(data, claim, normalised(p, x))
    assert not replay(data, claim)


def test_index_ranges_are_compared() -> None:
    data = certificate(equal(over(p[i] * c), c * over(p[i])))
    other = Symbol("n", integer=True, positive=True)
    assert not replay(data, equal(over(p[i] * c, i, other), c * over(p[i], i, other)))
    assert replay(data, equal(over(p[j] * c, j), c * over(p[j], j)))  # bound names do not matter


def test_the_hash_is_checked() -> None:
    claim, assuming = CASES[0]
    data = certificate(claim, assuming)
    assert data["sha256"] == digest(data)
    data["sha256"] = "0" * 64
    assert not replay(data, claim, assuming)


@pytest.mark.parametrize(
    "data",
    [None, 3, "x", [], {}, {"format": "porism-proof-1"}, {"terms": [[["num"]]]}, float("nan")],
)
def test_what_is_not_a_certificate_is_rejected(data: Any) -> None:
    assert not replay(data, *CASES[0])


def test_cyclic_and_deep_data_are_rejected() -> None:
    claim, assuming = CASES[0]
    cyclic = certificate(claim, assuming)
    cyclic["steps"].append(cyclic["steps"])
    assert not replay(cyclic, claim, assuming)
    deep = certificate(claim, assuming)
    nested: Any = 0
    for _ in range(100_000):
        nested = [nested]
    deep["steps"][0][3] = nested
    assert not replay(deep, claim, assuming)


def test_an_idle_step_is_rejected() -> None:
    claim, assuming = CASES[0]
    data = certificate(claim, assuming)
    row = data["claim"][1]
    data["steps"].append(["field", row, row, [{"term": row}]])
    data["sha256"] = digest(data)
    assert not replay(data, claim, assuming)


# Random trees

LEAVES = [c, T, beta, E[i], p[k], x[k], V * T / V, over(p[i]), over(exp(-beta * E[j]), j), lnZ]


def trees() -> st.SearchStrategy:
    leaves = st.sampled_from(LEAVES) | st.integers(-3, 3)
    return st.recursive(leaves, _grown, max_leaves=8)


def _grown(children: st.SearchStrategy) -> st.SearchStrategy:
    pairs = st.tuples(children, children)
    return (
        pairs.map(lambda ab: ab[0] + ab[1])
        | pairs.map(lambda ab: ab[0] * ab[1])
        | children.map(lambda a: exp(a))
        | children.map(lambda a: log(a * a + 1))
        | children.map(lambda a: sqrt(a * a + 1))
        | children.map(lambda a: 1 / (a * a + 1))
        | children.map(lambda a: over(p[i] * a))
        | children.map(lambda a: over(KroneckerDelta(i, k) * a))
        | children.map(lambda a: by(a + T, T))
        | pairs.map(lambda ab: (ab[0] * ab[0] + 1) ** ab[1])
    )


@settings(max_examples=60, deadline=20_000, suppress_health_check=list(HealthCheck))
@given(trees(), trees())
def test_random_claims_end_in_a_verdict_that_replays(left: Any, right: Any) -> None:
    """A tree equals itself however it is written, and never itself plus one."""
    same = prove(Eq(left + right, right + left, evaluate=False))
    assert isinstance(same, (Proof, Failure))
    moved = Eq(left, left + 1, evaluate=False)
    assert not prove(moved)
    claim = Eq((left + 1) * (right + 1), left * right + left + right + 1, evaluate=False)
    proof = prove(claim)
    if proof:
        assert replay(json.loads(json.dumps(proof.certificate)), claim)
    else:
        assert isinstance(proof, Failure) and proof.reason


@settings(max_examples=200, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner),
        max_leaves=12,
    ),
    st.sampled_from(
        ["format", "claim", "hypotheses", "steps", "displayed", "conditions", "terms"]
    ),
)
def test_random_data_is_never_a_certificate(noise: Any, key: str) -> None:
    claim, assuming = CASES[0]
    data = copy.deepcopy(_PROVED)
    if data[key] != noise:
        data[key] = noise
        data["sha256"] = digest(data)
        assert not replay(data, claim, assuming)


_PROVED = certificate(*CASES[0])
