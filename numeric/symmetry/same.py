"""Are two checkpoints one model? The transformation between them, found and applied.

Both are brought to a normal form. Then the turn of the residual stream is found from the
embeddings, heads and units by what no gauge moves, matrices and scales by least squares. What is
found is applied and compared.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from numeric.errors import InputError, ModelError
from numeric.language_model import LanguageModel
from numeric.symmetry.action import signs
from numeric.symmetry.architecture import Architecture, architecture
from numeric.symmetry.examination import largest
from numeric.symmetry.kinds import symmetries
from numeric.symmetry.layout import Weights, stacked
from numeric.symmetry.matching import finders
from numeric.symmetry.normal import Steps, normal, undone
from numeric.symmetry.stream import turned_coordinates

COORDINATES = "coordinates"  # the step that turns the residual stream

STORED, COMPUTED = 2, 16  # roundings: of the weights as stored, of what computed them in float32
OWN = 1e-11  # what our own float64 may add


@dataclass(frozen=True)
class Transformation:
    """Elements of the symmetries that take one model to another, to be applied in this order.

    Each comes with the name of its kind, or with "coordinates": that one is a matrix (d, d), which
    turns the residual stream where all gains but a tied head's are one, and all shifts zero.
    """

    steps: Steps

    def act(self, arch: Architecture, weights: Weights) -> Weights:
        """The weights of the other model from those of the first."""
        kinds = {one.name: one for one in symmetries(arch)}
        for name, element in self.steps:
            if name == COORDINATES:
                weights = _turned(arch, weights, element)
            else:
                weights = kinds[name].act(weights, element)
        return weights


@dataclass(frozen=True)
class Sameness:
    """Whether two models are one up to gauge; true only with the transformation that shows it.

    `difference` is the largest difference of weights after it, in their normal form, relative to
    the largest weight of the row (of the unit, where units write), or to the largest term where
    terms cancel; `where` names the kind of weight, or what could not be matched. `tolerance` is
    what was allowed.
    """

    transformation: Transformation | None
    difference: float
    where: str
    tolerance: float

    def __bool__(self) -> bool:
        """Whether a transformation was found that takes one to the other."""
        return self.transformation is not None


def same_model(a: LanguageModel, b: LanguageModel, *, tolerance: float | None = None) -> Sameness:
    """Whether two transformers of either family are equal up to gauge, and how.

    Without a `tolerance` weights may differ by what rounding to the coarser dtype does: a smaller
    change than that cannot be told from it.

    Raises:
        ModelError: One is no transformer, or of another family.
        InputError: As for `same_weights`.
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
        InputError: A gain is zero, or embeddings have no full rank: the stream cannot be found.
            Or shifts before a head that is not tied sum to zero over the gains.
    """
    kinds = {one.name: one for one in symmetries(arch)}
    (there, first), (back, last) = normal(arch, own), normal(arch, other)
    turn = _stream(arch, there, back)
    if largest(turn - turn.round()) <= tolerance:
        turn = turn.round()  # a signed permutation, free of rounding
    apart, where = _kept(arch, turn, there, back)
    if not apart <= tolerance:
        return Sameness(None, apart, where, tolerance)
    there = _turned(arch, there, turn)
    steps = [*first, (COORDINATES, turn)]
    for name, find in finders(arch).items():
        element = find(there, back)
        if element is None:
            return Sameness(None, float("inf"), f"{name}: no one-to-one match", tolerance)
        steps.append((name, element))
        try:
            there = kinds[name].act(there, element)
        except InputError:
            why = f"{name}: only a singular element would do"
            return Sameness(None, float("inf"), why, tolerance)
    change = Transformation((*steps, *undone(last)))
    reached, terms = _with_terms(arch, own, lambda w: normal(arch, change.act(arch, w))[0])
    _, others = _with_terms(arch, other, lambda w: normal(arch, w)[0])
    differences = {name: _apart(name, reached, back, (terms, others)) for name in back}
    worst = max(differences, key=lambda name: differences[name])
    held = differences[worst] <= tolerance
    return Sameness(change if held else None, differences[worst], worst, tolerance)


def _with_terms(
    arch: Architecture, weights: Weights, form: Callable[[Weights], Weights]
) -> tuple[Weights, Weights]:
    """A form of the weights, and how large the terms are that its entries are made of.

    What cancels between them is seen by a change of all weights, each by a random sign times one
    part in a million. Nothing cancels where elements only multiply: then there are no terms.
    """
    found = form(weights)
    if "output_bias" not in weights:
        return found, {}
    generator = torch.Generator().manual_seed(0)
    shaken = {n: w * (1 + 1e-6 * signs(*w.shape)(generator)) for n, w in weights.items()}
    return found, {n: (w - found[n]) * 1e6 for n, w in form(shaken).items()}


def _apart(name: str, reached: Weights, other: Weights, terms: Sequence[Weights]) -> float:
    """The largest difference in a row of one kind of weight, in a column of `down`, relative to
    the largest entry or term there."""
    rows = [other[name], *(one[name] for one in terms if one)]
    size = torch.stack([row.abs() for row in rows]).amax(0)
    if size.ndim:
        size = size.amax(-2 if name == "down" else -1, keepdim=True)
    apart = (reached[name] - other[name]).abs()
    return largest(apart / size.clamp_min(torch.finfo(size.dtype).tiny))


def _stream(arch: Architecture, own: Weights, other: Weights) -> Tensor:
    """The orthogonal matrix that takes one embedding nearest to the other (Procrustes)."""
    product = own["embedding"].T @ other["embedding"]
    if arch.family == "gpt2" and not arch.tied:
        # Without means, embeddings say nothing of the direction of the mean, which is kept.
        product = product + torch.linalg.matrix_norm(product) / arch.width
    left, size, right = torch.linalg.svd(product)
    if not bool(size[-1] > len(size) * torch.finfo(size.dtype).eps * size[0]):
        raise InputError("expected embeddings of full rank, so that their turn is unique")
    return (left @ right).T


def _kept(arch: Architecture, turn: Tensor, own: Weights, other: Weights) -> tuple[float, str]:
    """How far the turn is from one that norms and a tied head allow, and which of them forbids."""
    found = {}
    if arch.family == "gpt2":
        mean = turn.sum(-1)
        found["means of coordinates"] = largest(mean - mean.mean().sign())
    if arch.tied:
        moved = turn * own["final_gain"] @ turn.T
        gain = other["final_gain"]
        found["final gains"] = largest(moved - gain.diag()) / largest(gain)
    worst = max(found, key=lambda name: found[name], default="")
    return found.get(worst, 0.0), f"{worst} under the turn of the embeddings"


def _turned(arch: Architecture, weights: Weights, turn: Tensor) -> Weights:
    """The stream turned where all gains but a tied head's are one; that one's goes along."""
    turned = turned_coordinates(weights, turn)
    if arch.tied:
        turned["final_gain"] = (turn * turn) @ weights["final_gain"]
        if arch.family == "gpt2":
            turned["final_shift"] = turn @ weights["final_shift"]
    return turned
