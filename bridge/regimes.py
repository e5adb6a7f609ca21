"""The kinds of rows of logits on which code breaks, each made of small integers.

A row is an offset, plus a scale times integers over four, plus a gap at one token, with some
tokens masked: so Hypothesis shrinks a row of any kind to the simplest of its kind.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

LEAST_NORMAL = {"float64": 2.0**-1022, "float32": 2.0**-126, "bfloat16": 2.0**-126}
LARGEST_LEVEL = 32  # levels run from minus to plus this


@dataclass(frozen=True)
class Regime:
    """A kind of rows: offset + scale * levels / 4, a gap at the top token, masked tokens."""

    name: str
    scale: float = 1.0
    offset: float = 0.0
    gap: float = 0.0
    masked: bool = False
    ties: bool = False

    @property
    def is_far(self) -> bool:
        """Whether the offset is beyond what half precision resolves."""
        return abs(self.offset) > 1e3

    def row(
        self, levels: ArrayLike, top: int, holes: ArrayLike, dtype: str = "float64"
    ) -> np.ndarray:
        """The row (V,) of some levels, in float64; the top token is never masked."""
        steps = np.asarray(levels, dtype=float)
        if self.ties:
            steps = 4.0 * (steps > 0)
        scale = self.scale or LEAST_NORMAL[dtype] / 64
        values = self.offset + scale * steps / 4
        values[top] += self.gap
        if self.masked:
            hidden = np.array(holes, dtype=bool)
            hidden[top] = False
            values[hidden] = -np.inf
        return values


REGIMES: Mapping[str, Regime] = {
    regime.name: regime
    for regime in (
        Regime("plain"),
        Regime("ties", ties=True),
        Regime("one dominant token", gap=12.0),
        Regime("almost no entropy", gap=40.0),
        Regime("no entropy left", gap=300.0),
        Regime("masked tokens", masked=True),
        Regime("masked and almost sure", masked=True, gap=40.0),
        Regime("spread 1e-9", scale=1e-9),
        Regime("spread 1e3", scale=1e3),
        Regime("subnormal", scale=0.0),
        Regime("offset 1e4", offset=1e4),
        Regime("offset -1e4", offset=-1e4),
        Regime("offset 1e6", offset=1e6),
        Regime("offset -1e6", offset=-1e6),
    )
}


def random_row(regime: Regime, g: np.random.Generator, size: int, dtype: str) -> np.ndarray:
    """A row of a regime with a size, (size,)."""
    levels = g.normal(size=size) * LARGEST_LEVEL / 3
    return regime.row(levels, int(g.integers(size)), g.random(size) < 0.4, dtype)
