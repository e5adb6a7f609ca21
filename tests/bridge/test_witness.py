"""False claims get the simplest point at which they fail, and it can be redone by hand."""

from functools import cache

import mpmath
import pytest
from by_hand import read_point, value
from sympy import Derivative, Eq, Le, Lt, Sum, log

from bridge import Status
from bridge.ball_oracle import ball_evidence
from formal.boltzmann import C, F, S, U
from formal.statement import simplex
from formal.symbols import E, T, V, i, j, q, r
from tests.formal.textbook import IDENTITIES, SLIPS, Entry

ENTRIES = {entry.name: entry for entry in SLIPS}


@cache
def refutation(name: str):
    entry = ENTRIES[name]
    return ball_evidence(entry.claim, entry.assuming)


def close(a, b, digits=12):
    return abs(a - b) <= mpmath.mpf(10) ** -digits * (1 + abs(a) + abs(b))


@pytest.mark.parametrize("name", ENTRIES)
def test_slips_are_refuted_and_the_witness_holds_in_plain_python(name):
    found = refutation(name)
    assert found.status is Status.REFUTED, found
    assert found.witness is not None
    claim = ENTRIES[name].claim
    with mpmath.workdps(40):
        at = read_point(dict(found.witness))
        left, right = value(claim.lhs, at), value(claim.rhs, at)
        assert close(left, mpmath.mpf(found.witness["left"]))
        assert close(right, mpmath.mpf(found.witness["right"]))
        assert not close(left, right, digits=6)
        for hypothesis in ENTRIES[name].assuming:
            assert close(value(hypothesis.lhs, at), value(hypothesis.rhs, at))


def test_the_second_evaluator_can_disagree():
    entry: Entry = next(e for e in IDENTITIES if e.name == "entropy from ln Z")
    at = {"V": 2, "beta": mpmath.mpf(2), "E": [mpmath.mpf(0), mpmath.mpf(1)]}
    with mpmath.workdps(40):
        left, right = value(entry.claim.lhs, at), value(entry.claim.rhs, at)
        assert close(left, right)
        assert not close(left, right + mpmath.mpf("1e-6"))


@pytest.mark.parametrize("name", [n for n in ENTRIES if n != "sigmoid derivative"])
def test_no_fewer_states_would_do(name):
    """Where a witness has two states, the claim holds at every point of one that was tried."""
    found, entry = refutation(name), ENTRIES[name]
    assert found.witness is not None
    size = int(found.witness["V"])
    assert size <= 2
    if size == 1:
        return
    with mpmath.workdps(40):
        for number in (mpmath.mpf(1), mpmath.mpf(3) / 7, mpmath.mpf(2)):
            names = [n for n in found.witness if n not in ("left", "right")]
            at = {name: _one(name, found.witness[name], number) for name in names}
            if all(close(value(h.lhs, at), value(h.rhs, at)) for h in entry.assuming):
                assert close(value(entry.claim.lhs, at), value(entry.claim.rhs, at))


def _one(name, text, number):
    """One state: sizes and indices are 1, all components and parameters the given number."""
    if name in ("V", "n", "k", "l", "y"):
        return mpmath.mpf(1)
    return [[number]] if text.startswith("((") else [number] if text.startswith("(") else number


@pytest.mark.parametrize(
    ("claim", "assuming", "point"),
    [
        (Eq(C, Derivative(S, T)), (), {"V": "2", "T": "2", "E": "(0, 1)"}),
        (Eq(F, U + T * S), (), {"V": "2", "T": "1", "E": "(0, 0)"}),
        (Eq(U, 0, evaluate=False), (), {"V": "1", "T": "1", "E": "(1)"}),
        (Le(S, log(7)), (), {"V": "8", "T": "1", "E": "(0, 0, 0, 0, 0, 0, 0, 0)"}),
        (Lt(S, log(V)), (), {"V": "1", "T": "1", "E": "(0)"}),
        (
            Eq(Sum(q[i] * log(q[i] / r[i]), (i, 1, V)), Sum(r[j] * log(r[j] / q[j]), (j, 1, V))),
            simplex(q, r),
            {"V": "2", "q": "(1/2, 1/2)", "r": "(1/3, 2/3)"},
        ),
    ],
)
def test_the_point_is_the_one_a_person_would_choose(claim, assuming, point):
    witness = ball_evidence(claim, assuming).witness
    assert witness is not None
    assert {name: witness[name] for name in point} == point


def test_the_calculation_is_shown_line_by_line():
    lines = ball_evidence(Eq(C, Derivative(S, T))).data["by_hand"]
    assert "Z = ∑ᵢ₌₁^V e^(−Eᵢ/T) = 1 + 0.606531 = 1.60653" in lines
    assert "pᵢ = e^(−Eᵢ/T)/Z = 0.622459, 0.377541 for i = 1, 2" in lines
    assert any(line.startswith("(∂ S)/(∂ T) = 0.029375") for line in lines)
    assert lines[-2:] == ["left = 0.0587509", "right = 0.0293755"]


def test_rational_values_are_shown_exactly():
    claim = Eq(Sum(q[i] / r[i], (i, 1, V)), 1 / Sum(q[i] * r[i], (i, 1, V)))
    lines = ball_evidence(claim, simplex(q)).data["by_hand"]
    assert lines[-2:] == ["left = 3/4", "right = 2/3"]


def test_what_has_no_value_is_undefined_and_not_refuted():
    found = ball_evidence(Eq(log(-Sum(E[i] ** 2, (i, 1, V))), 0, evaluate=False))
    assert found.status is Status.UNDEFINED


def test_hypotheses_met_by_single_states_only_support_nothing():
    only_one = Le(V, 1, evaluate=False)
    found = ball_evidence(Eq(Sum(E[i], (i, 1, V)), E[1], evaluate=False), (only_one,))
    assert found.status is Status.UNKNOWN
