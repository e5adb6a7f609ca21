"""Commands that judge what is stated: verify, prove, status."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from bridge.commands.app import (
    AsJson,
    Catalogue,
    Examples,
    Jobs,
    Seed,
    app,
    named,
    print_json,
    statements_of,
)

WithCoq = Annotated[bool, typer.Option("--coq", help="Have Coq judge each proof as well.")]


@app.command()
def verify(
    names: Annotated[list[str], typer.Argument(help="Papers (FILE.tex), or names of statements.")],
    as_json: AsJson = False,
    seed: Seed = 0,
    examples: Examples = 100,
    catalogue: Catalogue = "formal",
    conventions: Annotated[
        str | None, typer.Option(help="For papers: porism, for the symbols of the catalogue.")
    ] = None,
    annotate: Annotated[
        str | None, typer.Option(help="For a paper: write a copy with marks in the margin here.")
    ] = None,
    watch: Annotated[
        bool, typer.Option("--watch", help="For papers: again after every change.")
    ] = False,
    lenient: Annotated[
        bool, typer.Option("--lenient", help="For papers: exit 0 where only questions are open.")
    ] = False,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="For papers: use nothing that was kept.")
    ] = False,
) -> None:
    """Judge every equation of papers, or put statements to every oracle that needs no model."""
    from bridge.errors import BadInput

    papers = [Path(name) for name in names if name.endswith(".tex")]
    if papers:
        if len(papers) < len(names):
            raise BadInput("expected papers or names of statements, got both")
        from bridge.commands.reading import Asked, verify_papers, watch_papers

        asked = Asked(conventions, seed, as_json, annotate, fresh, lenient)
        show = watch_papers if watch else verify_papers
        raise typer.Exit(show(papers, asked))
    if annotate is not None or watch:
        raise BadInput("expected a paper (FILE.tex) with --annotate or --watch")
    known = [named(name, catalogue) for name in names]
    from bridge.report.plain import exit_code, verdict_as_json
    from bridge.verification import verify as verdict_on

    everything = statements_of(catalogue)
    verdicts = [
        verdict_on(statement, seed=seed, examples=examples, catalogue=everything)
        for statement in known
    ]
    if as_json:
        print_json([verdict_as_json(verdict) for verdict in verdicts])
    else:
        typer.echo("\n\n".join(verdict.explain() for verdict in verdicts))
    kinds = [statement.kind for statement in known]
    raise typer.Exit(exit_code(zip(kinds, [v.status for v in verdicts], strict=True)))


@app.command()
def prove(
    names: Annotated[
        list[str] | None, typer.Argument(help="Names of statements; without, all of them.")
    ] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Write each proof out, line by line.")
    ] = False,
    coq: WithCoq = False,
    out: Annotated[str | None, typer.Option(help="A folder for the certificates.")] = None,
    seconds: Annotated[float, typer.Option(min=0.1, help="Patience with each proof.")] = 30.0,
    as_json: AsJson = False,
    catalogue: Catalogue = "formal",
) -> None:
    """Prove statements for every size, replay the certificates, and show or keep them."""
    chosen = _provable(names, catalogue)
    from bridge.proof_text import attempt_as_json, attempt_text, summary
    from bridge.proving import attempts, write_certificates
    from bridge.report.plain import exit_code

    found = attempts(chosen, seconds, coq=coq)
    if out is not None:
        write_certificates(out, found)
    if as_json:
        print_json([attempt_as_json(one) for one in found])
    else:
        blocks = [attempt_text(one, explain) for one in found]
        typer.echo("\n\n".join([*blocks, summary(found)] if len(found) > 1 else blocks))
    answers = [one.coq for one in found if one.coq is not None]
    missing = next((answer for answer in answers if answer.answer == "not installed"), None)
    if missing is not None:
        typer.echo(f"porism: {missing.message}", err=True)
    raise typer.Exit(exit_code((one.statement.kind, one.status) for one in found))


def _provable(names: list[str] | None, catalogue: str) -> list[Any]:
    """The statements of some names, or all that can have a proof.

    Raises:
        BadInput: A name is unknown, or that of what is not proved.
    """
    from bridge.errors import BadInput

    if not names:
        every = statements_of(catalogue).values()
        return [one for one in every if one.claim is not None and one.kind != "definition"]
    chosen = [named(name, catalogue) for name in names]
    for one in chosen:
        if one.claim is None and one.kind == "conjecture":
            raise BadInput(f"{one.name} is an open conjecture; `porism language` measures it")
        if one.claim is None:
            stands = ", ".join(one.consequences) or "nothing computable"
            raise BadInput(f"{one.name} is no relation of numbers; it stands by {stands}")
        if one.kind == "definition":
            raise BadInput(f"{one.name} is a definition; expected a statement that is proved")
    return chosen


@app.command()
def status(
    as_json: AsJson = False,
    seed: Seed = 0,
    examples: Examples = 128,
    jobs: Jobs = 0,
    coq: WithCoq = False,
    items: Annotated[
        bool, typer.Option("--items", help="Only list what no statement is about yet.")
    ] = False,
    catalogue: Catalogue = "formal",
) -> None:
    """Put every statement to every oracle that needs no model, and corrupt every certificate."""
    statements_of(catalogue)
    from bridge.terminal import matrix, uncovered

    if items:
        typer.echo(uncovered())
        return
    from bridge.report.job import check_statements
    from bridge.report.ledger import ledger
    from bridge.report.plain import exit_code
    from bridge.report.progress import watched
    from bridge.report.settings import Settings

    settings = Settings(seed=seed, examples=examples, jobs=jobs, catalogue=catalogue)
    groups = ("numbers", "kernel", "audit", *(("coq",) if coq else ()))
    with watched() as watch:
        rows = check_statements(settings, watch, groups=groups)
    if as_json:
        print_json(ledger(settings, rows))
    else:
        typer.echo(matrix(rows))
    raise typer.Exit(exit_code((row.statement.kind, row.status) for row in rows))
