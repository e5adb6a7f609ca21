"""Zero points of the entropy function: how near a distribution comes to certainty.

Notation: energies E, temperature T; `D` is a gap or a range of energies, `M` a set of tokens that
share the least energy, `q` weights of a token between others. Main
statements: probabilities differ at most by the range of the energies, whatever the prompt; the
entropy of two levels and how it falls; the gap that certainty needs; a token whose row lies
between others is never certain; repeated rows keep their entropy at every temperature.
References: yang2024, cover2006.
"""

# SymPy types a Sum as what a relation might be as well:
# pyright: reportOperatorIssue=false

from typing import Any

from sympy import Derivative, Eq, KroneckerDelta, Le, Lt, Product, Sum, evaluate, exp, log

from formal import symbols as _
from formal.boltzmann import E_min, Z, boltzmann, probability
from formal.head import head_energy
from formal.melting import E_max
from formal.moduli import kl_divergence, mean, shannon_entropy
from formal.sources import OURS
from formal.statement import definition, family, identity, inequality, simplex
from formal.symbols import D, Maximum, T, V, a, alpha, d, i, j, k, rho

E, q, M, ell, u, h, x, v, f = _.E, _.q, _.M, _.ell, _.u, _.h, _.x, _.v, _.f
with evaluate(False):
    R = E_max - E_min
p = boltzmann(E, T)
NOT_NULL: tuple[Any, ...] = (Lt(0, Sum(x[a] ** 2, (a, 1, d)), evaluate=False),)


@definition(r"\mathsf{S}", OURS, item=("1:T1.13", "1:T1.18"))
def two_level_entropy(alpha, rho, D):
    """The entropy of so many tokens at the ground and so many others one gap over T above."""
    above = rho * exp(-D)
    return log(alpha + above) + D * above / (alpha + above)


@definition(r"\mathsf{P}_{#4}", OURS, item="1:T1.18")
def class_probability(ell, E, T, k):
    """The probability of a class of tokens that share a row, given how often each row occurs."""
    return ell[k] * exp(-E[k] / T) / Sum(ell[i] * exp(-E[i] / T), (i, 1, V))


classes = family(lambda i: class_probability(ell, E, T, i))
Z_ell = Sum(ell[i] * exp(-E[i] / T), (i, 1, V))
OWN = family(lambda i: -T * log(q[i]))


# Entropy and the range of energies


@inequality(OURS, item="1:T1.13", tight_at={E: 0})
def exp_neg_range_mul_probability_le_probability():
    """Two probabilities differ at most by the exponential of the range of the energies."""
    return Le(exp(-R / T) * probability(E, T, k), probability(E, T, j))


@inequality(OURS, item="1:T1.13", tight_at={E: 0})
def card_mul_exp_neg_range_mul_probability_le_mass():
    """However certain a token is, a set of tokens has its share of that for each of them."""
    share = exp(-R / T) * probability(E, T, k)
    return Le(Sum(M[i], (i, 1, V)) * share, Sum(M[i] * probability(E, T, i), (i, 1, V)))


@identity(OURS, item="1:T1.13")
def deriv_two_level_entropy_gap():
    """A wider gap lowers the entropy of two levels by the gap times its variance."""
    slope = -D * alpha * rho * exp(-D) / (alpha + rho * exp(-D)) ** 2
    return Eq(Derivative(two_level_entropy(alpha, rho, D), D), slope)


# The gap that certainty needs


@identity(OURS, item="1:T1.14")
def missing_probability_eq_rest_mul_exp_neg_gap_mul_probability():
    """What one token lacks of certainty, all others have by their gap above it."""
    p_k = probability(family(lambda i: D * (1 - KroneckerDelta(i, k))), T, k)
    return Eq(1 - p_k, (V - 1) * exp(-D / T) * p_k)


# Near a vertex


@inequality(OURS, item=("1:T1.11", "1:T1.15"), assuming=simplex(q), tight_at={q: 1 / V})
def neg_log_collision_probability_le_entropy():
    """Entropy is at least minus the logarithm of the probability that two draws agree."""
    return Le(-log(Sum(q[i] ** 2, (i, 1, V))), shannon_entropy(q))


# Tokens between others


@identity(OURS, item="1:T1.17")
def head_energy_of_mean_row_eq_mean_head_energy():
    """A row between others gives the mean of their energies."""
    between = family(lambda a: Sum(q[j] * u[j, a], (j, 1, V)))
    energies = family(lambda i: head_energy(u, h, i))
    return Eq(-Sum(between(a) * h[a], (a, 1, d)), mean(q, energies))


@identity(OURS, item=("1:T1.17", "1:T1.30"), assuming=simplex(q))
def weight_of_mean_energy_eq_product_of_probabilities():
    """A token between others has a weighted geometric mean of their probabilities."""
    return Eq(exp(-mean(q, E) / T) / Z, Product(probability(E, T, i) ** q[i], (i, 1, V)))


@identity(OURS, item="1:T1.17", assuming=simplex(q))
def log_weight_of_mean_energy_eq_neg_entropy_sub_kl_divergence():
    """A token between others has most where the others have the weights that it lies at."""
    return Eq(-mean(q, E) / T - log(Z), -shannon_entropy(q) - kl_divergence(q, p))


@inequality(OURS, item="1:T1.17", assuming=simplex(q), tight_at={x: 0})
def mean_logit_le_max_logit():
    """A token between others is never the only argmax."""
    return Le(mean(q, x), Maximum(x[i], (i, 1, V)))


@inequality(OURS, item="1:T1.17", assuming=simplex(q), tight_at={E: OWN})
def odds_of_mean_energy_le_exp_neg_entropy():
    """**Stolen probability**: the odds of a token between others are at most what their weights'
    entropy leaves."""
    return Le(exp(-mean(q, E) / T) / Z, exp(-shannon_entropy(q)))


# Hidden states of bounded length


@inequality(OURS, item="1:T1.16", assuming=NOT_NULL, tight_at={x: family(lambda a: v[a] * f[a])})
def sq_logit_difference_of_normalized_state_le_dimension_mul_sq_norm():
    """After normalization to mean square one, with gains, two logits differ by no more than the
    distance of their scaled rows times the root of the dimension."""
    rise = Sum(v[a] * f[a] * x[a], (a, 1, d))
    mean_square = Sum(x[a] ** 2, (a, 1, d)) / d
    return Le(rise**2 / mean_square, d * Sum((v[a] * f[a]) ** 2, (a, 1, d)))


# Repeated rows


@identity(OURS, item="1:T1.18")
def entropy_of_repeated_rows_eq_entropy_of_classes_add_mean_log_multiplicity():
    """Rows that occur several times add the mean logarithm of how often to the entropy."""
    return Eq(
        log(Z_ell) + mean(classes, E) / T,
        shannon_entropy(classes) + mean(classes, family(lambda i: log(ell[i]))),
    )


@inequality(OURS, item="1:T1.18", tight_at={V: 1})
def probability_of_repeated_row_le_inverse_multiplicity():
    """A token that shares its row with others has at most its share of certainty."""
    return Le(exp(-E[k] / T) / Z_ell, 1 / ell[k])
