"""A normal form of weights: what scales and translations can take away is taken away.

Gains become one, shifts and free biases zero; behind a LayerNorm rows that read have no mean, nor
what is written, nor positions over one another. A tied head keeps its gains and its shift.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from numeric.symmetry.architecture import Architecture
from numeric.symmetry.kinds import symmetries
from numeric.symmetry.layout import Weights

Steps = tuple[tuple[str, Tensor], ...]
"""Elements of symmetries, by the names of their kinds, to be applied in this order."""


def normal(arch: Architecture, weights: Weights) -> tuple[Weights, Steps]:
    """The normal form and the elements that lead to it.

    Raises:
        InputError: A gain is zero, so that it cannot be moved.
    """
    kinds = {one.name: one for one in symmetries(arch)}
    steps = []
    for name, element in (_gpt2 if arch.family == "gpt2" else _llama)(arch).items():
        steps.append((name, element(weights)))
        weights = kinds[name].act(weights, steps[-1][1])
    return weights, tuple(steps)


def undone(steps: Sequence[tuple[str, Tensor]]) -> Steps:
    """The elements that lead back: reciprocal gains and opposite translations, the last first."""
    return tuple(
        (name, 1 / element if name.startswith("gains") else -element)
        for name, element in reversed(steps)
    )


Elements = dict[str, Callable[[Weights], Tensor]]


def _gains(arch: Architecture) -> Elements:
    found: Elements = {
        "gains before attention": lambda w: 1 / w["attention_gain"],
        "gains before units": lambda w: 1 / w["mlp_gain"],
    }
    return found if arch.tied else found | {"gains before the head": lambda w: 1 / w["final_gain"]}


def _llama(arch: Architecture) -> Elements:
    free = "output_bias" in arch.biases
    return _gains(arch) | ({"biases of values": lambda w: -w["value_bias"]} if free else {})


def _gpt2(arch: Architecture) -> Elements:
    found = _gains(arch) | {
        "shifts before attention": lambda w: -w["attention_shift"],
        "shifts before units": lambda w: -w["mlp_shift"],
        "centers of what attention reads": lambda w: -_attention_means(w),
        "centers of what units read": lambda w: -w["up"].mean(-1),
        "biases of keys": lambda w: -w["key_bias"],
        "biases of values": lambda w: -w["value_bias"],
        "means of what is written": lambda w: -_written_means(w),
        "means of positions": lambda w: -w["positions"].mean(-1),
    }
    if arch.tied:
        return found
    return found | {
        "shift before the head": lambda w: 1 - w["final_shift"],  # zero it cannot be
        "means of embeddings": lambda w: -w["embedding"].mean(-1),
        "vector from positions to tokens": lambda w: w["positions"].mean(0),
    }


def _attention_means(weights: Weights) -> Tensor:
    means = [
        weights["query"].mean(-1)[:, :, 0],
        weights["key"].mean(-1),
        weights["value"].mean(-1),
    ]
    return torch.stack(means, dim=2)


def _written_means(weights: Weights) -> Tensor:
    biases = [weights[name].mean(-1, keepdim=True) for name in ("output_bias", "down_bias")]
    return torch.cat([weights["output"].mean(3).flatten(1), weights["down"].mean(1), *biases], -1)
