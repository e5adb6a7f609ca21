"""The probability that a model gives to a text, and what temperature does to whole texts.

Notation: `ell_t` is the probability of token t = 1..n of a text given those before it, `J_ij` the
joint probability of two tokens. Main statements: the loss of a text is the mean of those of its
tokens, perplexity is its exponential; a temperature that is applied token by token is not one of
the sequence.
References: cover2006.
"""

# SymPy types a Sum as what a relation might be as well:
# pyright: reportOperatorIssue=false

from sympy import Eq, Le, Product, Sum, exp, log

from formal import symbols as _
from formal.sequences import first_marginal, joint
from formal.sources import COVER_THOMAS, OURS
from formal.statement import definition, identity, inequality
from formal.symbols import N, T, V, c, i, j, k, m, n, t


@definition("P(#1)", COVER_THOMAS, item=("1:7.20", "3:L9"))
def text_probability(ell):
    """The probability of a text is the product of its tokens', each given those before it."""
    return Product(ell[t], (t, 1, n))


@definition("L(#1)", COVER_THOMAS, item="3:L9")
def text_loss(ell):
    """The loss of a text is the mean of the losses of its tokens, in nats."""
    return -Sum(log(ell[t]), (t, 1, n)) / n


@definition(r"\mathrm{PP}(#1)", COVER_THOMAS, item="3:L9")
def text_perplexity(ell):
    """The perplexity of a text is the inverse geometric mean of its tokens' probabilities."""
    return text_probability(ell) ** (-1 / n)


@definition("{#1}^{(#2)}_{#3#4}", OURS, item="3:P6")
def tempered_jointly(J, T, k, m):
    """Two tokens at a temperature of the pair: a power of the joint law, normalized."""
    return J[k, m] ** (1 / T) / Sum(Sum(J[i, j] ** (1 / T), (j, 1, N)), (i, 1, V))


@definition(r"{#1}^{(#2), (#2)}_{#3#4}", OURS, item="3:P6")
def tempered_token_by_token(J, T, k, m):
    """Two tokens at a temperature, one after the other: what samplers do."""
    first = first_marginal(J, k) ** (1 / T) / Sum(first_marginal(J, i) ** (1 / T), (i, 1, V))
    second = (J[k, m] / first_marginal(J, k)) ** (1 / T)
    return first * second / Sum((J[k, j] / first_marginal(J, k)) ** (1 / T), (j, 1, N))


@definition("w_{#3}", OURS, item="3:P6")
def second_weight(J, T, k):
    """What the tempered probabilities of a second token sum to before they are normalized."""
    return Sum((J[k, j] / first_marginal(J, k)) ** (1 / T), (j, 1, N))


ell, J = _.ell, _.J
mean_weight = Sum(first_marginal(J, i) ** (1 / T) * second_weight(J, T, i), (i, 1, V)) / Sum(
    first_marginal(J, i) ** (1 / T), (i, 1, V)
)


@identity(COVER_THOMAS, item=("1:7.20", "3:L9"))
def neg_log_text_probability_eq_length_mul_loss():
    """The logarithm of a text's probability is minus its length times its loss."""
    return Eq(-log(text_probability(ell)), n * text_loss(ell))


@identity(COVER_THOMAS, item="3:L9")
def text_perplexity_eq_exp_loss():
    """Perplexity is the exponential of the loss."""
    return Eq(text_perplexity(ell), exp(text_loss(ell)))


@identity(COVER_THOMAS, item="3:L9")
def text_probability_eq_perplexity_pow_neg_length():
    """A text is as probable as if each token were chosen from as many as its perplexity."""
    return Eq(text_probability(ell), text_perplexity(ell) ** (-n))


@inequality(COVER_THOMAS, item="3:L9", tight_at={ell: exp(c)})
def neg_log_mean_probability_le_text_loss():
    """The loss of a text is at least that of a token with the mean probability."""
    return Le(-log(Sum(ell[t], (t, 1, n)) / n), text_loss(ell))


@identity(OURS, item="3:P6", assuming=joint(J))
def tempered_jointly_eq_tempered_token_by_token_mul_weight():
    """**Temperature token by token** is not one of the sequence: it is off by what the weights
    of the second token differ from their mean."""
    ratio = second_weight(J, T, k) / mean_weight
    return Eq(tempered_jointly(J, T, k, m), tempered_token_by_token(J, T, k, m) * ratio)
