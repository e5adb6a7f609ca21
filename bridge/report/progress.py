"""Saying how far a long run is: a bar with a time estimate on a terminal, lines elsewhere."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

PATIENCE = 1.0  # seconds before anything is shown


class Quiet:
    """Progress that nobody watches."""

    def say(self, line: str) -> None:
        """A line about what begins."""

    def at(self, label: str, done: int, total: int) -> None:
        """So much of something is done."""


class Watched(Quiet):
    """Progress on standard error, from the second second on."""

    def __init__(self, bars: Progress, console: Console) -> None:
        """Progress shown by `bars` on a terminal and told in lines on any other console."""
        self.bars = bars
        self.console = console
        self.tasks: dict[str, object] = {}
        self.started = time.monotonic()
        self.shown = False

    def say(self, line: str) -> None:
        """Print a line above the bars."""
        self.console.print(line, style="dim", highlight=False)

    def at(self, label: str, done: int, total: int) -> None:
        """Move the bar of this label."""
        if not self.shown and time.monotonic() - self.started > PATIENCE:
            self.shown = True
            if self.console.is_terminal:
                self.bars.start()
        if label not in self.tasks:
            self.tasks[label] = self.bars.add_task(label, total=total)
            if not self.console.is_terminal:
                self.say(label)
        self.bars.update(self.tasks[label], completed=done, total=total)  # type: ignore[arg-type]


@contextmanager
def watched() -> Iterator[Watched]:
    """Progress on standard error for the length of a block."""
    console = Console(stderr=True)
    bars = Progress(
        TextColumn("{task.description:<34}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
    )
    watch = Watched(bars, console)
    try:
        yield watch
    finally:
        if watch.shown and console.is_terminal:
            bars.stop()
