"""Cross-checks as people meet them: in pytest, on the command line, with bad functions."""

import importlib
import json
import subprocess
import sys
import time
import tomllib
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from bridge import Status, crosscheck
from bridge.cli import app
from bridge.crosschecking.result import CrosscheckError

pytest_plugins = ["pytester"]
ROOT = Path(__file__).parent.parent.parent

MINE = """
import torch

def entropy(logits, temperature):
    log_p = torch.log_softmax(logits / temperature, -1)
    return -(log_p.exp() * log_p.masked_fill(log_p.isneginf(), 0)).sum(-1)

def entropy_in_bits(logits, temperature):
    return entropy(logits, temperature) / 0.6931471805599453

def sampled(rows):
    return rows

def for_ever(logits, temperature):
    while True:
        pass

def hellinger(logits_p, logits_q):
    return 1 - (logits_p.softmax(-1) * logits_q.softmax(-1)).sqrt().sum(-1)

import numpy as np

def top_p(scores, mass):
    return np.sort(scores)
"""


def entropy(logits, temperature):
    log_p = torch.log_softmax(logits / temperature, -1)
    return -(log_p.exp() * log_p.masked_fill(log_p.isneginf(), 0)).sum(-1)


def quick(function: Any, **options: Any) -> Any:
    given: dict[str, Any] = {"dtypes": ("float64",), "max_examples": 40, "laws": False}
    return crosscheck(function, "entropy", **{**given, **options})


def _changes(x, t):
    x -= x.max(-1, keepdim=True).values
    return entropy(x, t)


def _random(x, t):
    return entropy(x, t) + 1e-3 * torch.rand(())


def _raises_on_masks(x, t):
    if bool(x.isinf().any()):
        raise ArithmeticError("infinite logits")
    return entropy(x, t)


def _quits(x, t):
    raise SystemExit(4)


MISBEHAVIOUR = {
    "quits": (_quits, Status.UNDEFINED, "raises Quits: SystemExit(4)"),
    "raises": (lambda x, t: 1 / 0, Status.UNDEFINED, "raises ZeroDivisionError"),
    "raises on masks": (_raises_on_masks, Status.UNDEFINED, "raises ArithmeticError: infinite"),
    "shape": (lambda x, t: entropy(x, t).unsqueeze(-1), Status.REFUTED, "returns shape (6, 1)"),
    "scalar": (lambda x, t: entropy(x, t).sum(), Status.REFUTED, "returns shape ()"),
    "number": (lambda x, t: 1.0, Status.REFUTED, "returns the Python number 1.0"),
    "nothing": (lambda x, t: None, Status.REFUTED, "returns None"),
    "integers": (lambda x, t: entropy(x, t).long(), Status.REFUTED, "returns int64"),
    "narrow": (lambda x, t: entropy(x, t).float(), Status.REFUTED, "returns float32 for float64"),
    "modifies": (_changes, Status.REFUTED, "changes its argument logits in place"),
    "random": (_random, Status.REFUTED, "gives another value when called again"),
}


@pytest.mark.parametrize("kind", MISBEHAVIOUR)
def test_misbehaviour_has_a_message_of_its_own(kind):
    function, status, message = MISBEHAVIOUR[kind]
    found = quick(function)
    assert found.status is status
    assert message in found.explain()
    with pytest.raises(CrosscheckError, match="against entropy"):
        found.raise_if_refuted()


def test_the_snippet_of_a_wrong_shape_has_the_shape():
    """On one row the shape of a sum over the batch is right."""
    summed = lambda logits, temperature: entropy(logits, temperature).sum()  # noqa: E731
    known: dict[str, Any] = {"function": summed}
    exec(quick(summed).snippet, known)
    assert known["logits"].shape == (6, 17) and known["observed"].shape == ()


def test_a_function_of_numpy_is_told_which_arrays_it_wants():
    def softmax(logits, temperature):
        return np.exp(logits - logits.max(axis=-1, keepdims=True))

    assert 'with array="numpy"' in quick(softmax).explain()
    assert 'with array="numpy"' in quick(lambda x, t: np.zeros(len(x))).explain()
    assert 'array="numpy"' not in quick(lambda x, t: 1 / 0).explain()


def test_what_a_function_prints_is_held_back_and_told(capsys):
    def chatty(logits, temperature):
        print("here")
        return entropy(logits, temperature)

    found = quick(chatty)
    assert found.status is Status.SUPPORTED
    assert "it prints" in found.explain() and capsys.readouterr().out == ""


def test_a_function_that_never_returns_is_left_behind():
    def for_ever(logits, temperature):
        while True:
            pass

    started = time.monotonic()
    found = quick(for_ever, time_limit=0.5)
    assert found.status is Status.UNKNOWN and time.monotonic() - started < 5
    assert "had not returned after 0.5 seconds" in found.explain()


def test_the_snippet_shows_what_it_says():
    in_bits = lambda logits, temperature: entropy(logits, temperature) / 0.6931471805599453  # noqa: E731
    found = quick(in_bits)
    assert len(found.counterexample["logits"]) == 2  # shrunk: no shorter row has an entropy
    assert found.cause == "logarithms are to base 2, not natural"
    with pytest.raises(AssertionError):
        exec(found.snippet, {"function": in_bits})
    exec(found.snippet, {"function": entropy})
    assert json.loads(json.dumps(found.as_json()))["status"] == "REFUTED"


def test_plugin_in_pytest(pytester):
    pytester.makepyfile(mine=MINE)
    pytester.makepyfile(
        """
        import pytest
        from mine import entropy, entropy_in_bits

        quick = dict(dtypes=("float64",), max_examples=20, laws=False)

        @pytest.mark.porism(against="entropy", **quick)
        def test_right():
            return entropy

        @pytest.mark.porism(against="entropy", **quick)
        def test_wrong(crosscheck):
            crosscheck(entropy_in_bits)

        @pytest.mark.porism(against="entropy")
        def test_nothing():
            return 3
        """
    )
    installed = any(ep.name == "porism" for ep in entry_points(group="pytest11"))
    options = [] if installed else ["-p", "bridge.pytest_plugin"]
    found = pytester.runpytest_inprocess(*options, "--strict-markers")
    found.assert_outcomes(passed=1, failed=2)
    found.stdout.fnmatch_lines(["*entropy_in_bits against entropy: REFUTED*", "*assert abs(*"])
    found.stdout.fnmatch_lines(["*expected it to return the function to be checked*"])


def test_plugin_is_declared_and_imports_nothing_heavy():
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["entry-points"]
    module = declared["pytest11"]["porism"]
    importlib.import_module(module)
    code = f"import {module}, sys; sys.exit(any(m in sys.modules for m in ('torch', 'sympy')))"
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=ROOT).returncode == 0


def test_command_line(tmp_path, monkeypatch):
    (tmp_path / "mine_on_disk.py").write_text(MINE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    listed = CliRunner().invoke(app, ["crosscheck", "--all", "mine_on_disk"])
    assert "porism crosscheck mine_on_disk:entropy --against entropy" in listed.output
    assert "mine_on_disk:top_p --against top_p_probabilities --array numpy" in listed.output
    assert "mine_on_disk:hellinger --against QUANTITY" in listed.output
    assert "called as kl_divergence, fisher_rao_distance" in listed.output
    assert "sampled" not in listed.output
    options = ["--against", "entropy", "--dtype", "float64", "--examples", "20", "--no-laws"]
    wrong = CliRunner().invoke(
        app, ["crosscheck", "mine_on_disk:entropy_in_bits", *options, "--json"]
    )
    assert wrong.exit_code == 1, wrong.output
    assert json.loads(wrong.stdout)["cause"] == "logarithms are to base 2, not natural"
    absent = CliRunner().invoke(app, ["crosscheck", "mine_on_disk", *options])
    assert absent.exit_code == 2 and "expected package.module:function" in absent.output
    stuck = CliRunner().invoke(
        app, ["crosscheck", "mine_on_disk:for_ever", *options, "--time-limit", "1"]
    )
    assert stuck.exit_code == 3 and "had not returned" in stuck.output
