"""Contrastive losses: what telling a true pair from false ones says about mutual information.

Defined here: the loss of a classifier that chooses the partner of a context among all partners.
Main statements: two bounds of mutual information from below, by that loss and by scores against
their mean exponential.

Notation: `J_ij` is the joint law of a context i = 1..V and a partner j = 1..N, `x_ij` a score of
the pair.
References: oord2018, cover2006.
"""

# SymPy types a Sum as what a relation might be as well:
# pyright: reportOperatorIssue=false

from sympy import Le, Sum, exp, log

from formal import symbols as _
from formal.sequences import joint, mutual_information, second_entropy, second_marginal
from formal.sources import OORD, OURS
from formal.statement import definition, inequality
from formal.symbols import N, V, i, j, k

J, x = _.J, _.x


@definition(r"\mathcal{L}_{\mathrm{select}}", OORD, item="3:L8")
def selection_loss(J, x):
    """The loss of choosing the partner of a context among all, by the softmax of its scores."""
    chosen = exp(x[i, j]) / Sum(exp(x[i, k]), (k, 1, N))
    return -Sum(Sum(J[i, j] * log(chosen), (j, 1, N)), (i, 1, V))


@inequality(OURS, item="3:L8", assuming=joint(J), tight_at={J: 1 / (V * N), x: 0})
def second_entropy_sub_selection_loss_le_mutual_information():
    """What a classifier gains on the entropy of the partners, the contexts knew of them."""
    return Le(second_entropy(J) - selection_loss(J, x), mutual_information(J))


@inequality(OURS, item="3:L8", assuming=joint(J), tight_at={J: 1 / (V * N), x: 0})
def mean_score_sub_log_mean_exp_score_le_mutual_information():
    """**InfoNCE** with every negative: scores against their mean exponential bound information."""
    against = log(Sum(second_marginal(J, k) * exp(x[i, k]), (k, 1, N)))
    gained = Sum(Sum(J[i, j] * (x[i, j] - against), (j, 1, N)), (i, 1, V))
    return Le(gained, mutual_information(J))
