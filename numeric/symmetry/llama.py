"""Symmetries of a Llama, and transformations that resemble them and are none."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from numeric.symmetry.action import (
    Control,
    Symmetry,
    changed,
    general_matrices,
    invertible,
    normal,
    product,
    rotations,
    signed_scales,
)
from numeric.symmetry.architecture import Architecture
from numeric.symmetry.layout import Weights
from numeric.symmetry.shared import (
    final_gains,
    gains,
    head_permutation,
    head_shift,
    shifted_head,
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
    turned_coordinates,
)


def symmetries(arch: Architecture) -> list[Symmetry]:
    """All symmetries that every Llama of these sizes has."""
    found = [
        gains(arch, "attention"),
        gains(arch, "mlp"),
        values(arch),
        rotary_planes(arch),
        unit_scales(arch),
        unit_permutation(arch),
        head_permutation(arch),
        signed_permutation(arch),
        stream_scale(arch),
    ]
    if "output_bias" in arch.biases:
        found.append(value_biases(arch))
    if arch.tied:
        return found
    return [*found, coordinate_rotation(arch), final_gains(arch), head_shift(arch)]


def rotary_planes(arch: Architecture) -> Symmetry:
    """Queries and keys: a complex number for each plane that positions rotate.

    The action is by the numbers that commute with every rotation; `dimension` counts all matrices
    that do, which are more where frequencies coincide.
    """
    shape = (arch.layers, arch.groups, arch.head_size // 2, 2)
    identity = torch.tensor([1.0, 0.0], dtype=torch.float64).expand(shape)
    return Symmetry(
        "queries and keys under rotary positions",
        "(C*)^(h/2) a group of heads",
        arch.layers * arch.groups * commutant(arch.frequencies),
        identity,
        _turned_planes,
        lambda g: _polar(signed_scales(*shape[:3])(g), math.pi * normal(*shape[:3])(g)),
        lambda g, h: torch.view_as_real(torch.view_as_complex(g) * torch.view_as_complex(h)),
        near=lambda x: identity + x,
        linear=True,
    )


def commutant(frequencies: tuple[float, ...]) -> int:
    """The dimension of the matrices that commute with all rotary rotations.

    Blocks between planes i and j intertwine two rotations: 2 dimensions where the angles are
    equal, 2 where they are opposite, modulo 2 pi.
    """
    angle = torch.tensor(frequencies, dtype=torch.float64)
    dimension = 0
    for other in (angle, -angle):
        apart = torch.remainder(angle[:, None] - other + math.pi, 2 * math.pi) - math.pi
        # Rounding of angles up to 2 pi and more; distinct frequencies lie far further apart.
        allowed = 16 * torch.finfo(torch.float64).eps * (angle.abs().max() + 2 * math.pi)
        dimension += 2 * int((apart.abs() <= allowed).sum())
    return dimension


def _polar(size: Tensor, angle: Tensor) -> Tensor:
    return torch.stack([size * angle.cos(), size * angle.sin()], dim=-1)


def _turned_planes(weights: Weights, number: Tensor) -> Weights:
    """Keys by z in every plane, queries by 1 / conjugate of z."""
    square = invertible((number * number).sum(-1, keepdim=True))
    found = {}
    for end in ("", "_bias"):
        if f"key{end}" in weights:
            found[f"key{end}"] = _rows(weights, f"key{end}", number)
            found[f"query{end}"] = _rows(weights, f"query{end}", (number / square)[:, :, None])
    return changed(weights, **found)


def _rows(weights: Weights, name: str, number: Tensor) -> Tensor:
    """Rows of a matrix, or entries of a bias, by a complex number for each plane."""
    if not name.endswith("bias"):
        return _times(weights[name], number)
    return _times(weights[name][..., None], number)[..., 0]


def _times(matrix: Tensor, number: Tensor) -> Tensor:
    """Rows i and i + h/2 of (..., h, d) as a complex row, times the i-th number (..., h/2, 2)."""
    first, second = matrix.chunk(2, dim=-2)
    real, imaginary = number[..., :1], number[..., 1:]
    rows = [first * real - second * imaginary, second * real + first * imaginary]
    return torch.cat(rows, dim=-2)


def unit_scales(arch: Architecture) -> Symmetry:
    """Gated units are linear in their second factor."""
    shape = (arch.layers, arch.units)
    return Symmetry(
        "scales of gated units",
        "(R*)^f a layer",
        arch.layers * arch.units,
        torch.ones(shape, dtype=torch.float64),
        lambda weights, s: _scaled_units(weights, s, "up"),
        signed_scales(*shape),
        product,
        near=lambda x: 1 + x,
        linear=True,
    )


def _scaled_units(weights: Weights, s: Tensor, by: str) -> Weights:
    invertible(s)
    scaled = {by: weights[by] * s[:, :, None], "down": weights["down"] / s[:, None, :]}
    if f"{by}_bias" in weights:
        scaled[f"{by}_bias"] = weights[f"{by}_bias"] * s
    return changed(weights, **scaled)


def controls(arch: Architecture) -> list[Control]:
    """Near misses, each of which must change logits (or probabilities) visibly."""
    L, K, r, h, d, f = (
        arch.layers,
        arch.groups,
        arch.shared,
        arch.head_size,
        arch.width,
        arch.units,
    )
    found = [
        Control(
            "gains compensated in queries and keys only",
            "gains before attention",
            _half_compensated,
            signed_scales(L, d),
        ),
        value_control(arch),
        Control(
            "any rotation of queries and keys",
            "queries and keys under rotary positions",
            _turned_across_planes,
            rotations(L, K, h, h),
        ),
        Control(
            "gates scaled instead of their factors",
            "scales of gated units",
            lambda weights, s: _scaled_units(weights, s, "gate"),
            signed_scales(L, f),
        ),
        *unit_and_stream_controls(arch),
    ]
    if "output_bias" in arch.biases:
        found.append(value_bias_control(arch))
    found += [_left_behind(arch, bias) for bias in MOVED_WITH if bias in arch.biases]
    if r > 1:
        found.append(
            Control(
                "a matrix for each query head of a group",
                "values and outputs",
                _turned_by_head,
                general_matrices(L, K, r, h, h),
            )
        )
    if arch.tied:
        found += [
            Control(
                "rotations of coordinates under a tied head",
                "signed order of coordinates",
                turned_coordinates,
                rotations(d, d),
            ),
            Control(
                "shift of all rows of a tied head",
                "shift of all rows of the head",
                shifted_head,
                normal(d),
                keeps="probabilities",
            ),
        ]
    return found


MOVED_WITH = {"query_bias": rotary_planes, "value_bias": values, "up_bias": unit_scales}


def _left_behind(arch: Architecture, bias: str) -> Control:
    kind = MOVED_WITH[bias](arch)
    return Control(
        f"biases of {bias[: -len('_bias')]} kept where rows move",
        kind.name,
        lambda weights, g: kind.act(weights, g) | {bias: weights[bias]},
        kind.draw,
    )


def _half_compensated(weights: Weights, s: Tensor) -> Weights:
    wide = s[:, None, None]
    return changed(
        weights,
        attention_gain=weights["attention_gain"] * s,
        key=weights["key"] / wide,
        query=weights["query"] / wide[:, None],
    )


def _turned_across_planes(weights: Weights, turn: Tensor) -> Weights:
    query = turn[:, :, None] @ weights["query"]
    return changed(weights, key=turn @ weights["key"], query=query)


def _turned_by_head(weights: Weights, turn: Tensor) -> Weights:
    back = torch.linalg.inv(turn)
    output = weights["output"] @ back
    return changed(weights, value=turn[:, :, 0] @ weights["value"], output=output)
