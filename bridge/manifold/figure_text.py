"""A passage whose tokens carry entropy, heat capacity and distance as shades."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from bridge.manifold.readings import ManifoldReadings, Numbers
from bridge.report.figure_entropy import COLUMNS, POINTS, passage_start, typeset
from bridge.report.plotting import BLUE, GREEN, INK, MUTED, ORANGE, WIDTH, Picture

LINES = 6
LINE = 0.62  # inches
STRIP = 0.19  # of a line


@dataclass(frozen=True)
class _Shade:
    """A quantity as darkness of a color: white at zero, full at the greatest value."""

    name: str
    color: str
    values: Numbers

    @property
    def top(self) -> float:
        return float(np.nanmax(self.values, initial=0.0)) or 1.0


def text_picture(found: ManifoldReadings) -> Picture:
    """A passage; under every token three strips, darker where S, C and the step are greater."""
    shades = _shades(found)
    start = passage_start(found.following)
    lines = list(typeset(found.following[start:], np.arange(start, len(found), dtype=float)))
    lines = lines[:LINES]
    shown = sum(len(line) for line in lines)
    steps = found.steps
    per_token = f"{steps.mean():.2f}" if len(steps) else "0"
    return Picture(
        name="text",
        title=(
            f"From token to token the model moves {per_token} across the simplex, "
            f"of at most π = {np.pi:.2f}"
        ),
        caption=(
            "Under each token, of the distribution that it was drawn from: entropy S, heat "
            "capacity C, and the Fisher-Rao distance from the distribution before. White is "
            "zero, full color the greatest value in the text. T = 1."
        ),
        alt=(
            f"{shown} tokens of the text, each above three strips shaded by entropy (greatest "
            f"{shades[0].top:.1f} nats), heat capacity (greatest {shades[1].top:.1f}) and "
            f"distance (greatest {shades[2].top:.2f})."
        ),
        draw=lambda: _draw(lines, shades),
    )


def _shades(found: ManifoldReadings) -> list[_Shade]:
    steps = np.concatenate([[np.nan], found.steps])  # the first has nothing before it
    return [
        _Shade("entropy S (nats)", BLUE, found.features["entropy"]),
        _Shade("heat capacity C", ORANGE, found.features["heat_capacity"]),
        _Shade("distance", GREEN, steps),
    ]


def _draw(lines: list, shades: list[_Shade]) -> Figure:
    height = LINE * max(len(lines), 1) + 0.5
    figure = Figure(figsize=(WIDTH, height))
    axes = figure.add_axes((0.0, 0.5 / height, 1.0, 1 - 0.5 / height))
    axes.set(xlim=(-1, COLUMNS + 1), ylim=(-max(len(lines), 1), 0))
    axes.axis("off")
    for number, line in enumerate(lines):
        for word in line:
            axes.text(
                word.column,
                -number - 0.16,
                word.text,
                family="monospace",
                fontsize=POINTS * 1.02,
                va="center",
                color=INK,
            )
            for place, shade in enumerate(shades):
                bottom = -number - 0.36 - STRIP * (place + 1)
                _strip(axes, word, bottom, shade, int(word.entropy))
    _legend(figure, shades, height)
    return figure


def _strip(axes: Axes, word, bottom: float, shade: _Shade, position: int) -> None:
    value = shade.values[position]
    box = (word.column, bottom), word.width - 0.12, STRIP * 0.85
    axes.add_patch(Rectangle(*box, facecolor="none", edgecolor=MUTED, linewidth=0.25))
    if np.isfinite(value) and value > 0:
        alpha = float(value / shade.top)
        axes.add_patch(Rectangle(*box, facecolor=shade.color, alpha=alpha, linewidth=0))


def _legend(figure: Figure, shades: list[_Shade], height: float) -> None:
    for place, shade in enumerate(shades):
        axes = figure.add_axes((0.04 + 0.33 * place, 0.26 / height, 0.22, 0.09 / height))
        for n in range(24):
            box = Rectangle((n / 24, 0), 1 / 24, 1, color=shade.color, alpha=(n + 0.5) / 24)
            axes.add_patch(box)
        axes.set(xlim=(0, 1), ylim=(0, 1), yticks=[], xticks=[0, 1])
        axes.set_xticklabels(["0", f"{shade.top:.3g}"], fontsize=7.5)
        axes.set_title(shade.name, fontsize=7.5, pad=2)
