"""What a gauge symmetry says about derivatives: Ward and Hessian identities, Noether charges.

Main statements: Ward identities of units, gains and values; curvature along a generator follows
from the gradient; gradient flow conserves charges, a step of descent moves them by a square; least
norm is balance.

Notation: as in `formal.symmetry`, whose actions these are derivatives of. The loss is the square
of what is written: any function of it obeys the same.
"""

# SymPy types a Sum as what a relation might be as well:
# pyright: reportOperatorIssue=false

from sympy import Eq, Integer, Le, Sum, exp, sqrt

from formal import symbols as _
from formal.generators import Move, Symmetry
from formal.sources import OURS
from formal.statement import identity, inequality
from formal.symbols import N, V, a, alpha, b, c, d, i, k, lam, tau
from formal.symmetry import gain, gated_unit, scale_of_unit

f, h, q, r, u, v, x = _.f, _.h, _.q, _.r, _.u, _.v, _.x


def _gated_loss():
    """The square of what gated units write."""
    return Sum(gated_unit(i), (i, 1, V)) ** 2


def _normed_loss():
    """The square of what units write that read a norm's output, through gains and shifts."""
    read = Sum(u[i, a] * (f[a] * x[a] + h[a]), (a, 1, d))
    return Sum(q[i] / (1 + exp(-read)), (i, 1, N)) ** 2


def _attention_loss():
    """The square of what attention writes, by values u and outputs v."""
    return Sum(v[k] * Sum(q[i] * u[i, k], (i, 1, N)), (k, 1, d)) ** 2


def value_shear(a, b):
    """Part of component b of the values is added to component a; outputs take it back."""
    values = Move(u[i, a], u[i, a] + lam * u[i, b], ((i, 1, N),))
    return Symmetry(lam, Integer(0), (values, Move(v[b], v[b] - lam * v[a])))


@identity(OURS, item="2:W1")
def reading_weights_mul_deriv_loss_eq_writing_weight_mul_deriv_loss():
    """**Ward identity**: what a unit reads and what it writes pull at the loss alike."""
    return scale_of_unit(k).ward(_gated_loss())


@identity(OURS, item="2:W1")
def gain_mul_deriv_loss_eq_reads_mul_deriv_loss_sub_shift_mul_deriv_loss():
    """What a norm's gain and shift pull at the loss, all that reads the coordinate pulls back."""
    return gain(b).ward(_normed_loss())


@identity(OURS, item="2:W1")
def values_mul_deriv_loss_eq_outputs_mul_deriv_loss():
    """Of values and outputs a whole matrix of pulls at the loss agrees."""
    return value_shear(a, b).ward(_attention_loss())


@identity(OURS, item="2:W2")
def curvature_along_scale_of_unit_eq_deriv_loss():
    """**Hessian identity**: curvature along a generator is no unknown, but the gradient turned."""
    return scale_of_unit(k).hessian(_gated_loss(), f[k])


_WARD = Eq(Sum(x[a] * h[a], (a, 1, d)), c * alpha)


@identity(OURS, item="2:W3", assuming=(_WARD,))
def charge_after_step_eq_charge_add_square_of_step():
    """A step of descent moves a charge by the square of its length only: a flow conserves it."""
    before = Sum(x[a] ** 2, (a, 1, d)) - c**2
    after = Sum((x[a] - lam * h[a]) ** 2, (a, 1, d)) - (c - lam * alpha) ** 2
    return Eq(after, before + lam**2 * (Sum(h[a] ** 2, (a, 1, d)) - alpha**2))


@inequality(OURS, item=("2:W4", "2:N9"), tight_at={x: h, tau: 1})
def geometric_mean_of_sizes_le_scaled_sum_of_sizes():
    """Along a scale the squares of weights sum to least where both sides are equal: balance."""
    reads, writes = Sum(x[a] ** 2, (a, 1, d)), Sum(h[a] ** 2, (a, 1, d))
    return Le(2 * sqrt(reads * writes), tau * reads + writes / tau)
