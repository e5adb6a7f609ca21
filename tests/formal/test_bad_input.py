"""Bad input ends in a clear refusal, in time, and is never executed.

Claims that are too large, nonsense or malicious; certificates of wrong types, for other theorems,
cyclic, deep or huge; and random expressions and random JSON, which must not raise either.
"""

import copy
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sympy import (
    Abs,
    Add,
    Derivative,
    Eq,
    Float,
    Function,
    I,
    Idx,
    IndexedBase,
    Integer,
    Integral,
    Lambda,
    Le,
    Max,
    Min,
    Mul,
    Piecewise,
    Pow,
    Product,
    Subs,
    Sum,
    Symbol,
    exp,
    gamma,
    log,
    nan,
    oo,
    pi,
    sqrt,
    true,
    zoo,
)

from bridge import verify
from formal.functions import Subset, xlogy
from formal.proof.certificate import digest
from formal.proof.prover import Failure, Proof, prove, replay
from formal.statement import ClaimError
from formal.symbols import E, Minimum, T, V, i, j, k, q, x
from tests.formal.textbook import by, equal, over

s = Symbol("s", real=True)
t = Symbol("t", positive=True)
A = Subset("A")
CODE = "__import__('pathlib').Path('executed').touch()"
PATIENCE = 10.0  # seconds for what is refused; most take milliseconds


def nested(levels: int, grown: Callable[[Any], Any]) -> Any:
    expression: Any = s
    for _ in range(levels):
        expression = grown(expression)
    return expression


TOWER = Pow(9, Pow(9, 9, evaluate=False), evaluate=False)
HUGE = {
    "tower": lambda: TOWER,
    "tower in an exponent": lambda: Pow(t, TOWER, evaluate=False),
    "many digits": lambda: s + Integer(7) ** 100_000,
    "deep powers": lambda: nested(10_000, lambda e: Pow(e, 2, evaluate=False) + 1),
    "deep exponentials": lambda: nested(10_000, lambda e: exp(e, evaluate=False)),
    "deep sums": lambda: nested(300, lambda e: Sum(e, (i, 1, V))),
    "wide": lambda: Add(*[Symbol(f"a{n}") for n in range(20_000)]),
    "many derivatives": lambda: Derivative(s**2, (s, 10**6), evaluate=False),
    "derivatives of unknown number": lambda: Derivative(s**2, (s, V)),
}


@pytest.mark.parametrize("name", HUGE)
def test_what_is_too_large_is_refused_at_once(name: str) -> None:
    claim = equal(HUGE[name](), s)
    started = time.monotonic()
    refusal = prove(claim)
    assert isinstance(refusal, Failure)
    with pytest.raises(ClaimError) as error:
        verify(claim)
    assert time.monotonic() - started < PATIENCE
    assert 10 < len(str(error.value)) < 200


def test_a_hypothesis_may_not_be_too_large_either() -> None:
    claim, assumed = equal(s, t), (equal(TOWER, s),)
    assert not prove(claim, assumed)
    with pytest.raises(ClaimError, match="too large"):
        verify(claim, assumed)


LARGE = {
    "a product of many sums": lambda: Mul(*[Symbol(f"a{n}") + 1 for n in range(30)]),
    "a power of a sum": lambda: Add(*[Symbol(f"a{n}") for n in range(12)]) ** 12,
    "towers of exponentials": lambda: nested(30, lambda e: exp(e) + 1),
    "absolute values in absolute values": lambda: nested(25, lambda e: Abs(e - 1)),
    "derivatives in derivatives": lambda: nested(8, lambda e: Derivative(exp(e) * s, s)),
    "a maximum of nine": lambda: Max(*[Symbol(f"a{n}", real=True) for n in range(9)]),
    "an exponent of fifty digits": lambda: (s + t) ** (10**50),
}


@pytest.mark.parametrize("name", LARGE)
def test_what_grows_is_given_up_in_time(name: str) -> None:
    claim = equal(LARGE[name](), s)
    started = time.monotonic()
    refusal = prove(claim)
    assert isinstance(refusal, Failure) and len(refusal.reason) < 600
    assert time.monotonic() - started < PATIENCE


NONSENSE = {
    "unknown function": lambda: equal(Function("f")(s), s),
    "function that is not spoken of": lambda: equal(gamma(s), s),
    "function whose name is code": lambda: equal(Function(CODE)(s), s),
    "symbol whose name is code": lambda: equal(Symbol(CODE), s),
    "family whose name is code": lambda: equal(IndexedBase(CODE)[i], s),
    "size whose name is code": lambda: equal(Sum(E[i], (i, 1, Symbol(CODE))), s),
    "index whose name is code": lambda: equal(E[Symbol(CODE, integer=True)], s),
    "name with spaces": lambda: equal(Symbol("a b"), s),
    "name with a line break": lambda: equal(Symbol("a\nb"), s),
    "no name": lambda: equal(Symbol(""), s),
    "endless name": lambda: equal(Symbol("a" * 10_000), s),
    "nan": lambda: equal(nan, s),
    "infinity": lambda: equal(oo, s),
    "complex infinity": lambda: equal(zoo, s),
    "imaginary": lambda: equal(I * s, s),
    "float": lambda: equal(Float("0.5") * s, s),
    "pi": lambda: equal(pi * s, s),
    "pieces": lambda: equal(Piecewise((s, s > 0), (0, True)), s),
    "substitution": lambda: equal(Subs(s**2, s, 3), s),
    "family as a number": lambda: equal(Lambda(i, E[i]), s),
    "sum to its own index": lambda: equal(Sum(1, (i, 1, i)), s),
    "sum to an expression": lambda: equal(Sum(E[i], (i, 1, V + 1)), s),
    "sum from below": lambda: equal(Sum(E[i], (i, -1, V)), s),
    "sum of too many": lambda: equal(Sum(E[i], (i, 1, 10**30)), s),
    "endless product": lambda: equal(Product(E[i], (i, 1, oo)), s),
    "integral without bounds": lambda: equal(Integral(s, s), s),
    "integral without end": lambda: equal(Integral(exp(-s), (s, 0, oo)), 1),
    "shifted index": lambda: equal(Sum(E[i + 1], (i, 1, V)), s),
    "number for an index": lambda: equal(E[1], s),
    "entry for an index": lambda: equal(E[E[i]], s),
    "index with a range of its own": lambda: equal(
        E[Idx("i", (0, 3))], E[Idx("i", (0, 3))] + 0 * s
    ),
    "derivative by an index": lambda: equal(Derivative(s**2, i), s),
    "derivative of an unknown function": lambda: equal(Derivative(Function("f")(s), s), s),
    "no relation": lambda: s,
    "text": lambda: "x = x",
    "nothing": lambda: None,
    "true": lambda: true,
    "conjunction": lambda: (s > 0) & (t > s),
}


@pytest.mark.parametrize("name", NONSENSE)
def test_nonsense_is_refused_in_words_and_not_executed(
    name: str, tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    refusal = prove(NONSENSE[name]())
    assert isinstance(refusal, Failure) and refusal.reason
    assert not replay(CERTIFICATE, NONSENSE[name]())
    assert not list(tmp_path.iterdir())


# Certificates


def certificate(claim: Any, assuming: Any = ()) -> Any:
    proof = prove(claim, assuming)
    assert isinstance(proof, Proof), proof.reason
    return json.loads(json.dumps(proof.certificate))


GIBBS = log(over(q[i])) - over(q[i] * log(q[i]))
CLAIM = equal(by(over(exp(t * x[i])), t) + GIBBS, over(x[i] * exp(t * x[i])) + GIBBS)
CERTIFICATE = certificate(CLAIM)


def with_hash(data: dict[str, Any]) -> dict[str, Any]:
    try:
        return {**data, "sha256": digest(data)}
    except (TypeError, ValueError, RecursionError):
        return {**data, "sha256": "0" * 64}


def refused(data: Any) -> bool:
    started = time.monotonic()
    answer = replay(data, CLAIM)
    assert time.monotonic() - started < PATIENCE
    return answer is False


def test_the_certificate_itself_replays() -> None:
    assert replay(CERTIFICATE, CLAIM)
    assert replay(with_hash(CERTIFICATE), CLAIM)


@pytest.mark.parametrize(
    "data", [None, True, 3, 2.5, nan, "x", b"x", [], [[]], {}, {1: 2}, object()]
)
def test_what_is_not_a_certificate_is_refused(data: Any) -> None:
    assert refused(data)


def _deep() -> Any:
    data: Any = 0
    for _ in range(100_000):
        data = [data]
    return data


def _cyclic() -> Any:
    data: list[Any] = []
    data.append(data)
    return data


WRONG = {
    "nan": lambda: float("nan"),
    "infinity": lambda: float("inf"),
    "float": lambda: 0.5,
    "text": lambda: "terms",
    "bytes": lambda: b"x",
    "nothing": lambda: None,
    "true": lambda: True,
    "huge number": lambda: 10**100_000,
    "negative": lambda: -1,
    "deep": _deep,
    "cyclic": _cyclic,
    "object": lambda: object(),
    "many": lambda: [0] * 100_000,
    "surrogate": lambda: "\ud800",
}


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("key", sorted(CERTIFICATE))
def test_wrong_types_are_refused_everywhere(key: str, wrong: str) -> None:
    value = WRONG[wrong]()
    if key == "sha256":
        assert refused({**CERTIFICATE, key: value})
        return
    if value is CERTIFICATE[key]:
        return  # an equality displays nothing
    assert refused(with_hash({**CERTIFICATE, key: value}))
    if isinstance(CERTIFICATE[key], list) and CERTIFICATE[key]:
        assert refused(with_hash({**CERTIFICATE, key: [*CERTIFICATE[key][:-1], value]}))
        first = CERTIFICATE[key][0]
        if isinstance(first, list):
            for bad in ([*first[:-1], value], [value, *first[1:]]):
                assert refused(with_hash({**CERTIFICATE, key: [bad, *CERTIFICATE[key][1:]]}))


@pytest.mark.parametrize("place", [0, 1, 10**9, -1, None, "0", [0]])
def test_rows_refer_to_earlier_rows_only(place: Any) -> None:
    """A row that refers to itself, to a later row or to none would be a term without an end."""
    rows = [["exp", [place]], *copy.deepcopy(CERTIFICATE["terms"])]
    assert refused(with_hash({**CERTIFICATE, "terms": rows}))


def test_json_texts_that_are_no_json_data() -> None:
    text = json.dumps(CERTIFICATE).replace('"used": []', '"used": [NaN, Infinity]')
    assert "NaN" in text and refused(with_hash(json.loads(text)))


def test_a_certificate_for_another_theorem_is_refused() -> None:
    other = certificate(equal(s + 0 * t, s))
    assert refused(other)
    stolen = {**other, "claim": CERTIFICATE["claim"], "terms": CERTIFICATE["terms"]}
    assert refused(with_hash(stolen))


# Random trees and random JSON

LEAVES: list[Any] = [s, t, V, T, E[i], E[k], q[i], x[j], A[i], E[1], s / t, 1 / s, oo, nan]
LEAVES += [over(q[i]), over(exp(-E[j] / T), j), Symbol("a b"), Function("f")(s), 10**70]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=10,
)


def trees() -> st.SearchStrategy:
    return st.recursive(st.sampled_from(LEAVES) | st.integers(-3, 3), _grown, max_leaves=7)


def _grown(children: st.SearchStrategy) -> st.SearchStrategy:
    pairs = st.tuples(children, children)
    return (
        pairs.map(lambda ab: ab[0] + ab[1])
        | pairs.map(lambda ab: ab[0] * ab[1])
        | pairs.map(lambda ab: Pow(ab[0], ab[1], evaluate=False))
        | pairs.map(lambda ab: Min(Abs(ab[0]), Abs(ab[1])))
        | pairs.map(lambda ab: xlogy(ab[0], ab[1]))
        | pairs.map(lambda ab: Integral(ab[0] * t, (t, 1, 2 + ab[1])))
        | children.map(lambda a: exp(a, evaluate=False))
        | children.map(lambda a: log(a, evaluate=False))
        | children.map(lambda a: sqrt(a))
        | children.map(lambda a: over(a * q[i]))
        | children.map(lambda a: Sum(a, (k, 1, V), (i, 2, V)))
        | children.map(lambda a: Product(a, (j, 1, V)))
        | children.map(lambda a: Minimum(a, (i, 1, V)))
        | children.map(lambda a: Derivative(a, t))
        | children.map(lambda a: Derivative(a, q[k]))
    )


def _claims() -> st.SearchStrategy:
    relation = st.sampled_from([Eq, Le])
    return st.tuples(trees(), trees(), relation).map(
        lambda parts: parts[2](parts[0], parts[1], evaluate=False)
    )


@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_random_claims_end_in_a_proof_that_replays_or_in_words(data: Any) -> None:
    try:
        claim = data.draw(_claims())
    except (TypeError, ValueError, AttributeError, NotImplementedError):
        return  # SymPy does not even build it
    started = time.monotonic()
    result = prove(claim, seconds=1.0)
    assert time.monotonic() - started < PATIENCE
    if isinstance(result, Proof):
        assert replay(json.loads(json.dumps(result.certificate)), claim)
    else:
        assert isinstance(result, Failure) and result.reason
    assert not replay(CERTIFICATE, claim)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(JSON)
def test_random_json_is_no_certificate(noise: Any) -> None:
    assert refused(noise)


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(JSON, st.randoms(use_true_random=False))
def test_random_json_anywhere_in_a_certificate_is_refused(noise: Any, random: Any) -> None:
    data = copy.deepcopy(CERTIFICATE)
    node: Any = data
    while True:
        keys = sorted(node.keys() - {"sha256"}) if isinstance(node, dict) else range(len(node))
        key = random.choice(list(keys))
        if random.random() < 0.4 or not isinstance(node[key], (list, dict)) or not node[key]:
            break
        node = node[key]
    if json.dumps(node[key]) == json.dumps(noise):
        return
    node[key] = noise
    assert refused(with_hash(data))
