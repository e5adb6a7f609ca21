"""The linear head of a language model: its Fisher metric, and traces of products of matrices.

Notation: `u_ia` is the row of token i, `h_a` the hidden state, a = 1..d, energies are minus the
logits `sum_a u_ia h_a`. Main statements: the metric of the head is the Hessian of ln Z in the
hidden state, its trace the total variance of the rows under the next-token distribution, its
quadratic form a variance; a trace does not know the order of two factors.
References: amari2016, boyd2004.
"""

# SymPy types a Sum as what a relation might be as well:
# pyright: reportOperatorIssue=false

from sympy import Derivative, Eq, Ge, Sum

from formal import symbols as _
from formal.boltzmann import boltzmann, heat_capacity, log_partition, probability
from formal.moduli import mean, variance
from formal.sources import AMARI, BOYD_VANDENBERGHE, OURS, YANG_NAMED
from formal.statement import definition, family, identity, inequality
from formal.symbols import T, V, a, b, d, i


@definition(r"\varepsilon_{#3}", YANG_NAMED, item="1:T1.25")
def head_energy(u, h, k):
    """In a linear head the energy of a token is minus its row times the hidden state."""
    return -Sum(u[k, a] * h[a], (a, 1, d))


@definition("G_{#4#5}", OURS, item="1:T1.25")
def head_metric(u, h, T, a, b):
    """The Fisher metric of a linear head is the covariance of its rows."""
    p = boltzmann(family(lambda i: head_energy(u, h, i)), T)
    row_a, row_b = family(lambda i: u[i, a]), family(lambda i: u[i, b])
    return mean(p, family(lambda i: u[i, a] * u[i, b])) - mean(p, row_a) * mean(p, row_b)


@definition(r"\mathrm{tr}(#1 #2)", BOYD_VANDENBERGHE, item="1:T1.25")
def trace_of_product(u, B):
    """The trace of a product of two matrices."""
    return Sum(Sum(u[i, a] * B[a, i], (a, 1, d)), (i, 1, V))


@definition(r"\bar{#1}_{#4}", OURS, item="1:T1.25")
def mean_row(u, h, T, a):
    """The mean row of the head is that of the token to come."""
    p = boltzmann(family(lambda i: head_energy(u, h, i)), T)
    return mean(p, family(lambda i: u[i, a]))


u, h, B, x = _.u, _.h, _.B, _.x
energies = family(lambda i: head_energy(u, h, i))
p = boltzmann(energies, T)
ln_Z = log_partition(energies, T)
rise = family(lambda i: Sum(u[i, a] * x[a], (a, 1, d)))


@identity(OURS, item="1:T1.25")
def heat_capacity_eq_fisher_norm_of_hidden_state():
    """For a head without bias, heat capacity is the Fisher norm of the hidden state."""
    norm_sq = Sum(Sum(h[a] * head_metric(u, h, T, a, b) * h[b], (b, 1, d)), (a, 1, d))
    return Eq(heat_capacity(family(lambda i: head_energy(u, h, i)), T), norm_sq / T**2)


@identity(AMARI, item=("1:T1.25", "1:T1.31"))
def deriv_log_partition_hidden_eq_mean_row():
    """The gradient of ln Z in the hidden state is the mean row over the temperature."""
    return Eq(Derivative(ln_Z, h[a]), mean_row(u, h, T, a) / T)


@identity(AMARI, item=("1:T1.25", "1:T1.26", "1:T1.31"))
def deriv2_log_partition_hidden_eq_head_metric():
    """The Fisher metric of the head is the Hessian of ln Z in the hidden state."""
    return Eq(Derivative(ln_Z, h[a], h[b]), head_metric(u, h, T, a, b) / T**2)


@identity(AMARI, item="1:T1.25")
def head_metric_eq_covariance_of_rows():
    """The Fisher metric of the head is the covariance of its rows about their mean."""
    deviation = (u[i, a] - mean_row(u, h, T, a)) * (u[i, b] - mean_row(u, h, T, b))
    return Eq(head_metric(u, h, T, a, b), mean(p, family(lambda i: deviation)))


@identity(OURS, item="1:T1.25")
def trace_head_metric_eq_total_variance_of_rows():
    """The trace of the head's metric is the mean square distance of a row from the mean row."""
    distance = Sum((u[i, a] - mean_row(u, h, T, a)) ** 2, (a, 1, d))
    trace = Sum(head_metric(u, h, T, a, a), (a, 1, d))
    return Eq(trace, Sum(probability(energies, T, i) * distance, (i, 1, V)))


@identity(AMARI, item="1:T1.25")
def head_metric_form_eq_variance_of_logit_change():
    """The squared length of a change of the hidden state is the variance of what it does."""
    form = Sum(Sum(x[a] * head_metric(u, h, T, a, b) * x[b], (b, 1, d)), (a, 1, d))
    return Eq(form, variance(p, rise))


@inequality(AMARI, item="1:T1.25", tight_at={x: 0})
def head_metric_form_nonneg():
    """The metric of the head is positive semidefinite."""
    form = Sum(Sum(x[a] * head_metric(u, h, T, a, b) * x[b], (b, 1, d)), (a, 1, d))
    return Ge(form, 0)


@identity(BOYD_VANDENBERGHE, item="1:T1.25")
def trace_of_product_comm():
    """A trace does not know the order of two factors."""
    return Eq(trace_of_product(u, B), Sum(Sum(B[a, i] * u[i, a], (i, 1, V)), (a, 1, d)))
