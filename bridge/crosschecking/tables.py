"""A verdict as tables for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from bridge.verdict import Status

if TYPE_CHECKING:
    from bridge.crosschecking.result import CrosscheckVerdict

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
    """The worst error of each dtype and kind of rows, in units of what is allowed."""
    table = Table(title="worst error, and what is allowed there", title_justify="left")
    for heading in ("", "dtype", "rows"):
        table.add_column(heading)
    for heading in ("cases", "skipped", "wrong", "error", "allowed", "ratio"):
        table.add_column(heading, justify="right")
    for row in verdict.table:
        style = "red" if row.failed else ""
        error = f"{row.residual:.1e}" if row.cases or row.failed else ""
        allowed = f"{row.allowance:.1e}" if row.cases or row.failed else ""
        ratio = f"{row.ratio:.2g}" if row.cases or row.failed else ""
        table.add_row(
            row.check, row.dtype, row.rows, str(row.cases), str(row.skipped), str(row.failed),
            error, allowed, ratio, style=style,
        )  # fmt: skip
    return table
