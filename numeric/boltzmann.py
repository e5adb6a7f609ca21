"""Quantities of the Boltzmann distribution p_i = exp(x_i / T) / Z of a row of logits x.

Shared by every function here: energies are E = -x (raw gauge), logarithms natural, k_B = 1.
Logits are (..., V), torch or NumPy; a scalar temperature gives (...), a vector (K,) gives
(..., K), and with two or more axes temperatures are per row and broadcast as (..., K).  Tokens
masked by -inf have neither probability nor energy.  Half precision is widened to float32 before
the division by T.  Everything is differentiable by torch in logits and temperature, to any order,
also at ties and where the entropy vanishes.  A ValueError names the first offending row or
temperature.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from numeric.arrays import ArrayT, Temperature
from numeric.domain import checked_targets
from numeric.ensemble import Ensemble
from numeric.errors import InputError


def probabilities(logits: ArrayT, temperature: Temperature) -> ArrayT:
    """Boltzmann probabilities softmax(x / T), axis K before V: (..., V) or (..., K, V)."""
    b = Ensemble.of(logits, temperature)
    return b.outlet(b.probabilities, axis=-2)


def log_probabilities(logits: ArrayT, temperature: Temperature) -> ArrayT:
    """Logarithms of the probabilities, -inf where masked: (..., V) or (..., K, V)."""
    b = Ensemble.of(logits, temperature)
    return b.outlet(b.log_probabilities, axis=-2)


def log_partition(logits: ArrayT, temperature: Temperature) -> ArrayT:
    """Logarithm of the partition function, ln Z = ln sum exp(x_i / T)."""
    b = Ensemble.of(logits, temperature)
    return b.outlet(b.maximum / b.temperature + b.log_weight)


def free_energy(logits: ArrayT, temperature: Temperature) -> ArrayT:
    """Helmholtz free energy F = -T ln Z."""
    b = Ensemble.of(logits, temperature)
    return b.outlet(-(b.maximum + b.temperature * b.log_weight))


def internal_energy(logits: ArrayT, temperature: Temperature) -> ArrayT:
    """Internal energy U = sum p_i E_i."""
    b = Ensemble.of(logits, temperature)
    return b.outlet(b.temperature * b.mean(b.gaps) - b.maximum)


def entropy(logits: ArrayT, temperature: Temperature) -> ArrayT:
    """Entropy S = -sum p_i ln p_i in nats; ln(multiplicity of the maximum) as T -> 0."""
    b = Ensemble.of(logits, temperature)
    return b.outlet(b.log_weight + b.mean(b.gaps))


def heat_capacity(logits: ArrayT, temperature: Temperature) -> ArrayT:
    """Heat capacity C = Var(E) / T^2 = dU/dT."""
    b = Ensemble.of(logits, temperature)
    return b.outlet(b.central_moment(2))


def cross_entropy(logits: ArrayT, target, temperature: Temperature = 1.0) -> ArrayT:
    """Negative log-probability -ln p[target] in nats; +inf for a masked target.

    Shapes: target (...), integers in 0..V-1 that broadcast to the rows of the logits; a
    ValueError names the first that is not.
    """
    b = Ensemble.of(logits, temperature)
    index = checked_targets(target, b.logits[..., 0, :])
    surprise = -b.log_probabilities
    index = index.reshape(*index.shape, 1, 1).expand(*surprise.shape[:-1], 1)
    return b.outlet(surprise.gather(-1, index).squeeze(-1))


def renyi_entropy(logits: ArrayT, temperature: Temperature, order: float) -> ArrayT:
    """Renyi entropy ln(sum p_i^q) / (1 - q) of order q >= 0, in nats.

    Order 1 is the entropy, 0 the logarithm of the number of unmasked tokens, infinity the
    min-entropy -ln max p.  Accurate also near order 1.

    Raises:
        InputError: The order is negative or NaN.
    """
    q = float(order)
    if not q >= 0:
        raise InputError(f"order: expected a number >= 0, got {order}")
    b = Ensemble.of(logits, temperature)
    if q == 1:
        return b.outlet(b.log_weight + b.mean(b.gaps))
    if q == math.inf:
        return b.outlet(b.log_weight)
    if q == 0:
        states = (~b.masked).sum(-1).to(b.temperature.dtype)
        return b.outlet(states.log() + 0 * b.log_weight)
    if q > 1:
        return b.outlet(_renyi_above_one(b, q))
    hotter = (b.temperature / q).clamp(max=torch.finfo(b.temperature.dtype).max)
    return b.outlet(_renyi_below_one(b, Ensemble.of(logits, hotter), q))


def _renyi_above_one(b: Ensemble, q: float) -> Tensor:
    """sum p^q - 1 = sum p expm1((q - 1) ln p): terms of one sign, also as q -> 1."""
    log_p = -b.gaps - b.log_weight.unsqueeze(-1)
    excess = (b.probabilities * torch.expm1((q - 1) * log_p)).sum(-1)
    near = excess > -0.5  # else sum p^q is small and its logarithm is taken directly
    powers = torch.where(b.weights > 0, (-q * b.gaps).exp(), 0)
    power_sum = powers.sum(-1).log1p() - q * b.log_weight
    return torch.where(near, torch.where(near, excess, 0).log1p(), power_sum) / (1 - q)


def _renyi_below_one(b: Ensemble, escort: Ensemble, q: float) -> Tensor:
    """sum p^q - 1 = sum p^q (1 - p^(1-q)), weights taken from the escort ensemble at T / q."""
    log_p = -escort.gaps / q - b.log_weight.unsqueeze(-1)
    powers = (escort.weights + escort.excluded) * (-q * b.log_weight).exp().unsqueeze(-1)
    return (powers * -torch.expm1((1 - q) * log_p)).sum(-1).log1p() / (1 - q)
