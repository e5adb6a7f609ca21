"""Truncation: which tokens a sampler keeps, and what every such choice costs.

Defined here: top-k, nucleus (top-p), min-p, locally typical and eta truncation of the softmax of
logits. Each keeps the tokens that fewer than so many, or tokens of less than so much mass, come
before, or that reach a threshold; tokens that tie are kept or dropped together. Main statements:
a level set has the greatest mass of its size, so top-k has, and no smaller set has the mass of a
nucleus; thresholds bound what is dropped and how many are kept; the mean surprise of typical
tokens is near the entropy.

Notation: `x` are logits, `q` is a distribution, `M` the set of tokens that are kept, `D` a set of
others, `B` a score,
`rho` the parameter of a rule, `tau` a threshold.
References: holtzman2020, fan2018, meister2023, hewitt2022, nguyen2024.
"""

# SymPy types a Sum as what a relation might be as well:
# pyright: reportOperatorIssue=false

from typing import Any

from sympy import Eq, Ge, KroneckerDelta, Le, Max, Min, Sum, exp, log, oo, sqrt

from formal import symbols as _
from formal.boltzmann import E_min, largest_probability, probability, softmax
from formal.decoding import KEPT, kept_mass, q_M, sparse_kl_divergence, truncated
from formal.functions import Subset
from formal.moduli import shannon_entropy
from formal.sources import FAN, HEWITT, HOLTZMAN, MEISTER, NGUYEN, OURS
from formal.statement import definition, family, identity, inequality, simplex
from formal.symbols import Maximum, T, V, c, i, j, k, m, rho, tau

E, q, x, v, M = _.E, _.q, _.x, _.v, _.M
D = Subset("D")


SHARE: tuple[Any, ...] = (Le(rho, 1, evaluate=False),)
COUNT: tuple[Any, ...] = (Ge(rho, 1, evaluate=False),)


@definition("[#1 > #2]", OURS, item="3:S3'")
def exceeds(lam, c):
    """An indicator: one where a number exceeds another, and zero where it does not."""
    return 1 - KroneckerDelta(Max(lam - c, 0), 0)


@definition("#1(#2 > {#2}_{#3})", OURS, item="3:S2'")
def mass_ahead(q, B, k):
    """The mass ahead of a token is the probability of the tokens with a greater score."""
    return Sum(q[j] * exceeds(B[j], B[k]), (j, 1, V))


@definition("n(#1 > {#1}_{#2})", OURS, item="3:S2'")
def tokens_ahead(B, k):
    """A token's rank from zero is the number of tokens with a greater score."""
    return Sum(exceeds(B[j], B[k]), (j, 1, V))


@definition("d_{#2,#3}", OURS, item="3:S4'")
def typicality_lead(x, j, k):
    """How much more typical a token is than another: by how much less the square of its logit's
    distance from the mean logit is."""
    mean_logit = Sum(softmax(x, i) * x[i], (i, 1, V))
    return (x[k] - x[j]) * (x[k] + x[j] - 2 * mean_logit)


@definition(r"\tau_{\min p}", NGUYEN, item="3:S3'")
def min_p_threshold(q, rho):
    """The threshold of min-p is a share of the greatest probability."""
    return rho * Maximum(q[i], (i, 1, V))


@definition(r"\tau_{\eta}", HEWITT, item="3:S3'")
def eta_threshold(q, rho):
    """The threshold of eta sampling is a constant or, if less, its root over e to the entropy."""
    return Min(rho, sqrt(rho) * exp(-shannon_entropy(q)))


def _softmax(x):
    return family(lambda m: softmax(x, m))


@definition(r"\chi^{\mathrm{top}\,#2}_{#3}", FAN, item="3:S2'", assuming=COUNT)
def kept_by_top_k(x, rho, k):
    """Top-k keeps the tokens that fewer than so many come before."""
    return exceeds(rho, tokens_ahead(x, k))


@definition(r"\chi^{\mathrm{nuc}\,#2}_{#3}", HOLTZMAN, item="3:S2'", assuming=SHARE)
def kept_by_top_p(x, rho, k):
    """A nucleus keeps the tokens that less than so much mass comes before."""
    return exceeds(rho, mass_ahead(_softmax(x), x, k))


@definition(r"\chi^{\min #2}_{#3}", NGUYEN, item="3:S3'", assuming=SHARE)
def kept_by_min_p(x, rho, k):
    """Min-p keeps the tokens whose probability is not below a share of the greatest."""
    return 1 - exceeds(min_p_threshold(_softmax(x), rho), softmax(x, k))


@definition(r"\chi^{\mathrm{typ}\,#2}_{#3}", MEISTER, item="3:S4'", assuming=SHARE)
def kept_by_typicality(x, rho, k):
    """Locally typical sampling keeps the tokens that less than so much more typical mass
    comes before."""
    return exceeds(rho, Sum(softmax(x, j) * exceeds(typicality_lead(x, j, k), 0), (j, 1, V)))


@definition(r"\chi^{\eta #2}_{#3}", HEWITT, item="3:S3'", assuming=SHARE)
def kept_by_eta(x, rho, k):
    """Eta sampling keeps the tokens whose probability is not below its threshold."""
    return 1 - exceeds(eta_threshold(_softmax(x), rho), softmax(x, k))


def _truncated(x, kept, k):
    """Softmax on the tokens that a rule keeps, normalized."""
    return truncated(_softmax(x), family(lambda m: kept(x, rho, m)), k)


@definition(r"p^{\mathrm{top}\,#2}_{#3}", FAN, item="3:S2'", assuming=COUNT)
def top_k_probability(x, rho, k):
    """Top-k sampling draws from softmax, truncated to the tokens that top-k keeps."""
    return _truncated(x, kept_by_top_k, k)


@definition(r"p^{\mathrm{nuc}\,#2}_{#3}", HOLTZMAN, item="3:S2'", assuming=SHARE)
def top_p_probability(x, rho, k):
    """Nucleus sampling draws from softmax, truncated to the nucleus."""
    return _truncated(x, kept_by_top_p, k)


@definition(r"p^{\min #2}_{#3}", NGUYEN, item="3:S3'", assuming=SHARE)
def min_p_probability(x, rho, k):
    """Min-p sampling draws from softmax, truncated to the tokens that min-p keeps."""
    return _truncated(x, kept_by_min_p, k)


@definition(r"p^{\mathrm{typ}\,#2}_{#3}", MEISTER, item="3:S4'", assuming=SHARE)
def typical_probability(x, rho, k):
    """Locally typical sampling draws from softmax, truncated to the typical tokens."""
    return _truncated(x, kept_by_typicality, k)


@definition(r"p^{\eta #2}_{#3}", HEWITT, item="3:S3'", assuming=SHARE)
def eta_probability(x, rho, k):
    """Eta sampling draws from softmax, truncated to the tokens that reach its threshold."""
    return _truncated(x, kept_by_eta, k)


KEPT_REACH: tuple[Any, ...] = (Le(M[i] * tau, M[i] * q[i], evaluate=False),)
DROPPED_STAY: tuple[Any, ...] = (Le(D[i] * q[i], D[i] * tau, evaluate=False),)
"""What is kept is a level set: kept tokens reach the threshold, dropped ones do not exceed it."""


# Level sets, which all rules but the typical one keep


@inequality(OURS, item="3:S3'", assuming=KEPT_REACH, tight_at={q: tau})
def threshold_mul_card_le_kept_mass():
    """A level set is small: its tokens have at least the threshold each."""
    return Le(tau * Sum(M[i], (i, 1, V)), kept_mass(q, M))


@inequality(OURS, item="3:S3'", assuming=DROPPED_STAY, tight_at={q: tau})
def dropped_mass_le_threshold_mul_card():
    """Outside a level set no token has more than the threshold."""
    return Le(kept_mass(q, D), tau * Sum(D[i], (i, 1, V)))


@inequality(OURS, item="3:S2'", assuming=KEPT_REACH + DROPPED_STAY, tight_at={q: tau})
def gained_mass_sub_lost_mass_le_threshold_mul_card_sub_card():
    """**Level sets are best**: giving up some of the tokens for others gains no more mass than
    the threshold times the tokens gained. So top-k has the greatest mass of its size, and a
    nucleus the fewest tokens of its mass."""
    more = Sum(D[i], (i, 1, V)) - Sum(M[i], (i, 1, V))
    return Le(kept_mass(q, D) - kept_mass(q, M), tau * more)


@inequality(OURS, item="3:S2'", assuming=KEPT_REACH + DROPPED_STAY, tight_at={q: tau})
def card_mul_dropped_mass_le_card_mul_kept_mass():
    """A token that top-k keeps has on average no less probability than one that it drops."""
    kept, dropped = Sum(M[i], (i, 1, V)), Sum(D[i], (i, 1, V))
    return Le(kept * kept_mass(q, D), dropped * kept_mass(q, M))


# The price of a nucleus

ENOUGH: tuple[Any, ...] = (*KEPT, Le(rho, kept_mass(q, M), evaluate=False))
WHOLE = {q: 1 / V, M: 1, rho: 1}


@inequality(OURS, item="3:S2'", assuming=ENOUGH, tight_at=WHOLE)
def kl_divergence_of_truncated_le_neg_log_kept_share():
    """A nucleus costs at most minus the logarithm of the mass that it was asked to keep."""
    return Le(sparse_kl_divergence(q_M, q), -log(rho))


# Min-p


@identity(OURS, item="3:S3'")
def log_probability_div_largest_eq_neg_gap_div_temperature():
    """Min-p at a temperature keeps what lies within T ln (1 / share) of the ground energy."""
    return Eq(log(probability(E, T, k) / largest_probability(E, T)), -(E[k] - E_min) / T)


# Eta sampling


@inequality(OURS, item="3:S3'", assuming=simplex(q), tight_at={rho: 0})
def eta_threshold_le_constant():
    """The threshold of eta sampling never exceeds its constant."""
    return Le(eta_threshold(q, rho**2), rho**2)


@inequality(OURS, item="3:S3'", assuming=simplex(q), tight_at={rho: oo})
def eta_threshold_le_sqrt_constant_mul_exp_neg_entropy():
    """The threshold of eta sampling falls as the distribution widens."""
    return Le(eta_threshold(q, rho**2), rho * exp(-shannon_entropy(q)))


# Locally typical sampling


@identity(OURS, item="3:S4'")
def typicality_lead_eq_difference_of_squared_surprise_deviations():
    """Tokens are as typical as their surprise is near the entropy."""
    p = _softmax(x)
    far = [(log(softmax(x, m)) + shannon_entropy(p)) ** 2 for m in (k, j)]
    return Eq(typicality_lead(x, j, k), far[0] - far[1])


@identity(OURS, item="3:S4'")
def typicality_lead_add_const():
    """A constant added to all logits does not change which tokens are more typical."""
    return Eq(typicality_lead(family(lambda n: x[n] + c), j, k), typicality_lead(x, j, k))


@identity(OURS, item="3:S4'")
def typicality_lead_add_typicality_lead():
    """Being more typical is an order: leads add up along it."""
    return Eq(typicality_lead(x, j, k) + typicality_lead(x, k, m), typicality_lead(x, j, m))


NEAR: tuple[Any, ...] = (Le(M[i] * v[i], M[i] * tau, evaluate=False),)


@inequality(OURS, item="3:S4'", assuming=NEAR, tight_at={v: tau})
def sum_kept_deviation_le_threshold_mul_kept_mass():
    """What deviates by no more than a threshold does so on average: typical tokens, of which the
    surprise is near the entropy."""
    return Le(Sum(M[i] * q[i] * v[i], (i, 1, V)), tau * kept_mass(q, M))
