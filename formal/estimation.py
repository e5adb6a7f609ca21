"""Exponential families with a base law, and how well their parameters can be estimated.

Notation: `mu` is a base law over the vocabulary, `u_ia` the statistics, a = 1..d, `h_a` the
natural parameters, `x_a` others; f is an estimator: a number for every token. Main statements:
means are derivatives of the log-partition; relative entropy as its
Bregman divergence; the Cramer-Rao bound on the simplex.
References: amari2016, cover2006.
"""

# SymPy types a Sum as what a relation might be as well:
# pyright: reportOperatorIssue=false

from sympy import Derivative, Eq, Le, Sum, exp, log

from formal import symbols as _
from formal.fisher import fisher_metric
from formal.moduli import kl_divergence, mean, variance
from formal.sources import AMARI, COVER_THOMAS
from formal.statement import definition, family, identity, inequality, simplex
from formal.symbols import V, a, d, i, lam

mu, u, h, x, f, q, v, E = _.mu, _.u, _.h, _.x, _.f, _.q, _.v, _.E


@definition(r"\Psi(#3)", AMARI, item="1:G14")
def family_log_partition(mu, u, h):
    """The log-partition of an exponential family with a base law."""
    return log(Sum(mu[i] * exp(Sum(u[i, a] * h[a], (a, 1, d))), (i, 1, V)))


@definition(r"\mathsf{p}_{#4}(#3)", AMARI, item="1:G14")
def family_probability(mu, u, h, k):
    """The probabilities of an exponential family: the base law, tilted and normalized."""
    weight = mu[k] * exp(Sum(u[k, a] * h[a], (a, 1, d)))
    return weight / Sum(mu[i] * exp(Sum(u[i, a] * h[a], (a, 1, d))), (i, 1, V))


psi = family_log_partition(mu, u, h)
p = family(lambda i: family_probability(mu, u, h, i))
other = family(lambda i: family_probability(mu, u, x, i))


def statistic(at):
    """One of the statistics, as a family over the tokens."""
    return family(lambda i: u[i, at])


def deviation(at):
    """How far a statistic is from its mean."""
    return u[i, at] - mean(p, statistic(at))


@identity(AMARI, item="1:G14")
def sum_family_probability_eq_one():
    """The members of an exponential family are distributions."""
    return Eq(Sum(family_probability(mu, u, h, i), (i, 1, V)), 1)


@identity(AMARI, item="1:G14")
def deriv_family_log_partition_eq_mean_statistic():
    """The gradient of the log-partition is the mean of the statistics."""
    return Eq(Derivative(psi, h[a]), mean(p, statistic(a)))


@identity(AMARI, item=("1:G14", "1:G10"))
def kl_divergence_of_family_eq_bregman_divergence_of_log_partition():
    """Relative entropy within an exponential family is what the tangent of ln Z misses."""
    tangent = Sum((x[a] - h[a]) * mean(p, statistic(a)), (a, 1, d))
    return Eq(kl_divergence(p, other), family_log_partition(mu, u, x) - psi - tangent)


@identity(AMARI, item=("1:G12", "1:G14"), assuming=simplex(q))
def kl_divergence_sub_kl_divergence_to_member_eq_gap_of_means():
    """Of all members, that with the data's mean statistics is nearest to the data."""
    gap = Sum((h[a] - x[a]) * (mean(q, statistic(a)) - mean(p, statistic(a))), (a, 1, d))
    legs = kl_divergence(q, p) + kl_divergence(p, other)
    return Eq(kl_divergence(q, other), legs + gap)


@identity(COVER_THOMAS, item="1:G15")
def deriv_mean_estimator_eq_covariance_with_statistic():
    """The mean of an estimator moves by its covariance with the statistic of the parameter."""
    covariance = Sum(family_probability(mu, u, h, i) * f[i] * deviation(a), (i, 1, V))
    return Eq(Derivative(mean(p, f), h[a]), covariance)


@identity(COVER_THOMAS, item="1:G15")
def deriv_mean_estimator_along_change_eq_sum_product():
    """Along a change of the distribution, the mean of an estimator moves by their product."""
    moved = Sum((q[i] + lam * v[i]) * f[i], (i, 1, V))
    return Eq(Derivative(moved, lam), Sum(v[i] * f[i], (i, 1, V)))


@inequality(COVER_THOMAS, item="1:G15", tight_at={f: family(lambda i: v[i] / q[i])})
def sq_deriv_mean_estimator_le_second_moment_mul_fisher_metric():
    """**Cramer-Rao** on the simplex: an estimator that follows a change pays for it in its mean
    square, as much as the squared length of the change is small."""
    moved = Sum((q[i] + lam * v[i]) * f[i], (i, 1, V))
    second = Sum(q[i] * f[i] ** 2, (i, 1, V))
    return Le(Derivative(moved, lam) ** 2, second * fisher_metric(q, v, v))


@inequality(COVER_THOMAS, item="1:G15", assuming=simplex(q), tight_at={f: x})
def two_mul_covariance_le_variance_add_variance():
    """Twice a covariance is at most both variances; so, scaled, that of estimator and score."""
    covariance = Sum(q[i] * f[i] * x[i], (i, 1, V)) - mean(q, f) * mean(q, x)
    return Le(2 * covariance, variance(q, f) + variance(q, x))
