"""Claims over two indices: sizes vary on their own, joint and conditional laws are normalized."""

from typing import Any

import pytest
import torch
from sympy import Eq, Ge, Le, Sum, log

from bridge import Status
from bridge.arrays import Evaluation
from bridge.ball_oracle import ball_evidence
from bridge.domain import Domain
from bridge.points import draws
from bridge.property_oracle import property_evidence
from bridge.roles import normalized
from bridge.strategies import Recipe, assign
from bridge.tightness import tighten
from formal.mixtures import ROWS, WEIGHTS, jensen_shannon, mean_entropy, mixed
from formal.moduli import shannon_entropy
from formal.sequences import (
    CHANNEL,
    conditional_entropy,
    conditional_mean,
    first,
    first_marginal,
    joint,
    joint_entropy,
    joint_mean,
    joint_variance,
    mutual_information,
    second_entropy,
    sure,
    variances,
)
from formal.statement import family
from formal.symbols import J, K, N, V, c, i, j, mu, n, q, r, u


def equal(left: Any, right: Any) -> Any:
    """An equality that SymPy leaves alone."""
    return Eq(left, right, evaluate=False)


def batch(claim, assuming, states=5, seed=3, rows=6):
    recipe = Recipe(states, ("normal", "ties"), seed, rows)
    return assign(Domain(claim, assuming), recipe, torch.float64)


def test_what_is_normalized_over_which_places():
    assert normalized(joint(J)[0]) == (J, (0, 1))
    assert normalized(CHANNEL[0]) == (K, (1,))
    assert normalized(equal(1, Sum(q[j], (j, 1, N)))) == (q, (0,))
    for other in (
        equal(Sum(q[i], (i, 1, V)), 2),
        equal(Sum(q[i], (i, 2, V)), 1),
        equal(Sum(q[i] ** 2, (i, 1, V)), 1),
        equal(Sum(J[i, i], (i, 1, V)), 1),
        Le(Sum(q[i], (i, 1, V)), 1, evaluate=False),
    ):
        assert normalized(other) is None


def test_points_are_joint_and_conditional_laws_of_every_shape():
    claim = Le(Sum(Sum(J[i, j] * K[i, j], (j, 1, N)), (i, 1, V)), Sum(r[j], (j, 1, n)))
    cases = draws(claim, joint(J) + CHANNEL).cases
    shapes = {(case.point.values[V], case.point.values[N]) for case in cases}
    assert any(v < m for v, m in shapes) and any(v > m for v, m in shapes)
    assert any(case.point.values[n] != case.point.values[N] for case in cases)
    for case in cases:
        assert sum(map(sum, case.point.values[J])) == 1
        assert all(sum(row) == 1 for row in case.point.values[K])


def test_batches_are_joint_and_conditional_laws_of_every_shape():
    claim = Le(Sum(Sum(J[i, j] * K[i, j], (j, 1, N)), (i, 1, V)), Sum(r[j], (j, 1, n)))
    drawn = [batch(claim, joint(J) + CHANNEL, seed=seed) for seed in range(12)]
    sizes = [(at.sizes[V], at.sizes[N], at.sizes[n]) for at in drawn]
    assert len(set(sizes)) > 6 and any(a != b for _, a, b in sizes)
    for at in drawn:
        ones = torch.ones(at.rows, dtype=torch.float64)
        assert at.families[J].shape == (at.rows, at.sizes[V], at.sizes[N])
        assert torch.allclose(at.families[J].sum((1, 2)), ones)
        assert torch.allclose(at.families[K].sum(2), ones.unsqueeze(1))


H_1, H_12 = shannon_entropy(first), joint_entropy(J)


@pytest.mark.parametrize(
    ("wrong", "assuming"),
    [
        (equal(H_12, H_1 + second_entropy(J)), joint(J)),
        (equal(mutual_information(J), H_1 - conditional_entropy(J)), joint(J)),
        (Le(second_entropy(J), conditional_entropy(J), evaluate=False), joint(J)),
        (Le(joint_entropy(J), log(V), evaluate=False), joint(J)),
        (Ge(mean_entropy(K, mu), shannon_entropy(mixed), evaluate=False), WEIGHTS + ROWS),
        (Ge(jensen_shannon(K, mu), log(N), evaluate=False), WEIGHTS + ROWS),
        (
            equal(joint_variance(J, u), Sum(first_marginal(J, i) * variances.expr, (i, 1, V))),
            joint(J),
        ),
        (
            equal(joint_mean(J, u), Sum(conditional_mean(J, u, i), (i, 1, V)) / V),
            joint(J),
        ),
    ],
    ids=[
        "entropies add",
        "the other entropy",
        "conditioning adds",
        "one vocabulary for two",
        "entropy is convex",
        "models agree on nothing",
        "variance explained is lost",
        "tower without weights",
    ],
)
def test_slips_over_two_indices_are_refuted(wrong, assuming):
    found = ball_evidence(wrong, assuming)
    assert found.status is Status.REFUTED and found.witness is not None, found
    assert int(found.witness["V"]) <= 3
    assert property_evidence(wrong, assuming, examples=32).status is Status.REFUTED


def test_code_is_not_asked_for_the_entropy_of_what_sums_to_something_else():
    """The chain rule needs no normalization; the code for entropies does."""
    claim = equal(H_12, H_1 + conditional_entropy(J))
    assert property_evidence(claim, examples=32).status is Status.SUPPORTED
    doubled = shannon_entropy(family(lambda i: 2 * first_marginal(J, i)))
    at = batch(equal(doubled, H_1), joint(J))
    found, alone = Evaluation(at)(doubled).value, Evaluation(at)(H_1).value
    assert torch.allclose(found, 2 * alone - 2 * torch.log(torch.tensor(2.0)))


def test_a_second_hypothesis_on_a_family_is_not_taken_for_granted():
    """Rows are drawn normalized; that columns are as well is not met by any row of inputs."""
    columns = equal(Sum(K[i, j], (i, 1, V)), 1)
    claim = equal(Sum(Sum(K[i, j], (j, 1, N)), (i, 1, V)), N)
    assert property_evidence(claim, CHANNEL, examples=32).status is Status.REFUTED
    both = property_evidence(claim, (*CHANNEL, columns), examples=32)
    assert both.status is not Status.REFUTED


def test_a_place_of_equality_may_have_two_indices():
    claim = Ge(conditional_entropy(J), 0, evaluate=False)
    at = tighten(batch(claim, joint(J)), {J: sure, c: 5})
    first_column = at.families[J][:, :, 0]
    rest = torch.tensor(5.0).neg().exp().double() * (at.sizes[N] - 1)
    assert torch.allclose(first_column, 1 / (at.sizes[V] * (1 + rest)) + 0 * first_column)
    assert torch.allclose(at.logarithms[J].exp(), at.families[J])
    assert torch.allclose(at.families[J].sum((1, 2)), torch.ones(at.rows).double())


def test_tables_of_a_model():
    from bridge.model_oracle import ModelOracle
    from bridge.sample import Sample

    torch.manual_seed(0)
    sample = Sample(
        "made up", {}, ["a"] * 9, ["b"] * 9, [1] * 9, torch.randn(9, 20), None, None, 9
    )
    right = equal(H_12, H_1 + conditional_entropy(J))
    assert ModelOracle(sample).evidence(right, joint(J)).status is Status.SUPPORTED
    wrong = equal(H_12, H_1 + second_entropy(J))
    assert ModelOracle(sample).evidence(wrong, joint(J)).status is Status.REFUTED
