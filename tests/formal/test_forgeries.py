"""Forged certificates: what no prover would write, and a kernel must refuse all the same.

Each forgery once proved a falsehood, or would if its check were missing.
"""

import json
from typing import Any

import pytest
from sympy import Le, Ne, Symbol

from formal.proof.certificate import certificate
from formal.proof.encoding import encode_claim
from formal.proof.kernel import Derivation
from formal.proof.prover import replay
from formal.proof.terms import ONE, ZERO, ProofError, Term

c = Symbol("c", real=True)
FALSE = Le(c + 1, c, evaluate=False)


def forged(claim: Any, steps: list[tuple], displayed: Term | None) -> Any:
    """The certificate that a prover without scruples writes, taken through JSON."""
    proof, taken = Derivation(encode_claim(claim)), []
    for rule, before, *data in steps:
        taken.append((rule, before, proof.step(rule, before, *data), tuple(data)))
    assert proof.proves(displayed)
    return json.loads(json.dumps(certificate(proof, taken, displayed)))


def test_an_honest_certificate_replays() -> None:
    claim = Le(c, c + 1, evaluate=False)
    assert replay(forged(claim, [], ONE), claim)


def test_no_index_is_taken_from_an_empty_range() -> None:
    """An empty sum less one of its summands, none of them negative, is not nonnegative."""

    def empty() -> Any:
        nothing = Term("sum", 1, 0, ONE)
        less = Term("above", nothing, Term("idx", "#1", 1, 0))
        return forged(FALSE, [("unfold", less), ("lin", nothing, (ONE, ONE))], less)

    with pytest.raises(ProofError, match="empty"):
        empty()


@pytest.mark.parametrize("high", ["@words", "@strings"])
def test_words_and_strings_are_not_counted_off(high: str) -> None:
    """The sum over words but the first, gathered like the whole one, would be equal to it."""
    with pytest.raises(ProofError, match="counted off"):
        Term("sum", 2, high, ONE)
    with pytest.raises(ProofError, match="counted off"):
        Term("idx", "#1", 2, high)


def test_difference_is_not_proved_by_what_is_nonnegative() -> None:
    with pytest.raises(ProofError, match="not proved"):
        forged(Ne(c, c, evaluate=False), [], ZERO)
