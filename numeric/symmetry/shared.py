"""Symmetries that both families have: gains, values and outputs, heads, units, residual stream."""

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
    rotations,
    signed_scales,
    total,
)
from numeric.symmetry.architecture import Architecture
from numeric.symmetry.layout import Weights


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


WRITTEN = ("embedding", "positions")  # rows of the residual stream
READ = ("query", "key", "value", "gate", "up")  # columns are


def signed_permutation(arch: Architecture) -> Symmetry:
    """Coordinates of the residual stream in another order, with other signs; a matrix (d, d).

    Behind a LayerNorm, which takes means over coordinates, only one sign for all is free.
    """

    def draw(generator: Generator) -> Tensor:
        count = arch.width if arch.family == "llama" else 1
        sign = signed_scales(count, wide=0.0)(generator)
        order = permutations(arch.width)(generator)
        return torch.eye(arch.width, dtype=torch.float64)[order] * sign

    return Symmetry(
        "signed order of coordinates" if arch.family == "llama" else "order of coordinates",
        "Z_2^d x S_d" if arch.family == "llama" else "Z_2 x S_d",
        0,
        torch.eye(arch.width, dtype=torch.float64),
        permuted_coordinates,
        draw,
        matrices,
    )


def permuted_coordinates(weights: Weights, turn: Tensor) -> Weights:
    """The residual stream by a signed permutation (d, d); gains go along without the signs."""
    new = _turned_stream(weights, turn)
    # After a norm, x^ becomes turn x^ and gain x^ + shift becomes turn (gain x^ + shift).
    for name in ("attention_gain", "mlp_gain", "final_gain"):
        new[name] = weights[name] @ turn.abs().T
    for name in ("attention_shift", "mlp_shift", "final_shift"):
        if name in weights:
            new[name] = weights[name] @ turn.T
    for name in (*READ, "head"):
        if name in weights:
            new[name] = weights[name] @ turn.T
    return changed(weights, **new)


def _turned_stream(weights: Weights, turn: Tensor) -> Weights:
    """What is written to the residual stream, turned."""
    new = {name: weights[name] @ turn.T for name in WRITTEN if name in weights}
    new |= {"output": turn @ weights["output"], "down": turn @ weights["down"]}
    for name in ("output_bias", "down_bias"):
        if name in weights:
            new[name] = weights[name] @ turn.T
    return new


def turned_coordinates(weights: Weights, turn: Tensor) -> Weights:
    """The residual stream by any orthogonal matrix (d, d), all gains kept.

    After a norm x^ becomes turn x^. What reads gain x^ + shift reads it through
    (1 / gain) turn^T gain; a tied head reads turn^T and keeps its gain, which is right where turn
    mixes coordinates of equal gain only. Behind a LayerNorm turn must keep the vector of ones.
    """
    new = _turned_stream(weights, turn)
    for norm, names in (("attention", READ[:3]), ("mlp", READ[3:]), ("final", ("head",))):
        gain, shift = weights[f"{norm}_gain"], f"{norm}_shift"
        if norm == "final" and "head" not in weights:
            continue
        invertible(gain)
        if shift in weights:
            new[shift] = (weights[shift] / gain) @ turn.T * gain
        for name in names:
            if name in weights:
                wide = gain.reshape(
                    *gain.shape[:-1], *(1,) * (weights[name].ndim - 1 - gain.ndim + 1), -1
                )
                new[name] = (weights[name] * wide) @ turn.T / wide
    return changed(weights, **new)


def coordinate_rotation(arch: Architecture) -> Symmetry:
    """Rotations of the residual stream, where the head is a matrix of its own."""
    d = arch.width
    fixed = 1 if arch.family == "gpt2" else 0  # the direction of the mean
    frame = _frame(d)
    free = d - fixed

    def embedded(turn: Tensor) -> Tensor:
        if not fixed:
            return turn
        one = torch.eye(1, dtype=torch.float64)
        return frame @ torch.block_diag(one, turn) @ frame.T

    return Symmetry(
        "rotations of coordinates",
        "O(d)" if not fixed else "O(d - 1)",
        free * (free - 1) // 2,
        torch.eye(free, dtype=torch.float64),
        lambda weights, turn: turned_coordinates(weights, embedded(turn)),
        rotations(free, free),
        matrices,
        near=lambda x: torch.eye(free, dtype=torch.float64) + (x - x.T) / 2,
        linear=not fixed,
    )


def _frame(d: int) -> Tensor:
    """An orthogonal matrix (d, d) whose first column is the vector of ones over its length."""
    basis = torch.eye(d, dtype=torch.float64)
    basis[:, 0] = 1
    frame, _ = torch.linalg.qr(basis)
    return frame


def equal_gains(arch: Architecture, weights: Weights) -> Symmetry | None:
    """Rotations among coordinates of equal final gain, where the head is tied; None without any.

    No formula of sizes knows it: a point of this kind has more symmetry than its neighbors.
    """
    gain = weights["final_gain"]
    if not arch.tied or arch.family != "llama" or bool((gain == 0).any()):
        return None
    levels, level, counts = gain.unique(return_inverse=True, return_counts=True)
    dimension = int((counts * (counts - 1) // 2).sum())
    if dimension == 0:
        return None
    same = (level[:, None] == level).double()

    def draw(generator: Generator) -> Tensor:
        skew = normal(arch.width, arch.width)(generator) * same
        return torch.linalg.matrix_exp(skew - skew.T)

    return Symmetry(
        "rotations among equal final gains",
        f"O(m_1) x ... x O(m_{len(levels)})",
        dimension,
        torch.eye(arch.width, dtype=torch.float64),
        turned_coordinates,
        draw,
        matrices,
        near=lambda x: torch.eye(arch.width, dtype=torch.float64) + (x - x.T) * same / 2,
        at_this_point=True,
    )


def stream_scale(arch: Architecture) -> Symmetry:
    """The scale c of the residual stream, with epsilon scaled by c squared.

    Weights alone cannot follow unless epsilon is 0, so only then it counts as a direction.
    """
    return Symmetry(
        "scale of the residual stream, with epsilon",
        "R_{>0}",
        1 if arch.epsilon == 0 else 0,
        torch.ones((), dtype=torch.float64),
        lambda weights, c: scaled_stream(weights, c) | {"epsilon": weights["epsilon"] * c * c},
        lambda g: torch.exp(normal(scale=0.5)(g)) * 2,
        product,
        near=lambda x: 1 + x,
        linear=False,
    )


def scaled_stream(weights: Weights, c: Tensor) -> Weights:
    """All that is written to the residual stream times c, epsilon not; a tied head divides."""
    invertible(c)
    names = (*WRITTEN, "output", "down", "output_bias", "down_bias")
    new = {name: weights[name] * c for name in names if name in weights}
    if "head" not in weights:
        for name in ("final_gain", "final_shift"):
            if name in weights:
                new[name] = weights[name] / c
    return changed(weights, **new)


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
