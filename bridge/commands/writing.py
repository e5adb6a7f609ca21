"""The command that writes papers: tex."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from bridge.commands.app import AsJson, Catalogue, app, print_json, statements_of

Many = list[str] | None
FORMATS = ("latex", "markdown", "myst", "html", "numpy", "torch")


@app.command()
def tex(
    names: Annotated[
        Many, typer.Argument(help="Names; without any, and without --topic: a listing.")
    ] = None,
    topic: Annotated[str | None, typer.Option(help="All statements of a topic.")] = None,
    paper: Annotated[
        Path | None, typer.Option(help="A paper: what it inputs is written beside it.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="A file, or a folder to input from.")] = None,
    marks: Annotated[
        bool | None, typer.Option("--marks/--no-marks", help="Print verdicts in the margin.")
    ] = None,
    rename: Annotated[Many, typer.Option(help="Print otherwise: entropy=H, beta=b.")] = None,
    bib: Annotated[list[Path] | None, typer.Option(help="A BibTeX file of your own.")] = None,
    form: Annotated[
        str, typer.Option("--format", help="latex, markdown, myst, html, or code: numpy, torch.")
    ] = "latex",
    ledger: Annotated[
        Path | None, typer.Option(help="A report's ledger.json: numbers, table, figures.")
    ] = None,
    check: Annotated[
        Path | None, typer.Option(help="Prove anew what a .tex file or a folder of them prints.")
    ] = None,
    accept: Annotated[
        bool, typer.Option("--accept", help="Write although something is not proved any more.")
    ] = False,
    as_json: AsJson = False,
    catalogue: Catalogue = "formal",
) -> None:
    """Write statements as LaTeX that names its proofs, and fail where a proof is lost."""
    from bridge.errors import BadInput
    from bridge.paper.selection import inputs, named, of_topic, with_definitions

    if check is not None:
        _check(check, catalogue, as_json)
    if not names and topic is None and paper is None:
        _write(_listing(catalogue), out)
        return
    if sum(map(bool, (names, topic, paper))) > 1:
        raise BadInput("expected names, --topic or --paper, and only one of them")
    known = _known(catalogue)
    if paper is not None:
        folder, chosen = inputs(_read(paper), str(paper), known)
        out = paper.parent / folder if out is None else out
    else:
        chosen = of_topic(topic, known) if topic else named(names or [], known)
    if form not in FORMATS:
        raise BadInput(f"expected a format among {', '.join(FORMATS)}, got {form!r}")
    if form in ("numpy", "torch"):
        _write(_code(chosen, known, form), out)
        return
    if form != "latex":
        made = _made(chosen, known, catalogue, rename, bib, ledger)
        _refuse(made, None, accept)
        _write(_marked_up(made, form), out)
        return
    into_folder = out is not None and (paper is not None or out.suffix != ".tex")
    if into_folder and paper is None:
        chosen = with_definitions(chosen, known)
    made = _made(chosen, known, catalogue, rename, bib, ledger)
    _refuse(made, out if into_folder else None, accept)
    if into_folder:
        _folder(made, out, marks is not False)
    else:
        from bridge.paper import equations

        _write(equations(made, marks=bool(marks)), out)


def _code(chosen: Mapping[str, Any], known: Mapping[str, Any], library: str) -> str:
    from bridge.paper.code import listing, listings
    from formal import Statement

    statements = {name: one for name, one in known.items() if isinstance(one, Statement)}
    names = [name for name in chosen if name in statements]
    if len(names) == 1:
        return listing(names[0], statements, library)
    return listings(names, statements, library)


def _marked_up(made: Any, form: str) -> str:
    if form == "html":
        from bridge.paper.web import page

        return page(made)
    from bridge.paper.markup import markdown, myst

    return markdown(made) if form == "markdown" else myst(made)


def _known(catalogue: str) -> dict[str, Any]:
    """Statements and derivations of a catalogue, and the statements of porism's own."""
    from bridge.paper.selection import derivations

    own = statements_of("formal")
    if catalogue == "formal":
        return own
    found = derivations(catalogue) if _importable(catalogue) else {}
    try:
        return {**own, **statements_of(catalogue), **found}
    except ValueError:
        if not found:
            raise
        return {**own, **found}


def _importable(catalogue: str) -> bool:
    from importlib.util import find_spec

    parts = catalogue.split(".")
    try:
        return all(part.isidentifier() for part in parts) and find_spec(catalogue) is not None
    except ModuleNotFoundError:
        return False


def _made(
    chosen: Mapping[str, Any],
    known: Mapping[str, Any],
    catalogue: str,
    rename: Many,
    bib: list[Path] | None,
    ledger: Path | None,
) -> Any:
    from bridge.paper import paper
    from bridge.paper.bibliography import bibliography
    from bridge.paper.paper import names_of
    from bridge.report.progress import watched

    with watched() as watch:
        made = paper(
            chosen,
            known,
            names=names_of(rename or []),
            sources=bibliography(bib or []),
            ledger=ledger,
            catalogue=catalogue,
            at=watch.at,
        )
    if made.unknown_sources:
        keys = ", ".join(made.unknown_sources)
        typer.echo(f"porism: no BibTeX entry for {keys}; give its file with --bib", err=True)
    return made


def _refuse(made: Any, folder: Path | None, accept: bool) -> None:
    """Say what may not be relied on, and stop there unless it is accepted."""
    from bridge.paper.paper import earlier_losses

    told = [f"{one.name}: {one.standing.status} {one.standing.why}" for one in made.unreliable]
    if folder is not None and folder.is_dir():
        told += [str(loss) for loss in earlier_losses(made, folder)]
    for line in told:
        typer.echo(f"porism: {line}", err=True)
    if told and not accept:
        typer.echo("porism: nothing is written; --accept writes it as it is now", err=True)
        raise typer.Exit(1)


def _folder(made: Any, out: Path | None, marks: bool) -> None:
    from bridge.paper import tex_files, write_folder

    assert out is not None
    found = tex_files(made, marks=marks)
    write_folder(out.expanduser(), found)
    typer.echo(f"{out}: {len(made.entries)} entries, {_counts(made)}; {len(found)} files")


def _counts(made: Any) -> str:
    from collections import Counter

    found = Counter(one.standing.status for one in made.entries)
    return ", ".join(f"{count} {status}" for status, count in found.items())


def _check(path: Path, catalogue: str, as_json: bool) -> None:
    """Prove anew what marks name; exit 1 and their names where something is lost."""
    from functools import cache

    from bridge.errors import BadInput
    from bridge.paper import losses, standing
    from bridge.paper.record import marks
    from bridge.report.progress import watched

    known = _known(catalogue)
    files = sorted(path.glob("*.tex")) if path.is_dir() else [path]
    texts = {file: _read(file) for file in files}
    total = len({mark.name for file, text in texts.items() for mark in marks(text, str(file))})
    if not total:
        raise BadInput(rf"{path} has no \porismmark, so that it promises nothing")
    found = []
    with watched() as watch:

        @cache
        def now(name: str) -> Any:
            watch.at("proving", now.cache_info().currsize, total)
            return standing(name, known[name], known, catalogue)

        for file, text in texts.items():
            found += losses(text, str(file), known, now)
    lost = [loss for loss in found if not loss.renewed]
    if as_json:
        told = [{**vars(loss.mark), "problem": loss.problem} for loss in lost]
        print_json({"checked": total, "lost": told, "renewed": len(found) - len(lost)})
    else:
        for loss in found:
            typer.echo(str(loss))
        typer.echo(f"{total} checked, {len({loss.mark.name for loss in lost})} lost")
    raise typer.Exit(1 if lost else 0)


def _listing(catalogue: str) -> str:
    from bridge.report.equations import document

    return document(statements_of(catalogue).values(), {})


def _read(path: Path) -> str:
    """A text file.

    Raises:
        BadInput: It cannot be read, or is no UTF-8.
    """
    from bridge.errors import BadInput

    try:
        return path.expanduser().read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise BadInput(f"{path} is not UTF-8 at byte {error.start}") from error
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}") from error


def _write(text: str, out: Path | None) -> None:
    if out is None:
        typer.echo(text, nl=False)
        return
    from bridge.errors import BadInput
    from bridge.report.files import write_text

    try:
        write_text(out.expanduser(), text)
    except OSError as error:
        raise BadInput(f"{out} cannot be written: {error.strerror}") from error
