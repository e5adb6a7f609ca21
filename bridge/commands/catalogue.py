"""Commands about what is stated: list, show."""

from __future__ import annotations

from typing import Annotated

import typer

from bridge.commands.app import AsJson, Catalogue, app, named, print_json, statements_of


@app.command("list")
def list_statements(
    topic: Annotated[str | None, typer.Option(help="Only this topic.")] = None,
    kind: Annotated[str | None, typer.Option(help="Only definition, identity, ...")] = None,
    as_json: AsJson = False,
    catalogue: Catalogue = "formal",
) -> None:
    """List the statements of the catalogue."""
    from bridge.terminal import listing, select

    chosen = select(statements_of(catalogue), topic, kind)
    if as_json:
        from bridge.report.plain import statement_as_json

        print_json([statement_as_json(statement) for statement in chosen])
    else:
        typer.echo(listing(chosen))


@app.command()
def show(
    name: str,
    uses: Annotated[
        bool,
        typer.Option("--uses", help="What it rests on, level by level, and what rests on it."),
    ] = False,
    as_json: AsJson = False,
    catalogue: Catalogue = "formal",
) -> None:
    """Show one statement: sentence, equation, hypotheses, source, what it rests on, plain form."""
    from bridge.report.plain import statement_as_json
    from bridge.terminal import card, family_tree
    from formal.graph import foundations, used_by

    statement = named(name, catalogue)
    # Catalogues of one's own rest on quantities of this one.
    known = {**statements_of("formal"), **statements_of(catalogue)}
    below, above = foundations(known, name), used_by(known, name)
    if as_json:
        print_json({**statement_as_json(statement), "rests_on": below, "used_by": above})
    elif uses:
        typer.echo(family_tree(known, name, above))
    else:
        typer.echo(card(statement, below))
