"""Gauge symmetries of networks: changes of weights that change nothing that is computed.

Main statements: scales, signs and order of hidden units; inverse matrices on values and outputs
and on queries and keys; order of heads; complex numbers on the planes that rotary positions turn;
gains, shifts and means around norms; rotations and scale of the residual stream.

Notation: `x[a]` is an input, `u[i, a]` and `f[i]` are the weights of unit i into and out of a
layer, `A[a, b]` and `B[a, b]` matrices inverse to each other, `r` and tau positive scales. In a
change of order `A[k, i]` is 1 where what was in place i goes to place k, and 0 elsewhere.
What these symmetries say about derivatives is in `formal.charges`.
"""

# SymPy types a Sum as what a relation might be as well:
# pyright: reportOperatorIssue=false

from sympy import Eq, Integer, KroneckerDelta, Max, Ne, Sum, exp, sqrt

from formal import symbols as _
from formal.attention import attention, column
from formal.boltzmann import probability
from formal.generators import Move, Symmetry
from formal.head import head_energy
from formal.sources import OURS
from formal.statement import family, identity
from formal.symbols import M, N, T, V, a, b, c, d, i, j, k, m, tau

A, B, E, Q, R = _.A, _.B, _.E, _.Q, _.R
f, h, q, r, u, v, x = _.f, _.h, _.q, _.r, _.u, _.v, _.x


# Hidden units


def signal(i):
    """What unit i reads of the input."""
    return Sum(u[i, a] * x[a], (a, 1, d))


def scale_of_unit(i):
    """What unit i reads is scaled by r_i, what it writes is divided by it."""
    reads = Move(u[i, a], r[i] * u[i, a], ((a, 1, d),))
    return Symmetry(r[i], Integer(1), (reads, Move(f[i], f[i] / r[i])))


@identity(OURS, item="2:N7")
def rectified_units_of_scaled_weights_eq_rectified_units():
    """A layer of rectified units has a positive scale for every unit that it does not know."""
    return scale_of_unit(i).invariance(Sum(f[i] * Max(signal(i), 0), (i, 1, V)))


def _tanh(z):
    return (1 - exp(-2 * z)) / (1 + exp(-2 * z))


@identity(OURS, item="2:N7")
def hyperbolic_units_of_opposite_weights_eq_hyperbolic_units():
    """Units of an odd function may change the sign of what they read and write."""
    opposite = Sum(-u[i, a] * x[a], (a, 1, d))
    return Eq(Sum(-f[i] * _tanh(opposite), (i, 1, V)), Sum(f[i] * _tanh(signal(i)), (i, 1, V)))


def _inverse(left, right):
    """The hypothesis that one matrix is the inverse of another, entry by entry."""
    return Eq(Sum(left[a, k] * right[k, b], (k, 1, d)), KroneckerDelta(a, b))


@identity(OURS, item="2:N7", assuming=(_inverse(B, A),))
def linear_units_of_turned_weights_eq_linear_units():
    """Linear units may be turned by any matrix that has an inverse."""
    reads = Sum(A[k, b] * x[b], (b, 1, d))
    writes = Sum(f[a] * B[a, k], (a, 1, d))
    return Eq(Sum(writes * reads, (k, 1, d)), Sum(f[a] * x[a], (a, 1, d)))


def gated_unit(i):
    """What unit i writes: its gate, with weights of its own, times its linear factor."""
    return f[i] * (v[i] / (1 + exp(-v[i]))) * signal(i)


@identity(OURS, item="2:G4")
def gated_units_of_scaled_factors_eq_gated_units():
    """A gated unit may scale its linear factor, and write less."""
    return scale_of_unit(i).invariance(Sum(gated_unit(i), (i, 1, V)))


def _placed(what, place, size):
    """The hypothesis that everything goes to one place."""
    return Eq(Sum(what, (place, 1, size)), 1)


@identity(OURS, item="2:G5", assuming=(_placed(A[k, i], k, V),))
def units_in_other_places_eq_units():
    """Units may stand in any order, each in one place, with all their weights."""
    placed = Sum(A[k, i] * gated_unit(i), (i, 1, V))
    return Eq(Sum(placed, (k, 1, V)), Sum(gated_unit(i), (i, 1, V)))


# Attention


@identity(OURS, item=("2:G2", "2:N8", "2:W5"), assuming=(_inverse(B, A),))
def output_of_turned_attention_eq_output_of_attention():
    """Values may be turned by any matrix whose inverse then reads what is attended to."""
    turned = Sum(q[i] * Sum(A[k, b] * u[i, b], (b, 1, d)), (i, 1, V))
    writes = Sum(v[a] * B[a, k], (a, 1, d))
    return Eq(
        Sum(writes * turned, (k, 1, d)), Sum(v[a] * Sum(q[i] * u[i, a], (i, 1, V)), (a, 1, d))
    )


@identity(OURS, item=("2:N8", "2:W5"), assuming=(_inverse(B, A),))
def scores_of_turned_queries_and_keys_eq_scores():
    """Keys may be turned by any matrix, and queries by the transpose of its inverse."""
    query = Sum(h[a] * B[a, k], (a, 1, d))
    key = Sum(A[k, b] * u[i, b], (b, 1, d))
    return Eq(Sum(query * key, (k, 1, d)), Sum(h[a] * u[i, a], (a, 1, d)))


@identity(OURS, item=("2:G3", "2:W5"))
def rotary_scores_of_turned_planes_eq_rotary_scores():
    """Under rotary positions a complex number for each plane scales keys and divides queries."""
    size = q[i] ** 2 + R[i] ** 2
    query = ((q[i] * h[i] - R[i] * x[i]) / size, (R[i] * h[i] + q[i] * x[i]) / size)
    key = (q[i] * f[i] - R[i] * v[i], R[i] * f[i] + q[i] * v[i])

    def score(query, key):  # A[i], B[i]: cosine and sine of the angle between positions
        turned = (A[i] * key[0] - B[i] * key[1], B[i] * key[0] + A[i] * key[1])
        return Sum(query[0] * turned[0] + query[1] * turned[1], (i, 1, d))

    return Eq(score(query, key), score((h[i], x[i]), (f[i], v[i])))


@identity(OURS, item="2:G6", assuming=(_placed(A[k, i], k, V), _placed(B[i, m, j], m, N)))
def heads_in_other_places_eq_heads():
    """Groups of heads may stand in any order, and the heads of each group in one of its own."""
    group = Sum(A[k, i] * Sum(B[i, m, j] * R[i, j], (j, 1, N)), (i, 1, V))
    return Eq(Sum(group, (m, 1, N), (k, 1, V)), Sum(R[i, j], (j, 1, N), (i, 1, V)))


@identity(OURS, item="3:A1'")
def probability_of_shifted_keys_eq_probability():
    """A bias of keys shifts all scores of a query alike, and attention does not know it."""
    shifted = family(lambda i: -Sum(h[a] * (u[i, a] + v[a]), (a, 1, d)))
    scores = family(lambda i: head_energy(u, h, i))
    return Eq(probability(shifted, T, j), probability(scores, T, j))


@identity(OURS, item="3:A1'")
def attention_of_shifted_values_eq_attention_add_shift():
    """A bias of values is always written whole, since what attends sums to one."""
    shifted = family(lambda i: u[i, a] + v[a])
    return Eq(attention(E, T, shifted), attention(E, T, column(a)) + v[a])


# Norms and the residual stream


def _norm(z):
    """The root mean square of a vector, T standing for the constant of the norm."""
    return sqrt(Sum(z(b) ** 2, (b, 1, d)) / d + T)


def _input(a):
    return x[a]


def gain(a):
    """The gain of coordinate a, and its shift, times r_a; what reads the coordinate divides."""
    reads = Move(u[i, a], u[i, a] / r[a], ((i, 1, N),))
    return Symmetry(r[a], Integer(1), (Move(f[a], r[a] * f[a]), Move(h[a], r[a] * h[a]), reads))


@identity(OURS, item="2:G1")
def reads_of_scaled_gains_eq_reads():
    """Gains and shifts of a norm may be scaled, coordinate by coordinate, and reads divided."""
    return gain(a).invariance(Sum(u[i, a] * (f[a] * x[a] + h[a]), (a, 1, d)))


@identity(OURS, item="2:G1")
def reads_of_shifted_norm_sub_bias_eq_reads():
    """A shift after a norm is taken back by the biases of what reads it."""
    return Eq(
        Sum(u[i, a] * (f[a] * x[a] + h[a] + v[a]), (a, 1, d)) - Sum(u[i, a] * v[a], (a, 1, d)),
        Sum(u[i, a] * (f[a] * x[a] + h[a]), (a, 1, d)),
    )


_CENTERED = Eq(Sum(x[a], (a, 1, d)), 0)


@identity(OURS, item="2:G1", assuming=(_CENTERED,))
def reads_along_inverse_gains_eq_reads():
    """What reads a centered vector through gains may have any part along their inverses."""
    return Eq(
        Sum((u[i, a] + c / r[a]) * r[a] * x[a], (a, 1, d)), Sum(u[i, a] * r[a] * x[a], (a, 1, d))
    )


_SHIFT = Sum((h[a] + v[a]) / r[a], (a, 1, d))


@identity(OURS, item="2:G1", assuming=(_CENTERED, Ne(_SHIFT, 0)))
def reads_along_inverse_gains_of_moved_shift_eq_reads():
    """A shift before the head is taken back by the part of its rows along inverse gains."""
    back = Sum(u[i, b] * v[b], (b, 1, d)) / _SHIFT.xreplace({a: b})
    moved = (u[i, a] - back / r[a]) * (r[a] * x[a] + h[a] + v[a])
    return Eq(Sum(moved, (a, 1, d)), Sum(u[i, a] * (r[a] * x[a] + h[a]), (a, 1, d)))


@identity(OURS, item="2:G1")
def layer_norm_add_const_eq_layer_norm():
    """A norm that centers does not know multiples of the vector of ones."""

    def normed(z):
        mean = Sum(z(b), (b, 1, d)) / d
        return (z(a) - mean) / sqrt(Sum((z(k) - mean) ** 2, (k, 1, d)) / d + T)

    return Eq(normed(lambda a: x[a] + c), normed(_input))


@identity(OURS, item="2:G7")
def reads_of_signed_stream_eq_reads():
    """Coordinates of the residual stream may change sign, and what reads them with them."""

    def sign(a):
        return 1 - 2 * M[a]

    flipped = sign(a) * x[a] / _norm(lambda b: sign(b) * x[b])
    return Eq(
        Sum(u[i, a] * sign(a) * flipped, (a, 1, d)), Sum(u[i, a] * x[a] / _norm(_input), (a, 1, d))
    )


@identity(OURS, item="2:G7", assuming=(_placed(A[k, b], k, d),))
def reads_of_reordered_stream_eq_reads():
    """Coordinates of the residual stream may stand in any order, with gains and reads."""
    placed = Sum(A[k, b] * x[b] ** 2, (b, 1, d))
    size = sqrt(Sum(placed, (k, 1, d)) / d + T)
    reads = Sum(Sum(A[k, b] * u[i, b] * f[b] * x[b], (b, 1, d)), (k, 1, d))
    return Eq(reads / size, Sum(u[i, b] * f[b] * x[b], (b, 1, d)) / _norm(_input))


@identity(OURS, item="2:G8")
def norm_of_scaled_stream_eq_norm():
    """The scale of the residual stream is free if the norm's constant scales as its square."""
    scaled = sqrt(Sum((tau * x[b]) ** 2, (b, 1, d)) / d + tau**2 * T)
    return Eq(tau * x[a] / scaled, x[a] / _norm(_input))


_ORTHOGONAL = Eq(Sum(A[k, a] * A[k, b], (k, 1, d)), KroneckerDelta(a, b))


@identity(OURS, item="2:G9", assuming=(_ORTHOGONAL,))
def reads_of_rotated_stream_eq_reads():
    """Among equal gains the residual stream may be rotated, with all that reads it."""

    def turned(k):
        return Sum(A[k, b] * x[b], (b, 1, d))

    size = sqrt(Sum(turned(m) ** 2, (m, 1, d)) / d + T)
    reads = Sum(u[i, b] * A[k, b], (b, 1, d))
    return Eq(
        Sum(reads * turned(k) / size, (k, 1, d)), Sum(u[i, a] * x[a] / _norm(_input), (a, 1, d))
    )


@identity(OURS, item="1:7.28")
def probability_of_shifted_rows_eq_probability():
    """One vector added to all rows of a head moves no probability."""
    shifted = family(lambda i: -Sum((u[i, a] + v[a]) * h[a], (a, 1, d)))
    return Eq(
        probability(shifted, T, j), probability(family(lambda i: head_energy(u, h, i)), T, j)
    )
