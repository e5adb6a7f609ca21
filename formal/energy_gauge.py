"""The gauge of energies: what a constant added to all of them changes, and what it does not.

Notation: `F[E + c]` is the free energy of shifted energies. Main statements: probabilities,
entropy and heat capacity do not depend on the gauge, energies shift with it; the normalized,
the centered and the ground gauge.
References: yang2024.
"""

# SymPy types a Sum as what a relation might be as well:
# pyright: reportOperatorIssue=false

from sympy import Eq, Sum, log

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
    heat_capacity,
    internal_energy,
    probability,
)
from formal.sources import OURS
from formal.statement import family, identity
from formal.symbols import T_0, V, c, i, j, k

shifted = family(lambda i: E[i] + c)
normalized = family(lambda i: -T_0 * log(probability(E, T_0, i)))
grounded = family(lambda i: E[i] - E_min)
centered = family(lambda i: E[i] - Sum(E[j], (j, 1, V)) / V)


@identity(OURS, item="1:T1.20")
def probability_add_const():
    """Probabilities do not change when all energies shift by a constant."""
    return Eq(probability(shifted, T, k), probability(E, T, k))


@identity(OURS, item="1:T1.20")
def free_energy_add_const():
    """Free energy shifts with the energies: it means nothing before the gauge is fixed."""
    return Eq(free_energy(shifted, T), F + c)


@identity(OURS, item="1:T1.20")
def internal_energy_add_const():
    """Internal energy shifts with the energies."""
    return Eq(internal_energy(shifted, T), U + c)


@identity(OURS, item="1:T1.20")
def entropy_add_const():
    """Entropy does not depend on the energy gauge."""
    return Eq(entropy(shifted, T), S)


@identity(OURS, item="1:T1.20")
def heat_capacity_add_const():
    """Heat capacity does not depend on the energy gauge."""
    return Eq(heat_capacity(shifted, T), C)


@identity(OURS, item="1:T1.20")
def free_energy_sub_internal_energy_add_const():
    """The distance of free energy from internal energy does not depend on the gauge."""
    return Eq(free_energy(shifted, T) - internal_energy(shifted, T), F - U)


@identity(OURS, item="1:T1.20")
def free_energy_eq_zero_of_normalized_gauge():
    """In the gauge normalized at a temperature, free energy vanishes at that temperature."""
    return Eq(free_energy(normalized, T_0), 0)


@identity(OURS, item="1:T1.20")
def internal_energy_eq_temperature_mul_entropy_of_normalized_gauge():
    """In the gauge normalized at a temperature, all of the energy there is heat."""
    return Eq(internal_energy(normalized, T_0), T_0 * entropy(E, T_0))


@identity(OURS, item="1:T1.20")
def sum_energy_eq_zero_of_centered_gauge():
    """In the centered gauge the energies of the tokens sum to zero."""
    return Eq(Sum(E[i] - Sum(E[j], (j, 1, V)) / V, (i, 1, V)), 0)


@identity(OURS, item="1:T1.20")
def free_energy_of_centered_gauge():
    """Centering moves the free energy by the mean energy of the tokens."""
    return Eq(free_energy(centered, T), F - Sum(E[i], (i, 1, V)) / V)


@identity(OURS, item="1:T1.20")
def free_energy_of_ground_gauge():
    """Counting energies from the ground energy moves the free energy by it."""
    return Eq(free_energy(grounded, T), F - E_min)
