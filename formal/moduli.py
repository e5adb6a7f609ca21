"""Distributions over the vocabulary as points of the simplex, and what compares two of them.

Notation: q, r are distributions, `q_i > 0` with `sum_i q_i = 1`. Logarithms are natural.
Main statements: cross-entropy is entropy plus divergence; divergence is nonnegative.
References: cover2006, renyi1961, amari2016.
"""

# SymPy types a Sum as what a relation might be as well:
# pyright: reportOperatorIssue=false

from typing import Any

from sympy import Eq, Ge, Ne, Sum, acos, exp, log

from formal.sources import AMARI, COVER_THOMAS, RENYI
from formal.sphere import bhattacharyya_coefficient
from formal.statement import definition, identity, inequality, simplex
from formal.symbols import V, alpha, i
from formal.symbols import q as q_family
from formal.symbols import r as r_family


@definition(r"\langle #2 \rangle_{#1}", COVER_THOMAS, item="1:D1.11")
def mean(q, A):
    """The mean of a family under a distribution."""
    return Sum(q[i] * A[i], (i, 1, V))


@definition(r"\mathrm{Var}_{#1}(#2)", COVER_THOMAS, item="1:D1.12")
def variance(q, A):
    """The variance of a family under a distribution is its mean square distance from the mean."""
    return Sum(q[i] * (A[i] - mean(q, A)) ** 2, (i, 1, V))


@definition(r"H(#1)", COVER_THOMAS, item="1:D1.8")
def shannon_entropy(q):
    """The Shannon entropy of a distribution, in nats."""
    return -Sum(q[i] * log(q[i]), (i, 1, V))


@definition(r"H(#1, #2)", COVER_THOMAS, item="1:7.21")
def cross_entropy(q, r):
    """The cross-entropy of one distribution relative to another, in nats."""
    return -Sum(q[i] * log(r[i]), (i, 1, V))


@definition(r"D_{\mathrm{KL}}(#1 \,\|\, #2)", COVER_THOMAS, item="1:7.9")
def kl_divergence(q, r):
    """The Kullback-Leibler divergence of one distribution from another, in nats."""
    return Sum(q[i] * log(q[i] / r[i]), (i, 1, V))


@definition(r"\mathrm{PP}(#1, #2)", COVER_THOMAS, item="1:7.21")
def perplexity(q, r):
    """Perplexity is the exponential of the cross-entropy."""
    return exp(cross_entropy(q, r))


NOT_ONE: tuple[Any, ...] = (Ne(alpha, 1),)


@definition(r"H_{#2}(#1)", RENYI, item="1:T1.23", assuming=NOT_ONE)
def renyi_entropy(q, alpha):
    """The Renyi entropy of an order other than one, in nats."""
    return log(Sum(q[i] ** alpha, (i, 1, V))) / (1 - alpha)


@definition(r"d_{\mathrm{FR}}(#1, #2)", AMARI, item="1:G4", assuming=simplex(q_family, r_family))
def fisher_rao_distance(q, r):
    """The Fisher-Rao distance is twice the angle between the square roots of the distributions."""
    return 2 * acos(bhattacharyya_coefficient(q, r))


q, r = q_family, r_family


@identity(COVER_THOMAS, item="1:7.21")
def cross_entropy_eq_entropy_add_kl_divergence():
    """Cross-entropy is entropy plus Kullback-Leibler divergence."""
    return Eq(cross_entropy(q, r), shannon_entropy(q) + kl_divergence(q, r))


@identity(COVER_THOMAS, item="1:7.21")
def perplexity_eq_exp_entropy_mul_exp_kl_divergence():
    """Perplexity is the number of effective choices times the price of the wrong model."""
    return Eq(perplexity(q, r), exp(shannon_entropy(q)) * exp(kl_divergence(q, r)))


@identity(COVER_THOMAS, item="1:7.21")
def cross_entropy_in_bits_eq_cross_entropy_div_log_two():
    """A cross-entropy in bits is the cross-entropy in nats divided by the logarithm of two."""
    return Eq(-Sum(q[i] * (log(r[i]) / log(2)), (i, 1, V)), cross_entropy(q, r) / log(2))


@inequality(COVER_THOMAS, item="1:T1.8", assuming=simplex(q, r), tight_at={r: q})
def kl_divergence_nonneg():
    """**Gibbs' inequality**: a distribution never diverges negatively from another."""
    return Ge(kl_divergence(q, r), 0)


@inequality(COVER_THOMAS, item="1:T1.11", assuming=simplex(q), tight_at={q: 1 / V})
def shannon_entropy_le_log_card():
    """Entropy is at most the logarithm of the number of states, attained by the uniform law."""
    return shannon_entropy(q) <= log(V)
