"""Slips about decoding are refuted with a witness that fits on a napkin."""

from typing import Any

import pytest
from sympy import Eq, Ge, Le, Min, Rational, Sum, log

from bridge import Status
from bridge.ball_oracle import ball_evidence
from bridge.property_oracle import property_evidence
from formal.decoding import (
    EXCEEDS,
    FAR,
    KEPT,
    acceptance_rate,
    kept_mass,
    q_M,
    residual,
    sparse_entropy,
    sparse_kl_divergence,
    tempered,
    total_variation_distance,
    truncated,
)
from formal.moduli import shannon_entropy
from formal.sequences import joint
from formal.statement import family, simplex
from formal.symbols import T_1, T_2, J, M, T, V, i, k, m, q, r, tau, v
from formal.texts import tempered_jointly, tempered_token_by_token


def equal(left: Any, right: Any) -> Any:
    """An equality that SymPy leaves alone."""
    return Eq(left, right, evaluate=False)


SLIPS: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "price of the tokens that are cut": (
        equal(sparse_kl_divergence(q_M, q), -log(1 - kept_mass(q, M))),
        (*KEPT, *simplex(q), Le(kept_mass(q, M), Rational(9, 10), evaluate=False)),
    ),
    "truncation keeps the entropy": (
        equal(sparse_entropy(q_M), shannon_entropy(q)),
        (*KEPT, *simplex(q)),
    ),
    "truncation is not normalized": (equal(truncated(q, M, k), M[k] * q[k]), (*KEPT, *simplex(q))),
    "a nucleus keeps its mass when heated": (
        equal(kept_mass(family(lambda i: tempered(q, T, i)), M), kept_mass(q, M)),
        simplex(q),
    ),
    "temperatures add": (
        equal(tempered(family(lambda i: tempered(q, T_1, i)), T_2, k), tempered(q, T_1 + T_2, k)),
        simplex(q),
    ),
    "acceptance without half": (
        equal(acceptance_rate(q, r), 1 - 2 * total_variation_distance(q, r)),
        simplex(q, r),
    ),
    "redrawn from the model": (
        equal(Min(q[k], r[k]) + (1 - acceptance_rate(q, r)) * q[k], q[k]),
        simplex(q, r),
    ),
    "residual the wrong way": (
        equal(Min(q[k], r[k]) + (1 - acceptance_rate(q, r)) * residual(r, q, k), q[k]),
        (*simplex(q, r), *EXCEEDS),
    ),
    "Chebyshev the wrong way": (
        Ge(kept_mass(q, M), Sum(q[i] * v[i] ** 2, (i, 1, V)) / tau**2, evaluate=False),
        FAR,
    ),
    "temperature is one of the sequence": (
        equal(tempered_jointly(J, T, k, m), tempered_token_by_token(J, T, k, m)),
        joint(J),
    ),
    "a draft is never rejected": (Ge(acceptance_rate(q, r), 1, evaluate=False), simplex(q, r)),
}


@pytest.mark.parametrize("name", SLIPS)
def test_slips_are_refuted_with_a_small_witness(name):
    claim, assuming = SLIPS[name]
    found = ball_evidence(claim, assuming)
    assert found.status is Status.REFUTED and found.witness is not None, found
    assert int(found.witness["V"]) <= 3
    assert property_evidence(claim, assuming, examples=64).status is Status.REFUTED
