"""Frequencies of rotary positions, as configured: plain, divided, or divided where low."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Scaling:
    """Frequencies divided by a factor.

    With an `original` context, those of more than `high` turns in it stay, those of fewer than
    `low` are divided, and between them the share that is divided changes linearly.
    """

    factor: float
    low: float = math.inf
    high: float = math.inf
    original: float = 0.0

    def applied(self, turn: float) -> float:
        """The frequency, in radians per position, that one becomes."""
        turns = self.original * turn / (2 * math.pi)
        if turns < self.low:
            return turn / self.factor
        if turns > self.high:
            return turn
        share = (turns - self.low) / (self.high - self.low)
        return (1 - share) * turn / self.factor + share * turn


NUMBERS = {
    "default": (),
    "linear": ("factor",),
    "llama3": (
        "factor",
        "low_freq_factor",
        "high_freq_factor",
        "original_max_position_embeddings",
    ),
}
"""The kinds of scaling that change frequencies alone, and the numbers each is configured by."""


def scaling(kind: str, rope: Mapping[str, Any]) -> Scaling | None:
    """The scaling of one of these kinds, from rotary parameters of transformers; None for none."""
    numbers = [float(rope[name]) for name in NUMBERS[kind]]
    return Scaling(*numbers) if numbers else None


def frequencies(base: float, head_size: int, scaling: Scaling | None) -> tuple[float, ...]:
    """Angles per position of the planes of a head of even size."""
    plain = (base ** (-2 * plane / head_size) for plane in range(head_size // 2))
    return tuple(turn if scaling is None else scaling.applied(turn) for turn in plain)
