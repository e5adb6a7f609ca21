"""Commands about conjectures: language."""

from __future__ import annotations

from typing import Annotated

import typer

from bridge.commands.app import AsJson, Device, Model, Seed, TextFile, app, print_json


@app.command()
def language(
    model: Model = "smollm2",
    text: TextFile = None,
    prompts: Annotated[
        str | None,
        typer.Option(help="A table of prompt, paraphrase, other meaning, with tabs; else ours."),
    ] = None,
    positions: Annotated[int, typer.Option(min=64, help="Read no more than this.")] = 512,
    texts: Annotated[int, typer.Option(min=1, help="Texts that the model writes itself.")] = 8,
    length: Annotated[int, typer.Option(min=1, help="Tokens of each of them.")] = 48,
    seed: Seed = 0,
    device: Device = "auto",
    out: Annotated[
        str | None, typer.Option(help="A folder for index.html and the pictures.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Measure conjectures on a model: calibration, zero points, dimensions, meaning."""
    import numeric
    from bridge.language import as_json as data
    from bridge.language import as_text
    from bridge.language import language as measure
    from bridge.report.files import writable_folder
    from bridge.report.progress import watched
    from numeric.meaning import read_triples
    from numeric.texts import default_text, read_text

    triples = read_triples(prompts)
    written = default_text() if text is None else read_text(text)
    if out is not None:
        writable_folder(out)  # before a minute of work
    with watched() as watch:
        loaded = numeric.load_model(model, device, notify=watch.say)
        found = measure(
            loaded,
            written,
            triples,
            positions=positions,
            texts=texts,
            length=length,
            seed=seed,
            step=watch.at,
        )
    if as_json:
        print_json(data(found))
    else:
        typer.echo(as_text(found))
    if out is not None:
        from bridge.language_page import write_page
        from formal import statements

        known = [one for one in statements().values() if one.kind == "conjecture"]
        typer.echo(f"page: {write_page(found, known, out)}", err=True)
    raise typer.Exit(found.exit_code)
