"""The model's path over a sentence, against the shortest paths between its ends."""

from __future__ import annotations

from matplotlib.figure import Figure

from bridge.manifold.stretch import Stretch
from bridge.report.plotting import BLUE, GREEN, INK, MUTED, ORANGE, Picture, blank


def path_picture(stretch: Stretch) -> Picture:
    """Points by distance along and off the shortest path; three other paths beside."""
    factor = stretch.length / stretch.distance
    return Picture(
        name="path",
        title=(
            f"The model takes no short cut: its path is {factor:.1f} times as long as the "
            "shortest between the same ends"
        ),
        caption=(
            f"“{_quoted(stretch)}”: the distribution after each token, by its Fisher-Rao "
            "distance along the shortest path between first and last, and off it. That path is "
            "the axis. Orange: the straight line of hidden states (exponential geodesic). Green: "
            f"the straight line of probabilities. Length of the model's path {stretch.length:.2f}"
            f", distance of its ends {stretch.distance:.2f}; no two points are more than π apart."
        ),
        alt=(
            f"A path through {len(stretch.path)} points that leaves the axis by up to "
            f"{stretch.path[:, 1].max():.2f}, while both straight lines stay within "
            f"{max(stretch.exponential[:, 1].max(), stretch.mixture[:, 1].max()):.2f} of it."
        ),
        draw=lambda: _draw(stretch),
    )


def _quoted(stretch: Stretch) -> str:
    return " ".join("".join(stretch.tokens).split())


def _draw(stretch: Stretch) -> Figure:
    figure, (axes,) = blank(3.6)
    axes.plot([0, stretch.distance], [0, 0], color=INK, linewidth=2.4, solid_capstyle="butt")
    axes.plot(*stretch.exponential.T, color=ORANGE)
    axes.plot(*stretch.mixture.T, color=GREEN, linestyle=(0, (4, 2)))
    axes.plot(*stretch.path.T, "o-", color=BLUE, linewidth=1, markersize=4)
    for number, ((x, y), token) in enumerate(zip(stretch.path, stretch.tokens, strict=True)):
        axes.annotate(
            token.strip() or "␣",
            (x, y),
            xytext=(4, 5 if number % 2 else -9),
            textcoords="offset points",
            fontsize=7.5,
            color=BLUE,
            parse_math=False,
        )
    for text, color, style in (
        ("the model", BLUE, "-"),
        ("shortest path (metric geodesic)", INK, "-"),
        ("straight in hidden states", ORANGE, "-"),
        ("straight in probabilities", GREEN, (0, (4, 2))),
    ):
        axes.plot([], [], color=color, linestyle=style, label=text)
    axes.legend(frameon=False, fontsize=8, loc="upper left", bbox_to_anchor=(1.0, 1.0))
    axes.axhline(0, color=MUTED, linewidth=0.4)
    axes.set_ylim(-0.12, max(3.3, float(stretch.path[:, 1].max()) * 1.08))
    axes.set_xlabel("distance along the shortest path")
    axes.set_ylabel("distance off it")
    return figure
