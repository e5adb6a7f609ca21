"""Entropy and heat capacity of every position, under the largest heat capacity that there is."""

from __future__ import annotations

import math

import numpy as np
from matplotlib.figure import Figure

from bridge.manifold.readings import ManifoldReadings
from bridge.report.plotting import BLUE, INK, LIGHT_ORANGE, MUTED, ORANGE, Picture, blank, note
from numeric.plane import capacity_boundary


def plane_picture(found: ManifoldReadings) -> Picture:
    """The plane of S and C over the text, with the boundary that theory sets."""
    s, c = found.features["entropy"], found.features["heat_capacity"]
    ceiling = math.log(found.vocabulary_size)
    allowed = capacity_boundary(found.vocabulary_size, s)
    reached = np.divide(c, allowed, out=np.zeros_like(c), where=allowed > 0)
    return Picture(
        name="plane",
        title=(
            f"Half of the prompts have less than {np.median(reached):.0%} of the heat capacity "
            f"that their entropy allows, none more than {reached.max():.0%}"
        ),
        caption=(
            f"Each point is a position of the text, T = 1. Above the line no distribution over "
            f"{found.vocabulary_size:,} tokens lies; on it are those of two levels. Its summit "
            f"N = {found.bound:.2f} bounds every heat capacity at every temperature. Entropy "
            f"ends at ln V = {ceiling:.2f} nats."
        ),
        alt=(
            f"Scatter of {len(s)} positions: entropy from {s.min():.2g} to {s.max():.2f} nats, "
            f"heat capacity up to {c.max():.1f}, below a curve that rises from zero to "
            f"{found.bound:.1f} and falls to zero at {ceiling:.1f} nats."
        ),
        draw=lambda: _draw(found),
    )


def _draw(found: ManifoldReadings) -> Figure:
    figure, (axes,) = blank(3.6)
    ceiling = math.log(found.vocabulary_size)
    grid = np.linspace(0, ceiling, 200)
    boundary = capacity_boundary(found.vocabulary_size, grid)
    axes.fill_between(grid, boundary, color=LIGHT_ORANGE, alpha=0.45, linewidth=0)
    axes.plot(grid, boundary, color=ORANGE)
    s, c = found.features["entropy"], found.features["heat_capacity"]
    axes.plot(s, c, "o", color=BLUE, markersize=3, alpha=0.55, markeredgewidth=0)
    top = int(boundary.argmax())
    note(
        axes,
        f"N = {found.bound:.2f}, two levels",
        (grid[top], boundary[top] * 1.05),
        ha="center",
        color=INK,
    )
    axes.axvline(ceiling, color=MUTED, linewidth=0.8, linestyle=(0, (2, 2)))
    note(
        axes,
        "ln V ",
        (ceiling, boundary[top]),
        ha="right",
        color=MUTED,
    )
    axes.set(xlim=(0, ceiling * 1.02), ylim=(0, boundary[top] * 1.12))
    axes.set_xlabel("entropy S (nats)")
    axes.set_ylabel("heat capacity C")
    return figure
