"""The pictures of a report, in the order in which they are read."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from pathlib import Path

from bridge.report.figure_distribution import distribution_picture
from bridge.report.figure_entropy import entropy_picture
from bridge.report.figure_residual import Residual, residual_picture
from bridge.report.figure_temperature import balance_picture, capacity_picture
from bridge.report.plotting import Picture, save
from bridge.report.readings import Readings
from bridge.sample import Sample


def pictures(sample: Sample, readings: Readings, residuals: Sequence[Residual]) -> list[Picture]:
    """Entropy along the text, C(T), F = U - TS, distributions, residuals."""
    return [
        entropy_picture(sample, readings),
        capacity_picture(sample, readings),
        balance_picture(sample, readings),
        distribution_picture(readings),
        residual_picture(residuals),
    ]


def draw_all(
    shown: Sequence[Picture], folder: Path, done: Callable[[int], None] = lambda number: None
) -> dict[str, str]:
    """Write every picture as SVG and PDF; its SVG for a page by name."""
    folder.mkdir(exist_ok=True)
    drawn = {}
    with warnings.catch_warnings():
        # A script that the font lacks is still right in the SVG, which names letters.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        for number, picture in enumerate(shown, start=1):
            drawn[picture.name] = save(picture, folder)
            done(number)
    return drawn
