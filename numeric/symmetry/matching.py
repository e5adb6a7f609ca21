"""Elements of symmetries that take one network to another, found from what no gauge moves."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from numeric.symmetry.architecture import Architecture
from numeric.symmetry.layout import Weights


def finders(arch: Architecture) -> dict[str, Callable[[Weights, Weights], Tensor | None]]:
    """What finds the element of each kind, in this order; None where nothing fits.

    It is given the weights of two networks with the same residual stream, in their normal form.
    """
    attention = {"order of heads": _heads, "values and outputs": _values}
    if arch.family == "gpt2":
        return attention | {"queries and keys": _queries, "order of units": _units}
    return attention | {
        "queries and keys under rotary positions": _planes,
        "order of units": _units,
        "scales of gated units": _scales,
    }


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
    name = "gate" if "gate" in own else "up"
    return _matched(own[name], other[name])


def _matched(own: Tensor, other: Tensor) -> Tensor | None:
    """For each row of `other` (L, n, m) the nearest of `own`; None unless it is one-to-one."""
    order = torch.stack(
        [torch.cdist(rows, seen).argmin(-1) for rows, seen in zip(other, own, strict=True)]
    )
    everyone = torch.arange(order.shape[-1])
    return order if bool((order.sort(-1).values == everyone).all()) else None


def _values(own: Weights, other: Weights) -> Tensor:
    return torch.linalg.lstsq(own["value"].mT, other["value"].mT).solution.mT


def _queries(own: Weights, other: Weights) -> Tensor:
    return torch.linalg.lstsq(own["key"].mT, other["key"].mT).solution.mT


def _planes(own: Weights, other: Weights) -> Tensor:
    """The complex number of each plane by which keys differ."""
    here, there = (torch.complex(*weights["key"].chunk(2, dim=-2)) for weights in (own, other))
    number = (here.conj() * there).sum(-1) / (here.conj() * here).sum(-1)
    return torch.view_as_real(number)


def _scales(own: Weights, other: Weights) -> Tensor:
    return (own["up"] * other["up"]).sum(-1) / (own["up"] ** 2).sum(-1)
