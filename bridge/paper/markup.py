"""A paper as Markdown (GitHub's and most others') and as MyST: the same content as in LaTeX."""

from __future__ import annotations

from collections.abc import Callable

from bridge.paper.entry import Entry
from bridge.paper.numbers import rows_of
from bridge.paper.paper import Paper
from bridge.paper.tex import aligned, assumptions, bold, latex_of
from bridge.paper.words import spoken
from formal import Derivation, Statement


def markdown(made: Paper) -> str:
    """Headings, numbered equations between dollars, verdicts, and a table of notation."""
    return _document(made, _markdown_entry)


def myst(made: Paper) -> str:
    """The same with MyST's directives, whose labels can be referred to."""
    return _document(made, _myst_entry)


def title(entry: Entry) -> str:
    """The name that a statement has in print, or nothing."""
    if isinstance(entry.said, Derivation):
        return ""
    return spoken(entry.name) if entry.environment == "definition" else bold(entry.said.doc)


def sentence(made: Paper, entry: Entry) -> str:
    """Hypotheses and sentence, with formulas between dollars."""
    if isinstance(entry.said, Derivation):
        return ""
    return assumptions(entry.said, made.names) + entry.said.doc


def formula(made: Paper, entry: Entry) -> str:
    """The formula of an entry; a derivation as aligned lines."""
    if isinstance(entry.said, Statement):
        return latex_of(entry.said, made.names)
    rows = aligned(entry.said, made.names).replace(r" \notag", "")
    return f"\\begin{{aligned}}\n{rows}\n\\end{{aligned}}"


def standing(entry: Entry) -> str:
    """Verdict, digest and command in one line."""
    known = entry.standing
    return f"{known.status}, `{known.digest[:16]}`, `{known.command}`"


def _document(made: Paper, write: Callable[[Paper, Entry, int], str]) -> str:
    parts = [write(made, one, number) for number, one in enumerate(made.entries, 1)]
    head = "| symbol | meaning | domain |\n|---|---|---|"
    rows = [f"| ${_cell(row.symbol)}$ | {row.meaning} | {row.domain} |" for row in made.rows]
    parts.append("\n".join(["## Notation\n", head, *rows]))
    if made.measured is not None:
        first, *table = rows_of(made.measured)
        lines = ["| " + " | ".join(cells) + " |" for cells in table]
        rule = "|" + "---|" * len(first)
        parts.append("\n".join(["## Measured\n", "| " + " | ".join(first) + " |", rule, *lines]))
    return "\n\n".join(parts) + "\n"


def _cell(symbol: str) -> str:
    return symbol.replace(r"\|", r"\Vert ").replace("|", r"\vert ")


def _markdown_entry(made: Paper, entry: Entry, number: int) -> str:
    kind = (entry.environment or "derivation").capitalize()
    named = f" ({title(entry)})" if title(entry) else ""
    return "\n\n".join(
        filter(
            None,
            [
                f"**{kind} {number}{named}.** {sentence(made, entry)}".rstrip(),
                f"$$\n{formula(made, entry)} \\tag{{{number}}}\n$$",
                standing(entry),
            ],
        )
    )


def _myst_entry(made: Paper, entry: Entry, number: int) -> str:
    equation = f"```{{math}}\n:label: eq-{entry.name}\n{formula(made, entry)}\n```"
    if not entry.environment:
        return f"{equation}\n\n{standing(entry)}"
    return (
        f":::{{prf:{entry.environment}}} {title(entry)}".rstrip()
        + f"\n:label: st-{entry.name}\n\n{sentence(made, entry)}\n\n{equation}\n\n"
        + f"{standing(entry)}\n:::"
    )
