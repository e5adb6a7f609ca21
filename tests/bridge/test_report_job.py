"""A whole run: what it writes, that it goes on after an interruption, that two are equal."""

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib import import_module

import pytest
from tiny_report import TEXT, Letters, answer

import bridge.report.job
import numeric
from bridge.report.job import FINDINGS, check_statements, write_report
from bridge.report.progress import Quiet
from bridge.report.settings import Settings
from bridge.verdict import Status

LISTING = '''
from sympy import Eq
from formal.boltzmann import F, S, T, U
from formal.sources import OURS
from formal.statement import identity, theorem

@identity(OURS, item="x:1")
def energy_balance():
    """Free energy is energy minus heat."""
    return Eq(F, U - T * S)

@identity(OURS, item="x:2")
def energy_balance_reversed():
    """Energy is free energy plus heat."""
    return Eq(U, F + T * S)

@theorem(OURS, item="x:3", consequences=("energy_balance",))
def thermodynamics_holds():
    """Language models obey thermodynamics."""
    return "dU = T dS"
'''


@pytest.fixture
def catalogue(tmp_path, monkeypatch):
    """A package of three statements, importable here and in spawned processes."""
    package = tmp_path / "library" / "minitheory"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "balance.py").write_text(LISTING)
    monkeypatch.syspath_prepend(str(package.parent))
    yield "minitheory"
    for name in [name for name in sys.modules if name.split(".")[0] == "minitheory"]:
        del sys.modules[name]


@pytest.fixture
def asked(monkeypatch):
    """Replace oracles and model by ones that answer at once; what was asked, in order."""
    questions = []

    def verify(statement, **options):
        questions.append((statement.name, options["oracles"]))
        return answer(statement, **options)

    monkeypatch.setattr(import_module("bridge.verification"), "verify", verify)
    monkeypatch.setattr(numeric, "load_model", lambda *_, **__: Letters(), raising=False)
    return questions


@contextmanager
def threads(count):
    """One thread in place of processes, so that oracles can be replaced."""
    with ThreadPoolExecutor(1) as pool:
        try:
            yield pool
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise


def settings(tmp_path, catalogue, **changes):
    text = tmp_path / "text.txt"
    text.write_text(TEXT)
    chosen = {"positions": 20, "text": str(text), "out": str(tmp_path / "out")} | changes
    return Settings(catalogue=catalogue, **chosen)


def test_a_run_writes_everything_and_cleans_up(tmp_path, catalogue, asked):
    report = write_report(settings(tmp_path, catalogue), workers=threads)
    written = {path.name for path in report.folder.iterdir()}
    assert written == {"index.html", "ledger.json", "equations.tex", "figures", FINDINGS}
    assert len(list((report.folder / "figures").iterdir())) == 10
    data = json.loads((report.folder / "ledger.json").read_text())
    assert data == report.ledger
    assert data["format"] == "porism.ledger/1"
    assert [row["name"] for row in data["statements"]] == [
        "energy_balance",
        "energy_balance_reversed",
        "thermodynamics_holds",
    ]
    balance = data["statements"][0]
    assert balance["item"] == ["x:1"] and balance["source"]["fidelity"] == "derived"
    assert [row["oracle"] for row in balance["evidence"]] == [
        "kernel",
        "exact",
        "balls",
        "strings",
        "property",
        "model",
    ]
    assert report.exit_code == data["summary"]["exit_code"] == 0


def test_two_runs_are_equal_but_for_times(tmp_path, catalogue, asked, undrawn):
    one = dict(write_report(settings(tmp_path, catalogue), workers=threads).ledger)
    two = dict(
        write_report(
            settings(tmp_path, catalogue, out=str(tmp_path / "b")), workers=threads
        ).ledger
    )
    for section in ("timestamps", "seconds"):
        assert one.pop(section) and two.pop(section)
    assert one == two


def test_a_theorem_stands_with_its_consequences(tmp_path, catalogue, asked):
    rows = check_statements(settings(tmp_path, catalogue), workers=threads)
    stands = rows[-1]
    assert stands.statement.name == "thermodynamics_holds"
    assert stands.status is Status.SUPPORTED and "energy_balance" in stands.verdict.explain()
    assert not any(name == "thermodynamics_holds" for name, _ in asked)


@pytest.fixture
def undrawn(monkeypatch):
    """Leave the pictures out: drawing them is tested elsewhere."""
    monkeypatch.setattr(bridge.report.job, "_draw", lambda *_: None)
    monkeypatch.setattr(bridge.report.job, "_write", lambda folder, *_: write_nothing(folder))


def write_nothing(folder):
    (folder / "index.html").write_text("")


class Impatient(Quiet):
    """Interrupts once a number of findings is there."""

    def __init__(self, patience):
        self.patience = patience

    def at(self, label, done, total):
        if label == "checking statements" and done == self.patience:
            raise KeyboardInterrupt


def test_an_interrupted_run_goes_on(tmp_path, catalogue, asked, undrawn):
    chosen = settings(tmp_path, catalogue)
    with pytest.raises(KeyboardInterrupt):
        write_report(chosen, Impatient(5), workers=threads)
    folder = tmp_path / "out"
    assert not (folder / "index.html").exists()
    kept = list((folder / FINDINGS).glob("*.json"))
    assert kept and all(json.loads(file.read_text())["format"] for file in kept)
    asked.clear()
    report = write_report(chosen, workers=threads)
    assert len(asked) == 6 - len(kept)
    assert {oracles for _, oracles in asked} >= {("kernel",)}  # proofs are made again
    assert report.page.exists() and not (folder / FINDINGS / "sample").exists()


def test_a_second_run_asks_only_for_proofs_unless_it_is_to_be_fresh(
    tmp_path, catalogue, asked, undrawn
):
    first = write_report(settings(tmp_path, catalogue), workers=threads)
    asked.clear()
    second = write_report(settings(tmp_path, catalogue), workers=threads)
    assert {oracles for _, oracles in asked} == {("kernel",)}
    assert first.ledger["statements"] == second.ledger["statements"]
    assert second.ledger["seconds"]["findings of an earlier run"] == 4
    asked.clear()
    write_report(settings(tmp_path, catalogue, fresh=True), workers=threads)
    assert len(asked) == 6


def test_findings_of_another_seed_are_not_used(tmp_path, catalogue, asked, undrawn):
    with pytest.raises(KeyboardInterrupt):
        write_report(settings(tmp_path, catalogue), Impatient(6), workers=threads)
    asked.clear()
    write_report(settings(tmp_path, catalogue, seed=1), workers=threads)
    assert len(asked) == 6


@pytest.mark.model
def test_the_real_thing_in_processes_of_its_own(tmp_path, catalogue):
    """The real oracles on a real model's outputs: the balance holds, exit code 0."""
    chosen = Settings(out=str(tmp_path), positions=8, examples=20, catalogue=catalogue, jobs=1)
    report = write_report(chosen)
    first = report.ledger["statements"][0]
    status = {row["oracle"]: row["status"] for row in first["evidence"]}
    assert status["kernel"] == "PROVED" and status["balls"] == "SUPPORTED"
    assert status["property"] == status["model"] == "SUPPORTED"
    assert report.ledger["model"]["vocabulary_size"] == 49152
    assert report.exit_code == 0
