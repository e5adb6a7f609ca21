"""Curves against temperature: heat capacity over positions; F, U and TS at one position."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FormatStrFormatter, NullLocator

from bridge.report.plotting import (
    BLUE,
    GREEN,
    INK,
    LIGHT_BLUE,
    MUTED,
    ORANGE,
    PURPLE,
    UNITS,
    Picture,
    blank,
    note,
)
from bridge.report.readings import QUANTILES, Readings
from bridge.sample import Sample

TICKS = (0.1, 0.2, 0.5, 1, 2, 5, 10)
LETTERS = 26


def capacity_picture(sample: Sample, readings: Readings) -> Picture:
    """Heat capacity against temperature: median and bands over positions, three of them named."""
    low, _, middle, _, high = np.quantile(readings.peaks, QUANTILES)
    count = len(readings.curve_positions)
    return Picture(
        name="heat-capacity",
        title=(
            f"The output reacts most to temperature near T = {middle:.2g}: "
            "there heat capacity peaks"
        ),
        caption=(
            f"Heat capacity C = Var(E)/T² of the next token at {count} evenly spaced positions: "
            "median, the middle half and the middle four fifths of them, and three positions by "
            f"the words before them. Four fifths of the peaks lie between T = {low:.2g} and "
            f"{high:.2g}: there a small change of temperature changes the output most, and "
            "entropy rises fastest."
        ),
        alt=(
            f"Heat capacity against temperature from {readings.grid[0]:.2g} to "
            f"{readings.grid[-1]:.2g}, logarithmic axis: near zero when cold, one peak near "
            f"T = {middle:.2g}, falling as one over T squared when hot."
        ),
        draw=lambda: _draw_capacity(sample, readings),
    )


def _draw_capacity(sample: Sample, readings: Readings) -> Figure:
    figure, (axes,) = blank(3.5)
    grid, curves = readings.grid, readings.capacity_curves
    low, lower, middle, upper, high = np.quantile(curves, QUANTILES, axis=0)
    axes.fill_between(grid, low, high, color=LIGHT_BLUE, alpha=0.55, linewidth=0)
    axes.fill_between(grid, lower, upper, color=LIGHT_BLUE, linewidth=0)
    axes.plot(grid, middle, color=BLUE, linewidth=2.2)
    axes.axvline(1, color=MUTED, linewidth=0.8, linestyle=(0, (2, 2)))
    top = float(curves.max()) * 1.06 or 1.0  # one token: no curve leaves zero
    note(axes, "T = 1, as trained", (0.97, top * 0.97), ha="right", color=MUTED)
    _name_curves(axes, sample, readings)
    half = int(np.argmax(middle))
    rise = int(np.argmax(middle > middle[half] * 0.45))
    _point(axes, "median", (grid[rise], middle[rise]), (-58, 26), BLUE)
    _point(axes, "middle 80 %", (grid[rise - 3], high[rise - 3]), (-96, 44), MUTED)
    axes.set(xscale="log", xlim=(grid[0], grid[-1]), ylim=(0, top))
    axes.set_xlabel("temperature T (logarithmic)")
    axes.set_ylabel(f"heat capacity C ({UNITS})", parse_math=True)
    axes.xaxis.set_major_locator(FixedLocator([t for t in TICKS if grid[0] <= t <= grid[-1]]))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FormatStrFormatter("%g"))
    return figure


def _name_curves(axes: Axes, sample: Sample, readings: Readings) -> None:
    """Draw the positions of highest, middle and lowest peak, each with the words before it."""
    heights = readings.capacity_curves.max(axis=1)
    order = np.argsort(heights, kind="stable")
    chosen = (order[-1], order[len(order) // 2], order[0])
    colors = (ORANGE, GREEN, PURPLE)
    place = np.inf
    for row, color in zip(chosen, colors, strict=True):
        curve = readings.capacity_curves[row]
        peak = int(np.argmax(curve))
        axes.plot(readings.grid, curve, color=color, linewidth=1.2)
        axes.plot(readings.grid[peak], curve[peak], "o", color=color, markersize=3.5)
        place = min(float(curve[peak]), place - heights.max() * 0.13)
        axes.annotate(
            f"{_ending(sample, int(readings.curve_positions[row]))} …",
            (readings.grid[peak], curve[peak]),
            xytext=(0.77, place),
            textcoords=("axes fraction", "data"),
            va="center",
            color=color,
            fontsize=8,
            arrowprops={"arrowstyle": "-", "color": color, "linewidth": 0.6, "shrinkB": 3},
        )


def _ending(sample: Sample, position: int) -> str:
    """The last whole words of the context of a position."""
    words = "".join(sample.tokens[max(0, position - LETTERS) : position + 1]).split()
    while len(words) > 1 and len(" ".join(words)) > LETTERS:
        words = words[1:]
    return "… " + " ".join(words)[-LETTERS:]


def _point(
    axes: Axes, text: str, at: tuple[float, float], offset: tuple[float, float], color: str
) -> None:
    axes.annotate(
        text,
        at,
        xytext=offset,
        textcoords="offset points",
        fontsize=8,
        color=color,
        arrowprops={"arrowstyle": "-", "color": color, "linewidth": 0.6},
    )


def balance_picture(sample: Sample, readings: Readings) -> Picture:
    """Free energy, internal energy and heat of one position against temperature."""
    context = _ending(sample, readings.balance_position)
    balance = readings.balance
    gap = np.abs(balance["F"] - (balance["U"] - balance["T"] * balance["S"])).max()
    return Picture(
        name="free-energy",
        title="Free energy is energy minus heat: the gap between U and F is TS",
        caption=(
            f"The next token after “{context}”, the position of median entropy; energies are "
            "counted from the likeliest token. The two arrows at one temperature have one "
            "length: from U down to F, and from the curve of TS down to zero. Along the curves "
            f"|F − (U − TS)| is at most {gap:.0e} nats, the rounding of float32."
        ),
        alt=(
            "Against temperature from 0 to 2: internal energy U rises from zero, free energy F "
            "falls from zero, and the shaded gap between them equals the curve of temperature "
            "times entropy."
        ),
        draw=lambda: _draw_balance(readings),
    )


def _draw_balance(readings: Readings) -> Figure:
    figure, (axes,) = blank(3.3)
    balance = readings.balance
    t, u, f, heat = (balance["T"], balance["U"], balance["F"], balance["T"] * balance["S"])
    axes.fill_between(t, f, u, color=GREEN, alpha=0.14, linewidth=0)
    axes.axhline(0, color=MUTED, linewidth=0.7)
    for values, color, label, style in (
        (u, ORANGE, "U  internal energy", "-"),
        (f, BLUE, "F  free energy", "-"),
        (heat, GREEN, "TS  heat", (0, (4, 2))),
    ):
        axes.plot(t, values, color=color, linestyle=style, linewidth=2)
        axes.annotate(
            label,
            (t[-1], values[-1]),
            xytext=(6, 0),
            textcoords="offset points",
            va="center",
            color=color,
            annotation_clip=False,
        )
    at = int(np.searchsorted(t, 1.5))
    _length(axes, t[at] + 0.012, f[at], u[at])
    _length(axes, t[at] - 0.012, 0, heat[at])
    for values, color, offset in ((u, ORANGE, (8, -2)), (f, BLUE, (8, 5)), (heat, GREEN, (-8, 4))):
        axes.plot(t[at], values[at], "o", color=color, markersize=4)
        axes.annotate(
            f"{values[at]:.2f}".replace("-", "−"),
            (t[at], values[at]),
            xytext=offset,
            textcoords="offset points",
            ha="left" if offset[0] > 0 else "right",
            color=color,
        )
    sides = [f"{value:.2f}".replace("-", "−") for value in (u[at], heat[at], f[at])]
    axes.text(
        0.03,
        0.93,
        f"at T = {t[at]:.2g}:  U − TS = {sides[0]} − {sides[1]} = {sides[2]} = F",
        transform=axes.transAxes,
        fontsize=9,
    )
    axes.set(xlim=(0, t[-1]), xlabel="temperature T")
    axes.set_ylabel(f"energy ({UNITS})", parse_math=True)
    axes.text(0.02, 0, "ground energy", fontsize=7.5, color=INK, va="bottom")
    axes.spines["bottom"].set_position(("axes", 0))
    return figure


def _length(axes: Axes, x: float, low: float, high: float) -> None:
    axes.annotate(
        "",
        (x, high),
        xytext=(x, low),
        arrowprops={
            "arrowstyle": "<->",
            "color": GREEN,
            "linewidth": 1.2,
            "shrinkA": 0,
            "shrinkB": 0,
        },
    )
