"""The entropy along a text: which tokens a model is sure of, and which it leaves open."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from unicodedata import east_asian_width

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bridge.report.plotting import BLUE, GRID, INK, LIGHT_BLUE, MUTED, ORANGE, WIDTH, Picture
from bridge.report.readings import Numbers, Readings
from bridge.sample import Sample

SURE, OPEN = 0.5, 4.0  # nats; e^4 is about 55 tokens
COLUMNS, LINES = 100, 5
LEFT, RIGHT = 0.065, 0.995
POINTS = WIDTH * 72 * (RIGHT - LEFT) / COLUMNS / 0.602  # 0.602: width of a monospaced letter


@dataclass(frozen=True)
class Word:
    """A token on a line: the column where it starts, its letters, its entropy."""

    column: int
    text: str
    width: int
    entropy: float


def entropy_picture(sample: Sample, readings: Readings) -> Picture:
    """The entropy before each token of a passage, with the whole text above it."""
    entropy = readings.entropy
    sure, loose = (entropy < SURE).mean(), (entropy > OPEN).mean()
    start = passage_start(sample.following)
    lines = list(typeset(sample.following[start:], entropy[start:]))[:LINES]
    stop = start + sum(len(line) for line in lines)
    return Picture(
        name="entropy-along-the-text",
        title=f"{sure:.0%} of the next tokens are all but settled, {loose:.0%} are wide open",
        caption=(
            "Top: entropy S of the next token at every position of the text. Below: a passage of "
            "it; the bar over a token is the entropy of the distribution that the token was "
            f"drawn from. Blue and underlined: sure (S < {SURE} nat). Orange: open (S > {OPEN:g} "
            "nats, more than 55 equally likely tokens). T = 1."
        ),
        alt=(
            f"Entropy of the next token along {len(entropy)} positions, mean "
            f"{entropy.mean():.2f} nats, from {entropy.min():.2g} to {entropy.max():.2f}; "
            f"a passage of {stop - start} tokens shows low bars inside words and fixed phrases "
            "and high bars where a new phrase begins."
        ),
        draw=lambda: _draw(entropy, lines, (start, stop)),
    )


def passage_start(pieces: Sequence[str]) -> int:
    """The first place after an eighth of the text where a sentence has just ended, if any."""
    eighth = len(pieces) // 8
    for place in range(eighth, len(pieces) // 2):
        if pieces[place].rstrip().endswith((".", "!", "?")):
            return place + 1
    return eighth


def typeset(pieces: Sequence[str], entropy: Numbers) -> Iterator[list[Word]]:
    """Set tokens into lines of `COLUMNS` letters; a line break in the text shows as an arrow."""
    line: list[Word] = []
    column = 0
    for piece, nats in zip(pieces, entropy, strict=True):
        shown = piece.replace("\n", "↵").replace("\t", "→")
        width = min(max(_width(shown), 1), COLUMNS)
        if column + width > COLUMNS:
            yield line
            line, column = [], 0
        lead = len(shown) - len(shown.lstrip()) if shown.strip() else 0
        line.append(Word(column + lead, shown.strip(), max(width - lead, 1), float(nats)))
        column += width
    if line:
        yield line


def _width(text: str) -> int:
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)


def _draw(entropy: Numbers, lines: list[list[Word]], passage: tuple[int, int]) -> Figure:
    height = 1.25 + 0.66 * len(lines)
    figure = Figure(figsize=(WIDTH, height))
    top = float(np.ceil(max(entropy.max(), OPEN)))
    overview = figure.add_axes((LEFT, 1 - 0.72 / height, RIGHT - LEFT, 0.55 / height))
    _draw_overview(overview, entropy, passage, top)
    for number, line in enumerate(lines):
        bottom = (height - 1.25 - 0.66 * (number + 1) + 0.27) / height
        axes = figure.add_axes((LEFT, bottom, RIGHT - LEFT, 0.43 / height))
        _draw_line(axes, line, top)
        if number == len(lines) // 2:
            axes.set_ylabel("entropy S (nats)")
    return figure


def _draw_overview(axes: Axes, entropy: Numbers, passage: tuple[int, int], top: float) -> None:
    positions = np.arange(len(entropy))
    axes.axvspan(passage[0] - 0.5, passage[1] - 0.5, color=LIGHT_BLUE, alpha=0.6, linewidth=0)
    axes.fill_between(positions, entropy, step="mid", color=MUTED, linewidth=0)
    mean = entropy.mean()
    axes.axhline(mean, color=INK, linewidth=0.8)
    axes.annotate(
        f"mean {mean:.2f}",
        (1, mean),
        xycoords=("axes fraction", "data"),
        xytext=(-2, 2),
        textcoords="offset points",
        ha="right",
        va="bottom",
        fontsize=7.5,
        bbox={"facecolor": "#fefefe", "edgecolor": "none", "alpha": 0.85, "pad": 0.8},
    )
    axes.set(xlim=(-0.5, len(entropy) - 0.5), ylim=(0, top), yticks=[0, top])
    axes.set_xlabel("position in the text; shaded: the passage below", labelpad=1)


def _draw_line(axes: Axes, line: list[Word], top: float) -> None:
    for word in line:
        color = BLUE if word.entropy < SURE else ORANGE if word.entropy > OPEN else MUTED
        axes.bar(word.column, word.entropy, width=word.width - 0.15, align="edge", color=color)
        axes.text(
            word.column,
            -0.14 * top,
            word.text,
            family="monospace",
            fontsize=POINTS,
            va="top",
            color=color if color != MUTED else INK,
        )
        if color == BLUE:
            axes.hlines(
                -0.06 * top,
                word.column,
                word.column + word.width - 0.15,
                color=BLUE,
                linewidth=1.6,
                clip_on=False,
            )
    axes.grid(axis="y", color=GRID)
    axes.set(xlim=(0, COLUMNS), ylim=(0, top), xticks=[], yticks=[0, round(top / 2), top])
    axes.spines["bottom"].set_visible(False)
    axes.tick_params(labelsize=7)
