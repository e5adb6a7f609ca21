"""The command line: list, show, verify, evaluate, report, status, tex, cache.

Exit codes: 0 all PROVED or SUPPORTED, 1 something REFUTED or UNDEFINED, 3 nothing worse than
UNKNOWN, 2 bad input; conjectures are reported and never change it. What takes long to import is
imported by the command that needs it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

INTERRUPTED = 130


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


@app.command("list")
def list_statements(
    topic: Annotated[str | None, typer.Option(help="Only this topic.")] = None,
    kind: Annotated[str | None, typer.Option(help="Only definition, identity, ...")] = None,
    as_json: AsJson = False,
    catalogue: Catalogue = "formal",
) -> None:
    """List the statements of the catalogue."""
    from bridge.terminal import listing, select

    chosen = select(_statements(catalogue), topic, kind)
    if as_json:
        from bridge.report.plain import statement_as_json

        _print_json([statement_as_json(statement) for statement in chosen])
    else:
        typer.echo(listing(chosen))


@app.command()
def show(name: str, as_json: AsJson = False, catalogue: Catalogue = "formal") -> None:
    """Show one statement: sentence, equation, hypotheses, source, what it rests on, plain form."""
    from bridge.report.plain import statement_as_json
    from bridge.terminal import card
    from formal.graph import foundations

    statement = _named(name, catalogue)
    # Catalogues of one's own rest on quantities of this one.
    below = foundations({**_statements("formal"), **_statements(catalogue)}, name)
    if as_json:
        _print_json({**statement_as_json(statement), "rests_on": below})
    else:
        typer.echo(card(statement, below))


@app.command()
def verify(
    names: Annotated[list[str], typer.Argument(help="Names of statements.")],
    as_json: AsJson = False,
    seed: Seed = 0,
    examples: Examples = 100,
    catalogue: Catalogue = "formal",
) -> None:
    """Put statements to every oracle that needs no model."""
    known = [_named(name, catalogue) for name in names]
    from bridge.report.plain import exit_code, verdict_as_json
    from bridge.verification import verify as verdict_on

    everything = _statements(catalogue)
    verdicts = [
        verdict_on(statement, seed=seed, examples=examples, catalogue=everything)
        for statement in known
    ]
    if as_json:
        _print_json([verdict_as_json(verdict) for verdict in verdicts])
    else:
        typer.echo("\n\n".join(verdict.explain() for verdict in verdicts))
    kinds = [statement.kind for statement in known]
    raise typer.Exit(exit_code(zip(kinds, [v.status for v in verdicts], strict=True)))


@app.command()
def evaluate(
    model: Model = "smollm2",
    text: TextFile = None,
    temperatures: Temperatures = "1",
    positions: Annotated[int | None, typer.Option(min=1, help="Read no more than this.")] = None,
    device: Device = "auto",
    as_json: AsJson = False,
) -> None:
    """Read a text with a model: perplexity, and entropy, heat capacity, F and U."""
    from bridge.report.settings import parse_temperatures

    chosen = parse_temperatures(temperatures)
    import numeric
    from bridge.evaluation import evaluate as read
    from bridge.report.progress import watched
    from bridge.terminal import evaluation
    from numeric.texts import default_text, read_text

    written = default_text() if text is None else read_text(text)
    with watched() as watch:
        loaded = numeric.load_model(model, device, notify=watch.say)
        found = read(
            loaded, written, chosen, positions, lambda n, of: watch.at("reading the text", n, of)
        )
    if as_json:
        _print_json(found)
    else:
        typer.echo(evaluation(found))


@app.command()
def report(
    model: Model = "smollm2",
    text: TextFile = None,
    temperatures: Temperatures = "0.5,0.7,1,1.5,2",
    device: Device = "auto",
    out: Annotated[str, typer.Option(help="The folder to write to.")] = "porism-report",
    positions: Annotated[int, typer.Option(min=1, help="How much of the text is read.")] = 512,
    seed: Seed = 0,
    examples: Examples = 128,
    jobs: Jobs = 0,
    as_json: AsJson = False,
    catalogue: Catalogue = "formal",
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Ask every oracle anew, whatever is in the folder.")
    ] = False,
) -> None:
    """Confront every statement with a model, and write a page, a ledger, equations, figures."""
    from bridge.report.settings import Settings, parse_temperatures

    chosen = parse_temperatures(temperatures)
    _statements(catalogue)
    settings = Settings(
        model, text, chosen, device, out, positions, seed, examples, jobs, catalogue, fresh
    )
    from bridge.report.job import FINDINGS, write_report
    from bridge.report.progress import watched
    from bridge.terminal import summary

    try:
        with watched() as watch:
            written = write_report(settings, watch)
    except KeyboardInterrupt:
        folder = Path(out).expanduser() / FINDINGS
        kept = len(list(folder.glob("*.json")))
        typer.echo(
            f"porism: interrupted; {kept} findings are kept in {folder}, and the "
            "same command goes on from there",
            err=True,
        )
        raise typer.Exit(INTERRUPTED) from None
    if as_json:
        _print_json(written.ledger)
    else:
        typer.echo(summary(written))
    raise typer.Exit(written.exit_code)


@app.command()
def status(
    as_json: AsJson = False,
    seed: Seed = 0,
    examples: Examples = 128,
    jobs: Jobs = 0,
    catalogue: Catalogue = "formal",
) -> None:
    """Put every statement to every oracle that needs no model."""
    _statements(catalogue)
    from bridge.report.job import check_statements
    from bridge.report.ledger import ledger
    from bridge.report.plain import exit_code
    from bridge.report.progress import watched
    from bridge.report.settings import Settings
    from bridge.terminal import matrix

    settings = Settings(seed=seed, examples=examples, jobs=jobs, catalogue=catalogue)
    with watched() as watch:
        rows = check_statements(settings, watch)
    if as_json:
        _print_json(ledger(settings, rows))
    else:
        typer.echo(matrix(rows))
    raise typer.Exit(exit_code((row.statement.kind, row.status) for row in rows))


@app.command()
def tex(
    names: Annotated[list[str] | None, typer.Argument(help="Names; without, a document.")] = None,
    out: Annotated[Path | None, typer.Option(help="A file to write to.")] = None,
    catalogue: Catalogue = "formal",
) -> None:
    """Print statements as LaTeX: named ones as equations, all of them as a document."""
    from bridge.report.equations import document, equations

    if names:
        text = equations([_named(name, catalogue) for name in names])
    else:
        text = document(_statements(catalogue).values(), {})
    if out is None:
        typer.echo(text, nl=False)
    else:
        from bridge.errors import BadInput
        from bridge.report.files import write_text

        try:
            write_text(out.expanduser(), text)
        except OSError as error:
            raise BadInput(f"{out} cannot be written: {error.strerror}") from error


@app.command()
def cache(
    clear: Annotated[bool, typer.Option("--clear", help="Delete what is cached.")] = False,
) -> None:
    """Say what is cached and where, or clear it."""
    from bridge.terminal import cached
    from numeric.model_cache import cache_entries, cache_folder, clear_cache

    if clear:
        typer.echo(f"freed {clear_cache() / 1e6:,.0f} MB in {cache_folder()}")
    else:
        typer.echo(cached(cache_folder(), cache_entries()))


def _statements(catalogue: str) -> dict[str, Any]:
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


def _named(name: str, catalogue: str) -> Any:
    """The statement of a name.

    Raises:
        BadInput: No statement has it; the nearest names are given.
    """
    from bridge.errors import BadInput, unknown_name

    if name.endswith(".tex"):
        raise BadInput(
            f"papers are not read yet, so {name} cannot be verified; expected names of "
            "statements, see `porism list`"
        )
    known = _statements(catalogue)
    if name not in known:
        raise unknown_name("statement", name, known, "`porism list`")
    return known[name]


def _print_json(data: Any) -> None:
    typer.echo(json.dumps(data, indent=1, ensure_ascii=False))


def main() -> None:
    """Run the command line; the console script `porism`."""
    app(prog_name="porism")


if __name__ == "__main__":
    main()
