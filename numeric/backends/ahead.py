"""Compiling ahead: processes that start side by side would all compile the same loops."""

from __future__ import annotations

import torch

from numeric.backends.choice import numba_obstacle
from numeric.divergence import fisher_rao_distance, kl_divergence
from numeric.thermodynamics import thermodynamics


def compile_ahead() -> None:
    """Compile the loops of F, U, S, C and of divergences, in both dtypes; the cache keeps them.

    Takes some twenty seconds of a processor the first time; does nothing without numba.
    """
    for dtype in (torch.float64, torch.float32):
        logits = torch.tensor([[0.0, 1.0]], dtype=dtype, requires_grad=True)
        if numba_obstacle(logits):
            return
        temperature = torch.ones(1, dtype=dtype)
        thermodynamics(logits, temperature, backend="numba").entropy.sum().backward()
        for divergence in (kl_divergence, fisher_rao_distance):
            divergence(logits.detach(), logits.detach().flip(-1), backend="numba")
