"""Weight, mean and central moments of the scaled gaps as one differentiable operation on CPUs.

With p = e / (1 + w), y = beta d, L = log1p(w), z = y - E[y] and mu_n = E[z^n], up to the excluded
token,

    dL / dx = p / T,   dE[y] / dx = p (z - 1) / T,
    dmu_n / dx = p (z^n - n z^(n-1) - mu_n - n mu_(n-1) (z - 1)) / T,

where mu_1 = 0, and dL / dT = E[y] / T, dE[y] / dT = (mu_2 - E[y]) / T,
dmu_n / dT = (mu_(n+1) - n mu_n - n mu_2 mu_(n-1)) / T.  The backward pass is one more pass over
the logits and keeps nothing of size V times K.  Its derivatives are left to the torch reference.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.autograd import Function, grad

from numeric.backends.cpu import raw_moments
from numeric.backends.cumulants import central_moments, powers_of_two
from numeric.backends.gradient_kernel import gradient
from numeric.backends.ladder import constants, inverse
from numeric.backends.threads import in_threads, pieces_of
from numeric.domain import check_maxima
from numeric.state import ThermodynamicState


@dataclass(frozen=True)
class _Exact:
    """What a pass found, in float64: moments (N, K) of y, and where the maxima are."""

    maxima: np.ndarray  # (N,) in the dtype of the pass
    places: np.ndarray  # (N,)
    weight: np.ndarray
    mean: np.ndarray
    central: list[np.ndarray]  # mu_2 alone, or mu_2 to mu_4

    @classmethod
    def of(cls, x: Tensor, t: Tensor, order: int) -> _Exact:
        """By raw moments for order 2, else by moments that are centered block by block."""
        if order > 2:
            maxima, places, moments = central_moments(
                x, inverse(_double(t)), torch.get_num_threads()
            )
            weight, mean, *central = np.moveaxis(moments, -1, 0)
            return cls(maxima, places, weight, mean, central)
        raw = raw_moments(x, inverse(_double(t)), torch.get_num_threads())
        beta, weight = 1 / _double(t), raw.sums[..., 0]
        mean = beta * raw.sums[..., 1] / (1 + weight)
        return cls(raw.maxima, raw.places, weight, mean, [beta**2 * raw.variance])


class Moments(Function):
    """Weight, mean and central moments (N, K), and the excluded token (N, 1), of logits (N, V)."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, t: Tensor, rows: torch.Size, order: int):  # pyright: ignore
        """Moments to `order` by the compiled loops; t (K,) or (N, K), rows as errors name them."""
        exact = _Exact.of(x.detach().contiguous(), t, order)
        check_maxima(torch.from_numpy(exact.maxima).reshape(rows))
        values = (exact.weight, exact.mean, *exact.central[: order - 1])
        outputs = tuple(torch.from_numpy(v.astype(exact.maxima.dtype)) for v in values)
        places = torch.from_numpy(exact.places).unsqueeze(-1)
        ctx.save_for_backward(x, t)
        ctx.exact, ctx.order = exact, order
        ctx.mark_non_differentiable(places)
        return (*outputs, places)

    @staticmethod
    def backward(ctx: Any, *grads: Any):
        """Gradients of the logits and the temperatures."""
        x, t = ctx.saved_tensors
        if torch.is_grad_enabled():  # somebody will differentiate the gradients
            outputs = ThermodynamicState.of(x, t, ctx.order).numbers
            wanted = [v for v in (x, t) if v.requires_grad]
            found = iter(grad(outputs, wanted, grads[:-1], create_graph=True))
            return *(next(found) if v.requires_grad else None for v in (x, t)), None, None
        return *_closed_form(x, t, ctx.exact, [_double(g) for g in grads[:-1]]), None, None


def compiled_state(logits: Tensor, temperature: Tensor, order: int = 2) -> ThermodynamicState:
    """State of logits (..., V) at temperatures (K,), or (..., K) with the same rows."""
    rows, states = logits.shape[:-1], temperature.shape[-1]
    x = logits.reshape(-1, logits.shape[-1])
    t = temperature if temperature.ndim == 1 else temperature.reshape(-1, states)
    *values, places = Moments.apply(x, t, rows, order)  # differentiable
    dtype = values[0].dtype
    return ThermodynamicState(
        t.expand(values[0].shape).reshape(*rows, states).to(dtype),
        x.gather(-1, places).to(dtype).reshape(*rows, 1),
        *(value.reshape(*rows, states) for value in values),
    )


def _closed_form(x: Tensor, t: Tensor, exact: _Exact, grads) -> tuple[Tensor, Tensor]:
    """Gradients (N, V) and (K,) or (N, K) from those of weight, mean and moments (N, K)."""
    total, mean, mu = 1 + exact.weight, exact.mean, [1.0, 0.0, *exact.central]
    log_weight, of_mean, *others = grads[0] * total, *grads[1:]
    polynomial = [np.zeros_like(mean) for _ in mu]
    polynomial[0] += log_weight - of_mean
    polynomial[1] += of_mean
    for n, g in enumerate(others, 2):
        polynomial[n] += g
        polynomial[n - 1] -= n * g
        polynomial[1] -= n * mu[n - 1] * g
        polynomial[0] += (n * mu[n - 1] - mu[n]) * g
    result, top = _pass(x, t, exact, polynomial)
    mu.append(top)
    slope = log_weight * mean + of_mean * (mu[2] - mean)
    for n, g in enumerate(others, 2):
        slope += g * (mu[n + 1] - n * mu[n] - n * mu[2] * mu[n - 1])
    by_temperature = torch.from_numpy(slope / _double(t))
    by_temperature = by_temperature.sum(0) if t.ndim == 1 else by_temperature
    return result.to(x.dtype), by_temperature.to(t.dtype)


def _pass(x: Tensor, t: Tensor, exact: _Exact, polynomial: list[np.ndarray]):
    """Sums over temperatures of p polynomial(z) / T (N, V), and the next central moment (N, K).

    One pass over the logits, in threads, with gaps in units of a power of two, which is exact.
    """
    dtype, total = exact.maxima.dtype, 1 + exact.weight
    values = x.detach().to(torch.from_numpy(exact.maxima).dtype).contiguous().numpy()
    beta = inverse(_double(t))
    beta = beta if t.ndim == 2 else beta[None]
    high, low = constants(beta, dtype)
    scale = powers_of_two(beta)
    unit = (beta / scale).astype(np.float64)  # y = unit (scale d)
    scaled = [c * unit**n * beta.astype(np.float64) / total for n, c in enumerate(polynomial)]
    coefficients = np.stack(scaled, -1).astype(dtype)
    means = (exact.mean / unit).astype(dtype)
    result, sums = np.empty_like(values), np.zeros(total.shape)
    scale = scale.astype(dtype)

    def rows(piece: slice) -> None:
        own = slice(None) if high.shape[0] == 1 else piece
        gradient(
            values[piece], high[own], low[own], scale[own], exact.maxima[piece],
            exact.places[piece], means[piece], coefficients[piece], result[piece], sums[piece],
        )  # fmt: skip

    in_threads(rows, pieces_of(x.shape[0], torch.get_num_threads(), x.shape[1] * t.shape[-1]))
    degree = len(polynomial)  # odd: the excluded token adds (-mean)^degree
    top = unit**degree * sums - exact.mean**degree
    return torch.from_numpy(result), top / total


def _double(tensor: Tensor) -> np.ndarray:
    return tensor.detach().to(torch.float64).numpy()
