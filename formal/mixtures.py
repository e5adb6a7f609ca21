"""Mixtures of the distributions of several models, or of one model under several prompts.

Notation: `K_ji` is the probability that model j = 1..N gives to token i, `mu_j` the weight of the
model. Main statements: the entropy of a mixture exceeds the mean entropy by the generalized
Jensen-Shannon divergence, which is nonnegative and at most the entropy of the weights.
References: cover2006.
"""

# SymPy types a Sum as what a relation might be as well:
# pyright: reportOperatorIssue=false

from typing import Any

from sympy import Eq, Ge, KroneckerDelta, Le, Sum, exp, log, oo

from formal import symbols as _
from formal.moduli import kl_divergence, shannon_entropy
from formal.sources import COVER_THOMAS
from formal.statement import definition, family, identity, inequality, simplex
from formal.symbols import N, V, c, i, j

NOTATION = {_.mu: "weights of the models", _.K: "probabilities by each model"}


@definition("m_{#3}", COVER_THOMAS, item="3:S7'")
def mixture(K, mu, k):
    """The mixture of the models' distributions gives a token its mean probability."""
    return Sum(mu[j] * K[j, k], (j, 1, N))


@definition(r"\langle H \rangle_{\mu}", COVER_THOMAS, item="3:S7'")
def mean_entropy(K, mu):
    """The mean of the entropies of the models' distributions."""
    return -Sum(mu[j] * Sum(K[j, i] * log(K[j, i]), (i, 1, V)), (j, 1, N))


@definition(r"\mathrm{JS}_{\mu}", COVER_THOMAS, item="3:S7'")
def jensen_shannon(K, mu):
    """The mean divergence of the models' distributions from their mixture."""
    divergence = Sum(K[j, i] * log(K[j, i] / mixture(K, mu, i)), (i, 1, V))
    return Sum(mu[j] * divergence, (j, 1, N))


K, mu, q = _.K, _.mu, _.q
mixed = family(lambda i: mixture(K, mu, i))
WEIGHTS: tuple[Any, ...] = (Eq(Sum(mu[j], (j, 1, N)), 1, evaluate=False),)
ROWS: tuple[Any, ...] = (Eq(Sum(K[j, i], (i, 1, V)), 1, evaluate=False),)
one_model = family(lambda j: exp(-c * (1 - KroneckerDelta(j, 1))) / (1 + (N - 1) * exp(-c)))


@identity(COVER_THOMAS, item="3:S7'", assuming=WEIGHTS + ROWS)
def entropy_mixture_sub_mean_entropy_eq_jensen_shannon():
    """Mixing adds as much entropy as the models diverge from their mixture."""
    return Eq(shannon_entropy(mixed) - mean_entropy(K, mu), jensen_shannon(K, mu))


@identity(COVER_THOMAS, item="3:S7'", assuming=WEIGHTS + ROWS + simplex(q))
def mean_kl_divergence_eq_jensen_shannon_add_kl_divergence_of_mixture():
    """**Compensation**: the mixture is the one distribution nearest to all models on average."""
    divergence = Sum(K[j, i] * log(K[j, i] / q[i]), (i, 1, V))
    far = Sum(mu[j] * divergence, (j, 1, N))
    return Eq(far, jensen_shannon(K, mu) + kl_divergence(mixed, q))


@inequality(COVER_THOMAS, item="3:S7'", assuming=WEIGHTS + ROWS, tight_at={K: 1 / V})
def mean_entropy_le_entropy_mixture():
    """Entropy is concave: a mixture is at least as uncertain as its parts on average."""
    return Le(mean_entropy(K, mu), shannon_entropy(mixed))


@inequality(COVER_THOMAS, item="3:S7'", assuming=WEIGHTS + ROWS, tight_at={K: 1 / V})
def jensen_shannon_nonneg():
    """Models never diverge negatively from their mixture."""
    return Ge(jensen_shannon(K, mu), 0)


@inequality(COVER_THOMAS, item="3:S7'", assuming=WEIGHTS + ROWS, tight_at={mu: one_model, c: oo})
def jensen_shannon_le_entropy_of_weights():
    """Mixing adds at most the entropy of the weights."""
    return Le(jensen_shannon(K, mu), -Sum(mu[j] * log(mu[j]), (j, 1, N)))
