"""Which tokens a linear head can be sure of: rows that some hidden state puts above all others.

A token is the only argmax for some hidden state exactly if its row is a vertex of the polytope of
all rows and no other row equals it; it is then certain in a limit of long hidden states, whatever
the bias.  Found here: rows that occur more than once, which refutes it, and directions in which a
row stands out by more than rounding, which certify it.  What neither is found for is undecided.
"""

from __future__ import annotations

import torch
from torch import Tensor

from numeric.arrays import ArrayT, tensor_from
from numeric.errors import InputError

_TOKENS_AT_A_TIME = 512


def multiplicities(rows: ArrayT) -> Tensor:
    """How often each row (V, d) occurs among all rows: integers (V,), 1 where it is its own."""
    _, place, count = _checked(rows).unique(dim=0, return_inverse=True, return_counts=True)
    return count[place]


def exposing_directions(rows: ArrayT, tokens: Tensor, rounds: int = 20) -> tuple[Tensor, Tensor]:
    """Hidden states (n, d) for `tokens` (n,), and whether each certifies its token, (n,).

    The first state tried is the row less the mean row; every round after that moves those that
    fail away from the row that is above.  A state certifies its token if the gap to every other
    logit exceeds what rounding in float64 may have done.

    Raises:
        InputError: The rows are not a finite table, or a token is not one of them.
    """
    u = _checked(rows).double()
    if bool(((tokens < 0) | (tokens >= len(u))).any()):
        raise InputError(f"tokens: expected numbers from 0 to {len(u) - 1}, got others")
    u = u - u.mean(0)
    length = u.norm(dim=-1).max()
    states = u[tokens].clone()
    found = torch.zeros(len(tokens), dtype=torch.bool, device=u.device)
    for _ in range(rounds):
        left = (~found).nonzero()[:, 0]
        for part in left.split(_TOKENS_AT_A_TIME):
            own, h = tokens[part], states[part]
            gaps = (u[own] * h).sum(-1, keepdim=True) - h @ u.T
            gaps[torch.arange(len(part)), own] = torch.inf
            least, above = gaps.min(-1)
            rounding = 4 * u.shape[1] * torch.finfo(u.dtype).eps * length * h.norm(dim=-1)
            found[part] = least > rounding
            fails = part[least <= rounding]
            step = u[tokens[fails]] - u[above[least <= rounding]]
            states[fails] += step
    return states, found


def _checked(rows: ArrayT) -> Tensor:
    u = tensor_from(rows, "rows").detach()
    if u.ndim != 2 or not u.numel() or not bool(torch.isfinite(u).all()):
        raise InputError(f"rows: expected a finite table (V, d), got shape {tuple(u.shape)}")
    return u
