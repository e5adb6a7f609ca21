"""The picture of prompts along the layers of a model."""

from __future__ import annotations

from pathlib import Path

from matplotlib.figure import Figure

from bridge.report.plotting import BLUE, GREEN, INK, MUTED, ORANGE, Picture, blank
from numeric.bundle import Layers

LOOKS = ((BLUE, "o"), (ORANGE, "D"), (GREEN, "^"))


def layers_picture(model: str, found: Layers) -> Picture:
    """How far each layer turns the covariance of a prompt's states, and where prompts part."""
    layer = found.widest_step
    title = (
        f"{Path(model).name}: layer {layer} turns the covariance of states most, by "
        f"{found.angles[layer - 1]:.2f} radians"
    )
    said = "; ".join(
        f"two prompts in {kind} are {angles[0]:.3f} apart before the first layer, at most "
        f"{max(angles):.3f}, {angles[-1]:.3f} at the end"
        for kind, angles in found.spread.items()
    )
    caption = (
        "Angles of Bures between covariances of trace one: from a layer to the next, and between "
        "two prompts at the same layer. The last is after the final norm."
    )
    return Picture(
        "bundle-layers", title, caption, f"{title}. {said}.", lambda: _draw(found, title)
    )


def _draw(found: Layers, title: str) -> Figure:
    figure, (steps, apart) = blank(3.6, rows=2)
    count = len(found.angles)
    steps.bar(range(1, count + 1), found.angles, color=MUTED, width=0.7)
    steps.set_ylabel("turn by the layer")
    for (kind, angles), (color, marker) in zip(found.spread.items(), LOOKS, strict=True):
        apart.plot(
            range(count + 1), angles, marker=marker, markersize=3.5, color=color, label=kind
        )
    apart.set_ylabel("between two prompts")
    apart.set_xlabel("layer")
    apart.legend(frameon=False, ncols=3, loc="upper left", labelcolor=INK)
    for axes in (steps, apart):
        axes.set_xlim(-0.6, count + 0.6)
        axes.set_ylim(bottom=0)
        axes.grid(axis="y")
    apart.set_ylim(top=1.25 * max(max(angles) for angles in found.spread.values()))
    figure.suptitle(title, x=0.01, ha="left", fontsize=8.5)
    return figure
