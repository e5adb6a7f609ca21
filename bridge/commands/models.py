"""Commands about models: evaluate, report, cache."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bridge.commands.app import (
    AsJson,
    Catalogue,
    Device,
    Examples,
    Jobs,
    Model,
    Seed,
    Temperatures,
    TextFile,
    app,
    print_json,
    statements_of,
)

INTERRUPTED = 130


@app.command()
def evaluate(
    model: Model = "smollm2",
    text: TextFile = None,
    temperatures: Temperatures = "1",
    positions: Annotated[int | None, typer.Option(min=1, help="Read no more than this.")] = None,
    device: Device = "auto",
    features: Annotated[
        bool, typer.Option("--features", help="Instead, a table with a row for each position.")
    ] = False,
    out: Annotated[
        str | None, typer.Option(help="With --features: a file, .csv or .parquet.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Read a text with a model: perplexity, and entropy, heat capacity, F and U."""
    from bridge.errors import BadInput
    from bridge.report.settings import parse_temperatures

    chosen = parse_temperatures(temperatures)
    if features:
        return _features(model, text, positions, device, out, as_json)
    if out is not None:
        raise BadInput("--out: expected with --features, whose table it is for")
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
        print_json(found)
    else:
        typer.echo(evaluation(found))


def _features(
    model: str, text: str | None, positions: int | None, device: str, out: str | None, json: bool
) -> None:
    """Write or print the features of every position."""
    import numeric
    from bridge import features as table
    from bridge.report.progress import watched
    from numeric.texts import default_text, read_text

    place = None if out is None else table.checked_table_path(out)  # before minutes of work
    written = default_text() if text is None else read_text(text)
    with watched() as watch:
        loaded = numeric.load_model(model, device, notify=watch.say)
        found = table.features(
            loaded, written, positions, lambda n, of: watch.at("reading the text", n, of)
        )
    if place is not None:
        table.write_table(found, place)
        typer.echo(f"{found.num_rows} positions, {found.num_columns} columns: {place}", err=json)
    if json:
        print_json(table.as_json(found))
    elif place is None:
        typer.echo(table.as_csv(found), nl=False)


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
    statements_of(catalogue)
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
        print_json(written.ledger)
    else:
        typer.echo(summary(written))
    raise typer.Exit(written.exit_code)


@app.command()
def cache(
    clear: Annotated[bool, typer.Option("--clear", help="Delete what is cached.")] = False,
) -> None:
    """Say what is cached and where, or clear it."""
    from bridge.reading.kept import Kept, papers_folder
    from bridge.terminal import cached
    from numeric.model_cache import cache_entries, cache_folder, clear_cache

    papers = Kept(papers_folder())
    if clear:
        freed = clear_cache() + papers.clear()
        typer.echo(f"freed {freed / 1e6:,.0f} MB in {cache_folder()}")
    else:
        typer.echo(cached(cache_folder(), cache_entries()))
        found = f"{len(papers.entries())} findings, {papers.bytes() / 1e6:,.1f} MB"
        typer.echo(f"{papers.folder}: of papers {found}")
