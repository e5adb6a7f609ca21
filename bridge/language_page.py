"""The pictures of `porism language`, and the page that holds them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bridge.conjectures import spelled
from bridge.language import LanguageFindings, as_text
from bridge.pages import templates
from bridge.report.files import writable_folder, write_text
from bridge.report.plotting import (
    BLUE,
    INK,
    LIGHT_BLUE,
    MUTED,
    ORANGE,
    Picture,
    blank,
    note,
    save,
)
from formal.statement import Statement
from numeric.meaning import LABELS

BINS = 8


def write_page(found: LanguageFindings, conjectures: list[Statement], folder: str | Path) -> Path:
    """Write index.html and two pictures, as SVG and PDF, into a folder; return the page's path."""
    place = writable_folder(folder)
    shown = [_calibration(found), _meaning(found)]
    drawn = [save(picture, place) for picture in shown]
    page = templates("bridge.report").get_template("language.html")
    html = page.render(
        model=found.model,
        text=as_text(found),
        pictures=list(zip(shown, drawn, strict=True)),
        conjectures=conjectures,
    )
    write_text(place / "index.html", html)
    return place / "index.html"


def _calibration(found: LanguageFindings) -> Picture:
    title = (
        f"{Path(found.model).name}: surprisal less entropy is {spelled(found.gap, 2)} nats "
        "a token on this text"
    )
    caption = (
        "Each point is a position: the entropy of what the model expects, and the surprisal of "
        f"what comes. Bars: means of {BINS} groups of equal size with twice their standard error "
        "after the model's own heat capacity. On a model's own text they lie on the diagonal."
    )
    alt = f"{title}. {found.positions} positions, z = {found.text.z:.2f}."
    return Picture("calibration", title, caption, alt, lambda: _draw_calibration(found, title))


def _draw_calibration(found: LanguageFindings, title: str) -> Figure:
    read = found.read
    figure, (left, right) = blank(3.0, 1, 2, width_ratios=(3, 2))
    top = float(max(read.entropy.max(), np.quantile(read.surprisal, 0.98)))
    left.plot(read.entropy, read.surprisal, ".", color=LIGHT_BLUE, markersize=3)
    left.plot([0, top], [0, top], color=MUTED, linewidth=0.8, linestyle=(0, (4, 3)))
    for group in np.array_split(np.argsort(read.entropy), min(BINS, len(read))):
        middle, mean = read.entropy[group].mean(), read.surprisal[group].mean()
        error = 2 * np.sqrt(read.heat_capacity[group].sum()) / len(group)
        left.errorbar(
            middle, mean, error, fmt="o", color=BLUE, markersize=4, linewidth=1.2, capsize=2
        )
    left.set_xlim(0, top * 1.02)
    left.set_ylim(0, top * 1.02)
    left.set_xlabel("entropy expected (nats)")
    left.set_ylabel("surprisal seen (nats)")
    _draw_excess(found, right)
    figure.suptitle(title, x=0.01, ha="left", fontsize=8.5)
    return figure


def _draw_excess(found: LanguageFindings, axes: Axes) -> None:
    """The running sum of surprisal less entropy, and the band that the model allows itself."""
    read = found.read
    steps = np.arange(1, len(read) + 1)
    walk = np.cumsum(read.surprisal - read.entropy)
    band = 2 * np.sqrt(np.cumsum(read.heat_capacity))
    axes.fill_between(steps, -band, band, color=LIGHT_BLUE, linewidth=0)
    axes.axhline(0, color=MUTED, linewidth=0.8, linestyle=(0, (4, 3)))
    axes.plot(steps, walk, color=INK, linewidth=1.2)
    axes.set_xlabel("position")
    axes.set_ylabel("sum of surprisal less entropy")
    note(axes, "twice the root of\nthe summed heat capacity", (steps[-1] * 0.04, band[-1] * 0.86))


def _meaning(found: LanguageFindings) -> Picture:
    value, words = found.correlations["Fisher-Rao"], found.correlations["words"]
    title = (
        f"{Path(found.model).name}: distance and meaning, rank correlation {spelled(value, 2)}; "
        f"of shared words alone {spelled(words, 2)}"
    )
    caption = (
        "Fisher-Rao distance of next-token distributions after two prompts, by what people say "
        "of the two. Bars: medians. The other meaning is in nearly the same words."
    )
    middle = np.median(found.distances.values["Fisher-Rao"], axis=0)
    alt = f"{title}. Medians: " + ", ".join(
        f"{label} {number:.2f}" for label, number in zip(LABELS, middle, strict=True)
    )
    return Picture("meaning", title, caption, f"{alt}.", lambda: _draw_meaning(found, title))


def _draw_meaning(found: LanguageFindings, title: str) -> Figure:
    figure, (left, right) = blank(2.8, 1, 2, width_ratios=(3, 2))
    values = found.distances.values["Fisher-Rao"]
    rng = np.random.default_rng(0)
    for place in range(len(LABELS)):
        color = BLUE if place == 0 else ORANGE
        at = place + rng.uniform(-0.18, 0.18, len(values))
        left.plot(values[:, place], at, ".", color=color, markersize=4, alpha=0.7)
        middle = float(np.median(values[:, place]))
        left.plot([middle, middle], [place - 0.3, place + 0.3], color=INK, linewidth=1.6)
    left.set_yticks(range(len(LABELS)), LABELS)
    left.set_ylim(len(LABELS) - 0.5, -0.5)
    left.tick_params(axis="y", length=0)
    left.set_xlim(0, np.pi)
    left.set_xticks([0, np.pi / 2, np.pi], ["0", "\u03c0/2", "\u03c0"])
    left.set_xlabel("Fisher-Rao distance")
    names = list(found.correlations)
    for y, name in enumerate(names):
        value = found.correlations[name]
        color = MUTED if name == "words" else BLUE
        right.plot([value.low, value.high], [y, y], color=color, linewidth=1.2)
        right.plot(value.value, y, "o", color=color, markersize=4)
    right.axvline(0, color=MUTED, linewidth=0.8, linestyle=(0, (4, 3)))
    right.set_yticks(range(len(names)), names)
    right.set_ylim(len(names) - 0.5, -0.5)
    right.tick_params(axis="y", length=0)
    right.set_xlabel("rank correlation with the label")
    figure.suptitle(title, x=0.01, ha="left", fontsize=8.5)
    return figure
