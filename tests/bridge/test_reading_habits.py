"""What an author does with a paper: annotated copies, the cache, --watch, exit codes."""

import json
import re
import resource
import shutil
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from functools import partial
from pathlib import Path

import command_line
import pytest
import yaml

from bridge.reading import Line, PaperReport, verify_paper
from bridge.reading import kept as keeping
from bridge.reading.annotate import annotated
from bridge.reading.kept import Kept, keep_report, kept_judge, kept_report, papers_folder
from bridge.reading.table import table
from bridge.reading.tokens import Place, Problem
from bridge.reading.watch import signature, wait_for_change
from numeric.model_cache import cache_folder

RIGHT = r"""% porism: T > 0
% porism: E_i real, i = 1..V
\begin{align}
  Z &= \sum_i e^{-E_i/T}, \\
  F &= -T \ln Z .
\end{align}
\[ \ln Z = -F/T \]
"""
WRONG = RIGHT.replace("-F/T", "-F T")
OPEN = RIGHT.replace(r"\ln Z = -F/T", r"G = \int_\gamma A")
OPTIONS = {"conventions": None, "seed": 0}


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("PORISM_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def paper(tmp_path):
    path = tmp_path / "paper.tex"
    path.write_text(RIGHT)
    return path


run = partial(command_line.run, "verify")


# Exit codes and what is printed


@pytest.mark.parametrize(
    ("text", "code", "lenient"),
    [(RIGHT, 0, 0), (WRONG, 1, 1), (RIGHT + r"\begin{equation} x", 2, 2), (OPEN, 3, 0)],
)
def test_exit_codes(paper, text, code, lenient):
    paper.write_text(text)
    assert run(paper).exit_code == code
    assert run(paper, "--lenient").exit_code == lenient


def test_the_table_says_where_what_and_why(paper):
    paper.write_text(WRONG)
    said = run(paper).stdout
    assert re.search(r"^paper\.tex:7:4 +REFUTED +ln Z = −F T$", said, re.MULTILINE)
    assert "witness: " in said and said.endswith("1 REFUTED, 2 DEFINITION\n")


def test_a_formula_without_end_does_not_flood_the_terminal():
    line = Line(Place("a.tex", 1, 1), "x + " * 3000, "NOT READ", "too deep")
    assert len(table(PaperReport("a.tex", (line,)))) < 700


def test_json_says_its_format(paper):
    (data,) = json.loads(run(paper, "--json").stdout)
    assert data["format"] == "porism.paper/1"
    assert [e["status"] for e in data["equations"]] == ["DEFINITION", "DEFINITION", "PROVED"]
    assert PaperReport.from_json(data).as_json() == data


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere.tex"], "cannot be read"),
        (["a.tex", "b.tex", "--annotate", "c.tex"], "expected one paper"),
        (["entropy_le_log", "--watch"], "expected a paper"),
    ],
)
def test_what_cannot_be_done_is_told_in_one_line(arguments, said):
    result = run(*arguments)
    assert result.exit_code == 2 and said in result.stderr and result.stderr.count("\n") == 1


def test_the_hook_runs_a_command_that_is_there(paper):
    (hook,) = yaml.safe_load((Path(__file__).parents[2] / ".pre-commit-hooks.yaml").read_text())
    command, *arguments = hook["entry"].split()
    assert command == "porism" and re.search(hook["files"], "paper.tex")
    for text, code in ((RIGHT, 0), (WRONG, 1), (OPEN, 0)):
        paper.write_text(text)
        assert command_line.run(*arguments, paper).exit_code == code


# Annotated copies


def marks(text):
    return re.findall(r"\\porismmark\{[\d.]+\}\{([A-Z ]+)\}\{([\d,]*)\}", text)


def test_every_row_has_a_mark_and_what_is_wrong_a_note(paper):
    paper.write_text(WRONG)
    out = paper.with_name("annotated.tex")
    assert run(paper, "--annotate", out).exit_code == 1
    text = out.read_text()
    assert marks(text) == [("DEFINITION", ""), ("DEFINITION", ""), ("REFUTED", "1")]
    assert "\\item[1] Refuted (line 7). The sides are" in text
    unmarked = re.sub(r"\\porismmark\{[^}]*\}\{[^}]*\}\{[^}]*\}", "", text)
    assert WRONG in unmarked


@pytest.mark.parametrize(
    ("opening", "closing"),
    [
        (r"\begin{alignat}{2}", r"\end{alignat}"),
        (r"\[\begin{aligned}[t]", r"\end{aligned}\]"),
        (r"\begin{multline}\label{a}", r"\end{multline}"),
        (r"$$", r"$$"),
        (r"a\(", r"\)"),
        (r"\begin{gather} 1 = 1 \\[2pt]", r"\end{gather}"),
    ],
)
def test_a_mark_stands_where_its_row_begins(opening, closing):
    text = f"% porism: x > 0\n{opening} x + 1 = x {closing}\n"
    copy = annotated(verify_paper(text), {"text": text}, "text")
    before, _, after = copy.rpartition("\\porismmark{0")
    assert before.endswith(opening.removesuffix(r"\label{a}").split(" ")[-1])
    assert re.match(r"\.\d+\}\{[A-Z]+\}\{\d\}(\\label\{a\})? x \+ 1 = x", after)


def test_included_files_become_part_of_the_copy(paper):
    (paper.parent / "part.tex").write_text("Again $Z = e^{-F/T}$.\n")
    paper.write_text(RIGHT + "% \\input{part}\n\\input{part}\n")
    out = paper.with_name("annotated.tex")
    assert run(paper, "--annotate", out).exit_code == 0
    text = out.read_text()
    assert len(marks(text)) == 4 and text.count("Again") == 1 and "% \\input{part}" in text


def test_a_copy_never_replaces_the_paper(paper):
    result = run(paper, "--annotate", paper)
    assert result.exit_code == 2 and paper.read_text() == RIGHT


def test_an_annotated_paper_compiles(tmp_path):
    latex = shutil.which("pdflatex")
    if latex is None:
        pytest.skip("needs pdflatex")
    body = (
        WRONG
        + r"\begin{table}[h]\centering\footnotesize $x = Z$\end{table} A note\footnote{$F = 1$}."
    )
    text = f"\\documentclass{{article}}\\usepackage{{amsmath}}\\begin{{document}}\n{body}\n"
    text += "\\end{document}\n"
    report = verify_paper(text)
    odd = replace(report.lines[-1], status="UNKNOWN", detail="100 % of {x_i} & ~ ^ \\ ζ₁² ∑ → 中")
    problems = (Problem(Place("a_b.tex", 1, 1), "this brace is not closed: {"),)
    report = replace(report, lines=(*report.lines[:-1], odd), problems=problems)
    (tmp_path / "a.tex").write_text(annotated(report, {"text": text}, "text"))
    command = [latex, "-no-shell-escape", "-halt-on-error", "-interaction=nonstopmode", "a.tex"]
    for _ in range(2):
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout[-2000:]
    places = re.findall(r"\\porism@at ?\{0\.\d+\}\{(\d+)\}", (tmp_path / "a.aux").read_text())
    assert len(places) == len(marks((tmp_path / "a.tex").read_text()))
    assert "Overfull" not in done.stdout


# What is kept


def report_of(paper, **changes):
    line = Line(Place(paper.name, 1, 1), "x = x", "SUPPORTED", digits=50)
    return replace(PaperReport(paper.name, (line,), (), (paper.name,)), **changes)


def test_papers_are_kept_beside_models():
    assert papers_folder().parent == cache_folder()


def test_an_unchanged_paper_is_not_read_again(paper, monkeypatch):
    first = run(paper)
    monkeypatch.setattr("bridge.reading.paper.verify_paper", None)
    second = run(paper)
    assert second.exit_code == first.exit_code == 0
    assert second.stdout.startswith(first.stdout) and "unchanged since 20" in second.stdout
    assert isinstance(run(paper, "--fresh").exception, TypeError)


def test_a_change_of_any_file_or_option_is_seen(paper):
    (paper.parent / "part.tex").write_text("a")
    kept = Kept(papers_folder())
    keep_report(kept, paper, OPTIONS, report_of(paper, files=(paper.name, "part.tex")))
    assert kept_report(kept, paper, OPTIONS) is not None
    assert kept_report(kept, paper, {**OPTIONS, "seed": 1}) is None
    (paper.parent / "part.tex").write_text("b")
    assert kept_report(kept, paper, OPTIONS) is None
    (paper.parent / "part.tex").unlink()
    assert kept_report(kept, paper, OPTIONS) is None


def test_a_change_of_the_code_is_seen(paper, monkeypatch):
    kept = Kept(papers_folder())
    keep_report(kept, paper, OPTIONS, report_of(paper))
    monkeypatch.setattr("bridge.report.settings._code", lambda: "another")
    assert kept_report(kept, paper, OPTIONS) is None


def test_a_source_with_errors_is_not_kept(paper):
    kept = Kept(papers_folder())
    keep_report(kept, paper, OPTIONS, report_of(paper, problems=(Problem(Place("a", 1, 1), "b"),)))
    assert kept.entries() == []


@pytest.mark.parametrize("damage", ["", "[]", "{}", '{"format": "porism.kept/0"}', "\0"])
def test_what_is_damaged_is_absent(paper, damage):
    kept = Kept(papers_folder())
    keep_report(kept, paper, OPTIONS, report_of(paper))
    (entry,) = kept.entries()
    entry.write_text(damage)
    assert kept_report(kept, paper, OPTIONS) is None


def test_a_cache_that_cannot_be_written_is_done_without(paper, cache):
    cache.write_text("a file")
    assert run(paper).exit_code == 0


def test_the_oldest_are_dropped(cache):
    kept = Kept(cache)
    for n in range(5):
        kept.put(str(n), {})
    kept.prune(2)
    assert len(kept.entries()) == 2


def test_what_is_kept_is_listed_and_cleared(paper):
    run(paper)
    told = command_line.run("cache").stdout
    assert "of papers 2 findings" in told and str(papers_folder()) in told
    assert command_line.run("cache", "--clear").exit_code == 0
    assert Kept(papers_folder()).entries() == []


def claims_of(text):
    """The claims of a paper with the hypotheses that they are judged under."""
    found = []

    def judge(claim, held, **options):
        found.append((claim, held))
        return keeping_judgement(claim, held, **options)

    from bridge.reading.verdicts import judgement as keeping_judgement

    verify_paper(text, judge=judge)
    return found


def test_a_kept_proof_is_replayed_and_not_believed(monkeypatch):
    ((claim, held),) = claims_of(RIGHT)
    kept = Kept(papers_folder())
    fresh = kept_judge(kept)(claim, held)
    assert fresh.status == "PROVED" and len(kept.entries()) == 1
    counted = []
    monkeypatch.setattr(
        "bridge.reading.given.judgement", lambda *a, **k: counted.append(1) or fresh
    )
    assert kept_judge(kept)(claim, held) == fresh and not counted
    (entry,) = kept.entries()
    data = json.loads(entry.read_text())
    data["judgement"]["proof"]["sha256"] = "0" * 64
    entry.write_text(json.dumps(data))
    kept_judge(kept)(claim, held)
    assert counted == [1]


def test_claims_that_are_spelled_alike_but_defined_otherwise_are_two():
    other = RIGHT.replace("-E_i/T", "-2 E_i/T")
    kept = Kept(papers_folder())
    for text in (RIGHT, other):
        ((claim, held),) = claims_of(text)
        kept_judge(kept)(claim, held)
    assert len(kept.entries()) == 2


def test_what_was_not_decided_is_not_kept(monkeypatch):
    ((claim, held),) = claims_of(RIGHT)
    unknown = keeping_unknown()
    monkeypatch.setattr("bridge.reading.given.judgement", lambda *a, **k: unknown)
    kept = Kept(papers_folder())
    assert kept_judge(kept)(claim, held) == unknown and kept.entries() == []


def keeping_unknown():
    from bridge.reading.verdicts import Judgement

    return Judgement("UNKNOWN", "no time left")


SECOND = """
import sys
from bridge.cli import main
sys.argv = ["porism", "verify", sys.argv[1]]
try:
    main()
except SystemExit as done:
    heavy = {"torch", "sympy", "scipy", "flint"} & set(sys.modules)
    print("imported:", sorted(heavy), "code:", done.code)
"""


def test_a_second_run_on_twenty_pages_imports_no_torch_and_takes_no_two_seconds(paper):
    page = "Words between equations. " * 120 + "\n\\[ x_1 + x_2 = x_2 + x_1 \\]\n" * 8
    paper.write_text(page * 20)
    line = report_of(paper).lines[0]
    lines = tuple(replace(line, place=Place(paper.name, n, 1)) for n in range(1, 161))
    keep_report(Kept(papers_folder()), paper, OPTIONS, report_of(paper, lines=lines))
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, "-c", SECOND, str(paper)], capture_output=True, text=True, check=True
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert "imported: [] code: 0" in done.stdout and "160 SUPPORTED" in done.stdout
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 2


# Watching


def test_a_change_ends_the_waiting(paper):
    seen = signature([paper])
    threading.Timer(0.05, lambda: paper.write_text(WRONG + "\n")).start()
    wait_for_change([paper], seen, pause=0.01)
    assert signature([paper]) != seen


def test_a_file_that_is_missing_for_a_moment_is_waited_for(paper):
    seen = signature([paper])
    paper.unlink()
    threading.Timer(0.05, lambda: paper.write_text(WRONG)).start()
    wait_for_change([paper], seen, pause=0.01)
    assert paper.exists()


WATCH = """
import runpy, signal
signal.signal(signal.SIGINT, signal.default_int_handler)  # what runs in the background ignores it
runpy.run_module("bridge", run_name="__main__")
"""


def test_watch_judges_again_after_a_change_and_ends_with_the_last_code(paper):
    command = [sys.executable, "-c", WATCH, "verify", str(paper), "--watch"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as watching:
        assert watching.stderr is not None
        try:
            assert "waiting for a change" in watching.stderr.readline()
            paper.write_text(WRONG)
            assert "waiting for a change" in watching.stderr.readline()
            watching.send_signal(signal.SIGINT)
            said, _ = watching.communicate(timeout=20)
        finally:
            watching.kill()  # of one that goes on the end would be waited for
    assert watching.returncode == 1
    assert said.count("2 DEFINITION") == 2 and "REFUTED" in said.split("2 DEFINITION")[1]


def test_a_report_without_equations_has_a_table():
    assert table(PaperReport("a.tex", ())) == "\na.tex: no equations"
    assert keeping.FORMAT == "porism.kept/1"
