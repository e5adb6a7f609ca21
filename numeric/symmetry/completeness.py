"""Is that all? Directions in which no logit moves, counted by the Jacobian of a small network."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Generator, Tensor

from numeric.errors import InputError, PorismError
from numeric.symmetry.architecture import Architecture
from numeric.symmetry.forward import logits
from numeric.symmetry.layout import Weights, shapes

GAP = 1e6


class NoGap(PorismError):
    """The singular values fall without a gap, so that no rank can be told."""


@dataclass(frozen=True)
class Nullity:
    """Directions in which nothing moves, and how clearly: a ratio of singular values."""

    dimension: int
    gap: float


def nullity(
    arch: Architecture, weights: Weights, ids: Tensor, *, probabilities: bool = False
) -> Nullity:
    """The nullity of the Jacobian of all logits (or log-probabilities) of ids (..., n).

    Dense: for networks of a thousand weights. epsilon is a constant, no weight.

    Raises:
        InputError: There are fewer outputs than weights, so that the nullity says nothing.
        NoGap: No singular values lie further apart than a factor of a million.
    """
    names = [name for name in weights if name != "epsilon"]
    sizes = [weights[name].numel() for name in names]
    # Logits of a position vary in as many directions as the width, however many tokens there are.
    seen = ids.numel() * min(arch.vocabulary, arch.width)
    if seen < sum(sizes):
        raise InputError(
            f"expected tokens for at least {sum(sizes)} independent logits, got {seen}: "
            "give more tokens"
        )

    def outputs(flat: Tensor) -> Tensor:
        parts = zip(names, flat.split(sizes), strict=True)
        own = {name: part.reshape(weights[name].shape) for name, part in parts}
        rows = logits(arch, weights | own, ids)
        return (torch.log_softmax(rows, -1) if probabilities else rows).flatten()

    point = torch.cat([weights[name].flatten() for name in names])

    def column(direction: Tensor) -> Tensor:
        return torch.func.jvp(outputs, (point,), (direction,))[1]

    columns = torch.func.vmap(column, chunk_size=256)(torch.eye(len(point), dtype=point.dtype))
    return _nullity(torch.linalg.svdvals(columns))


def _nullity(sizes: Tensor) -> Nullity:
    """What lies below the widest gap; zeros are rounding at most."""
    floor = torch.finfo(sizes.dtype).eps * sizes[0]
    ratios = sizes[:-1] / sizes[1:].clamp_min(floor * 1e-3)
    last = int(ratios.argmax())
    gap = float(ratios[last])
    # Below the gap there is rounding only, above it none.
    if gap < GAP or sizes[last + 1] > len(sizes) * floor:
        raise NoGap(
            f"no rank can be told: the widest gap among {len(sizes)} singular values is "
            f"{gap:.1e}, expected {GAP:.0e}"
        )
    return Nullity(len(sizes) - last - 1, gap)


def random_weights(arch: Architecture, generator: Generator) -> Weights:
    """A generic point: weights of ordinary size, so that singular values spread little."""
    found = {}
    for name, shape in shapes(arch).items():
        if name == "epsilon":
            continue
        noise = torch.randn(shape, generator=generator, dtype=torch.float64)
        if name.endswith("gain"):
            found[name] = 1 + 0.3 * noise
        elif name in ("embedding", "positions", "head") or name.endswith(("bias", "shift")):
            found[name] = 0.7 * noise
        else:
            found[name] = noise / shape[-1] ** 0.5
    return found | {"epsilon": torch.tensor(arch.epsilon, dtype=torch.float64)}
