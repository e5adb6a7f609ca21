"""Weight, mean and variance of the scaled gaps as one differentiable operation on CPUs.

With p = e / (1 + w), y = beta d and L = log1p(w), up to the excluded token,

    dL / dx = p / T,   dE[y] / dx = -p (1 - z) / T,   dVar / dx = -p (2 z - z^2 + Var) / T,

where z = y - E[y], and dL / dT = E[y] / T, dE[y] / dT = (Var - E[y]) / T,
dVar / dT = (third central moment - 2 Var) / T.  The backward pass is one more pass over the
logits and keeps nothing of size V times K.  Derivatives of it are left to the torch reference.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.autograd import Function, grad

from numeric.backends.cpu import raw_moments
from numeric.backends.gradient_kernel import gradient
from numeric.backends.ladder import constants, inverse
from numeric.backends.threads import in_threads, pieces_of
from numeric.domain import check_maxima
from numeric.state import ThermodynamicState


class Moments(Function):
    """Weight, mean and variance (N, K), and the excluded token (N, 1), of logits (N, V)."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, t: Tensor, rows: torch.Size):  # pyright: ignore
        """Raw moments by the compiled loops; t (K,) or (N, K), rows as errors name them."""
        moments = raw_moments(
            x.detach().contiguous(), inverse(_double(t)), torch.get_num_threads()
        )
        check_maxima(torch.from_numpy(moments.maxima).reshape(rows))
        beta, total = 1 / _double(t), 1 + moments.sums[..., 0]
        mean, variance = moments.sums[..., 1] / total, moments.variance
        values = (moments.sums[..., 0], beta * mean, beta**2 * variance)
        places = torch.from_numpy(moments.places).unsqueeze(-1)
        outputs = tuple(torch.from_numpy(v.astype(moments.maxima.dtype)) for v in values)
        ctx.save_for_backward(x, t)
        ctx.exact = moments
        ctx.mark_non_differentiable(places)
        return (*outputs, places)

    @staticmethod
    def backward(ctx: Any, *grads: Any):
        """Gradients of the logits and the temperatures."""
        x, t = ctx.saved_tensors
        weight, mean, variance = grads[:3]
        if torch.is_grad_enabled():  # somebody will differentiate the gradients
            state = ThermodynamicState.of(x, t)
            outputs = (state.weight, state.mean, state.variance)
            wanted = [v for v in (x, t) if v.requires_grad]
            found = iter(grad(outputs, wanted, (weight, mean, variance), create_graph=True))
            return *(next(found) if v.requires_grad else None for v in (x, t)), None
        known = (_double(weight), _double(mean), _double(variance))
        return *_closed_form(x, t, ctx.exact, known), None


def compiled_state(logits: Tensor, temperature: Tensor) -> ThermodynamicState:
    """State of order 2 of logits (..., V) at temperatures (K,), or (..., K) with the same rows."""
    rows, states = logits.shape[:-1], temperature.shape[-1]
    x = logits.reshape(-1, logits.shape[-1])
    t = temperature if temperature.ndim == 1 else temperature.reshape(-1, states)
    weight, mean, variance, places = Moments.apply(x, t, rows)  # differentiable
    dtype = weight.dtype
    return ThermodynamicState(
        t.expand(weight.shape).reshape(*rows, states).to(dtype),
        x.gather(-1, places).to(dtype).reshape(*rows, 1),
        *(value.reshape(*rows, states) for value in (weight, mean, variance)),
    )


def _closed_form(x: Tensor, t: Tensor, exact, grads) -> tuple[Tensor, Tensor]:
    """Gradients (N, V) and (K,) or (N, K) from those of weight, mean and variance (N, K)."""
    beta = 1 / _double(t)
    total = 1 + exact.sums[..., 0]
    gap, spread = exact.sums[..., 1] / total, beta**2 * exact.variance
    log_weight, mean, variance = grads[0] * total, grads[1], grads[2]
    polynomial = (log_weight - mean - variance * spread, mean - 2 * variance, variance)
    scale = [beta * beta**n / total for n in range(3)]  # y = beta d, and p / T = beta e / total
    coefficients = np.stack([c * s for c, s in zip(polynomial, scale, strict=True)], -1)
    result, thirds = _pass(x, t, exact, gap, coefficients)
    third = beta**3 * (thirds - gap**3) / total
    slope = (
        log_weight * beta * gap + mean * (spread - beta * gap) + variance * (third - 2 * spread)
    )
    by_temperature = torch.from_numpy(beta * slope)
    by_temperature = by_temperature.sum(0) if t.ndim == 1 else by_temperature
    return result.to(x.dtype), by_temperature.to(t.dtype)


def _pass(x: Tensor, t: Tensor, exact, gap: np.ndarray, coefficients: np.ndarray):
    """One pass over the logits, in threads."""
    dtype = exact.maxima.dtype
    values = x.detach().to(torch.from_numpy(exact.maxima).dtype).contiguous().numpy()
    beta = inverse(_double(t))
    high, low = constants(beta if t.ndim == 2 else beta[None], dtype)
    means, coefficients = gap.astype(dtype), coefficients.astype(dtype)
    result, thirds = np.empty_like(values), np.zeros(gap.shape)

    def rows(piece: slice) -> None:
        own = slice(None) if high.shape[0] == 1 else piece
        gradient(
            values[piece], high[own], low[own], exact.maxima[piece], exact.places[piece],
            means[piece], coefficients[piece], result[piece], thirds[piece],
        )  # fmt: skip

    in_threads(rows, pieces_of(x.shape[0], torch.get_num_threads(), x.shape[1] * t.shape[-1]))
    return torch.from_numpy(result), thirds


def _double(tensor: Tensor) -> np.ndarray:
    return tensor.detach().to(torch.float64).numpy()
