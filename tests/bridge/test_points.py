"""Points lie in the domain, are exact, and are the same for the same seed."""

from fractions import Fraction

import pytest
from sampled import sampled
from sympy import (
    Derivative,
    Eq,
    Ge,
    Integral,
    Le,
    Lt,
    Max,
    Min,
    Ne,
    Sum,
    Symbol,
    exp,
    log,
    oo,
)

from bridge.ball_numbers import UnsupportedError
from bridge.ball_oracle import ball_evidence
from bridge.points import LIMIT, draws, limits
from bridge.verdict import Status
from formal import statements
from formal.statement import simplex
from formal.symbols import (
    T_1,
    T_2,
    A,
    E,
    K,
    Minimum,
    N,
    T,
    V,
    a,
    alpha,
    b,
    beta,
    c,
    d,
    h,
    i,
    j,
    k,
    q,
    r,
    u,
    x,
)

CLAIM = Eq(Sum(E[i] / T, (i, 1, V)), c)


def test_the_same_seed_gives_the_same_points():
    assert draws(CLAIM, seed=3) == draws(CLAIM, seed=3)
    assert draws(CLAIM, seed=3) != draws(CLAIM, seed=4)


def test_simple_points_come_first_and_sizes_reach_a_thousand():
    cases = draws(CLAIM).cases
    assert [case.size for case in cases[:3]] == [1, 2, 3]
    assert cases[1].point.values[E] == [0, 1]
    assert max(case.size for case in cases) == 1000
    assert all(len(case.point.values[E]) == case.size for case in cases)


def test_values_are_exact_and_of_their_types():
    for case in draws(Eq(T + c, Sum(q[i], (i, 1, V)))).cases:
        values = case.point.values
        assert values[T] > 0 and all(component > 0 for component in values[q])
        assert all(isinstance(component, Fraction) for component in values[q])


def test_ties_and_negative_energies_occur():
    drawn = [case.point.values[E] for case in draws(CLAIM).cases]
    assert any(len(set(energies)) < len(energies) <= 3 for energies in drawn)
    assert any(min(energies) < 0 for energies in drawn)


def test_the_simplex_is_met_exactly():
    for case in draws(Ge(Sum(q[i] * log(q[i] / r[i]), (i, 1, V)), 0), simplex(q, r)).cases:
        assert sum(case.point.values[q]) == 1 == sum(case.point.values[r])


def test_rows_of_a_stochastic_matrix_are_normalized():
    rows = Eq(Sum(q[j, i], (i, 1, V)), 1, evaluate=False)
    found = draws(Le(q[k, j], 1), (rows,))
    assert found.cases and not found.rejected
    for case in found.cases:
        assert all(sum(row) == 1 for row in case.point.values[q])


BALANCED = (Eq(Sum(K[i, j], (i, 1, N)), 1), Eq(Sum(K[i, j], (j, 1, N)), 1))
SYMMETRIC = Eq(
    Sum(K[i, j] * K[j, i], (i, 1, N), (j, 1, N)),
    Sum(K[i, j] ** 2, (i, 1, N), (j, 1, N)),
)


def test_rows_and_columns_of_a_doubly_stochastic_matrix_are_normalized():
    """Of two places all of these are symmetric; the claim that they are fails at three."""
    found = draws(SYMMETRIC, BALANCED)
    sizes = [case.point.values[N] for case in found.cases]
    assert min(map(sizes.count, (2, 3))) > 1 and not found.rejected
    for case in found.cases:
        table = case.point.values[K]
        assert {sum(line) for line in (*table, *zip(*table, strict=True))} == {1}
    assert ball_evidence(SYMMETRIC, BALANCED).status == Status.REFUTED


def test_other_hypotheses_are_met_by_rejection_with_a_count():
    found = draws(Eq(c, c * alpha / T_1, evaluate=False), (Ne(alpha, 1), Lt(T_1, T_2)))
    assert found.rejected > 0
    for case in found.cases:
        assert case.point.values[alpha] != 1
        assert case.point.values[T_1] < case.point.values[T_2]


def test_a_defining_hypothesis_is_not_left_to_chance():
    found = draws(Eq(beta * T, 1), (Eq(beta, 1 / T),))
    assert not found.rejected
    assert all(case.point.given == {beta: 1 / T} for case in found.cases)


def test_a_hypothesis_on_a_free_index_keeps_the_values_that_meet_it():
    ground = Eq(E[k], Minimum(E[i], (i, 1, V)))
    for case in draws(Le(E[k], c), (ground,)).cases:
        energies = case.point.values[E]
        kept = [indices[k] for indices in case.indices]
        assert all(energies[place - 1] == min(energies) for place in kept)


def test_a_hypothesis_that_nothing_meets_leaves_no_point():
    found = draws(Eq(c, c, evaluate=False), (Lt(T, -1, evaluate=False),))
    assert not found.cases and found.rejected > 100


def test_free_indices_take_every_value_at_small_sizes_and_a_sample_at_large():
    for case in draws(Eq(E[k], Sum(E[i], (i, 1, V)))).cases:
        seen = {indices[k] for indices in case.indices}
        if case.size <= 6:
            assert seen == set(range(1, case.size + 1))
        assert {1, case.size} <= seen


def test_families_are_as_long_as_the_sums_over_them():
    claim = Eq(Sum(Sum(u[i, a] * h[a], (a, 1, d)), (i, 1, V)), u[k, b] * x[k])
    for case in draws(claim).cases:
        values = case.point.values
        assert len(values[h]) == values[d] and len(values[x]) == values[V]
        assert [len(row) for row in values[u]] == [values[d]] * values[V]


def test_nested_sums_are_not_asked_for_a_thousand_states():
    nested = Eq(Sum(Sum(E[i] * E[j], (j, 1, V)), (i, 1, V)), c)
    hoisted = Eq(Sum(E[i] * Sum(E[j], (j, 1, V)), (i, 1, V)), c)
    assert max(case.size for case in draws(nested).cases) == 64
    assert max(case.size for case in draws(hoisted).cases) == 1000


def test_claims_with_kinks_and_integrals_are_looked_at_on_many_sides():
    clipped = Min(2 * T, Max(T, 1 - T_1))
    assert ball_evidence(Eq(clipped, Min(T, 1 + T_1), evaluate=False)).witness
    mixed = Integral(Sum(E[i] * exp(c * x[i]), (i, 1, V)), (c, 0, 1))
    confused = Integral(Sum(x[i] * exp(c * x[i]), (i, 1, V)), (c, 0, 1))
    assert ball_evidence(Eq(mixed, confused, evaluate=False)).witness


def test_integrals_and_derivatives_bind_what_they_bind():
    heat = Eq(Integral(Derivative(E[k] / T, T), (T, T_1, T_2)), 0)
    values = draws(heat).cases[0].point.values
    assert set(values) == {V, E, T_1, T_2, T} or set(values) == {V, E, T_1, T_2}
    assert values[T_1] != values[T_2]


def test_limits_stand_for_places_of_equality():
    at = limits({T: oo, c: oo, q: 1 / V, alpha: c * 0, E: c})
    assert at[T] == LIMIT and at[alpha] * LIMIT == 1 and at[E] == c
    case = draws(Le(E[k] / T, c), given=at).cases[0]
    assert E not in case.point.values and case.point.given[q] == 1 / V


def test_an_alias_gets_the_shape_of_what_it_stands_for():
    case = draws(Ge(Sum(q[i] * r[i], (i, 1, V)), 0), simplex(q, r), given={r: q}).cases[3]
    assert len(case.point.values[q]) == case.size and r not in case.point.values


def test_strings_are_not_numbers():
    word = Symbol("s", commutative=False)
    with pytest.raises(UnsupportedError, match="string"):
        draws(Eq(word * c, c))


def test_a_family_has_one_shape():
    with pytest.raises(UnsupportedError, match="indices"):
        draws(Eq(E[i], E[i, j]))


def test_every_claim_of_the_catalogue_about_numbers_has_points():
    known = statements()
    for statement in map(known.get, sampled(known)):
        if statement.claim is not None and statement.topic != "language":
            found = draws(statement.unfolded, statement.domain)
            assert len(found.cases) >= 5, statement.name


@pytest.mark.parametrize(
    "name",
    [
        "linear_units_of_turned_weights_eq_linear_units",
        "output_of_turned_attention_eq_output_of_attention",
        "scores_of_turned_queries_and_keys_eq_scores",
        "reads_of_rotated_stream_eq_reads",
    ],
)
def test_matrices_that_are_inverse_to_one_another_are_more_than_numbers(name):
    """At size one alone, a matrix and its transpose would be the same."""
    statement = statements()[name]
    cases = draws(statement.unfolded, statement.domain).cases
    wide = [case for case in cases if case.point.values[d] > 1]
    assert len(wide) > 8
    tables = [case.point.values[A] for case in wide]
    assert any(table != [list(row) for row in zip(*table, strict=True)] for table in tables)
