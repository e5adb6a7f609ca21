"""What the catalogue prints is read back as what it claims: typeset = proved.

The LaTeX of every statement that is a relation, read in the notation of its topic, gives the
same claim in the sense of `bridge.reading.equality`; also without spacing, with its indices and
with its symbols renamed. A changed print gives another claim, or none.
"""

import re

import pytest
from sympy import IndexedBase, Symbol, evaluate

from bridge.reading.conventions import read_statement
from bridge.reading.equality import same_claim
from bridge.reading.tokens import ReadingError
from formal import statements
from formal.latex import latex
from formal.proof.symbols import all_nodes
from formal.quantity import Quantity

KNOWN = {name: s for name, s in statements().items() if s.claim is not None}
TOPICS = sorted({statement.topic for statement in KNOWN.values()})
SWAPPED = str.maketrans("ijkm", "jimk")


def of_topic(topic):
    return [statement for statement in KNOWN.values() if statement.topic == topic]


@pytest.mark.parametrize("topic", TOPICS)
def test_every_statement_is_read_back(topic):
    for statement in of_topic(topic):
        found = read_statement(statement.latex, topic)
        assert same_claim(found, statement.claim), (statement.name, statement.latex, found)


@pytest.mark.parametrize("topic", TOPICS)
def test_without_spacing_and_with_comments_the_claim_is_the_same(topic):
    for statement in of_topic(topic):
        bare = re.sub(r"\\[,;!]|\\left(?![a-z])|\\right(?![a-z])", " ", statement.latex)
        bare = "% a comment\n" + bare.replace("  ", " ").replace(" = ", "=% another\n")
        assert same_claim(read_statement(bare, topic), statement.claim), statement.name


@pytest.mark.parametrize("topic", TOPICS)
def test_with_other_symbols_the_claim_is_the_same(topic):
    names: dict[str, str] = {}
    for statement in of_topic(topic):
        names |= renamed(statement)
    for statement in of_topic(topic):
        printed = latex(statement.presentation, names)
        assert same_claim(read_statement(printed, topic, names), statement.claim), printed


def renamed(statement) -> dict[str, str]:
    """Another form for every parameter and family of a statement and of its quantities."""
    parts = set(all_nodes(statement.presentation))
    parts |= {p for q in parts if isinstance(q, Quantity) for p in q.parameters}
    plain = {p for p in parts if isinstance(p, (Symbol, IndexedBase)) and p.is_commutative}
    names = {str(p): latex(p) for p in plain if isinstance(p, IndexedBase) or not p.is_integer}
    return {
        name: rf"\tilde{{{form}}}" for name, form in names.items() if re.match(r"\\?\w+$", form)
    }


@pytest.mark.parametrize("topic", [t for t in TOPICS if t not in ("language", "strings")])
def test_with_other_indices_the_claim_is_the_same(topic):
    letters = {Symbol(a, integer=True, positive=True): Symbol(a.translate(SWAPPED), integer=True,
               positive=True) for a in "ijkm"}  # fmt: skip
    for statement in of_topic(topic):
        with evaluate(False):
            printed = latex(statement.presentation.xreplace(letters))
        wanted = statement.claim.xreplace(letters)
        assert same_claim(read_statement(printed, topic), wanted), (statement.name, printed)


CHANGES = [
    (" + ", " - "), (" - ", " + "), ("T", "T^{2}"), ("q", "r"), (r"\leq", r"\geq"),
    ("E_{i}", "E_{k}"), (r"\ln", r"\exp"), ("p_{k}", "p_{m}"), ("{2}", "{3}"),
]  # fmt: skip


def test_a_changed_print_is_another_claim():
    changed = same = 0
    for statement in KNOWN.values():
        for before, after in CHANGES:
            if before not in statement.latex:
                continue
            printed = statement.latex.replace(before, after, 1)
            try:
                found = read_statement(printed, statement.topic)
            except (ReadingError, ValueError, TypeError):
                continue
            changed += 1
            same += same_claim(found, statement.claim)
    assert changed > 300 and same == 0
