"""The measure of crosscheck measures: faults are faults, and what nobody catches is told."""

import ast
import inspect
from collections import Counter
from dataclasses import replace

import torch

from benchmarks.crosscheck import right_head, right_numpy
from benchmarks.crosscheck.__main__ import Seen, look, of_blind, of_faults, of_right
from benchmarks.crosscheck.candidates import blind_suite, mutants_of, right_functions
from benchmarks.crosscheck.equivalence import Outcome, judged
from benchmarks.crosscheck.mutate import mutants
from bridge.crosschecking.targets import TARGETS
from bridge.verdict import Status

ORIGINS = right_functions()
BY_NAME = {candidate.name: candidate for candidate in (*ORIGINS, *blind_suite())}
KINDS = {"argument", "axis", "constant", "detach", "dtype", "epsilon", "function", "mask"}


def test_there_is_right_code_for_every_quantity():
    assert len(ORIGINS) >= 25
    assert {c.against for c in ORIGINS} >= set(TARGETS) - {"total_variation_distance"}


def test_mutants_are_one_change_each_and_all_kinds_occur():
    source = inspect.getsource(right_head.entropy_from_energies)
    found = list(mutants(source, torch=True))
    assert len({m.source for m in found}) == len(found)
    assert ast.unparse(ast.parse(source)) not in {m.source for m in found}
    few = [BY_NAME["entropy_xlogy"], BY_NAME["internal_energy_einsum"]]
    assert {m.kind for m in mutants_of(few)} == KINDS | {"operator"}
    assert not any("torch" in m.source for m in mutants(_numpy(), torch=False))


def _numpy() -> str:
    return inspect.getsource(right_numpy.entropy_xlogy)


def test_the_same_mutants_come_in_the_same_order():
    first, again = ([m.change for m in mutants_of(ORIGINS[:2], seed=3)] for _ in range(2))
    assert first == again != [m.change for m in mutants_of(ORIGINS[:2], seed=4)]


def _changed(name: str, function) -> Outcome:
    return judged(replace(BY_NAME[name], function=function))[0]


def test_balls_tell_faults_from_equivalent_and_broken_mutants():
    name = "z_loss_square"
    assert judged(BY_NAME[name])[0] is Outcome.EQUIVALENT
    assert _changed(name, lambda x: torch.logsumexp(x, -1).square()) is Outcome.EQUIVALENT
    assert _changed(name, lambda x: torch.logsumexp(x, -1) ** 2 + 1e-6) is Outcome.FAULT
    assert _changed(name, lambda x: torch.logsumexp(x.detach(), -1) ** 2) is Outcome.FAULT
    assert _changed(name, lambda x: x.undefined) is Outcome.BROKEN
    assert _changed(name, lambda x: torch.logsumexp(x, -1).sum() ** 2) is Outcome.BROKEN


def test_a_fault_is_caught_and_by_balls_alone_as_well():
    wrong = BY_NAME["z_loss_of_normalized"]
    assert judged(wrong)[0] is Outcome.FAULT
    assert look(wrong).caught


def test_survivors_and_false_alarms_miss_their_bars():
    right, wrong = ORIGINS[0], replace(ORIGINS[0], right=False, kind="axis", change="-1 -> 0")
    passed = Seen(right, Status.SUPPORTED, "", "", 0.1)
    caught = Seen(wrong, Status.REFUTED, "the definition", "", 0.1)
    blamed = Seen(right, Status.REFUTED, "the definition", "", 0.1)
    lost = Seen(wrong, Status.SUPPORTED, "", "", 0.1, "gradient")
    assert all(f.met for f in of_right([passed] * 25))
    assert not all(f.met for f in of_right([passed] * 25 + [blamed]))
    told = Counter({Outcome.FAULT: 200})
    assert all(f.met for f in of_faults([caught] * 200, told))
    missed = [f for f in of_faults([caught] * 190 + [lost] * 10, told) if not f.met]
    assert len(missed) == 1 and "-1 -> 0" in missed[0].notes[0]
    assert all(f.met for f in of_blind([caught, passed]))
    assert not any(f.met for f in of_blind([lost, blamed]))
