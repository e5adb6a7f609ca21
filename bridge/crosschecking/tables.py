"""A verdict as tables for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from bridge.verdict import Status

if TYPE_CHECKING:
    from bridge.crosschecking.result import CrosscheckVerdict, TableRow

STYLES = {
    Status.PROVED: "green",
    Status.SUPPORTED: "green",
    Status.REFUTED: "bold red",
    Status.UNDEFINED: "bold red",
    Status.UNKNOWN: "yellow",
}


def shown(verdict: CrosscheckVerdict) -> Any:
    """The verdict, its evidence, its counterexample, and the table of errors."""
    parts: list[Any] = [
        Text.assemble(f"{verdict.name}: ", (str(verdict.status), STYLES[verdict.status])),
        _evidence(verdict),
    ]
    if verdict.cause:
        parts.append(Text(f"likely cause: {verdict.cause}", style="bold"))
    if verdict.snippet:
        parts.append(Syntax(verdict.snippet, "python", background_color="default"))
    if verdict.table:
        parts.append(_errors(verdict))
    parts += [Text(f"{dtype}: {grade}") for dtype, grade in verdict.grades.items()]
    parts += [Text(f"note: {note}") for note in verdict.notes]
    return Group(*parts)


def _evidence(verdict: CrosscheckVerdict) -> Table:
    table = Table(show_header=False, box=None, pad_edge=False)
    for row in verdict.evidence:
        table.add_row(row.oracle, Text(str(row.status), style=STYLES[row.status]), row.detail)
    return table


def _errors(verdict: CrosscheckVerdict) -> Table:
    """The worst error on each kind of rows, in units of what is allowed there."""
    table = Table(title="worst error, in units of what is allowed", title_justify="left")
    columns = list(dict.fromkeys((row.check, row.dtype) for row in verdict.table))
    table.add_column("rows")
    for check, dtype in columns:
        table.add_column(dtype if check == "value" else f"{check}, {dtype}", justify="right")
    cells = {(row.rows, row.check, row.dtype): _cell(row) for row in verdict.table}
    for kind in dict.fromkeys(row.rows for row in verdict.table):
        table.add_row(kind, *(cells.get((kind, *column), Text("")) for column in columns))
    return table


def _cell(row: TableRow) -> Text:
    """The worst ratio; how many cases are wrong, or that all were ill-conditioned."""
    if row.failed:
        shown = "not finite" if row.ratio == float("inf") else f"{row.ratio:.1g}"
        return Text(f"{shown}, {row.failed} of {row.cases + row.skipped} wrong", style="red")
    return Text(f"{row.ratio:.1g}" if row.cases else "ill-conditioned")
