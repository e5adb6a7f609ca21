"""The page: what was found in words, and the figures, in one file without script."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
from markupsafe import Markup

from bridge.manifold.figure_capacity import peaks_picture
from bridge.manifold.figure_path import path_picture
from bridge.manifold.figure_plane import plane_picture
from bridge.manifold.figure_spectrum import spectrum_picture
from bridge.manifold.figure_text import text_picture
from bridge.manifold.readings import ManifoldReadings, as_json
from bridge.pages import templates
from bridge.report.figures import draw_all
from bridge.report.files import write_text
from bridge.report.plotting import Picture
from numeric.zeros import minimal_entropy


def pictures(found: ManifoldReadings) -> list[Picture]:
    """The figures in the order in which they are read; no path where there is none."""
    path = [] if found.stretch is None else [path_picture(found.stretch)]
    return [
        text_picture(found),
        plane_picture(found),
        peaks_picture(found),
        *path,
        spectrum_picture(found),
    ]


def write_page(
    found: ManifoldReadings, folder: Path, done: Callable[[int], None] = lambda number: None
) -> Path:
    """Write index.html, manifold.json and the figures to a folder; the path of the page."""
    shown = pictures(found)
    drawn = draw_all(shown, folder / "figures", done)
    html = (
        templates("bridge.manifold")
        .get_template("page.html")
        .render(
            found=found,
            sentences=sentences(found),
            figures=[(picture, Markup(drawn[picture.name])) for picture in shown],
        )
    )
    write_text(folder / "manifold.json", json.dumps(as_json(found), ensure_ascii=False))
    write_text(folder / "index.html", html)
    return folder / "index.html"


def sentences(found: ManifoldReadings) -> list[str]:
    """What was found, one sentence each."""
    features = found.features
    melting, share = features["melting_temperature"], features["peak_share"]
    said = [
        f"The head of {found.model} is a Boltzmann manifold of {found.dimension} dimensions over "
        f"{found.vocabulary_size:,} tokens: its map is softmax to {found.map_error:.0e} in "
        f"float64; the model's own float32 probabilities are {found.rounding:.0e} off either.",
        f"At {len(found)} positions S is {features['entropy'].mean():.2f} nats in the mean, C "
        f"{features['heat_capacity'].mean():.2f}, at most {features['heat_capacity'].max():.2f} "
        f"of the {found.bound:.2f} that so many tokens allow.",
    ]
    surest = int(features["entropy"].argmin())
    least = minimal_entropy(found.vocabulary_size, float(found.ranges[surest]))
    said.append(
        f"No prompt is a zero point of the entropy. The nearest has S = "
        f"{features['entropy'][surest]:.1e} nats; logits that range over "
        f"{found.ranges[surest]:.1f} as they do there cannot have less than {least:.1e}."
    )
    if np.isfinite(melting).any():
        said.append(
            f"The median melting temperature is {np.nanmedian(melting):.3g}, the median peak "
            f"{np.median(share):.0%} of the bound; at {np.mean(features['peaks'] > 1):.0%} of the "
            "positions heat capacity has more than one peak."
        )
    if found.stretch is not None:
        said.append(
            f"Over the text the model travels {found.length:.1f} on the simplex, "
            f"{found.steps.mean():.2f} a token, where two points are at most π apart."
        )
    if found.repeated:
        said.append(
            f"{sum(found.repeated)} rows of the head come in {len(found.repeated)} groups of "
            f"equal ones, up to {max(found.repeated)} alike: their logits "
            + (f"differ by {found.repeated_gap:.0e}." if found.repeated_gap else "are the same.")
        )
    if found.rank is not None:
        most = min(found.rank.bound, found.dimension)
        said.append(
            f"The centered log-probabilities of {found.rank.prompts} different prompts have rank "
            f"{found.rank.rank()}; {most} is the most that prompts and dimensions allow"
            + (
                f", and more than {found.dimension + 1} prompts would show its limit."
                if found.rank.bound < found.dimension
                else "."
            )
        )
    return said
