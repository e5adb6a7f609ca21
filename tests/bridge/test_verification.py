import pytest
from sympy import Derivative, Eq, IndexedBase, Le, Sum, Symbol, exp, log, true

from bridge import Evidence, Status, Verdict, verify
from bridge.verification import UnknownStatementError
from formal import ClaimError, statements
from formal.boltzmann import E, F, S, T, U
from formal.symbols import V, i, j, q

FREE_ENERGY = "free_energy_eq_internal_energy_sub_temperature_mul_entropy"


def test_a_statement_by_name_or_by_itself():
    assert verify(FREE_ENERGY, oracles=("kernel",)).status is Status.PROVED
    assert verify(statements()[FREE_ENERGY], oracles=("kernel",)).status is Status.PROVED


def test_a_relation_of_ones_own():
    x = IndexedBase("x", real=True)
    softmax_sums_to_one = Eq(
        Sum(exp(x[i]) / Sum(exp(x[j]), (j, 1, V)), (i, 1, V)), 1, evaluate=False
    )
    verdict = verify(softmax_sums_to_one)
    assert verdict.status is Status.PROVED
    assert [row.oracle for row in verdict.evidence] == ["kernel", "exact", "balls"]


def test_a_wrong_relation_comes_with_a_witness():
    verdict = verify(Eq(S, Derivative(F, T), evaluate=False))
    assert verdict.status is Status.REFUTED and not verdict
    assert verdict.witness and "left" in verdict.witness
    assert "REFUTED" in verdict.explain() and "witness" in verdict.explain()


def test_hypotheses_are_used_and_reported():
    log_sum = -Sum(q[i] * log(q[i]), (i, 1, V))
    claim = Le(log_sum, log(V), evaluate=False)
    normalized = Eq(Sum(q[i], (i, 1, V)), 1, evaluate=False)
    verdict = verify(claim, [normalized], oracles=("kernel", "balls"))
    assert verdict.status is Status.PROVED
    assert verdict.evidence[0].data["hypotheses_used"]
    assert verify(claim, oracles=("kernel", "balls")).status is Status.REFUTED


def test_a_relation_that_sympy_has_decided_is_refused():
    positive = Symbol("S", nonnegative=True)
    with pytest.raises(ClaimError, match="already decided"):
        verify(Le(0, positive))
    with pytest.raises(ClaimError, match="already decided"):
        verify(true)


def test_what_is_no_claim_is_refused():
    with pytest.raises(ClaimError, match="expected a statement"):
        verify(F + U)
    with pytest.raises(UnknownStatementError):
        verify("no_such_statement")
    with pytest.raises(ValueError, match="expected oracles among"):
        verify(FREE_ENERGY, oracles=("oracle of Delphi",))


def test_an_undefined_claim_is_undefined():
    undefined = Eq(log(-Sum(exp(E[i]), (i, 1, V))), 0, evaluate=False)
    assert verify(undefined, oracles=("balls",)).status is Status.UNDEFINED


def test_no_check_is_no_pass():
    assert verify(FREE_ENERGY, oracles=()).status is Status.UNKNOWN


def test_a_notion_stands_by_its_consequences():
    verdict = verify("moduli_space")
    assert verdict.status is Status.SUPPORTED
    assert verdict.evidence[0].oracle == "cited"


def test_the_worst_finding_outweighs_a_proof():
    rows = (
        Evidence("kernel", Status.PROVED, ""),
        Evidence("property", Status.REFUTED, "", witness={"x": 1}),
    )
    assert Verdict.of("claim", rows).status is Status.REFUTED
    unknown = (Evidence("kernel", Status.UNKNOWN, ""), Evidence("balls", Status.SUPPORTED, ""))
    assert Verdict.of("claim", unknown).status is Status.SUPPORTED


def test_notebooks_show_verdicts():
    verdict = verify(FREE_ENERGY, oracles=("kernel",))
    assert "PROVED" in verdict._repr_html_() and "F = U" in verdict._repr_latex_()
    assert r"$\displaystyle F = U" in verdict._repr_html_()
    assert "$" not in Verdict("claim", Status.UNKNOWN)._repr_html_()
