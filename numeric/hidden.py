"""Thermodynamics of a language model's head from hidden states: the logits are never all held.

Logits = hidden weight^T + bias are made for as many rows at a time as fit a fixed buffer, while
they are in the cache their state is taken, and they are forgotten.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import torch
from torch import Tensor

from numeric.arrays import ArrayT, Temperature, tensor_from, widened
from numeric.domain import checked_targets, checked_temperature
from numeric.errors import InputError
from numeric.thermodynamics import Gauge, Thermodynamics, thermodynamics

_BUFFER = 2**25  # bytes of logits held at a time: half the 64 MiB that are promised


@dataclass(frozen=True, eq=False, repr=False)
class Readout(Thermodynamics):
    """Thermodynamics of a head, with what was asked for beside.

    `target_log_probability` (...) or (..., K); `top_logits` and `top_tokens` (..., k), in falling
    order.
    """

    target_log_probability: Any = None
    top_logits: Any = None
    top_tokens: Any = None


def thermodynamics_from_hidden(
    hidden: ArrayT,
    weight: ArrayT,
    bias: ArrayT | None,
    temperature: Temperature,
    *,
    target: Any = None,
    top: int = 0,
    order: int = 2,
    gauge: Gauge = "raw",
) -> Readout:
    """Thermodynamics of the logits hidden weight^T + bias, in 64 MiB beyond inputs and outputs.

    Shapes: hidden (..., d), weight (V, d), bias (V,); temperature and results as for
    `thermodynamics`; target (...) integers.  The memory promise ends where gradients are asked
    for: then the graph holds the logits.

    Raises:
        InputError: Shapes, dtypes or devices do not fit, or a quantity is outside its domain.
    """
    h, w, b = _head(hidden, weight, bias)
    if not 0 <= top <= w.shape[0]:
        raise InputError(f"top: expected 0..{w.shape[0]}, got {top}")
    rows = h.shape[:-1]
    h = h.reshape(-1, h.shape[-1])
    shape = h.new_empty(1).expand(*rows, w.shape[0])
    t = checked_temperature(temperature, shape)
    index = None if target is None else checked_targets(target, shape).reshape(-1)
    if t.ndim >= 2:
        t = t.expand(*rows, t.shape[-1]).reshape(-1, t.shape[-1])
    step = max(1, _BUFFER // (w.shape[0] * h.element_size()))
    buffer = None if _differentiated(h, w, b) else h.new_empty(min(step, len(h)), w.shape[0])
    parts = []
    for start in range(0, max(1, len(h)), step):
        part = slice(start, start + step)
        logits = _logits(h[part], w, b, buffer)
        own = t[part] if t.ndim >= 2 else t
        th = thermodynamics(logits, own, order=order, gauge=gauge)
        chosen = None if index is None else index[part]
        parts.append(_readout(th, logits, chosen, top))
    return _joined(parts, rows, not isinstance(hidden, Tensor))


def _head(hidden, weight, bias) -> tuple[Tensor, Tensor, Tensor | None]:
    h, w = tensor_from(hidden, "hidden"), tensor_from(weight, "weight")
    b = None if bias is None else tensor_from(bias, "bias")
    if h.ndim < 1 or w.ndim != 2 or h.shape[-1] != w.shape[1]:
        raise InputError(
            f"hidden (..., d) and weight (V, d): shapes {tuple(h.shape)} and {tuple(w.shape)}"
        )
    if b is not None and b.shape != w.shape[:1]:
        raise InputError(f"bias: expected shape {tuple(w.shape[:1])}, got {tuple(b.shape)}")
    for name, other in (("weight", w), ("bias", b)):
        if other is not None and (other.dtype, other.device) != (h.dtype, h.device):
            raise InputError(
                f"{name}: expected {h.dtype} on {h.device} as hidden, "
                f"got {other.dtype} on {other.device}"
            )
    return h, w, b


def _differentiated(*tensors: Tensor | None) -> bool:
    return torch.is_grad_enabled() and any(t is not None and t.requires_grad for t in tensors)


def _logits(h: Tensor, w: Tensor, b: Tensor | None, buffer: Tensor | None) -> Tensor:
    if buffer is None:
        return torch.nn.functional.linear(h, w, b)
    out = torch.mm(h, w.T, out=buffer[: len(h)])
    return out if b is None else out.add_(b)


def _readout(th: Thermodynamics, logits: Tensor, target: Tensor | None, top: int) -> Readout:
    """One part, with its extras while its logits are still there."""
    known = {f.name: getattr(th, f.name) for f in fields(Thermodynamics)}
    if target is not None:
        work = widened(logits.dtype)
        gap = th.state.maximum - logits.gather(-1, target.unsqueeze(-1)).to(work)
        surprise = gap / th.state.temperature + th.state.log_weight
        known["target_log_probability"] = -surprise.reshape(th.entropy.shape).to(work)
    if top:
        known["top_logits"], known["top_tokens"] = logits.topk(top, dim=-1)
    return Readout(**known)


def _joined(parts: list[Readout], rows: torch.Size, numpy: bool) -> Readout:
    """The parts as one, with the caller's leading axes."""

    def join(values: list) -> Any:
        first = values[0]
        if first is None or isinstance(first, str):
            return first
        if isinstance(first, tuple):
            return tuple(join(list(v)) for v in zip(*values, strict=True))
        if not isinstance(first, Tensor):  # the state
            return type(first)(
                *(join([getattr(v, f.name) for v in values]) for f in fields(first))
            )
        return torch.cat(values).reshape((*rows, *first.shape[1:]))

    joined = {f.name: join([getattr(p, f.name) for p in parts]) for f in fields(Readout)}
    if numpy:
        joined = {name: _to_numpy(value) for name, value in joined.items()}
    return Readout(**joined)


def _to_numpy(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(_to_numpy(v) for v in value)
    return value.detach().numpy()[()] if isinstance(value, Tensor) else value
