"""Decoding: what is done to a next-token distribution before a token is drawn from it.

Notation: q is the model's distribution, r that of a draft model, `M` the set of tokens that are
kept (top-k, nucleus, min-p, locally typical: truncations differ in how they choose it), `nu` a
distribution that may have zeros. Main statements: truncation is conditioning, and its price is
minus the logarithm of the mass that is kept; it commutes with temperature as long as the same
tokens are kept, which top-k does and a nucleus does not; temperatures multiply; speculative
decoding accepts one minus the total variation and returns the model's own distribution; locally
typical sampling is bounded by the heat capacity; an exponential race draws from softmax.
References: cover2006.
"""

# SymPy types a Sum as what a relation might be as well:
# pyright: reportOperatorIssue=false

from typing import Any

from sympy import Abs, Eq, Integral, Le, Lt, Max, Min, Rational, Sum, exp, log

from formal import symbols as _
from formal.boltzmann import probability, softmax
from formal.functions import xlogy
from formal.sources import COVER_THOMAS, OURS
from formal.statement import definition, family, identity, inequality, simplex
from formal.symbols import T_1, T_2, T, V, i, k, m, tau, tau_1, tau_2, v, x

q, r, nu, M, E = _.q, _.r, _.nu, _.M, _.E


@definition("#1(#2)", COVER_THOMAS, item="3:S2'")
def kept_mass(q, M):
    """The mass that is kept is the probability of the tokens that are."""
    return Sum(M[i] * q[i], (i, 1, V))


KEPT: tuple[Any, ...] = (Lt(0, kept_mass(q, M), evaluate=False),)


@definition("{#1}^{#2}_{#3}", COVER_THOMAS, item="3:S2'", assuming=KEPT)
def truncated(q, M, k):
    """A truncated distribution is the conditional one on the tokens that are kept."""
    return M[k] * q[k] / kept_mass(q, M)


@definition(r"H(#1)", COVER_THOMAS, item="3:S2'")
def sparse_entropy(nu):
    """The entropy of a distribution that may have zeros, in nats."""
    return -Sum(xlogy(nu[i], nu[i]), (i, 1, V))


@definition(r"D_{\mathrm{KL}}(#1 \,\|\, #2)", COVER_THOMAS, item="3:S2'")
def sparse_kl_divergence(nu, q):
    """The divergence of a distribution that may have zeros, in nats."""
    return Sum(xlogy(nu[i], nu[i] / q[i]), (i, 1, V))


@definition("{#1}^{(#2)}_{#3}", OURS, item="3:S8'")
def tempered(q, T, k):
    """A tempered distribution is a power of the probabilities, normalized."""
    return q[k] ** (1 / T) / Sum(q[i] ** (1 / T), (i, 1, V))


@definition("Z(#3)", OURS, item="3:S8'")
def kept_weight(E, T, M):
    """The kept weight is the part of the partition function that tokens kept contribute."""
    return Sum(M[i] * exp(-E[i] / T), (i, 1, V))


WEIGHED: tuple[Any, ...] = (Lt(0, kept_weight(E, T, M), evaluate=False),)


@definition(r"\hat{p}^{#3}_{#4}", OURS, item="3:S8'", assuming=WEIGHED)
def masked_probability(E, T, M, k):
    """A masked distribution has the Boltzmann weights of the tokens that are kept."""
    return M[k] * exp(-E[k] / T) / kept_weight(E, T, M)


@definition(r"\mathrm{TV}(#1, #2)", COVER_THOMAS, item="3:S5'")
def total_variation_distance(q, r):
    """The total variation distance is half of what the probabilities differ by."""
    return Rational(1, 2) * Sum(Abs(q[i] - r[i]), (i, 1, V))


@definition(r"\alpha(#1, #2)", OURS, item="3:S5'")
def acceptance_rate(q, r):
    """The acceptance rate of a draft is the probability that two distributions share."""
    return Sum(Min(q[i], r[i]), (i, 1, V))


@definition(r"\bar{\alpha}(#1, #2)", OURS, item="3:S5'")
def rejection_rate(q, r):
    """The rejection rate of a draft is what the model's probabilities exceed the draft's by."""
    return Sum(Max(q[i] - r[i], 0), (i, 1, V))


EXCEEDS: tuple[Any, ...] = (Lt(0, rejection_rate(q, r), evaluate=False),)


@definition("s_{#3}", OURS, item="3:S5'", assuming=EXCEEDS)
def residual(q, r, k):
    """The residual distribution is where the model exceeds the draft, normalized."""
    return Max(q[k] - r[k], 0) / rejection_rate(q, r)


q_M = family(lambda i: truncated(q, M, i))
r_M = family(lambda i: truncated(r, M, i))
KEPT_BOTH: tuple[Any, ...] = (*KEPT, Lt(0, kept_mass(r, M), evaluate=False))
warm = family(lambda i: probability(E, T, i))
WARM_KEPT: tuple[Any, ...] = (Lt(0, kept_mass(warm, M), evaluate=False), *WEIGHED)


# Truncation


@identity(COVER_THOMAS, item="3:S2'", assuming=KEPT)
def sum_truncated_eq_one():
    """A truncated distribution sums to one."""
    return Eq(Sum(truncated(q, M, i), (i, 1, V)), 1)


@identity(COVER_THOMAS, item="3:S2'", assuming=KEPT)
def kl_divergence_of_truncated_eq_neg_log_kept_mass():
    """**The price of truncation**: minus the logarithm of the mass that is kept."""
    return Eq(sparse_kl_divergence(q_M, q), -log(kept_mass(q, M)))


@identity(COVER_THOMAS, item="3:S2'", assuming=KEPT_BOTH)
def kl_divergence_of_truncated_eq_kl_divergence_of_both_truncated_sub_log_kept_mass():
    """**Projection**: what only has the tokens that are kept diverges from the whole by more."""
    within = Sum(
        xlogy(truncated(r, M, i), r[i] * kept_mass(q, M) / (q[i] * kept_mass(r, M))), (i, 1, V)
    )
    return Eq(sparse_kl_divergence(r_M, q), within - log(kept_mass(q, M)))


@inequality(COVER_THOMAS, item="3:S2'", assuming=KEPT_BOTH, tight_at={r: q})
def neg_log_kept_mass_le_kl_divergence_of_truncated():
    """Of all distributions on the tokens that are kept, the truncated one is nearest."""
    return Le(-log(kept_mass(q, M)), sparse_kl_divergence(r_M, q))


@identity(COVER_THOMAS, item="3:S2'", assuming=KEPT)
def entropy_of_truncated():
    """The entropy of a truncated distribution is the kept part's, counted from its mass."""
    part = -Sum(M[i] * q[i] * log(q[i]), (i, 1, V))
    return Eq(sparse_entropy(q_M), part / kept_mass(q, M) + log(kept_mass(q, M)))


# Temperature


@identity(OURS, item=("3:S8'", "1:T1.22"))
def tempered_twice_eq_tempered_once():
    """Temperatures multiply: one and then another is their product at once."""
    once = family(lambda i: tempered(q, T_1, i))
    return Eq(tempered(once, T_2, k), tempered(q, T_1 * T_2, k))


@identity(OURS, item="3:S8'")
def tempered_eq_probability():
    """Tempering the distribution at temperature one is sampling at the temperature."""
    at_one = family(lambda i: probability(E, 1, i))
    return Eq(tempered(at_one, T, k), probability(E, T, k))


@identity(OURS, item="3:S8'", assuming=simplex(q) + KEPT)
def tempered_truncated_eq_truncated_tempered():
    """Keeping the same tokens, a truncated distribution tempered is the tempered one truncated."""
    tempered_first = family(lambda i: tempered(q, T, i))
    return Eq(tempered(q_M, T, k), truncated(tempered_first, M, k))


@identity(OURS, item="3:S8'", assuming=WARM_KEPT)
def truncated_probability_eq_masked_probability():
    """Logits may be masked before they are divided by the temperature, or probabilities after."""
    return Eq(truncated(warm, M, k), masked_probability(E, T, M, k))


@identity(OURS, item="3:S8'")
def log_ratio_of_tempered():
    """Temperature keeps the order of the tokens: log-ratios are divided by it."""
    return Eq(log(tempered(q, T, k) / tempered(q, T, m)), log(q[k] / q[m]) / T)


# Speculative decoding


@identity(OURS, item="3:S5'", assuming=simplex(q, r))
def acceptance_rate_eq_one_sub_total_variation_distance():
    """A draft is accepted as often as its distribution agrees with the model's."""
    return Eq(acceptance_rate(q, r), 1 - total_variation_distance(q, r))


@identity(OURS, item="3:S5'")
def acceptance_rate_eq_mean_acceptance():
    """Drawn from the draft, a token is accepted with its ratio of probabilities, at most one."""
    return Eq(Sum(r[i] * Min(1, q[i] / r[i]), (i, 1, V)), acceptance_rate(q, r))


@identity(OURS, item="3:S5'", assuming=simplex(q, r))
def rejection_rate_eq_total_variation_distance():
    """A draft is rejected as often as its distribution differs from the model's."""
    return Eq(rejection_rate(q, r), total_variation_distance(q, r))


@identity(OURS, item="3:S5'", assuming=simplex(q, r) + EXCEEDS)
def accepted_add_rejected_eq_model():
    """**Speculative decoding**: accepted drafts and redrawn tokens follow the model exactly."""
    redrawn = (1 - acceptance_rate(q, r)) * residual(q, r, k)
    return Eq(Min(q[k], r[k]) + redrawn, q[k])


@inequality(OURS, item="3:S5'", assuming=simplex(q, r), tight_at={r: q})
def acceptance_rate_le_one():
    """No draft is accepted more often than always, and the model's own is always."""
    return Le(acceptance_rate(q, r), 1)


# Locally typical sampling

FAR: tuple[Any, ...] = (Le(M[i] * tau**2, M[i] * v[i] ** 2, evaluate=False),)


@inequality(COVER_THOMAS, item="3:S4'", assuming=FAR, tight_at={v: tau, M: 1})
def kept_mass_le_mean_sq_div_threshold_sq():
    """**Chebyshev**: tokens that deviate by a threshold have little mass; of the surprise, whose
    mean square deviation is the heat capacity, it is the mass that is not locally typical."""
    return Le(kept_mass(q, M), Sum(q[i] * v[i] ** 2, (i, 1, V)) / tau**2)


# Drawing a token


@identity(OURS, item="3:S1'")
def integral_of_race_eq_softmax_mul_probability_of_any():
    """**Exponential race**: the first of independent exponential clocks to ring, and so the
    greatest of logits with Gumbel noise, is distributed as softmax, whenever it rings."""
    rate = Sum(exp(x[i]), (i, 1, V))
    first = Integral(exp(x[k]) * exp(-tau * rate), (tau, tau_1, tau_2))
    return Eq(first, softmax(x, k) * (exp(-tau_1 * rate) - exp(-tau_2 * rate)))
