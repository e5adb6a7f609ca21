"""Mutants of the catalogue, prover against balls; and that a lying oracle would be caught."""

from collections import Counter
from types import SimpleNamespace
from typing import Any

import pytest
from sympy import Eq, Le

from benchmarks import proofs
from benchmarks.confrontation import BAD, Finding, Outcome, confront
from benchmarks.mutants import CHANGES, Mutant, mutants
from benchmarks.proof_batteries import Attempt, Slip, numerical
from bridge.coq import CoqResult
from bridge.verdict import Evidence, Status
from formal.proof.prover import Failure
from formal.quantity import unfold
from formal.symbols import T

COUNT, SEED = 40, 7
MUTANTS = mutants(numerical(), COUNT, SEED)


def test_mutants_are_different_and_those_of_the_seed() -> None:
    assert len({(unfold(m.claim), m.assuming) for m in MUTANTS}) == COUNT
    again = mutants(numerical(), COUNT, SEED)
    assert [str(m.claim) for m in again] == [str(m.claim) for m in MUTANTS]


def test_mutants_differ_from_their_statements_in_every_way() -> None:
    known = numerical()
    for mutant in MUTANTS:
        statement = known[mutant.of]
        same = unfold(mutant.claim) == statement.unfolded and mutant.assuming == statement.domain
        assert not same
    changes = {m.change for m in mutants(numerical(), 9 * COUNT, SEED)}
    assert changes >= {*CHANGES, "sides swapped", "hypothesis dropped"}


@pytest.fixture(scope="module")
def findings() -> list[Finding]:
    return [confront(mutant) for mutant in MUTANTS]


@pytest.mark.slow
def test_prover_and_balls_do_not_disagree(findings: list[Finding]) -> None:
    assert not [finding for finding in findings if finding.outcome in BAD]
    counted = Counter(finding.outcome for finding in findings)
    assert counted[Outcome.FALSE] > COUNT // 2  # the battery puts falsehoods to the prover


PROVED = SimpleNamespace(where=())
TRUE = Mutant("none", "none", Eq(T, 1 * T, evaluate=False), ())
FALSE = Mutant("none", "none", Eq(T, 2 * T, evaluate=False), ())
WEAKER = Mutant("none", "none", Le(T, 2 * T, evaluate=False), ())


def lying(claim: Any, assuming: Any, seconds: float) -> Any:
    return PROVED


def silent(claim: Any, assuming: Any, seconds: float) -> Any:
    return Failure("not tried")


def seen(status: Status) -> Any:
    return lambda claim, assuming, seed=0: Evidence("balls", status, "as told")


def test_a_prover_that_proves_everything_is_caught() -> None:
    assert confront(FALSE, prover=lying).outcome is Outcome.CONTRADICTION
    found = [confront(m, prover=lying).outcome for m in MUTANTS[:10]]
    assert Outcome.CONTRADICTION in found


def test_a_prover_that_proves_nothing_is_caught() -> None:
    assert confront(TRUE, prover=silent).outcome is Outcome.MISSED
    assert confront(WEAKER, prover=silent).outcome is Outcome.WEAKER


def test_balls_that_see_nothing_are_caught() -> None:
    for prover in (lying, silent):
        assert confront(FALSE, prover, seen(Status.UNKNOWN)).outcome is Outcome.UNDECIDED
    assert confront(FALSE, silent, seen(Status.SUPPORTED)).outcome is Outcome.MISSED


def test_what_is_proved_is_looked_at_again() -> None:
    asked = []

    def fickle(claim: Any, assuming: Any, seed: int = 0) -> Evidence:
        asked.append(seed)
        status = Status.REFUTED if len(asked) == 3 else Status.SUPPORTED
        return Evidence("balls", status, "as told")

    assert confront(TRUE, lying, fickle).outcome is Outcome.CONTRADICTION
    assert len(set(asked)) == 3


def test_a_proof_that_says_nothing_of_definedness_is_caught() -> None:
    undefined = seen(Status.UNDEFINED)
    assert confront(TRUE, lying, undefined).outcome is Outcome.CONTRADICTION
    says = SimpleNamespace(where=("T - 1 is nonzero",))
    assert confront(TRUE, lambda *_, **__: says, undefined).outcome is Outcome.UNDEFINED


# The table


def test_figures_miss_their_bars() -> None:
    slow = [Attempt("a", "identity", True, 9.0, ""), Attempt("b", "inequality", False, 0.1, "no")]
    met = {figure.name: figure.met for figure in proofs.of_catalogue(slow, 31.0)}
    assert met["catalogue, identities proved"]
    assert not any(value for name, value in met.items() if "identities" not in name)
    slips = [Slip("c", False, False, "why"), Slip("d", True, True, "")]
    assert not any(figure.met for figure in proofs.of_corpus("x", slow[1:], slips))
    bad = [Finding("e", "sign", "claim", outcome, "", 0.0) for outcome in Outcome]
    missed = {f.name for f in proofs.of_mutants(bad) if not f.met}
    assert missed == {f"mutants, {outcome}" for outcome in BAD}
    assert not all(figure.met for figure in proofs.of_corruptions(Counter(), ["f"]))
    accepted, rejected = CoqResult("accepted"), CoqResult("rejected")
    assert all(figure.met for figure in proofs.of_coq([("g", accepted)] * 9 + [("h", rejected)]))
    for results in ([], [("g", accepted)] * 8 + [("h", rejected)]):
        assert not any(figure.met for figure in proofs.of_coq(results))
