"""The calculus of log-sum-exp and softmax.

Notation: `x_i` are logits. Main statements: softmax is the gradient of log-sum-exp, its
covariance the Hessian, which is between zero and half the identity; log-sum-exp against the
greatest logit.
References: boyd2004.
"""

# SymPy types a Sum as what a relation might be as well:
# pyright: reportOperatorIssue=false

from sympy import Derivative, Eq, Ge, KroneckerDelta, Le, Rational, Sum, log, oo

from formal import symbols as _
from formal.boltzmann import T, log_sum_exp, softmax
from formal.sources import BOYD_VANDENBERGHE
from formal.statement import family, identity, inequality
from formal.symbols import Maximum, V, c, i, j, k, m

x, v = _.x, _.v
LSE = log_sum_exp(x)
p_k, p_m = softmax(x, k), softmax(x, m)


def _curvature():
    """The quadratic form of the Hessian of log-sum-exp in a direction."""
    hessian = softmax(x, i) * KroneckerDelta(i, j) - softmax(x, i) * softmax(x, j)
    return Sum(Sum(v[i] * hessian * v[j], (j, 1, V)), (i, 1, V))


@identity(BOYD_VANDENBERGHE, item="1:7.27")
def deriv_log_sum_exp_eq_softmax():
    """The gradient of log-sum-exp is softmax."""
    return Eq(Derivative(LSE, x[k]), p_k)


@identity(BOYD_VANDENBERGHE, item="1:7.27")
def deriv2_log_sum_exp_eq_softmax_covariance():
    """The Hessian of log-sum-exp is the covariance of the one-hot token."""
    return Eq(Derivative(LSE, x[k], x[m]), p_k * KroneckerDelta(k, m) - p_k * p_m)


@inequality(BOYD_VANDENBERGHE, item="1:7.27", tight_at={v: c})
def log_sum_exp_curvature_nonneg():
    """Log-sum-exp is convex: its Hessian is positive semidefinite."""
    return Ge(_curvature(), 0)


@inequality(
    BOYD_VANDENBERGHE,
    item="1:7.27",
    tight_at={
        x: family(lambda i: c * (KroneckerDelta(i, 1) + KroneckerDelta(i, 2))),
        v: family(lambda i: KroneckerDelta(i, 1) - KroneckerDelta(i, 2)),
        c: oo,
    },
)
def log_sum_exp_curvature_le_half_norm_sq():
    """The Hessian of log-sum-exp is at most half the identity."""
    return Le(_curvature(), Rational(1, 2) * Sum(v[i] ** 2, (i, 1, V)))


@inequality(BOYD_VANDENBERGHE, item="1:7.27", tight_at={T: 0})
def max_logit_le_temperature_mul_log_sum_exp():
    """Temperature times log-sum-exp is at least the greatest logit."""
    tempered = log_sum_exp(family(lambda i: x[i] / T))
    return Le(Maximum(x[i], (i, 1, V)), T * tempered)


@inequality(BOYD_VANDENBERGHE, item="1:7.27", tight_at={x: c})
def temperature_mul_log_sum_exp_le_max_logit_add_temperature_mul_log_card():
    """Temperature times log-sum-exp exceeds the greatest logit by at most T ln V."""
    tempered = log_sum_exp(family(lambda i: x[i] / T))
    return Le(T * tempered, Maximum(x[i], (i, 1, V)) + T * log(V))
