"""Qubits by components: the algebra agrees with matrices, and wrong claims are not proved."""

from random import Random

import pytest
from sympy import Derivative, Eq, I, ImmutableMatrix, Rational, eye, simplify, zeros

from formal import Proof, bures, pauli, prove, qubits, relativity
from formal.statement import Statement

SIGMA = (
    eye(2),
    ImmutableMatrix([[0, 1], [1, 0]]),
    ImmutableMatrix([[0, -I], [I, 0]]),
    ImmutableMatrix([[1, 0], [0, -1]]),
)


def matrix(m):
    terms = (s * (x + I * y) for s, x, y in zip(SIGMA, m.real, m.imaginary, strict=True))
    return sum(terms, zeros(2))


@pytest.fixture
def pair():
    draw = Random(3)
    numbers = lambda: tuple(Rational(draw.randint(-9, 9), 7) for _ in range(4))  # noqa: E731
    return pauli.Matrix(numbers(), numbers()), pauli.Matrix(numbers(), numbers())


def test_the_algebra_is_that_of_matrices(pair):
    left, right = pair
    assert simplify(matrix(left @ right) - matrix(left) * matrix(right)) == zeros(2)
    assert simplify(matrix(left.adjoint) - matrix(left).H) == zeros(2)
    assert simplify(matrix(left - right) - matrix(left) + matrix(right)) == zeros(2)
    real, imaginary = left.trace
    assert simplify(real + I * imaginary - matrix(left).trace()) == 0


def test_the_root_of_a_state_is_its_root():
    point = {w: Rational(n, 3) for w, n in zip(qubits.W, (2, -1, 2), strict=True)}
    root, state = (
        matrix(m.mapped(lambda e: e.xreplace(point))) for m in (qubits.ROOT, qubits.STATE)
    )
    assert simplify(root * root - state) == zeros(2)
    assert simplify(state.trace()) == 1 and root.trace() > 0


WRONG = {  # statement: what its right side is multiplied by
    qubits.curvature_of_uhlmann_form_eq_four_area_in_bures_frame: -1,
    qubits.uhlmann_equation_of_qubit: 2,
    qubits.curvature_of_uhlmann_form_of_root_eq_four_area: -1,
    qubits.transport_map_moves_state_to_state: Rational(1, 2),
    qubits.mean_of_transport_around_triangle_eq_its_closed_form: -1,
    qubits.cosine_of_holonomy_of_triangle_eq_its_closed_form: 2,
    bures.dittmann_form_of_bures_metric_of_qutrit_eq_bures_metric: 2,
    relativity.curvature_of_thomas_form_eq_neg_area: -1,
    relativity.fidelity_eq_one_add_relative_lorentz_factor_div_lorentz_factors: 2,
    relativity.thomas_form_eq_lorentz_factor_mul_uhlmann_form: 2,
}


@pytest.mark.parametrize("statement", WRONG, ids=lambda s: s.name)
def test_signs_and_factors_matter(statement: Statement):
    claim = statement.claim
    assert isinstance(prove(claim, statement.domain), Proof)
    assert not prove(Eq(claim.lhs, WRONG[statement] * claim.rhs), statement.domain)


def test_torsion_is_seen():
    claim = qubits.torsion_of_uhlmann_form_eq_zero.claim
    assert isinstance(prove(claim), Proof)
    doubled = claim.lhs.args[0] + 2 * claim.lhs.args[1]
    assert not prove(Eq(doubled, 0))


def test_without_the_connection_curvature_changes():
    """Derivatives alone, without what the connection turns, do not add up to nothing."""
    claim = qubits.cyclic_covariant_derivatives_of_curvature_eq_zero.claim
    slopes = [part for part in claim.lhs.args if part.has(Derivative)]
    assert len(slopes) == 3 and not prove(Eq(sum(slopes), 0))
