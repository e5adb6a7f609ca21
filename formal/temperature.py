"""What temperature does to a next-token distribution.

Main statements: temperatures multiply; with rising temperature energy and entropy rise, free
energy and the largest probability fall; bounds by the range of energies and by the gap above the
ground states; entropy is the heat taken up, divided by temperature.
References: gibbs1902, callen1985, cover2006, renyi1961.
"""

# SymPy types a Sum as what a relation might be as well:
# pyright: reportOperatorIssue=false

from sympy import Derivative, Eq, Ge, Integral, Le, Ne, Sum, exp, log, oo

from formal.boltzmann import (
    C,
    E,
    E_min,
    F,
    S,
    T,
    U,
    entropy,
    free_energy,
    ground_degeneracy,
    largest_probability,
    p,
    probability,
)
from formal.moduli import renyi_entropy
from formal.sources import CALLEN, COVER_THOMAS, GIBBS, OURS, RENYI
from formal.statement import family, identity, inequality
from formal.symbols import T_1, T_2, Maximum, V, alpha, i, k

# Temperature as a direction on the simplex


@identity(OURS, item="1:T1.22")
def probability_eq_power_of_probability_at_one():
    """Sampling at a temperature raises the probabilities to its inverse and normalizes."""
    at_one = family(lambda i: probability(E, 1, i) ** (1 / T))
    return Eq(probability(E, T, k), probability(E, 1, k) ** (1 / T) / Sum(at_one.expr, (i, 1, V)))


@identity(OURS, item=("1:T1.22", "1:7.23"))
def probability_at_temperature_twice():
    """Temperatures multiply: sampling at one and then at another is sampling at their product."""
    at_first = family(lambda i: -log(probability(E, T_1, i)))
    return Eq(probability(at_first, T_2, k), probability(E, T_1 * T_2, k))


@inequality(OURS, item="1:T1.22", tight_at={T: oo})
def probability_le_exp_energy_range_div_card():
    """At high temperature no token is much likelier than the uniform law makes it."""
    spread = Maximum(E[i], (i, 1, V)) - E_min
    return probability(E, T, k) <= exp(spread / T) / V


@inequality(OURS, item="1:T1.22", tight_at={T: oo})
def exp_neg_energy_range_div_card_le_probability():
    """At high temperature no token is much less likely than the uniform law makes it."""
    spread = Maximum(E[i], (i, 1, V)) - E_min
    return exp(-spread / T) / V <= probability(E, T, k)


@inequality(OURS, item="1:T1.22", tight_at={T: 0})
def probability_le_exp_neg_gap():
    """At low temperature tokens above the ground energy die out exponentially in their gap."""
    return probability(E, T, k) <= exp(-(E[k] - E_min) / T)


@identity(RENYI, item=("1:T1.23", "1:7.23"), assuming=(Ne(alpha, 1),))
def renyi_entropy_eq_neg_free_energy_difference_quotient():
    """Renyi entropy is a finite difference of the free energy where Shannon's is a derivative."""
    colder = free_energy(E, T / alpha)
    return Eq(renyi_entropy(p, alpha), -(colder - F) / (T / alpha - T))


# Monotonicity in temperature


@identity(CALLEN, item="1:T1.24")
def deriv_entropy_eq_heat_capacity_div_temperature():
    """Entropy grows with temperature as heat capacity over temperature."""
    return Eq(Derivative(S, T), C / T)


@identity(OURS, item="1:T1.24")
def deriv_probability_eq_probability_mul_energy_excess():
    """Heating moves probability towards the tokens above the mean energy."""
    return Eq(Derivative(probability(E, T, k), T), probability(E, T, k) * (E[k] - U) / T**2)


@inequality(CALLEN, item="1:T1.24", tight_at={T: oo})
def deriv_internal_energy_nonneg():
    """Internal energy never falls when temperature rises."""
    return Ge(Derivative(U, T), 0)


@inequality(CALLEN, item="1:T1.24", tight_at={T: oo})
def deriv_entropy_nonneg():
    """Entropy never falls when temperature rises."""
    return Ge(Derivative(S, T), 0)


@inequality(CALLEN, item="1:T1.24", tight_at={T: 0})
def deriv_free_energy_nonpos():
    """Free energy never rises when temperature rises."""
    return Le(Derivative(F, T), 0)


@inequality(OURS, item="1:T1.24", tight_at={T: oo})
def deriv_largest_probability_nonpos():
    """The largest probability never rises when temperature rises."""
    return Le(Derivative(largest_probability(E, T), T), 0)


@inequality(CALLEN, item="1:7.4", tight_at={T: oo})
def heat_capacity_nonneg():
    """Heat capacity is nonnegative."""
    return Ge(C, 0)


@inequality(COVER_THOMAS, item="1:T1.11", tight_at={T: 0})
def entropy_nonneg():
    """The entropy function is nonnegative, and zero where the output is unique."""
    return Ge(S, 0)


@inequality(COVER_THOMAS, item="1:T1.11", tight_at={T: oo})
def entropy_le_log_card():
    """The entropy function is at most the logarithm of the vocabulary size."""
    return Le(S, log(V))


@inequality(GIBBS, item="1:7.8", tight_at={T: 0})
def ground_energy_le_internal_energy():
    """The mean energy is at least the ground energy."""
    return Le(E_min, U)


@inequality(GIBBS, item="1:7.8", tight_at={T: 0})
def free_energy_le_ground_energy():
    """Free energy is at most the ground energy."""
    return Le(F, E_min)


# Entropy from heat


@identity(CALLEN, item="1:7.4")
def integral_heat_capacity_div_temperature_eq_entropy_difference():
    """The heat taken up between two temperatures, each part over its temperature, is entropy."""
    return Eq(Integral(C / T, (T, T_1, T_2)), entropy(E, T_2) - entropy(E, T_1))


@identity(CALLEN, item="1:7.4")
def integral_heat_capacity_div_temperature_eq_log_card_sub_log_ground_degeneracy():
    """From absolute zero to infinity a head takes up ln V minus its residual entropy."""
    return Eq(Integral(C / T, (T, 0, oo)), log(V) - log(ground_degeneracy(E)))
