"""Symmetries that both families have: gains, values and outputs, heads, units, the head."""

from __future__ import annotations

import torch
from torch import Generator, Tensor

from numeric.symmetry.action import (
    Act,
    Control,
    Symmetry,
    after,
    changed,
    counting,
    general_matrices,
    inverse,
    invertible,
    matrices,
    normal,
    permutations,
    product,
    signed_scales,
    total,
)
from numeric.symmetry.architecture import Architecture
from numeric.symmetry.layout import Weights
from numeric.symmetry.stream import scaled_stream


def gains(arch: Architecture, norm: str) -> Symmetry:
    """Gains of the norms before attention ("attention") or before the units ("mlp")."""
    shape = (arch.layers, arch.width)
    return Symmetry(
        f"gains before {'attention' if norm == 'attention' else 'units'}",
        "(R*)^d a layer",
        arch.layers * arch.width,
        torch.ones(shape, dtype=torch.float64),
        lambda weights, s: _scaled_gains(weights, invertible(s), norm),
        signed_scales(*shape),
        product,
        near=lambda x: 1 + x,
        linear=True,
    )


def _scaled_gains(weights: Weights, s: Tensor, norm: str) -> Weights:
    gain, shift = f"{norm}_gain", f"{norm}_shift"
    new = {gain: weights[gain] * s} | ({shift: weights[shift] * s} if shift in weights else {})
    for name in reads(weights, norm):
        axes = weights[name].ndim - 2
        new[name] = weights[name] / s.reshape(s.shape[0], *(1,) * axes, s.shape[1])
    return changed(weights, **new)


def reads(weights: Weights, norm: str) -> list[str]:
    """The weights that read what a norm gives."""
    names = ("query", "key", "value") if norm == "attention" else ("gate", "up")
    return [name for name in names if name in weights]


def values(arch: Architecture) -> Symmetry:
    """Values and outputs of attention, one matrix for each group of heads."""
    shape = (arch.layers, arch.groups, arch.head_size, arch.head_size)
    return Symmetry(
        "values and outputs",
        "GL(h) a group of heads",
        torch.Size(shape).numel(),
        torch.eye(arch.head_size, dtype=torch.float64).expand(shape),
        _turned_values,
        general_matrices(*shape),
        matrices,
        near=lambda x: torch.eye(arch.head_size, dtype=torch.float64) + x,
        linear=True,
    )


def _turned_values(weights: Weights, turn: Tensor) -> Weights:
    return turned_values(weights, turn, inverse(turn))


def turned_values(weights: Weights, turn: Tensor, back: Tensor) -> Weights:
    """Values by `turn`, outputs by `back`: a symmetry where one is the inverse of the other."""
    new = {"value": turn @ weights["value"], "output": weights["output"] @ back[:, :, None]}
    if "value_bias" in weights:
        new["value_bias"] = torch.einsum("lkij,lkj->lki", turn, weights["value_bias"])
    return changed(weights, **new)


def unit_permutation(arch: Architecture) -> Symmetry:
    """Units of a layer in another order."""
    shape = (arch.layers, arch.units)
    return Symmetry(
        "order of units",
        "S_f a layer",
        0,
        counting(*shape),
        permuted_units,
        permutations(*shape),
        after,
    )


def permuted_units(weights: Weights, order: Tensor) -> Weights:
    """Unit n becomes what unit order[n] was."""
    layer = torch.arange(len(order))[:, None]
    new = {
        name: weights[name][layer, order]
        for name in ("gate", "up", "gate_bias", "up_bias")
        if name in weights
    }
    down = weights["down"].transpose(1, 2)[layer, order].transpose(1, 2)
    return changed(weights, down=down, **new)


def head_permutation(arch: Architecture) -> Symmetry:
    """Groups of heads, and query heads in a group, in another order; (L, K r) numbers of heads."""
    shape = (arch.layers, arch.groups, arch.shared)

    def draw(generator: Generator) -> Tensor:
        groups = permutations(*shape[:2])(generator)[:, :, None]
        return (groups * arch.shared + permutations(*shape)(generator)).flatten(1)

    return Symmetry(
        "order of heads",
        "S_r wr S_K a layer",
        0,
        counting(arch.layers, arch.heads),
        lambda weights, order: permuted_heads(weights, order, arch.shared),
        draw,
        after,
    )


def permuted_heads(weights: Weights, order: Tensor, shared: int) -> Weights:
    """Query head n becomes what head order[n] was, its key and value with it."""
    layer = torch.arange(len(order))[:, None]
    new = {}
    for name in ("query", "query_bias", "output"):
        if name in weights:
            old = weights[name]
            new[name] = old.flatten(1, 2)[layer, order].reshape(old.shape)
    groups = order[:, ::shared] // shared
    for name in ("key", "value", "key_bias", "value_bias"):
        if name in weights:
            new[name] = weights[name][layer, groups]
    return changed(weights, **new)


def translation(name: str, act: Act, *shape: int) -> Symmetry:
    """A kind of translation of weights, by vectors of this shape."""
    return Symmetry(
        name,
        f"R^{shape[-1]}" if len(shape) == 1 else "R^n a layer",
        torch.Size(shape).numel(),
        torch.zeros(shape, dtype=torch.float64),
        act,
        normal(*shape, scale=0.3),
        total,
        near=lambda x: x,
    )


def value_biases(arch: Architecture) -> Symmetry:
    """Biases of values, taken back where the bias of what attention writes is a weight."""
    return translation("biases of values", _moved_values, arch.layers, arch.groups, arch.head_size)


def _moved_values(weights: Weights, delta: Tensor) -> Weights:
    """Weights of attention sum to one, so that the same vector is always written."""
    written = torch.einsum("lkrdh,lkh->ld", weights["output"], delta)
    return changed(
        weights,
        value_bias=weights["value_bias"] + delta,
        output_bias=weights["output_bias"] - written,
    )


def final_gains(arch: Architecture) -> Symmetry:
    """Gains before a head that is a matrix of its own."""
    return Symmetry(
        "gains before the head",
        "(R*)^d",
        arch.width,
        torch.ones(arch.width, dtype=torch.float64),
        _scaled_final,
        signed_scales(arch.width),
        product,
        near=lambda x: 1 + x,
        linear=True,
    )


def _scaled_final(weights: Weights, s: Tensor) -> Weights:
    invertible(s)
    new = {"head": weights["head"] / s, "final_gain": weights["final_gain"] * s}
    if "final_shift" in weights:
        new["final_shift"] = weights["final_shift"] * s
    return changed(weights, **new)


def head_shift(arch: Architecture) -> Symmetry:
    """One vector added to all rows of the head: all logits of a position shift alike."""
    return Symmetry(
        "shift of all rows of the head",
        "R^d",
        arch.width,
        torch.zeros(arch.width, dtype=torch.float64),
        shifted_head,
        normal(arch.width),
        total,
        near=lambda x: x,
        keeps="probabilities",
    )


def shifted_head(weights: Weights, shift: Tensor) -> Weights:
    """The rows by which logits are made, moved by one vector; where they are tied, both."""
    name = "head" if "head" in weights else "embedding"
    return changed(weights, **{name: weights[name] + shift})


def value_control(arch: Architecture) -> Control:
    """The near miss of turned values, in both families."""
    return Control(
        "outputs by the transpose instead of the inverse",
        "values and outputs",
        lambda weights, B: turned_values(weights, B, B.mT),
        general_matrices(arch.layers, arch.groups, arch.head_size, arch.head_size),
    )


def value_bias_control(arch: Architecture) -> Control:
    """The near miss of moved biases of values, in both families."""
    return Control(
        "biases of values, not taken back",
        "biases of values",
        lambda weights, b: changed(weights, value_bias=weights["value_bias"] + b),
        normal(arch.layers, arch.groups, arch.head_size),
    )


def unit_and_stream_controls(arch: Architecture) -> list[Control]:
    """The near misses of reordered units and of a scaled stream, in both families."""
    return [
        Control(
            "units reordered, outputs not",
            "order of units",
            lambda weights, n: permuted_units(weights, n) | {"down": weights["down"]},
            permutations(arch.layers, arch.units),
        ),
        Control(
            "scale of the residual stream, epsilon kept",
            "scale of the residual stream, with epsilon",
            scaled_stream,
            lambda g: torch.tensor(0.1, dtype=torch.float64),
        ),
    ]
