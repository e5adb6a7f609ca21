"""The picture of `docs/performance.md`: time against rows, V and K."""

from __future__ import annotations

from pathlib import Path

from benchmarks.timing import exponent
from bridge.report.plotting import BLUE, GRID, MUTED, ORANGE, blank, manner, note

_PANELS = (
    ("rows, V = 2,048, K = 16", ("rows",)),
    ("vocabulary V, 64 rows, K = 16", ("V",)),
    ("temperatures K, 128 x 8,192", ("K, 1/T equally spaced", "K, any temperatures")),
)


def draw(curves: dict[str, dict[int, float]], path: Path) -> None:
    """Three panels of medians on logarithmic axes, with the fitted exponents."""
    with manner("performance"):
        figure, panels = blank(2.5, 1, 3)
        for axes, (label, shown) in zip(panels, _PANELS, strict=True):
            axes.set(xscale="log", yscale="log", xlabel=label)
            axes.grid(True, which="major", color=GRID)
            for key, color, side in zip(shown, (BLUE, ORANGE), (1 / 1.8, 1.8), strict=False):
                times = curves[key]
                axes.plot(list(times), list(times.values()), "o-", color=color, markersize=3)
                size, time = list(times.items())[len(times) // 2]
                text = f"{key.partition(', ')[2]} exponent {exponent(times):.2f}".strip()
                ha, va = ("left", "top") if side < 1 else ("right", "bottom")
                axes.text(size, time * side, text, color=color, fontsize=7.5, ha=ha, va=va)
            first = min(curves[shown[0]].items())
            last = max(curves[shown[0]])
            line = [first[1], first[1] * last / first[0]]
            axes.plot([first[0], last], line, ":", color=MUTED, linewidth=1)
        panels[0].set_ylabel("milliseconds")
        note(panels[0], "dotted: proportional", (0.05, 0.93), transform=panels[0].transAxes)
        figure.savefig(path, metadata={"Title": "Time of numeric.thermodynamics", "Date": None})
