"""Entries as LaTeX: numbered equations, theorem environments, derivations, table of notation.

Every equation has the label ``eq:NAME`` and, beside it, ``\\porismmark{VERDICT}{DIGEST}{NAME}``:
what is printed in the margin is also the record that `bridge.paper.record` reads.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from bridge.paper.entry import Entry
from bridge.paper.notation import Row
from bridge.paper.words import hypotheses, spoken
from bridge.plain_math import plain
from formal import Derivation, Statement
from formal.latex import latex
from formal.latex.text import escaped
from formal.statement import BOLD

Names = Mapping[str, str]
WIDE = 44  # signs of a formula in one line of text; beyond them it may not fit the line
PAGE = 32  # rows of a table; longer ones are broken between pages
WIDER = 80  # beyond them it is broken at its relation
RELATIONS = (" = ", r" \leq ", r" \geq ", " < ", " > ")
SIGNS = {"=": "=", "<=": r"\leq", "<": "<", ">=": r"\geq", ">": ">"}


def equation(entry: Entry, names: Names, *, marks: bool = True) -> str:
    """A numbered equation with its label and mark, or the mark in a comment; a derivation as
    aligned equations with the reason of each step at the right."""
    mark = rf"\porismmark{{{entry.standing.status}}}{{{entry.standing.short}}}{{{entry.name}}}"
    end = f"\\label{{eq:{entry.name}}}{mark if marks else ''}"
    comment = "" if marks else f"% {mark}\n"
    if isinstance(entry.said, Derivation):
        return f"{comment}\\begin{{align}}\n{aligned(entry.said, names)} {end}\n\\end{{align}}\n"
    body = formula(entry.said, names)
    return f"{comment}\\begin{{equation}}\n  {body}\n  {end}\n\\end{{equation}}\n"


def formula(statement: Statement, names: Names) -> str:
    """What stands between \\begin{equation} and its label."""
    text = latex_of(statement, names)
    length = len(plain(text))
    if length <= WIDE:
        return text
    cut = _top_level(text, RELATIONS)
    if length <= WIDER or len(cut) != 1:
        return rf"\porismfit{{{text}}}"
    rows = [text[: cut[0]], *_rows(text[cut[0] :].strip())]
    shown = r" \\ & \quad ".join(rf"\porismfit{{{{}} {row.strip()}}}" for row in rows)
    return rf"\begin{{split}} & {shown} \end{{split}}"


def _rows(text: str) -> list[str]:
    """A formula as rows that fit a line, as far as it can be broken at its top level."""
    rows = [""]
    for piece in pieces(text):
        if rows[-1] and len(plain(f"{rows[-1]} {piece}")) > WIDER:
            rows.append("")
        rows[-1] = f"{rows[-1]} {piece}".strip()
    return rows


def latex_of(statement: Statement, names: Names) -> str:
    """The LaTeX of a statement under an author's names."""
    shown = statement.presentation
    return statement.text if shown is None else latex(shown, names)


def aligned(chain: Derivation, names: Names) -> str:
    """The rows of a chain for `align`, all but the last without a number."""
    rows = []
    for place, (sign, reason) in enumerate(zip(chain.relations, chain.reasons, strict=True)):
        left = f"{latex(chain.expressions[0], names)} " if place == 0 else ""
        beside = rf" && \text{{{escaped(reason)}}}" if reason else ""
        rows.append(f"  {left}&{SIGNS[sign]} {latex(chain.expressions[place + 1], names)}{beside}")
    return " \\notag\\\\\n".join(rows)


def environment(entry: Entry, names: Names, cited: frozenset[str] = frozenset()) -> str:
    """An entry in its theorem environment: title, hypotheses, sentence, numbered equation."""
    if isinstance(entry.said, Derivation):
        return equation(entry, names)
    statement, kind = entry.said, entry.environment
    title = spoken(entry.name) if kind == "definition" else bold(statement.doc)
    opening = f"[{escaped(title)}]" if title else ""
    return (
        f"\\begin{{{kind}}}{opening}\\label{{st:{entry.name}}}\n"
        f"{assumptions(statement, names)}{sentence(statement, cited)}\n"
        f"{equation(entry, names)}\\end{{{kind}}}\n"
    )


def sentence(statement: Statement, cited: frozenset[str] = frozenset()) -> str:
    """The sentence of a statement; what a source states is cited, what is derived is not."""
    said = BOLD.sub(r"\\textbf{\1}", escaped(statement.doc))
    source = statement.source
    if source.fidelity == "derived" or source.key not in cited:
        return said
    place = f"[{escaped(source.at)}]" if source.at else ""
    return f"{said[:-1]}~\\cite{place}{{{source.key}}}." if said.endswith(".") else said


def bold(doc: str) -> str:
    """The name that a sentence stresses, or nothing."""
    found = BOLD.search(doc)
    return found[1] if found else ""


def assumptions(statement: Statement, names: Names) -> str:
    """The hypotheses of a statement as an opening sentence, or nothing."""
    if not statement.domain:
        return ""
    return f"Suppose that {hypotheses(statement.domain, names)}. "


def notation_table(rows: Sequence[Row]) -> str:
    """The table of notation: symbol, meaning, domain, with references to definitions."""
    lines = []
    for row in rows:
        meaning = row.meaning if "$" in row.meaning else escaped(row.meaning)
        at = rf"\porismseen{{eq:{row.label}}}" if row.label else ""
        lines.append(rf"  ${row.symbol}$ & {meaning}{at} & {row.domain} \\")
    table, head = ("longtable", r" \endhead") if len(rows) > PAGE else ("tabular", "")
    return "\n".join(
        [
            rf"\begin{{{table}}}{{@{{}}lll@{{}}}}",
            rf"  \toprule symbol & meaning & domain \\ \midrule{head}",
            *lines,
            r"  \bottomrule",
            rf"\end{{{table}}}",
            "",
        ]
    )


def pieces(text: str) -> list[str]:
    """A formula cut before the signs at its top level: what a line may be broken between."""
    cuts = [0, *_top_level(text, (" + ", " - ", *RELATIONS)), len(text)]
    return [text[a:b].strip() for a, b in zip(cuts, cuts[1:], strict=False)]


def _top_level(text: str, signs: Iterable[str]) -> list[int]:
    """Where signs stand outside all braces and brackets."""
    depth, found, place = 0, [], 0
    while place < len(text):
        if text.startswith(r"\left", place) and not text[place + 5 : place + 6].isalpha():
            depth, place = depth + 1, place + 6
        elif text.startswith(r"\right", place) and not text[place + 6 : place + 7].isalpha():
            depth, place = depth - 1, place + 7
        else:
            depth += (text[place] in "{([") - (text[place] in "})]")
            if depth == 0 and place and any(text.startswith(sign, place) for sign in signs):
                found.append(place)
            place += 1
    return found
