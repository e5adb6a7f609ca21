"""Qubits: mixed states as points of a ball, their Bures geometry and Uhlmann's connection.

Notation: a state of full rank is (1 + r s) / 2 with a vector r of length below one and Pauli's
matrices s. It is given by w = r / sqrt(1 - r^2), which is any vector, written x or v; gamma is
sqrt(1 + w^2) = 1 / sqrt(1 - r^2), and f and h are changes of w. Where no matrix is
named, vectors have any number d of components. Matrices have three, w_1 to w_3 and so on; an
equation of matrices is read off by an arbitrary third, with coefficients m_0 to m_3.
Main statements: the metric is that of a hemisphere; fidelity from roots of states; Uhlmann's
equation in closed form; the connection has no torsion and the curvature of a sphere of radius one
half, and obeys Bianchi's identity; the critical temperature of a great circle; the frequency of a
latitude; transport maps, and what they make around a triangle.
"""

# SymPy types a Sum as what a relation might be as well:
# pyright: reportOperatorIssue=false

from sympy import Derivative, Eq, Integer, Le, Rational, Sum, cosh, log, sqrt, symbols, tanh

from formal import symbols as _
from formal.pauli import ZERO, Matrix, antihermitian, cross, dot, hermitian
from formal.sources import OURS
from formal.statement import definition, identity, inequality
from formal.symbols import a, alpha, b, c, d, k, m

f, h, v, x = _.f, _.h, _.v, _.x

# Quantities of any dimension


def inner(x, v):
    """The inner product of two vectors of any dimension."""
    return Sum(x[a] * v[a], (a, 1, d))


def _gamma(x):
    return sqrt(1 + Sum(x[a] ** 2, (a, 1, d)))


@definition(r"\gamma_{#1}", OURS, item="1:R1")
def lorentz_factor(x):
    """The reciprocal of twice the root of a state's determinant; of a velocity, its clock's."""
    return sqrt(1 + Sum(x[a] ** 2, (a, 1, d)))


@definition(r"r_{#2}(#1)", OURS, item="1:B10")
def bloch_vector(x, a):
    """The components of the vector of a state, shorter than one."""
    return x[a] / lorentz_factor(x)


@definition(r"\dot{r}_{#3}(#1, #2)", OURS, item="1:B10")
def bloch_tangent(x, f, a):
    """How the vector of a state changes when its coordinates do."""
    return f[a] / lorentz_factor(x) - x[a] * inner(x, f) / lorentz_factor(x) ** 3


@definition(r"F(#1, #2)", OURS, item=("1:B7", "1:B10"))
def fidelity(x, v):
    """The fidelity of two qubits, from their vectors and determinants."""
    vectors = Sum(bloch_vector(x, a) * bloch_vector(v, a), (a, 1, d))
    return Rational(1, 2) * (1 + vectors + 1 / (lorentz_factor(x) * lorentz_factor(v)))


@definition(r"\theta_{#3}(#1, #2)", OURS, item=("1:B10", "1:B14"))
def bures_frame(x, f, a):
    """The components of a change of state in a frame that is orthonormal in the Bures metric."""
    g = lorentz_factor(x)
    return (f[a] - x[a] * inner(x, f) / (g * (1 + g))) / (2 * g)


@definition(r"\omega_{#3#4}(#1, #2)", OURS, item="1:B14")
def uhlmann_form(x, f, a, b):
    """The plane and the angle by which Uhlmann's connection turns along a change of state."""
    g = lorentz_factor(x)
    return (x[a] * f[b] - x[b] * f[a]) / (g * (1 + g))


g, r = lorentz_factor(x), bloch_vector(x, a)


# Metric and fidelity


@identity(OURS, item="1:B10")
def deriv_bloch_vector_eq_bloch_tangent():
    """The change of the vector of a state is what its derivatives say."""
    slopes = Sum(f[m] * Derivative(x[a] / _gamma(x), x[m]), (m, 1, d))
    return Eq(slopes, f[a] / _gamma(x) - x[a] * inner(x, f) / _gamma(x) ** 3)


@identity(OURS, item="1:B10")
def bures_metric_of_qubit_eq_quarter_metric_of_hemisphere():
    """**Hemisphere**: with the root of the determinant as height, states lie on half a sphere."""
    speed = Sum(bloch_tangent(x, f, a) ** 2, (a, 1, d))
    along = Sum(bloch_vector(x, a) * bloch_tangent(x, f, a), (a, 1, d))
    height = -inner(x, f) / g**3
    return Eq((speed + g**2 * along**2) / 4, (speed + height**2) / 4)


@identity(OURS, item="1:B10")
def sum_sq_bures_frame_eq_bures_metric_of_qubit():
    """The frame is orthonormal: the squares of its components add up to the Bures metric."""
    speed = Sum(bloch_tangent(x, f, a) ** 2, (a, 1, d))
    along = Sum(bloch_vector(x, a) * bloch_tangent(x, f, a), (a, 1, d))
    return Eq(Sum(bures_frame(x, f, a) ** 2, (a, 1, d)), (speed + g**2 * along**2) / 4)


@identity(OURS, item=("1:B7", "1:B10"))
def one_sub_fidelity_eq_quarter_sq_chord_of_hemisphere():
    """What fidelity lacks to one is a quarter of the squared chord between points of the
    hemisphere."""
    apart = Sum((bloch_vector(x, a) - bloch_vector(v, a)) ** 2, (a, 1, d))
    return Eq(1 - fidelity(x, v), (apart + (1 / g - 1 / lorentz_factor(v)) ** 2) / 4)


@inequality(OURS, item="1:B7", tight_at={v: x})
def fidelity_le_one():
    """No two states are nearer than a state is to itself."""
    return Le(fidelity(x, v), 1)


# Connection and curvature in any dimension, written out


def _frame(x, f, a):
    """Twice the components of a change in the orthonormal frame."""
    return (f[a] - x[a] * inner(x, f) / (_gamma(x) * (1 + _gamma(x)))) / _gamma(x)


def _form(x, f, a, b):
    return (x[a] * f[b] - x[b] * f[a]) / (_gamma(x) * (1 + _gamma(x)))


def exterior(form):
    """The exterior derivative of a form, a function of a change, at the changes f and h."""
    return Sum(f[m] * Derivative(form(h), x[m]) - h[m] * Derivative(form(f), x[m]), (m, 1, d))


@identity(OURS, item=("1:B14", "1:R5"))
def torsion_of_uhlmann_form_eq_zero():
    """Uhlmann's connection is the Levi-Civita connection of the Bures metric in its frame."""
    turned = _form(x, f, a, k) * _frame(x, h, k) - _form(x, h, a, k) * _frame(x, f, k)
    return Eq(exterior(lambda f: _frame(x, f, a)) + Sum(turned, (k, 1, d)), 0)


@identity(OURS, item=("1:B13", "1:B14"))
def curvature_of_uhlmann_form_eq_four_area_in_bures_frame():
    """**Curvature four**: around a small loop states are turned by four times its Bures area."""
    turned = _form(x, f, a, k) * _form(x, h, k, b) - _form(x, h, a, k) * _form(x, f, k, b)
    plane = _frame(x, f, a) * _frame(x, h, b) - _frame(x, f, b) * _frame(x, h, a)
    return Eq(exterior(lambda f: _form(x, f, a, b)) + Sum(turned, (k, 1, d)), plane)


def _half():
    return (1 + inner(x, x)) / 2


def _root_form(f, a, b):
    """Uhlmann's form where x is w / (1 + gamma), the vector of the root of a state."""
    return (x[a] * f[b] - x[b] * f[a]) / _half()


def _root_area(f, h, a, b):
    """Four times the Bures area of two changes of the root, by components."""
    return (f[a] * h[b] - f[b] * h[a]) / _half() ** 2


def _covariant(f, h, v):
    """The covariant derivative along f of the curvature of the changes h and v."""
    slopes = Sum(f[m] * Derivative(_root_area(h, v, a, b), x[m]), (m, 1, d))
    left = _root_form(f, a, k) * _root_area(h, v, k, b)
    return slopes + Sum(left - _root_area(h, v, a, k) * _root_form(f, k, b), (k, 1, d))


@identity(OURS, item="1:B13")
def curvature_of_uhlmann_form_of_root_eq_four_area():
    """By the vector x of the root of a state, connection and curvature have no roots."""
    left = _root_form(f, a, k) * _root_form(h, k, b)
    turned = Sum(left - _root_form(h, a, k) * _root_form(f, k, b), (k, 1, d))
    return Eq(exterior(lambda f: _root_form(f, a, b)) + turned, _root_area(f, h, a, b))


@identity(OURS, item="1:B13")
def cyclic_covariant_derivatives_of_curvature_eq_zero():
    """**Bianchi's identity**: what the curvature changes by along three directions adds up to
    nothing; x is the vector of the root of a state."""
    return Eq(_covariant(f, h, v) + _covariant(h, v, f) + _covariant(v, f, h), 0)


# Matrices


W, Y, DW, DX = (symbols(f"{name}_1:4", real=True) for name in "wyvx")
M = symbols("m_0:4", real=True)
POLE = (Integer(0), Integer(0), c)  # by a rotation one state lies on the third axis


def _size(w):
    return sqrt(1 + dot(w, w))


def _bloch(w):
    x, y, z = w
    return x / _size(w), y / _size(w), z / _size(w)


def unit(w):
    """A state times two gamma, which has determinant one."""
    return hermitian(_size(w), w)


def root(w):
    """The positive root of a state, up to a positive number."""
    return hermitian(1 + _size(w), w)


def read(probe, matrix):
    """Half the trace of the product of the adjoint of a probe with a matrix, its real part."""
    pairs = zip(probe.components, matrix.components, strict=True)
    return sum((p * e for p, e in pairs), Integer(0))


def _moved(matrix):
    """The derivative of a matrix of w along v."""
    zero = matrix.scaled(0)
    return sum((matrix.derivative(w).scaled(v) for w, v in zip(W, DW, strict=True)), zero)


def _turn(w, y):
    """The unitary of two states that makes their roots parallel, up to a positive number."""
    cosine = (1 + _size(w)) * (1 + _size(y)) + dot(w, y)
    return Matrix((cosine, *ZERO[1:]), (Integer(0), *cross(y, w)))


def _product(v, x):
    """The Bures metric of two changes of the vector of the state on the axis."""
    r = _bloch(POLE)
    return (dot(v, x) + dot(r, v) * dot(r, x) * (1 + c**2)) / 4


def _generator(v):
    """The Hermitian matrix that moves an amplitude in parallel when the state's vector does."""
    along = (1 + c**2) * dot(_bloch(POLE), v) / 2
    vector = (e / 2 + along * r for e, r in zip(v, _bloch(POLE), strict=True))
    return hermitian(-along, tuple(vector))


PROBE, TURNING = hermitian(M[0], M[1:]), antihermitian(M[0], M[1:])
G, G_C, G_Y = _size(W), _size(POLE), _size(Y)
SUM = G_C * G_Y + c * Y[2]  # gamma of both velocities added

STATE = unit(W).scaled(1 / (2 * G))
ROOT = root(W).scaled(1 / (2 * sqrt(G * (1 + G))))
TANGENT = hermitian(Integer(0), tuple(v / 2 for v in DW))
OTHERS = hermitian(Integer(1), ZERO[1:]) - STATE
DITTMANN = (TANGENT @ TANGENT).trace[0] + 4 * G**2 * (OTHERS @ TANGENT @ OTHERS @ TANGENT).trace[0]
BURES = dot(DW, DW) + G**2 * dot(_bloch(W), DW) ** 2

FORM = antihermitian(Integer(0), tuple(e / (2 * G * (1 + G)) for e in cross(W, DW)))
AROUND = read(TURNING, FORM @ STATE + STATE @ FORM)
COMMUTATOR = read(TURNING, ROOT @ _moved(ROOT) - _moved(ROOT) @ ROOT)

PARALLEL = _turn(POLE, Y).adjoint @ root(Y) @ root(POLE)
SKEW, OVERLAP = read(TURNING, PARALLEL), PARALLEL.trace[0]

TRANSPORT = unit(tuple(-w for w in POLE)) + unit(Y)
CARRIED = read(PROBE, TRANSPORT @ unit(POLE) @ TRANSPORT)
MEAN = (TRANSPORT @ unit(POLE)).trace[0] / (2 * G_C)

LEGS = tuple(unit(tuple(-w for w in at)) + unit(to) for at, to in ((POLE, Y), (Y, W), (W, POLE)))
AROUND_TRIANGLE = (LEGS[2] @ LEGS[1] @ LEGS[0] @ unit(POLE)).trace
TURN_OF_TRIANGLE = (_turn(W, POLE) @ _turn(Y, W) @ _turn(POLE, Y)).real[0]
PAIRS = G_C * dot(Y, W) + G_Y * dot(POLE, W) + G * dot(POLE, Y)
REAL_PART = G_C + G_Y + G + G_C * G_Y * G + PAIRS
READ_TRIANGLE = M[0] * REAL_PART - M[1] * dot(POLE, cross(Y, W))

FIRST, SECOND = _generator(DW), _generator(DX)
DOUBLED = read(PROBE, FIRST @ unit(POLE) + unit(POLE) @ FIRST) / (2 * G_C)
COMMUTED = root(POLE) @ (FIRST @ SECOND - SECOND @ FIRST) @ root(POLE)
VERTICAL = dot(COMMUTED.imaginary[1:], COMMUTED.imaginary[1:]) / (2 * G_C * (1 + G_C)) ** 2
AREA = _product(DW, DW) * _product(DX, DX) - _product(DW, DX) ** 2


@identity(OURS, item="1:B6")
def matrix_form_of_bures_metric_eq_its_vector_form():
    """The Bures metric of a qubit by traces and the determinant is the one by its vector."""
    return Eq(DITTMANN / 4, BURES / 4)


@identity(OURS, item=("1:B14", "1:B12"))
def uhlmann_equation_of_qubit():
    """**Closed form**: the connection of a qubit turns around the normal of its path's plane."""
    return Eq(AROUND, COMMUTATOR)


@identity(OURS, item=("1:B4", "1:R3"))
def turned_root_of_other_state_mul_root_is_hermitian():
    """Two states have parallel amplitudes: their roots, one of them turned."""
    return Eq(SKEW, 0)


@identity(OURS, item=("1:B7", "1:B4"))
def overlap_of_parallel_roots_eq_product_of_lorentz_factors():
    """The overlap of parallel amplitudes, the root of the fidelity, is a product of three gamma
    factors with one added, up to the lengths of the roots."""
    return Eq(OVERLAP, (1 + G_C) * (1 + G_Y) * (4 + 4 * SUM))


@identity(OURS, item="1:B18")
def transport_map_moves_state_to_state():
    """**Transport map**: one matrix on both sides takes a state to another, without a turn."""
    return Eq(CARRIED, 2 * (1 + SUM) * read(PROBE, unit(Y)))


@identity(OURS, item=("1:B18", "1:B8"))
def mean_of_transport_map_eq_one_add_lorentz_factor_of_sum():
    """The mean of the transport map in the state it starts from is the root of the fidelity, up
    to the size of the map."""
    return Eq(MEAN, (1 + SUM) / G_C)


@identity(OURS, item=("1:B18", "1:B15"))
def mean_of_transport_around_triangle_eq_its_closed_form():
    """**Triangle**: what transport maps around three states average to in the first, by real and
    imaginary part: of pure states this is the area that their vectors span on the sphere."""
    return Eq(M[0] * AROUND_TRIANGLE[0] + M[1] * AROUND_TRIANGLE[1], 4 * G_C * READ_TRIANGLE)


@identity(OURS, item=("1:B18", "1:B19"))
def cosine_of_holonomy_of_triangle_eq_its_closed_form():
    """The turn around three states has the spherical excess of their triangle on the hemisphere
    for its angle, however small: half its cosine, up to the sizes of the three turns."""
    sizes = 2 * (1 + G_C) * (1 + G_Y) * (1 + G)
    return Eq(TURN_OF_TRIANGLE, sizes * REAL_PART)


@identity(OURS, item=("1:B3", "1:B5"))
def generator_around_state_of_qubit_eq_tangent():
    """The generator of parallel transport in closed form, for a qubit."""
    return Eq(DOUBLED, read(PROBE, TANGENT))


@identity(OURS, item="1:B11")
def area_add_vertical_part_of_commutator_eq_four_area():
    """**O'Neill**: states are curved by one, as the sphere of amplitudes is, and by three
    quarters of what the commutator of horizontal directions moves in the fibre: by four."""
    return Eq(AREA + Rational(3, 4) * VERTICAL, 4 * AREA)


# Circles


CRITICAL = alpha / (2 * log(2 + sqrt(3)))


@identity(OURS, item="1:B16")
def bloch_vector_at_critical_temperature_eq_half_root_three():
    """At the **critical temperature** of two levels the phase of a great circle jumps."""
    return Eq(tanh(alpha / (2 * CRITICAL)), sqrt(3) / 2)


@identity(OURS, item="1:B16")
def great_circle_at_critical_temperature_turns_half_as_far():
    """There the connection turns by half of what it does for pure states."""
    return Eq(1 / cosh(alpha / (2 * CRITICAL)), Rational(1, 2))


LATITUDE = (alpha, Integer(0), c)
PATH = cross(LATITUDE, (Integer(0), alpha, Integer(0)))
STEP = tuple(e / (_size(LATITUDE) * (1 + _size(LATITUDE))) for e in PATH)
FREQUENCY = STEP[0] ** 2 + STEP[1] ** 2 + (STEP[2] - 1) ** 2


@identity(OURS, item="1:B17")
def sq_frequency_of_latitude():
    """On a circle of latitude states turn at a constant frequency, seen from the moving point."""
    sine, part = alpha**2 / (alpha**2 + c**2), 1 - 1 / _size(LATITUDE)
    return Eq(FREQUENCY, 1 - 2 * part * sine + part**2 * sine)
