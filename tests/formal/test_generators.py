"""Symmetries from one declaration: action, generator, Ward identity, charge; and what is none."""

import pytest
from sympy import KroneckerDelta, Sum, evaluate

from formal import prove
from formal.charges import value_shear
from formal.proof.prover import Failure
from formal.statement import canonical
from formal.symbols import N, V, a, b, d, f, h, i, k, u, v
from formal.symmetry import gain, gated_unit, scale_of_unit, signal


def test_the_generator_is_the_rate_at_which_weights_begin_to_move():
    rates = [rate for _, rate in gain(a).generator]
    assert rates == [f[a], h[a], -u[i, a]]
    assert [rate for _, rate in value_shear(a, b).generator] == [u[i, b], -v[a]]


def test_charges_are_differences_of_squares():
    assert scale_of_unit(k).charge() == Sum(u[k, a] ** 2, (a, 1, d)) - f[k] ** 2
    assert gain(a).charge() == f[a] ** 2 + h[a] ** 2 + Sum(-(u[i, a] ** 2), (i, 1, N))
    assert value_shear(a, b).charge() == Sum(u[i, a] * u[i, b], (i, 1, N)) - v[a] * v[b]


@pytest.mark.parametrize("power", [1, 2])
def test_claims_are_proved_of_invariant_functions_only(power):
    with evaluate(False):
        unit = f[i] * signal(i) ** power
        loss = Sum(unit, (i, 1, V)) ** 2
        claims = [
            scale_of_unit(i).invariance(Sum(unit, (i, 1, V))),
            scale_of_unit(k).ward(loss),
            scale_of_unit(k).hessian(loss, f[k]),
        ]
    for claim in claims:
        found = prove(canonical(claim))
        assert isinstance(found, Failure) == (power == 2), claim


def test_a_derivative_by_a_weight_that_is_summed_over_keeps_its_delta():
    loss = Sum(gated_unit(i), (i, 1, V)) ** 2
    claim = scale_of_unit(k).hessian(loss, u[k, b])
    assert claim.rhs.has(KroneckerDelta(a, b))
    assert not isinstance(prove(canonical(claim)), Failure)
