"""The gauge symmetries of a model, for people: what was found, in words, as data and as a picture.

A model of another family than those of `numeric.symmetry` gets no number, only what holds for
its kind of architecture, marked as not checked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from matplotlib.figure import Figure

from bridge.gauge_statements import STATEMENTS
from bridge.other_families import hindrances, usual
from bridge.report.files import writable_folder
from bridge.report.plotting import BLUE, INK, MUTED, ORANGE, Picture, blank, note, save
from numeric.language_model import LanguageModel
from numeric.symmetry import (
    Examination,
    UnknownSymmetry,
    architecture,
    examine,
    gauge_dimension,
    logits,
    parameters,
    stacked,
)
from numeric.symmetry.architecture import Architecture
from numeric.symmetry.examination import STILL, VISIBLE, Step


@dataclass(frozen=True)
class Gauge:
    """What is known of a model's symmetries; `why_not` says why nothing was counted, `hindrances`
    what the model has that changes which of the `usual` symmetries hold."""

    model: str
    architecture: Architecture | None
    found: Examination | None
    dimension: int | None
    probabilities: int | None
    parameters: int | None
    positions: int
    own_logits: float | None
    why_not: str | None
    hindrances: tuple[str, ...] = ()
    usual: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        """0 all holds, 1 an identity is broken, 3 nothing worse than not known."""
        if self.found is None:
            return 3
        return 1 if self.found.broken else 3 if self.found.unseen else 0


def gauge(
    model: LanguageModel,
    text: str,
    *,
    positions: int = 12,
    seed: int = 0,
    curvature: bool = True,
    step: Step | None = None,
) -> Gauge:
    """Count and try the symmetries of a model on the first `positions` tokens of a text.

    `own_logits` is how far transformers' logits lie from ours in float64: its rounding.
    """
    config = getattr(getattr(model, "model", None), "config", None)
    if config is None:
        return _unknown(model, f"{model.name} is no transformer")
    try:
        arch = architecture(config.to_dict())
        weights = {n: w.cpu() for n, w in stacked(arch, _state(model)).items()}
    except UnknownSymmetry as unknown:
        return _unknown(model, str(unknown), config.to_dict())
    ids = model.encode(text, at_least=2)[:positions]
    own = model.logits(ids).double().cpu()
    known = torch.tensor(ids)
    apart = float((logits(arch, weights, known) - own).abs().max())
    found = examine(arch, weights, known, seed=seed, curvature=curvature, step=step)
    return Gauge(
        model.name,
        arch,
        found,
        gauge_dimension(arch),
        gauge_dimension(arch, probabilities=True),
        parameters(arch),
        len(ids),
        apart,
        None,
    )


def _unknown(model: LanguageModel, why: str, config: dict[str, Any] | None = None) -> Gauge:
    has: tuple[str, ...] = ()
    known: tuple[str, ...] = ()
    if config is not None:
        state = _state(model)
        has, known = hindrances(config, state), usual(config, state)
    return Gauge(model.name, None, None, None, None, None, 0, None, why, has, known)


def _state(model: LanguageModel) -> dict[str, torch.Tensor]:
    return model.model.state_dict()  # type: ignore[attr-defined]


def as_json(found: Gauge) -> dict[str, Any]:
    """Plain data: sizes, dimension by kind, deviations, near misses, identities."""
    data = asdict(found) | {"exit_code": found.exit_code}
    if found.found is None:
        return data | {"usual_but_not_checked": list(found.usual)}
    theory = {one.name: STATEMENTS[one.name] for one in found.found.symmetries}
    return data | {
        "broken": found.found.broken,
        "not_seen": found.found.unseen,
        "statements": theory,
    }


def as_text(found: Gauge) -> str:
    """The same as tables for a terminal."""
    if found.found is None:
        parts = [f"{found.model}: gauge dimension not known\n{found.why_not}"]
        if found.hindrances:
            parts += ["what it has that changes them:", _listed(found.hindrances)]
        if found.usual:
            parts += ["usual for such models, and not checked on this one:", _listed(found.usual)]
        return "\n".join(parts)
    arch, seen = found.architecture, found.found
    assert arch is not None and found.dimension is not None and found.parameters is not None
    share = 100 * found.dimension / found.parameters
    head = (
        f"{found.model}: {arch.family} family, {arch.layers} layers, width {arch.width}, "
        f"{arch.heads} heads in {arch.groups} groups, head {'tied' if arch.tied else 'untied'}\n"
        f"gauge dimension {found.dimension:,} of {found.parameters:,} weights ({share:.4f} %)"
    )
    if found.probabilities != found.dimension:
        head += f"; {found.probabilities:,} where only probabilities count"
    special = sum(one.dimension for one in seen.symmetries if one.at_this_point)
    if special:
        head += f"\n{special:,} more at these weights, whose final gains are partly equal"
    lines = [
        head,
        "",
        f"random elements in all layers at once, {found.positions} positions, float64:",
        f"  {'symmetry':<44}{'dimension':>10}{'weights':>9}{'logits':>9}{'Ward':>9}",
    ]
    for one in seen.symmetries:
        size = "discrete" if one.ward is None else f"{one.dimension:,}"
        ward = "" if one.ward is None else f"{one.ward:.0e}"
        star = " *" if one.keeps == "probabilities" else ""
        lines.append(
            f"  {one.name + star:<44}{size:>10}{one.moved:>9.2f}{one.deviation:>9.0e}{ward:>9}"
        )
    lines += [f"  {'all of these, one after another':<44}{'':>19}{seen.together:>9.0e}"]
    if any(one.keeps == "probabilities" for one in seen.symmetries):
        lines.append("  * keeps log-probabilities")
    lines += ["", "near misses, which must move logits:"]
    lines += [f"  {one.name:<63}{one.deviation:>9.1e}" for one in seen.controls]
    broken = seen.anomaly
    lines += [
        "",
        f"scale of the residual stream: weights {broken.weights:+.6e}, "
        f"epsilon {broken.epsilon:+.6e}; together {abs(broken.weights + broken.epsilon):.0e}",
    ]
    if seen.hessian is not None:
        lines.append(f"Hessian identity: {seen.hessian.residual:.0e} of {seen.hessian.scale:.1e}")
    lines.append(
        f"logits up to {seen.largest_logit:.1f}; transformers' own differ by "
        f"{found.own_logits:.0e}, their rounding"
    )
    lines += [f"BROKEN: {name}" for name in seen.broken]
    lines += [f"NOT SEEN, too small here: {name}" for name in seen.unseen]
    return "\n".join(lines)


def _listed(lines: Sequence[str]) -> str:
    return "\n".join(f"  - {line}" for line in lines)


def write_picture(found: Gauge, folder: str | Path) -> Path:
    """Write gauge.svg and gauge.pdf into a folder and return the path of the first.

    Raises:
        ValueError: Nothing was tried on this model.
    """
    if found.found is None:
        raise ValueError(f"nothing to draw: {found.why_not}")
    place = writable_folder(folder)
    save(_picture(found), place)
    return place / "gauge.svg"


def _picture(found: Gauge) -> Picture:
    seen = found.found
    assert seen is not None
    worst = max(one.deviation for one in seen.symmetries)
    least = min(one.deviation for one in seen.controls)
    title = (
        f"{Path(found.model).name}: symmetries move no logit by more than {worst:.0e}, "
        f"near misses all by {least:.0e} or more"
    )
    rows = "; ".join(f"{one.name} {one.deviation:.0e}" for one in seen.symmetries)
    misses = "; ".join(f"{one.name} {one.deviation:.0e}" for one in seen.controls)
    alt = f"{title}. Symmetries: {rows}. Near misses: {misses}."
    caption = "Largest change of a logit under a random element in all layers at once, float64."
    return Picture("gauge", title, caption, alt, lambda: _draw(seen, title))


def _draw(seen: Examination, title: str) -> Figure:
    kinds = [
        (_labelled(one.name, one.dimension), one.deviation, BLUE, "o") for one in seen.symmetries
    ]
    misses = [(one.name, one.deviation, ORANGE, "D") for one in seen.controls]
    rows = kinds + misses
    figure, (axes,) = blank(0.9 + 0.21 * len(rows))
    floor = 1e-17  # where an exact zero is drawn
    for y, (_, value, color, marker) in enumerate(rows):
        axes.plot([floor, max(value, floor)], [y, y], color=color, linewidth=0.8, alpha=0.5)
        axes.plot(max(value, floor), y, marker, color=color, markersize=5)
    axes.set_xscale("log")
    axes.set_xlim(floor, 1e3)
    ticks = [10.0**power for power in range(-16, 4, 3)]
    axes.set_xticks(ticks, [f"{tick:.0e}" for tick in ticks])
    axes.minorticks_off()
    axes.set_yticks(range(len(rows)), [name for name, *_ in rows])
    axes.set_ylim(len(rows) - 0.4, -0.9)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x")
    axes.axhline(len(kinds) - 0.5, color=MUTED, linewidth=0.6)
    for bar in (STILL, VISIBLE):
        axes.axvline(bar, color=INK, linewidth=0.8, linestyle=(0, (4, 3)))
    note(axes, "no symmetry beyond", (STILL, -0.55), ha="right", color=MUTED)
    note(axes, "every near miss beyond", (VISIBLE, -0.55), ha="right", color=MUTED)
    axes.set_xlabel("largest change of a logit (or log-probability)")
    figure.suptitle(title, x=0.01, ha="left", fontsize=8.5)
    return figure


def _labelled(name: str, dimension: int) -> str:
    return f"{name} ({dimension:,})" if dimension else name
