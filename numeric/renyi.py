"""Renyi entropies of rows of logits, accurate near order 1 and where the entropy vanishes.

The sum of powers differs from one by sum (p^q - p), whose terms have one sign; the entropy is its
log1p over 1 - q.
"""

from __future__ import annotations

import math
from typing import Literal, get_args

import torch
from torch import Tensor

from numeric.arrays import ArrayT, Temperature
from numeric.backends.choice import compiled_obstacle, state_of, takes_compiled, work_on
from numeric.domain import checked_logits, checked_temperature
from numeric.ensemble import Ensemble
from numeric.errors import InputError

Backend = Literal["auto", "torch", "numba"]
_NEAR = 0.5  # below, the logarithm of one minus the sum keeps more digits than that of its powers


def renyi_entropy(
    logits: ArrayT, temperature: Temperature, order: float, *, backend: Backend = "auto"
) -> ArrayT:
    """Renyi entropy ln(sum p_i^q) / (1 - q) of order q >= 0, in nats.

    Order 1 is the entropy, 0 the logarithm of the number of unmasked tokens, infinity the
    min-entropy -ln max p.  Accurate also near order 1.  Shapes as in `numeric.boltzmann`.

    Raises:
        InputError: The order is negative or NaN, or logits or temperature are illegal.
    """
    q = float(order)
    if not q >= 0:
        raise InputError(f"order: expected a number >= 0, got {order}")
    if backend not in get_args(Backend):
        raise InputError(f"backend: expected one of {get_args(Backend)}, got {backend!r}")
    if q == 1 or q == math.inf:
        state, outlet = state_of(logits, temperature, 2, backend)
        return outlet(state.entropy if q == 1 else state.log_weight)
    x = checked_logits(logits)
    t = checked_temperature(temperature, x)
    if q > 0 and takes_compiled(backend, compiled_obstacle(x, t, gradients=False), work_on(x, t)):
        return _by_kernel(logits, temperature, q)
    return _by_reference(logits, temperature, q)


def _by_kernel(logits: ArrayT, temperature: Temperature, q: float) -> ArrayT:
    from numeric.backends.powers import power_excess_of

    state, outlet = state_of(logits, temperature, 2, "numba")
    level = state.log_weight.double()
    excess = power_excess_of(checked_logits(logits), state, q)
    value = (excess if q < 1 else -excess).log1p()
    if q > 1:
        colder = state_of(logits, state.temperature / q)[0].log_weight.double()
        value = torch.where(excess < _NEAR, value, colder - q * level)
    return outlet(value / (1 - q))


def _by_reference(logits: ArrayT, temperature: Temperature, q: float) -> ArrayT:
    b = Ensemble.of(logits, temperature)
    if q == 0:
        states = (~b.masked).sum(-1).to(b.temperature.dtype)
        return b.outlet(states.log() + 0 * b.log_weight)
    if q > 1:
        return b.outlet(_above_one(b, q))
    hotter = (b.temperature / q).clamp(max=torch.finfo(b.temperature.dtype).max)
    return b.outlet(_below_one(b, Ensemble.of(logits, hotter), q))


def _above_one(b: Ensemble, q: float) -> Tensor:
    """sum p^q - 1 = sum p expm1((q - 1) ln p): terms of one sign, also as q -> 1."""
    log_p = -b.gaps - b.log_weight.unsqueeze(-1)
    excess = (b.probabilities * torch.expm1((q - 1) * log_p)).sum(-1)
    near = excess > -_NEAR  # else sum p^q is small and its logarithm is taken directly
    powers = torch.where(b.weights > 0, (-q * b.gaps).exp(), 0)
    power_sum = powers.sum(-1).log1p() - q * b.log_weight
    return torch.where(near, torch.where(near, excess, 0).log1p(), power_sum) / (1 - q)


def _below_one(b: Ensemble, escort: Ensemble, q: float) -> Tensor:
    """sum p^q - 1 = sum p^q (1 - p^(1-q)), weights taken from the escort ensemble at T / q."""
    log_p = -escort.gaps / q - b.log_weight.unsqueeze(-1)
    powers = (escort.weights + escort.excluded) * (-q * b.log_weight).exp().unsqueeze(-1)
    return (powers * -torch.expm1((1 - q) * log_p)).sum(-1).log1p() / (1 - q)
