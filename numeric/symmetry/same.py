"""Are two checkpoints one model? The transformation between them, found and applied.

For the Llama family: the residual stream from the embeddings, heads and units by what no gauge
moves, then matrices and scales by least squares. What is found is applied and compared.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from numeric.errors import InputError, ModelError
from numeric.language_model import LanguageModel
from numeric.symmetry.architecture import Architecture, architecture
from numeric.symmetry.examination import largest
from numeric.symmetry.kinds import symmetries
from numeric.symmetry.layout import Weights, stacked
from numeric.symmetry.shared import turned_coordinates

STEPS = (
    "order of heads",
    "values and outputs",
    "queries and keys under rotary positions",
    "order of units",
    "scales of gated units",
)

STORED, COMPUTED = 2, 16  # roundings: of the weights as stored, of what computed them in float32
OWN = 1e-11  # what our own float64 may add


@dataclass(frozen=True)
class Transformation:
    """Elements of the symmetries that take one model to another, to be applied in this order.

    `unit_gains` make all gains one, `turn` (d, d) acts on the residual stream, `elements` by the
    names of their symmetries, `gains` are those of the other model.
    """

    unit_gains: dict[str, Tensor]
    turn: Tensor
    elements: dict[str, Tensor]
    gains: dict[str, Tensor]

    def act(self, arch: Architecture, weights: Weights) -> Weights:
        """The weights of the other model from those of the first."""
        kinds = {one.name: one for one in symmetries(arch)}
        for name, element in self.unit_gains.items():
            weights = kinds[name].act(weights, element)
        weights = _turned(arch, weights, self.turn)
        for name, element in (self.elements | self.gains).items():
            weights = kinds[name].act(weights, element)
        return weights


@dataclass(frozen=True)
class Sameness:
    """Whether two models are one up to gauge; true only with the transformation that shows it.

    `difference` is the largest difference of weights after it, relative to the largest weight of
    the row (of the unit, where units write), with gains in what reads them; `where` names the kind
    of weight, or what could not be matched. `tolerance` is what was allowed.
    """

    transformation: Transformation | None
    difference: float
    where: str
    tolerance: float

    def __bool__(self) -> bool:
        """Whether a transformation was found that takes one to the other."""
        return self.transformation is not None


def same_model(a: LanguageModel, b: LanguageModel, *, tolerance: float | None = None) -> Sameness:
    """Whether two transformers of the Llama family are equal up to gauge, and how.

    Without a `tolerance` weights may differ by what rounding to the coarser dtype does: a smaller
    change than that cannot be told from it.

    Raises:
        ModelError: One is no transformer, or of another family.
    """
    found = []
    for model in (a, b):
        inner: Any = getattr(model, "model", None)
        if not hasattr(inner, "config"):
            raise ModelError(f"expected a transformer, got {model.name}")
        arch = architecture(inner.config.to_dict())
        weights = {n: w.cpu() for n, w in stacked(arch, inner.state_dict()).items()}
        found.append((arch, weights))
    (first, own), (second, other) = found
    rounding = max(torch.finfo(model.dtype).eps for model in (a, b))
    arithmetic = COMPUTED * min(rounding, torch.finfo(torch.float32).eps)
    allowed = STORED * rounding + arithmetic + OWN if tolerance is None else tolerance
    if first != second:
        return Sameness(None, float("inf"), "sizes or constants of the architectures", allowed)
    return same_weights(first, own, other, allowed)


def same_weights(
    arch: Architecture, own: Weights, other: Weights, tolerance: float = 1e-12
) -> Sameness:
    """The same for weights in float64.

    Raises:
        ModelError: The architecture is not of the Llama family.
        InputError: A gain is zero, or embeddings have no full rank: the stream cannot be found.
    """
    if arch.family != "llama":
        raise ModelError("two models can be compared in the Llama family only, got GPT-2")
    kinds = {one.name: one for one in symmetries(arch)}
    unit_gains = {name: 1 / own[key] for name, key in _gains(arch).items()}
    gains = {name: other[key] for name, key in _gains(arch).items()}
    there, back = _with_unit_gains(arch, own), _with_unit_gains(arch, other)
    turn = _stream(own["embedding"], other["embedding"])
    if largest(turn - turn.round()) <= tolerance:
        turn = turn.round()  # a signed permutation, free of rounding
    if arch.tied:
        moved = turn * own["final_gain"] @ turn.T
        apart = largest(moved - other["final_gain"].diag()) / largest(other["final_gain"])
        if not apart <= tolerance:
            return Sameness(None, apart, "final gains under the turn of the embeddings", tolerance)
    there = _turned(arch, there, turn)
    elements: dict[str, Tensor] = {}
    for name, find in zip(STEPS, (_heads, _values, _planes, _units, _scales), strict=True):
        element = find(there, back)
        if element is None:
            return Sameness(None, float("inf"), f"{name}: no one-to-one match", tolerance)
        elements[name] = element
        try:
            there = kinds[name].act(there, element)
        except InputError:
            why = f"{name}: only a singular element would do"
            return Sameness(None, float("inf"), why, tolerance)
    change = Transformation(unit_gains, turn, elements, gains)
    apart = _apart(_with_unit_gains(arch, change.act(arch, own)), back)
    worst = max(apart, key=lambda name: apart[name])
    held = apart[worst] <= tolerance
    return Sameness(change if held else None, apart[worst], worst, tolerance)


def _gains(arch: Architecture) -> dict[str, str]:
    found = {
        "gains before attention": "attention_gain",
        "gains before units": "mlp_gain",
    }
    return found if arch.tied else found | {"gains before the head": "final_gain"}


def _with_unit_gains(arch: Architecture, weights: Weights) -> Weights:
    """The same model with all gains moved into what reads them, where that is possible."""
    kinds = {one.name: one for one in symmetries(arch)}
    for name, key in _gains(arch).items():
        weights = kinds[name].act(weights, 1 / weights[key])
    return weights


def _apart(reached: Weights, other: Weights) -> dict[str, float]:
    """The largest relative difference in a row of each kind of weight, in a column of `down`."""
    found = {}
    for name, there in other.items():
        size = there.abs()
        if there.ndim:
            size = size.amax(-2 if name == "down" else -1, keepdim=True)
        apart = (reached[name] - there).abs() / size.clamp_min(torch.finfo(size.dtype).tiny)
        found[name] = largest(apart)
    return found


def _stream(own: Tensor, other: Tensor) -> Tensor:
    """The orthogonal matrix that takes one embedding nearest to the other (Procrustes)."""
    left, size, right = torch.linalg.svd(own.T @ other)
    if not bool(size[-1] > len(size) * torch.finfo(size.dtype).eps * size[0]):
        raise InputError("expected embeddings of full rank, so that their turn is unique")
    return (left @ right).T


def _turned(arch: Architecture, weights: Weights, turn: Tensor) -> Weights:
    """The stream turned where all gains but a tied head's are one; that one's goes along."""
    turned = turned_coordinates(weights, turn)
    if arch.tied:
        turned["final_gain"] = (turn * turn) @ weights["final_gain"]
    return turned


def _heads(own: Weights, other: Weights) -> Tensor | None:
    """Query heads by a few entries of output times value, which no gauge moves."""
    marks = []
    generator = torch.Generator().manual_seed(0)
    width = own["output"].shape[3]
    left, right = torch.randn(2, width, 4, generator=generator, dtype=torch.float64)
    for weights in (own, other):
        read = weights["value"] @ right  # (L, K, h, 4)
        marks.append((left.T @ weights["output"] @ read[:, :, None]).flatten(3).flatten(1, 2))
    order = _matched(*marks)
    if order is None:
        return None
    groups = order.reshape(len(order), own["query"].shape[1], -1) // own["query"].shape[2]
    return order if bool((groups == groups[:, :, :1]).all()) else None


def _units(own: Weights, other: Weights) -> Tensor | None:
    return _matched(own["gate"], other["gate"])


def _matched(own: Tensor, other: Tensor) -> Tensor | None:
    """For each row of `other` (L, n, m) the nearest of `own`; None unless it is one-to-one."""
    order = torch.stack(
        [torch.cdist(rows, seen).argmin(-1) for rows, seen in zip(other, own, strict=True)]
    )
    everyone = torch.arange(order.shape[-1])
    return order if bool((order.sort(-1).values == everyone).all()) else None


def _values(own: Weights, other: Weights) -> Tensor:
    return torch.linalg.lstsq(own["value"].mT, other["value"].mT).solution.mT


def _planes(own: Weights, other: Weights) -> Tensor:
    """The complex number of each plane by which keys differ."""
    here, there = (torch.complex(*weights["key"].chunk(2, dim=-2)) for weights in (own, other))
    number = (here.conj() * there).sum(-1) / (here.conj() * here).sum(-1)
    return torch.view_as_real(number)


def _scales(own: Weights, other: Weights) -> Tensor:
    return (own["up"] * other["up"]).sum(-1) / (own["up"] ** 2).sum(-1)
