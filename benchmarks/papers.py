"""What is read and judged of papers: `python -m benchmarks.papers [--held-out] [--json FILE]`.

The papers are those of `tests/papers`, which were written before the reader and are frozen. The
printed ones are measured twice: as printed, and with the author's word for what they leave unsaid
(`tests/papers/words`) before the unchanged text. Prints each figure beside its bar and, below,
whatever missed; exit code 1 if a bar is missed.
"""

from __future__ import annotations

import argparse
import json
import sys
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks import bars
from benchmarks.bars import Figure
from bridge.reading import Line, PaperReport, verify_paper

MATERIAL = Path(__file__).parent.parent / "tests" / "papers"
READ = 0.95
UNREAD = ("NOT READ", "QUESTION")
WRONG = ("REFUTED", "UNDEFINED")
STANDS = ("PROVED", "SUPPORTED", "DEFINITION", "CONDITION")
CLAIMS = ("identity", "inequality")


@dataclass(frozen=True)
class Equation:
    """A displayed equation of the material, or a slip, and what the reader says of it."""

    name: str
    kind: str
    truth: str
    said: tuple[Line, ...]

    @property
    def read(self) -> bool:
        """Whether something was found here, and nothing of it unread."""
        return bool(self.said) and not any(line.status in UNREAD for line in self.said)

    @property
    def refuted(self) -> bool:
        """Whether a part of it is said to be wrong."""
        return any(line.status in WRONG for line in self.said)

    @property
    def accepted(self) -> bool:
        """Whether all of it is said to stand."""
        return bool(self.said) and all(line.status in STANDS for line in self.said)

    @property
    def note(self) -> str:
        """Where it is, and what is said there."""
        parts = [f"{line.status} {line.latex[:60]} ({line.detail[:90]})" for line in self.said]
        return f"{self.name}: {'; '.join(parts) or 'nothing found'}"


@dataclass(frozen=True)
class Material:
    """A folder of papers: every displayed equation of the right ones, every slip."""

    right: tuple[Equation, ...]
    inline: tuple[Equation, ...]
    slips: tuple[Equation, ...]


def material(folder: Path, names: Sequence[str] = ()) -> Material:
    """The papers of a folder, or some of them by name, judged."""
    right: list[Equation] = []
    inline: list[Equation] = []
    slips: list[Equation] = []
    planted = {paper["name"]: paper["slip"] for paper in _load(folder / "slips/planted.toml")}
    for paper in _load(folder / "right/expected.toml"):
        name, shown = paper["name"], paper["display"]
        if names and name not in names:
            continue
        report = _verified(folder / "right" / f"{name}.tex")
        right += _displayed(name, shown, report)
        inline += [
            Equation(f"{name}:{x.place.line}", "identity", "true", (x,)) for x in _rest(report)
        ]
        report = _verified(folder / "slips" / f"{name}.tex")
        slips += [_slip(name, slip, shown, report) for slip in planted[name]]
    return Material(tuple(right), tuple(inline), tuple(slips))


def printed(folder: Path, names: Sequence[str] = ()) -> list[Equation]:
    """The equations of public sources, or of some of them by name, judged."""
    return [
        equation
        for source in _load(folder / "sources.toml")
        if not names or source["name"] in names
        for equation in _displayed(
            source["name"],
            source["display"],
            _verified(folder / f"{source['name']}.tex"),
        )
    ]


def with_words(folder: Path, words: Path, names: Sequence[str] = ()) -> list[Equation]:
    """The equations of the sources that have an author's word, judged with it; line numbers are
    those of the sources."""
    found: list[Equation] = []
    for source in _load(folder / "sources.toml"):
        name = source["name"]
        block = words / f"{name}.txt"
        if not block.is_file() or (names and name not in names):
            continue
        said = block.read_text(encoding="utf-8")
        text = said + (folder / f"{name}.tex").read_text(encoding="utf-8")
        print(f"reading {folder.name}/{name}.tex with words", file=sys.stderr, flush=True)
        report = _moved(verify_paper(text), -said.count("\n"))
        found += _displayed(name, source["display"], report)
    return found


def _moved(report: PaperReport, lines: int) -> PaperReport:
    places = [replace(line.place, line=line.place.line + lines) for line in report.lines]
    moved = [replace(x, place=place) for x, place in zip(report.lines, places, strict=True)]
    return replace(report, lines=tuple(moved))


def _verified(paper: Path) -> PaperReport:
    print(f"reading {paper.parent.name}/{paper.name}", file=sys.stderr, flush=True)
    return verify_paper(paper)


def _load(path: Path) -> list[dict]:
    with path.open("rb") as file:
        data = tomllib.load(file)
    return data.get("paper") or data["source"]


def _displayed(name: str, displays: Iterable[dict], report: PaperReport) -> Iterator[Equation]:
    for display in displays:
        said = tuple(line for line in report.lines if _within(line, display))
        truth = display.get("truth", "true")
        yield Equation(f"{name}:{display['lines'][0]}", display["kind"], truth, said)


def _rest(report: PaperReport) -> list[Line]:
    return [line for line in report.lines if not line.displayed]


def _slip(name: str, slip: dict, displays: Sequence[dict], report: PaperReport) -> Equation:
    """A slip and what is said of its display; for one in the text, of the formulas in its line."""
    if slip["display"]:
        display = displays[slip["display"] - 1]
        said = tuple(line for line in report.lines if _within(line, display))
    else:
        said = tuple(line for line in _rest(report) if line.place.line == slip["line"])
    return Equation(f"{name}:{slip['line']} ({slip['what']})", "identity", "false", said)


def _within(line: Line, display: dict) -> bool:
    first, last = display["lines"]
    return line.displayed and first <= line.place.line <= last


def of_material(name: str, found: Material) -> Iterator[Figure]:
    """Equations read, right ones accepted and not refuted, slips refuted and not accepted."""
    asked = [e for e in found.right if e.kind != "outside"]
    yield _share(f"{name}, displayed equations read", [e for e in asked if e.read], asked, READ)
    claims = [e for e in asked if e.kind in CLAIMS]
    yield _share(f"{name}, claims accepted", [e for e in claims if e.accepted], claims, None)
    false_alarms = [e for e in (*found.right, *found.inline) if e.refuted]
    yield _none(f"{name}, right equations refuted", false_alarms)
    refuted = [e for e in found.slips if e.refuted]
    yield _share(f"{name}, slips refuted", refuted, found.slips, None)
    yield _none(f"{name}, slips accepted", [e for e in found.slips if e.accepted])


def of_printed(name: str, found: Sequence[Equation]) -> Iterator[Figure]:
    """What of the public sources is read, and whether a verdict contradicts what is true there."""
    asked = [e for e in found if e.kind != "outside"]
    yield _share(f"{name}, equations read", [e for e in asked if e.read], asked, None)
    outside = [e for e in found if e.kind == "outside"]
    yield _share(f"{name}, outside and read", [e for e in outside if e.read], outside, None)
    yield _none(f"{name}, true and refuted", [e for e in found if e.truth == "true" and e.refuted])
    lost = [e for e in found if e.truth == "false"]
    yield _share(f"{name}, false and refuted", [e for e in lost if e.refuted], lost, None)
    yield _none(f"{name}, false and accepted", [e for e in lost if e.accepted])


def _share(
    name: str, good: Sequence[Equation], all_: Sequence[Equation], bar: float | None
) -> Figure:
    share = len(good) / max(1, len(all_))
    missed = tuple(e.note for e in all_ if e not in good)
    met = bar is None or (bool(all_) and share >= bar)
    shown = "" if bar is None else f">= {bar}"
    return Figure(f"{name} ({len(good)} of {len(all_)})", share, shown, met, missed)


def _none(name: str, bad: Sequence[Equation]) -> Figure:
    return Figure(name, len(bad), "= 0", not bad, tuple(e.note for e in bad))


def figures(held_out: bool) -> Iterator[Figure]:
    """Every figure, folder by folder."""
    yield from of_material("papers", material(MATERIAL))
    plain = printed(MATERIAL / "printed")
    yield from of_printed("printed", plain)
    told = {e.name: e for e in with_words(MATERIAL / "printed", MATERIAL / "words")}
    yield from of_printed("with the author's word", [told.get(e.name, e) for e in plain])
    if held_out:
        yield from of_material("held out", material(MATERIAL / "held_out"))


def main() -> int:
    """Measure, print a table, write JSON where asked; 1 if a bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, help="write the figures here")
    parser.add_argument("--held-out", action="store_true", help="measure the held-out papers too")
    options = parser.parse_args()
    found = bars.printed(figures(options.held_out))
    if options.json:
        document = {"format": "porism.papers/1", "figures": [f._asdict() for f in found]}
        options.json.write_text(json.dumps(document, indent=2) + "\n")
    return 0 if all(figure.met for figure in found) else 1


if __name__ == "__main__":
    sys.exit(main())
