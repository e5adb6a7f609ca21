"""Neural differential equations: changes of space and time that change no result.

Main statements: the law by which a velocity field changes, finite and infinitesimal; the algebra
of such changes; those that do nothing; the linear equation, its steps and their holonomy; what
Euler's steps break.

Notation: `c` is time, `x[a]` a position and `h[a]` a velocity; on a line lambda is the position.
Fields are sums of exponentials, which are dense among fields. On a line they have frequencies `A`
in time and `B` in space. Flows have no terms here: laws are stated along straight paths, since
they are of first order.
"""

# SymPy types a Sum as what a relation might be as well:
# pyright: reportOperatorIssue=false

from typing import Any

from sympy import Derivative, Eq, KroneckerDelta, Sum, exp

from formal import symbols as _
from formal.sources import OURS
from formal.statement import identity
from formal.symbols import N, V, a, b, c, d, epsilon, i, j, k, lam, m, phi, psi, theta

A, B, Q, R = _.A, _.B, _.Q, _.R
f, h, u, v, x = _.f, _.h, _.u, _.v, _.x


# In any dimension


def _along_path(size, frequency, wave):
    """A function of time and space, a time lambda later on the straight path through (c, x)."""
    phase = Sum(wave[i, a] * (x[a] + lam * h[a]), (a, 1, d))
    return Sum(size[i] * exp(frequency[i] * (c + lam) + phase), (i, 1, V))


def _rate(z):
    """How fast a function of time and space changes where the velocity is h."""
    return Derivative(z, c) + Sum(h[b] * Derivative(z, x[b]), (b, 1, d))


_PLACE = _along_path(f, A, u)
_CLOCK = _along_path(v, B, Q)


@identity(OURS, item="2:N1")
def deriv_moved_place_mul_rate_of_clock_eq_rate_of_place_mul_deriv_clock():
    """By other coordinates and another clock a path has the ratio of their rates as velocity."""
    return Eq(_rate(_CLOCK) * Derivative(_PLACE, lam), _rate(_PLACE) * Derivative(_CLOCK, lam))


# A linear equation in steps: matrices Q, then R; coordinates A between them, whose inverse is B

_BETWEEN = Eq(Sum(B[a, k] * A[k, b], (k, 1, d)), KroneckerDelta(a, b))


@identity(OURS, item="2:N5", assuming=(_BETWEEN,))
def product_of_steps_turned_between_eq_product_of_steps():
    """Of steps in changed coordinates only the changes at both ends are left: what is between
    cancels, in two steps and so in any number."""
    before = Sum(A[k, m] * Q[m, j] * x[j], (m, 1, d), (j, 1, d))
    after = Sum(f[a] * R[a, b] * B[b, k], (a, 1, d), (b, 1, d))
    whole = Sum(f[a] * R[a, b] * Q[b, j] * x[j], (a, 1, d), (b, 1, d), (j, 1, d))
    return Eq(Sum(after * before, (k, 1, d)), whole)


@identity(OURS, item=("2:N5", "2:W5"), assuming=(_BETWEEN,))
def trace_of_steps_around_turned_by_matrix_eq_trace_of_steps_around():
    """**Holonomy**: the trace of the product of steps around a loop knows no coordinates."""
    around = A[k, a] * Q[a, b] * B[b, k]
    return Eq(Sum(around, (a, 1, d), (b, 1, d), (k, 1, d)), Sum(Q[a, a], (a, 1, d)))


@identity(OURS, item="2:N6")
def defect_of_moved_steps_eq_form_of_steps_div_square_of_card():
    """**Euler's steps** break even a quadratic change of coordinates: N of them by c / N."""

    def form(y, z):
        return Sum(A[a, b] * y(a) * z(b), (a, 1, d), (b, 1, d))

    def before(a):
        return u[k, a]

    def step(a):
        return Q[k, a] / N

    def after(a):
        return u[k, a] + Q[k, a] / N

    moved = form(before, before) + form(before, step) + form(step, before)
    missed = Sum(form(after, after) - moved, (k, 1, N))
    return Eq(missed, Sum(form(lambda a: Q[k, a], lambda a: Q[k, a]), (k, 1, N)) / N**2)


# On a line


def _field(size, i, time: Any = c, place: Any = lam):
    return Sum(size[i] * exp(A[i] * time + B[i] * place), (i, 1, V))


@identity(OURS, item="2:N2", assuming=(Eq(epsilon, 0),))
def deriv_moved_velocity_sub_velocity_there_eq_variation():
    """A small change of time and place gives the field a small change: the law to first order."""
    velocity, time, place = _field(f, i), _field(h, j), _field(x, k)

    def along(z):
        return Derivative(z, c) + velocity * Derivative(z, lam)

    moved = (velocity + epsilon * along(place)) / (1 + epsilon * along(time))
    there = _field(f, m, c + epsilon * time, lam + epsilon * place)
    carried = time * Derivative(velocity, c) + place * Derivative(velocity, lam)
    return Eq(Derivative(moved - there, epsilon), along(place) - velocity * along(time) - carried)


@identity(OURS, item="2:N3")
def commutator_of_variations_eq_variation_of_commutator():
    """Changes of place act on velocity fields as an algebra: that of vector fields."""
    velocity, one, two = _field(f, i), _field(h, i), _field(x, i)

    def varied(place, field):
        return (
            Derivative(place, c) + field * Derivative(place, lam) - place * Derivative(field, lam)
        )

    def again(place, change):
        return change * Derivative(place, lam) - place * Derivative(change, lam)

    bracket = one * Derivative(two, lam) - two * Derivative(one, lam)
    return Eq(
        again(two, varied(one, velocity)) - again(one, varied(two, velocity)),
        varied(bracket, velocity),
    )


def _mode(frequency, wave):
    """One exponential in time and place: what is linear in a change need be said of these only."""
    return exp(frequency * c + wave * lam)


def _by_clock(clock, field):
    """What a small change of the clock takes from a velocity field."""
    rate = Derivative(clock, c) + field * Derivative(clock, lam)
    return rate * field + clock * Derivative(field, c)


def _by_place(place, field):
    """What a small change of places does to a velocity field."""
    return Derivative(place, c) + field * Derivative(place, lam) - place * Derivative(field, lam)


def _by_clock_again(clock, field, change):
    """The same where the field has changed a little: to first order in that change."""
    rate = Derivative(clock, c) + 2 * field * Derivative(clock, lam)
    return rate * change + clock * Derivative(change, c)


def _by_place_again(place, change):
    return change * Derivative(place, lam) - place * Derivative(change, lam)


@identity(OURS, item="2:N3")
def commutator_of_variations_of_clock_eq_variation_of_commutator():
    """Changes of the clock act on velocity fields as an algebra, by their own commutator."""
    velocity, one, two = _field(f, i), _mode(theta, phi), _mode(psi, epsilon)
    bracket = two * Derivative(one, c) - one * Derivative(two, c)
    return Eq(
        _by_clock_again(two, velocity, _by_clock(one, velocity))
        - _by_clock_again(one, velocity, _by_clock(two, velocity)),
        _by_clock(bracket, velocity),
    )


@identity(OURS, item="2:N3")
def commutator_of_variations_of_clock_and_place_eq_variations_of_both():
    """A change of the clock and one of places commute up to one of either: all are one algebra."""
    velocity, clock, place = _field(f, i), _mode(theta, phi), _mode(psi, epsilon)
    moved = clock * Derivative(place, c)
    advanced = place * Derivative(clock, lam)
    return Eq(
        _by_clock_again(clock, velocity, _by_place(place, velocity))
        - _by_place_again(place, _by_clock(clock, velocity)),
        _by_place(moved, velocity) + _by_clock(advanced, velocity),
    )


@identity(OURS, item="2:N4")
def gauge_variation_along_flow_eq_zero():
    """Moving along the flow, however fast, changes no field: these generators do nothing."""
    field = Sum(f[i] * exp(A[i] * c + B[i] * lam), (i, 1, V))
    speed = Sum(h[j] * exp(Q[j] * c + R[j] * lam), (j, 1, N))
    moved = speed * field

    def along(z):
        return Derivative(z, c) + field * Derivative(z, lam)

    return Eq(along(moved) - field * along(speed) - speed * along(field), 0)


@identity(OURS, item="2:N5")
def deriv_scaled_path_eq_gauged_rate_mul_scaled_path():
    """A linear equation of one variable, rescaled in time, gains the logarithmic rate of it."""
    scale = exp(Sum(f[i] * exp(A[i] * lam), (i, 1, V)))
    path = scale * exp(c * lam)
    return Eq(Derivative(path, lam), (c + Derivative(scale, lam) / scale) * path)
