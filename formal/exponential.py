"""Exponential geodesics: paths between two distributions along which logarithms mix.

Notation: q and r are distributions over the vocabulary, `lambda` is the place on the path, 0 at q
and 1 at r; below 0 and above 1 the path extrapolates. Logits mix along it, so that contrastive
decoding and guidance are extrapolations, and temperature is the path to the uniform law. Main
statements: the log-partition of a geodesic generates mean and variance of the log-ratio; the
divergences along it; the best compromise of two distributions; three points.
References: amari2016, cover2006.
"""

# SymPy types a Sum as what a relation might be as well:
# pyright: reportOperatorIssue=false

from typing import Any

from sympy import Derivative, Eq, Ge, Le, Lt, Sum, log

from formal import symbols as _
from formal.boltzmann import probability, softmax
from formal.moduli import kl_divergence, mean, variance
from formal.sources import AMARI, OURS
from formal.statement import definition, family, identity, inequality, simplex
from formal.symbols import T, V, i, k, lam, v, x


@definition(r"\psi", AMARI, item=("1:G8", "3:S6'"))
def geodesic_log_partition(q, r, lam):
    """The log-partition of a geodesic is the logarithm of what a geometric mean sums to."""
    return log(Sum(q[i] ** (1 - lam) * r[i] ** lam, (i, 1, V)))


@definition(r"\gamma_{#4}", AMARI, item=("1:G8", "3:S6'"))
def geodesic(q, r, lam, k):
    """The exponential geodesic of two distributions is their geometric mean, normalized."""
    return q[k] ** (1 - lam) * r[k] ** lam / Sum(q[i] ** (1 - lam) * r[i] ** lam, (i, 1, V))


q, r, mu, E = _.q, _.r, _.mu, _.E
psi = geodesic_log_partition(q, r, lam)
gamma = family(lambda i: geodesic(q, r, lam, i))
rise = family(lambda i: log(r[i] / q[i]))
INSIDE: tuple[Any, ...] = (Lt(0, lam, evaluate=False), Lt(lam, 1, evaluate=False))
fall = family(lambda i: log(q[i] / r[i]))


@identity(AMARI, item="1:G8", assuming=simplex(q))
def geodesic_zero_eq_start():
    """A geodesic starts at its first distribution."""
    return Eq(geodesic(q, r, 0, k), q[k])


@identity(AMARI, item="1:G8", assuming=simplex(r))
def geodesic_one_eq_end():
    """A geodesic ends at its second distribution."""
    return Eq(geodesic(q, r, 1, k), r[k])


@identity(AMARI, item=("1:G8", "3:S6'"))
def geodesic_of_softmax_eq_softmax_of_mixed_logits():
    """**Guidance**: along a geodesic logits mix, and beyond its ends they are extrapolated."""
    first, second = (family(lambda i, y=y: softmax(y, i)) for y in (x, v))
    logits = family(lambda i: (1 - lam) * x[i] + lam * v[i])
    return Eq(geodesic(first, second, lam, k), softmax(logits, k))


@identity(OURS, item=("3:S6'", "1:T1.22"))
def probability_eq_geodesic_to_uniform():
    """Heating moves a distribution along the geodesic to the uniform law."""
    at_one, uniform = family(lambda i: probability(E, 1, i)), family(lambda i: 1 / V)
    return Eq(probability(E, T, k), geodesic(at_one, uniform, 1 - 1 / T, k))


@identity(AMARI, item="1:G8")
def deriv_geodesic_eq_geodesic_mul_log_ratio_excess():
    """Along a geodesic a token gains by how far its log-ratio exceeds the mean log-ratio."""
    slope = geodesic(q, r, lam, k) * (log(r[k] / q[k]) - mean(gamma, rise))
    return Eq(Derivative(geodesic(q, r, lam, k), lam), slope)


@identity(AMARI, item="1:G18")
def deriv_geodesic_log_partition_eq_mean_log_ratio():
    """The log-partition of a geodesic grows by the mean log-ratio of its ends."""
    return Eq(Derivative(psi, lam), mean(gamma, rise))


@identity(AMARI, item="1:G8")
def deriv2_geodesic_log_partition_eq_variance_log_ratio():
    """The curvature of a geodesic's log-partition is the variance of the log-ratio."""
    return Eq(Derivative(psi, (lam, 2)), variance(gamma, rise))


@inequality(AMARI, item="1:G18", assuming=simplex(q, r), tight_at={r: q})
def deriv2_geodesic_log_partition_nonneg():
    """The log-partition of a geodesic is convex."""
    return Ge(Derivative(psi, (lam, 2)), 0)


@inequality(AMARI, item="1:G18", assuming=simplex(q, r) + INSIDE, tight_at={r: q})
def geodesic_log_partition_nonpos():
    """Between its ends a geometric mean of distributions sums to at most one."""
    return Le(psi, 0)


@identity(AMARI, item=("1:G8", "1:T2.8"))
def deriv_mean_log_ratio_eq_variance_log_ratio():
    """Along a geodesic the mean log-ratio grows by its variance, the squared speed."""
    return Eq(Derivative(mean(gamma, rise), lam), variance(gamma, rise))


@identity(AMARI, item="1:G8")
def kl_divergence_from_start_eq_lambda_mul_slope_sub_log_partition():
    """The divergence of a geodesic from its start is a Legendre transform."""
    return Eq(kl_divergence(gamma, q), lam * Derivative(psi, lam) - psi)


@identity(AMARI, item="1:G8")
def kl_divergence_from_end_eq_neg_rest_mul_slope_sub_log_partition():
    """The divergence of a geodesic from its end is the same Legendre transform, read backwards."""
    return Eq(kl_divergence(gamma, r), -(1 - lam) * Derivative(psi, lam) - psi)


@identity(AMARI, item="1:G8")
def deriv_kl_divergence_from_start_eq_lambda_mul_variance():
    """Leaving the start, divergence grows by the place times the variance of the log-ratio."""
    return Eq(Derivative(kl_divergence(gamma, q), lam), lam * variance(gamma, rise))


@identity(AMARI, item="1:G18")
def neg_geodesic_log_partition_eq_mean_kl_divergence_of_geodesic():
    """**Chernoff**: what a geometric mean loses is its mean divergence from the two ends."""
    far = (1 - lam) * kl_divergence(gamma, q) + lam * kl_divergence(gamma, r)
    return Eq(-psi, far)


@identity(AMARI, item="1:G18", assuming=simplex(mu))
def mean_kl_divergence_eq_kl_divergence_to_geodesic_sub_log_partition():
    """How far a distribution is from two others, it is from a point between them."""
    far = (1 - lam) * kl_divergence(mu, q) + lam * kl_divergence(mu, r)
    return Eq(far, kl_divergence(mu, gamma) - psi)


@inequality(AMARI, item="1:G18", assuming=simplex(mu), tight_at={mu: gamma})
def neg_geodesic_log_partition_le_mean_kl_divergence():
    """The best compromise of two distributions lies on their geodesic."""
    return Le(-psi, (1 - lam) * kl_divergence(mu, q) + lam * kl_divergence(mu, r))


@identity(AMARI, item="1:G11", assuming=simplex(mu))
def kl_divergence_sub_legs_eq_rest_mul_mean_difference():
    """**Three points**: Pythagoras, but for how far the mean log-ratios at two corners differ."""
    return Eq(
        kl_divergence(mu, r) - kl_divergence(mu, gamma) - kl_divergence(gamma, r),
        (1 - lam) * (mean(mu, fall) - mean(gamma, fall)),
    )
