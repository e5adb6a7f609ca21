"""Thermodynamics of a language model's head from hidden states: the logits are never all held.

Logits = hidden weight^T + bias are made for some rows and some tokens at a time, in a fixed
buffer; their state is taken while they are there and merged with that of the tokens before.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, get_args

import torch
from torch import Tensor

from numeric.arrays import ArrayT, Temperature, tensor_from
from numeric.domain import checked_targets, checked_temperature
from numeric.errors import InputError
from numeric.stream import Head, Stream
from numeric.thermodynamics import Gauge, Thermodynamics


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
    if gauge not in get_args(Gauge):
        raise InputError(f"gauge: expected one of {get_args(Gauge)}, got {gauge!r}")
    rows = h.shape[:-1]
    shape = h.new_empty(1).expand(*rows, w.shape[0])
    t = checked_temperature(temperature, shape)
    index = None if target is None else checked_targets(target, shape).reshape(-1)
    if t.ndim >= 2:
        t = t.expand(*rows, t.shape[-1]).reshape(-1, t.shape[-1])
    head = Head(h.reshape(-1, h.shape[-1]), w, b, rows)
    parts = []
    for part in head.parts():
        stream = Stream(head, part, t[part] if t.ndim >= 2 else t, order, gauge)
        own = None if index is None else index[part]
        for first, logits in head.slabs(part):
            stream.take(first, logits, own, top)
        parts.append(_readout(stream))
    return _joined(parts, rows, not isinstance(hidden, Tensor))


def _readout(stream: Stream) -> Readout:
    """What a stream has found, with its extras."""
    th = stream.finished()
    logits, tokens = stream.best
    return Readout(
        **{f.name: getattr(th, f.name) for f in fields(Thermodynamics)},
        target_log_probability=stream.target_log_probability,
        top_logits=logits,
        top_tokens=tokens,
    )


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
