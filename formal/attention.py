"""Attention is an expectation under a Boltzmann distribution of keys.

Defined here: attention, the energy of a modern Hopfield network. Main statements: temperature
moves attention by minus a covariance; blocks of keys merge as a mixture; a Hopfield network's
update is a gradient step and lowers its energy; scaling by the root of the dimension.

Notation: `E[i]` is the energy (minus the score) of key i, `u[i, a]` component a of its key or
value, `h[a]` the query, V the number of keys, d the dimension.
References: vaswani2017, dao2022, chan1983, ramsauer2021.
"""

# SymPy types a Sum as what a relation might be as well:
# pyright: reportOperatorIssue=false

from sympy import Derivative, Eq, Le, Rational, Sum, exp, log, sqrt

from formal import symbols as _
from formal.boltzmann import (
    U,
    boltzmann,
    free_energy,
    internal_energy,
    log_partition,
    partition_function,
    probability,
)
from formal.head import head_energy
from formal.moduli import mean, variance
from formal.sources import CHAN, DAO, OURS, RAMSAUER, VASWANI
from formal.statement import definition, family, identity, inequality, simplex
from formal.symbols import N, V, a, b, beta, c, d, i, j, k

E, A, T, u, h, x, q = _.E, _.A, _.T, _.u, _.h, _.x, _.q


def column(a):
    """One component of all values."""
    return family(lambda i: u[i, a])


def _scores(h):
    """The energies of the keys under a query."""
    return family(lambda i: head_energy(u, h, i))


@definition(r"\mathrm{att}(#3)", VASWANI, item="3:A1'")
def attention(E, T, f):
    """Attention is the mean of the values under the Boltzmann distribution of the keys."""
    return Sum(probability(E, T, i) * f[i], (i, 1, V))


@definition(r"\mathcal{E}", RAMSAUER, item="3:A2'")
def hopfield_energy(u, h, T):
    """The energy of a modern Hopfield network: free energy of its keys plus half a square."""
    return free_energy(_scores(h), T) + Rational(1, 2) * Sum(h[a] ** 2, (a, 1, d))


@identity(OURS, item="3:A1'")
def deriv_attention_eq_neg_covariance():
    """Cooling moves attention by minus the covariance of values and energies."""
    cold, mean_energy = attention(E, 1 / beta, column(a)), internal_energy(E, 1 / beta)
    covariance = Sum(
        probability(E, 1 / beta, i) * (u[i, a] - cold) * (E[i] - mean_energy), (i, 1, V)
    )
    return Eq(Derivative(cold, beta), -covariance)


@identity(OURS, item="3:A1'")
def deriv_attention_energy():
    """A key that is strengthened pulls attention towards its value."""
    return Eq(
        Derivative(attention(E, T, column(a)), E[k]),
        -probability(E, T, k) / T * (u[k, a] - attention(E, T, column(a))),
    )


@identity(OURS, item="3:A1'")
def attention_add_const():
    """Attention does not change when all scores shift by a constant."""
    return Eq(attention(family(lambda i: E[i] + c), T, column(a)), attention(E, T, column(a)))


# Blocks of keys: V keys with energies E and values u, N keys with energies A and values x


def _weight(A):
    """The partition function of the second block."""
    return Sum(exp(-A[j] / T), (j, 1, N))


def _share():
    """The share of the second block, from the two values of ln Z alone."""
    return 1 / (1 + exp(log_partition(E, T) - log(_weight(A))))


@identity(DAO, item="3:A1'")
def attention_of_two_blocks_eq_mixture():
    """Attention to two blocks of keys is a mixture of the attention to each."""
    first = Sum(exp(-E[i] / T) * u[i, a], (i, 1, V))
    second = Sum(exp(-A[j] / T) * x[j, a], (j, 1, N))
    both = (first + second) / (partition_function(E, T) + _weight(A))
    share = _share()
    return Eq(both, (1 - share) * attention(E, T, column(a)) + share * (second / _weight(A)))


@identity(OURS, item="3:A1'")
def log_partition_of_two_blocks_eq_log_partition_add_softplus():
    """The ln Z of two blocks follows from the ln Z of each."""
    return Eq(
        log(partition_function(E, T) + _weight(A)),
        log_partition(E, T) + log(1 + exp(log(_weight(A)) - log_partition(E, T))),
    )


@identity(CHAN, item="3:A1'")
def variance_of_two_blocks_eq_mixture_add_distance_sq():
    """The energies of two blocks vary as they do in each, and as the blocks differ."""
    whole = partition_function(E, T) + _weight(A)
    moments = [
        Sum(exp(-E[i] / T) * E[i] ** n, (i, 1, V)) + Sum(exp(-A[j] / T) * A[j] ** n, (j, 1, N))
        for n in (1, 2)
    ]
    mean_second = Sum(exp(-A[j] / T) * A[j], (j, 1, N)) / _weight(A)
    variance_second = Sum(exp(-A[j] / T) * (A[j] - mean_second) ** 2, (j, 1, N)) / _weight(A)
    share = _share()
    return Eq(
        moments[1] / whole - (moments[0] / whole) ** 2,
        (1 - share) * variance(boltzmann(), E)
        + share * variance_second
        + share * (1 - share) * (U - mean_second) ** 2,
    )


# Modern Hopfield networks


@identity(RAMSAUER, item="3:A2'")
def deriv_hopfield_energy_eq_state_sub_attention():
    """Attention to the keys is one gradient step of the Hopfield energy."""
    return Eq(
        Derivative(hopfield_energy(u, h, T), h[b]), h[b] - attention(_scores(h), T, column(b))
    )


@inequality(OURS, item="3:A2'", tight_at={x: h})
def hopfield_energy_add_half_sq_step_le_hopfield_energy_add_half_sq_distance():
    """A step to the attention lowers the Hopfield energy by half its square at least."""
    step, distance = (
        Rational(1, 2) * Sum((z[a] - attention(_scores(h), T, column(a))) ** 2, (a, 1, d))
        for z in (h, x)
    )
    return Le(hopfield_energy(u, x, T) + step, hopfield_energy(u, h, T) + distance)


@identity(OURS, item="3:A3'", assuming=simplex(q))
def variance_of_scaled_scores_eq_covariance_form_div_dimension():
    """Over the root of the dimension, scores vary by the mean square of the whitened query."""
    scaled = family(lambda i: head_energy(u, h, i) / sqrt(d))
    product = family(lambda i: u[i, a] * u[i, b])
    covariance = mean(q, product) - mean(q, column(a)) * mean(q, column(b))
    return Eq(variance(q, scaled), Sum(Sum(h[a] * covariance * h[b], (b, 1, d)), (a, 1, d)) / d)
