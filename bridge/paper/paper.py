"""A paper: its entries, its notation, its sources, and the files that print them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from bridge.errors import BadInput
from bridge.paper.appendix import appendix
from bridge.paper.bibliography import cited
from bridge.paper.entry import Ask, Entry, entries
from bridge.paper.measured import Measured, measured
from bridge.paper.notation import Row, notation
from bridge.paper.numbers import macros, temperatures
from bridge.paper.record import Loss, lost, marks
from bridge.paper.selection import named
from bridge.paper.tex import environment, equation, notation_table
from formal import Derivation, Statement, statements

WRITTEN = "% Written by `porism tex`; changes are lost when it runs again.\n"
MAIN = r"""\documentclass[11pt]{article}
\usepackage[T1]{fontenc}
\usepackage[utf8]{inputenc}
\usepackage{lmodern}
\usepackage[a4paper, margin=32mm]{geometry}
\usepackage[hidelinks]{hyperref}
\usepackage%OPTION%{porism}
\begin{document}
\section*{Statements}
%BODY%
\section*{Notation}
\noindent\input{notation}
%MEASURED%%REST%\end{document}
"""
MEASURED = r"""
\section*{Measured}
\input{numbers}
\begin{center}\input{temperatures}\end{center}
\porismMeaning\par
\begin{center}\includegraphics{figures/heat-capacity}\par
\includegraphics{figures/free-energy}\end{center}
"""


@dataclass(frozen=True)
class Paper:
    """Entries in their order, rows of notation, an author's names, BibTeX entries by key, and what
    was measured, if anything."""

    entries: tuple[Entry, ...]
    rows: tuple[Row, ...]
    names: Mapping[str, str]
    sources: Mapping[str, str]
    measured: Measured | None = None

    @property
    def cited(self) -> tuple[str, ...]:
        """The keys of the entries' sources that the bibliography knows."""
        keys = (one.said.source.key for one in self.entries if isinstance(one.said, Statement))
        return tuple(dict.fromkeys(key for key in keys if key in self.sources))

    @property
    def unknown_sources(self) -> tuple[str, ...]:
        """The keys that it does not know."""
        keys = (one.said.source.key for one in self.entries if isinstance(one.said, Statement))
        return tuple(dict.fromkeys(key for key in keys if key and key not in self.sources))

    @property
    def unreliable(self) -> tuple[Entry, ...]:
        """Entries that nobody may rely on; conjectures are what they say they are."""
        return tuple(e for e in self.entries if not e.standing and e.environment != "conjecture")


def paper(
    chosen: Mapping[str, Statement | Derivation] | Iterable[str],
    known: Mapping[str, Statement] | None = None,
    *,
    names: Mapping[str, str] | None = None,
    sources: Mapping[str, str] | None = None,
    ledger: Path | None = None,
    catalogue: str = "formal",
    at: Ask = lambda label, done, of: None,
) -> Paper:
    """A paper of some statements and derivations, or names of statements, proved anew.

    `known` are all statements that there are, `names` an author's own for symbols and quantities
    (`{"entropy": "H"}`), `sources` BibTeX entries by key, `ledger` the file of a report,
    `catalogue` the package that the derivations are found in.

    Raises:
        BadInput: A name is unknown, the ledger is none, or one symbol stands for two things.
    """
    renamed, known = names or {}, statements() if known is None else known
    if not isinstance(chosen, Mapping):
        chosen = named(chosen, known)
    rows = notation(chosen, renamed)
    found = None if ledger is None else measured(ledger)
    return Paper(
        tuple(entries(chosen, known, catalogue, at)), tuple(rows), renamed, sources or {}, found
    )


def equations(made: Paper, *, marks: bool = False) -> str:
    """The entries as numbered equations to paste, each under its sentence; marks in comments."""
    return "\n".join(
        (f"% {one.said.doc}\n" if isinstance(one.said, Statement) else "")
        + equation(one, made.names, marks=marks)
        for one in made.entries
    )


def tex_files(made: Paper, *, marks: bool = True) -> dict[str, str | bytes]:
    """The files of a folder to \\input from, by name; the document `main.tex` prints them all."""
    keys = frozenset(made.cited)
    head = WRITTEN + "".join(f"% porism renames {k} = {v}\n" for k, v in made.names.items())
    found: dict[str, str | bytes] = {
        f"{one.name}.tex": head + environment(one, made.names, keys) for one in made.entries
    }
    found["notation.tex"] = head + notation_table(made.rows)
    found["appendix.tex"] = head + appendix(made.entries, made.names)
    body = "\n".join(rf"\input{{{one.name}}}" for one in made.entries)
    rest = "\\appendix\n\\section{Proofs}\n\\input{appendix}\n"
    if keys:
        found["references.bib"] = cited(made.cited, made.sources)
        rest += "\\bibliographystyle{plain}\n\\bibliography{references}\n"
    option = "" if marks else "[nomarks]"
    numbers = "" if made.measured is None else MEASURED
    parts = {"%OPTION%": option, "%BODY%": body, "%MEASURED%": numbers, "%REST%": rest}
    document = MAIN
    for place, part in parts.items():
        document = document.replace(place, part)
    found["main.tex"] = WRITTEN + document
    if made.measured is not None:
        from bridge.paper.figures import figures  # imports matplotlib

        found["numbers.tex"] = WRITTEN + macros(made.measured)
        found["temperatures.tex"] = WRITTEN + temperatures(made.measured)
        for name, drawn in figures(made.measured).items():
            found[f"figures/{name}"] = drawn
    found["porism.sty"] = files("bridge.paper").joinpath("porism.sty").read_text(encoding="utf-8")
    return found


def earlier_losses(made: Paper, folder: Path) -> list[Loss]:
    """What the files that stand in a folder promise and the paper no longer keeps."""
    now = {one.name: one.standing for one in made.entries}
    old = [
        mark
        for path in sorted(folder.glob("*.tex"))
        for mark in marks(path.read_text(encoding="utf-8", errors="replace"), str(path))
    ]
    return lost(old, now)


def write_folder(folder: Path, found: Mapping[str, str | bytes]) -> None:
    """Write files into a folder and remove those of an earlier run that are not among them.

    Raises:
        BadInput: A file that porism did not write would be replaced.
    """
    from bridge.report.files import replacing, writable_folder  # imports torch

    place = writable_folder(folder)
    for name in found:
        path = place / name
        if name.endswith(".tex") and path.exists() and not _ours(path):
            raise BadInput(f"{path} was not written by porism; choose another folder with --out")
    for name, content in found.items():
        target = place / name
        target.parent.mkdir(exist_ok=True)
        data = content if isinstance(content, bytes) else content.encode()
        with replacing(target) as temporary:
            temporary.write_bytes(data)
    for path in place.glob("*.tex"):
        if path.name not in found and _ours(path):
            path.unlink()


def _ours(path: Path) -> bool:
    with path.open(encoding="utf-8", errors="replace") as file:
        return file.readline() == WRITTEN


def names_of(pairs: Iterable[str]) -> dict[str, str]:
    r"""An author's names from pairs such as ``beta=b`` and ``central_moment=m_{#3}``.

    Raises:
        BadInput: A pair is none, or its symbol is not plain mathematics in LaTeX.
    """
    found = {}
    for pair in pairs:
        name, _, symbol = pair.partition("=")
        if not re.fullmatch(r"\w+", name) or not symbol:
            raise BadInput(f"expected --rename NAME=SYMBOL, as in beta=b, got {pair!r}")
        if not re.fullmatch(r"(?:\\[A-Za-z]+|[A-Za-z0-9(){}^_#,*' \[\]|])+", symbol):
            raise BadInput(f"expected a symbol in LaTeX, such as m_{{#3}}, got {symbol!r}")
        if symbol.count("{") != symbol.count("}"):
            raise BadInput(f"the braces of {symbol!r} do not match")
        found[name] = symbol
    return found
