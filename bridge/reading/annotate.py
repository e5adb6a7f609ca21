r"""An annotated copy of a paper: a mark in the margin beside every equation, notes at the end.

A mark is an opening delimiter without extent at the start of a row, so nothing moves and pages
break as they did before; where the margin is, TeX learns in its second run (`\pdfsavepos`).
Files that the paper includes become part of the copy.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Mapping

from bridge.reading.report import Line, PaperReport
from bridge.reading.tokens import Place, Problem, Token, argument, tokens, written

WORST_FIRST = (
    "REFUTED", "UNDEFINED", "QUESTION", "UNKNOWN", "NOT READ", "NOT A CLAIM", "CONDITION",
    "DEFINITION", "SUPPORTED", "PROVED",
)  # fmt: skip
NOTED = ("REFUTED", "UNDEFINED", "QUESTION", "UNKNOWN", "NOT READ")
OPENERS = ("\\\\", "\\[", "\\(", "$")
INPUT = re.compile(r"\\(?:input|include)\s*\{\s*([^{}]+?)\s*\}")

PREAMBLE = r"""% --- marks of `porism verify --annotate`; compile twice ---
\RequirePackage{xcolor}
\makeatletter
\newcommand\porismsign[1]{\textcolor{\@ifundefined{porism@color@#1}{black!45}%
  {\csname porism@color@#1\endcsname}}{\@ifundefined{porism@sign@#1}{?}%
  {\csname porism@sign@#1\endcsname}}}
\@namedef{porism@color@REFUTED}{red!80!black}
\@namedef{porism@color@UNDEFINED}{red!80!black}
\@namedef{porism@color@QUESTION}{orange!85!black}
\@namedef{porism@color@PROVED}{green!45!black}
\@namedef{porism@color@SUPPORTED}{green!45!black}
\@namedef{porism@sign@REFUTED}{$\times$}
\@namedef{porism@sign@UNDEFINED}{$\varnothing$}
\@namedef{porism@sign@PROVED}{$\vdash$}
\@namedef{porism@sign@SUPPORTED}{$\sim$}
\@namedef{porism@sign@DEFINITION}{$:=$}
\@namedef{porism@sign@CONDITION}{$:$}
\@namedef{porism@sign@NOT A CLAIM}{--}
\newcommand\porism@at[2]{\expandafter\gdef\csname porism@x@#1\endcsname{#2}}
\newcommand\porism@edge{\dimexpr1in+\hoffset+\oddsidemargin+\textwidth+\marginparsep\relax}
% \porismmark{number}{verdict}{note}: a sign in the margin, beside the formula in the first run
\newcommand\porismmark[3]{\ifmmode\mathopen{\porism@mark{#1}{#2}{#3}}\else
  \porism@mark{#1}{#2}{#3}\fi}
\newcommand\porism@mark[3]{\rlap{\porism@save{#1}\@ifundefined{porism@x@#1}{\kern-1em}%
  {\kern\dimexpr\porism@edge-\csname porism@x@#1\endcsname sp\relax}%
  \normalfont\footnotesize\porismsign{#2}\ifx\relax#3\relax\else\,\scriptsize#3\fi}}
\ifdefined\pdfsavepos
  \newcommand\porism@save[1]{\pdfsavepos
    \write\@auxout{\string\porism@at{#1}{\the\pdflastxpos}}}
\else
  \newcommand\porism@save[1]{}
\fi
\AtBeginDocument{\immediate\write\@auxout{\string\providecommand\string\porism@at[2]{}}}
\makeatother
% --- end of the marks ---
"""


def annotated(report: PaperReport, texts: Mapping[str, str], main: str) -> str:
    r"""The paper `main` with marks and notes; `texts` holds its files by their names.

    Where it has no `\begin{document}` the marks are defined at its top, so that it compiles only
    as a part of a document.
    """
    noted = [line for line in report.lines if line.status in NOTED or line.given]
    marked = {
        name: _marked(text, name, file, report.lines, noted)
        for file, (name, text) in enumerate(texts.items())
    }
    whole = _joined(marked[main], marked, (main,))
    notes = _notes(noted, report.problems)
    head, begins, body = whole.partition("\\begin{document}")
    if not begins:
        return PREAMBLE + whole + notes
    before, ends, after = body.rpartition("\\end{document}")
    if not ends:
        before, after = body, ""
    return f"{head}{PREAMBLE}{begins}{before}{notes}{ends}{after}"


def _marked(text: str, name: str, file: int, lines: Iterable[Line], noted: list[Line]) -> str:
    """A file with a mark at the start of each row in which an equation of it stands."""
    found, _ = tokens(text, name)
    starts = _line_starts(text)
    rows: dict[int, list[Line]] = {}
    for line in lines:
        start = row_start(found, line.place) if line.place.file == name else None
        if start is not None:
            rows.setdefault(starts[start.line - 1] + start.column - 1, []).append(line)
    for offset in sorted(rows, reverse=True):
        here = rows[offset]
        worst = min((line.status for line in here), key=WORST_FIRST.index)
        notes = ",".join(str(n) for n, line in enumerate(noted, start=1) if line in here)
        mark = f"\\porismmark{{{file}.{offset}}}{{{worst}}}{{{notes}}}"
        text = text[:offset] + mark + text[offset:]
    return text


def row_start(found: list[Token], place: Place) -> Place | None:
    """Where the row begins in which a place lies: after what opens it; None outside of rows."""
    position = bisect_left(found, place, key=lambda token: token.place)
    depth = 0
    for n in range(min(position, len(found)) - 1, -1, -1):
        text = found[n].text
        if depth == 0 and text in (*OPENERS, "\\begin"):
            after = _after(found, n)
            return found[after].place if after < len(found) else None
        depth += (text in ("}", "\\end")) - (text in ("{", "\\begin") and depth > 0)
    return None


def _after(found: list[Token], position: int) -> int:
    """The position after what opens a row, and after its arguments."""
    opener = found[position].text
    position += 1
    if opener == "\\begin":
        name, position = argument(found, position)
        if written(name).startswith(("alignat", "xalignat", "alignedat")):
            _, position = argument(found, position)
    elif opener == "\\\\" and found[position].text == "*":
        position += 1
    if found[position].text == "[" and opener in ("\\begin", "\\\\"):
        position = next(n for n in range(position, len(found)) if found[n].text == "]") + 1
    return position


def _line_starts(text: str) -> list[int]:
    return [0, *(match.end() for match in re.finditer("\n", text))]


def _joined(text: str, files: Mapping[str, str], around: tuple[str, ...]) -> str:
    """The text with the files it includes, as far as they were read."""

    def included(match: re.Match[str]) -> str:
        name = match.group(1)
        name = name if name in files else f"{name}.tex"
        before = text[text.rfind("\n", 0, match.start()) + 1 : match.start()]
        if name not in files or name in around or "%" in before.replace("\\%", ""):
            return match.group()
        return _joined(files[name], files, (*around, name))

    return INPUT.sub(included, text)


def _notes(noted: list[Line], problems: Iterable[Problem]) -> str:
    """A list at the end: what is wrong or open, and why."""
    rows = [f"\\item[{n}] {_note(line)}" for n, line in enumerate(noted, start=1)]
    rows += [f"\\item[!] \\texttt{{{_plain(str(p.place))}}} {_plain(p.message)}" for p in problems]
    if not rows:
        return ""
    listed = "\n".join(rows)
    return (
        "\n\\section*{Notes of porism}\n{\\small\\begin{description}\\raggedright\n"
        f"{listed}\n\\end{{description}}}}\n"
    )


def _note(line: Line) -> str:
    point = {name: value for name, value in line.witness.items() if name not in ("left", "right")}
    said = [
        f"{line.status.lower()} (line {line.place.line})",
        line.detail,
        ", ".join(f"{name} = {value}" for name, value in point.items()),
        line.suggestion,
    ]
    return " ".join(_plain(_sentence(part)) for part in said if part)


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}{'' if text[-1] in '.?!' else '.'}"


ESCAPED = str.maketrans(
    {c: f"\\{c}" for c in "&%$#_{}"}
    | {"\\": "\\textbackslash{}", "^": "\\textasciicircum{}", "~": "\\textasciitilde{}"}
    | {"<": "\\textless{}", ">": "\\textgreater{}", "|": "\\textbar{}"}
)


SIGNS = {
    "∑": "\\sum", "∏": "\\prod", "∂": "\\partial", "−": "-", "≤": "\\le", "≥": "\\ge",
    "≠": "\\ne", "∞": "\\infty", "·": "\\cdot", "√": "\\surd", "∫": "\\int", "→": "\\to",
}  # fmt: skip


def _plain(text: str) -> str:
    """Text as TeX prints it, whatever it holds."""
    return "".join(c.translate(ESCAPED) if c.isascii() else _sign(c) for c in text)


def _sign(character: str) -> str:
    """What prints a character beyond ASCII: Greek, indices and exponents, signs, or its name."""
    shape, _, code = unicodedata.decomposition(character).partition("> ")
    name = unicodedata.name(character, "sign").lower()
    if character in SIGNS:
        return f"${SIGNS[character]}$"
    if shape in ("<sub", "<super"):
        return f"${'_' if shape == '<sub' else '^'}{{{_inner(chr(int(code.split()[0], 16)))}}}$"
    if name.startswith("greek small letter ") and name.count(" ") == 3 and "omicron" not in name:
        return f"$\\{name.split()[-1]}$"
    return f"({name})"


def _inner(character: str) -> str:
    return character if character.isascii() else _sign(character).strip("$")
