"""What `porism verify FILE.tex` does: read papers, judge their equations, print what was found."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import typer

from bridge.commands.app import print_json
from bridge.errors import BadInput
from bridge.reading import Line, PaperReport, verify_paper


def verify_papers(papers: Sequence[str], conventions: str | None, seed: int, as_json: bool) -> int:
    """Print the verdicts on some papers; the exit code of the worst of them.

    Raises:
        BadInput: A file cannot be read, or the conventions are not known.
    """
    reports = [_report(paper, conventions, seed, quiet=as_json) for paper in papers]
    if as_json:
        print_json([report.as_json() for report in reports])
    else:
        typer.echo("\n\n".join(report.explain() for report in reports))
    codes = {report.exit_code for report in reports}
    return next((code for code in (1, 2, 3) if code in codes), 0)


def _report(paper: str, conventions: str | None, seed: int, *, quiet: bool) -> PaperReport:
    try:
        progress = None if quiet or not sys.stderr.isatty() else _told
        return verify_paper(Path(paper), conventions=conventions, seed=seed, progress=progress)
    except OSError as error:
        raise BadInput(f"{paper} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise BadInput(str(error)) from error


def _told(line: Line, number: int, count: int) -> None:
    """Say how far the judging is, in one line of a terminal that is written over."""
    end = "\n" if number == count else ""
    print(f"\r\x1b[K{number} of {count}: {line.place} {line.status}", end=end, file=sys.stderr)
