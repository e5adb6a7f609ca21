"""The Massieu potential ln Z of the inverse temperature: forces, Legendre transform, cumulants.

Notation: `Phi(beta) = ln Z`, `A_i` is what a force `lambda` couples to. Main statements: entropy
is the Legendre transform of the potential; Maxwell relation; derivatives of ln Z are cumulants of
the energy, up to the fourth.
References: gibbs1902, callen1985.
"""

# SymPy types a Sum as what a relation might be as well:
# pyright: reportOperatorIssue=false

from sympy import Derivative, Eq, Ge, oo

from formal import symbols as _
from formal.boltzmann import (
    E,
    at_beta,
    central_moment,
    entropy,
    internal_energy,
    log_partition,
    probability,
)
from formal.moduli import mean, shannon_entropy
from formal.sources import CALLEN, GIBBS
from formal.statement import definition, family, identity, inequality
from formal.symbols import beta, lam

A = _.A


# The Massieu potential and its derivatives


@identity(GIBBS, item="1:7.1")
def log_partition_eq_entropy_sub_beta_mul_internal_energy():
    """The Massieu potential is entropy minus inverse temperature times internal energy."""
    return Eq(at_beta(log_partition), at_beta(entropy) - beta * at_beta(internal_energy))


@inequality(GIBBS, item="1:7.1", tight_at={beta: oo})
def deriv2_log_partition_nonneg():
    """The Massieu potential is convex in the inverse temperature."""
    return Ge(Derivative(at_beta(log_partition), (beta, 2)), 0)


@definition(r"\Phi_{\lambda}", CALLEN, item="1:7.1")
def forced_log_partition(E, A, beta, lam):
    """The Massieu potential under a force that couples to a second family."""
    return log_partition(family(lambda i: beta * E[i] - lam * A[i]), 1)


@definition(r"p^{\lambda}_{#5}", CALLEN, item="1:7.1")
def forced_probability(E, A, beta, lam, k):
    """The Boltzmann probability of a token under a force."""
    return probability(family(lambda i: beta * E[i] - lam * A[i]), 1, k)


Phi_forced = forced_log_partition(E, A, beta, lam)
p_forced = family(lambda i: forced_probability(E, A, beta, lam, i))


@identity(CALLEN, item="1:7.1")
def deriv_log_partition_beta_of_force():
    """Under a force, energy is still minus the derivative with respect to inverse temperature."""
    return Eq(Derivative(Phi_forced, beta), -mean(p_forced, E))


@identity(CALLEN, item="1:7.1")
def deriv_log_partition_force():
    """The derivative of the Massieu potential with respect to a force is its mean response."""
    return Eq(Derivative(Phi_forced, lam), mean(p_forced, A))


@identity(CALLEN, item="1:7.1")
def entropy_eq_log_partition_add_beta_mul_energy_sub_force_mul_response():
    """Entropy is the Legendre transform of the Massieu potential."""
    return Eq(
        shannon_entropy(p_forced), Phi_forced + beta * mean(p_forced, E) - lam * mean(p_forced, A)
    )


@identity(CALLEN, item="1:7.1")
def deriv_energy_force_eq_neg_deriv_response_beta():
    """**Maxwell relation**: energy responds to force as the response does to coldness."""
    return Eq(Derivative(mean(p_forced, E), lam), -Derivative(mean(p_forced, A), beta))


# Cumulants

kappa_2, mu_3, mu_4 = (central_moment(E, 1 / beta, n) for n in (2, 3, 4))


@identity(GIBBS, item="1:7.2")
def deriv_log_partition_eq_neg_mean():
    """The first derivative of the Massieu potential is minus the mean energy."""
    return Eq(Derivative(at_beta(log_partition), beta), -at_beta(internal_energy))


@identity(GIBBS, item="1:7.2")
def deriv2_log_partition_eq_variance():
    """The second derivative of the Massieu potential is the variance of the energy."""
    return Eq(Derivative(at_beta(log_partition), (beta, 2)), kappa_2)


@identity(GIBBS, item="1:7.2")
def deriv3_log_partition_eq_neg_third_cumulant():
    """The third derivative of the Massieu potential is minus the third cumulant."""
    return Eq(Derivative(at_beta(log_partition), (beta, 3)), -mu_3)


@identity(GIBBS, item="1:7.2")
def deriv4_log_partition_eq_fourth_cumulant():
    """The fourth derivative of the Massieu potential is the fourth cumulant."""
    return Eq(Derivative(at_beta(log_partition), (beta, 4)), mu_4 - 3 * kappa_2**2)
