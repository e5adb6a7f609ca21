"""Eigenvalues of the Fisher metric on hidden states, and what fewer dimensions would miss."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter

from bridge.manifold.readings import ManifoldReadings
from bridge.report.plotting import BLUE, GREEN, INK, MUTED, ORANGE, Picture, blank, note

COLORS = (BLUE, GREEN, ORANGE)
NAT = 0.1  # of root mean square error, at which a dimension is read off


def spectrum_picture(found: ManifoldReadings) -> Picture:
    """Left the spectrum of the metric at some positions, right the tail of the rank law."""
    widest = max(float(s[0] / s[s > 0][-1]) for s in found.spectra if (s > 0).any())
    rank = found.rank
    said = (
        ""
        if rank is None
        else f" Right: the table of log-probabilities of {rank.prompts} different prompts, "
        f"centered, has rank {rank.rank()} of at most {_most(found)}; "
        f"{rank.dimension(NAT)} dimensions give it to {NAT} nats."
    )
    return Picture(
        name="spectrum",
        title=(
            "A hidden state has few directions that matter: the metric's eigenvalues span "
            f"{np.log10(widest):.0f} decades"
        ),
        caption=(
            "Left: eigenvalues of the Fisher metric G on hidden states at positions of low "
            "and high entropy, as squared singular values of the centered rows, weighted "
            "with the roots of probabilities." + said
        ),
        alt=(
            "Eigenvalues against their number on logarithmic axes: "
            + "; ".join(
                f"S = {found.features['entropy'][p]:.2g} nats: from {s[0]:.2g} to {s[-1]:.2g}"
                for p, s in zip(found.places, found.spectra, strict=True)
            )
            + "."
        ),
        draw=lambda: _draw(found),
    )


def _most(found: ManifoldReadings) -> int:
    assert found.rank is not None
    return min(found.rank.bound, found.dimension)


def _draw(found: ManifoldReadings) -> Figure:
    figure, axes = blank(2.9, 1, 1 if found.rank is None else 2)
    _draw_spectra(axes[0], found)
    if found.rank is not None:
        _draw_tail(axes[1], found)
    return figure


def _draw_spectra(axes: Axes, found: ManifoldReadings) -> None:
    for color, place, values in zip(COLORS, found.places, found.spectra, strict=False):
        positive = values[values > 0]
        label = f"S = {found.features['entropy'][place]:.2g} nats"
        axes.plot(np.arange(1, len(positive) + 1), positive, color=color, label=label)
    axes.set(xscale="log", yscale="log")
    _plain(axes.xaxis, "{:g}")
    _plain(axes.yaxis, "{:.0e}")
    axes.set_xlabel("number of the eigenvalue")
    axes.set_ylabel("eigenvalue of G")
    axes.grid(axis="y")
    axes.legend(frameon=False, fontsize=8, labelcolor="linecolor", loc="lower left")


def _plain(axis: Axis, form: str) -> None:
    """Powers of ten in letters: the figures' manner sets no formulas."""
    axis.set_major_formatter(FuncFormatter(lambda value, _: form.format(value)))
    axis.set_minor_formatter(NullFormatter())


def _draw_tail(axes: Axes, found: ManifoldReadings) -> None:
    rank = found.rank
    assert rank is not None
    tail = rank.tail
    shown = tail > tail[0] * 1e-12 if tail[0] > 0 else np.zeros(len(tail), dtype=bool)
    axes.plot(np.flatnonzero(shown), tail[shown], color=BLUE)
    axes.set_yscale("log")
    _plain(axes.yaxis, "{:g}")
    axes.axhline(NAT, color=MUTED, linewidth=0.8, linestyle=(0, (2, 2)))
    if tail[0] > NAT:
        at = rank.dimension(NAT)
        axes.plot(at, tail[at], "o", color=INK, markersize=4)
        note(axes, f"{at} dimensions: {NAT} nats", (at * 0.95, NAT * 0.6), ha="right", color=INK)
    axes.set_xlabel("dimensions of a linear manifold")
    axes.set_ylabel("error of ln p (nats, root mean square)")
