"""Divergences of rows of logits on CPUs, from compiled loops in threads."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from numeric.arrays import widened
from numeric.backends import pair_kernel
from numeric.backends.threads import in_threads, pieces_of
from numeric.pair import row_places

_TEMPERATURES_WORTH = 4  # a pair takes as long as so many temperatures of one row


def compiled_pairs(kind: str, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """A quantity (...) in float64 of pairs of rows of logits (..., V) that broadcast.

    `kind` is "relative_entropy", "distance" or "jensen_shannon".  Rows are not copied to broadcast
    them.  NaN where a logit is not finite.  The second result tells which pairs are out of the
    loops' reach: those, and others whose terms may be below the smallest normal number.
    """
    kernel = {
        "relative_entropy": pair_kernel.relative_entropy,
        "distance": pair_kernel.squared_chord,
        "jensen_shannon": pair_kernel.jensen_shannon,
    }[kind]
    rows = torch.broadcast_shapes(x.shape[:-1], y.shape[:-1])
    row_x, row_y = row_places(x, rows).tolist(), row_places(y, rows).tolist()
    x, y = x.detach().reshape(-1, x.shape[-1]), y.detach().reshape(-1, y.shape[-1])
    result = np.empty(len(row_x))

    def pairs(piece: slice) -> None:
        for i in range(piece.start, piece.stop):  # half precision is widened row by row
            result[i] = kernel(_wide(x[row_x[i]]), _wide(y[row_y[i]]))

    work = x.shape[-1] * _TEMPERATURES_WORTH
    in_threads(pairs, pieces_of(len(row_x), torch.get_num_threads(), work))
    limits = torch.finfo(widened(x.dtype))
    lost = ~(result > x.shape[-1] * limits.tiny / limits.eps)
    if kind == "distance":
        result = 4 * np.arcsin(np.sqrt(result) / 2)
    return torch.from_numpy(result).reshape(rows), torch.from_numpy(lost).reshape(rows)


def _wide(row: Tensor) -> np.ndarray:
    return row.to(widened(row.dtype)).contiguous().numpy()
