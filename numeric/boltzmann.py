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

from numeric.arrays import ArrayT, Temperature
from numeric.backends.choice import state_of
from numeric.domain import checked_logits, checked_targets
from numeric.ensemble import Ensemble
from numeric.thermodynamics import thermodynamics


def probabilities(logits: ArrayT, temperature: Temperature) -> ArrayT:
    """Boltzmann probabilities softmax(x / T), axis K before V: (..., V) or (..., K, V)."""
    b = Ensemble.of(logits, temperature)
    return b.outlet(b.probabilities, axis=-2)


def log_probabilities(logits: ArrayT, temperature: Temperature) -> ArrayT:
    """Logarithms of the probabilities, -inf where masked: (..., V) or (..., K, V)."""
    b = Ensemble.of(logits, temperature)
    return b.outlet(b.log_probabilities, axis=-2)


def log_partition(logits: ArrayT, temperature: Temperature) -> ArrayT:
    """Logarithm of the partition function, ln Z = ln sum exp(x_i / T), in the raw gauge.

    A shift of the logits by c adds c / T: compare rows in a gauge of `thermodynamics` only.
    """
    return thermodynamics(logits, temperature).log_partition


def free_energy(logits: ArrayT, temperature: Temperature) -> ArrayT:
    """Helmholtz free energy F = -T ln Z in the raw gauge; a shift of the logits by c adds -c."""
    return thermodynamics(logits, temperature).free_energy


def internal_energy(logits: ArrayT, temperature: Temperature) -> ArrayT:
    """Internal energy U = sum p_i E_i in the raw gauge; a shift of the logits by c adds -c."""
    return thermodynamics(logits, temperature).internal_energy


def entropy(logits: ArrayT, temperature: Temperature) -> ArrayT:
    """Entropy S = -sum p_i ln p_i in nats; ln(multiplicity of the maximum) as T -> 0."""
    return thermodynamics(logits, temperature).entropy


def heat_capacity(logits: ArrayT, temperature: Temperature) -> ArrayT:
    """Heat capacity C = Var(E) / T^2 = dU/dT."""
    return thermodynamics(logits, temperature).heat_capacity


def cross_entropy(logits: ArrayT, target, temperature: Temperature = 1.0) -> ArrayT:
    """Negative log-probability -ln p[target] in nats; +inf for a masked target.

    Shapes: target (...), integers in 0..V-1 that broadcast to the rows of the logits; a
    ValueError names the first that is not.
    """
    state, outlet = state_of(logits, temperature)
    x = checked_logits(logits)
    index = checked_targets(target, x)
    return outlet(-state.log_probability(x.gather(-1, index.unsqueeze(-1))))
