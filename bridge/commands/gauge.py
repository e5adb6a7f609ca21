"""Commands about changes of weights that change nothing: gauge."""

from __future__ import annotations

from typing import Annotated

import typer

from bridge.commands.app import AsJson, Model, Seed, TextFile, app, print_json


@app.command()
def gauge(
    model: Model = "smollm2",
    text: TextFile = None,
    positions: Annotated[int, typer.Option(min=2, help="Read no more than this.")] = 12,
    seed: Seed = 0,
    picture: Annotated[
        str | None, typer.Option(help="A folder for gauge.svg and gauge.pdf.")
    ] = None,
    hessian: Annotated[
        bool, typer.Option(help="Try the Hessian identity, which takes longest.")
    ] = True,
    as_json: AsJson = False,
) -> None:
    """Count a model's gauge symmetries, and try each on its logits, in float64 on the CPU."""
    import numeric
    from bridge.gauge import as_json as data
    from bridge.gauge import as_text, write_picture
    from bridge.gauge import gauge as examine
    from bridge.report.files import writable_folder
    from bridge.report.progress import watched
    from numeric.texts import default_text, read_text

    written = default_text() if text is None else read_text(text)
    if picture is not None:
        writable_folder(picture)  # before minutes of work
    with watched() as watch:
        loaded = numeric.load_model(model, "cpu", notify=watch.say)
        found = examine(
            loaded, written, positions=positions, seed=seed, curvature=hessian, step=watch.at
        )
    if as_json:
        print_json(data(found))
    else:
        typer.echo(as_text(found))
    if picture is not None and found.found is not None:
        typer.echo(f"picture: {write_picture(found, picture)}", err=True)
    raise typer.Exit(found.exit_code)
