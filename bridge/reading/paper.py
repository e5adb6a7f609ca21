"""`verify_paper`: a verdict on every equation of a paper."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from bridge.reading.claims import read_paper
from bridge.reading.report import Line, PaperReport
from bridge.reading.tokens import Problem

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
    `bridge.reading.verdicts.judgement`.

    Raises:
        OSError: The file cannot be read.
        ValueError: The conventions are not known.
    """
    from bridge.reading.verdicts import judged

    reading = read_paper(paper, conventions)
    lines: list[Line] = []
    for number, said in enumerate(reading.said, start=1):
        line = judged(reading, said, seed=seed, judge=judge)
        lines.append(line)
        if progress is not None:
            progress(line, number, len(reading.said))
    dangling = [
        Problem(r.place, f"the reference {r.label!r} leads to no label") for r in reading.dangling
    ]
    name = paper.name if isinstance(paper, Path) else "text"
    return PaperReport(name, tuple(lines), (*reading.problems, *dangling), reading.files)
