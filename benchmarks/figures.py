"""A measured figure beside its bar, and a table of them as text and as JSON."""

from __future__ import annotations

import json
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import torch
from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Figure:
    """Some work against something, as a number; `bar` is what it should reach.

    Without a bar it is a comparison.  Without a value it was not measured, and `note` says why.
    """

    work: str
    against: str
    value: float | None
    bar: float | None = None
    sense: Literal["at most", "at least"] = "at most"
    note: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the bar is reached; None where there is no bar or no value."""
        if self.bar is None or self.value is None:
            return None
        return self.value <= self.bar if self.sense == "at most" else self.value >= self.bar


def show(figures: Sequence[Figure], console: Console) -> None:
    """The figures as a table."""
    table = Table(box=None, pad_edge=False)
    for name in ("work", "against"):
        table.add_column(name, overflow="fold")
    for name in ("figure", "bar", "met"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("", overflow="fold")
    for f in figures:
        value = "-" if f.value is None else _short(f.value)
        bar = "" if f.bar is None else f"{'≤' if f.sense == 'at most' else '≥'} {_short(f.bar)}"
        met = {None: "", True: "yes", False: "NO"}[f.met]
        table.add_row(f.work, f.against, value, bar, met, f.note)
    console.print(table)


def write_json(figures: Sequence[Figure], times: dict[str, float], path: Path) -> None:
    """The figures, the times (ms) behind them, and the machine."""
    machine = {
        "processor": platform.processor() or platform.machine(),
        "threads": torch.get_num_threads(),
        "torch": torch.__version__,
        "python": platform.python_version(),
    }
    rows = [asdict(f) | {"met": f.met} for f in figures]
    document = {"format": 2, "machine": machine, "figures": rows, "milliseconds": times}
    path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n")


def _short(value: float) -> str:
    return f"{value:.3g}" if 1e-3 <= abs(value) < 1e4 or value == 0 else f"{value:.1e}"
