"""A paper as one page of HTML: equations in MathML, no script, no network."""

from __future__ import annotations

import re
from html import escape

from markupsafe import Markup

from bridge.mathml import mathml
from bridge.pages import templates
from bridge.paper.entry import Entry
from bridge.paper.markup import sentence, title
from bridge.paper.numbers import rows_of
from bridge.paper.paper import Paper
from bridge.paper.tex import SIGNS, latex_of
from formal import Statement
from formal.latex import latex
from formal.statement import BOLD

FORMULA = re.compile(r"\$([^$]+)\$")


def page(made: Paper) -> str:
    """The page: entries with their verdicts, notation, and what was measured."""
    return (
        templates("bridge.paper")
        .get_template("paper.html")
        .render(
            entries=[_shown(made, one, number) for number, one in enumerate(made.entries, 1)],
            rows=[
                {
                    "symbol": mathml(row.symbol, "inline"),
                    "meaning": words(row.meaning),
                    "domain": words(row.domain),
                }
                for row in made.rows
            ],
            table=[] if made.measured is None else _table(made),
        )
    )


def _shown(made: Paper, entry: Entry, number: int) -> dict[str, object]:
    return {
        "name": entry.name,
        "number": number,
        "kind": (entry.environment or "derivation").capitalize(),
        "title": title(entry),
        "sentence": words(sentence(made, entry)),
        "lines": _lines(made, entry),
        "standing": entry.standing,
    }


def _lines(made: Paper, entry: Entry) -> list[tuple[Markup, str]]:
    """The lines of an entry's formula, each with its reason as plain text."""
    if isinstance(entry.said, Statement):
        return [(mathml(latex_of(entry.said, made.names)), "")]
    steps = zip(entry.said.relations, entry.said.expressions[1:], entry.said.reasons, strict=True)
    first = latex(entry.said.expressions[0], made.names)
    lines = [(mathml(first), "")]
    return lines + [
        (mathml(f"{SIGNS[sign]} {latex(expression, made.names)}"), reason)
        for sign, expression, reason in steps
    ]


def _table(made: Paper) -> list[list[Markup]]:
    assert made.measured is not None
    return [[words(cell) for cell in cells] for cells in rows_of(made.measured)]


def words(text: str) -> Markup:
    """Text with its formulas between dollars as MathML, and what it stresses in bold."""
    parts = FORMULA.split(BOLD.sub("\x01\\1\x02", text))
    shown = "".join(
        mathml(part, "inline") if place % 2 else escape(part, quote=False)
        for place, part in enumerate(parts)
    )
    return Markup(shown.replace("\x01", "<b>").replace("\x02", "</b>"))
