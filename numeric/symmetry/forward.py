"""Logits of both families in float64 throughout: norms, rotary phases and softmax included.

What transformers computes is float32 inside whatever the dtype, and hides what is below 1e-8.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn.functional import gelu, silu

from numeric.symmetry.architecture import Architecture
from numeric.symmetry.layout import Weights


def logits(arch: Architecture, weights: Weights, ids: Tensor) -> Tensor:
    """Logits after every position: ids (..., n) -> (..., n, V), differentiable in the weights."""
    x = weights["embedding"][ids]
    if arch.family == "gpt2":
        x = x + weights["positions"][: ids.shape[-1]]
    # unbind, whose derivative stacks once; that of an index makes all layers for each.
    stacks = {name: value.unbind(0) for name, value in weights.items() if name not in _ONCE}
    for n in range(arch.layers):
        layer = {name: value[n] for name, value in stacks.items()}
        x = x + _attention(arch, layer, _norm(arch, weights, x, layer, "attention"))
        x = x + _mlp(arch, layer, _norm(arch, weights, x, layer, "mlp"))
    x = _norm(arch, weights, x, weights, "final")
    return x @ weights["embedding" if arch.tied else "head"].T


_ONCE = {"embedding", "head", "positions", "final_gain", "final_shift", "epsilon"}


def _norm(arch: Architecture, weights: Weights, x: Tensor, layer: Weights, which: str) -> Tensor:
    if arch.family == "gpt2":
        x = x - x.mean(-1, keepdim=True)
    size = torch.sqrt((x * x).mean(-1, keepdim=True) + weights["epsilon"])
    y = x / size * layer[f"{which}_gain"]
    return y + layer[f"{which}_shift"] if arch.family == "gpt2" else y


def _attention(arch: Architecture, layer: Weights, x: Tensor) -> Tensor:
    n, h = x.shape[-2], arch.head_size
    q = torch.einsum("krhd,...nd->...krnh", layer["query"], x)
    k = torch.einsum("khd,...nd->...knh", layer["key"], x)
    v = torch.einsum("khd,...nd->...knh", layer["value"], x)
    if "query_bias" in layer:
        q = q + layer["query_bias"][:, :, None]
        k, v = k + layer["key_bias"][:, None], v + layer["value_bias"][:, None]
    if arch.base is not None:
        q, k = rotated(arch, q), rotated(arch, k)
    scores = torch.einsum("...krnh,...kmh->...krnm", q, k) / math.sqrt(h)
    later = torch.ones(n, n, dtype=torch.bool, device=x.device).triu(1)
    weight = torch.softmax(scores.masked_fill(later, -math.inf), dim=-1)
    mixed = torch.einsum("...krnm,...kmh->...krnh", weight, v)
    written = torch.einsum("krdh,...krnh->...nd", layer["output"], mixed)
    return written + layer["output_bias"] if "output_bias" in layer else written


def rotated(arch: Architecture, x: Tensor) -> Tensor:
    """Plane (i, i + h/2) of row t turned by t times the i-th frequency: (..., n, h) alike."""
    turns = torch.tensor(arch.frequencies, dtype=x.dtype, device=x.device)
    angle = torch.arange(x.shape[-2], dtype=x.dtype, device=x.device)[:, None] * turns
    first, second = x.chunk(2, dim=-1)
    cos, sin = angle.cos(), angle.sin()
    return torch.cat([first * cos - second * sin, second * cos + first * sin], dim=-1)


def _mlp(arch: Architecture, layer: Weights, x: Tensor) -> Tensor:
    up, gate = x @ layer["up"].T, x @ layer["gate"].T if "gate" in layer else None
    if "up_bias" in layer:
        up = up + layer["up_bias"]
    if gate is None:
        inner = gelu(up, approximate="none" if arch.activation == "gelu" else "tanh")
    else:
        inner = silu(gate + layer["gate_bias"] if "gate_bias" in layer else gate) * up
    written = inner @ layer["down"].T
    return written + layer["down_bias"] if "down_bias" in layer else written
