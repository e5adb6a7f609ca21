"""Scale: what energies and temperature do together.

Main statements: all energies and the temperature times one factor leave the distribution as it
is and multiply the free energy. What that says of entropy and heat capacity is in `melting`.

Notation: energies E, temperature T, a factor alpha > 0.
References: callen1985.
"""

from sympy import Derivative, Eq

from formal import symbols as _
from formal.boltzmann import entropy, free_energy, heat_capacity, probability
from formal.sources import OURS
from formal.statement import family, identity
from formal.symbols import alpha, k

E, T = _.E, _.T
scaled = family(lambda i: alpha * E[i])


@identity(OURS, item="3:P4")
def probability_of_scaled_energies():
    """Energies and temperature times one factor leave the probabilities as they are."""
    return Eq(probability(scaled, alpha * T, k), probability(E, T, k))


@identity(OURS, item="3:P4")
def free_energy_of_scaled_energies():
    """Free energy scales with the energies."""
    return Eq(free_energy(scaled, alpha * T), alpha * free_energy(E, T))


@identity(OURS, item="3:P4")
def deriv_entropy_scale_eq_neg_heat_capacity_div_scale():
    """Sharper logits take away as much entropy as cooling does: C per unit of the log scale."""
    return Eq(Derivative(entropy(scaled, T), alpha), -heat_capacity(scaled, T) / alpha)
