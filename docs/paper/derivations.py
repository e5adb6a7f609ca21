"""The derivations of the example paper, each a chain whose steps porism proves."""

from sympy import Derivative, Sum, evaluate, exp, log

from formal import Derivation
from formal.boltzmann import C, F, S, U, Z, nonequilibrium_free_energy, p, probability
from formal.moduli import kl_divergence
from formal.statement import simplex
from formal.symbols import E, T, V, i, q

p_i = probability(E, T, i)
q_is_a_distribution = simplex(q)

with evaluate(False):
    energy_less_heat_is_free_energy = Derivation(
        [
            U - T * S,
            Sum(p_i * E[i], (i, 1, V)) + T * Sum(p_i * log(p_i), (i, 1, V)),
            Sum(p_i * (E[i] + T * (-E[i] / T - log(Z))), (i, 1, V)),
            -T * log(Z) * Sum(p_i, (i, 1, V)),
            -T * log(Z),
            F,
        ],
        reasons=[
            "definitions of U and S",
            "logarithm of the probability",
            "the energies cancel",
            "probabilities sum to one",
            "definition of F",
        ],
    )

    slope_of_free_energy_is_minus_entropy = Derivation(
        [
            -Derivative(F, T),
            log(Z) + Sum(E[i] * exp(-E[i] / T), (i, 1, V)) / (T * Z),
            log(Z) + U / T,
            (U - F) / T,
            S,
        ],
        reasons=[
            "derivative of a product",
            "definitions of p and U",
            "definition of F",
            "free energy is energy less heat",
        ],
    )

    energy_responds_as_it_fluctuates = Derivation(
        [
            Derivative(U, T),
            Sum(Derivative(p_i, T) * E[i], (i, 1, V)),
            Sum(p_i * (E[i] - U) / T**2 * E[i], (i, 1, V)),
            (Sum(p_i * E[i] ** 2, (i, 1, V)) - U**2) / T**2,
            C,
        ],
        reasons=[
            "definition of U",
            "derivative of the probability",
            "the second sum is the square of U",
            "a variance is a mean square less a squared mean",
        ],
    )

    entropy_grows_as_heat_is_taken_up = Derivation(
        [
            Derivative(S, T),
            Derivative((U - F) / T, T),
            (Derivative(U, T) - Derivative(F, T)) / T - (U - F) / T**2,
            (C + S) / T - S / T,
            C / T,
        ],
        reasons=[
            "free energy is energy less heat",
            "derivative of a quotient",
            "both slopes are known",
            "algebra",
        ],
    )

    entropy_falls_short_of_its_bound = Derivation(
        [
            log(V) - S,
            Sum(p_i * log(V * p_i), (i, 1, V)),
            Sum(p_i * (1 - 1 / (V * p_i)), (i, 1, V)),
            Sum(p_i, (i, 1, V)) - Sum(1 / V, (i, 1, V)),
            0,
        ],
        relations=["=", ">=", "=", "="],
        reasons=[
            "probabilities sum to one",
            "a logarithm lies above 1 - 1/x",
            "linearity",
            "both sums are one",
        ],
    )

    excess_free_energy_is_divergence = Derivation(
        [
            nonequilibrium_free_energy(q, E, T) - F,
            Sum(q[i] * E[i], (i, 1, V)) + T * Sum(q[i] * log(q[i]), (i, 1, V)) + T * log(Z),
            T * Sum(q[i] * (log(q[i]) + E[i] / T + log(Z)), (i, 1, V)),
            T * Sum(q[i] * log(q[i] / p_i), (i, 1, V)),
            T * kl_divergence(q, p),
        ],
        reasons=[
            "definitions",
            "q sums to one",
            "logarithm of the probability",
            "definition of the divergence",
        ],
        assuming=q_is_a_distribution,
    )
