"""Variational principles: the Boltzmann distribution minimizes free energy.

Main statements: Gibbs' variational principle and its dual, Donsker and Varadhan's; the free
energy that a distribution can still give up is its divergence from equilibrium.
References: gibbs1902, donsker1975.
"""

# SymPy types a Sum as what a relation might be as well:
# pyright: reportOperatorIssue=false

from sympy import Eq, Le, Sum, exp, log

from formal import symbols as _
from formal.boltzmann import (
    E,
    F,
    S,
    T,
    U,
    at_beta,
    boltzmann,
    log_partition,
    nonequilibrium_free_energy,
    p,
    softmax,
)
from formal.moduli import kl_divergence, mean, shannon_entropy
from formal.sources import DONSKER_VARADHAN, GIBBS
from formal.statement import family, identity, inequality, simplex
from formal.symbols import V, beta, i

q, f, mu = _.q, _.f, _.mu


@inequality(GIBBS, item="1:7.8", assuming=simplex(q), tight_at={q: p})
def free_energy_le_mean_energy_sub_temperature_mul_entropy():
    """**Gibbs' variational principle**: the Boltzmann law minimizes energy minus heat."""
    return Le(F, mean(q, E) - T * shannon_entropy(q))


@inequality(GIBBS, item="1:7.8", assuming=simplex(q), tight_at={q: boltzmann(E, 1 / beta)})
def entropy_sub_beta_mul_mean_energy_le_log_partition():
    """The Massieu potential is the greatest value of entropy minus coldness times energy."""
    return Le(shannon_entropy(q) - beta * mean(q, E), at_beta(log_partition))


@inequality(
    DONSKER_VARADHAN,
    item="1:7.8",
    assuming=simplex(q, mu),
    tight_at={q: family(lambda i: softmax(family(lambda j: log(mu[j]) + f[j]), i))},
)
def mean_sub_kl_divergence_le_log_mean_exp():
    """**Donsker-Varadhan**: the log of a mean exponential bounds mean minus divergence."""
    return Le(mean(q, f) - kl_divergence(q, mu), log(Sum(mu[i] * exp(f[i]), (i, 1, V))))


@identity(GIBBS, item="1:7.9", assuming=simplex(q))
def nonequilibrium_free_energy_sub_free_energy_eq_temperature_mul_kl_divergence():
    """The free energy that a distribution can still give up is its distance to equilibrium."""
    return Eq(nonequilibrium_free_energy(q, E, T) - F, T * kl_divergence(q, p))


@identity(GIBBS, item="1:G12", assuming=simplex(q))
def entropy_sub_shannon_entropy_eq_kl_divergence_sub_beta_mul_energy_difference():
    """**Maximum entropy**: at equal mean energy the Boltzmann law has the most entropy."""
    return Eq(S - shannon_entropy(q), kl_divergence(q, p) - (mean(q, E) - U) / T)
