"""The Boltzmann ensemble of rows of logits, kept accurate where the entropy vanishes.

One most probable token k of each row is set apart.  With the scaled gaps y_i = (x_k - x_i) / T
and the weights e_i = exp(-y_i) of the *other* tokens, w = sum e_i, every quantity is a sum of
nonnegative terms:

    ln Z = x_k / T + log1p(w),    p_k = 1 / (1 + w),    S = log1p(w) + E[y],    C = Var[y].

Nothing is subtracted from one, so S keeps its relative accuracy down to the smallest float.
As identities in x and T these hold for every choice of k: their derivatives are right at ties.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from numeric.arrays import ArrayT, Outlet, Temperature
from numeric.compensated import exp_of_gap
from numeric.domain import aligned, check_maxima


@dataclass(frozen=True)
class Ensemble:
    """Rows of logits at temperatures: tensors (..., K, V), differentiable to any order.

    A token is live if it is not the excluded one and its weight has not underflowed; dead tokens,
    masked ones among them, have weight and gap 0, so that 0 * inf never happens, not even in a
    derivative.
    """

    logits: Tensor  # (..., 1, V)
    temperature: Tensor  # (..., K)
    maximum: Tensor  # (..., 1) the excluded logit
    excluded: Tensor  # (..., 1, V) one true per row
    gaps: Tensor  # (..., K, V) y
    weights: Tensor  # (..., K, V) e
    outlet: Outlet

    @classmethod
    def of(cls, logits: ArrayT, temperature: Temperature, *, empty: bool = False) -> Ensemble:
        """The ensemble of `logits` (..., V) at `temperature` (), (K,) or (..., K).

        With `empty`, rows may be masked altogether; all their weights and gaps are 0.  Anything
        else outside the domain is a ValueError.
        """
        x, t, outlet = aligned(logits, temperature)
        maximum, index = x.max(-1, keepdim=True)
        check_maxima(maximum[..., 0, 0].detach(), empty=empty)
        excluded = torch.zeros_like(x, dtype=torch.bool).scatter(-1, index, True)
        gap = maximum - x
        with torch.no_grad():
            live = ((gap / -t).exp() > 0) & ~excluded
        gaps = torch.where(live, gap, 0) / t
        weights = torch.where(live, exp_of_gap(gaps, maximum, x, t), 0)
        return cls(x, t[..., 0], maximum[..., 0], excluded, gaps, weights, outlet)

    @property
    def masked(self) -> Tensor:
        """Tokens (..., 1, V) that carry no probability and no energy."""
        return self.logits == -torch.inf

    @cached_property
    def weight(self) -> Tensor:
        """Total weight w (..., K) of all tokens but the excluded one."""
        return self.weights.sum(-1)

    @cached_property
    def log_weight(self) -> Tensor:
        """log1p(w) (..., K): -ln of the largest probability."""
        return self.weight.log1p()

    @property
    def probabilities(self) -> Tensor:
        """Probabilities (..., K, V)."""
        return (self.weights + self.excluded) / (1 + self.weight).unsqueeze(-1)

    @property
    def log_probabilities(self) -> Tensor:
        """Log-probabilities (..., K, V), finite also where the weight underflows."""
        gap = self.maximum.unsqueeze(-1) - torch.where(self.masked, 0, self.logits)
        log_p = -gap / self.temperature.unsqueeze(-1) - self.log_weight.unsqueeze(-1)
        return torch.where(self.masked, -torch.inf, log_p)

    def mean(self, values: Tensor) -> Tensor:
        """Expectation (..., K) of `values` (..., K, V) that vanish on the excluded token."""
        return (self.weights * values).sum(-1) / (1 + self.weight)

    def central_moment(self, order: int) -> Tensor:
        """Central moment (..., K) of the scaled gaps; order 2 is the heat capacity."""
        mean = self.mean(self.gaps)
        others = (self.weights * (self.gaps - mean.unsqueeze(-1)) ** order).sum(-1)
        return (others + (-mean) ** order) / (1 + self.weight)
