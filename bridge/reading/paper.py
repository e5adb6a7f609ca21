"""`verify_paper`: a verdict on every equation of a paper."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from bridge.reading.claims import assuming, read_paper
from bridge.reading.report import Line, PaperReport
from bridge.reading.said import Reading
from bridge.reading.tokens import Place, Problem

if TYPE_CHECKING:
    from bridge.reading.verdicts import Judge


def verify_paper(
    paper: Path | str,
    *,
    conventions: str | None = None,
    seed: int = 0,
    progress: Callable[[Line, int, int], None] | None = None,
    judge: Judge | None = None,
) -> PaperReport:
    """The verdict on every equation and every step of a chain of a paper.

    `paper` is the path of a LaTeX file, or LaTeX as text. `conventions` may be "porism", for the
    symbols of the catalogue, or "porism:alignment", for those of a topic. `progress` is told
    each line, its number and how many there are; `judge` stands in for
    `bridge.reading.given.judge`.

    Raises:
        OSError: The file cannot be read.
        ValueError: The conventions are not known.
    """
    reading = read_paper(paper, conventions)
    lines: list[Line] = []
    for number, line in enumerate(_judged(reading, seed, judge), start=1):
        lines.append(line)
        if progress is not None:
            progress(line, number, len(reading.said))
    dangling = _dangling(reading)
    name = paper.name if isinstance(paper, Path) else "text"
    return PaperReport(name, tuple(lines), (*reading.problems, *dangling), reading.files)


def _dangling(reading: Reading) -> list[Problem]:
    """References that lead nowhere, each label once."""
    places: dict[str, list[Place]] = {}
    for reference in reading.dangling:
        places.setdefault(reference.label, []).append(reference.place)
    return [
        Problem(found[0], f"the reference {label!r} leads to no label{_times(len(found))}")
        for label, found in places.items()
    ]


def _times(count: int) -> str:
    return f"; it stands at {count} places" if count > 1 else ""


def _judged(reading: Reading, seed: int, judge: Judge | None) -> Iterator[Line]:
    """The verdicts one after the other: each may rest on those before it, where it says so."""
    from bridge.reading import given
    from bridge.reading.verdicts import judged

    earlier = given.Earlier()
    judge = judge or given.judge
    for said in reading.said:
        line = given.assumption(judged(reading, said, seed=seed, judge=judge), said)
        cited = given.Cited()
        if said.claim is not None and line.status in (*given.WRONG, "QUESTION", "UNKNOWN"):
            cited = earlier.cited(said, reading.labels)
            if cited.hypotheses or (cited.lemmas and line.status == "UNKNOWN"):
                held = assuming(reading, said.claim, *cited.hypotheses, *cited.lemmas)
                found = judge(said.claim, held, seed=seed, cited=cited)
                line = given.resting(line, said, cited, found)
            else:
                line = given.not_used(line, cited)
        earlier.note(said, line, cited if line.given else given.Cited())
        yield line
