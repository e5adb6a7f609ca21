"""Symmetries of the residual stream: its coordinates reordered, turned, scaled."""

from __future__ import annotations

import torch
from torch import Generator, Tensor

from numeric.symmetry.action import (
    Symmetry,
    changed,
    invertible,
    matrices,
    normal,
    permutations,
    product,
    rotations,
    signed_scales,
)
from numeric.symmetry.architecture import Architecture
from numeric.symmetry.layout import Weights

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
