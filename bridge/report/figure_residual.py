"""Worst residual per statement in units of what rounding may do: one line per statement."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FormatStrFormatter, NullLocator

from bridge.report.plotting import BLUE, GRID, LIGHT_ORANGE, MUTED, ORANGE, Picture, blank

MARKS = {"property": (BLUE, "o", "property tests"), "model": (ORANGE, "^", "the model's outputs")}

FLOOR = 1e-6


@dataclass(frozen=True)
class Residual:
    """The worst residual of a statement over its allowance, for each oracle that measured one."""

    name: str
    ratios: dict[str, float]


def residual_picture(residuals: Sequence[Residual]) -> Picture:
    """One line per statement, a mark per oracle, allowance = 1."""
    measured = [row for row in residuals if row.ratios]
    worst = max((max(row.ratios.values()) for row in measured), default=0.0)
    broken = sum(max(row.ratios.values()) > 1 for row in measured)
    title = (
        "Nothing was measured"
        if not measured
        else f"Every residual stays within its allowance; the worst uses {worst:.0%} of it"
        if not broken
        else f"{broken} of {len(measured)} statements exceed their allowance"
    )
    return Picture(
        name="residuals",
        title=title,
        caption=(
            "How far the two sides of each statement are apart at worst, divided by what rounding "
            "may account for there. Right of 1 a statement is refuted. At the left edge: less "
            "than a millionth of it, or, hollow, no difference at all."
        ),
        alt=f"{title}. One line for each of {len(measured)} statements, logarithmic axis.",
        draw=lambda: _draw(measured),
    )


def _draw(rows: list[Residual]) -> Figure:
    figure, (axes,) = blank(max(2.0, 0.9 + 0.155 * len(rows)))
    ratios = [ratio for row in rows for ratio in row.ratios.values() if 0 < ratio < math.inf]
    floor = max(FLOOR, 10 ** (math.floor(math.log10(min(ratios, default=0.1))) - 1))
    top = 10 ** max(1, math.ceil(math.log10(max(ratios, default=1))))
    axes.axvspan(1, top, color=LIGHT_ORANGE, alpha=0.5, linewidth=0)
    axes.axvline(1, color=ORANGE, linewidth=1.2)
    for place, row in enumerate(rows):
        axes.axhline(place, color=GRID, linewidth=0.5, zorder=0)
        for oracle, ratio in row.ratios.items():
            color, marker, _ = MARKS[oracle]
            axes.plot(
                min(max(ratio, floor), top),
                place,
                marker,
                color=color,
                markersize=4,
                markerfacecolor="none" if ratio == 0 else color,
                clip_on=False,
            )
    axes.set(xscale="log", xlim=(floor, top), ylim=(len(rows) - 0.4, -1.4))
    axes.set_yticks(range(len(rows)), [row.name for row in rows], family="monospace", fontsize=6.3)
    axes.tick_params(axis="y", length=0)
    axes.tick_params(axis="x", top=True, labeltop=True)
    axes.xaxis.set_major_formatter(FormatStrFormatter("%g"))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.spines["left"].set_visible(False)
    axes.set_xlabel("worst residual / allowance (logarithmic)")
    axes.text(1, -0.9, " allowance", color=ORANGE, fontsize=8, va="center")
    _legend(axes)
    return figure


def _legend(axes: Axes) -> None:
    for color, marker, label in MARKS.values():
        axes.plot([], [], marker, color=color, markersize=4, label=label)
    axes.plot([], [], "o", color=MUTED, markerfacecolor="none", markersize=4, label="exactly 0")
    # Above the tick labels at the top, whatever the height of the axes.
    axes.legend(
        loc="lower right",
        bbox_to_anchor=(1, 1),
        borderaxespad=2.2,
        ncols=3,
        frameon=False,
        borderpad=0,
        handletextpad=0.2,
    )
