"""What an author relied on, read back from the marks in LaTeX, and held against proofs anew.

A mark ``\\porismmark{VERDICT}{DIGEST}{NAME}`` may stand in a comment. The equation with the label
``eq:NAME`` must still be the statement's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from bridge.paper.entry import Standing
from bridge.paper.tex import aligned, formula, latex_of
from formal import Derivation, Statement

MARK = re.compile(r"\\porismmark\{([A-Z]+)\}\{([0-9a-f]{8,64}(?:-[0-9a-f]{8,64})?)\}\{([\w.]+)\}")
RENAMED = re.compile(r"^% porism renames (\w+) = (.+)$", re.MULTILINE)
EQUATION = re.compile(r"\\begin\{(equation|align)\}(.*?)\\end\{\1\}", re.DOTALL)
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
    """An equation that is not what it was: where, and what happened, in words; `renewed` where it
    is only proved by another certificate, which is no loss."""

    mark: Mark
    problem: str
    renewed: bool = False

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
            found.append(Loss(mark, "no statement has this name any more"))
        elif _edited(said, printed.get(mark.name), names):
            printing = _shown(said, names)
            found.append(Loss(mark, f"the equation is not the statement's, {printing}"))
        else:
            found += changed(mark, now(mark.name))
    return found


def changed(mark: Mark, now: Standing) -> list[Loss]:
    """What a mark lost against a standing; a better verdict is no loss."""
    was = mark.status if mark.status in ORDER else "PROVED"
    if ORDER.index(now.status) < ORDER.index(was):
        why = f" ({now.why})" if now.why else ""
        return [Loss(mark, f"was {was}, is {now.status}{why}")]
    *certificate, meaning = mark.digest.split("-")
    if not now.meaning.startswith(meaning):
        return [Loss(mark, "its claim, or a definition that it rests on, is another one now")]
    if certificate and not now.certificate.startswith(certificate[0]):
        return [Loss(mark, "proved by another certificate now; `porism tex` renews it", True)]
    return []


def _equations(text: str) -> dict[str, str]:
    """The body of each numbered equation by the name in its label."""
    bodies = (found[2] for found in EQUATION.finditer(text))
    return {label[1]: body for body in bodies if (label := LABEL.search(body))}


def _edited(said: object, body: str | None, names: Mapping[str, str]) -> bool:
    if body is None:
        return False
    shown = _bare(MARK.sub("", LABEL.sub("", COMMENT.sub("", body))))
    if isinstance(said, Statement) and shown == _bare(formula(said, names)):
        return False
    return shown != _bare(_shown(said, names))


def _shown(said: object, names: Mapping[str, str]) -> str:
    if isinstance(said, Derivation):
        return aligned(said, names)
    return latex_of(said, names) if isinstance(said, Statement) else ""


def _bare(text: str) -> str:
    return "".join(text.split())


def lost(old: Iterable[Mark], now: Mapping[str, Standing]) -> list[Loss]:
    """What earlier marks say that new standings do not, for those that are printed again."""
    pairs = ((mark, now[mark.name]) for mark in old if mark.name in now)
    found = (loss for mark, standing in pairs for loss in changed(mark, standing))
    return [loss for loss in found if not loss.renewed]
