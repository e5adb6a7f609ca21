"""Divergences of two distributions over the vocabulary, and what they know of one another.

Notation: q, r are distributions; the parameter of an alpha-divergence is written lambda, since
alpha is the order of a Renyi divergence. Main statements: relative entropy lies between
the logarithms of the angle of square roots and of the chi-square divergence; total variation below
the chi-square divergence; alpha- and Renyi divergences: duality, special values, order.
References: amari2016, renyi1961, cover2006.
"""

# SymPy types a Sum as what a relation might be as well:
# pyright: reportOperatorIssue=false

from typing import Any

from sympy import Eq, Le, Ne, Rational, Sum, log, sqrt

from formal import symbols as _
from formal.decoding import KEPT, kept_mass, q_M, total_variation_distance
from formal.exponential import geodesic_log_partition
from formal.moduli import kl_divergence, renyi_entropy
from formal.sources import AMARI, COVER_THOMAS, OURS, RENYI
from formal.sphere import bhattacharyya_coefficient, squared_hellinger_distance
from formal.statement import definition, family, identity, inequality, simplex
from formal.symbols import V, alpha, i, lam

q, r, mu, M = _.q, _.r, _.mu, _.M
HALF = Rational(1, 2)
NOT_ONE: tuple[Any, ...] = (Ne(alpha, 1),)
NOT_FLAT: tuple[Any, ...] = (Ne(lam, 1), Ne(lam, -1))


@definition(r"D_{\chi^{2}}(#1 \,\|\, #2)", AMARI, item="1:T1.8")
def chi_square_divergence(q, r):
    """The chi-square divergence is the mean squared relative error of a model."""
    return Sum((q[i] - r[i]) ** 2 / r[i], (i, 1, V))


@definition(r"D_{#3}(#1 \,\|\, #2)", RENYI, item="1:G13", assuming=NOT_ONE)
def renyi_divergence(q, r, alpha):
    """The Renyi divergence of an order other than one, in nats."""
    return log(Sum(q[i] ** alpha * r[i] ** (1 - alpha), (i, 1, V))) / (alpha - 1)


@definition(r"D^{(#3)}(#1 \,\|\, #2)", AMARI, item="1:G13", assuming=NOT_FLAT)
def alpha_divergence(q, r, lam):
    """The alpha-divergence, from both ends of which relative entropies lie."""
    mixed = Sum(sqrt(q[i] ** (1 - lam) * r[i] ** (1 + lam)), (i, 1, V))
    return 4 / (1 - lam**2) * (1 - mixed)


BC = bhattacharyya_coefficient(q, r)
TV = total_variation_distance(q, r)
KL = kl_divergence(q, r)
D_H = squared_hellinger_distance(q, r)
chi2 = chi_square_divergence(q, r)
LAWS = simplex(q, r)


# Angle and relative entropy


@inequality(COVER_THOMAS, item="1:T1.8", assuming=simplex(q), tight_at={r: q})
def neg_two_mul_log_bhattacharyya_coefficient_le_kl_divergence():
    """Relative entropy is at least minus twice the logarithm of the cosine."""
    return Le(-2 * log(BC), KL)


@inequality(COVER_THOMAS, item="1:T1.8", tight_at={r: q})
def one_sub_bhattacharyya_coefficient_le_neg_log_bhattacharyya_coefficient():
    """One less the cosine is at most minus the logarithm of the cosine."""
    return Le(1 - BC, -log(BC))


@inequality(COVER_THOMAS, item="1:T1.8", tight_at={r: q})
def one_sub_sq_bhattacharyya_coefficient_le_neg_two_mul_log_bhattacharyya_coefficient():
    """One less the squared cosine is at most minus twice the logarithm of the cosine."""
    return Le(1 - BC**2, -2 * log(BC))


# Chi-square


@inequality(COVER_THOMAS, item=("1:T1.7", "1:T1.8"), tight_at={r: q})
def sq_sum_abs_change_le_weighted_squares_mul_total_weight():
    """However tokens are weighted, the changes of their probabilities have a square sum at most
    that of their squares over the weights, times the total weight."""
    squares = Sum((q[i] - r[i]) ** 2 / mu[i], (i, 1, V))
    return Le((2 * TV) ** 2, squares * Sum(mu[i], (i, 1, V)))


@identity(COVER_THOMAS, item="1:T1.8", assuming=LAWS)
def chi_square_divergence_eq_mean_ratio_sub_one():
    """The chi-square divergence is what the mean ratio exceeds one by."""
    return Eq(chi2, Sum(q[i] ** 2 / r[i], (i, 1, V)) - 1)


@inequality(COVER_THOMAS, item="1:T1.8", assuming=LAWS, tight_at={r: q})
def kl_divergence_le_log_one_add_chi_square_divergence():
    """Relative entropy is at most the logarithm of one plus the chi-square divergence."""
    return Le(KL, log(1 + chi2))


@inequality(COVER_THOMAS, item="1:T1.7", assuming=simplex(r), tight_at={r: q})
def four_mul_sq_total_variation_distance_le_chi_square_divergence():
    """Twice the total variation, squared, is at most the chi-square divergence."""
    return Le(4 * TV**2, chi2)


# Renyi and alpha


@identity(RENYI, item=("1:G13", "1:G18"), assuming=NOT_ONE)
def sub_one_mul_renyi_divergence_eq_geodesic_log_partition():
    """A Renyi divergence is what the geometric mean of two distributions loses, per order."""
    order = (alpha - 1) * renyi_divergence(q, r, alpha)
    return Eq(order, geodesic_log_partition(r, q, alpha))


@identity(RENYI, item=("1:G13", "1:T1.8"))
def renyi_divergence_half_eq_neg_two_mul_log_bhattacharyya_coefficient():
    """The Renyi divergence of order one half is minus twice the logarithm of the cosine."""
    return Eq(renyi_divergence(q, r, HALF), -2 * log(BC))


@identity(RENYI, item="1:G13", assuming=LAWS)
def renyi_divergence_two_eq_log_one_add_chi_square_divergence():
    """The Renyi divergence of order two is the logarithm of one plus the chi-square divergence."""
    return Eq(renyi_divergence(q, r, 2), log(1 + chi2))


@identity(RENYI, item=("1:G13", "1:T1.23"), assuming=NOT_ONE)
def renyi_divergence_of_uniform_eq_log_card_sub_renyi_entropy():
    """The Renyi divergence from the uniform law is what the Renyi entropy lacks."""
    uniform = family(lambda i: 1 / V)
    return Eq(renyi_divergence(q, uniform, alpha), log(V) - renyi_entropy(q, alpha))


@identity(AMARI, item="1:G13", assuming=(Ne(lam**2, 1),))
def alpha_divergence_duality():
    """**Duality**: turning the two distributions around turns the sign of the parameter."""
    return Eq(alpha_divergence(q, r, lam), alpha_divergence(r, q, -lam))


@identity(AMARI, item="1:G13", assuming=LAWS)
def alpha_divergence_zero_eq_four_mul_squared_hellinger_distance():
    """In the middle the alpha-divergence is four times the squared Hellinger distance."""
    return Eq(alpha_divergence(q, r, 0), 4 * D_H)


@identity(AMARI, item="1:G13", assuming=LAWS)
def alpha_divergence_neg_three_eq_half_chi_square_divergence():
    """At minus three the alpha-divergence is half the chi-square divergence."""
    return Eq(alpha_divergence(q, r, -3), chi2 / 2)


@inequality(RENYI, item=("1:G13", "1:G18"), assuming=LAWS, tight_at={r: q})
def neg_geodesic_log_partition_le_rest_of_order_mul_kl_divergence():
    """Renyi divergences of orders below one are below the relative entropy, of others above."""
    return Le(-geodesic_log_partition(r, q, alpha), (1 - alpha) * KL)


# Truncation


@identity(OURS, item=("1:G17", "3:S2'"), assuming=KEPT)
def bhattacharyya_coefficient_of_truncated_eq_sqrt_kept_mass():
    """The cosine between a distribution and its truncation is the root of the mass kept."""
    return Eq(bhattacharyya_coefficient(q_M, q), sqrt(kept_mass(q, M)))


@identity(OURS, item=("1:G17", "3:S2'"), assuming=simplex(q) + KEPT)
def chi_square_divergence_of_truncated_eq_inverse_kept_mass_sub_one():
    """The chi-square divergence of a truncation is the inverse of the mass kept, less one."""
    return Eq(chi_square_divergence(q_M, q), 1 / kept_mass(q, M) - 1)
