"""The example paper: what it prints is what porism writes now, and it compiles in silence."""

import re
import shutil
from pathlib import Path

import pytest
from latex_run import compiled
from typer.testing import CliRunner

from bridge.cli import app

PAPER = Path(__file__).parents[1] / "docs" / "paper"
CERTIFICATE = re.compile(r"[0-9a-f]{12}(?=-[0-9a-f]{12}\})")
NUMBER = re.compile(r"(?<![\w{}^_/.=-])\d+\.\d+(?![\w}])")


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    folder = tmp_path_factory.mktemp("paper") / "paper"
    return shutil.copytree(PAPER, folder, ignore=shutil.ignore_patterns("paper.[!t]*"))


def test_what_is_printed_is_what_is_proved_now(copy, monkeypatch):
    monkeypatch.syspath_prepend(str(PAPER))
    ledger = ["--ledger", str(copy / "ledger.json")]
    options = ["--paper", str(copy / "paper.tex"), "--catalogue", "derivations", *ledger]
    ran = CliRunner().invoke(app, ["tex", *options])
    assert ran.exit_code == 0, ran.output
    assert printed(copy) == printed(PAPER), "run `make paper` and commit docs/paper/porism"


def printed(folder):
    """What the files print, but for the certificates of proofs, which the prover may find anew."""
    files = sorted((folder / "porism").glob("*.*"))
    return {
        file.name: CERTIFICATE.sub("", file.read_text())
        for file in files
        if file.name != "appendix.tex"  # the steps of the prover
    }


def test_it_compiles_in_silence(copy):
    told, warnings = compiled(copy, "paper")
    assert not warnings
    pages = int(re.search(r"\((\d+) pages?,", told)[1])
    assert 4 <= pages <= 8


def test_every_measured_number_is_a_macro():
    text = re.sub(r"(?m)^%.*", "", (PAPER / "paper.tex").read_text())
    allowed = {"99.9", "0.5"}  # what defines a certain token, a temperature that was asked for
    assert set(NUMBER.findall(text)) <= allowed
    assert NUMBER.findall("entropy is 2.71 nats") == ["2.71"]
