"""The manner of the report's figures: palette, type, SVG and PDF, SVG within a page.

Colors are those of Okabe and Ito (2008), told apart with any kind of color vision; every one has
a name, so that a page can give it another value in the dark. Text stays text.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bridge.report.files import replacing

WIDTH = 7.2  # inches: two columns of a paper

INK, MUTED, GRID, PAPER = "#1c2127", "#5c6670", "#d9dee3", "#fefefe"
BLUE, ORANGE, GREEN, PURPLE = "#0072b2", "#d55e00", "#009e73", "#a8578a"
LIGHT_BLUE, LIGHT_ORANGE = "#bcdcee", "#f6d3b8"
COLORS = {
    "ink": INK,
    "muted": MUTED,
    "grid": GRID,
    "paper": PAPER,
    "blue": BLUE,
    "orange": ORANGE,
    "green": GREEN,
    "purple": PURPLE,
    "light-blue": LIGHT_BLUE,
    "light-orange": LIGHT_ORANGE,
}

UNITS = "nats, k$_B$ = 1"

STYLE: dict[Any, Any] = {
    "font.family": ["sans-serif"],
    "font.sans-serif": ["DejaVu Sans", "Verdana", "Helvetica", "Arial", "sans-serif"],
    "font.monospace": ["DejaVu Sans Mono", "Menlo", "Consolas", "monospace"],
    "font.size": 8.5,
    "axes.titlesize": 8.5,
    "axes.titlelocation": "left",
    "axes.labelsize": 8.5,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.7,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.titlecolor": INK,
    "axes.facecolor": "none",
    "figure.facecolor": "none",
    "text.color": INK,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
    "grid.color": GRID,
    "grid.linewidth": 0.6,
    "lines.linewidth": 1.6,
    "lines.solid_capstyle": "round",
    "svg.fonttype": "none",
    "pdf.fonttype": 42,
    "text.parse_math": False,  # pieces of text may hold dollars
    "mathtext.default": "regular",
    "axes.unicode_minus": True,
}


@dataclass(frozen=True)
class Picture:
    """A drawing with what it shows: `title` is the finding, `alt` says it to who cannot see it."""

    name: str
    title: str
    caption: str
    alt: str
    draw: Callable[[], Figure]


@contextmanager
def manner(salt: str = "porism") -> Iterator[None]:
    """Draw in this module's manner; the caller's settings of matplotlib are put back."""
    with matplotlib.rc_context({**STYLE, "svg.hashsalt": salt}):
        yield


def blank(height: float, rows: int = 1, columns: int = 1, **grid: object) -> tuple[Figure, list]:
    """A figure of the common width and its axes, flat."""
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False, gridspec_kw=grid or None)
    return figure, list(axes.flat)


def note(axes: Axes, text: str, at: tuple[float, float], **options: object) -> None:
    """A remark in the drawing, on a ground that keeps lines away from its letters."""
    settings = {"fontsize": 8, "color": INK, "va": "center"} | options
    box = {"facecolor": PAPER, "edgecolor": "none", "alpha": 0.85, "pad": 1.0}
    axes.text(*at, text, bbox=box, **settings)  # type: ignore[arg-type]


def save(picture: Picture, folder: Path) -> str:
    """Write `<name>.svg` and `<name>.pdf` to a folder and return the SVG for a page."""
    about = {"Title": picture.title}
    with manner(picture.name):
        figure = picture.draw()
        stream = io.StringIO()
        svg_about = about | {"Description": picture.alt, "Date": None, "Creator": None}
        figure.savefig(stream, format="svg", metadata=svg_about)
        with replacing(folder / f"{picture.name}.pdf") as file:
            pdf_about = about | {"Subject": picture.alt, "CreationDate": None}
            figure.savefig(file, format="pdf", metadata=pdf_about)
    svg = stream.getvalue()
    with replacing(folder / f"{picture.name}.svg") as file:
        file.write_text(svg, encoding="utf-8")
    return inline(svg, picture)


def inline(svg: str, picture: Picture) -> str:
    """An SVG document as an element of a page: own names, named colors, a label."""
    body = svg[svg.index("<svg") :]
    body = re.sub(r"<metadata>.*?</metadata>", "", body, count=1, flags=re.DOTALL)
    # Names are shared by all elements of a page.
    body = re.sub(r'\bid="', f'id="{picture.name}-', body)
    body = re.sub(r'((?:xlink:)?href="#|url\(#)', rf"\g<1>{picture.name}-", body)
    for name, value in COLORS.items():
        body = body.replace(value, f"var(--{name})")
    opening, rest = body.split(">", 1)
    opening = re.sub(r' (?:width|height)="[^"]*"', "", opening)
    label = escape(picture.alt, quote=True)
    return f'{opening} role="img" aria-label="{label}">{rest}'
