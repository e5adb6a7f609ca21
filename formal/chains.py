"""Texts word by word: what the states of a model say of whole texts, and what tells a model's own.

Notation: a finite-state model has states i, j = 1..V and steps `K_ij` between them, which sum to
less than one where it stops. `ell_i` is how often a text is expected to pass through state i,
`v_i` the entropy of all that follows there; so `ell_i - sum_j ell_j K_ji` is how often a text
starts there, and `v_i - sum_j K_ij v_j` the entropy of what comes next. `mu_t` is the probability
that a text goes on after t words.
Main statements: the entropy of texts is the entropy function summed over visited states; a text
ends unless its stops sum to less than infinity; surprisal less entropy is a martingale whose
variances add up.
References: yang2024, cover2006.
"""

# SymPy types a Sum as what a relation might be as well:
# pyright: reportOperatorIssue=false

from typing import Any

from sympy import Eq, Le, Lt, Product, Sum, evaluate, exp, log

from formal import symbols as _
from formal.boltzmann import probability
from formal.decoding import KEPT, kept_mass
from formal.moduli import shannon_entropy, variance
from formal.sources import COVER_THOMAS, OURS, YANG_NAMED
from formal.statement import family, identity, inequality, simplex
from formal.symbols import T, V, i, j, k, n, rho, t
from formal.zeros import R

E, K, M, ell, mu, q, v = _.E, _.K, _.M, _.ell, _.mu, _.q, _.v

with evaluate(False):
    starts = family(lambda i: ell[i] - Sum(ell[j] * K[j, i], (j, 1, V)))
    next_entropy = family(lambda i: v[i] - Sum(K[i, j] * v[j], (j, 1, V)))
STEPS: tuple[Any, ...] = (Eq(Sum(K[i, j], (j, 1, V)), 1, evaluate=False),)
SOME: tuple[Any, ...] = (*KEPT, Lt(0, Sum(M[i], (i, 1, V)), evaluate=False))


def second_excess(i: Any, j: Any) -> Any:
    """Surprisal of a second token, less the entropy that was expected of it."""
    return -log(K[i, j]) + Sum(K[i, k] * log(K[i, k]), (k, 1, V))


def excess(i: Any, j: Any) -> Any:
    """Surprisal of two tokens, less the entropies that were expected of them."""
    return -log(q[i]) - shannon_entropy(q) + second_excess(i, j)


# Whole texts


@identity(YANG_NAMED, item="1:T1.4")
def mean_rest_entropy_eq_sum_visits_mul_entropy():
    """**Sentence entropy**: a text has the entropy of what comes next, summed over the states that
    it is expected to visit."""
    left = Sum(starts(i) * v[i], (i, 1, V))
    return Eq(left, Sum(ell[i] * next_entropy(i), (i, 1, V)))


@identity(COVER_THOMAS, item="1:T1.5", assuming=STEPS)
def joint_entropy_of_steps_eq_entropy_add_entropy_rate():
    """**Entropy rate**: one more step of a chain adds its rows' entropies, weighted by how often
    they are used."""
    rate = -Sum(q[i] * Sum(K[i, j] * log(K[i, j]), (j, 1, V)), (i, 1, V))
    whole = -Sum(Sum(q[i] * K[i, j] * log(q[i] * K[i, j]), (j, 1, V)), (i, 1, V))
    return Eq(whole, shannon_entropy(q) + rate)


# Tightness


@inequality(COVER_THOMAS, item="1:T1.2", tight_at={mu: 1})
def probability_of_going_on_le_exp_neg_sum_stops():
    """**Tightness**: a text goes on for ever only if the stops on its way have a finite sum."""
    return Le(Product(mu[t], (t, 1, n)), exp(-Sum(1 - mu[t], (t, 1, n))))


@inequality(OURS, item="1:T1.2", assuming=(Le(mu[t], rho, evaluate=False),), tight_at={mu: rho})
def log_probability_of_going_on_le_length_mul_log_bound():
    """If a stop always has a least probability, long texts are exponentially rare."""
    return Le(log(Product(mu[t], (t, 1, n))), n * log(rho))


@inequality(OURS, item=("1:T1.2", "1:T1.13"), tight_at={E: 0})
def exp_neg_range_div_card_le_probability():
    """Finite energies leave every outcome, such as the stop, a least probability."""
    return Le(exp(-R / T) / V, probability(E, T, k))


# Surprisal less entropy


@identity(COVER_THOMAS, item="1:7.22", assuming=(*simplex(q), *STEPS))
def mean_surprisal_sub_entropies_eq_zero():
    """A model's own text is as surprising, on average, as the model expects step by step."""
    mean_excess = Sum(Sum(q[i] * K[i, j] * excess(i, j), (j, 1, V)), (i, 1, V))
    return Eq(mean_excess, 0)


@identity(COVER_THOMAS, item="1:7.22", assuming=(*simplex(q), *STEPS))
def variance_of_surprisal_sub_entropies_eq_sum_variances():
    """**Martingale**: surprisal less entropy has the variances of all steps, added up."""
    whole = Sum(Sum(q[i] * K[i, j] * excess(i, j) ** 2, (j, 1, V)), (i, 1, V))
    later = Sum(q[i] * Sum(K[i, j] * second_excess(i, j) ** 2, (j, 1, V)), (i, 1, V))
    return Eq(whole, variance(q, family(lambda i: -log(q[i]))) + later)


# Fano


@inequality(COVER_THOMAS, item="1:T1.12", assuming=SOME, tight_at={q: 1 / V})
def entropy_of_set_le_mass_mul_log_card_div_mass():
    """**Fano**: a set of tokens adds at most its mass times the log of its size over its mass."""
    part = -Sum(M[i] * q[i] * log(q[i]), (i, 1, V))
    return Le(part, kept_mass(q, M) * log(Sum(M[i], (i, 1, V)) / kept_mass(q, M)))
