"""The prover: what it proves, what it must not prove, and what it says about definedness."""

import time
from typing import Any

import pytest
from sampled import sampled
from sympy import (
    Derivative,
    Eq,
    Function,
    Ge,
    Gt,
    Idx,
    IndexedBase,
    Integer,
    Integral,
    KroneckerDelta,
    Lambda,
    Le,
    Lt,
    Mul,
    Ne,
    Pow,
    Rational,
    Sum,
    Symbol,
    exp,
    log,
    oo,
    sign,
    sqrt,
    symbols,
    true,
)

import formal
from formal import boltzmann as boltzmann_quantities
from formal import moduli
from formal.proof.prover import Failure, Proof, prove, replay
from formal.strings import StringSum, WordSum
from formal.symbols import Maximum, Minimum
from tests.formal import textbook
from tests.formal.textbook import Entry, by, equal, normalised, over

V, d, n = symbols("V d n", integer=True, positive=True)
i, j, k, l, m = symbols("i j k l m", integer=True, positive=True)  # noqa: E741
T, T_0, T_1, T_2, beta, alpha = symbols("T T_0 T_1 T_2 beta alpha", positive=True)
c, s, t, x_0, y_0 = symbols("c s t x_0 y_0", real=True)
E: Any = IndexedBase("E", real=True)
A: Any = IndexedBase("A", real=True)
x: Any = IndexedBase("x", real=True)
v: Any = IndexedBase("v", real=True)
u: Any = IndexedBase("u", real=True)
p: Any = IndexedBase("p", positive=True)
q: Any = IndexedBase("q", positive=True)
J: Any = IndexedBase("J", positive=True)
a: Any = IndexedBase("a", positive=True)
b: Any = IndexedBase("b", positive=True)

Z = over(exp(-E[j] / T), j)
F = -T * log(Z)
Zb = over(exp(-beta * E[j]), j)
HUNDREDTH = Rational(1, 100)


def boltzmann(index):
    return exp(-E[index] / T) / Z


U = over(boltzmann(i) * E[i])
S = -over(boltzmann(i) * log(boltzmann(i)))
C = over(boltzmann(i) * (E[i] - U) ** 2) / T**2


def le(left, right):
    return Le(left, right, evaluate=False)


def lt(left, right):
    return Lt(left, right, evaluate=False)


def proved(claim, assuming=()):
    """The proof, after its certificate was replayed."""
    proof = prove(claim, assuming)
    assert isinstance(proof, Proof), proof.reason
    assert replay(proof.certificate, claim, assuming)
    return proof


def fails(claim, assuming=(), seconds=2.0):
    result = prove(claim, assuming, seconds)
    assert isinstance(result, Failure) and not result and result.reason
    return result.reason


@pytest.mark.parametrize("entry", textbook.IDENTITIES, ids=lambda entry: entry.name)
def test_textbook_identity(entry: Entry) -> None:
    proved(entry.claim, entry.assuming)


@pytest.mark.parametrize("entry", textbook.SLIPS, ids=lambda entry: entry.name)
def test_textbook_slip_is_not_proved(entry: Entry) -> None:
    fails(entry.claim, entry.assuming)


NO_PROOF = "trace_exp_sum_le_trace_of_exp_mul_exp"  # it needs the calculus of one variable


def relations() -> list[Any]:
    """Statements of the sample in the kernel's language: finite sums, no integrals."""
    found = []
    known = formal.statements()
    for name in sampled(known):
        statement = known[name]
        if statement.kind in ("identity", "inequality"):
            parts = [formal.unfold(r) for r in (statement.claim, *statement.domain)]
            finite = not any(part.has(Integral, StringSum, WordSum) for part in parts)
            if finite and name != NO_PROOF:
                found.append(pytest.param(statement, id=name))
    return found


RELATIONS = relations()


@pytest.mark.parametrize("statement", RELATIONS)
def test_catalogue_statement(statement) -> None:
    proved(statement.claim, statement.domain)


def test_what_is_said_to_have_no_proof_has_none() -> None:
    statement = formal.statements()[NO_PROOF]
    fails(statement.claim, statement.domain)


@pytest.mark.parametrize("statement", RELATIONS)
def test_catalogue_statement_moved_by_a_hundredth_is_not_proved(statement) -> None:
    """Equalities are moved; inequalities are strengthened by a hundredth of a nat or more."""
    claim = statement.claim
    if isinstance(claim, Eq):
        fails(Eq(claim.lhs, claim.rhs + HUNDREDTH, evaluate=False), statement.domain)
    elif isinstance(claim, (Le, Lt)):
        fails(le(claim.lhs + HUNDREDTH, claim.rhs), statement.domain)
    else:
        fails(le(claim.rhs + HUNDREDTH, claim.lhs), statement.domain)


# Hypotheses


def test_hypotheses_are_reported_only_if_used() -> None:
    unused = equal(over(p[i]), 1)
    needed = equal(over(q[i]), 1)
    claim = equal(over(q[i] * (E[i] + c)), over(q[i] * E[i]) + c)
    assert proved(claim, (unused, needed)).hypotheses_used == (needed,)
    fails(claim, (unused,))


def test_a_hypothesis_about_every_row() -> None:
    rows = equal(Sum(J[i, j], (j, 1, n)), 1)
    proof = proved(equal(over(p[i] * Sum(J[i, j], (j, 1, n))), over(p[i])), (rows,))
    assert proof.hypotheses_used == (rows,)


def test_a_hypothesis_is_not_used_under_a_derivative() -> None:
    fails(equal(by(over(p[i]), p[k]), 0), normalised(p))
    fails(equal(by(t**2, t), 0), (equal(t, 1),))
    fails(equal(by(over(p[i] * c), c), 0), (*normalised(p), equal(c, 2)))
    proved(equal(by(over(p[i] * c), c), 1), normalised(p))


def test_a_hypothesis_is_not_used_for_an_index_that_it_is_not_about() -> None:
    """p[k] = 0 for the k of the claim says nothing about p[i]."""
    about_k = equal(E[k], 0)
    fails(equal(over(E[i]) + E[k], 0), (about_k,))
    fails(equal(over(p[i] * E[i]) + 0 * E[k], E[k]), (about_k,))
    proved(equal(over(p[i] * E[k]), 0), (about_k,))
    proved(equal(over(E[i]), 0), (equal(E[m], 0),))  # m is not free in the claim: for all m


def test_a_hypothesis_beta_is_one_over_temperature() -> None:
    relation = equal(beta, 1 / T)
    proof = proved(equal(F, -log(Zb) / beta), (relation,))
    assert proof.hypotheses_used == (relation,)


# Index ranges


def test_a_sum_from_two_is_not_the_whole_sum() -> None:
    fails(equal(Sum(p[i], (i, 2, V)), over(p[i])))
    fails(equal(Sum(p[i], (i, 2, V)), 1), normalised(p))
    fails(equal(Sum(KroneckerDelta(i, k) * p[i], (i, 2, V)), p[k]))
    proved(equal(over(KroneckerDelta(i, k) * p[i]), p[k]))
    proved(equal(Sum(1, (i, 2, V)), V - 1))


def test_different_sizes_are_different() -> None:
    fails(equal(Sum(p[i], (i, 1, V)), Sum(p[i], (i, 1, n))))
    proved(equal(Sum(1, (i, 1, V), (j, 1, n)), V * n))


def test_bound_indices_are_renamed_and_not_captured() -> None:
    proved(equal(over(p[i] * over(E[i], i)), over(p[j], j) * over(E[k], k)))
    fails(equal(over(p[i] * over(E[j], j)), over(p[i] * E[i])))
    captured = over(p[i] * E[k])
    proved(equal(captured, E[k] * over(p[j], j)))
    fails(equal(captured, over(p[k] * E[k], k)))


def test_free_indices_are_not_confused() -> None:
    fails(equal(p[k], p[l]))
    fails(equal(by(log(over(exp(x[i]))), x[k]), exp(x[l]) / over(exp(x[i]))))
    proved(equal(KroneckerDelta(k, l) * p[k], KroneckerDelta(k, l) * p[l]))


def test_the_extremum_of_a_part_is_not_that_of_the_whole() -> None:
    fails(equal(Minimum(E[i], (i, 1, 2)), Minimum(E[i], (i, 1, 3))))
    fails(equal(Maximum(E[i], (i, 1, V)), Maximum(E[i], (i, 1, n))))
    proved(equal(Minimum(E[i], (i, 1, V)), Minimum(E[j], (j, 1, V))))


def test_the_variable_of_a_derivative_is_not_captured() -> None:
    slope = [by(log(over(exp(x[m]), m)), x[index]) for index in (i, j)]
    claimed = moduli.mean(q, Lambda(j, E[j] * slope[0]))
    proved(equal(claimed, slope[0] * over(q[j] * E[j], j)))
    fails(equal(claimed, over(q[j] * E[j] * slope[1], j)))


def test_matrices_are_not_transposed() -> None:
    fails(equal(over(over(u[i, j] * v[i], j)), over(over(u[j, i] * v[i], j))))
    proved(equal(over(over(u[i, j] * v[i], j)), over(over(u[j, i] * v[j], j))))
    proved(equal(over(over(u[i, j] * v[i] * x[j], j)), over(v[j] * over(u[j, i] * x[i]), j)))


# Definedness


def test_definedness_is_discharged_or_printed() -> None:
    assert not proved(equal(log(T * T_0), log(T) + log(T_0))).definedness
    (condition,) = proved(equal((T**2 - T_0**2) / (T - T_0), T + T_0)).definedness
    assert condition.kind == "nonzero"
    (words,) = proved(equal((T**2 - T_0**2) / (T - T_0), T + T_0)).where
    assert words in ("T - T_0 is nonzero", "-T_0 + T is nonzero")
    assumed = Ne(T, T_0)
    proof = proved(equal((T**2 - T_0**2) / (T - T_0), T + T_0), (assumed,))
    assert not proof.definedness and proof.hypotheses_used == (assumed,)


def test_a_definition_is_written_out_before_anything_is_cancelled() -> None:
    """The entropy times its inverse is one where the entropy is not zero, and only there."""
    quotient = Mul(S, Pow(S, -1, evaluate=False), evaluate=False)
    (condition,) = proved(equal(quotient, 1)).definedness
    assert condition.kind == "nonzero"
    assert not proved(equal(quotient, 1), (Ne(S, 0),)).definedness
    reason = fails(equal(Mul(0, Pow(S, -1), evaluate=False), 0))
    assert "hides whether they are defined" in reason


def test_logarithms_of_unknown_sign_are_split_only_where_the_claim_says_so() -> None:
    """ln(s t) = ln s + ln t is a claim about positive s and t, and prints that."""
    proof = proved(equal(log(s * t), log(s) + log(t)))
    kinds = {condition.kind for condition in proof.definedness}
    assert kinds == {"positive"} and len(proof.definedness) == 3
    fails(equal(log(Pow(s, 2)), 2 * log(-s) + c))
    fails(equal(sqrt(Pow(s, 2, evaluate=False)) + c, s + c))


def test_a_claim_that_is_nowhere_defined_is_refused() -> None:
    hidden = over(p[i] + q[i]) - over(p[i]) - over(q[i])
    assert "not defined" in fails(equal(1 / hidden, 7)) or "denominator" in fails(
        equal(1 / hidden, 7)
    )
    fails(equal(log(hidden), log(hidden)))


def test_a_denominator_that_a_hypothesis_makes_zero_is_refused() -> None:
    fails(equal((over(p[i]) - 1) / (over(p[i]) - 1), 2), normalised(p))


# Inequalities: proved, and not proved when a hundredth stronger


F_NEQ = over(q[i] * E[i]) + T * over(q[i] * log(q[i]))
MEAN_A, MEAN_X = over(p[i] * A[i]), over(p[i] * x[i])
INEQUALITIES = [
    ("Gibbs", over(q[i] * log(p[i])), over(q[i] * log(q[i])), normalised(p, q)),
    ("variational", F, F_NEQ, normalised(q)),
    (
        "Donsker-Varadhan",
        over(q[i] * x[i]) - over(q[i] * log(q[i] / p[i])),
        log(over(p[i] * exp(x[i]))),
        normalised(p, q),
    ),
    ("Jensen for exp", over(p[i] * x[i]), log(over(p[i] * exp(x[i]))), normalised(p)),
    ("entropy from below", 0, S, ()),
    ("entropy from above", S, log(V), ()),
    ("ground energy", Minimum(E[i], (i, 1, V)), U, ()),
    ("greatest energy", U, Maximum(E[i], (i, 1, V)), ()),
    ("free energy of one state", F, E[k], ()),
    ("heat capacity", 0, C, ()),
    ("convexity of ln Z", 0, by(log(Zb), (beta, 2)), ()),
    ("free energy falls", by(F, T), 0, ()),
    ("log-sum", over(a[i]) * log(over(a[i]) / over(b[i])), over(a[i] * log(a[i] / b[i])), ()),
    ("Cauchy-Schwarz", over(x[i] * v[i]) ** 2, over(x[i] ** 2) * over(v[i] ** 2), ()),
    ("variance", over(p[i] * x[i]) ** 2, over(p[i] * x[i] ** 2), normalised(p)),
    (
        "Bogoliubov",
        F,
        -T * log(over(exp(-A[i] / T)))
        + over(exp(-A[i] / T) * (E[i] - A[i])) / over(exp(-A[i] / T)),
        (),
    ),
    ("collision probability", over(p[i] ** 2), 1, normalised(p)),
    ("mean above a bound", m * 0 + c, over(q[i] * E[i]), (*normalised(q), le(c, E[i]))),
    ("one square", 2 * s * t, s**2 + t**2, ()),
]


@pytest.mark.parametrize(
    ("name", "left", "right", "assuming"), INEQUALITIES, ids=[entry[0] for entry in INEQUALITIES]
)
def test_inequality(name, left, right, assuming) -> None:
    proved(le(left, right), assuming)


@pytest.mark.parametrize(
    ("name", "left", "right", "assuming"), INEQUALITIES, ids=[entry[0] for entry in INEQUALITIES]
)
def test_inequality_a_hundredth_stronger_is_not_proved(name, left, right, assuming) -> None:
    fails(le(left + HUNDREDTH, right), assuming)


@pytest.mark.parametrize(
    ("name", "left", "right", "assuming"), INEQUALITIES, ids=[entry[0] for entry in INEQUALITIES]
)
def test_inequality_reversed_is_not_proved(name, left, right, assuming) -> None:
    fails(le(right, left), assuming)


def test_strict_inequalities_need_a_positive_display() -> None:
    proved(lt(0, Z))
    fails(lt(0, C))  # equal energies
    fails(lt(0, over(E[i] ** 2)))


def test_greater_is_smaller_the_other_way() -> None:
    proved(Ge(C, 0, evaluate=False))
    proved(Gt(Z, 0, evaluate=False))
    fails(Ge(0, C, evaluate=False))


def test_without_its_hypothesis_an_inequality_is_not_proved() -> None:
    fails(le(c, over(q[i] * E[i])), normalised(q))
    fails(le(over(p[i] ** 2), 1))


# Bad input

PLAIN, COUNT = Symbol("i"), Symbol("n", integer=True, nonnegative=True)


@pytest.mark.parametrize(
    ("claim", "why"),
    [
        (true, "already evaluated"),
        (Z, "expected a relation"),
        ("p = q", "expected a relation"),
        (equal(sign(s), s), "sign"),
        (equal(Function("f")(s), s), "no definition"),
        (equal(Symbol("__import__('os')"), s), "name"),
        (equal(Symbol("a b"), s), "name"),
        (equal(Pow(9, Pow(9, 9, evaluate=False), evaluate=False), s), "large|supported"),
        (equal(Pow(s + t, 10**9), s), "large|left"),
        (equal(Integer(10) ** 100, s), "digits"),
        (equal(Sum(p[i], (i, 1, oo)), s), "end at"),
        (equal(Sum(p[i], (i, 0, V)), s), "start at"),
        (equal(Sum(p[i + 1], (i, 1, V)), s), "index"),
        (equal(Symbol("z"), Symbol("z", positive=True)), "two different symbols"),
        (equal(Minimum(u[i, j], (j, 1, V)) * p[i], s), "left|extremum"),
        (equal(over(Minimum(u[i, j], (j, 1, V))), s), "extremum"),
        (equal(Derivative(Minimum(E[i], (i, 1, V)), E[k]), 0), "extremum"),
        (equal(Symbol("w", imaginary=True), s), "real"),
        (equal(p[i] + over(p[i]), p[PLAIN] + Sum(p[PLAIN], (PLAIN, 1, V))), "two different"),
        (Gt(COUNT * p[COUNT], 0, evaluate=False), "at least 1"),
        (Ge(Minimum(1 / E[i], (i, 1, V)) ** 2, 0, evaluate=False), "defined at every index"),
        (Ne(s, t), "equality or an inequality"),
        (equal(Sum(Sum(1, (i, 1, k)), (k, 1, V)), V * k), "index of one sum"),
        (equal(Sum(1, (i, 1, k), (k, 1, V)), V * k), "index of one sum"),
        (Gt(s + KroneckerDelta(s, t), 0), "not an integer"),
        (Ge(log(T) + Sum(1, (i, 1, T)), 0), "end at an integer"),
        (equal(over(KroneckerDelta(i, k, (1, 2)) * p[i]), p[k]), "range of its own"),
        (equal(Pow(s + t, 60), s), "multiplied out"),
        (equal(boltzmann_quantities.free_energy(E, Integer(0)), 0), "not defined at T = 0"),
        (equal(boltzmann_quantities.entropy(E, -T), s), "not defined at T = -T"),
        (equal(boltzmann_quantities.free_energy(E, oo), s), "not defined at T = oo"),
    ],
)
def test_bad_input_says_what_is_wrong(claim, why) -> None:
    import re

    assert re.search(why, fails(claim)), fails(claim)


def test_a_deep_expression_is_refused_quickly() -> None:
    deep = s
    for _ in range(10_000):
        deep = Pow(deep, 2, evaluate=False) + 1
    started = time.monotonic()
    assert "nested" in fails(equal(deep, s))
    assert time.monotonic() - started < 5


def test_the_time_budget_is_kept() -> None:
    started = time.monotonic()
    fails(le(over(p[i] * x[i] ** 4) ** 3, over(p[i] * x[i] ** 2) ** 6 * log(Z) + over(q[i]) ** 7))
    assert time.monotonic() - started < 12


def test_two_proofs_are_the_same() -> None:
    claim = equal(F, U - T * S)
    assert proved(claim).certificate == proved(claim).certificate


def test_idx_objects_are_indices() -> None:
    proved(equal(Sum(p[Idx("i")], (Idx("i"), 1, V)), over(p[j], j)))
