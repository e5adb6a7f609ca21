"""Density matrices of every size: amplitudes over them, Bures metric, Uhlmann connection.

Notation: a density matrix in its eigenbasis has eigenvalues q, which sum to one. A tangent is a
Hermitian matrix: the symmetric part of a table A plus i times the antisymmetric part of B. What
is linear is said entry by entry, for the real and the imaginary part alike. Amplitudes W with
rho = W W^T are real here, tables u whose fibres are turned by rotations A.
Main statements: parallel transport and its generator; the metric in the eigenbasis; the
connection of the root; on commuting states the metric is a quarter of Fisher's and the
connection vanishes; horizontal and vertical directions.
"""

# SymPy types a Sum as what a relation might be as well:
# pyright: reportOperatorIssue=false

from sympy import Derivative, Eq, KroneckerDelta, Lambda, Le, Rational, Sum, cos, sqrt, symbols

from formal import symbols as _
from formal.boltzmann import C, probability
from formal.fisher import fisher_metric
from formal.sources import OURS
from formal.statement import definition, identity, inequality
from formal.symbols import N, T, V, a, b, i, j, k, m

A, B, E, Q = _.A, _.B, _.E, _.Q
f, q, r, u = _.f, _.q, _.r, _.u


def _real(A, i, j):
    return (A[i, j] + A[j, i]) / 2


def _imaginary(B, i, j):
    return (B[i, j] - B[j, i]) / 2


def squared(A, B, i, j):
    """The squared modulus of an entry of a tangent."""
    return _real(A, i, j) ** 2 + _imaginary(B, i, j) ** 2


def metric(size):
    """The Bures metric of a tangent, from the squared moduli of its entries."""
    return Rational(1, 2) * Sum(size(i, j) / (q[i] + q[j]), (i, 1, V), (j, 1, V))


# The metric


@definition(r"G_{#3#4}", OURS, item="1:B3")
def transport_generator(q, A, i, j):
    """The Hermitian matrix that moves an amplitude in parallel, in the eigenbasis: half of the
    symmetric logarithmic derivative."""
    return A[i, j] / (q[i] + q[j])


@definition(r"g_{\mathrm{B}}(#1, #2, #3)", OURS, item="1:B5")
def bures_metric(q, A, B):
    """The Bures metric weighs each entry of a tangent by its two eigenvalues."""
    return Rational(1, 2) * Sum(squared(A, B, i, j) / (q[i] + q[j]), (i, 1, V), (j, 1, V))


@identity(OURS, item="1:B3")
def state_mul_transport_generator_add_transposed_eq_tangent():
    """The generator of parallel transport, on both sides of a state, makes its tangent."""
    G = transport_generator(q, A, i, j)
    return Eq(q[i] * G + G * q[j], A[i, j])


@identity(OURS, item="1:B5")
def bures_metric_of_tangent_eq_trace_of_generator_squared_in_state():
    """The squared speed of a parallel amplitude is the metric of what its state does; A + i B is
    the generator."""
    speed = Sum(squared(A, B, i, j) * q[j], (i, 1, V), (j, 1, V))
    return Eq(metric(lambda i, j: (q[i] + q[j]) ** 2 * squared(A, B, i, j)), speed)


WEIGHTS, SIZES = symbols("q_1:4", positive=True), symbols("m_1:7", real=True)
TOTAL, DETERMINANT = WEIGHTS[0] + WEIGHTS[1] + WEIGHTS[2], WEIGHTS[0] * WEIGHTS[1] * WEIGHTS[2]
CUBES = TOTAL**3 - WEIGHTS[0] ** 3 - WEIGHTS[1] ** 3 - WEIGHTS[2] ** 3


def _over_pairs(weight):
    """The squares of the entries of a tangent, each times a weight of its two eigenvalues."""
    x, y, z = WEIGHTS
    pairs = ((x, x), (y, y), (z, z), (x, y), (x, z), (y, z))
    once, *others = (
        (1 + (p != q)) * m**2 * weight(p, q) for m, (p, q) in zip(SIZES, pairs, strict=True)
    )
    return sum(others, once)


def _dittmann(p, q):
    product = TOTAL * (TOTAL - p) * (TOTAL - q)
    return 1 + 3 * (product + DETERMINANT * (1 - TOTAL / p) * (1 - TOTAL / q)) / CUBES


@identity(OURS, item="1:B6")
def dittmann_form_of_bures_metric_of_qutrit_eq_bures_metric():
    """**Dittmann's form**: of three by three matrices traces and the determinant make the Bures
    metric. Eigenvalues are q_1 to q_3 over their sum; m_1 to m_6 are sizes of entries, those of
    the diagonal first."""
    return Eq(_over_pairs(_dittmann) / 4, _over_pairs(lambda p, q: TOTAL / (p + q)) / 2)


# The connection of the root


@definition(r"c_{#2#3}", OURS, item="1:B12")
def connection_coefficient(q, i, j):
    """In the gauge of the positive root, what the connection makes of an entry of a tangent."""
    return (sqrt(q[i]) - sqrt(q[j])) / ((sqrt(q[i]) + sqrt(q[j])) * (q[i] + q[j]))


@identity(OURS, item="1:B12")
def connection_around_state_eq_commutator_of_root_and_its_tangent():
    """**Uhlmann's equation**: around the state, the connection is what the root and its tangent
    lack in order to commute."""
    moved = A[i, j] / (sqrt(q[i]) + sqrt(q[j]))
    form = connection_coefficient(q, i, j) * A[i, j]
    return Eq(form * q[j] + q[i] * form, sqrt(q[i]) * moved - moved * sqrt(q[j]))


@identity(OURS, item="1:B12")
def root_mul_tangent_of_root_add_transposed_eq_tangent():
    """The tangent of the root, on both sides of the root, is the tangent of the state."""
    moved = A[i, j] / (sqrt(q[i]) + sqrt(q[j]))
    return Eq(sqrt(q[i]) * moved + moved * sqrt(q[j]), A[i, j])


# Commuting states


@identity(OURS, item="1:B9")
def bures_metric_of_diagonal_eq_quarter_fisher_metric():
    """**Classical limit**: among states that commute the metric is a quarter of Fisher's."""
    return Eq(metric(lambda i, j: KroneckerDelta(i, j) * f[i] ** 2), fisher_metric(q, f, f) / 4)


@identity(OURS, item=("1:B9", "1:B13", "1:B20"))
def connection_of_diagonal_eq_zero():
    """Among states that commute the connection vanishes, and nothing is turned around a loop."""
    return Eq(connection_coefficient(q, i, j) * KroneckerDelta(i, j) * f[i], 0)


@identity(OURS, item="1:B20")
def bures_metric_along_temperature_eq_quarter_heat_capacity_div_sq_temperature():
    """Along the temperature the squared Bures speed is a quarter of the thermodynamic one."""
    p = lambda i: probability(E, T, i)  # noqa: E731
    speed = KroneckerDelta(i, j) * Derivative(p(i), T) ** 2 / (p(i) + p(j))
    return Eq(Sum(speed, (i, 1, V), (j, 1, V)) / 2, C / (4 * T**2))


@inequality(OURS, item="1:B7", tight_at={f: 0})
def overlap_of_turned_amplitudes_le_bhattacharyya_coefficient():
    """No turn of the phases of one brings the amplitudes of two distributions nearer."""
    turned = Sum(sqrt(q[i] * r[i]) * cos(f[i]), (i, 1, V))
    return Le(turned, Sum(sqrt(q[i] * r[i]), (i, 1, V)))


# Real amplitudes and their fibres


_ROTATION = Eq(Sum(A[a, k] * A[b, k], (k, 1, N)), KroneckerDelta(a, b))


@identity(OURS, item="1:B1", assuming=(_ROTATION,))
def state_of_turned_amplitude_eq_state_of_amplitude():
    """All turns of an amplitude lie over one state: the fibre over it."""
    turned = lambda i, k: Sum(u[i, a] * A[a, k], (a, 1, N))  # noqa: E731
    return Eq(Sum(turned(i, k) * turned(j, k), (k, 1, N)), Sum(u[i, a] * u[j, a], (a, 1, N)))


@inequality(
    OURS,
    item="1:B7",
    assuming=(_ROTATION,),
    tight_at={A: Lambda((i, j), KroneckerDelta(i, j))},
)
def sq_distance_of_parallel_amplitudes_le_sq_distance_of_turned_amplitudes():
    """**Fibres**: no turn of one amplitude brings it nearer than where their overlap is diagonal
    and positive, with singular values q."""
    turned = Sum(q[a] * A[a, k] * KroneckerDelta(a, k), (a, 1, N), (k, 1, N))
    return Le(2 - 2 * Sum(q[a], (a, 1, N)), 2 - 2 * turned)


@identity(OURS, item="1:B2")
def horizontal_direction_mul_vertical_direction_eq_zero():
    """What a symmetric matrix does from the left is orthogonal to all turns of the fibre."""
    horizontal = Sum(_real(A, i, k) * Q[k, j], (k, 1, V))
    vertical = Sum(Q[i, m] * _imaginary(B, m, j), (m, 1, V))
    return Eq(Sum(horizontal * vertical, (i, 1, V), (j, 1, V)), 0)


@identity(OURS, item="1:B2")
def amplitude_mul_horizontal_direction_is_symmetric():
    """Horizontal directions are those whose product with the amplitude is symmetric."""

    def product(i, j):
        return Sum(Q[k, i] * Sum(_real(A, k, m) * Q[m, j], (m, 1, V)), (k, 1, V))

    return Eq(product(i, j), product(j, i))


@identity(OURS, item="1:B19", assuming=(_ROTATION,))
def trace_of_turned_holonomy_eq_trace_of_holonomy():
    """What a loop turns a fibre by has a trace that does not know where in the fibre it began."""
    turned = Sum(Sum(A[a, k] * B[a, b], (a, 1, N)) * A[b, k], (b, 1, N))
    return Eq(Sum(turned, (k, 1, N)), Sum(B[a, b] * KroneckerDelta(a, b), (a, 1, N), (b, 1, N)))
