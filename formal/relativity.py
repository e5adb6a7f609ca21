"""Qubits and special relativity: a state of full rank is a boost.

Notation: x and v are proper velocities, gamma times velocity, and at once the coordinates of
states (`formal.qubits`); c is a time component, or a rapidity where no vector is named; tau_1 and
tau_2 are proper times, f and h changes of x. Vectors have any number d of components where no
matrix is named; theta is the Bures angle of a state from the center.
Main statements: roots of states act as boosts; fidelity from gamma factors; parallel amplitudes
differ by Wigner's rotation; Thomas's form is gamma times Uhlmann's, and curved the other way; the
Bures angle is the Gudermannian of rapidity; triangle inequalities of clocks and of states, along
paths of any number of pieces, point in opposite directions.
"""

# SymPy types a Sum as what a relation might be as well:
# pyright: reportOperatorIssue=false

from sympy import (
    Derivative,
    Eq,
    Lambda,
    Le,
    Lt,
    Rational,
    Sum,
    cos,
    cosh,
    exp,
    log,
    sin,
    sinh,
    sqrt,
    symbols,
    tanh,
)

from formal import symbols as _
from formal.pauli import hermitian
from formal.qubits import (
    G_C,
    POLE,
    PROBE,
    M,
    bloch_vector,
    exterior,
    fidelity,
    inner,
    lorentz_factor,
    read,
    root,
    uhlmann_form,
)
from formal.sources import OURS
from formal.statement import definition, identity, inequality, notion
from formal.symbols import N, a, b, c, d, i, k, tau_1, tau_2, theta

A, ell = _.A, _.ell
f, h, v, x = _.f, _.h, _.v, _.x
g, g_v = lorentz_factor(x), lorentz_factor(v)


@definition(r"\Gamma(#1, #2)", OURS, item="1:R2")
def relative_lorentz_factor(x, v):
    """The gamma factor of two velocities that are added."""
    return lorentz_factor(x) * lorentz_factor(v) + inner(x, v)


@definition(r"\Theta_{#3#4}(#1, #2)", OURS, item="1:R4")
def thomas_form(x, f, a, b):
    """The plane and the angle by which axes turn that are carried along a change of velocity."""
    return (x[a] * f[b] - x[b] * f[a]) / (1 + lorentz_factor(x))


g_sum = relative_lorentz_factor(x, v)


# States as boosts


@identity(OURS, item="1:R1")
def lorentz_factor_eq_half_inverse_root_of_determinant():
    """The gamma factor of a state is one over twice the root of its determinant."""
    determinant = (1 - Sum(bloch_vector(x, a) ** 2, (a, 1, d))) / 4
    return Eq(lorentz_factor(x) ** 2 * determinant, Rational(1, 4))


@identity(OURS, item=("1:R1", "1:R5"))
def eigenvalue_of_state_eq_exponential_of_rapidity():
    """Eigenvalues of a state are the Boltzmann weights of plus and minus its rapidity."""
    return Eq((1 + tanh(c)) / 2, exp(c) / (2 * cosh(c)))


BOOSTED = hermitian(G_C * M[0] + c * M[3], (M[1], M[2], M[3] + c * (M[0] + c * M[3] / (1 + G_C))))
ANY = hermitian(*(lambda t, *rest: (t, rest))(*symbols("u_0:4", real=True)))
BOTH_SIDES = read(ANY, root(POLE) @ PROBE @ root(POLE))


@identity(OURS, item="1:R1")
def root_on_both_sides_eq_boost():
    """**A state is a boost**: its root on both sides boosts Hermitian matrices, up to a factor."""
    return Eq(BOTH_SIDES, 2 * (1 + G_C) * read(ANY, BOOSTED))


@identity(OURS, item="1:R1")
def interval_of_boosted_vector_eq_interval():
    """A boost keeps the interval: time squared less distance squared."""
    time = g * c + inner(x, v)
    place = v[a] + x[a] * (c + inner(x, v) / (1 + g))
    return Eq(time**2 - Sum(place**2, (a, 1, d)), c**2 - Sum(v[a] ** 2, (a, 1, d)))


# Fidelity and Wigner's rotation


@identity(OURS, item="1:R2")
def fidelity_eq_one_add_relative_lorentz_factor_div_lorentz_factors():
    """Fidelity is a ratio of gamma factors: of the sum of velocities, and of each."""
    return Eq(fidelity(x, v), (1 + g_sum) / (2 * g * g_v))


@identity(OURS, item="1:R3")
def sq_cosine_add_sq_sine_of_wigner_rotation():
    """The rotation between parallel amplitudes, of which cosine and sine of half the angle are
    given up to a common factor, has this size."""
    plane = Sum((x[a] * v[b] - x[b] * v[a]) ** 2, (a, 1, d), (b, 1, d))
    cosine = (1 + g) * (1 + g_v) + inner(x, v)
    return Eq(cosine**2 / 2 + plane / 4, (1 + g) * (1 + g_v) * (1 + g_sum))


@identity(OURS, item="1:R3")
def cosine_of_wigner_rotation_from_lorentz_factors():
    """**Wigner's angle** needs the three gamma factors only."""
    cosine = (1 + g) * (1 + g_v) + inner(x, v)
    size = (1 + g) * (1 + g_v) * (1 + g_sum)
    return Eq(2 * cosine**2 / (2 * size) - 1, (1 + g + g_v + g_sum) ** 2 / size - 1)


# Thomas's form


@identity(OURS, item="1:R4")
def thomas_form_eq_lorentz_factor_mul_uhlmann_form():
    """Axes carried by a velocity turn gamma times as far as amplitudes carried by a state."""
    turned = Sum(uhlmann_form(x, f, a, b) * h[b], (b, 1, d))
    return Eq(Sum(thomas_form(x, f, a, b) * h[b], (b, 1, d)), g * turned)


@identity(OURS, item="1:R4")
def form_of_great_circle_eq_one_sub_inverse_lorentz_factor():
    """Around a great circle amplitudes turn by a full angle times what clocks lose."""
    return Eq(g / (1 + g) * Sum(bloch_vector(x, a) ** 2, (a, 1, d)), 1 - 1 / g)


@identity(OURS, item=("1:R4", "1:R5"))
def curvature_of_thomas_form_eq_neg_area():
    """Velocities are curved by minus one: Thomas's form turns the other way than Uhlmann's."""
    g = sqrt(1 + inner(x, x))

    def form(f, a, b):
        return (x[b] * f[a] - x[a] * f[b]) / (1 + g)

    def frame(f, a):
        return f[a] - x[a] * inner(x, f) / (g * (1 + g))

    turned = Sum(form(f, a, k) * form(h, k, b) - form(h, a, k) * form(f, k, b), (k, 1, d))
    plane = frame(f, a) * frame(h, b) - frame(f, b) * frame(h, a)
    return Eq(exterior(lambda f: form(f, a, b)) + turned, -plane)


# The angle of states and the rapidity of boosts


@identity(OURS, item="1:R5")
def sq_bloch_vector_add_sq_inverse_lorentz_factor_eq_one():
    """Sine and cosine of the Bures angle from the center are velocity and one over gamma."""
    return Eq(Sum(bloch_vector(x, a) ** 2, (a, 1, d)) + 1 / g**2, 1)


@identity(OURS, item="1:R5")
def deriv_sine_of_angle_eq_cosine_mul_inverse_cosh():
    """**Gudermannian**: the angle grows with rapidity by one over gamma."""
    return Eq(Derivative(tanh(c), c), 1 / (cosh(c) * cosh(c)))


RAPIDITY = log(1 + sin(theta)) - log(cos(theta))


@identity(OURS, item="1:R5", assuming=(Lt(0, cos(theta)),))
def sinh_rapidity_eq_sine_mul_cosh_rapidity():
    """The rapidity whose velocity is the sine of the Bures angle, in closed form."""
    return Eq(sinh(RAPIDITY), sin(theta) * cosh(RAPIDITY))


@identity(OURS, item="1:R5", assuming=(Lt(0, cos(theta)),))
def deriv_rapidity_eq_cosh_rapidity():
    """**Angle and rapidity**: rapidity grows with the Bures angle by gamma, the angle is the
    Gudermannian of rapidity."""
    return Eq(Derivative(RAPIDITY, theta), cosh(RAPIDITY))


# Triangles


@inequality(OURS, item="1:R6", tight_at={v: x, tau_1: 1, tau_2: 1})
def sq_proper_times_add_velocities_le_energies():
    """**Reverse Cauchy inequality**: what the energies of two clocks multiply to is at least what
    their times do, and their momenta."""
    return Le(
        (tau_1 * tau_2 + inner(x, v)) ** 2,
        (tau_1**2 + inner(x, x)) * (tau_2**2 + inner(v, v)),
    )


PIECE = Sum(A[i, a] ** 2, (a, 1, d))
WHOLE = Sum(Sum(A[i, a], (i, 1, N)) ** 2, (a, 1, d))
STRAIGHT = {A: Lambda((i, a), 1)}


@inequality(OURS, item="1:R6", assuming=(Lt(0, PIECE),), tight_at=STRAIGHT)
def sq_way_between_ends_le_sq_length_of_path():
    """**Triangle inequality**: of all paths with the same ends the straight one is shortest;
    a row of A is a chord between states on the hemisphere, say."""
    return Le(WHOLE, Sum(sqrt(PIECE), (i, 1, N)) ** 2)


@inequality(OURS, item=("1:R6", "1:R7"), tight_at=STRAIGHT | {ell: 1})
def sq_time_along_path_le_sq_time_between_ends():
    """**Twins**: of all paths with the same ends the straight one takes longest by its own clock;
    ell is the time that a clock shows on a piece, and a row of A how far the piece leads."""
    return Le(Sum(ell[i], (i, 1, N)) ** 2, Sum(sqrt(ell[i] ** 2 + PIECE), (i, 1, N)) ** 2 - WHOLE)


@notion(
    OURS,
    item="1:R7",
    consequences=(
        "sq_time_along_path_le_sq_time_between_ends",
        "thomas_form_eq_lorentz_factor_mul_uhlmann_form",
        "curvature_of_thomas_form_eq_neg_area",
    ),
)
def twins():
    """Two paths with common ends are compared by their lengths and by the turn that carries one
    lift to the other."""
    return (
        r"\bigl(\ell[\rho_1] - \ell[\rho_2],\ V\bigr), \qquad "
        r"W_1 = W_2 V \text{ for parallel lifts } W_1, W_2 \text{ of } \rho_1, \rho_2 "
        r"\text{ with a common start}"
    )
