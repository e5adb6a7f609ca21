"""The picture of `docs/performance.md`: time against rows, V and K."""

from __future__ import annotations

from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, NullFormatter

from benchmarks.timing import exponent
from bridge.report.plotting import BLUE, GRID, MUTED, ORANGE, PAPER, blank, manner

_PANELS = (
    ("rows (V = 2,048, K = 16)", ("rows",)),
    ("V (64 rows, K = 16)", ("V",)),
    ("K (128 x 8,192)", ("K, 1/T equally spaced", "K, any temperatures")),
)


def draw(curves: dict[str, dict[int, float]], path: Path) -> None:
    """Three panels of times on logarithmic axes, with fitted exponents; dotted: proportional."""
    with manner("performance"):
        figure, panels = blank(2.4, 1, 3)
        for axes, (label, shown) in zip(panels, _PANELS, strict=True):
            axes.set(xscale="log", yscale="log", xlabel=label)
            axes.grid(True, which="major", color=GRID)
            for axis in (axes.xaxis, axes.yaxis):
                axis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:,g}"))
                axis.set_minor_formatter(NullFormatter())
            for at, key, color in zip((0.95, 0.85), shown, (BLUE, ORANGE), strict=False):
                _curve(axes, key, curves[key], color, at)
        panels[0].set_ylabel("milliseconds, one thread")
        about = {"Title": "Time of numeric.thermodynamics", "Date": None}
        figure.savefig(path, facecolor=PAPER, metadata=about)


def _curve(axes: Axes, key: str, times: dict[int, float], color: str, at: float) -> None:
    """Times, the line of proportional growth from the first, and the exponent in a corner."""
    axes.plot(list(times), list(times.values()), "o-", color=color, markersize=3)
    (first, *_, last), start = times, next(iter(times.values()))
    axes.plot([first, last], [start, start * last / first], ":", color=MUTED, linewidth=1)
    text = f"{key.partition(', ')[2]} exponent {exponent(times):.2f}".strip()
    options = {"fontsize": 7.5, "va": "top", "transform": axes.transAxes}
    box = {"facecolor": PAPER, "edgecolor": "none", "pad": 1}
    axes.text(0.04, at, text, color=color, bbox=box, zorder=3, **options)
