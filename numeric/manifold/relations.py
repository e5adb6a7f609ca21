"""Toric equations: what rows of a head have to do with one another, probabilities have as well.

A relation sum n_v u_v = 0 with sum n_v = 0 of the rows makes prod p_v^(n_v) the same number,
exp(sum n_v b_v / T), for every hidden state.  The simplest is two equal rows.
"""

from __future__ import annotations

import torch
from torch import Tensor

from numeric.arrays import tensor_from
from numeric.errors import InputError
from numeric.manifold.head import BoltzmannManifold


def repeated_rows(weight) -> list[Tensor]:
    """Groups of tokens (n,) whose rows (V, d) are equal, largest first; n >= 2."""
    u = tensor_from(weight, "weight").detach()
    if u.ndim != 2 or not u.numel():
        raise InputError(f"weight: expected a table (V, d), got shape {tuple(u.shape)}")
    _, place, count = u.unique(dim=0, return_inverse=True, return_counts=True)
    often = (count > 1).nonzero()[:, 0]
    groups = [(place == one).nonzero()[:, 0] for one in often.tolist()]
    return sorted(groups, key=lambda group: (-len(group), int(group[0])))


def relation_residuals(
    manifold: BoltzmannManifold, log_probabilities, tokens, coefficients
) -> Tensor:
    """By how much log-probabilities (..., V) miss a toric equation, (...).

    `tokens` (n,) and `coefficients` (n,) are a relation of rows; what is missed is the size of
    sum n_v (ln p_v - b_v / T).

    Raises:
        InputError: They are no relation of this head's rows.
    """
    at = torch.as_tensor(tokens)
    n = torch.as_tensor(coefficients).double()
    if at.shape != n.shape or at.ndim != 1 or not len(at):
        raise InputError(f"expected as many coefficients as tokens, got {at.shape}, {n.shape}")
    if bool(((at < 0) | (at >= manifold.vocabulary_size)).any()):
        raise InputError(f"tokens: expected numbers from 0 to {manifold.vocabulary_size - 1}")
    rows = manifold.weight[at]
    rounding = 8 * len(at) * torch.finfo(torch.float64).eps * float(n.abs().max())
    if float(n.sum().abs()) > rounding or bool(
        ((n @ rows).abs() > rounding * rows.abs().max()).any()
    ):
        raise InputError("coefficients: expected a sum of zero, also of the rows they multiply")
    lp = tensor_from(log_probabilities, "log_probabilities").detach().double()
    return (lp[..., at] @ n - manifold.bias[at] @ n / manifold.temperature).abs()
