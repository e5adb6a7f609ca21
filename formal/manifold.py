"""The Boltzmann manifold of a head: what hidden states are as points of the simplex.

Notation: `u_ia` is the row of token i, `v_i` its bias, `h_a` and `x_a` are hidden states; the
energy of a token is minus its logit. The Boltzmann map takes a hidden state to the distribution
of the next token. Main statements: the map is softmax, and any distribution has such energies;
its metric is the covariance of rows, its squared speed the variance of what energies change by;
the moment map is monotone and stays within the polytope of the rows; log-probabilities are a
product of two matrices as narrow as the hidden state; relations of rows are equations of
probabilities; straight lines of hidden states are exponential geodesics; averages over a text
depend on the gauge of energies, unless they are of U - F.
References: yang2024, amari2016.
"""

# SymPy types a Sum as what a relation might be as well:
# pyright: reportOperatorIssue=false

from typing import Any

from sympy import Derivative, Eq, Le, Product, Sum, exp, log

from formal import symbols as _
from formal.boltzmann import boltzmann, entropy, free_energy, internal_energy, probability, softmax
from formal.exponential import geodesic
from formal.head import head_energy, head_metric
from formal.moduli import kl_divergence, mean, variance
from formal.sources import AMARI, OURS, YANG_NAMED
from formal.statement import definition, family, identity, inequality, simplex
from formal.symbols import Maximum, N, T, V, a, b, c, d, i, j, k, lam, n, t

A, E, f, h, q, u, v, x = _.A, _.E, _.f, _.h, _.q, _.u, _.v, _.x


@definition(r"\mathsf{E}_{#4}", YANG_NAMED, item=("1:D1.13", "1:T1.28"))
def affine_energy(u, h, v, k):
    """In a head with a bias the energy of a token is minus row times hidden state, minus bias."""
    return -Sum(u[k, a] * h[a], (a, 1, d)) - v[k]


@definition(r"\mathsf{B}_{#5}", YANG_NAMED, item=("1:D1.13", "1:D1.14"))
def boltzmann_map(u, h, v, T, k):
    """The Boltzmann map takes a hidden state to the distribution of its energies."""
    return probability(family(lambda i: affine_energy(u, h, v, i)), T, k)


p = family(lambda i: boltzmann_map(u, h, v, T, i))
there = family(lambda i: boltzmann_map(u, x, v, T, i))
unbiased = family(lambda i: head_energy(u, h, i))


# The map


@identity(YANG_NAMED, item=("1:T1.28", "1:D1.14"))
def boltzmann_map_eq_softmax_of_logits():
    """**A language model's head is a Boltzmann manifold**: its map is softmax of the logits."""
    logits = family(lambda i: (Sum(u[i, a] * h[a], (a, 1, d)) + v[i]) / T)
    return Eq(boltzmann_map(u, h, v, T, k), softmax(logits, k))


@identity(YANG_NAMED, item="1:T1.27", assuming=simplex(q))
def probability_of_own_logarithms_eq_itself():
    """**Trivial geometrization**: minus T ln q are energies of any full distribution."""
    return Eq(probability(family(lambda i: -T * log(q[i])), T, k), q[k])


@identity(OURS, item=("1:T1.28", "1:T1.22"))
def boltzmann_map_of_line_eq_geodesic():
    """A straight line of hidden states is an exponential geodesic."""
    state = (1 - lam) * h[a] + lam * x[a]
    line = family(lambda i: -Sum(u[i, a] * state, (a, 1, d)) - v[i])
    return Eq(probability(line, T, k), geodesic(p, there, lam, k))


@identity(OURS, item=("1:T1.25", "1:T1.22"))
def probability_of_head_eq_probability_of_scaled_state():
    """Without a bias temperature is the length of the hidden state."""
    scaled = family(lambda i: -Sum(u[i, a] * (h[a] / T), (a, 1, d)))
    return Eq(probability(unbiased, T, k), probability(scaled, 1, k))


# Metric


@identity(AMARI, item="1:T1.26")
def sum_product_of_slopes_div_probability_eq_head_metric():
    """The Fisher metric of the simplex, pulled back, is the metric of the head over T squared."""
    slope_a, slope_b = (Derivative(probability(unbiased, T, i), h[at]) for at in (a, b))
    pulled_back = Sum(slope_a * slope_b / probability(unbiased, T, i), (i, 1, V))
    return Eq(pulled_back, head_metric(u, h, T, a, b) / T**2)


@identity(AMARI, item="1:T1.26")
def squared_speed_of_boltzmann_map_eq_variance_of_energy_rates():
    """However energies move, the squared speed is the variance of their rates over T squared."""
    moved = family(lambda i: E[i] + lam * f[i] + lam**2 * x[i])
    rate = family(lambda i: f[i] + 2 * lam * x[i])
    slope = Derivative(probability(moved, T, i), lam)
    speed = Sum(slope**2 / probability(moved, T, i), (i, 1, V))
    return Eq(speed, variance(boltzmann(moved, T), rate) / T**2)


@identity(OURS, item="1:T1.32")
def mixed_slope_of_log_partition_of_product_head_eq_zero():
    """**Flat product**: coordinates that move factors of a vocabulary of pairs are orthogonal, and
    neither knows the length of the other."""
    weight = exp(lam * f[i] + c * x[j])
    total = Sum(Sum(weight, (j, 1, N)), (i, 1, V))
    return Eq(Derivative(log(total), lam, c), 0)


# Moment map


@identity(OURS, item="1:T1.31")
def moment_difference_mul_state_difference_eq_divergences():
    """**The moment map is monotone**: how far it follows a change of the hidden state is both
    relative entropies, times T."""
    start, end = (boltzmann(family(lambda i, y=y: head_energy(u, y, i)), T) for y in (h, x))
    change = family(lambda i: Sum(u[i, a] * (h[a] - x[a]), (a, 1, d)))
    divergences = kl_divergence(start, end) + kl_divergence(end, start)
    return Eq(mean(start, change) - mean(end, change), T * divergences)


@inequality(OURS, item="1:T1.31", tight_at={f: 0})
def mean_height_of_rows_le_largest_height():
    """The moment map stays within the polytope of the rows: in no direction it lies higher."""
    return Le(mean(p, f), Maximum(f[i], (i, 1, V)))


# Rank and relations


@identity(OURS, item="1:T1.29")
def double_difference_of_log_probabilities_eq_product_of_differences():
    """**Rank law**: in two tokens and two prompts log-probabilities are differences of rows times
    differences of hidden states, whatever the bias."""
    odds = log(p(k) / p(j)) - log(there(k) / there(j))
    return Eq(odds, Sum((u[k, a] - u[j, a]) * (h[a] - x[a]), (a, 1, d)) / T)


RELATION: tuple[Any, ...] = (
    Eq(Sum(f[i], (i, 1, V)), 0, evaluate=False),
    Eq(Sum(f[i] * u[i, a], (i, 1, V)), 0, evaluate=False),
)


@identity(OURS, item="1:T1.30", assuming=RELATION)
def product_of_related_probabilities_eq_exp_of_related_bias():
    """**Toric equations**: an affine relation of rows is an equation of probabilities."""
    return Eq(Product(p(i) ** f[i], (i, 1, V)), exp(Sum(f[i] * v[i], (i, 1, V)) / T))


# Averages over a text

own, moved = family(lambda i: A[t, i]), family(lambda i: A[t, i] + f[t])


@identity(OURS, item="3:P7")
def mean_internal_energy_of_gauge_eq_mean_internal_energy_add_mean_gauge():
    """An average of energies over a text moves with the constants that logits are free in."""
    mean_shift = Sum(f[t], (t, 1, n)) / n
    return Eq(
        Sum(internal_energy(moved, T), (t, 1, n)) / n,
        Sum(internal_energy(own, T), (t, 1, n)) / n + mean_shift,
    )


@identity(OURS, item="3:P7")
def mean_heat_of_gauge_eq_temperature_mul_mean_entropy():
    """The average of U - F over a text is that of the entropy times T, in every gauge."""
    heat = Sum(internal_energy(moved, T) - free_energy(moved, T), (t, 1, n)) / n
    return Eq(heat, T * Sum(entropy(own, T), (t, 1, n)) / n)
