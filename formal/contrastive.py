"""Contrastive losses: what telling a true pair from false ones says about mutual information.

Defined here: mutual information of a table of joint probabilities, and the loss of a classifier
that is shown the true partner of a context among others.
Main statements: two bounds of mutual information from below, by a classifier and by scores.

Notation: `J[i, t]` is the joint law of a context i and a partner t, `x[i, t]` a score of the pair.
References: oord2018, cover2006, donsker1975.
"""

# SymPy types a Sum as what a relation might be as well:
# pyright: reportOperatorIssue=false

from sympy import Eq, Le, Sum, exp, log

from formal import symbols as _
from formal.sources import COVER_THOMAS, OORD, OURS
from formal.statement import definition, inequality
from formal.symbols import N, V, i, k, s, t

J, x = _.J, _.x


def _of_context(J, index):
    """The probability of a context."""
    return Sum(J[index, s], (s, 1, N))


def _of_partner(J, index):
    """The probability of a partner."""
    return Sum(J[k, index], (k, 1, V))


def _over_pairs(summand):
    return Sum(Sum(summand, (t, 1, N)), (i, 1, V))


joint = (Eq(_over_pairs(J[i, t]), 1, evaluate=False),)


@definition("I(#1)", COVER_THOMAS, item="3:L8")
def mutual_information(J):
    """Mutual information is the divergence of a joint law from independence, in nats."""
    return _over_pairs(J[i, t] * log(J[i, t] / (_of_context(J, i) * _of_partner(J, t))))


@definition(r"\mathcal{L}_{\mathrm{select}}", OORD, item="3:L8")
def selection_loss(J, x):
    """The loss of choosing the partner of a context among all, by the softmax of its scores."""
    return -_over_pairs(J[i, t] * log(exp(x[i, t]) / Sum(exp(x[i, s]), (s, 1, N))))


@inequality(OURS, item="3:L8", tight_at={J: 1 / (V * N), x: 0})
def partner_entropy_sub_selection_loss_le_mutual_information():
    """What a classifier gains on the entropy of the partners, the contexts knew of them."""
    partners = -Sum(_of_partner(J, t) * log(_of_partner(J, t)), (t, 1, N))
    return Le(partners - selection_loss(J, x), mutual_information(J))


@inequality(OURS, item="3:L8", assuming=joint, tight_at={J: 1 / (V * N), x: 0})
def mean_score_sub_log_mean_exp_score_le_mutual_information():
    """**InfoNCE** with every negative: scores against their mean exponential bound information."""
    against = log(Sum(_of_partner(J, s) * exp(x[i, s]), (s, 1, N)))
    return Le(_over_pairs(J[i, t] * (x[i, t] - against)), mutual_information(J))
