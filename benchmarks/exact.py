"""Errors against Arb balls and against the float64 reference."""

from __future__ import annotations

import numpy as np
import torch
from flint import arb, ctx
from torch import Tensor

import numeric


def entropy_and_heat_capacity(row, temperature: float, bits: int = 160) -> tuple[arb, arb]:
    """S and C of one row of logits, taken exactly as the floats they are, in balls."""
    before, ctx.prec = ctx.prec, bits
    try:
        x = [arb(float(v)) for v in row]
        top, t = max(x), arb(float(temperature))
        y = [(top - v) / t for v in x]
        e = [(-v).exp() for v in y]
        z = sum(e, arb(0))
        mean = sum((a * b for a, b in zip(e, y, strict=True)), arb(0)) / z
        spread = sum((a * (b - mean) ** 2 for a, b in zip(e, y, strict=True)), arb(0)) / z
        return z.log() + mean, spread
    finally:
        ctx.prec = before


def relative_error(value: float, exact: arb) -> float:
    """|value / exact - 1|, rounded up by what the ball leaves open."""
    return float((abs(arb(float(value)) - exact) / abs(exact)).upper())


def timed_array_error(x: Tensor, temperatures: Tensor) -> float:
    """Worst error of S on the very array that is timed, in units of eps (1 + gap / T).

    `gap / T` is the mean scaled gap of the tokens other than the first, under their weights:
    what rounding of the exponents can do to S.  All rows are held against the reference in
    float64, and the first row at the coldest and hottest temperature against balls as well.
    """
    fast = numeric.thermodynamics(x, temperatures)
    eps, worst = torch.finfo(x.dtype).eps, 0.0
    for row in range(0, len(x), 16):
        slow = numeric.thermodynamics(x[row].double(), temperatures, backend="torch")
        unit = eps * (1 + _weighted_gap(slow))
        error = (fast.entropy[row].double() / slow.entropy - 1).abs()
        worst = max(worst, float((error / unit).max()))
        if row == 0:
            for k in {int(temperatures.argmin()), int(temperatures.argmax())}:
                exact, _ = entropy_and_heat_capacity(x[0], float(temperatures[k]))
                error = relative_error(float(fast.entropy[0, k]), exact)
                worst = max(worst, error / float(unit[k]))
    return worst


def cold_entropy_error(dtype: type) -> float:
    """Worst error of S on rows down to S = 1e-180 (float32: 1e-36), in eps (1 + gap / T)."""
    rng = np.random.default_rng(0)
    worst, deepest = 0.0, 80.0 if dtype is np.float32 else 412.0
    for gap in np.linspace(1, deepest, 120):
        t = dtype(rng.uniform(0.6, 1.4))
        row = np.append(rng.uniform(-2, 0.5, 7), gap * float(t)).astype(dtype)
        s = float(numeric.thermodynamics(row, [t], backend="numba").entropy[0])
        exact, _ = entropy_and_heat_capacity(row, float(t), 1600)
        scaled = float(row.max() - np.sort(row)[-2]) / float(t)
        unit = float(np.finfo(dtype).eps) * (1 + scaled)
        worst = max(worst, relative_error(s, exact) / unit)
    return worst


def heat_capacity_error() -> float:
    """Worst relative error of C in float64 on rows of 2,000 logits, from 0.2 to 1,000 in T."""
    rng = np.random.default_rng(1)
    temperatures, worst = np.geomspace(0.2, 1000, 7), 0.0
    for spread in (0.3, 3.0, 10.0):
        row = spread * rng.standard_normal(2000)
        c = numeric.thermodynamics(row, temperatures, backend="numba").heat_capacity
        for value, t in zip(c, temperatures, strict=True):
            _, exact = entropy_and_heat_capacity(row, float(t), 300)
            worst = max(worst, relative_error(float(value), exact))
    return worst


def snapping_error() -> float:
    """Worst relative error of S at temperatures of a ladder that were rounded to float32."""
    row = 3 * np.random.default_rng(2).standard_normal(3000)
    temperatures = (1 / (0.25 * np.arange(1, 17))).astype(np.float32)
    s = numeric.thermodynamics(row, temperatures, backend="numba").entropy
    exact = [entropy_and_heat_capacity(row, float(t))[0] for t in temperatures]
    return max(relative_error(float(a), b) for a, b in zip(s, exact, strict=True))


def _weighted_gap(th) -> Tensor:
    weight = th.state.weight.reshape(th.entropy.shape)
    return th.state.mean.reshape(th.entropy.shape) * (1 + weight) / weight
