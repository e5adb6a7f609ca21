"""The app that commands register with, their common options, and how mistakes are told.

What takes long to import is imported by the command that needs it.
"""

from __future__ import annotations

import json
import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup


class _Readable(TyperGroup):
    """Commands whose users' mistakes are told in one line; `--debug` shows the traceback."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except Exception as error:
            if ctx.params.get("debug") or not isinstance(error, _mistakes()):
                raise
            message = " ".join(str(error).split())
            typer.echo(f"porism: {message}", err=True)
            raise typer.Exit(2) from None


def _mistakes() -> tuple[type[Exception], ...]:
    """Errors that are the user's to mend, of those layers that have been imported."""
    from bridge.errors import BadInput

    families = (("numeric.errors", "PorismError"), ("formal.statement", "ClaimError"))
    found = [getattr(sys.modules[m], name) for m, name in families if m in sys.modules]
    return (BadInput, *found)


app = typer.Typer(
    cls=_Readable,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    help="What theory claims about language models, held against what code computes.",
)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Catalogue = Annotated[str, typer.Option(help="A package of statements, such as one's own.")]
Seed = Annotated[int, typer.Option(help="Seed of all random points and inputs.")]
Examples = Annotated[int, typer.Option(min=1, help="Inputs that property tests try at least.")]
Jobs = Annotated[int, typer.Option(min=0, help="Processes; 0: two, or one on a single core.")]
Model = Annotated[str, typer.Option(help="smollm2, charlm, a folder, a .gguf file, or a hub id.")]
TextFile = Annotated[
    str | None, typer.Option("--text", help="A text file; without one, a built-in text.")
]
Temperatures = Annotated[str, typer.Option(help="Temperatures, separated by commas.")]
Device = Annotated[str, typer.Option(help="auto, cpu or cuda.")]


def _version(asked: bool) -> None:
    if asked:
        from bridge.report.settings import porism_version

        typer.echo(f"porism {porism_version()}")
        raise typer.Exit


@app.callback()
def porism(
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    """What theory claims about language models, held against what code computes."""


def statements_of(catalogue: str) -> dict[str, Any]:
    """The statements of a package.

    Raises:
        BadInput: It is no name, there is no such package, or it declares none.
    """
    import formal
    from bridge.errors import BadInput

    if not all(part.isidentifier() for part in catalogue.split(".")):
        raise BadInput(f"expected the name of a package as one imports it, got {catalogue!r}")
    try:
        found = formal.statements(catalogue)
    except ModuleNotFoundError as error:
        raise BadInput(
            f"the catalogue {catalogue!r} cannot be imported ({error}); expected an installed "
            "package of statements"
        ) from error
    if not found:
        raise BadInput(f"the package {catalogue!r} declares no statements")
    return found


def named(name: str, catalogue: str) -> Any:
    """The statement of a name.

    Raises:
        BadInput: No statement has it; the nearest names are given.
    """
    from bridge.errors import unknown_name

    known = statements_of(catalogue)
    if name not in known:
        raise unknown_name("statement", name, known, "`porism list`")
    return known[name]


def print_json(data: Any) -> None:
    """Print plain data as JSON."""
    typer.echo(json.dumps(data, indent=1, ensure_ascii=False))
