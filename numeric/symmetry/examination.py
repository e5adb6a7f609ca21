"""Symmetries tried on a network: how far logits move, what its derivatives say, near misses."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from numeric.symmetry.action import Symmetry
from numeric.symmetry.architecture import Architecture
from numeric.symmetry.forward import logits
from numeric.symmetry.identities import Anomaly, Hessian, anomaly, gradients, hessian, ward
from numeric.symmetry.kinds import controls, symmetries
from numeric.symmetry.layout import Weights
from numeric.symmetry.stream import equal_gains, stream_scale

STILL = 1e-11  # no logit moves by more under a symmetry, in float64
VISIBLE = 1e-3  # some logit moves by more under a near miss
WARD = 1e-13
HESSIAN = 1e-11

Step = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Tried:
    """A symmetry tried with a random element in all layers.

    `deviation` is the largest change of a logit (of a log-probability where it `keeps` those),
    `moved` the relative change of the weights, `composition` the largest difference of weights
    between two elements one after the other and their product, relative to the largest weight.
    `ward` and `ward_scale` are None for discrete groups.
    """

    name: str
    group: str
    dimension: int
    keeps: str
    at_this_point: bool
    deviation: float
    moved: float
    composition: float
    ward: float | None
    ward_scale: float | None


@dataclass(frozen=True)
class Seen:
    """A near miss tried: the largest change of a logit or log-probability."""

    name: str
    instead_of: str
    deviation: float


@dataclass(frozen=True)
class Examination:
    """What was found about a network's symmetries; `together` is all kinds one after another."""

    symmetries: tuple[Tried, ...]
    controls: tuple[Seen, ...]
    together: float
    anomaly: Anomaly
    hessian: Hessian | None
    largest_logit: float

    @property
    def broken(self) -> list[str]:
        """Identities that do not hold within float64."""
        found = [one.name for one in self.symmetries if not one.deviation <= STILL]
        found += [f"{o.name} (Ward)" for o in self.symmetries if o.ward and not o.ward <= WARD]
        found += ["all together"] if not self.together <= STILL else []
        held = self.hessian is None or self.hessian.residual <= HESSIAN
        return found if held else [*found, "Hessian identity"]

    @property
    def unseen(self) -> list[str]:
        """Near misses that moved nothing visibly, so that they tell nothing apart."""
        return [one.name for one in self.controls if not one.deviation > VISIBLE]


def examine(
    arch: Architecture,
    weights: Weights,
    ids: Tensor,
    *,
    seed: int = 0,
    curvature: bool = True,
    step: Step | None = None,
) -> Examination:
    """Try every symmetry and every near miss on the logits of ids (n,), n >= 2.

    `curvature` asks for the Hessian identity as well, which takes longest.
    """
    generator = torch.Generator().manual_seed(seed)
    before = logits(arch, weights, ids)
    special = equal_gains(arch, weights)
    kinds = symmetries(arch) + ([] if special is None else [special])
    misses = controls(arch)
    count = len(kinds) + len(misses) + 2 + curvature
    done = 0

    def tell(what: str) -> None:
        nonlocal done
        if step is not None:
            step("symmetries", done, count)
        done += 1

    tell("gradient")
    gradient = gradients(arch, weights, ids)

    def deviation(moved: Weights, keeps: str) -> float:
        after = logits(arch, moved, ids)
        if keeps == "logits":
            return largest(after - before)
        return largest(after.log_softmax(-1) - before.log_softmax(-1))

    tried, all_moved = [], weights
    for kind in kinds:
        tell(kind.name)
        tried.append(_tried(kind, weights, gradient, generator, deviation))
        if kind.keeps == "logits" and not kind.at_this_point:
            all_moved = kind.act(all_moved, kind.draw(generator))
    tell("together")
    together = deviation(all_moved, "logits")
    del all_moved
    seen = []
    for miss in misses:
        tell(miss.name)
        moved = miss.act(weights, miss.draw(generator))
        seen.append(Seen(miss.name, miss.instead_of, deviation(moved, miss.keeps)))
    found = None
    if curvature:
        tell("Hessian")
        found = hessian(arch, weights, ids, _curved(kinds), generator)
    if step is not None:
        step("symmetries", count, count)
    broken = anomaly(stream_scale(arch), weights, gradient)
    return Examination(tuple(tried), tuple(seen), together, broken, found, largest(before))


def _curved(kinds: Sequence[Symmetry]) -> list[Symmetry]:
    """Kinds of which the Hessian identity is asked: all that leave epsilon alone."""
    return [kind for kind in kinds if kind.near is not None and "epsilon" not in kind.name]


def _tried(kind: Symmetry, weights: Weights, gradient: Weights, generator, deviation) -> Tried:
    first, second = kind.draw(generator), kind.draw(generator)
    once = kind.act(weights, first)
    far = deviation(once, kind.keeps)
    names = [name for name in weights if once[name] is not weights[name]]
    change = sum(float(((once[name] - weights[name]) ** 2).sum()) for name in names)
    size = sum(float((value**2).sum()) for value in weights.values())
    twice = kind.act(once, second)
    joint = kind.act(weights, kind.compose(second, first))
    apart = max(largest(twice[n] - joint[n]) / max(largest(joint[n]), 1e-300) for n in names)
    identity = None if kind.near is None else ward(kind, weights, gradient)
    return Tried(
        kind.name,
        kind.group,
        kind.dimension,
        kind.keeps,
        kind.at_this_point,
        far,
        math.sqrt(change / size),
        apart,
        None if identity is None else identity.residual,
        None if identity is None else identity.scale,
    )


def largest(values: Tensor) -> float:
    """The largest absolute value; NaN where one is."""
    return float(values.abs().max())
