"""The simplex as part of a sphere: the angle between square roots, and great circles.

Notation: q, r are distributions, alpha the weight of the second where square roots of two are
added. Main statements: the cosine of the angle is the Bhattacharyya coefficient; great circles
between two distributions, their angles and their speed, without a sine.
References: amari2016.
"""

# SymPy types a Sum as what a relation might be as well:
# pyright: reportOperatorIssue=false

from sympy import Derivative, Eq, Le, Rational, Sum, sqrt

from formal import symbols as _
from formal.sources import AMARI, OURS
from formal.statement import definition, identity, inequality, simplex
from formal.symbols import V, alpha, i

q, r = _.q, _.r


@definition(r"\mathrm{BC}(#1, #2)", AMARI, item="1:T1.7")
def bhattacharyya_coefficient(q, r):
    """The Bhattacharyya coefficient is the cosine between square roots of probabilities."""
    return Sum(sqrt(q[i] * r[i]), (i, 1, V))


@definition(r"D_{\mathrm{H}}(#1, #2)", AMARI, item="1:T1.7")
def squared_hellinger_distance(q, r):
    """The squared Hellinger distance is half the squared distance of square roots."""
    return Rational(1, 2) * Sum((sqrt(q[i]) - sqrt(r[i])) ** 2, (i, 1, V))


@definition(r"\zeta_{#4}", AMARI, item="1:G4")
def great_circle_sqrt(q, r, alpha, k):
    """Square roots of probabilities on the great circle of two distributions: those of both are
    added, the second by a weight, and normalized."""
    norm = 1 + 2 * alpha * bhattacharyya_coefficient(q, r) + alpha**2
    return (sqrt(q[k]) + alpha * sqrt(r[k])) / sqrt(norm)


BC = bhattacharyya_coefficient(q, r)
D_H = squared_hellinger_distance(q, r)
LAWS = simplex(q, r)


@identity(AMARI, item="1:T1.7", assuming=LAWS)
def squared_hellinger_distance_eq_one_sub_bhattacharyya_coefficient():
    """The squared Hellinger distance is one less the cosine."""
    return Eq(D_H, 1 - BC)


@inequality(AMARI, item=("1:T1.7", "1:T1.10"), assuming=LAWS, tight_at={r: q})
def bhattacharyya_coefficient_le_one():
    """Square roots of distributions are unit vectors: the cosine between them is at most one."""
    return Le(BC, 1)


@identity(AMARI, item="1:G4", assuming=LAWS)
def sum_sq_great_circle_sqrt_eq_one():
    """What lies on a great circle of two distributions is a distribution."""
    return Eq(Sum(great_circle_sqrt(q, r, alpha, i) ** 2, (i, 1, V)), 1)


@identity(AMARI, item="1:G4", assuming=LAWS)
def cosine_from_start_of_great_circle():
    """The angle from the start of a great circle follows from the angle between its ends."""
    cosine = (1 + alpha * BC) / sqrt(1 + 2 * alpha * BC + alpha**2)
    return Eq(Sum(sqrt(q[i]) * great_circle_sqrt(q, r, alpha, i), (i, 1, V)), cosine)


@identity(OURS, item="1:G4", assuming=LAWS)
def sq_cosine_to_middle_of_great_circle_eq_half_one_add_bhattacharyya_coefficient():
    """**Half the angle**: the middle of the metric geodesic is half as far as the ends are."""
    cosine = Sum(sqrt(q[i]) * great_circle_sqrt(q, r, 1, i), (i, 1, V))
    return Eq(cosine**2, (1 + BC) / 2)


@identity(OURS, item=("1:G4", "1:G3"), assuming=LAWS)
def sq_speed_of_great_circle_eq_sq_sine_div_sq_norm():
    """The squared speed along a great circle is four squared sines over the squared norm."""
    speed = 2 * Derivative(great_circle_sqrt(q, r, alpha, i), alpha)
    norm = 1 + 2 * alpha * BC + alpha**2
    return Eq(Sum(speed**2, (i, 1, V)), 4 * (1 - BC**2) / norm**2)
