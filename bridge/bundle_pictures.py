"""Pictures of bundles: two twins on the Bloch ball with their clocks, loops, layers."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle

from bridge.bundle import SPEEDS, Bundle, significance
from bridge.bundle_layers import layers_picture
from bridge.report.files import writable_folder
from bridge.report.plotting import (
    BLUE,
    GREEN,
    INK,
    MUTED,
    ORANGE,
    PAPER,
    WIDTH,
    Picture,
    blank,
    note,
    save,
)
from numeric.bundle import Journey, Twins

YEARS = 10  # of home time


def write_pictures(found: Bundle, folder: str | Path) -> list[Path]:
    """Write twins, loops and layers, each as SVG and PDF, into a folder; the paths of the SVGs."""
    place = writable_folder(folder)
    pictures = [twins_picture(found.twins), loops_picture(found)]
    if found.found.layers is not None:
        pictures.append(layers_picture(found.model, found.found.layers))
    for picture in pictures:
        save(picture, place)
    return [place / f"{picture.name}.svg" for picture in pictures]


def twins_picture(found: Twins) -> Picture:
    """Velocities of two twins who circle at 3/5 and 4/5 of light, and what their clocks say."""
    first, second = found.first, found.second
    title = (
        f"{YEARS} years at home are {first.proper_time * YEARS:.0f} and "
        f"{second.proper_time * YEARS:.0f} for the twins, whose paths on the ball are longer"
    )
    said = [
        f"at speed {speed}: {one.proper_time * YEARS:.1f} years, length {one.length:.2f}, "
        f"Uhlmann's turn {math.degrees(one.angle):.0f} degrees, Thomas' "
        f"{math.degrees(one.thomas_angle):.0f} degrees"
        for speed, one in zip(SPEEDS, (first, second), strict=True)
    ]
    caption = (
        "A velocity is a point of the Bloch ball, a mixed state. Dots are years of a twin's own "
        "clock, arrows a frame carried by Uhlmann's transport."
    )
    return Picture(
        "bundle-twins",
        title,
        caption,
        f"{title}. {'; '.join(said)}.",
        lambda: _twins(found, title),
    )


def _twins(found: Twins, title: str) -> Figure:
    figure = Figure(figsize=(WIDTH, 3.75), layout="constrained")
    axes = figure.subplot_mosaic(
        [["ball", "clock"], ["ball", "length"], ["ball", "turn"]], width_ratios=[1.2, 1]
    )
    ball = axes["ball"]
    ball.set_aspect("equal")
    ball.set_xlim(-1.08, 1.08)
    ball.set_ylim(-1.13, 1.08)
    ball.axis("off")
    ball.add_patch(Circle((0, 0), 1, fill=False, edgecolor=MUTED, linewidth=0.8))
    note(ball, "light, pure states", (0, -1.075), ha="center", color=MUTED)
    ball.plot(0, 0, "s", color=INK, markersize=6, zorder=4)
    note(ball, "home, at rest", (-0.03, -0.11), ha="center")
    rows = [("home", 1.0, 0.0, 0.0, 0.0, INK)]
    looks = ((BLUE, "o", 1), (ORANGE, "D", -1))
    journeys = (found.first, found.second)
    for speed, one, (color, marker, side) in zip(SPEEDS, journeys, looks, strict=True):
        _orbit(ball, speed, one, color, marker, side)
        turns = math.degrees(one.angle), math.degrees(one.thomas_angle)
        rows.append((f"{speed:g} of light", one.proper_time, one.length, *turns, color))
    names, colors = [row[0] for row in rows], [row[-1] for row in rows]
    _bars(
        axes["clock"],
        "own clock, years",
        names,
        colors,
        [row[1] * YEARS for row in rows],
        "{:.0f}",
    )
    _bars(
        axes["length"],
        "length of the path on the ball (Bures)",
        names,
        colors,
        [row[2] for row in rows],
        "{:.2f}",
    )
    turn = axes["turn"]
    _bars(
        turn, "turn of a carried frame, degrees", names, colors, [row[3] for row in rows], "{:.0f}"
    )
    for y, row in enumerate(rows[1:], 1):
        turn.plot(row[4], y, "|", color=INK, markersize=11, markeredgewidth=1.6)
        note(turn, f"Thomas {row[4]:.0f}", (row[4] + 8, y), color=MUTED)
    turn.set_xlim(0, 330)
    figure.suptitle(title, x=0.01, ha="left", fontsize=8.5)
    return figure


def _orbit(ball: Axes, speed: float, one: Journey, color: str, marker: str, side: int) -> None:
    """Out from rest, once around, back; dots at the years of the twin's own clock."""
    start = 0.0 if side > 0 else math.pi
    angle = start + np.linspace(0, 2 * math.pi, 361)
    ball.plot([0, speed * math.cos(start)], [0, 0], color=color, linestyle=(0, (1, 1.5)))
    ball.plot(speed * np.cos(angle), speed * np.sin(angle), color=color)
    years = round(one.proper_time * YEARS)
    for year in range(years + 1):
        place = 2 * math.pi * year / years
        at = speed * np.array([math.cos(start + place), math.sin(start + place)])
        if year < years:
            ball.plot(*at, marker, color=color, markersize=4.5, zorder=3)
        carried = start + math.pi / 2 + one.angle * year / years
        tip = at + 0.17 * np.array([math.cos(carried), math.sin(carried)])
        ends = year in (0, years)
        ball.annotate(
            "",
            tuple(tip),
            tuple(at),
            arrowprops={
                "arrowstyle": "-|>",
                "color": INK if ends else color,
                "linewidth": 1.1 if ends else 0.8,
                "mutation_scale": 7,
                "shrinkA": 0,
                "shrinkB": 0,
            },
            zorder=5 if ends else 2,
        )


def _bars(
    axes: Axes, title: str, names: list[str], colors: list[str], values: list[float], form: str
) -> None:
    axes.barh(range(len(names)), values, color=colors, height=0.55)
    for y, value in enumerate(values):
        within = value > 0.15 * max(values)
        axes.annotate(
            form.format(value),
            (value, y),
            (-4 if within else 3, 0),
            textcoords="offset points",
            va="center",
            ha="right" if within else "left",
            color=PAPER if within else INK,
        )
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.set_xlim(0, 1.05 * max(values))
    axes.tick_params(axis="y", length=0)
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)
    axes.set_title(title, fontsize=8)


def loops_picture(found: Bundle) -> Picture:
    """Angles by which loops of prompts turn the fibre, beside those of random loops."""
    name = Path(found.model).name
    families = found.found.families
    most = max(max(family.angles) for family in families)
    title = f"{name}: loops of prompts turn the fibre by {most:.2f} radians at most"
    said = "; ".join(
        f"{f.name}: mean turn {f.size:.4f}, random loops {f.random.size:.4f} "
        f"(p {significance(f.random)}), as short {f.shrunk.size:.4f} (p {significance(f.shrunk)})"
        for f in families
    )
    caption = (
        "Angles of the holonomy in O(n). A dot is an angle of one loop; below it random loops of "
        "the same length and random loops of any length, as many as there are of the kind."
    )
    return Picture(
        "bundle-loops", title, caption, f"{title}. {said}.", lambda: _loops(found, title)
    )


def _loops(found: Bundle, title: str) -> Figure:
    families = found.found.families
    figure, (axes,) = blank(0.9 + 0.62 * len(families))
    floor = 1e-4
    for row, family in enumerate(families):
        strips = (
            (family.angles, BLUE, "o", "of this kind"),
            (family.shrunk.angles, GREEN, "^", "random, as short"),
            (family.random.angles, ORANGE, "D", "random"),
        )
        for k, (angles, color, marker, label) in enumerate(strips):
            y = row + 0.24 * (k - 1)
            shown = np.maximum(np.asarray(angles), floor)
            axes.plot(
                shown,
                np.full(len(shown), y),
                marker,
                color=color,
                markersize=3.2,
                alpha=0.35,
                markeredgewidth=0,
                label=label if row == 0 else None,
            )
        _beside(axes, row - 0.02, significance(family.shrunk), GREEN)
        _beside(axes, row + 0.26, significance(family.random), ORANGE)
    _beside(axes, -0.55, "p, turning", MUTED)
    axes.set_xscale("log")
    ticks = [floor, 1e-3, 1e-2, 1e-1, 1.0]
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.minorticks_off()
    axes.set_xlim(0.8 * floor, 1.3 * max(max(f.angles + f.random.angles) for f in families))
    axes.set_yticks(range(len(families)), [f"{f.name} ({f.loops})" for f in families])
    axes.set_ylim(len(families) - 0.5, -0.75)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x")
    axes.set_xlabel(f"angle, radians (smaller ones at {floor:g})")
    legend = figure.legend(
        *axes.get_legend_handles_labels(), loc="outside lower right", ncols=3, frameon=False
    )
    for handle in legend.legend_handles:
        if handle is not None:
            handle.set_alpha(1)
    figure.suptitle(title, x=0.01, ha="left", fontsize=8.5)
    return figure


def _beside(axes: Axes, y: float, text: str, color: str) -> None:
    place = {"xycoords": ("axes fraction", "data"), "annotation_clip": False}
    axes.annotate(text, (1.01, y), va="center", fontsize=8, color=color, **place)
