"""Two tokens in a row: what is known of the second from the first.

Notation: `J_ij` is the joint probability of a first token i = 1..V and a second j = 1..N, `K_ij`
that of another model or, where its rows sum to one, the probability of j given i. Two may be read
as a prompt and its continuation of any length. Main statements: chain rules of entropy,
cross-entropy and divergence, mutual information, the tower rule, total variance, data processing.
References: cover2006.
"""

# SymPy types a Sum as what a relation might be as well:
# pyright: reportOperatorIssue=false

from typing import Any

from sympy import Eq, Ge, KroneckerDelta, Lambda, Le, Sum, exp, log, oo

from formal import symbols as _
from formal.moduli import cross_entropy, kl_divergence, mean, shannon_entropy, variance
from formal.sources import COVER_THOMAS
from formal.statement import definition, family, identity, inequality, simplex
from formal.symbols import N, V, c, i, j


@definition("#1_{#2 \\cdot}", COVER_THOMAS, item="1:7.20")
def first_marginal(J, k):
    """The probability of a first token, whatever the second."""
    return Sum(J[k, j], (j, 1, N))


@definition("#1_{\\cdot #2}", COVER_THOMAS, item="1:7.20")
def second_marginal(J, k):
    """The probability of a second token, whatever the first."""
    return Sum(J[i, k], (i, 1, V))


@definition(r"H_{12}(#1)", COVER_THOMAS, item="1:7.20")
def joint_entropy(J):
    """The entropy of two tokens together."""
    return -Sum(Sum(J[i, j] * log(J[i, j]), (j, 1, N)), (i, 1, V))


@definition(r"H_{2}(#1)", COVER_THOMAS, item="1:7.20")
def second_entropy(J):
    """The entropy of the second token, whatever the first."""
    return -Sum(second_marginal(J, j) * log(second_marginal(J, j)), (j, 1, N))


@definition(r"H_{2|1}(#1)", COVER_THOMAS, item="1:7.20")
def conditional_entropy(J):
    """The entropy of the second token that is left on average once the first is known."""
    return -Sum(Sum(J[i, j] * log(J[i, j] / first_marginal(J, i)), (j, 1, N)), (i, 1, V))


@definition(r"I(#1)", COVER_THOMAS, item="1:7.20")
def mutual_information(J):
    """Mutual information is the divergence of a joint law from the product of its marginals."""
    independent = first_marginal(J, i) * second_marginal(J, j)
    return Sum(Sum(J[i, j] * log(J[i, j] / independent), (j, 1, N)), (i, 1, V))


@definition(r"H_{12}(#1, #2)", COVER_THOMAS, item="1:7.20")
def joint_cross_entropy(J, K):
    """The cross-entropy of two tokens together."""
    return -Sum(Sum(J[i, j] * log(K[i, j]), (j, 1, N)), (i, 1, V))


@definition(r"H_{2|1}(#1, #2)", COVER_THOMAS, item="1:7.20")
def conditional_cross_entropy(J, K):
    """The loss of the second token on average, its model being told the first."""
    return -Sum(Sum(J[i, j] * log(K[i, j] / first_marginal(K, i)), (j, 1, N)), (i, 1, V))


@definition(r"D_{12}(#1 \,\|\, #2)", COVER_THOMAS, item="1:7.20")
def joint_kl_divergence(J, K):
    """The divergence of one joint law from another."""
    return Sum(Sum(J[i, j] * log(J[i, j] / K[i, j]), (j, 1, N)), (i, 1, V))


@definition(r"D_{2|1}(#1 \,\|\, #2)", COVER_THOMAS, item="1:7.20")
def conditional_kl_divergence(J, K):
    """The divergence of one conditional law from another, on average over the condition."""
    ratio = (J[i, j] / first_marginal(J, i)) / (K[i, j] / first_marginal(K, i))
    return Sum(Sum(J[i, j] * log(ratio), (j, 1, N)), (i, 1, V))


@definition(r"\langle #2 \rangle", COVER_THOMAS, item="1:7.20")
def joint_mean(J, u):
    """The mean of what depends on both tokens."""
    return Sum(Sum(J[i, j] * u[i, j], (j, 1, N)), (i, 1, V))


@definition(r"\mathrm{Var}(#2)", COVER_THOMAS, item="1:7.20")
def joint_variance(J, u):
    """The variance of what depends on both tokens."""
    return Sum(Sum(J[i, j] * (u[i, j] - joint_mean(J, u)) ** 2, (j, 1, N)), (i, 1, V))


@definition(r"\langle #2 \rangle_{2|#3}", COVER_THOMAS, item="1:7.20")
def conditional_mean(J, u, k):
    """The conditional expectation of what depends on both tokens, once the first is known."""
    return Sum(J[k, j] * u[k, j], (j, 1, N)) / first_marginal(J, k)


@definition(r"\mathrm{Var}_{2|#3}(#2)", COVER_THOMAS, item="1:7.20")
def conditional_variance(J, u, k):
    """The variance of what depends on both tokens, once the first is known."""
    distance = u[k, j] - conditional_mean(J, u, k)
    return Sum(J[k, j] * distance**2, (j, 1, N)) / first_marginal(J, k)


J, K, q, r, u = _.J, _.K, _.q, _.r, _.u
first = family(lambda i: first_marginal(J, i))
first_of_model = family(lambda i: first_marginal(K, i))
means = family(lambda i: conditional_mean(J, u, i))
variances = family(lambda i: conditional_variance(J, u, i))


def joint(*families: Any) -> tuple[Any, ...]:
    """The hypotheses that families are joint laws: over both indices they sum to one."""
    return tuple(
        Eq(Sum(Sum(law[i, j], (j, 1, N)), (i, 1, V)), 1, evaluate=False) for law in families
    )


CHANNEL: tuple[Any, ...] = (Eq(Sum(K[i, j], (j, 1, N)), 1, evaluate=False),)
independent = 1 / (V * N)
sure = Lambda((i, j), exp(-c * (1 - KroneckerDelta(j, 1))) / (V * (1 + (N - 1) * exp(-c))))


@identity(COVER_THOMAS, item=("1:7.20", "1:T1.5"), assuming=joint(J))
def joint_entropy_eq_entropy_add_conditional_entropy():
    """**Chain rule**: two tokens are as uncertain as the first, and the second given the first."""
    return Eq(joint_entropy(J), shannon_entropy(first) + conditional_entropy(J))


@identity(COVER_THOMAS, item="1:7.20", assuming=joint(J, K))
def joint_cross_entropy_eq_cross_entropy_add_conditional_cross_entropy():
    """The loss of a sequence is the sum of the losses of its tokens, each given those before."""
    alone = cross_entropy(first, first_of_model)
    return Eq(joint_cross_entropy(J, K), alone + conditional_cross_entropy(J, K))


@identity(COVER_THOMAS, item="1:7.20", assuming=joint(J, K))
def joint_kl_divergence_eq_kl_divergence_add_conditional_kl_divergence():
    """Two models of a sequence diverge by what they say of each token, given those before."""
    alone = kl_divergence(first, first_of_model)
    return Eq(joint_kl_divergence(J, K), alone + conditional_kl_divergence(J, K))


@identity(COVER_THOMAS, item="1:7.20", assuming=joint(J))
def mutual_information_eq_entropies_sub_joint_entropy():
    """Two tokens know of each other what their entropies exceed their joint entropy by."""
    alone = shannon_entropy(first) + second_entropy(J)
    return Eq(mutual_information(J), alone - joint_entropy(J))


@identity(COVER_THOMAS, item="1:7.20", assuming=joint(J))
def mutual_information_eq_entropy_sub_conditional_entropy():
    """The first token takes from the second's entropy what they know of each other."""
    return Eq(mutual_information(J), second_entropy(J) - conditional_entropy(J))


@identity(COVER_THOMAS, item="1:G11", assuming=joint(J))
def kl_divergence_from_product_eq_mutual_information_add_kl_divergences():
    """**Pythagoras**: the nearest law of independent tokens is the product of the marginals."""
    far = Sum(Sum(J[i, j] * log(J[i, j] / (q[i] * r[j])), (j, 1, N)), (i, 1, V))
    second = Sum(second_marginal(J, j) * log(second_marginal(J, j) / r[j]), (j, 1, N))
    return Eq(far, mutual_information(J) + kl_divergence(first, q) + second)


@identity(COVER_THOMAS, item="1:7.20", assuming=joint(J))
def mean_conditional_mean_eq_joint_mean():
    """**Tower rule**: the mean of the conditional expectation is the mean."""
    return Eq(mean(first, means), joint_mean(J, u))


@identity(COVER_THOMAS, item="1:7.20", assuming=joint(J))
def joint_variance_eq_mean_conditional_variance_add_variance_conditional_mean():
    """**Total variance**: what the first token leaves unexplained, and what it explains."""
    return Eq(joint_variance(J, u), mean(first, variances) + variance(first, means))


@inequality(COVER_THOMAS, item="1:7.20", assuming=joint(J), tight_at={J: independent})
def mutual_information_nonneg():
    """Mutual information is nonnegative, and zero where the tokens are independent."""
    return Ge(mutual_information(J), 0)


@inequality(COVER_THOMAS, item=("1:7.20", "1:T1.6"), assuming=joint(J), tight_at={J: independent})
def conditional_entropy_le_second_entropy():
    """Conditioning reduces entropy on average."""
    return Le(conditional_entropy(J), second_entropy(J))


@inequality(COVER_THOMAS, item="1:7.20", assuming=joint(J), tight_at={J: sure, c: oo})
def conditional_entropy_nonneg():
    """Conditional entropy is nonnegative, and zero where the first token settles the second."""
    return Ge(conditional_entropy(J), 0)


@inequality(COVER_THOMAS, item="1:7.20", assuming=joint(J), tight_at={J: sure, c: oo})
def entropy_le_joint_entropy():
    """Two tokens are at least as uncertain as one of them."""
    return Le(shannon_entropy(first), joint_entropy(J))


@inequality(COVER_THOMAS, item="1:7.20", assuming=joint(J, K), tight_at={J: K})
def kl_divergence_of_marginals_le_joint_kl_divergence():
    """What is not looked at cannot tell two laws apart."""
    return Le(kl_divergence(first, first_of_model), joint_kl_divergence(J, K))


@inequality(COVER_THOMAS, item="1:7.20", assuming=simplex(q, r) + CHANNEL, tight_at={r: q})
def kl_divergence_of_outputs_le_kl_divergence():
    """**Data processing**: passed through the same channel, two laws diverge no more."""
    out, other = (Sum(law[i] * K[i, j], (i, 1, V)) for law in (q, r))
    return Le(Sum(out * log(out / other), (j, 1, N)), kl_divergence(q, r))


@inequality(COVER_THOMAS, item="1:7.20", tight_at={r: q})
def total_mul_log_ratio_of_totals_le_sum_mul_log_ratio():
    """**Log-sum inequality**: adding up first loses divergence."""
    q_total, r_total = Sum(q[i], (i, 1, V)), Sum(r[i], (i, 1, V))
    return Le(q_total * log(q_total / r_total), Sum(q[i] * log(q[i] / r[i]), (i, 1, V)))
