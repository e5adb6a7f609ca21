"""What is said of a paper: a line for each equation and each step, and what could not be read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bridge.plain_math import plain
from bridge.reading.tokens import Place, Problem

FORMAT = "porism.paper/1"
STATUSES = (
    "PROVED", "SUPPORTED", "REFUTED", "UNDEFINED", "UNKNOWN", "QUESTION", "DEFINITION",
    "CONDITION", "NOT A CLAIM", "NOT READ",
)  # fmt: skip
WRONG = ("REFUTED", "UNDEFINED")
OPEN = ("UNKNOWN", "QUESTION", "NOT READ")


@dataclass(frozen=True)
class Line:
    """The verdict on one equation, or one step of a chain; `step` counts from 1.

    `given` are the equations that it rests on, as the paper calls them, and that are assumed."""

    place: Place
    latex: str
    status: str
    detail: str = ""
    labels: tuple[str, ...] = ()
    step: int = 1
    displayed: bool = True
    witness: Mapping[str, str] = field(default_factory=dict)
    suggestion: str = ""
    certificate: str = ""
    digits: int | None = None
    given: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The line as plain data."""
        return {
            "file": self.place.file,
            "line": self.place.line,
            "column": self.place.column,
            "latex": self.latex,
            "status": self.status,
            "detail": self.detail,
            "labels": list(self.labels),
            "step": self.step,
            "displayed": self.displayed,
            "witness": dict(self.witness),
            "suggestion": self.suggestion,
            "certificate": self.certificate,
            "digits": self.digits,
            "given": list(self.given),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Line:
        """The line of plain data."""
        rest = {
            k: v for k, v in data.items() if k not in ("file", "line", "column", "labels", "given")
        }
        place = Place(data["file"], data["line"], data["column"])
        names = {name: tuple(data[name]) for name in ("labels", "given")}
        return cls(place=place, **names, **rest)


@dataclass(frozen=True)
class PaperReport:
    """The verdicts on a paper, in the order of its equations; true where nothing is wrong or open.

    `problems` are errors of the source: braces, macros, files. `files` are the files that were
    read, the main one first, relative to its folder.
    """

    name: str
    lines: tuple[Line, ...]
    problems: tuple[Problem, ...] = ()
    files: tuple[str, ...] = ()

    @property
    def counts(self) -> dict[str, int]:
        """How many equations and steps have each status."""
        found = Counter(line.status for line in self.lines)
        return {status: found[status] for status in STATUSES if found[status]}

    @property
    def exit_code(self) -> int:
        """1: something is wrong; else 2: the source is; else 3: something is open; else 0."""
        found = {line.status for line in self.lines}
        if found & set(WRONG):
            return 1
        if self.problems:
            return 2
        return 3 if found & set(OPEN) else 0

    def __bool__(self) -> bool:
        return self.exit_code == 0

    def as_json(self) -> dict[str, Any]:
        """The report as plain data."""
        return {
            "format": FORMAT,
            "paper": self.name,
            "files": list(self.files),
            "counts": self.counts,
            "equations": [line.as_json() for line in self.lines],
            "problems": [
                {"file": p.place.file, "line": p.place.line, "column": p.place.column,
                 "message": p.message}
                for p in self.problems
            ],
        }  # fmt: skip

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> PaperReport:
        """The report of plain data.

        Raises:
            ValueError: It has another format.
        """
        if data.get("format") != FORMAT:
            raise ValueError(f"expected the format {FORMAT}, got {data.get('format')!r}")
        problems = tuple(
            Problem(Place(p["file"], p["line"], p["column"]), p["message"])
            for p in data["problems"]
        )
        return cls(
            data["paper"],
            tuple(map(Line.from_json, data["equations"])),
            problems,
            tuple(data["files"]),
        )

    def explain(self) -> str:
        """The report in plain text: a block for each equation, the counts at the end."""
        blocks = [_block(line) for line in self.lines]
        blocks += [f"{problem.place}  ERROR\n    {problem.message}" for problem in self.problems]
        counted = ", ".join(f"{count} {status}" for status, count in self.counts.items())
        errors = f"; {len(self.problems)} errors" if self.problems else ""
        return "\n".join([*blocks, "", f"{self.name}: {counted or 'no equations'}{errors}"])


def _block(line: Line) -> str:
    label = f"  ({', '.join(line.labels)})" if line.labels else ""
    step = f"  step {line.step}" if line.step > 1 else ""
    digits = f" to {line.digits} digits" if line.status == "SUPPORTED" and line.digits else ""
    given = f" given {', '.join(line.given)}" if line.given else ""
    rows = [f"{line.place}  {line.status}{digits}{given}{step}{label}", f"    {plain(line.latex)}"]
    if line.detail:
        rows.append(f"    {line.detail}")
    if line.witness:
        point = ", ".join(f"{name} = {value}" for name, value in line.witness.items())
        rows.append(f"    witness: {point}")
    if line.suggestion:
        rows.append(f"    {line.suggestion}")
    return "\n".join(rows)
