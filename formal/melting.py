"""How heat capacity depends on temperature: scale, slope, and one token below all others.

Notation: `D` is the gap between the energy of one token and that of all others (Schottky's
spectrum). Main statements: entropy and heat capacity know energies and temperature through their
ratio only; the slope of the heat capacity is the third moment; where entropy turns; the heat
capacity of Schottky's spectrum, its slope, and its height at a peak.
References: callen1985.
"""

# SymPy types a Sum as what a relation might be as well:
# pyright: reportOperatorIssue=false

from sympy import Derivative, Eq, KroneckerDelta, Le, exp, oo

from formal import symbols as _
from formal.boltzmann import C, E_min, S, U, central_moment, entropy, heat_capacity, probability
from formal.sources import CALLEN, OURS
from formal.statement import family, identity, inequality
from formal.symbols import D, Maximum, T, V, alpha, c, i, k

E = _.E
E_max = Maximum(E[i], (i, 1, V))
scaled = family(lambda i: alpha * E[i])
schottky = family(lambda i: D * (1 - KroneckerDelta(i, k)))
p_k = probability(schottky, T, k)
C_k = heat_capacity(schottky, T)


@identity(OURS, item="3:P4")
def heat_capacity_mul_const():
    """Energies and temperature scaled alike leave the heat capacity as it is."""
    return Eq(heat_capacity(scaled, alpha * T), C)


@identity(OURS, item="3:P4")
def entropy_mul_const():
    """Energies and temperature scaled alike leave the entropy as it is."""
    return Eq(entropy(scaled, alpha * T), S)


@inequality(OURS, item="3:P2", tight_at={E: family(lambda i: c * KroneckerDelta(i, 1))})
def heat_capacity_le_distances_from_extremes():
    """Heat capacity is at most the product of the mean energy's distances from its extremes."""
    return Le(C, (E_max - U) * (U - E_min) / T**2)


@inequality(OURS, item="3:P2", tight_at={T: oo})
def heat_capacity_le_sq_energy_range():
    """Heat capacity is at most a quarter of the squared range of the energies over T."""
    return Le(C, (E_max - E_min) ** 2 / (4 * T**2))


@identity(CALLEN, item="3:P5")
def deriv_heat_capacity_eq_third_moment_sub_heat_capacity():
    """Heat capacity rises where the energy is skewed upwards enough."""
    return Eq(Derivative(C, T), central_moment(E, T, 3) / T**4 - 2 * C / T)


@identity(CALLEN, item="3:P5")
def deriv2_entropy_eq_deriv_heat_capacity_sub_heat_capacity():
    """Entropy turns in temperature where heat capacity grows in proportion to it."""
    return Eq(Derivative(S, (T, 2)), (Derivative(C, T) - C / T) / T)


@identity(CALLEN, item="3:P5")
def deriv2_entropy_by_log_temperature_eq_deriv_heat_capacity():
    """Entropy turns in the logarithm of temperature where heat capacity has an extremum."""
    return Eq(T * Derivative(T * Derivative(S, T), T), T * Derivative(C, T))


@identity(CALLEN, item="3:P3")
def probability_of_schottky():
    """The one low token competes with all others at their Boltzmann weight."""
    return Eq(p_k, 1 / (1 + (V - 1) * exp(-D / T)))


@identity(CALLEN, item="3:P3")
def heat_capacity_of_schottky():
    """**Schottky anomaly**: one token below all others holds heat while it hesitates."""
    return Eq(C_k, (D / T) ** 2 * p_k * (1 - p_k))


@identity(CALLEN, item="3:P3")
def deriv_heat_capacity_of_schottky():
    """Schottky's heat capacity peaks where the low token has half the mass and T / D more."""
    return Eq(Derivative(C_k, T), C_k / T * (D / T * (2 * p_k - 1) - 2))


@identity(CALLEN, item="3:P3")
def sq_deriv_heat_capacity_of_schottky_add_heat_capacity():
    """At its peak Schottky's heat capacity is a quarter of the squared gap over T, less one."""
    slope = T * Derivative(C_k, T) + 2 * C_k
    return Eq(slope**2, C_k**2 * ((D / T) ** 2 - 4 * C_k))
