"""What an author relied on, read back from the marks in LaTeX, and held against proofs anew.

A mark ``\\porismmark{VERDICT}{DIGEST}{NAME}`` may stand in a comment. The equation with the label
``eq:NAME`` must still be the statement's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from bridge.paper.entry import Standing
from bridge.paper.tex import formula, latex_of
from formal import Statement

MARK = re.compile(r"\\porismmark\{([A-Z]+)\}\{([0-9a-f]{8,64})\}\{([\w.]+)\}")
RENAMED = re.compile(r"^% porism renames (\w+) = (.+)$", re.MULTILINE)
EQUATION = re.compile(r"\\begin\{equation\}(.*?)\\end\{equation\}", re.DOTALL)
LABEL = re.compile(r"\\label\{eq:([\w.]+)\}")
COMMENT = re.compile(r"(?<!\\)%.*")
ORDER = ("REFUTED", "UNDEFINED", "UNKNOWN", "CITED", "DEFINITION", "SUPPORTED", "PROVED")


@dataclass(frozen=True)
class Mark:
    """A mark as it stands in a file: verdict, digest, name, and where."""

    status: str
    digest: str
    name: str
    file: str
    line: int


@dataclass(frozen=True)
class Loss:
    """An equation that is not what it was: where, and what happened, in words."""

    mark: Mark
    problem: str

    def __str__(self) -> str:
        return f"{self.mark.file}:{self.mark.line}: {self.mark.name}: {self.problem}"


def marks(text: str, file: str) -> list[Mark]:
    """All marks of a file; the definition of the macro is none."""
    return [
        Mark(found[1], found[2], found[3], file, text.count("\n", 0, found.start()) + 1)
        for found in MARK.finditer(text)
    ]


def renames(text: str) -> dict[str, str]:
    """The names that a file was written with."""
    return dict(RENAMED.findall(text))


def losses(
    text: str, file: str, known: Mapping[str, object], now: Callable[[str], Standing]
) -> list[Loss]:
    """What a file's marks say that is not so, `now` giving the standing of a name anew."""
    names, printed = renames(text), _equations(text)
    found = []
    for mark in marks(text, file):
        said = known.get(mark.name)
        if said is None:
            problem = "no statement has this name any more"
        elif isinstance(said, Statement) and _edited(said, printed.get(mark.name), names):
            problem = f"the equation is not the statement's, {latex_of(said, names)}"
        else:
            problem = changed(mark.status, mark.digest, now(mark.name))
        if problem:
            found.append(Loss(mark, problem))
    return found


def changed(status: str, digest: str, now: Standing) -> str:
    """What a record lost against a standing, in words, or nothing; a better verdict is no loss."""
    if ORDER.index(now.status) < ORDER.index(status if status in ORDER else "PROVED"):
        why = f" ({now.why})" if now.why else ""
        return f"was {status}, is {now.status}{why}"
    if status == now.status and not now.digest.startswith(digest):
        what = "meaning" if status != "PROVED" else "certificate"
        return f"its {what} is another one: was {digest}, is {now.short}"
    return ""


def _equations(text: str) -> dict[str, str]:
    """The body of each numbered equation by the name in its label."""
    bodies = (found[1] for found in EQUATION.finditer(text))
    return {label[1]: body for body in bodies if (label := LABEL.search(body))}


def _edited(statement: Statement, body: str | None, names: Mapping[str, str]) -> bool:
    if body is None:
        return False
    shown = _bare(MARK.sub("", LABEL.sub("", COMMENT.sub("", body))))
    return shown not in {_bare(formula(statement, names)), _bare(latex_of(statement, names))}


def _bare(text: str) -> str:
    return "".join(text.split())


def lost(old: Iterable[Mark], now: Mapping[str, Standing]) -> list[Loss]:
    """What earlier marks say that new standings do not, for those that are printed again."""
    pairs = ((mark, now[mark.name]) for mark in old if mark.name in now)
    found = ((mark, changed(mark.status, mark.digest, standing)) for mark, standing in pairs)
    return [Loss(mark, problem) for mark, problem in found if problem]
