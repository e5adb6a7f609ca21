"""The Fisher metric of distributions over the vocabulary: its forms, its cubic tensor, its
connections.

Notation: `v` and `f` are changes of a distribution q, or of logits x where softmax is meant;
`rho` is the probability of a token that is left out. The metric carries no factor in front. Main
statements: in logits the metric is the covariance of the changes, in all its classical forms; with
one probability left out it is inverse to the covariances; it is that of a sphere of radius two;
the connections of exponential and mixture families are dual to each other with respect to it.
References: amari2016.
"""

# SymPy types a Sum as what a relation might be as well:
# pyright: reportOperatorIssue=false

from typing import Any

from sympy import Abs, Derivative, Eq, Ge, KroneckerDelta, Le, Lt, Sum, exp, log, oo, sqrt

from formal import symbols as _
from formal.boltzmann import log_sum_exp, softmax
from formal.moduli import mean
from formal.sources import AMARI, OURS
from formal.statement import definition, family, identity, inequality, simplex
from formal.symbols import Maximum, V, a, alpha, b, c, i, j, k, lam, rho

q, r, x, v, f = _.q, _.r, _.x, _.v, _.f


@definition(r"g_{#1}(#2, #3)", AMARI, item="1:G1")
def fisher_metric(q, v, f):
    """The Fisher metric of two changes of a distribution is their relative mean product."""
    return Sum(v[i] * f[i] / q[i], (i, 1, V))


@definition(r"\mathsf{g}_{#3#4}", AMARI, item="1:G1")
def reduced_metric(q, rho, a, b):
    """The Fisher matrix in all probabilities but one, which is what the others leave."""
    return KroneckerDelta(a, b) / q[a] + 1 / rho


@definition(r"\mathrm{Cov}_{#1}(#2, #3)", AMARI, item="1:G1")
def outcome_covariance(q, a, b):
    """The covariance of the indicators of two tokens."""
    return KroneckerDelta(a, b) * q[a] - q[a] * q[b]


@definition(r"\mathsf{T}_{#2#3#4}", AMARI, item="1:G7")
def cubic_tensor(x, a, b, k):
    """The Amari-Chentsov tensor of softmax is the mean product of three deviations from it."""
    first, second, third = (KroneckerDelta(i, at) - softmax(x, at) for at in (a, b, k))
    return Sum(softmax(x, i) * first * second * third, (i, 1, V))


@definition(r"\Gamma^{(#2)}_{#3#4,#5}", AMARI, item="1:G7")
def connection(x, lam, a, b, k):
    """The connections of softmax in its logits are multiples of the cubic tensor."""
    return (1 - lam) / 2 * cubic_tensor(x, a, b, k)


corner = family(lambda i: exp(-c * (1 - KroneckerDelta(i, 1))) / (1 + (V - 1) * exp(-c)))
sigma = family(lambda i: softmax(x, i))
line = family(lambda i: (1 - lam) * q[i] + lam * r[i])
step = family(lambda i: r[i] - q[i])
added = family(lambda i: q[i] + alpha * r[i])
INSIDE: tuple[Any, ...] = (Lt(0, lam, evaluate=False), Lt(lam, 1, evaluate=False))
STILL: tuple[Any, ...] = (Eq(Sum(v[i], (i, 1, V)), 0, evaluate=False),)


def change(f):
    """What a change of the logits does to softmax."""
    return family(lambda i: softmax(x, i) * (f[i] - mean(sigma, f)))


# The metric and its forms


@identity(AMARI, item=("1:G1", "1:T1.25"))
def fisher_metric_of_logit_changes_eq_covariance():
    """In logits the Fisher metric is the covariance of the two changes."""
    product = family(lambda i: v[i] * f[i])
    covariance = mean(sigma, product) - mean(sigma, v) * mean(sigma, f)
    return Eq(fisher_metric(sigma, change(v), change(f)), covariance)


@identity(AMARI, item="1:G1")
def deriv_softmax_along_line_eq_softmax_mul_excess():
    """A change of the logits moves a probability by how far the change exceeds its mean."""
    moved = family(lambda i: x[i] + lam * v[i])
    there = family(lambda i: softmax(moved, i))
    slope = softmax(moved, k) * (v[k] - mean(there, v))
    return Eq(Derivative(softmax(moved, k), lam), slope)


@identity(AMARI, item="1:G2")
def deriv2_log_softmax_eq_neg_outcome_covariance():
    """The log-probability of every token curves in the logits by minus the metric."""
    curvature = Derivative(log(softmax(x, k)), x[a], x[b])
    return Eq(curvature, -outcome_covariance(sigma, a, b))


@identity(AMARI, item="1:G2")
def sum_product_of_slopes_div_softmax_eq_outcome_covariance():
    """The Fisher metric of two logits is the covariance of their tokens."""
    first, second = (Derivative(softmax(x, i), x[at]) for at in (a, b))
    return Eq(Sum(first * second / softmax(x, i), (i, 1, V)), outcome_covariance(sigma, a, b))


@identity(AMARI, item=("1:G2", "1:G9"), assuming=INSIDE)
def deriv_mean_log_along_mixture_eq_fisher_metric():
    """Along a mixture the slope of minus the entropy grows by the squared Fisher speed."""
    slope = Sum((r[i] - q[i]) * log((1 - lam) * q[i] + lam * r[i]), (i, 1, V))
    return Eq(Derivative(slope, lam), fisher_metric(line, step, step))


@identity(AMARI, item="1:G1")
def sum_reduced_metric_mul_covariance_eq_delta():
    """With one probability left out, the Fisher matrix is inverse to the covariances."""
    total = rho + Sum(q[i], (i, 1, V))
    covariance = KroneckerDelta(j, b) * q[j] - q[j] * q[b] / total
    return Eq(Sum(reduced_metric(q, rho, a, j) * covariance, (j, 1, V)), KroneckerDelta(a, b))


@identity(AMARI, item="1:G1")
def reduced_metric_form_eq_fisher_metric_add_last_term():
    """With one probability left out, it changes by minus the sum of the other changes."""
    form = Sum(Sum(v[i] * reduced_metric(q, rho, i, j) * f[j], (j, 1, V)), (i, 1, V))
    sums = Sum(v[i], (i, 1, V)) * Sum(f[i], (i, 1, V))
    return Eq(form, fisher_metric(q, v, f) + sums / rho)


@identity(AMARI, item="1:G3", assuming=simplex(q))
def sum_sq_doubled_sqrt_eq_four():
    """Doubled square roots of probabilities lie on a sphere of radius two."""
    return Eq(Sum((2 * sqrt(q[i])) ** 2, (i, 1, V)), 4)


@identity(AMARI, item=("1:G2", "1:G3"))
def sum_sq_deriv_doubled_sqrt_eq_fisher_metric():
    """**Sphere**: doubling the square roots of what a distribution becomes is an isometry."""
    speed = Derivative(2 * sqrt(q[i] + alpha * r[i]), alpha)
    return Eq(Sum(speed**2, (i, 1, V)), fisher_metric(added, r, r))


@inequality(AMARI, item="1:G1", tight_at={v: 0})
def fisher_metric_nonneg():
    """No change of a distribution has a negative squared length."""
    return Ge(fisher_metric(q, v, v), 0)


@inequality(AMARI, item="1:G1", tight_at={f: v})
def sq_fisher_metric_le_mul_fisher_metric():
    """**Cauchy and Schwarz** for the Fisher metric."""
    return Le(fisher_metric(q, v, f) ** 2, fisher_metric(q, v, v) * fisher_metric(q, f, f))


@inequality(OURS, item=("1:G1", "1:T1.7"), assuming=simplex(q), tight_at={v: q})
def sq_sum_abs_change_le_fisher_metric():
    """The squared total change of all probabilities is at most the squared Fisher length."""
    return Le(Sum(Abs(v[i]), (i, 1, V)) ** 2, fisher_metric(q, v, v))


# Where it degenerates


@identity(OURS, item="1:T1.15", assuming=simplex(q))
def trace_outcome_covariance_eq_one_sub_sum_sq():
    """The trace of the metric in the logits is the probability that two draws differ."""
    trace = Sum(outcome_covariance(q, i, i), (i, 1, V))
    return Eq(trace, 1 - Sum(q[i] ** 2, (i, 1, V)))


@inequality(OURS, item="1:T1.15", assuming=simplex(q), tight_at={q: corner, c: oo})
def trace_outcome_covariance_le_one_sub_sq_largest_probability():
    """Where a token is nearly certain all directions of the logits are nearly null."""
    trace = Sum(outcome_covariance(q, i, i), (i, 1, V))
    return Le(trace, 1 - Maximum(q[i], (i, 1, V)) ** 2)


# The cubic tensor and the connections


@identity(AMARI, item="1:G7")
def deriv3_log_sum_exp_eq_cubic_tensor():
    """The Amari-Chentsov tensor is the third derivative of the log-partition."""
    return Eq(Derivative(log_sum_exp(x), x[a], x[b], x[k]), cubic_tensor(x, a, b, k))


@identity(AMARI, item="1:G7")
def connection_eq_mean_curvature_add_share_of_scores():
    """The connections: curvature of the log-probability, and a share of two scores, against a
    third."""
    first, second, third = (KroneckerDelta(i, at) - softmax(x, at) for at in (a, b, k))
    bent = (1 - lam) / 2 * first * second - outcome_covariance(sigma, a, b)
    return Eq(Sum(softmax(x, i) * bent * third, (i, 1, V)), connection(x, lam, a, b, k))


@identity(AMARI, item="1:G7")
def deriv_outcome_covariance_eq_sum_of_dual_connections():
    """**Duality**: the metric changes by what the connection and its opposite add up to."""
    slope = Derivative(outcome_covariance(sigma, a, b), x[k])
    return Eq(slope, connection(x, lam, k, a, b) + connection(x, -lam, k, b, a))
