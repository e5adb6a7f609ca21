"""Figures for a paper, in vector form, with the letters of Computer Modern: PDF as bytes.

They are drawn from a ledger alone: heat capacity against temperature over positions, and internal
energy, free energy and heat at one position.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FormatStrFormatter, NullLocator

from bridge.paper.measured import Measured
from bridge.report.plotting import BLUE, GREEN, LIGHT_BLUE, MUTED, ORANGE

WIDTH = 5.6  # inches; less than a line of A4 with margins of 32 mm
TICKS = (0.1, 0.2, 0.5, 1, 2, 5, 10)
STYLE: dict[Any, Any] = {
    "font.family": "serif",
    "font.serif": ["cmr10"],
    "mathtext.fontset": "cm",
    "axes.formatter.use_mathtext": True,
    "font.size": 10,
    "axes.linewidth": 0.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.labelsize": 9,
    "ytick.labelsize": 9,
    "lines.linewidth": 1.2,
    "pdf.fonttype": 42,
}


def figures(found: Measured) -> dict[str, bytes]:
    """Each figure as the bytes of a PDF, by the name of its file; the same each time."""
    with matplotlib.rc_context(STYLE):
        return {
            "heat-capacity.pdf": _pdf(_capacity(found)),
            "free-energy.pdf": _pdf(_balance(found)),
        }


def _pdf(figure: Figure) -> bytes:
    stream = io.BytesIO()
    with _quiet("fontTools"):  # it finds the dates in the letters of 1990 too early
        figure.savefig(stream, format="pdf", metadata={"CreationDate": None, "Creator": None})
    return stream.getvalue()


@contextmanager
def _quiet(name: str) -> Iterator[None]:
    """No warnings in a log for the length of a block; its level is put back."""
    logger = logging.getLogger(name)
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)


def _blank(height: float) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    return figure, figure.subplots()


def _capacity(found: Measured) -> Figure:
    """Median, middle half and middle four fifths of the heat capacity over positions."""
    figure, axes = _blank(2.5)
    curves, grid = found.curves, np.array(found.curves["T"])
    axes.fill_between(grid, curves["0.1"], curves["0.9"], color=LIGHT_BLUE, alpha=0.5, lw=0)
    axes.fill_between(grid, curves["0.25"], curves["0.75"], color=LIGHT_BLUE, lw=0)
    axes.plot(grid, curves["0.5"], color=BLUE)
    axes.axvline(1, color=MUTED, linewidth=0.6, linestyle=(0, (3, 2)))
    top = max(curves["0.9"]) * 1.08
    axes.text(0.97, top * 0.95, "as trained", ha="right", va="center", fontsize=9, color=MUTED)
    rise = int(np.argmax(np.array(curves["0.5"]) > max(curves["0.5"]) / 3))
    _name(axes, "median", (grid[rise], curves["0.5"][rise]), BLUE)
    axes.set(xscale="log", xlim=(grid[0], grid[-1]), ylim=(0, top))
    axes.set(xlabel="temperature $T$", ylabel="heat capacity $C$")
    axes.xaxis.set_major_locator(FixedLocator([t for t in TICKS if grid[0] <= t <= grid[-1]]))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FormatStrFormatter("$%g$"))
    return figure


def _balance(found: Measured) -> Figure:
    """U, F and TS against temperature at one position, energies from the ground energy."""
    figure, axes = _blank(2.5)
    t, u, f, s = (np.array(found.balance[name]) for name in "TUFS")
    axes.fill_between(t, f, u, color=GREEN, alpha=0.12, linewidth=0)
    axes.axhline(0, color=MUTED, linewidth=0.5)
    for values, color, label, style in (
        (u, ORANGE, "$U$", "-"),
        (f, BLUE, "$F$", "-"),
        (t * s, GREEN, "$TS$", (0, (4, 2))),
    ):
        axes.plot(t, values, color=color, linestyle=style)
        axes.annotate(
            label,
            (t[-1], values[-1]),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            color=color,
            annotation_clip=False,
        )
    axes.set(xlim=(0, t[-1]), xlabel="temperature $T$", ylabel="energy in nats")
    return figure


def _name(axes: Axes, text: str, at: tuple[float, float], color: str) -> None:
    """A name beside a curve, with a thin line to it."""
    axes.annotate(
        text,
        at,
        xytext=(-14, 10),
        textcoords="offset points",
        ha="right",
        fontsize=9,
        color=color,
        arrowprops={"arrowstyle": "-", "color": color, "linewidth": 0.5},
    )
