"""Every statement as an equation of a LaTeX document, by topic, with its sentence and verdict.

The document needs amsmath, amssymb, graphicx and url, and compiles with `pdflatex equations.tex`,
run once. An equation wider than the line is scaled down to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby

from formal import Statement
from formal.latex.text import escaped
from formal.statement import BOLD

PREAMBLE = r"""% Compile with: pdflatex equations.tex
\documentclass[11pt]{article}
\usepackage[T1]{fontenc}
\usepackage[utf8]{inputenc}
\usepackage{lmodern}
\usepackage[a4paper, margin=28mm]{geometry}
\usepackage{amsmath, amssymb, graphicx, url}
\urlstyle{tt}
\setlength{\parindent}{0pt}
\newsavebox{\equationbox}
\newcommand{\statement}[4]{% sentence, equation, name, verdict
  \par\bigskip\begin{minipage}{\linewidth}\raggedright
  \sbox{\equationbox}{$\displaystyle #2$}%
  #1\par\smallskip
  \hspace*{1.5em}\ifdim\wd\equationbox>\dimexpr\linewidth-1.5em\relax
    \resizebox{\dimexpr\linewidth-1.5em\relax}{!}{\usebox{\equationbox}}%
  \else\usebox{\equationbox}\fi\par\smallskip
  {\footnotesize #4\hspace{0.8em}\path{#3}\par}\end{minipage}\par}
\begin{document}
"""


def document(
    statements: Iterable[Statement], verdicts: Mapping[str, str], title: str = "Statements"
) -> str:
    """A LaTeX document of statements; `verdicts` maps names to what is printed beside them."""
    known = list(statements)
    verb = "statement" if len(known) == 1 else "statements"
    parts = [PREAMBLE, rf"\begin{{center}}\Large {escaped(title)}\end{{center}}", ""]
    parts += [
        f"{len(known)} {verb}. Energies are minus the logits, logarithms are natural, "
        r"$k_B = 1$; sums run over the vocabulary, $i = 1, \dots, V$.",
        "",
    ]
    for topic, members in groupby(known, key=lambda statement: statement.topic):
        parts += [rf"\section*{{{escaped(topic.replace('_', ' ').capitalize())}}}", ""]
        parts += [entry(member, verdicts.get(member.name, "")) for member in members]
    return "\n".join([*parts, r"\end{document}", ""])


def entry(statement: Statement, verdict: str) -> str:
    """One statement of the document: sentence, equation, name, verdict and source."""
    sentence = BOLD.sub(r"\\textbf{\1}", escaped(statement.doc))
    source = ", ".join(filter(None, (statement.source.key, statement.source.at)))
    about = f"{verdict} " if verdict else ""
    about += f"({statement.kind}; {statement.source.fidelity}, {source})"
    condition = _hypotheses(statement)
    return (
        f"\\statement{{{sentence}}}\n  {{{statement.latex}{condition}}}\n"
        f"  {{{statement.name}}}{{{escaped(about)}}}\n"
    )


def _hypotheses(statement: Statement) -> str:
    from formal.latex import latex

    shown = [latex(hypothesis) for hypothesis in statement.domain]
    return r" \qquad \left(" + r",\ ".join(shown) + r"\right)" if shown else ""
