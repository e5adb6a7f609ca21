"""The command line: what it prints, its exit codes, and every mistake told in one line."""

import json
import subprocess
import sys
from importlib import import_module

import pytest
from command_line import refused, run
from sampled import sampled
from tiny_report import LETTERS, Letters

import numeric
from bridge import proving
from bridge.plain_math import plain
from bridge.verdict import Evidence, Status, Verdict
from formal import Failure, replay, statements

STATUSES = {
    "free_energy": Status.PROVED,
    "entropy": Status.SUPPORTED,
    "internal_energy": Status.UNKNOWN,
    "heat_capacity": Status.REFUTED,
    "perplexity": Status.UNDEFINED,
}


@pytest.mark.parametrize("arguments", [["--help"], ["list"], ["show", "entropy"], ["tex"]])
def test_what_needs_no_numbers_does_not_import_torch(arguments):
    code = (
        "import sys\nfrom bridge.cli import app\n"
        f"try: app({arguments!r})\nexcept SystemExit: pass\n"
        "slow = {'torch', 'transformers', 'matplotlib', 'hypothesis'} & set(sys.modules)\n"
        "sys.exit(f'imported {slow}' if slow else 0)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert ran.returncode == 0, ran.stderr


def test_a_formula_is_judged_without_torch():
    code = (
        "import sys\nfrom sympy import Symbol, Le\nfrom bridge import verify\n"
        "x = Symbol('x', real=True)\n"
        "verdict = verify(Le(0, x**2, evaluate=False), oracles=('kernel', 'balls'))\n"
        "sys.exit(not verdict or 'torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 0


def test_list_and_its_filters():
    everything = json.loads(run("list", "--json").stdout)
    chosen = json.loads(run("list", "--topic", "moduli", "--kind", "identity", "--json").stdout)
    assert 0 < len(chosen) < len(everything)
    assert {(row["topic"], row["kind"]) for row in chosen} == {("moduli", "identity")}
    assert "F = U − T S" in run("list").stdout


def test_show_has_equation_source_and_plain_form():
    text = run("show", "free_energy").stdout
    assert "F = −T ln Z" in text and r"F = -T \ln Z" in text
    assert "yang2024" in text and "∑ᵢ₌₁^V" in text


def test_show_says_what_a_statement_rests_on():
    name = "free_energy_eq_internal_energy_sub_temperature_mul_entropy"
    below = json.loads(run("show", name, "--json").stdout)["rests_on"]
    assert {"free_energy", "internal_energy", "entropy", "probability"} <= set(below)
    assert name not in below and below.index("probability") < below.index("entropy")
    (line,) = [x for x in run("show", name).stdout.splitlines() if x.startswith("rests on")]
    assert line.split(None, 2)[2] == ", ".join(below)
    assert "rests on" not in run("show", "partition_function").stdout


def test_a_catalogue_of_ones_own_rests_on_this_one(tmp_path, monkeypatch):
    (tmp_path / "cooling_pkg").mkdir()
    (tmp_path / "cooling_pkg" / "__init__.py").write_text("")
    (tmp_path / "cooling_pkg" / "cooling.py").write_text(
        "from formal import Source, definition\n"
        "from formal.boltzmann import free_energy\n"
        "from formal.symbols import E, T, V\n\n\n"
        '@definition("A", Source("callen1985"), item="1")\n'
        "def free_energy_per_token(E, T):\n"
        '    """The free energy per token is the free energy divided by the size."""\n'
        "    return free_energy(E, T) / V\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    shown = run("show", "free_energy_per_token", "--catalogue", "cooling_pkg", "--json")
    assert "free_energy" in json.loads(shown.stdout)["rests_on"]


def test_every_statement_can_be_shown():
    rows = {row["name"]: row for row in json.loads(run("list", "--json").stdout)}
    for name in sampled(rows):
        row = rows[name]
        result = run("show", name)
        assert result.exit_code == 0, (row["name"], result.exception)
        assert "\\" not in plain(row["latex"]), row["name"]


@pytest.fixture
def verdicts(monkeypatch):
    def verify(statement, **_):
        status = STATUSES[statement.name]
        witness = {"V": "2"} if status is Status.REFUTED else None
        row = Evidence("balls", status, "so it was", witness=witness)
        return Verdict.of(statement.name, (row,))

    monkeypatch.setattr(import_module("bridge.verification"), "verify", verify)


@pytest.mark.parametrize(
    ("names", "code"),
    [
        (["free_energy", "entropy"], 0),
        (["free_energy", "internal_energy"], 3),
        (["internal_energy", "heat_capacity"], 1),
        (["perplexity"], 1),
    ],
)
def test_verify_exits_by_the_worst_verdict(verdicts, names, code):
    assert run("verify", *names).exit_code == code


def test_verify_prints_witnesses_and_json(verdicts):
    assert "V = 2" in run("verify", "heat_capacity").stdout
    (row,) = json.loads(run("verify", "heat_capacity", "--json").stdout)
    assert row["status"] == "REFUTED" and row["evidence"][0]["witness"] == {"V": "2"}


def test_verify_for_real():
    result = run(
        "verify", "free_energy_eq_internal_energy_sub_temperature_mul_entropy", "--examples", 20
    )
    assert result.exit_code == 0 and "PROVED" in result.stdout


PROVABLE = "kl_divergence_nonneg"


def test_prove_shows_steps_hypotheses_and_hash():
    result = run("prove", PROVABLE)
    assert result.exit_code == 0
    assert f"{PROVABLE}: PROVED" in result.stdout and "steps, replayed; from ∑" in result.stdout
    (data,) = json.loads(run("prove", PROVABLE, "--json").stdout)
    assert data["sha256"] == data["certificate"]["sha256"] and data["sha256"] in result.stdout
    assert len(data["hypotheses_used"]) == 2 and data["steps"] > 0


def test_prove_explains_line_by_line():
    text = run("prove", PROVABLE, "--explain").stdout
    assert "x − 1 − ln x ≥ 0 at x = rᵢ/qᵢ" in text and "hypothesis" in text
    assert len(text.splitlines()) > len(run("prove", PROVABLE).stdout.splitlines()) + 6


def test_prove_writes_certificates_that_replay(tmp_path):
    assert run("prove", PROVABLE, "--out", tmp_path).exit_code == 0
    (path,) = tmp_path.glob("*.json")
    known = statements()[PROVABLE]
    assert replay(json.loads(path.read_text()), known.claim, known.domain)
    assert "is a file" in refused("prove", PROVABLE, "--out", path)


def test_what_is_not_proved_is_unknown_or_refused(monkeypatch):
    assert "is a definition" in refused("prove", "entropy")
    assert "no relation of numbers" in refused("prove", "moduli_space")
    assert "did you mean" in refused("prove", "kl_divergence_noneg")
    monkeypatch.setattr(proving, "prove", lambda *_, **__: Failure("nothing was found"))
    result = run("prove", PROVABLE)
    assert result.exit_code == 3 and "UNKNOWN" in result.stdout and "nothing was" in result.stdout


def test_without_coq_one_line_says_so(monkeypatch):
    monkeypatch.setattr("shutil.which", lambda _: None)
    result = run("prove", PROVABLE, "kl_divergence_nonneg", "--coq")
    assert result.exit_code == 0
    assert result.stderr.count("coqc is not installed") == 1


def test_show_uses_walks_both_ways():
    text = run("show", "entropy", "--uses").stdout
    below, above = text.split("used by")
    assert below.split() == ["entropy", "probability", "partition_function"]
    assert "free_energy_eq_internal_energy_sub_temperature_mul_entropy" in above
    data = json.loads(run("show", "partition_function", "--json").stdout)
    assert data["rests_on"] == [] and "entropy" in data["used_by"]


def test_tex_to_a_file(tmp_path):
    assert run("tex", "entropy", "--out", tmp_path / "e.tex").exit_code == 0
    assert r"\label{eq:entropy}" in (tmp_path / "e.tex").read_text()
    assert r"\documentclass" in run("tex").stdout


def test_version_and_module():
    assert run("--version").stdout.startswith("porism ")
    ran = subprocess.run(
        [sys.executable, "-m", "bridge", "--version"], capture_output=True, text=True, timeout=60
    )
    assert ran.returncode == 0 and ran.stdout.startswith("porism ")


# Mistakes


def test_an_unknown_statement_is_answered_with_near_names():
    assert "did you mean free_energy" in refused("show", "fre_energy")
    assert "did you mean free_energy" in refused("verify", "free_enrgy")
    assert "porism list" in refused("tex", "zzzz")


def test_a_paper_is_not_read_yet():
    assert "cannot be read: No such file" in refused("verify", "paper.tex")


@pytest.mark.parametrize("command", ["evaluate", "report"])
@pytest.mark.parametrize("temperature", ["0", "-1", "nan", "inf", "hot"])
def test_temperatures_must_be_positive(command, temperature):
    line = refused(command, f"--temperatures={temperature}")
    assert line.startswith("porism: temperature: expected") and temperature in line


@pytest.mark.parametrize("command", ["evaluate", "report"])
def test_a_missing_text_file(command, tmp_path):
    arguments = [command, "--text", tmp_path / "none.txt"]
    if command == "report":
        arguments += ["--out", tmp_path / "out"]
    assert "none.txt" in refused(*arguments)


def test_an_unknown_model(tmp_path):
    assert "smollm2" in refused("evaluate", "--model", "nosuchmodel")


def test_a_folder_that_is_a_file(tmp_path):
    (tmp_path / "file").write_text("x")
    assert "is a file" in refused("report", "--out", tmp_path / "file")
    assert "cannot be written" in refused("report", "--out", "/proc/porism")
    below = refused("report", "--out", tmp_path / "file" / "below")
    assert below.endswith(f"{tmp_path / 'file'} is a file")


def test_equations_that_cannot_be_written(tmp_path):
    assert "cannot be written" in refused("tex", "--out", tmp_path / "none" / "e.tex")
    assert "cannot be written" in refused("tex", "--out", tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", ["evaluate", "report"])
def test_a_model_whose_logits_are_nan(command, tmp_path, monkeypatch):
    broken = Letters()
    broken.states[LETTERS.index("b")] = float("nan")
    monkeypatch.setattr(numeric, "load_model", lambda *_, **__: broken, raising=False)
    (tmp_path / "a.txt").write_text("abc")
    out = ["--out", tmp_path / "out"] if command == "report" else []
    line = refused(command, "--text", tmp_path / "a.txt", *out)
    assert "nan" in line and "row 1" in line


def test_an_unknown_catalogue_topic_and_kind():
    assert "'nopackage'" in refused("list", "--catalogue", "nopackage")
    assert "declares no statements" in refused("list", "--catalogue", "email")
    for name in ("", ".here", "a b", "../formal"):
        assert repr(name) in refused("list", "--catalogue", name)
    assert "did you mean boltzmann" in refused("list", "--topic", "boltzman")
    assert "did you mean identity" in refused("list", "--kind", "identities")


@pytest.mark.parametrize("command", ["evaluate", "report"])
def test_a_text_that_is_too_short(command, tmp_path, monkeypatch):
    monkeypatch.setattr(numeric, "load_model", lambda *_, **__: Letters(), raising=False)
    (tmp_path / "a.txt").write_text("a")
    out = ["--out", tmp_path / "out"] if command == "report" else []
    assert "at least 2 tokens" in refused(command, "--text", tmp_path / "a.txt", *out)


def test_debug_shows_the_traceback():
    result = run("--debug", "show", "fre_energy")
    assert result.exit_code == 1 and type(result.exception).__name__ == "BadInput"


# Equations for terminals


@pytest.mark.parametrize(
    ("latex", "line"),
    [
        (r"C = \frac{\mathrm{Var}_{p}(E)}{T^{2}}", "C = Varₚ(E)/T²"),
        (r"U = \frac{a + b}{c}", "U = (a + b)/c"),
        (r"\sum_{i=1}^{V} e^{-E_{i}/T}", "∑ᵢ₌₁^V e^(−Eᵢ/T)"),
        (r"\langle E \rangle_{q} - T \leq \sqrt{q_{i} r_{i}}", "⟨E⟩_q − T ≤ √(qᵢ rᵢ)"),
        (r"\left(x\right) \unknown", "(x) unknown"),
        (r"2\Big(x + 1\Big)", "2(x + 1)"),
    ],
)
def test_plain_math(latex, line):
    assert plain(latex) == line
