"""Thermodynamics of one next-token distribution, the Boltzmann distribution of its energies.

Defined here: partition function, probabilities, free energy, internal energy, entropy, heat
capacity, log-sum-exp and softmax. Main statements: F = U - TS, entropy and energy as derivatives
of the free energy, losses as free energies. What follows from there has files of its own:
`energy_gauge`, `temperature`, `massieu`, `variational`, `softmax`.

Notation: energies `E_i` are minus the logits, `T > 0` is the temperature, `beta = 1/T`, k_B = 1,
logarithms are natural. The gauge is explicit: `F[E + c]` is the free energy of shifted energies.
References: yang2024, gibbs1902, callen1985, cover2006, donsker1975, boyd2004, renyi1961.
"""

# SymPy types a Sum as what a relation might be as well:
# pyright: reportOperatorIssue=false

from typing import Any

from sympy import Derivative, Eq, KroneckerDelta, Lambda, Sum, exp, log

from formal import symbols as _
from formal.moduli import cross_entropy as cross_entropy_of
from formal.moduli import mean, shannon_entropy, variance
from formal.sources import BOYD_VANDENBERGHE, CALLEN, COVER_THOMAS, GIBBS, OURS, YANG
from formal.statement import definition, family, identity, simplex
from formal.symbols import Minimum, V, beta, i, w


@definition("Z", YANG, item="1:D1.11")
def partition_function(E, T):
    """The partition function is the sum of the Boltzmann weights."""
    return Sum(exp(-E[i] / T), (i, 1, V))


@definition("p_{#3}", YANG, item="1:D1.10")
def probability(E, T, k):
    """The probability of a token is its Boltzmann weight divided by the partition function."""
    return exp(-E[k] / T) / partition_function(E, T)


def boltzmann(E: Any = _.E, T: Any = _.T) -> Lambda:
    """The family of Boltzmann probabilities of energies at a temperature."""
    return family(lambda i: probability(E, T, i))


@definition(r"\Phi", GIBBS, item=("1:D1.12", "1:7.1"))
def log_partition(E, T):
    """The Massieu potential is the logarithm of the partition function."""
    return log(partition_function(E, T))


@definition("F", YANG, item="1:D1.11")
def free_energy(E, T):
    """Free energy is minus temperature times the logarithm of the partition function."""
    return -T * log(partition_function(E, T))


@definition("U", YANG, item="1:D1.11")
def internal_energy(E, T):
    """Internal energy is the mean energy."""
    return Sum(probability(E, T, i) * E[i], (i, 1, V))


@definition("S", YANG, item="1:D1.8")
def entropy(E, T):
    """Entropy is minus the mean logarithm of the probability, in nats."""
    return -Sum(probability(E, T, i) * log(probability(E, T, i)), (i, 1, V))


@definition("C", CALLEN, item=("1:D1.12", "1:7.4"))
def heat_capacity(E, T):
    """Heat capacity is the variance of the energy in units of the squared temperature."""
    return variance(boltzmann(E, T), E) / T**2


@definition(r"\ell_{#3}", COVER_THOMAS, item="1:T1.21")
def surprisal(E, T, k):
    """The loss of a token is minus the logarithm of its probability, in nats."""
    return -log(probability(E, T, k))


@definition("m_{#3}", GIBBS, item="1:7.2")
def central_moment(E, T, k):
    """A central moment of the energy."""
    return Sum(probability(E, T, i) * (E[i] - internal_energy(E, T)) ** k, (i, 1, V))


@definition(r"E_{\min}", OURS, item="1:T1.20")
def ground_energy(E):
    """The ground energy is the least energy of the tokens."""
    return Minimum(E[i], (i, 1, V))


@definition("g_0", CALLEN, item="1:7.4")
def ground_degeneracy(E):
    """The ground degeneracy counts the tokens of least energy."""
    return Sum(KroneckerDelta(E[i], ground_energy(E)), (i, 1, V))


@definition(r"p_{\max}", OURS, item="1:T1.24")
def largest_probability(E, T):
    """The largest probability is that of a token of least energy."""
    return exp(-ground_energy(E) / T) / partition_function(E, T)


@definition(r"\mathcal{F}[#1]", CALLEN, item="1:7.9")
def nonequilibrium_free_energy(q, E, T):
    """The free energy of any distribution is its mean energy minus temperature times entropy."""
    return mean(q, E) - T * shannon_entropy(q)


@definition(r"\mathrm{LSE}(#1)", BOYD_VANDENBERGHE, item="1:7.27")
def log_sum_exp(x):
    """The logarithm of the sum of the exponentials of the logits."""
    return log(Sum(exp(x[i]), (i, 1, V)))


@definition(r"\sigma_{#2}", BOYD_VANDENBERGHE, item="1:7.27")
def softmax(x, k):
    """Softmax: exponentials of the logits, normalized."""
    return exp(x[k]) / Sum(exp(x[i]), (i, 1, V))


E, A, T, q, x, v, f, mu = _.E, _.A, _.T, _.q, _.x, _.v, _.f, _.mu
p = boltzmann()
Z, F, U, S, C = (
    quantity(E, T)
    for quantity in (partition_function, free_energy, internal_energy, entropy, heat_capacity)
)
Phi = log_partition(E, T)
E_min = ground_energy(E)


def at_beta(quantity):
    """A quantity as a function of the inverse temperature."""
    return quantity(E, 1 / beta)


# Free energy, energy, entropy


@identity(GIBBS, item="1:T1.19")
def free_energy_eq_internal_energy_sub_temperature_mul_entropy():
    """Free energy is internal energy minus temperature times entropy."""
    return Eq(F, U - T * S)


@identity(GIBBS, item="1:T1.19")
def entropy_eq_neg_deriv_free_energy():
    """Entropy is minus the derivative of the free energy with respect to temperature."""
    return Eq(S, -Derivative(F, T))


@identity(GIBBS, item=("1:T1.19", "1:7.1"))
def internal_energy_eq_neg_deriv_log_partition():
    """Internal energy is minus the derivative of ln Z with respect to inverse temperature."""
    return Eq(at_beta(internal_energy), -Derivative(log(at_beta(partition_function)), beta))


@identity(GIBBS, item="1:T1.19")
def internal_energy_eq_deriv_beta_mul_free_energy():
    """Internal energy is the derivative of inverse temperature times free energy."""
    return Eq(at_beta(internal_energy), Derivative(beta * at_beta(free_energy), beta))


@identity(CALLEN, item="1:T1.19")
def heat_capacity_eq_deriv_internal_energy():
    """Heat capacity is the derivative of internal energy with respect to temperature."""
    return Eq(C, Derivative(U, T))


@identity(CALLEN, item=("1:T1.19", "1:7.4", "3:P1"))
def heat_capacity_eq_variance_log_probability():
    """Heat capacity is the variance of the log-probability: varentropy."""
    return Eq(C, variance(p, family(lambda i: log(probability(E, T, i)))))


@identity(CALLEN, item="1:T1.19")
def heat_capacity_eq_temperature_mul_deriv_entropy():
    """Heat capacity is temperature times the derivative of entropy."""
    return Eq(C, T * Derivative(S, T))


@identity(CALLEN, item="1:T1.19")
def deriv_internal_energy_eq_variance_div_temperature_sq():
    """Energy fluctuates in proportion to its response to temperature."""
    return Eq(Derivative(U, T), variance(p, E) / T**2)


# Losses are free energies


@identity(OURS, item="1:T1.21", assuming=simplex(q))
def cross_entropy_eq_beta_mul_mean_energy_sub_free_energy():
    """Cross-entropy is the excess of the data's energy over the free energy."""
    return Eq(cross_entropy_of(q, p), (mean(q, E) - F) / T)


@identity(OURS, item="1:T1.21")
def surprisal_eq_beta_mul_energy_sub_free_energy():
    """The loss of a token is the excess of its energy over the free energy."""
    return Eq(surprisal(E, T, w), (E[w] - F) / T)
