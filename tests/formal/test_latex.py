"""Printing, held against what papers print."""

import pytest
from sympy import (
    Abs,
    Derivative,
    Eq,
    Integral,
    KroneckerDelta,
    Min,
    Product,
    Rational,
    Sum,
    evaluate,
    exp,
    log,
    oo,
    sqrt,
)

from formal import family, statements
from formal.boltzmann import C, E, F, S, T, U, Z, entropy, free_energy, probability
from formal.functions import Subset, xlogy
from formal.latex import latex
from formal.symbols import Maximum, V, a, alpha, beta, c, d, h, i, j, k, lam, q, r, u, x

with evaluate(False):
    CASES = {
        "F = U - T S": Eq(F, U - T * S),
        "-T S + U": -T * S + U,
        r"-\sum_{i=1}^{V} q_{i} \ln q_{i}": -Sum(q[i] * log(q[i]), (i, 1, V)),
        r"\frac{E_{k} - F}{T}": (E[k] - F) / T,
        r"e^{-E_{i}/T}": exp(-E[i] / T),
        r"e^{-\beta E_{i} + \lambda x_{i}}": exp(-beta * E[i] + lam * x[i]),
        r"\frac{\partial F}{\partial T}": Derivative(F, T),
        r"\frac{\partial^{2} \ln Z}{\partial \beta^{2}}": Derivative(log(Z), (beta, 2)),
        r"\frac{\partial}{\partial \beta} \left(\beta F\right)": Derivative(beta * F, beta),
        r"\int_{0}^{\infty} \frac{C}{T} \, dT": Integral(C / T, (T, 0, oo)),
        r"\frac{1}{2} \sum_{i=1}^{V} x_{i}^{2}": Rational(1, 2) * Sum(x[i] ** 2, (i, 1, V)),
        r"\frac{1}{V} \sum_{j=1}^{V} E_{j}": Sum(E[j], (j, 1, V)) / V,
        r"\delta_{i j}": KroneckerDelta(i, j),
        r"\max_{i} x_{i} + T \ln V": Maximum(x[i], (i, 1, V)) + T * log(V),
        r"\sqrt{q_{i}}": sqrt(q[i]),
        r"F\left(T/\alpha\right)": free_energy(E, T / alpha),
        r"S\left[E + c\right]": entropy(family(lambda i: E[i] + c), T),
        r"p_{k}": probability(E, 1 / beta, k),
        r"\sum_{a=1}^{d} u_{ka} h_{a}": Sum(u[k, a] * h[a], (a, 1, d)),
        r"2 \left(U - F\right)": 2 * (U - F),
        r"U - \left(F - S\right)": U - (F - S),
        r"-\sum_{i=1}^{V} q_{i} \ln q_{i} + T": -Sum(xlogy(q[i], q[i]), (i, 1, V)) + T,
        r"\left(x_{i} + c\right) \ln\left(\frac{q_{i}}{r_{i}}\right)": xlogy(
            x[i] + c, q[i] / r[i]
        ),
        r"\sum_{i=1}^{V} \mathbf{1}_{i \in A} q_{i}": Sum(Subset("A")[i] * q[i], (i, 1, V)),
        r"\mathbf{1}_{\left(i, j\right) \in M}": Subset("M")[i, j],
        r"\ln\left(\prod_{i=1}^{V} q_{i}\right)": log(Product(q[i], (i, 1, V))),
        r"\frac{\left|q_{i} - r_{i}\right|}{2}": Rational(1, 2) * Abs(q[i] - r[i]),
        r"\min\left(1, q_{i}\right)": Min(1, q[i]),
    }


@pytest.mark.parametrize("expected", CASES)
def test_printed_as_papers_print_it(expected):
    assert latex(CASES[expected]) == expected


def test_no_statement_prints_a_trace_of_unevaluated_trees():
    for statement in statements().values():
        text = statement.latex
        assert "1 p_" not in text and "^{1 + 0}" not in text and "- -" not in text, statement.name
        assert text.count("{") == text.count("}"), statement.name
        assert text.count(r"\left") == text.count(r"\right"), statement.name
