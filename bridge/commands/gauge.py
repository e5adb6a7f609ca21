"""Commands about changes of weights that change nothing: gauge."""

from __future__ import annotations

from typing import Annotated, Any, NamedTuple

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
    balance: Annotated[
        str | None,
        typer.Option(help="Instead: write equal weights of least norm to this new folder."),
    ] = None,
    against: Annotated[
        str | None,
        typer.Option(help="Instead: ask whether this is the same model with other weights."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Count a model's gauge symmetries, and try each on its logits, in float64 on the CPU."""
    from bridge.errors import BadInput
    from bridge.report.files import writable_folder
    from bridge.report.progress import watched

    if sum(option is not None for option in (balance, against, picture)) > 1:
        raise BadInput("expected one of --balance, --against and --picture, got several")
    if picture is not None:
        writable_folder(picture)  # before minutes of work
    with watched() as watch:
        if balance is not None:
            told = _balanced(model, balance, watch)
        elif against is not None:
            told = _compared(model, against, watch)
        else:
            told = _examined(model, text, positions, seed, hessian, picture, watch)
    if as_json:
        print_json(told.data)
    else:
        typer.echo(told.text)
    raise typer.Exit(told.data["exit_code"])


class _Told(NamedTuple):
    text: str
    data: dict[str, Any]


def _examined(
    model: str,
    text: str | None,
    positions: int,
    seed: int,
    hessian: bool,
    picture: str | None,
    watch: Any,
) -> _Told:
    import numeric
    from bridge.gauge import as_json, as_text, gauge, write_picture
    from numeric.texts import default_text, read_text

    written = default_text() if text is None else read_text(text)
    loaded = numeric.load_model(model, "cpu", notify=watch.say)
    found = gauge(
        loaded, written, positions=positions, seed=seed, curvature=hessian, step=watch.at
    )
    if picture is not None and found.found is not None:
        watch.say(f"picture: {write_picture(found, picture)}")
    return _Told(as_text(found), as_json(found))


def _balanced(model: str, folder: str, watch: Any) -> _Told:
    import numeric
    from bridge.equal_weights import balance_as_json, balance_as_text
    from numeric.symmetry import balance

    loaded = numeric.load_model(model, "cpu", notify=watch.say)
    watch.say("balancing, and comparing logits")
    found = balance(loaded, folder)
    return _Told(balance_as_text(loaded.name, found), balance_as_json(found))


def _compared(model: str, other: str, watch: Any) -> _Told:
    import numeric
    from bridge.equal_weights import sameness_as_json, sameness_as_text
    from numeric.symmetry import same_model

    first = numeric.load_model(model, "cpu", notify=watch.say)
    second = numeric.load_model(other, "cpu", notify=watch.say)
    watch.say("looking for a transformation")
    found = same_model(first, second)
    return _Told(sameness_as_text(first.name, second.name, found), sameness_as_json(found))
