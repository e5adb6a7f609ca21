"""The command about a model's head as a Boltzmann manifold."""

from __future__ import annotations

from typing import Annotated

import typer

from bridge.commands.app import AsJson, Device, Model, TextFile, app, print_json


@app.command()
def manifold(
    model: Model = "smollm2",
    text: TextFile = None,
    positions: Annotated[int, typer.Option(min=1, help="Read no more than this.")] = 512,
    device: Device = "auto",
    out: Annotated[
        str | None, typer.Option(help="A folder for the page, its figures and numbers.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show a model's hidden states as points of the simplex: S, C, distances, the metric."""
    import numeric
    from bridge.manifold import page, read, readings
    from bridge.report.files import writable_folder
    from bridge.report.progress import watched
    from numeric.texts import default_text, read_text

    folder = None if out is None else writable_folder(out)  # before a minute of work
    written = default_text() if text is None else read_text(text)
    with watched() as watch:
        loaded = numeric.load_model(model, device, notify=watch.say)
        found = read(loaded, written, positions, watch.at)
        count = len(page.pictures(found))
        place = None
        if folder is not None:
            place = page.write_page(
                found, folder, lambda number: watch.at("drawing", number, count)
            )
    if as_json:
        print_json(readings.as_json(found))
    else:
        typer.echo("\n".join(page.sentences(found)))
    if place is not None:
        typer.echo(f"page: {place}", err=as_json)
