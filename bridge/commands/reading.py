"""What `porism verify FILE.tex` does: read papers, judge their equations, show what was found."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import typer

from bridge.commands.app import print_json
from bridge.errors import BadInput
from bridge.reading.kept import Kept, Shown, keep_report, kept_report, papers_folder
from bridge.reading.report import Line, PaperReport
from bridge.reading.table import table


@dataclass(frozen=True)
class Asked:
    """What an author asks of their papers."""

    conventions: str | None = None
    seed: int = 0
    as_json: bool = False
    annotate: str | None = None
    fresh: bool = False
    lenient: bool = False


def verify_papers(papers: Sequence[Path], asked: Asked) -> int:
    """Show the verdicts on some papers; the exit code of the worst of them.

    Raises:
        BadInput: A file cannot be read or written, or the conventions are not known.
    """
    if asked.annotate is not None and len(papers) > 1:
        raise BadInput(f"expected one paper with --annotate, got {len(papers)}")
    return _shown(papers, asked)[0]


def watch_papers(papers: Sequence[Path], asked: Asked) -> int:
    """Show the verdicts whenever a file of the papers changes, until interrupted.

    The exit code is that of the last time.
    """
    from bridge.reading.watch import signature, wait_for_change

    code = 0
    try:
        while True:
            seen, files = signature(papers), list(papers)
            try:
                code, reports = _shown(papers, asked)
                included = [
                    file
                    for paper, report in zip(papers, reports, strict=True)
                    for file in list(_files(paper, report))[1:]
                ]
                seen, files = (*seen, *signature(included)), [*files, *included]
            except BadInput as error:
                typer.echo(f"porism: {error}", err=True)
                code = 2
            typer.echo(f"{time.strftime('%H:%M:%S')} waiting for a change; Ctrl-C ends", err=True)
            wait_for_change(files, seen)
    except KeyboardInterrupt:
        return code


def _shown(papers: Sequence[Path], asked: Asked) -> tuple[int, list[PaperReport]]:
    """Show the verdicts: the exit code, and the reports."""
    found = [_verified(paper, asked) for paper in papers]
    if asked.as_json:
        print_json([shown.report.as_json() for shown in found])
    else:
        typer.echo("\n\n".join(_text(shown) for shown in found))
    if asked.annotate is not None:
        _annotate(papers[0], Path(asked.annotate), found[0].report)
    codes = {shown.report.exit_code for shown in found} - ({3} if asked.lenient else set())
    worst = next((code for code in (1, 2, 3) if code in codes), 0)
    return worst, [shown.report for shown in found]


def _verified(paper: Path, asked: Asked) -> Shown:
    kept = Kept(papers_folder(), fresh=asked.fresh)
    options = {"conventions": asked.conventions, "seed": asked.seed}
    try:
        return kept_report(kept, paper, options) or Shown(_judged(paper, asked, kept, options))
    except OSError as error:
        raise BadInput(f"{paper} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise BadInput(str(error)) from error


def _judged(paper: Path, asked: Asked, kept: Kept, options: dict[str, object]) -> PaperReport:
    from bridge.reading import verify_paper
    from bridge.reading.kept import kept_judge

    report = verify_paper(
        paper,
        conventions=asked.conventions,
        seed=asked.seed,
        progress=_told if sys.stderr.isatty() else None,
        judge=kept_judge(kept),
    )
    keep_report(kept, paper, options, report)
    return report


def _text(shown: Shown) -> str:
    text = table(shown.report, color=sys.stdout.isatty())
    return f"{text}\nunchanged since {shown.made}; --fresh judges it anew" if shown.made else text


def _files(paper: Path, report: PaperReport) -> dict[Path, str]:
    """The files of a paper and what they are called in its report, the main one first."""
    folder = paper.resolve().parent
    return {paper.resolve(): report.files[0]} | {folder / name: name for name in report.files[1:]}


def _annotate(paper: Path, out: Path, report: PaperReport) -> None:
    """Write the annotated copy of a paper.

    Raises:
        BadInput: It would replace a file of the paper, or cannot be read or written.
    """
    from bridge.reading.annotate import annotated
    from bridge.report.files import write_text

    files = _files(paper, report)
    if out.resolve() in files:
        raise BadInput(
            f"expected another file for the annotated copy, {out} is one of the paper's"
        )
    try:
        texts = {name: file.read_text(encoding="utf-8-sig") for file, name in files.items()}
        write_text(out, annotated(report, texts, report.files[0]))
    except UnicodeDecodeError as error:
        raise BadInput(f"only a paper in UTF-8 can be annotated: {error}") from error
    except OSError as error:
        raise BadInput(f"{out} cannot be written: {error.strerror}") from error
    typer.echo(f"annotated copy: {out}", err=True)


def _told(line: Line, number: int, count: int) -> None:
    """Say how far the judging is, in one line of a terminal that is written over."""
    text = "" if number == count else f"{number} of {count}: {line.place} {line.status}"
    print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)
