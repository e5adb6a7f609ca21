"""Symmetries of a GPT-2, and transformations that resemble them and are none.

A LayerNorm gives vectors orthogonal to the vector of ones, times gain, plus shift: what is read
may have any part along 1 / gain, what is written any part along ones.
"""

from __future__ import annotations

import torch
from torch import Tensor

from numeric.errors import InputError
from numeric.symmetry.action import (
    Control,
    Symmetry,
    changed,
    general_matrices,
    inverse,
    invertible,
    matrices,
    normal,
    signed_scales,
    total,
)
from numeric.symmetry.architecture import Architecture
from numeric.symmetry.layout import Weights
from numeric.symmetry.shared import (
    final_gains,
    gains,
    head_permutation,
    head_shift,
    reads,
    translation,
    unit_and_stream_controls,
    unit_permutation,
    value_bias_control,
    value_biases,
    value_control,
    values,
)
from numeric.symmetry.stream import (
    coordinate_rotation,
    signed_permutation,
    stream_scale,
)


def symmetries(arch: Architecture) -> list[Symmetry]:
    """All symmetries that every GPT-2 of these sizes has."""
    L, K, h, d, f = arch.layers, arch.groups, arch.head_size, arch.width, arch.units
    found = [
        gains(arch, "attention"),
        gains(arch, "mlp"),
        translation("shifts before attention", _shifted("attention"), L, d),
        translation("shifts before units", _shifted("mlp"), L, d),
        values(arch),
        queries(arch),
        translation("biases of keys", _moved_keys, L, K, h),
        value_biases(arch),
        translation("centers of what attention reads", _centered_queries, L, K, 3, h),
        translation("centers of what units read", _centered_units, L, f),
        translation("means of what is written", _moved_writes, L, arch.heads * h + f + 2),
        translation("means of positions", _moved_positions, arch.context),
        unit_permutation(arch),
        head_permutation(arch),
        signed_permutation(arch),
        stream_scale(arch),
    ]
    if arch.tied:
        return [*found, _exchange(arch)]
    return [
        *found,
        translation("means of embeddings", _moved_embeddings, arch.vocabulary),
        _exchange(arch),
        final_gains(arch),
        translation("shift before the head", _shifted_final, d),
        coordinate_rotation(arch),
        head_shift(arch),
    ]


def queries(arch: Architecture) -> Symmetry:
    """Queries and keys where positions are not rotary: one matrix for each head."""
    shape = (arch.layers, arch.groups, arch.head_size, arch.head_size)
    identity = torch.eye(arch.head_size, dtype=torch.float64)
    return Symmetry(
        "queries and keys",
        "GL(h) a head",
        torch.Size(shape).numel(),
        identity.expand(shape),
        lambda weights, turn: _turned_queries(weights, turn, inverse(turn).mT),
        general_matrices(*shape),
        matrices,
        near=lambda x: identity + x,
        linear=True,
    )


def _turned_queries(weights: Weights, turn: Tensor, back: Tensor) -> Weights:
    return changed(
        weights,
        key=turn @ weights["key"],
        key_bias=torch.einsum("lkij,lkj->lki", turn, weights["key_bias"]),
        query=back[:, :, None] @ weights["query"],
        query_bias=torch.einsum("lkij,lkrj->lkri", back, weights["query_bias"]),
    )


def _shifted(norm: str):
    """A shift after a norm, taken back by the biases of what reads it."""

    def act(weights: Weights, delta: Tensor) -> Weights:
        new = {f"{norm}_shift": weights[f"{norm}_shift"] + delta}
        for name in reads(weights, norm):
            wide = delta.reshape(len(delta), *(1,) * (weights[name].ndim - 3), -1)
            read = torch.einsum("...nd,...d->...n", weights[name], wide)
            new[f"{name}_bias"] = weights[f"{name}_bias"] - read
        return changed(weights, **new)

    return act


def _moved_keys(weights: Weights, delta: Tensor) -> Weights:
    """All scores of a query shift alike."""
    return changed(weights, key_bias=weights["key_bias"] + delta)


def _centered(weights: Weights, name: str, norm: str, u: Tensor) -> Weights:
    """Rows plus u / gain, which reads u times the sum of shift / gain."""
    gain = invertible(weights[f"{norm}_gain"])
    wide = gain.reshape(len(gain), *(1,) * (weights[name].ndim - 2), -1)
    seen = (weights[f"{norm}_shift"] / gain).sum(-1).reshape(-1, *(1,) * (u.ndim - 1))
    return {
        name: weights[name] + u[..., None] / wide,
        f"{name}_bias": weights[f"{name}_bias"] - u * seen,
    }


def _centered_queries(weights: Weights, u: Tensor) -> Weights:
    query, key, value = u.unbind(2)
    new = _centered(weights, "query", "attention", query[:, :, None])
    new |= _centered(weights, "key", "attention", key)
    new |= _centered(weights, "value", "attention", value)
    return changed(weights, **new)


def _centered_units(weights: Weights, u: Tensor) -> Weights:
    return changed(weights, **_centered(weights, "up", "mlp", u))


def _moved_writes(weights: Weights, u: Tensor) -> Weights:
    """Multiples of the vector of ones, written along with everything."""
    units = weights["down"].shape[-1]
    heads = weights["output"]
    per_head = u[:, : -units - 2].reshape(*heads.shape[:3], 1, heads.shape[-1])
    per_unit, first, second = u[:, -units - 2 : -2], u[:, -2:-1], u[:, -1:]
    return changed(
        weights,
        output=heads + per_head,
        down=weights["down"] + per_unit[:, None],
        output_bias=weights["output_bias"] + first,
        down_bias=weights["down_bias"] + second,
    )


def _moved_positions(weights: Weights, u: Tensor) -> Weights:
    return changed(weights, positions=weights["positions"] + u[:, None])


def _moved_embeddings(weights: Weights, u: Tensor) -> Weights:
    return changed(weights, embedding=weights["embedding"] + u[:, None])


def _exchange(arch: Architecture) -> Symmetry:
    """A vector from all positions to all tokens; a tied head then shifts all logits alike.

    Where the head is not tied, its part along ones is counted with the means.
    """
    return Symmetry(
        "vector from positions to tokens",
        "R^d",
        arch.width if arch.tied else arch.width - 1,
        torch.zeros(arch.width, dtype=torch.float64),
        lambda weights, u: changed(
            weights,
            embedding=weights["embedding"] + u,
            positions=weights["positions"] - u,
        ),
        normal(arch.width),
        total,
        near=lambda x: x,
        keeps="probabilities" if arch.tied else "logits",
    )


def _shifted_final(weights: Weights, delta: Tensor) -> Weights:
    """A shift before the head, taken back by a part of its rows along 1 / gain.

    Raises:
        InputError: The shift's sum over the gains is then zero, and nothing takes it back.
    """
    gain, shift = invertible(weights["final_gain"]), weights["final_shift"] + delta
    seen = (shift / gain).sum()
    if not bool(seen.abs() > 1e-6 * (shift / gain).abs().sum()):
        raise InputError("expected shifts before the head whose sum over the gains is not zero")
    back = (weights["head"] @ delta / seen)[:, None] / gain
    return changed(weights, final_shift=shift, head=weights["head"] - back)


def controls(arch: Architecture) -> list[Control]:
    """Near misses, each of which must change logits (or probabilities) visibly."""
    L, K, h, d, f = arch.layers, arch.groups, arch.head_size, arch.width, arch.units
    found = [
        value_control(arch),
        Control(
            "queries by the inverse, not transposed",
            "queries and keys",
            lambda weights, A: _turned_queries(weights, A, torch.linalg.inv(A)),
            general_matrices(L, K, h, h),
        ),
        Control(
            "biases of queries moved like those of keys",
            "biases of keys",
            lambda weights, b: changed(weights, query_bias=weights["query_bias"] + b[:, :, None]),
            normal(L, K, h),
        ),
        value_bias_control(arch),
        Control(
            "units scaled as if they were homogeneous",
            "gains before units",
            lambda weights, s: changed(
                weights,
                up=weights["up"] * s[:, :, None],
                up_bias=weights["up_bias"] * s,
                down=weights["down"] / s[:, None],
            ),
            signed_scales(L, f),
        ),
        *unit_and_stream_controls(arch),
    ]
    if not arch.tied:
        return found
    return [
        *found,
        Control(
            "means of tied embeddings",
            "means of positions",
            _moved_embeddings,
            normal(arch.vocabulary),
        ),
        Control(
            "vector added to tokens, positions kept",
            "vector from positions to tokens",
            lambda weights, u: changed(weights, embedding=weights["embedding"] + u),
            normal(d),
            keeps="probabilities",
        ),
    ]
