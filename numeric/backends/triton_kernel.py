"""A kernel for CUDA devices: one program a row, all temperatures, no array of size V times K.

Three passes over a row, the second and third of which find it in the cache: the maximum and its
first place; weight and mean of the scaled gaps; their moments about that mean, so that nothing
cancels.  Runs under Triton's interpreter (TRITON_INTERPRET=1) on CPUs, where it is tested.
"""

from __future__ import annotations

from typing import Any

import torch
import triton  # pyright: ignore[reportMissingImports]
import triton.language as tl  # pyright: ignore[reportMissingImports]
from torch import Tensor

from numeric.domain import check_maxima
from numeric.state import ThermodynamicState

_TILE = 2**14  # temperatures times logits that a program holds in registers


@triton.jit
def moments_kernel(
    logits, beta, maxima, weights, means, variances, thirds, fourths,
    states, own_temperatures, count,
    BLOCK: tl.constexpr, GRID: tl.constexpr, ORDER: tl.constexpr,
):  # fmt: skip
    """Maximum (N,), and weight, mean and central moments (N, count) of gaps of rows (N, states).

    `thirds` and `fourths` are written where ORDER is 3 and 4.
    """
    row = tl.program_id(0).to(tl.int64)
    start = logits + row * states
    k = tl.arange(0, GRID)
    b = tl.load(beta + row * own_temperatures * count + k, mask=k < count, other=1.0)
    lanes = tl.arange(0, BLOCK)

    best = tl.full((BLOCK,), float("-inf"), tl.float32)
    place = tl.zeros((BLOCK,), tl.int32)
    bad = tl.zeros((BLOCK,), tl.int32)
    for first in range(0, states, BLOCK):
        inside = first + lanes < states
        x = tl.load(start + first + lanes, mask=inside, other=float("-inf")).to(tl.float32)
        bad = bad | (x != x).to(tl.int32)
        place = tl.where(x > best, first + lanes, place)
        best = tl.where(x > best, x, best)
    maximum = tl.max(best, 0)
    excluded = tl.min(tl.where(best == maximum, place, states), 0)

    weight = tl.zeros((GRID,), tl.float32)
    first_moment = tl.zeros((GRID,), tl.float32)
    for first in range(0, states, BLOCK):
        y, e = _weights(start, first + lanes, states, excluded, maximum, b)
        weight += tl.sum(e, 1)
        first_moment += tl.sum(e * y, 1)
    total = 1 + weight
    mean = first_moment / total

    square = tl.zeros((GRID,), tl.float32)
    cube = tl.zeros((GRID,), tl.float32)
    fourth = tl.zeros((GRID,), tl.float32)
    for first in range(0, states, BLOCK):
        y, e = _weights(start, first + lanes, states, excluded, maximum, b)
        z = y - mean[:, None]
        square += tl.sum(e * z * z, 1)
        if ORDER >= 3:
            cube += tl.sum(e * z * z * z, 1)
            fourth += tl.sum(e * (z * z) * (z * z), 1)
    variance = (square + mean * mean) / total

    maximum = tl.where(tl.max(bad, 0) != 0, float("nan"), maximum)
    tl.store(maxima + row, maximum)
    tl.store(weights + row * count + k, weight, mask=k < count)
    tl.store(means + row * count + k, mean, mask=k < count)
    tl.store(variances + row * count + k, variance, mask=k < count)
    if ORDER >= 3:
        tl.store(thirds + row * count + k, (cube - mean * mean * mean) / total, mask=k < count)
    if ORDER >= 4:
        mean2 = mean * mean
        tl.store(fourths + row * count + k, (fourth + mean2 * mean2) / total, mask=k < count)


@triton.jit
def _weights(start, place, states, excluded, maximum, b):
    """Scaled gaps and weights (GRID, BLOCK); 0 and 0 where there is no token but the excluded."""
    live = (place < states) & (place != excluded)
    x = tl.load(start + place, mask=live, other=float("-inf")).to(tl.float32)
    gap = tl.minimum(maximum - x, 1e12)
    y = b[:, None] * gap[None, :]
    e = tl.where(live[None, :], tl.exp(-y), 0.0)
    return tl.where(e > 0, y, 0.0), e


def triton_state(logits: Tensor, temperature: Tensor, order: int = 2) -> ThermodynamicState:
    """State of float32 or half precision logits (..., V) at temperatures (K,).

    Temperatures (..., K) have the same leading axes as the logits.  Not differentiable.
    """
    rows, count = logits.shape[:-1], temperature.shape[-1]
    x = logits.detach().reshape(-1, logits.shape[-1]).contiguous()
    t = temperature.detach().to(device=x.device, dtype=torch.float32)
    t = (t if t.ndim == 1 else t.reshape(-1, count)).contiguous()
    maxima = torch.empty(len(x), device=x.device)
    outputs = [torch.empty(len(x), count, device=x.device) for _ in range(order + 1)]
    grid = triton.next_power_of_2(count)
    block = max(16, min(1024, _TILE // grid))
    if x.numel() and count:
        launch: Any = moments_kernel[(len(x),)]
        launch(
            x, 1 / t, maxima, *outputs, *[maxima] * (4 - order),
            x.shape[1], int(t.ndim == 2), count,
            BLOCK=block, GRID=grid, ORDER=order,
        )  # fmt: skip
    check_maxima(maxima.reshape(rows))
    return ThermodynamicState(
        t.expand(len(x), count).reshape(*rows, count),
        maxima.reshape(*rows, 1),
        *(v.reshape(*rows, count) for v in outputs),
    )
