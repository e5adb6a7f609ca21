"""Papers in Markdown, MyST and HTML: the same content, and nothing of an author's runs there."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from command_line import run
from sympy import Derivative

from bridge.paper import paper
from bridge.paper.markup import markdown, myst
from bridge.paper.web import page, words
from formal import Derivation, statements
from formal.boltzmann import F, S, T

LEDGER = Path(__file__).parents[2] / "docs" / "paper" / "ledger.json"
NAMES = ("entropy", "kl_divergence_nonneg")


@pytest.fixture(scope="module")
def made():
    known = statements()
    chain = {"slope": Derivation([S, -Derivative(F, T)], ["a < b"])}
    return paper({name: known[name] for name in NAMES} | chain, known, ledger=LEDGER)


@pytest.mark.parametrize("write", [markdown, myst, page])
def test_every_format_has_everything(made, write):
    text = write(made)
    for entry in made.entries:
        assert entry.standing.digest[:16] in text and entry.standing.command in text
    assert "probability distributions" in text and "Kullback-Leibler divergence" in text
    assert "2.71(8)" in text


def test_tables_of_markdown_keep_their_cells(made):
    rows = [line for line in markdown(made).splitlines() if line.startswith("|")]
    assert {line.count("|") for line in rows} == {4, 6}


def test_labels_of_myst(made):
    text = myst(made)
    assert ":label: eq-slope" in text and ":::{prf:definition} entropy\n:label: st-entropy" in text


def test_a_page_is_well_formed_and_shows_formulas_as_mathml(made):
    text = page(made)
    formulas = re.findall(r"<math.*?</math>", text, re.DOTALL)
    assert len(formulas) > 10 and "<code>S" not in text and "$" not in text
    for formula in formulas:
        ElementTree.fromstring(formula)


def test_what_an_author_writes_is_escaped(made):
    assert words("a <script> & $x$ **b**").startswith("a &lt;script&gt; &amp; <math")
    assert "<b>b</b>" in words("**b**") and "a &lt; b" in page(made)


def test_formats_from_the_command_line(tmp_path):
    assert run("tex", "entropy", "--format", "html", "--out", tmp_path / "a.html").exit_code == 0
    assert "<math" in (tmp_path / "a.html").read_text()
    assert "**Definition 1 (entropy).**" in run("tex", "entropy", "--format", "markdown").stdout
    assert "def entropy(E, T):" in run("tex", "entropy", "--format", "torch").stdout
    refused = run("tex", "entropy", "--format", "word")
    assert refused.exit_code == 2 and "expected a format among" in refused.stderr
    several = run("tex", "--topic", "moduli", "--format", "numpy").stdout
    assert several.count("def mean(") == 1 and several.count("import numpy") == 1
