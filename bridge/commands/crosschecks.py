"""The command that holds a function against the theory: crosscheck."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from bridge.commands.app import AsJson, Catalogue, Seed, app, print_json
from bridge.errors import BadInput


@app.command()
def crosscheck(
    function: Annotated[
        str | None, typer.Argument(help="package.module:function, the current folder included.")
    ] = None,
    against: Annotated[str, typer.Option(help="The quantity, such as entropy.")] = "",
    array: Annotated[
        str, typer.Option(help="torch, numpy, or a module of the array API standard.")
    ] = "torch",
    dtype: Annotated[
        list[str] | None, typer.Option(help="May be repeated; without, float64 and float32.")
    ] = None,
    all_of: Annotated[
        str, typer.Option("--all", help="Only list the functions of a module that fit.")
    ] = "",
    gradients: Annotated[bool, typer.Option(help="Compare automatic derivatives.")] = True,
    laws: Annotated[bool, typer.Option(help="Ask the statements of the catalogue.")] = True,
    examples: Annotated[int, typer.Option(min=1, help="Inputs in each dtype, at least.")] = 200,
    time_limit: Annotated[float, typer.Option(min=1.0, help="Seconds for the function.")] = 60.0,
    seed: Seed = 0,
    catalogue: Catalogue = "formal",
    as_json: AsJson = False,
) -> None:
    """Hold a function of yours against a quantity of the theory."""
    if all_of:
        _list(all_of, as_json)
        return
    if function is None or not against:
        raise BadInput("expected package.module:function and --against NAME, or --all MODULE")
    from rich.console import Console

    from bridge.crosschecking.apart import check_apart
    from bridge.report.plain import exit_code
    from bridge.verdict import Status

    options: dict[str, Any] = {
        "array": array,
        "dtypes": dtype or ["float64", "float32"],
        "gradients": gradients,
        "laws": laws,
        "max_examples": examples,
        "time_limit": time_limit,
        "seed": seed,
        "catalogue": catalogue,
    }
    console = Console(stderr=True)
    with console.status(f"holding {function} against {against}"):
        found = check_apart(function, against, options, Console().width)
    if as_json:
        print_json(found["verdict"])
    else:
        typer.echo(found["text"].rstrip())
    raise typer.Exit(exit_code([("function", Status(found["verdict"]["status"]))]))


def _list(name: str, as_json: bool) -> None:
    """The candidates of a module, each with the command that checks it."""
    from bridge.crosschecking.modules import candidates, module_of

    found = list(candidates(module_of(name)))
    if as_json:
        print_json([vars(one) for one in found])
        return
    for one in found:
        typer.echo(f"{one.function}({one.parameters})")
        array = "" if one.array == "torch" else f" --array {one.array}"
        command = f"porism crosscheck {name}:{one.function} --against"
        if not one.fits:
            typer.echo(f"  resembles {', '.join(one.against)}, but is not called so")
        elif len(one.against) == 1:
            typer.echo(f"  {command} {one.against[0]}{array}")
        else:
            typer.echo(f"  {command} QUANTITY{array}\n  called as {', '.join(one.against)}")
    if not found:
        typer.echo(f"no function of {name} resembles a quantity", err=True)
        sys.exit(3)
