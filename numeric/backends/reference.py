"""The torch reference over many rows: whole where a graph is wanted, else a few rows at a time."""

from __future__ import annotations

from dataclasses import fields

import torch
from torch import Tensor

from numeric.domain import check_maxima, working_dtype
from numeric.ensemble import Ensemble
from numeric.state import ThermodynamicState

_NUMBERS_AT_A_TIME = (2**20, 2**24)  # of size rows times K times V, on the CPU and elsewhere


def reference_state(x: Tensor, t: Tensor, order: int) -> ThermodynamicState:
    """State of checked logits (..., V) at checked temperatures (K,) or (..., K).

    Without a graph to keep, memory is bounded whatever the number of rows.
    """
    t = t.to(device=x.device, dtype=working_dtype(x, t))
    rows, count = x.shape[:-1], t.shape[-1]
    step = max(1, _NUMBERS_AT_A_TIME[x.device.type != "cpu"] // (x.shape[-1] * max(count, 1)))
    graph = torch.is_grad_enabled() and (x.requires_grad or t.requires_grad)
    if graph or x[..., 0].numel() <= step or (t.ndim > 1 and t.shape[:-1] != rows):
        return ThermodynamicState.of_ensemble(Ensemble.of(x, t), order)
    check_maxima(x.amax(-1))  # errors name the rows of the whole
    x, t = x.reshape(-1, x.shape[-1]), t if t.ndim == 1 else t.reshape(-1, count)
    parts = [
        ThermodynamicState.of(x[i : i + step], t if t.ndim == 1 else t[i : i + step], order)
        for i in range(0, len(x), step)
    ]
    return _stacked(parts, rows)


def _stacked(parts: list[ThermodynamicState], rows: torch.Size) -> ThermodynamicState:
    columns = [[getattr(p, f.name) for p in parts] for f in fields(ThermodynamicState)]
    return ThermodynamicState(
        *(None if c[0] is None else _whole(c, rows) for c in columns)  # pyright: ignore
    )


def _whole(column: list[Tensor], rows: torch.Size) -> Tensor:
    whole = torch.cat(column)
    return whole.reshape((*rows, whole.shape[-1]))
