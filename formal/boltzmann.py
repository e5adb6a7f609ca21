"""Thermodynamics of one next-token distribution, the Boltzmann distribution of its energies.

Defined here: partition function, probabilities, free energy, internal energy, entropy, heat
capacity, and the calculus of softmax. Main statements: F = U - TS, entropy and energy as
derivatives of the free energy, the energy gauge, the variational principle, cumulants.

Notation: energies `E_i` are minus the logits, `T > 0` is the temperature, `beta = 1/T`, k_B = 1,
logarithms are natural. The gauge is explicit: `F[E + c]` is the free energy of shifted energies.
References: yang2024, gibbs1902, callen1985, cover2006, donsker1975, boyd2004, renyi1961.
"""

# SymPy types a Sum as what a relation might be as well:
# pyright: reportOperatorIssue=false

from typing import Any

from sympy import (
    Derivative,
    Eq,
    Ge,
    Integral,
    KroneckerDelta,
    Lambda,
    Le,
    Ne,
    Rational,
    Sum,
    exp,
    log,
    oo,
)

from formal import symbols as _
from formal.moduli import cross_entropy as cross_entropy_of
from formal.moduli import kl_divergence, mean, renyi_entropy, shannon_entropy, variance
from formal.sources import (
    BOYD_VANDENBERGHE,
    CALLEN,
    COVER_THOMAS,
    DONSKER_VARADHAN,
    GIBBS,
    OURS,
    RENYI,
    YANG,
    YANG_NAMED,
)
from formal.statement import definition, family, identity, inequality, simplex
from formal.symbols import (
    T_0,
    T_1,
    T_2,
    Maximum,
    Minimum,
    V,
    a,
    alpha,
    b,
    beta,
    c,
    i,
    j,
    k,
    lam,
    m,
    w,
)


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


def _at_beta(quantity):
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
    return Eq(_at_beta(internal_energy), -Derivative(log(_at_beta(partition_function)), beta))


@identity(GIBBS, item="1:T1.19")
def internal_energy_eq_deriv_beta_mul_free_energy():
    """Internal energy is the derivative of inverse temperature times free energy."""
    return Eq(_at_beta(internal_energy), Derivative(beta * _at_beta(free_energy), beta))


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


# The energy gauge

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


# Losses are free energies


@identity(OURS, item="1:T1.21", assuming=simplex(q))
def cross_entropy_eq_beta_mul_mean_energy_sub_free_energy():
    """Cross-entropy is the excess of the data's energy over the free energy."""
    return Eq(cross_entropy_of(q, p), (mean(q, E) - F) / T)


@identity(OURS, item="1:T1.21")
def surprisal_eq_beta_mul_energy_sub_free_energy():
    """The loss of a token is the excess of its energy over the free energy."""
    return Eq(surprisal(E, T, w), (E[w] - F) / T)


# Temperature as a direction on the simplex


@identity(OURS, item="1:T1.22")
def probability_eq_power_of_probability_at_one():
    """Sampling at a temperature raises the probabilities to its inverse and normalizes."""
    at_one = family(lambda i: probability(E, 1, i) ** (1 / T))
    return Eq(
        probability(E, T, k),
        probability(E, 1, k) ** (1 / T) / Sum(at_one.expr, (i, 1, V)),
    )


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


# Heat capacity as a Fisher norm of the hidden state

u, h, d = _.u, _.h, _.d


@definition(r"\varepsilon_{#3}", YANG_NAMED, item="1:T1.25")
def head_energy(u, h, k):
    """In a linear head the energy of a token is minus its row times the hidden state."""
    return -Sum(u[k, a] * h[a], (a, 1, d))


@definition("G_{#4#5}", OURS, item="1:T1.25")
def head_metric(u, h, T, a, b):
    """The Fisher metric of a linear head is the covariance of its rows."""
    p = boltzmann(family(lambda i: head_energy(u, h, i)), T)
    row_a, row_b = family(lambda i: u[i, a]), family(lambda i: u[i, b])
    return mean(p, family(lambda i: u[i, a] * u[i, b])) - mean(p, row_a) * mean(p, row_b)


@identity(OURS, item="1:T1.25")
def heat_capacity_eq_fisher_norm_of_hidden_state():
    """For a head without bias, heat capacity is the Fisher norm of the hidden state."""
    norm_sq = Sum(Sum(h[a] * head_metric(u, h, T, a, b) * h[b], (b, 1, d)), (a, 1, d))
    return Eq(heat_capacity(family(lambda i: head_energy(u, h, i)), T), norm_sq / T**2)


# The Massieu potential and its derivatives


@identity(GIBBS, item="1:7.1")
def log_partition_eq_entropy_sub_beta_mul_internal_energy():
    """The Massieu potential is entropy minus inverse temperature times internal energy."""
    return Eq(_at_beta(log_partition), _at_beta(entropy) - beta * _at_beta(internal_energy))


@inequality(GIBBS, item="1:7.1", tight_at={beta: oo})
def deriv2_log_partition_nonneg():
    """The Massieu potential is convex in the inverse temperature."""
    return Ge(Derivative(_at_beta(log_partition), (beta, 2)), 0)


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
        shannon_entropy(p_forced),
        Phi_forced + beta * mean(p_forced, E) - lam * mean(p_forced, A),
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
    return Eq(Derivative(_at_beta(log_partition), beta), -_at_beta(internal_energy))


@identity(GIBBS, item="1:7.2")
def deriv2_log_partition_eq_variance():
    """The second derivative of the Massieu potential is the variance of the energy."""
    return Eq(Derivative(_at_beta(log_partition), (beta, 2)), kappa_2)


@identity(GIBBS, item="1:7.2")
def deriv3_log_partition_eq_neg_third_cumulant():
    """The third derivative of the Massieu potential is minus the third cumulant."""
    return Eq(Derivative(_at_beta(log_partition), (beta, 3)), -mu_3)


@identity(GIBBS, item="1:7.2")
def deriv4_log_partition_eq_fourth_cumulant():
    """The fourth derivative of the Massieu potential is the fourth cumulant."""
    return Eq(Derivative(_at_beta(log_partition), (beta, 4)), mu_4 - 3 * kappa_2**2)


# Entropy from heat


@identity(CALLEN, item="1:7.4")
def integral_heat_capacity_div_temperature_eq_entropy_difference():
    """The heat taken up between two temperatures, each part over its temperature, is entropy."""
    return Eq(Integral(C / T, (T, T_1, T_2)), entropy(E, T_2) - entropy(E, T_1))


@identity(CALLEN, item="1:7.4")
def integral_heat_capacity_div_temperature_eq_log_card_sub_log_ground_degeneracy():
    """From absolute zero to infinity a head takes up ln V minus its residual entropy."""
    return Eq(Integral(C / T, (T, 0, oo)), log(V) - log(ground_degeneracy(E)))


# Variational principles


@inequality(GIBBS, item="1:7.8", assuming=simplex(q), tight_at={q: p})
def free_energy_le_mean_energy_sub_temperature_mul_entropy():
    """**Gibbs' variational principle**: the Boltzmann law minimizes energy minus heat."""
    return Le(F, mean(q, E) - T * shannon_entropy(q))


@inequality(GIBBS, item="1:7.8", assuming=simplex(q), tight_at={q: boltzmann(E, 1 / beta)})
def entropy_sub_beta_mul_mean_energy_le_log_partition():
    """The Massieu potential is the greatest value of entropy minus coldness times energy."""
    return Le(shannon_entropy(q) - beta * mean(q, E), _at_beta(log_partition))


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


# Softmax calculus

LSE = log_sum_exp(x)
p_k, p_m = softmax(x, k), softmax(x, m)


def _curvature():
    """The quadratic form of the Hessian of log-sum-exp in a direction."""
    hessian = softmax(x, i) * KroneckerDelta(i, j) - softmax(x, i) * softmax(x, j)
    return Sum(Sum(v[i] * hessian * v[j], (j, 1, V)), (i, 1, V))


@identity(BOYD_VANDENBERGHE, item="1:7.27")
def deriv_log_sum_exp_eq_softmax():
    """The gradient of log-sum-exp is softmax."""
    return Eq(Derivative(LSE, x[k]), p_k)


@identity(BOYD_VANDENBERGHE, item="1:7.27")
def deriv2_log_sum_exp_eq_softmax_covariance():
    """The Hessian of log-sum-exp is the covariance of the one-hot token."""
    return Eq(Derivative(LSE, x[k], x[m]), p_k * KroneckerDelta(k, m) - p_k * p_m)


@inequality(BOYD_VANDENBERGHE, item="1:7.27", tight_at={v: c})
def log_sum_exp_curvature_nonneg():
    """Log-sum-exp is convex: its Hessian is positive semidefinite."""
    return Ge(_curvature(), 0)


@inequality(
    BOYD_VANDENBERGHE,
    item="1:7.27",
    tight_at={
        x: family(lambda i: c * (KroneckerDelta(i, 1) + KroneckerDelta(i, 2))),
        v: family(lambda i: KroneckerDelta(i, 1) - KroneckerDelta(i, 2)),
        c: oo,
    },
)
def log_sum_exp_curvature_le_half_norm_sq():
    """The Hessian of log-sum-exp is at most half the identity."""
    return Le(_curvature(), Rational(1, 2) * Sum(v[i] ** 2, (i, 1, V)))


@inequality(BOYD_VANDENBERGHE, item="1:7.27", tight_at={T: 0})
def max_logit_le_temperature_mul_log_sum_exp():
    """Temperature times log-sum-exp is at least the greatest logit."""
    tempered = log_sum_exp(family(lambda i: x[i] / T))
    return Le(Maximum(x[i], (i, 1, V)), T * tempered)


@inequality(BOYD_VANDENBERGHE, item="1:7.27", tight_at={x: c})
def temperature_mul_log_sum_exp_le_max_logit_add_temperature_mul_log_card():
    """Temperature times log-sum-exp exceeds the greatest logit by at most T ln V."""
    tempered = log_sum_exp(family(lambda i: x[i] / T))
    return Le(T * tempered, Maximum(x[i], (i, 1, V)) + T * log(V))
