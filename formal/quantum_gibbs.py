"""Quantum Gibbs states: free energy, relative entropy and metrics where states do not commute.

Notation: two states have eigenvalues q and r in bases of their own; the table K holds the squared
overlaps of the bases: each row and each column sums to one. Energies E are those of a Hamiltonian
in its eigenbasis. A qubit in a field has energies plus and minus alpha, at lambda = 0.
Main statements: what a state has of free energy above equilibrium is T times a relative entropy;
Klein's inequality; measuring raises entropy; Peierls' and Bogoliubov's bounds on traces of
exponentials; the second derivative of T ln Z, and how far it lies above the Bures metric.
References: none read; the notions are standard.
"""

# SymPy types a Sum as what a relation might be as well:
# pyright: reportOperatorIssue=false

from sympy import Derivative, Eq, Integral, Le, Sum, cosh, exp, log, sinh, sqrt, tanh

from formal import symbols as _
from formal.bures import metric, squared
from formal.sources import OURS
from formal.statement import identity, inequality
from formal.symbols import N, T, V, alpha, c, gamma, i, j, lam

A, B, E, K = _.A, _.B, _.E, _.K
q, r, x = _.q, _.r, _.x


COLUMNS, ROWS = Eq(Sum(K[i, j], (i, 1, N)), 1), Eq(Sum(K[i, j], (j, 1, N)), 1)
STATES = (Eq(Sum(q[i], (i, 1, N)), 1), Eq(Sum(r[i], (i, 1, N)), 1))


def _entropy(q):
    return -Sum(q(i) * log(q(i)), (i, 1, N))


def _relative_entropy(logarithm):
    """The relative entropy of a state q to one whose eigenvalues have the given logarithms."""
    crossed = Sum(K[i, j] * q[j] * logarithm(i), (i, 1, N), (j, 1, N))
    return Sum(q[j] * log(q[j]), (j, 1, N)) - crossed


@identity(OURS, item="1:Q1", assuming=(COLUMNS, STATES[0]))
def free_energy_of_state_sub_free_energy_eq_temperature_mul_quantum_relative_entropy():
    """What a state has of free energy above equilibrium is temperature times the relative
    entropy, whether or not it commutes with the Hamiltonian."""
    partition = Sum(exp(-E[i] / T), (i, 1, N))
    mean = Sum(K[i, j] * q[j] * E[i], (i, 1, N), (j, 1, N))
    own = mean - T * _entropy(lambda i: q[i])
    equilibrium = _relative_entropy(lambda i: log(exp(-E[i] / T) / partition))
    return Eq(own + T * log(partition), T * equilibrium)


EQUAL = {q: 1 / N, r: 1 / N}


@inequality(OURS, item="1:Q1", assuming=(COLUMNS, ROWS, *STATES), tight_at=EQUAL)
def quantum_relative_entropy_nonneg():
    """**Klein's inequality**: relative entropy is never negative, in whatever bases."""
    return Le(0, _relative_entropy(lambda i: log(r[i])))


@inequality(OURS, item=("1:Q1", "1:Q3"), assuming=(COLUMNS, ROWS, *STATES), tight_at=EQUAL)
def free_energy_le_free_energy_of_state():
    """**Gibbs's principle**: of energies c - T ln r equilibrium has the least free energy, c."""
    mean = Sum(K[i, j] * q[j] * (c - T * log(r[i])), (i, 1, N), (j, 1, N))
    return Le(c, mean - T * _entropy(lambda i: q[i]))


@inequality(OURS, item="1:Q1", assuming=(COLUMNS, ROWS), tight_at={q: 1 / N})
def entropy_of_state_le_entropy_of_measurement():
    """A measurement in another basis has at least the entropy of the state."""
    measured = lambda i: Sum(K[i, j] * q[j], (j, 1, N))  # noqa: E731
    return Le(_entropy(lambda i: q[i]), _entropy(measured))


# Traces of exponentials


@inequality(OURS, item="1:Q3", assuming=(COLUMNS, ROWS), tight_at={E: 1})
def sum_exp_neg_mean_energies_le_partition_function():
    """**Peierls' inequality**: the mean energies in any basis make too small a partition
    function."""
    mean = Sum(K[i, j] * E[j], (j, 1, N))
    return Le(Sum(exp(-mean / T), (i, 1, N)), Sum(exp(-E[j] / T), (j, 1, N)))


@inequality(OURS, item="1:Q3", assuming=(COLUMNS, ROWS), tight_at={E: 1, x: 1})
def free_energy_le_other_free_energy_add_mean_difference():
    """**Peierls and Bogoliubov**: the free energy of a Hamiltonian with energies E is at most that
    of another, with energies x, and what it exceeds the other by on average there."""
    other = Sum(exp(-x[i] / T), (i, 1, N))
    apart = Sum(exp(-x[i] / T) / other * (Sum(K[i, j] * E[j], (j, 1, N)) - x[i]), (i, 1, N))
    return Le(-T * log(Sum(exp(-E[j] / T), (j, 1, N))), -T * log(other) + apart)


@inequality(OURS, item="1:Q3", assuming=(Le(-1, c), Le(c, 1)), tight_at={c: 1})
def trace_exp_sum_le_trace_of_exp_mul_exp():
    """**Golden and Thompson** for a qubit: half the trace of the exponential of the sum of two
    fields, of sizes alpha and gamma and with c for the cosine between them, is at most half that
    of the product of their exponentials."""
    size = sqrt(alpha**2 + gamma**2 + 2 * alpha * gamma * c)
    return Le(cosh(size), cosh(alpha) * cosh(gamma) + c * sinh(alpha) * sinh(gamma))


# Metrics


@identity(OURS, item=("1:Q2", "1:B5"))
def metric_of_right_derivative_sub_bures_metric_eq_sum_of_squares():
    """The metric of the right logarithmic derivative exceeds that of the symmetric one by what
    pairs of different eigenvalues add; the tangent is that of a generator A + i B."""

    def tangent(i, j):
        return (q[i] + q[j]) ** 2 * squared(A, B, i, j)

    right = Sum(tangent(i, j) * (1 / q[i] + 1 / q[j]), (i, 1, V), (j, 1, V)) / 8
    apart = (q[i] + q[j]) * (q[i] - q[j]) ** 2 / (q[i] * q[j])
    return Eq(right - metric(tangent), Sum(squared(A, B, i, j) * apart, (i, 1, V), (j, 1, V)) / 8)


LEVEL = sqrt(alpha**2 + lam**2)


@identity(OURS, item="1:Q2")
def deriv2_free_energy_of_qubit_eq_neg_kubo_metric():
    """**Kubo's metric**: the free energy of a qubit bends less across its field than along."""
    across = alpha**2 / (LEVEL * LEVEL**2) * tanh(LEVEL / T)
    along = lam**2 / (T * LEVEL**2) * (1 - tanh(LEVEL / T) * tanh(LEVEL / T))
    return Eq(Derivative(-T * log(2 * cosh(LEVEL / T)), (lam, 2)), -(across + along))


@identity(OURS, item="1:Q2")
def rapidity_sub_velocity_eq_integral_of_square():
    """Rapidity exceeds velocity: so Kubo's metric, alpha tanh alpha across the field, exceeds
    four times the Bures metric, the square of tanh alpha."""
    return Eq(alpha - tanh(alpha), Integral(tanh(c) * tanh(c), (c, 0, alpha)))


@identity(OURS, item="1:Q2")
def velocity_mul_sq_cosh_sub_rapidity_eq_integral_of_square():
    """The metric of the right logarithmic derivative exceeds Kubo's by an integral of squares as
    well: of eigenvalues in the ratio exp of 2 alpha it has cosh alpha where Kubo's has alpha over
    sinh alpha, both over the geometric mean, and the Bures metric one over cosh alpha."""
    return Eq(sinh(alpha) * cosh(alpha) - alpha, Integral(2 * sinh(c) * sinh(c), (c, 0, alpha)))
