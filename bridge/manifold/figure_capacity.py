"""Heat capacity against temperature, beside two levels with a peak as high at the same place."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FormatStrFormatter, NullLocator

from bridge.manifold.readings import ManifoldReadings, Numbers
from bridge.report.plotting import BLUE, GREEN, MUTED, ORANGE, Picture, blank
from numeric.melting import two_level_competitors

COLORS = (ORANGE, BLUE, GREEN)
LETTERS = 22


def peaks_picture(found: ManifoldReadings) -> Picture:
    """Curves of the positions with the highest, the median and the lowest peak."""
    peaks, melting = found.features["peak_heat_capacity"], found.features["melting_temperature"]
    share = np.median(found.features["peak_share"])
    middle = np.nanmedian(melting) if np.isfinite(melting).any() else np.nan
    return Picture(
        name="melting",
        title=(
            f"Heat capacity peaks near T = {middle:.2g}, at {share:.0%} of what so many tokens "
            "could have"
            if np.isfinite(middle)
            else "No distribution melts: all tokens are alike"
        ),
        caption=(
            "Heat capacity of three positions: with the highest, the median and the lowest peak "
            "of the text. Points: all peaks. Dashed: one token below so many others that the "
            "peak is as high, at the same temperature. The largest heat capacity of "
            f"{found.vocabulary_size:,} tokens is {found.bound:.2f}; the share in the title is "
            f"the median. Four fifths of the melting temperatures lie "
            f"between {np.nanquantile(melting, 0.1):.2g} and {np.nanquantile(melting, 0.9):.2g}."
            if np.isfinite(middle)
            else "Heat capacity of positions whose tokens are all equally likely: zero."
        ),
        alt=(
            f"Heat capacity of {len(found.shown)} positions against temperature, peaks between "
            f"{peaks[found.shown].min():.1f} and {peaks[found.shown].max():.1f}, each with a "
            "dashed curve of two levels with the same peak."
        ),
        draw=lambda: _draw(found),
    )


def _draw(found: ManifoldReadings) -> Figure:
    figure, (axes,) = blank(3.4)
    for row, (position, curve) in enumerate(zip(found.shown, found.curves, strict=True)):
        color, peak = COLORS[row], found.features["peak_heat_capacity"][position]
        axes.plot(found.grid, curve, color=color, linewidth=1.8)
        melting = found.features["melting_temperature"][position]
        if np.isfinite(melting):
            reference = _two_levels(found.grid, float(melting), float(peak))
            axes.plot(found.grid, reference, color=color, linewidth=1, linestyle=(0, (4, 2)))
        for t in map(float, str(found.features["peak_temperatures"][position]).split()):
            height = float(np.interp(np.log(t), np.log(found.grid), curve))
            axes.plot(t, height, "o", color=color, markersize=4)
        axes.plot([], [], color=color, label=_ending(found, int(position)))
    axes.plot([], [], color=MUTED, linewidth=1, linestyle=(0, (4, 2)), label="two levels")
    legend = axes.legend(frameon=False, fontsize=8, loc="upper left", labelcolor="linecolor")
    for text in legend.get_texts():
        text.set_parse_math(False)
    axes.set(xscale="log", xlim=(found.grid[0], found.grid[-1]))
    axes.set_ylim(0, max(float(found.curves.max()), 1e-9) * 1.08)
    axes.set_xlabel("temperature T (logarithmic)")
    axes.set_ylabel("heat capacity C")
    axes.xaxis.set_major_locator(FixedLocator([0.1, 0.2, 0.5, 1, 2, 5, 10]))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FormatStrFormatter("%g"))
    return figure


def _two_levels(grid: Numbers, melting: float, peak: float) -> Numbers:
    """Heat capacity of two levels that peaks at a temperature, so high."""
    x = 2 * np.sqrt(1 + peak) * melting / grid
    log_weight = np.log(two_level_competitors(peak)) - x
    return x**2 / (2 * np.cosh(log_weight / 2)) ** 2


def _ending(found: ManifoldReadings, position: int) -> str:
    """The last letters of what is read at a position."""
    before = "".join(found.tokens[max(0, position - LETTERS) : position + 1])
    return "… " + " ".join(before.split())[-LETTERS:] + " …"
