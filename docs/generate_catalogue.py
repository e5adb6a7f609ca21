"""Writes docs/catalogue.md: every statement by topic, with equation, sentence, item and source.

Run it as `python docs/generate_catalogue.py` after the catalogue has changed.
"""

from collections.abc import Mapping
from itertools import groupby
from pathlib import Path

from formal import Statement, statements
from formal.latex import latex

HEAD = """# Catalogue

<!-- Written by docs/generate_catalogue.py; do not edit. -->

{count} statements. Energies are minus the logits, logarithms are natural, k_B = 1, and sums run
over the vocabulary, i = 1..V; see [conventions](conventions.md). Sources are keys of
[references.bib](../bridge/paper/references.bib). `restated`: the statement is the source's in our
words and notation; `derived`: it is ours. Whether a statement is proved is not said here but found
out, by `porism status` or `porism report`.
"""


def page(catalogue: Mapping[str, Statement]) -> str:
    """The page of a catalogue."""
    parts = [HEAD.format(count=len(catalogue))]
    for topic, members in groupby(catalogue.values(), key=lambda statement: statement.topic):
        parts += [f"## {topic.replace('_', ' ').capitalize()}\n", *map(entry, members)]
    return "\n".join(parts)


def entry(statement: Statement) -> str:
    """One statement: name, sentence, equation, and where it comes from."""
    lines = [f"### `{statement.name}`\n", f"{statement.doc}\n", _display(statement.latex)]
    if statement.domain:
        shown = r",\quad ".join(latex(hypothesis) for hypothesis in statement.domain)
        lines += ["where\n", _display(shown)]
    if statement.consequences:
        names = ", ".join(f"`{name}`" for name in statement.consequences)
        lines += [f"Checked by its consequences {names}.\n"]
    if statement.falsified:
        lines += [
            f"Open. Measured: {statement.measure}. Against it would speak {statement.falsified}.\n"
        ]
    source = ", ".join(filter(None, (statement.source.key, statement.source.at)))
    items = ", ".join(statement.item)
    return "\n".join(
        [*lines, f"*{statement.kind}; {statement.source.fidelity}, {source}; {items}*\n"]
    )


def _display(equation: str) -> str:
    return f"```math\n{equation}\n```\n"


if __name__ == "__main__":
    target = Path(__file__).parent / "catalogue.md"
    target.write_text(page(statements()), encoding="utf-8", newline="\n")
