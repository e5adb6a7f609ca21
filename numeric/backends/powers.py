"""Sums of powers of probabilities of rows of logits on CPUs, from a compiled loop in threads."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from numeric.arrays import widened
from numeric.backends.renyi_kernel import power_excess
from numeric.backends.threads import in_threads, pieces_of
from numeric.state import ThermodynamicState


def power_excess_of(logits: Tensor, state: ThermodynamicState, order: float) -> Tensor:
    """Sums (..., K) of |p^q - p| in float64 of logits (..., V) whose state is given."""
    shape, dtype = state.weight.shape, widened(logits.dtype)
    x = logits.detach().reshape(-1, logits.shape[-1])
    beta, levels, maxima = (
        v.detach().double().reshape(len(x), v.shape[-1]).to(dtype).contiguous().numpy()
        for v in (1 / state.temperature.double(), state.log_weight, state.maximum)
    )
    sums = np.zeros(levels.shape)
    a, b = maxima.dtype.type(min(order, 1)), maxima.dtype.type(abs(order - 1))

    def rows(piece: slice) -> None:
        for row in range(piece.start, piece.stop):  # half precision is widened row by row
            one = slice(row, row + 1)
            values = x[one].to(dtype).contiguous().numpy()
            power_excess(values, maxima[one, 0], beta[one], levels[one], a, b, sums[one])

    in_threads(rows, pieces_of(len(x), torch.get_num_threads(), x.shape[-1] * levels.shape[-1]))
    return torch.from_numpy(sums * min(float(b), 1)).reshape(shape)
