"""Monotonicity: what a stochastic map of tokens does to the metric and to divergences.

Notation: `K_ij` is the probability that token i = 1..V becomes outcome j = 1..N, every row sums to
one; q and r are distributions, `v` a change of one. Main statements: no stochastic map lengthens a
change or separates two distributions; splitting tokens at fixed ratios keeps all of it.
References: amari2016.
"""

# SymPy types a Sum as what a relation might be as well:
# pyright: reportOperatorIssue=false

from typing import Any

from sympy import Abs, Eq, Le, Sum, log, sqrt

from formal import symbols as _
from formal.decoding import total_variation_distance
from formal.divergences import bhattacharyya_coefficient, chi_square_divergence
from formal.fisher import fisher_metric
from formal.moduli import kl_divergence
from formal.sources import AMARI
from formal.statement import definition, identity, inequality
from formal.symbols import N, V, i, j

q, r, v, K = _.q, _.r, _.v, _.K
STOCHASTIC: tuple[Any, ...] = (Eq(Sum(K[i, j], (j, 1, N)), 1, evaluate=False),)


@definition(r"\mathsf{K}_{#3}(#1)", AMARI, item="1:G6")
def mapped(v, K, j):
    """What a stochastic map makes of masses."""
    return Sum(v[i] * K[i, j], (i, 1, V))


@inequality(AMARI, item="1:G6", assuming=STOCHASTIC, tight_at={v: q})
def fisher_metric_of_mapped_le_fisher_metric():
    """**Chentsov**: no stochastic map lengthens a change of a distribution."""
    after = Sum(mapped(v, K, j) ** 2 / mapped(q, K, j), (j, 1, N))
    return Le(after, fisher_metric(q, v, v))


@identity(AMARI, item="1:G6", assuming=STOCHASTIC)
def fisher_metric_of_split_eq_fisher_metric():
    """**Congruent embedding**: splitting tokens at fixed ratios keeps every length."""
    part = (v[i] * K[i, j]) ** 2 / (q[i] * K[i, j])
    return Eq(Sum(Sum(part, (j, 1, N)), (i, 1, V)), fisher_metric(q, v, v))


@identity(AMARI, item="1:G6", assuming=STOCHASTIC)
def kl_divergence_of_split_eq_kl_divergence():
    """Splitting tokens at fixed ratios keeps the relative entropy."""
    part = q[i] * K[i, j] * log(q[i] * K[i, j] / (r[i] * K[i, j]))
    return Eq(Sum(Sum(part, (j, 1, N)), (i, 1, V)), kl_divergence(q, r))


@identity(AMARI, item="1:G6", assuming=STOCHASTIC)
def bhattacharyya_coefficient_of_split_eq_bhattacharyya_coefficient():
    """Splitting tokens at fixed ratios keeps the angle between square roots."""
    part = sqrt(q[i] * K[i, j] * (r[i] * K[i, j]))
    return Eq(Sum(Sum(part, (j, 1, N)), (i, 1, V)), bhattacharyya_coefficient(q, r))


@inequality(AMARI, item="1:G6", assuming=STOCHASTIC, tight_at={r: q})
def chi_square_divergence_of_mapped_le_chi_square_divergence():
    """No stochastic map raises the chi-square divergence."""
    after = Sum((mapped(q, K, j) - mapped(r, K, j)) ** 2 / mapped(r, K, j), (j, 1, N))
    return Le(after, chi_square_divergence(q, r))


@inequality(AMARI, item="1:G6", assuming=STOCHASTIC, tight_at={r: q})
def total_variation_distance_of_mapped_le_total_variation_distance():
    """No stochastic map raises the total variation distance."""
    after = Sum(Abs(mapped(q, K, j) - mapped(r, K, j)), (j, 1, N)) / 2
    return Le(after, total_variation_distance(q, r))


@inequality(AMARI, item="1:G6", tight_at={r: q})
def sq_mapped_cosine_le_mul_mapped():
    """At every outcome, a stochastic map makes of two distributions what is no further apart."""
    share = Sum(sqrt(q[i] * r[i]) * K[i, j], (i, 1, V))
    return Le(share**2, mapped(q, K, j) * mapped(r, K, j))
