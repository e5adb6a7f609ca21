"""Holonomies and geodesics in closed form: what a qubit is turned by around a circle.

Notation as in `formal.qubits`: a state is given by its vector w, which is r / sqrt(1 - r^2), and
gamma is sqrt(1 + w^2). A circle of latitude is w = (alpha cos phi, alpha sin phi, c), a great
circle has c = 0. Amplitudes over it are given up to a positive number. An equation of matrices is
read off by an arbitrary one, with coefficients m_0 to m_3. Elsewhere theta, phi and psi are
angles, c is a time from 0 to 1, and u and v are real amplitudes.
Main statements: amplitudes carried in parallel around great circles and circles of latitude; what
is left of their overlap with the start after one turn; it is lost at the critical temperature;
Berry's phase; geodesics are great circles of amplitudes; polar coordinates of the hemisphere.
"""

# SymPy types a Sum as what a relation might be as well:
# pyright: reportOperatorIssue=false

from sympy import Derivative, Eq, Integer, Ne, Sum, cos, cosh, pi, sin, sqrt

from formal import symbols as _
from formal.pauli import Matrix, Vector, antihermitian, dot, hermitian
from formal.qubits import CRITICAL, FREQUENCY, PROBE, TURNING, G, M, W, read, root, unit
from formal.sources import OURS
from formal.statement import identity, notion
from formal.symbols import V, a, alpha, b, c, i, phi, psi, theta

u, v = _.u, _.v
NONE = Integer(0)


def _turn(angle, axis: Vector):
    """The unitary that turns by an angle around an axis of length one."""
    around = antihermitian(NONE, axis).scaled(sin(angle / 2))
    return hermitian(cos(angle / 2), (NONE, NONE, NONE)) - around


UP: Vector = (NONE, NONE, Integer(1))

# Any turn of any state, around the third axis

TURNED_STATE = (unit(W).scaled(1 / (2 * G)) @ _turn(theta, UP)).trace
VISIBILITY = TURNED_STATE[0] ** 2 + TURNED_STATE[1] ** 2

# A great circle, run through by psi = phi / (2 gamma)

GAMMA = sqrt(1 + alpha**2)
LIFTED = Matrix(
    (
        (1 + GAMMA) * cos((GAMMA - 1) * psi),
        alpha * cos((GAMMA + 1) * psi),
        alpha * sin((GAMMA + 1) * psi),
        NONE,
    ),
    (NONE, NONE, NONE, -(1 + GAMMA) * sin((GAMMA - 1) * psi)),
)
POINT: Vector = (alpha * cos(2 * GAMMA * psi), alpha * sin(2 * GAMMA * psi), NONE)
OVER = read(PROBE, LIFTED @ LIFTED.adjoint)
BELOW = read(PROBE, hermitian(GAMMA, POINT))
SKEW = read(TURNING, LIFTED.adjoint @ LIFTED.derivative(psi))
ROUND = LIFTED.mapped(lambda e: e.subs(psi, pi / GAMMA))
AFTER_ONE_TURN = (root((alpha, NONE, NONE)) @ ROUND).scaled(1 / (4 * GAMMA * (1 + GAMMA))).trace[0]

# A circle of latitude, run through likewise, seen from the point that runs

RADIUS, HEIGHT = sqrt(1 + alpha**2 + c**2), sqrt(1 + c**2)
SLOW, FAST = cos(HEIGHT * psi), sin(HEIGHT * psi) / HEIGHT
START: Vector = (alpha, NONE, c)
SEEN = Matrix(
    ((1 + RADIUS) * SLOW, alpha * SLOW, alpha * FAST, c * SLOW),
    (c * RADIUS * FAST, c * alpha * FAST, NONE, (HEIGHT**2 + RADIUS) * FAST),
)
AROUND = read(PROBE, _turn(phi, UP) @ unit(START) @ _turn(phi, UP).adjoint)
HERE = read(PROBE, hermitian(RADIUS, (alpha * cos(phi), alpha * sin(phi), c)))
AT_REST = read(PROBE, SEEN @ SEEN.adjoint)
BEGIN = read(PROBE, unit(START))
MOVED = SEEN.derivative(psi) - antihermitian(NONE, UP).scaled(RADIUS) @ SEEN
SKEW_SEEN = read(TURNING, SEEN.adjoint @ MOVED)
BACK = SEEN.mapped(lambda e: -e.subs(psi, pi / RADIUS))  # half a turn of the frame is -1
KEPT = (root(START) @ BACK).scaled(1 / (4 * RADIUS * (1 + RADIUS))).trace

# A pure state

BERRY = tuple(
    size * turn((cos(theta) + way) * phi / 2)
    for size, way in ((cos(theta / 2), -1), (sin(theta / 2), 1))
    for turn in (cos, sin)
)
ONCE = tuple(e.subs(phi, 2 * pi) for e in BERRY)

# A geodesic

FORTH, BACKWARD = sin((1 - c) * theta) / sin(theta), sin(c * theta) / sin(theta)


def _on_geodesic(*place):
    return FORTH * u[place] + BACKWARD * v[place]


def _inner(u, v):
    return Sum(u[i] * v[i], (i, 1, V))


GREAT_CIRCLE = cos(c * theta) * u[i] + sin(c * theta) * v[i]

# Polar coordinates of the Bloch ball, by the polar angle of the hemisphere

POLAR: Vector = (
    sin(theta) * sin(phi) * cos(psi),
    sin(theta) * sin(phi) * sin(psi),
    sin(theta) * cos(phi),
)


def _moved(place):
    """How fast a coordinate changes when theta, phi and psi do at the rates m_1, m_2, m_3."""
    rates = zip((theta, phi, psi), M[1:], strict=True)
    return sum((rate * Derivative(place, by) for by, rate in rates if place.has(by)), NONE)


MOVED_POLAR: Vector = (_moved(POLAR[0]), _moved(POLAR[1]), _moved(POLAR[2]))
SPEED = dot(MOVED_POLAR, MOVED_POLAR)
ALONG = dot(POLAR, MOVED_POLAR) ** 2 / (1 - dot(POLAR, POLAR))


# Phase and visibility


@notion(
    OURS,
    item="1:B15",
    consequences=(
        "sq_visibility_of_turned_state",
        "trace_of_state_mul_holonomy_of_great_circle_eq_neg_cosine",
        "trace_of_state_mul_holonomy_of_latitude",
    ),
)
def uhlmann_phase():
    """**Uhlmann's phase** of a loop is the argument, and its visibility the size, of the overlap
    of an amplitude with itself carried once around."""
    return (
        r"\Phi = \operatorname{arg} \operatorname{Tr} \rho V, \qquad "
        r"\nu = |\operatorname{Tr} \rho V|, \qquad "
        r"W(1) = W(0)\, V \text{ for } W(0) = \sqrt{\rho} \text{ carried in parallel}"
    )


@identity(OURS, item="1:B15")
def sq_visibility_of_turned_state():
    """A turn leaves of a qubit's overlap what its vector has along the axis."""
    across = 1 - (W[2] / G) ** 2
    return Eq(VISIBILITY, 1 - across * sin(theta / 2) ** 2)


# Circles


@identity(OURS, item="1:B16")
def lift_of_great_circle_projects_onto_it():
    """The amplitude over a great circle, turned by phi less phi / gamma, belongs to its state; psi
    is phi by two gamma."""
    return Eq(OVER, 2 * (1 + GAMMA) * BELOW)


@identity(OURS, item="1:B16")
def lift_of_great_circle_is_horizontal():
    """**Parallel transport around a great circle**: the adjoint of the amplitude times its
    change is Hermitian all along."""
    return Eq(SKEW, 0)


@identity(OURS, item=("1:B16", "1:B15"))
def trace_of_state_mul_holonomy_of_great_circle_eq_neg_cosine():
    """After one turn of a great circle the overlap with the start is minus the cosine of half a
    turn over gamma."""
    return Eq(AFTER_ONE_TURN, -cos(pi / GAMMA))


@identity(OURS, item=("1:B16", "1:B15"))
def overlap_at_critical_temperature_eq_zero():
    """At the **critical temperature** of two levels nothing of the overlap is left."""
    return Eq(-cos(pi / cosh(alpha / (2 * CRITICAL))), 0)


@identity(OURS, item="1:B17")
def turn_moves_state_around_latitude():
    """A turn about the axis moves a state around its circle of latitude."""
    return Eq(AROUND, HERE)


@identity(OURS, item="1:B17")
def lift_of_latitude_projects_onto_start():
    """Seen from the moving point, the amplitude over a circle of latitude belongs to the start."""
    return Eq(AT_REST, 2 * (1 + RADIUS) * BEGIN)


@identity(OURS, item="1:B17")
def lift_of_latitude_is_horizontal():
    """**Parallel transport around a circle of latitude**: seen from the moving point, which turns
    twice gamma times as fast as psi grows, the amplitude swings at one frequency."""
    return Eq(SKEW_SEEN, 0)


@identity(OURS, item=("1:B17", "1:B15"))
def trace_of_state_mul_holonomy_of_latitude():
    """After one turn of a circle of latitude the overlap with the start is minus a cosine, and its
    imaginary part a sine; both are given at once, with coefficients."""
    angle = pi * HEIGHT / RADIUS
    given = M[0] * cos(angle) + M[1] * c / HEIGHT * sin(angle)
    return Eq(M[0] * KEPT[0] + M[1] * KEPT[1], -given)


@identity(OURS, item="1:B17")
def sq_frequency_of_latitude_eq_one_sub_sq_distance_from_axis():
    """The squared frequency is one less the squared distance of the state from the axis."""
    return Eq(FREQUENCY, 1 - (alpha / RADIUS) ** 2)


@identity(OURS, item="1:B17")
def lift_of_pure_latitude_is_horizontal():
    """A pure state's amplitude is carried in parallel if the overlap with its change is real."""
    a, b, p, q = BERRY
    first = a * Derivative(b, phi) - b * Derivative(a, phi)
    return Eq(first + p * Derivative(q, phi) - q * Derivative(p, phi), 0)


@identity(OURS, item=("1:B17", "1:B15"))
def overlap_of_pure_latitude_eq_limit_of_mixed_states():
    """**Berry's phase**: after one turn a pure state's overlap is what the mixed states' tends to,
    its frequency the cosine of the polar angle."""
    (a, b, p, q), (first, second) = ONCE, (cos(theta / 2), sin(theta / 2))
    overlap = M[0] * (a * first + p * second) + M[1] * (b * first + q * second)
    angle = pi * cos(theta)
    return Eq(overlap, -(M[0] * cos(angle) + M[1] * sin(angle)))


# Geodesics


@identity(OURS, item="1:B8", assuming=(Ne(sin(theta), 0),))
def geodesic_eq_great_circle():
    """The path between two amplitudes by sines of the angle between them is a great circle: its
    end is cos theta times its start and sin theta times a direction v."""
    end = cos(theta) * u[i] + sin(theta) * v[i]
    return Eq(FORTH * u[i] + BACKWARD * end, GREAT_CIRCLE)


@identity(OURS, item="1:B8")
def sq_length_of_amplitude_on_great_circle():
    """The squared length along a great circle; where u and v are orthonormal, it is one."""
    squares = cos(c * theta) ** 2 * _inner(u, u) + sin(c * theta) ** 2 * _inner(v, v)
    return Eq(Sum(GREAT_CIRCLE**2, (i, 1, V)), squares + sin(2 * c * theta) * _inner(u, v))


@identity(OURS, item="1:B8")
def sq_speed_of_great_circle():
    """**Geodesic**: the squared speed along a great circle; where u and v are orthonormal, it is
    the squared angle everywhere."""
    squares = sin(c * theta) ** 2 * _inner(u, u) + cos(c * theta) ** 2 * _inner(v, v)
    speed = theta**2 * (squares - sin(2 * c * theta) * _inner(u, v))
    return Eq(Sum(Derivative(GREAT_CIRCLE, c) ** 2, (i, 1, V)), speed)


@identity(OURS, item="1:B8", assuming=(Ne(sin(theta), 0),))
def skew_part_of_geodesic_eq_skew_part_of_its_ends():
    """A geodesic between parallel amplitudes is horizontal: what it lacks of that is constant, and
    what its ends lack."""
    lift = _on_geodesic
    change = lift(i, a) * Derivative(lift(i, b), c) - lift(i, b) * Derivative(lift(i, a), c)
    ends = Sum(u[i, a] * v[i, b] - u[i, b] * v[i, a], (i, 1, V))
    return Eq(Sum(change, (i, 1, V)), theta / sin(theta) * ends)


@identity(OURS, item="1:B10", assuming=(Ne(cos(theta), 0),))
def bures_metric_of_qubit_in_polar_coordinates():
    """**Hemisphere in polar coordinates**: the radius is the sine of an angle, and the metric of
    Bures a quarter of that of the unit sphere of three dimensions."""
    sphere = M[1] ** 2 + sin(theta) ** 2 * (M[2] ** 2 + sin(phi) ** 2 * M[3] ** 2)
    return Eq((SPEED + ALONG) / 4, sphere / 4)
