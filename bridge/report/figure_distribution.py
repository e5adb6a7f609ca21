"""Distributions over a text of entropy, heat capacity and the gap between the top logits."""

from __future__ import annotations

import math

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bridge.report.plotting import BLUE, INK, MUTED, ORANGE, UNITS, Picture, blank
from bridge.report.readings import Numbers, Readings

BINS = 28


def distribution_picture(readings: Readings) -> Picture:
    """Histograms over positions, with what each quantity could reach or would need."""
    certain, greatest = readings.certain_gap, float(readings.gap.max())
    reached = float((readings.gap >= certain).mean())
    title = (
        f"No top token is certain by its gap alone: {certain:.1f} nats are needed, "
        f"{greatest:.1f} is the most"
        if reached == 0
        else f"{reached:.0%} of the top tokens are certain by their gap alone"
    )
    return Picture(
        name="distributions",
        title=title,
        caption=(
            f"{len(readings.entropy)} positions, T = 1. The entropy can reach ln V = "
            f"{math.log(readings.vocabulary_size):.2f} nats, where all tokens are equally "
            f"likely. A gap of {certain:.1f} nats between the two greatest logits makes the top "
            "token 99.9 % likely whatever the others are; smaller gaps can, but need not. "
            "Lines: medians."
        ),
        alt=(
            f"Three histograms. Entropy: median {np.median(readings.entropy):.2f} nats. Heat "
            f"capacity: median {np.median(readings.heat_capacity):.2f}. Gap of the two greatest "
            f"logits: median {np.median(readings.gap):.2f} nats, greatest {greatest:.2f}; "
            f"{certain:.1f} would be needed for 99.9 percent."
        ),
        draw=lambda: _draw(readings),
    )


def _draw(readings: Readings) -> Figure:
    figure, axes = blank(2.5, 1, 3)
    ceiling, certain = math.log(readings.vocabulary_size), readings.certain_gap
    _histogram(axes[0], readings.entropy, "entropy S (nats)", max(ceiling * 1.06, 0.1))
    _mark(axes[0], ceiling, f"ln V = {ceiling:.1f}")
    _histogram(axes[1], readings.heat_capacity, f"heat capacity C ({UNITS})")
    _histogram(axes[2], readings.gap, "gap of the top two logits (nats)", certain * 1.06)
    _mark(axes[2], certain, f"{certain:.1f}: p > 99.9 %")
    axes[0].set_ylabel("positions")
    return figure


def _histogram(axes: Axes, values: Numbers, label: str, end: float | None = None) -> None:
    values = values[np.isfinite(values)]
    greatest = float(values.max(initial=0.0))
    end = max(greatest * 1.02, end or 0.0, 1e-9)
    axes.hist(values, bins=BINS, range=(0, end), color=BLUE, edgecolor="none", rwidth=0.9)
    middle = float(np.median(values)) if len(values) else 0.0
    axes.axvline(middle, color=INK, linewidth=1)
    axes.annotate(
        f"median {middle:.2f}",
        (middle, 1),
        xycoords=("data", "axes fraction"),
        xytext=(3, -2),
        textcoords="offset points",
        va="top",
        fontsize=8,
    )
    axes.set(
        xlim=(0, end),
        ylim=(0, 1.15 * axes.get_ylim()[1]),
    )
    axes.set_xlabel(label, parse_math=True)
    axes.tick_params(axis="y", colors=MUTED)


def _mark(axes: Axes, value: float, text: str) -> None:
    axes.axvline(value, color=ORANGE, linewidth=1.2, linestyle=(0, (4, 2)))
    axes.annotate(
        text,
        (value, 0.6),
        xycoords=("data", "axes fraction"),
        xytext=(-3, 0),
        textcoords="offset points",
        ha="right",
        va="center",
        fontsize=8,
        color=ORANGE,
    )
