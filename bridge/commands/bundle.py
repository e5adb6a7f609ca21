"""Commands about mixed states and their transport: bundle."""

from __future__ import annotations

from typing import Annotated

import typer

from bridge.commands.app import AsJson, Device, Model, Seed, TextFile, app, print_json


@app.command()
def bundle(
    model: Model = "smollm2",
    text: TextFile = None,
    positions: Annotated[
        int, typer.Option(min=2, help="Tokens of the text that are read after every prompt.")
    ] = 16,
    draws: Annotated[
        int, typer.Option(min=1, help="Random families of loops; p is at least 1 / (1 + draws).")
    ] = 199,
    seed: Seed = 0,
    device: Device = "cpu",
    out: Annotated[str | None, typer.Option(help="A folder for the pictures.")] = None,
    as_json: AsJson = False,
) -> None:
    """Transport hidden states around loops of prompts, and hold token states to their bounds."""
    import numeric
    from bridge.bundle import as_json as data
    from bridge.bundle import as_text
    from bridge.bundle import bundle as examine
    from bridge.bundle_pictures import write_pictures
    from bridge.report.files import writable_folder
    from bridge.report.progress import watched
    from numeric.bundle.prompts import CONTINUATION
    from numeric.texts import read_text

    written = CONTINUATION if text is None else read_text(text).strip()
    if out is not None:
        writable_folder(out)  # before minutes of work
    with watched() as watch:
        loaded = numeric.load_model(model, device, notify=watch.say)
        found = examine(
            loaded, written, positions=positions, draws=draws, seed=seed, step=watch.at
        )
    if as_json:
        print_json(data(found))
    else:
        typer.echo(as_text(found))
    if out is not None:
        for picture in write_pictures(found, out):
            typer.echo(f"picture: {picture}", err=True)
    raise typer.Exit(found.exit_code)
