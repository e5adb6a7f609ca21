"""What a report reads off a sample: the numbers behind its pictures and its first paragraph.

Everything is in nats with k_B = 1, natural temperature T = 1 unless said otherwise.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

import numeric
from bridge.report.uncertainty import standard_error
from bridge.sample import Sample

Numbers = NDArray[np.float64]

CURVES = 32  # positions that curves are drawn for
GRID = 61  # temperatures on each
BLOCK = 2**22  # numbers at once: 16 MB in float32
CERTAIN = 0.999
ZERO_POINTS = (0.5, 0.1, 0.01)
QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)
MEANS = ("entropy", "heat_capacity", "free_energy", "internal_energy")


@dataclass(frozen=True, eq=False)
class Readings:
    """Numbers of a sample of N positions.

    At T = 1, one per position: `entropy`, `heat_capacity`, `gap` (between the two greatest
    logits) and `loss` (of the token that follows). `capacity_curves` (P, K) belong to the
    positions `curve_positions` (P,) and the temperatures `grid` (K,). `balance` holds T, U, F
    and S of the position `balance_position`, energies counted from the ground energy.
    `table` has one row per asked temperature: means over all positions; `errors` their standard
    errors, row by row.
    """

    vocabulary_size: int
    entropy: Numbers
    heat_capacity: Numbers
    gap: Numbers
    loss: Numbers
    text_bytes: int
    grid: Numbers
    curve_positions: NDArray[np.int64]
    capacity_curves: Numbers
    balance_position: int
    balance: dict[str, Numbers]
    table: list[dict[str, float]]
    errors: list[dict[str, float | None]]

    @property
    def certain_gap(self) -> float:
        """The gap that makes the top token 99.9 % certain whatever the other logits are, T = 1."""
        odds = CERTAIN / (1 - CERTAIN)
        return math.log(max(self.vocabulary_size - 1, 1) * odds)

    @property
    def perplexity(self) -> float:
        """The exponential of the mean loss."""
        return math.exp(self.loss.mean())

    @property
    def bits_per_byte(self) -> float:
        """Loss per byte of text, in bits."""
        return self.loss.sum() / math.log(2) / max(self.text_bytes, 1)

    @property
    def zero_points(self) -> dict[float, float]:
        """The share of positions whose entropy is below each threshold."""
        return {bound: float((self.entropy < bound).mean()) for bound in ZERO_POINTS}

    @property
    def peaks(self) -> Numbers:
        """The temperature (P,) at which each position's heat capacity is greatest."""
        return self.grid[self.capacity_curves.argmax(axis=1)]

    @property
    def peak(self) -> float:
        """The median over positions of the temperature of greatest heat capacity."""
        return float(np.median(self.peaks))


def read(sample: Sample, temperatures: Sequence[float]) -> Readings:
    """Take the readings of a sample; `temperatures` are those of the table.

    A temperature that is not positive and finite is a `ValueError`.
    """
    logits = sample.logits
    asked = sorted({1.0, *temperatures})
    columns = _columns(logits, asked, MEANS)
    entropy, capacity, *_ = columns[..., asked.index(1.0)]
    chosen = np.unique(np.linspace(0, len(sample) - 1, CURVES).astype(np.int64))
    grid = np.geomspace(min(0.1, *temperatures), max(10.0, *temperatures), GRID)
    middle = int(np.argsort(entropy, kind="stable")[len(entropy) // 2])
    (curves,) = _columns(logits[torch.from_numpy(chosen)], grid, ("heat_capacity",))
    return Readings(
        vocabulary_size=sample.vocabulary_size,
        entropy=entropy,
        heat_capacity=capacity,
        gap=_gaps(logits),
        loss=_numbers(numeric.cross_entropy(logits, torch.tensor(sample.targets))),
        text_bytes=sample.text_bytes,
        grid=grid,
        curve_positions=chosen,
        capacity_curves=curves,
        balance_position=middle,
        balance=_balance(logits[middle]),
        table=[
            _row(t, columns[..., asked.index(t)].mean(axis=1)) for t in map(float, temperatures)
        ],
        errors=[
            dict(zip(MEANS, map(standard_error, columns[..., asked.index(t)]), strict=True))
            for t in map(float, temperatures)
        ],
    )


def _gaps(logits: Tensor) -> Numbers:
    if logits.shape[-1] == 1:
        return np.full(len(logits), math.inf)
    top = logits.topk(2).values
    return _numbers(top[:, 0] - top[:, 1])


def _balance(row: Tensor) -> dict[str, Numbers]:
    grid = np.linspace(0.02, 2.0, 100)
    found = numeric.thermodynamics(row, torch.from_numpy(grid), gauge="ground")
    return {
        "T": grid,
        "U": _numbers(found.internal_energy),
        "F": _numbers(found.free_energy),
        "S": _numbers(found.entropy),
    }


def table(blocks: Iterable[Tensor], temperatures: Sequence[float]) -> list[dict[str, float]]:
    """Means of S, C, F and U over all rows of blocks of logits, one row per temperature."""
    sums, count = np.zeros((len(MEANS), len(temperatures))), 0
    for block in blocks:
        columns = _columns(block, temperatures, MEANS)
        sums += columns.sum(axis=1)
        count += columns.shape[1]
    return [_row(t, means) for t, means in zip(temperatures, sums.T / max(count, 1), strict=True)]


def _row(temperature: float, means: Numbers) -> dict[str, float]:
    return {
        "temperature": float(temperature),
        **dict(zip(MEANS, map(float, means), strict=True)),
    }


def _columns(
    logits: Tensor, temperatures: Sequence[float] | Numbers, names: Sequence[str]
) -> Numbers:
    """Quantities (names, N, K) of logits (N, V) in the raw gauge, some rows at a time."""
    values = torch.as_tensor(np.asarray(temperatures, dtype=np.float64), device=logits.device)
    rows = max(1, BLOCK // (len(temperatures) * logits.shape[-1]))
    found = (numeric.thermodynamics(block, values) for block in logits.split(rows))
    parts = [[_numbers(getattr(block, name)) for name in names] for block in found]
    return np.concatenate([np.stack(part) for part in parts], axis=1)


def _numbers(values: Tensor) -> Numbers:
    return values.detach().cpu().numpy().astype(np.float64)
