"""The thermodynamic state of a set of logits: a commutative monoid under disjoint union.

A state keeps, per row and temperature, what the quantities of a distribution need and no more:
the maximum m, the weight w of all tokens but one maximal one, and mean and central moments of the
scaled gaps y = (m - x) / T.  The state of a union is the merge of the states, so streaming over a
vocabulary, over shards of it and over a corpus are one operation.  The merge is that of Chan,
Golub and LeVeque (1983), extended to higher moments by Pebay (2008), with Gibbs weights.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import torch
from torch import Tensor

from numeric.arrays import ArrayT, Temperature
from numeric.compensated import exp_of_gap
from numeric.ensemble import Ensemble
from numeric.errors import InputError

ORDERS = (2, 3, 4)


@dataclass(frozen=True, eq=False)
class ThermodynamicState:
    """State of a set of logits at temperatures; rows (...) by temperatures K.

    The empty set has m = -inf and w = -1.  Moments of order 3 and 4 are None unless asked for.
    """

    temperature: Tensor  # (..., K)
    maximum: Tensor  # (..., 1) m
    weight: Tensor  # (..., K) w
    mean: Tensor  # (..., K) E[y]
    variance: Tensor  # (..., K)
    third: Tensor | None = None  # (..., K)
    fourth: Tensor | None = None  # (..., K)

    @classmethod
    def zero(cls, temperature: Tensor, order: int = 2) -> ThermodynamicState:
        """State of the empty set at temperatures (..., K): the neutral element of `merge`."""
        maximum = torch.full_like(temperature[..., :1], -torch.inf)
        moments = [torch.zeros_like(temperature) for _ in range(checked_order(order))]
        return cls(temperature, maximum, torch.full_like(temperature, -1), *moments)

    @classmethod
    def of(cls, logits: ArrayT, temperature: Temperature, order: int = 2) -> ThermodynamicState:
        """State of a block of logits (..., V) at one temperature, (K,) or (..., K) of them.

        A scalar temperature is a vector of one.  Rows may be masked altogether; NaN or +inf
        logits and illegal temperatures are a ValueError.
        """
        return cls.of_ensemble(Ensemble.of(logits, temperature, empty=True), order)

    @classmethod
    def of_ensemble(cls, b: Ensemble, order: int = 2) -> ThermodynamicState:
        """State of an ensemble: the one place where its moments are taken."""
        moments = [b.central_moment(n) for n in range(2, checked_order(order) + 1)]
        weight = torch.where(b.maximum > -torch.inf, b.weight, -1)
        return cls(b.temperature.expand_as(weight), b.maximum, weight, b.mean(b.gaps), *moments)

    @property
    def order(self) -> int:
        """The highest moment kept."""
        return 2 + (self.third is not None) + (self.fourth is not None)

    @property
    def numbers(self) -> tuple[Tensor, ...]:
        """Weight, mean and the central moments that are kept, each (..., K)."""
        values = (self.weight, self.mean, self.variance, self.third, self.fourth)
        return tuple(v for v in values if v is not None)

    @property
    def log_weight(self) -> Tensor:
        """log1p(w) (..., K): -ln of the largest probability."""
        return self.weight.log1p()

    @property
    def entropy(self) -> Tensor:
        """Entropy (..., K) in nats: a sum of two nonnegative terms."""
        return self.log_weight + self.mean

    def log_probability(self, logit: Tensor) -> Tensor:
        """ln p (..., K) of a token with logit (..., 1): -inf, without a gradient, if masked."""
        x = logit.to(self.maximum.dtype)
        masked = x == -torch.inf
        gap = self.maximum - torch.where(masked, 0, x)
        return torch.where(masked, -torch.inf, -gap / self.temperature - self.log_weight)

    def merge(self, other: ThermodynamicState) -> ThermodynamicState:
        """State of the disjoint union; associative and commutative up to rounding.

        Raises:
            InputError: The states are at different temperatures.
        """
        if not torch.equal(self.temperature, other.temperature):
            raise InputError("merge: expected states at the same temperatures")
        a, b = _ordered(self, other)
        lower = torch.where(b.maximum > -torch.inf, b.maximum, a.maximum)
        gap = torch.where(b.maximum > -torch.inf, a.maximum - b.maximum, 0) / a.temperature
        e = exp_of_gap(gap, a.maximum, lower, a.temperature)
        r = torch.where(b.weight > -1, e * (1 + b.weight), 0)
        w = a.weight + r
        f = torch.where(r > 0, r / (1 + w), 0)
        gap = torch.where(r > 0, gap, 0)
        moments = _merged_moments(a, b, f, gap, min(a.order, b.order))
        return ThermodynamicState(a.temperature, a.maximum, w, *moments)

    def where(self, condition: Tensor, other: ThermodynamicState) -> ThermodynamicState:
        """This state in rows where a condition (..., 1) holds, the other in the rest."""
        pairs = [(getattr(self, f.name), getattr(other, f.name)) for f in fields(self)]
        return ThermodynamicState(*(_where(condition, a, b) for a, b in pairs))  # pyright: ignore

    def __eq__(self, other: object) -> bool:
        """Equality of every number; NaN is equal to nothing."""
        if not isinstance(other, ThermodynamicState):
            return NotImplemented
        pairs = [(getattr(self, f.name), getattr(other, f.name)) for f in fields(self)]
        return all(_same(a, b) for a, b in pairs)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        """Shape, order and dtype on one line."""
        shape = tuple(self.weight.shape)
        return f"ThermodynamicState(shape={shape}, order={self.order}, dtype={self.weight.dtype})"


def checked_order(order: int) -> int:
    """The order of the highest moment, 2, 3 or 4.

    Raises:
        InputError: It is another number.
    """
    if order not in ORDERS:
        raise InputError(f"order: expected one of {ORDERS}, got {order!r}")
    return order


def merged(states: list[ThermodynamicState]) -> ThermodynamicState:
    """Merge of at least one state in a fixed binary tree over their positions."""
    while len(states) > 1:
        pairs = zip(states[::2], states[1::2], strict=False)
        odd = states[-1:] if len(states) % 2 else []
        states = [a.merge(b) for a, b in pairs] + odd
    return states[0]


def _ordered(
    a: ThermodynamicState, b: ThermodynamicState
) -> tuple[ThermodynamicState, ThermodynamicState]:
    """The two states row by row: the one with the larger maximum first."""
    swap = b.maximum > a.maximum
    return b.where(swap, a), a.where(swap, b)


def _where(condition: Tensor, x: Tensor | None, y: Tensor | None) -> Tensor | None:
    return None if x is None or y is None else torch.where(condition, x, y)


def _same(a: Tensor | None, b: Tensor | None) -> bool:
    return (a is None and b is None) if a is None or b is None else torch.equal(a, b)


def _merged_moments(
    a: ThermodynamicState, b: ThermodynamicState, f: Tensor, gap: Tensor, order: int
) -> list[Tensor]:
    """Moments of the mixture (1 - f) a + f b, whose ground states lie `gap` apart."""
    g = 1 - f
    d = b.mean + gap - a.mean
    d = torch.where(f > 0, d, 0)
    mean = g * a.mean + f * (b.mean + gap)  # nonnegative terms only
    moments = [mean, g * a.variance + f * b.variance + f * g * d**2]
    if order >= 3:
        assert a.third is not None and b.third is not None
        skew = f * g * (1 - 2 * f) * d**3 + 3 * f * g * d * (b.variance - a.variance)
        moments.append(g * a.third + f * b.third + skew)
    if order >= 4:
        assert a.third is not None and b.third is not None
        assert a.fourth is not None and b.fourth is not None
        spread = f * g * (1 - 3 * f + 3 * f**2) * d**4
        mixed = 6 * f * g * d**2 * (g * b.variance + f * a.variance)
        skews = 4 * f * g * d * (b.third - a.third)
        moments.append(g * a.fourth + f * b.fourth + spread + mixed + skews)
    return moments
