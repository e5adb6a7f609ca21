"""A report as a table for a terminal: a row for each equation, then what is wrong or open."""

from __future__ import annotations

from bridge.plain_math import plain
from bridge.reading.report import OPEN, WRONG, Line, PaperReport

WIDEST = 60  # characters of an equation in the table
LONGEST = 400  # of one that is explained
COLORS = {"red": WRONG, "yellow": OPEN, "green": ("PROVED", "SUPPORTED")}


def table(report: PaperReport, *, color: bool = False) -> str:
    """The report in plain text, or with the colours of a terminal."""
    rows = [_row(line) for line in report.lines]
    wide = [max((len(row[n]) for row in rows), default=0) for n in range(2)]
    listed = [
        f"{place:<{wide[0]}}  {_colored(line.status, status.ljust(wide[1]), color)}  {equation}"
        for line, (place, status, equation) in zip(report.lines, rows, strict=True)
    ]
    told = [_explained(line, color) for line in report.lines if line.status in WRONG + OPEN]
    told += [f"{problem.place}  {_colored('REFUTED', 'ERROR', color)}\n    {problem.message}"
             for problem in report.problems]  # fmt: skip
    return "\n".join([*listed, *([""] if told else []), *told, "", summary(report)])


def summary(report: PaperReport) -> str:
    """The counts in one line."""
    counted = ", ".join(f"{count} {status}" for status, count in report.counts.items())
    errors = f"; errors in the source: {len(report.problems)}" if report.problems else ""
    return f"{report.name}: {counted or 'no equations'}{errors}"


def _row(line: Line) -> tuple[str, str, str]:
    digits = f", {line.digits} digits" if line.status == "SUPPORTED" and line.digits else ""
    given = f", given {', '.join(line.given)}" if line.given else ""
    return str(line.place), f"{line.status}{digits}{given}", _cut(plain(line.latex), WIDEST)


def _cut(text: str, longest: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= longest else f"{text[: longest - 3]}..."


def _explained(line: Line, color: bool) -> str:
    label = f"  ({', '.join(line.labels)})" if line.labels else ""
    rows = [f"{line.place}  {_colored(line.status, line.status, color)}{label}"]
    rows.append(f"    {_cut(plain(line.latex), LONGEST)}")
    rows += [f"    {text}" for text in (line.detail, _point(line), line.suggestion) if text]
    return "\n".join(rows)


def _point(line: Line) -> str:
    point = ", ".join(f"{name} = {value}" for name, value in line.witness.items())
    return f"witness: {point}" if point else ""


def _colored(status: str, text: str, color: bool) -> str:
    import typer

    found = next((name for name, among in COLORS.items() if status in among), None)
    return typer.style(text, fg=found) if color and found else text
