"""The kernel: every rule has a side condition, and every side condition stops a falsehood.

Each test plants the step that would prove something false if its side condition were missing,
next to the honest step, so that the refusal is of the falsehood and not of the rule.
"""

import ast
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest

from formal.proof import kernel
from formal.proof.calculus import derivative
from formal.proof.conditions import Condition, Relation, obligations
from formal.proof.field import is_zero
from formal.proof.kernel import Claim, Derivation, rewrite
from formal.proof.sign import sign
from formal.proof.terms import (
    MINUS_ONE,
    ONE,
    ZERO,
    ProofError,
    Term,
    add,
    bind,
    exp,
    mul,
    number,
    power,
    subtract,
)

I, J, K = (Term("idx", name, 1, "V") for name in ("#1", "#2", "k"))  # noqa: E741
FROM_TWO = Term("idx", "#1", 2, "V")
X, Y = Term("sym", "x", "real"), Term("sym", "y", "real")
T, B = Term("sym", "T", "positive"), Term("sym", "b", "positive")
BOUND = Term("var", 0)
SIZE = Term("size", "V")
HALF = number(Fraction(1, 2))


def p(index: Term) -> Term:
    return Term("arr", "p", "positive", index)


def e(index: Term) -> Term:
    return Term("arr", "E", "real", index)


def delta(left: Term, right: Term) -> Term:
    return Term("delta", *sorted((left, right)))


def log(term: Term) -> Term:
    return Term("log", term)


def total(summand: Term, index: Term = I) -> Term:
    return bind("sum", index, summand)


def proof(*hypotheses: Relation, left: Term = ZERO, right: Term = ZERO) -> Derivation:
    return Derivation(Claim(Relation("Eq", left, right), hypotheses))


NORMALISED = Relation("Eq", total(p(I)), ONE)


def refused(step: Callable[[], object], why: str) -> None:
    with pytest.raises(ProofError, match=why):
        step()


def test_lin_pulls_out_what_is_free_of_the_index() -> None:
    after = proof().step("lin", total(mul(X, p(I))), (X, p(BOUND)))
    assert after == mul(X, total(p(I)))


def test_lin_refuses_a_factor_with_the_index() -> None:
    refused(lambda: proof().step("lin", total(mul(e(I), p(I))), (e(BOUND), p(BOUND))), "index")


def test_lin_refuses_another_summand() -> None:
    refused(lambda: proof().step("lin", total(p(I)), (ONE, e(BOUND))), "combination")


def test_lin_counts_the_values_of_the_index() -> None:
    assert proof().step("lin", total(ONE), (ONE, ONE)) == SIZE
    counted = proof().step("lin", bind("sum", FROM_TWO, ONE), (ONE, ONE))
    assert is_zero(subtract(counted, subtract(SIZE, ONE)))


def test_kron_contracts_within_the_range() -> None:
    assert proof().step("kron", total(mul(delta(I, K), p(I))), K, p(BOUND)) == p(K)


def test_kron_refuses_an_index_outside_the_range() -> None:
    """Sum over 2..V of delta(i, k) p(i) is not p(k): k may be 1."""
    short = bind("sum", FROM_TWO, mul(delta(FROM_TWO, K), p(FROM_TWO)))
    refused(lambda: proof().step("kron", short, K, p(BOUND)), "range")


def test_kron_refuses_the_index_of_another_size() -> None:
    other = Term("idx", "k", 1, "n")
    refused(
        lambda: proof().step("kron", total(mul(delta(I, other), p(I))), other, p(BOUND)), "range"
    )


def test_fubini_exchanges_sums() -> None:
    a = Term("arr", "A", "real", I, J)
    first = total(total(mul(a, p(I)), J), I)
    second = total(total(mul(a, p(I)), I), J)
    assert proof().step("fubini", first, second, (1, 0)) == second


def test_fubini_refuses_to_transpose() -> None:
    a, b = Term("arr", "A", "real", I, J), Term("arr", "A", "real", J, I)
    first, second = total(total(mul(a, p(I)), J), I), total(total(mul(b, p(I)), J), I)
    for order in ((0, 1), (1, 0)):
        refused(lambda order=order: proof().step("fubini", first, second, order), "summands")


def test_fubini_refuses_to_exchange_different_ranges() -> None:
    tokens, places = Term("idx", "#1", 1, "V"), Term("idx", "#2", 1, "n")
    first = total(total(mul(p(tokens), e(places)), places), tokens)
    second = total(total(mul(e(tokens), p(places)), places), tokens)
    for order in ((0, 1), (1, 0)):
        refused(lambda order=order: proof().step("fubini", first, second, order), "ranges|summ")


def test_a_power_of_a_sum_is_not_the_sum_of_powers() -> None:
    squared, of_squares = power(total(e(I)), number(2)), total(power(e(I), number(2)))
    refused(lambda: proof().step("fubini", squared, of_squares, (0,)), "reordering")
    assert not is_zero(subtract(squared, of_squares))


def test_delta_lets_indices_agree_only_where_it_stands() -> None:
    other = Term("idx", "l", 1, "V")
    d = delta(K, other)
    assert proof().step("delta", mul(d, p(K)), mul(d, p(other)), K, other) == mul(d, p(other))
    refused(lambda: proof().step("delta", p(K), p(other), K, other), "multiplied")


def test_log_needs_positive_factors() -> None:
    assert proof().step("log", log(mul(T, B)), ZERO, *sorted([(ONE, T), (ONE, B)])) == add(
        log(T), log(B)
    )
    refused(lambda: proof().step("log", log(mul(X, Y)), ZERO, (ONE, X), (ONE, Y)), "positive")


def test_log_of_a_square_is_not_twice_the_log() -> None:
    refused(
        lambda: proof().step("log", log(power(X, number(2))), ZERO, (number(2), X)), "positive"
    )


def test_log_refuses_another_product() -> None:
    refused(
        lambda: proof().step("log", log(add(T, B)), ZERO, *sorted([(ONE, T), (ONE, B)])), "product"
    )


def test_pow_needs_a_positive_base() -> None:
    assert proof().step("pow", Term("pow", T, X)) == exp(mul(X, log(T)))
    refused(lambda: proof().step("pow", Term("pow", Y, X)), "positive")


def test_explog_needs_a_positive_base() -> None:
    inside = add(X, mul(number(2), log(T)))
    assert is_zero(
        subtract(
            proof().step("explog", exp(inside), number(2), T, X), mul(power(T, number(2)), exp(X))
        )
    )
    refused(lambda: proof().step("explog", exp(log(Y)), ONE, Y, ZERO), "positive")
    refused(lambda: proof().step("explog", exp(inside), ONE, T, X), "exponent")


def test_diff_does_not_capture_the_index() -> None:
    """d/dp[k] of Sum p[i]^2 is 2 p[k], not 0 and not 2 Sum p[i]."""
    square = total(power(p(I), number(2)))
    after = proof().step("diff", Term("diff", square, p(K)))
    at_k = total(mul(number(2), p(I), delta(I, K)))
    assert is_zero(subtract(after, at_k))
    opened = derivative(square, p(I))
    assert I in opened.indices and opened.op == "sum"


def test_axiom_uses_a_hypothesis() -> None:
    assert proof(NORMALISED).step("axiom", total(p(I)), ONE, 0, ONE) == ONE
    refused(lambda: proof(NORMALISED).step("axiom", total(p(I)), number(2), 0, ONE), "else")
    refused(lambda: proof(NORMALISED).step("axiom", total(p(I)), X, 0, ZERO), "other than 0")
    refused(lambda: proof(NORMALISED).step("axiom", total(p(I)), ONE, 1, ONE), "no hypothesis")


def test_axiom_refuses_an_inequality() -> None:
    refused(lambda: proof(Relation("Le", X, ONE)).step("axiom", X, ONE, 0, ONE), "equality")


def test_axiom_instantiates_universal_indices_within_their_range_only() -> None:
    rows = Relation("Eq", p(I), T)
    assert proof(rows).step("axiom", p(K), T, 0, ONE, K) == T
    outside = Term("idx", "a", 1, "d")
    refused(lambda: proof(rows).step("axiom", p(outside), T, 0, ONE, outside), "range")


def test_axiom_about_one_index_says_nothing_about_others() -> None:
    one = Relation("Eq", p(K), ZERO)
    refused(lambda: proof(one).step("axiom", p(J), ZERO, 0, ONE, J), "range")
    refused(lambda: proof(one).step("axiom", p(J), ZERO, 0, ONE), "else")


def test_an_axiom_is_not_applied_below_a_derivative() -> None:
    """With Sum p = 1 assumed, d(Sum p)/dp[k] is 1 and not 0."""
    derivation = proof(NORMALISED)
    derivation.step("axiom", total(p(I)), ONE, 0, ONE)
    inside = Term("diff", total(p(I)), p(K))
    assert derivation.rewritten(add(total(p(I)), inside)) == add(ONE, inside)


def test_a_hypothesis_on_the_variable_is_not_applied_below_a_derivative() -> None:
    derivation = proof(Relation("Eq", X, Y))
    derivation.step("axiom", X, Y, 0, ONE)
    inside = Term("diff", power(X, number(2)), X)
    assert derivation.rewritten(inside) == inside


def test_field_is_equality_of_rational_functions() -> None:
    square = power(add(X, Y), number(2))
    wide = add(power(X, number(2)), power(Y, number(2)), mul(number(2), X, Y))
    assert proof().step("field", square, wide) == wide
    refused(lambda: proof().step("field", square, add(wide, ONE)), "rational")


def test_field_refuses_a_new_denominator_that_may_vanish() -> None:
    refused(lambda: proof().step("field", ONE, mul(X, power(X, MINUS_ONE))), "nonzero")
    positive = mul(T, power(T, MINUS_ONE))
    assert proof().step("field", ONE, positive) == positive


def test_the_root_of_a_square_is_not_the_base() -> None:
    root = power(power(X, number(2)), HALF)
    assert not is_zero(subtract(root, X))
    assert is_zero(subtract(power(power(T, number(2)), HALF), T))


def test_zero_to_a_negative_power_is_refused() -> None:
    refused(lambda: is_zero(power(subtract(X, X), MINUS_ONE)), "denominator")


def test_a_claim_with_a_hidden_zero_denominator_is_undefined() -> None:
    """1 / (Sum (p + p) - 2 Sum p) is nowhere defined, whatever it is said to equal."""
    doubled = total(add(p(I), p(I)))
    hidden = power(subtract(doubled, mul(number(2), total(p(I)))), MINUS_ONE)
    derivation = proof(left=hidden, right=hidden)
    derivation.step("lin", doubled, (number(2), p(BOUND)))
    refused(derivation.proves, "denominator|not defined")


def test_definedness_is_discharged_or_recorded() -> None:
    derivation = proof(left=add(log(T), log(X), power(subtract(X, Y), MINUS_ONE)))
    assert Condition("positive", X) in derivation.conditions
    assert Condition("nonzero", subtract(X, Y)) in derivation.conditions
    assert Condition("positive", T) not in derivation.conditions
    known = proof(Relation("Lt", ZERO, X), left=log(X))
    assert not known.conditions and known.used == {0}


def test_a_root_must_be_differentiable() -> None:
    kinds = {c.kind for c in obligations(Term("diff", power(X, HALF), X))}
    assert "positive" in kinds


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        (add(T, B), 2),
        (subtract(T, B), 0),
        (power(X, number(2)), 1),
        (power(X, number(3)), 0),
        (power(X, number(-2)), 2),
        (exp(X), 2),
        (total(p(I)), 2),
        (bind("sum", FROM_TWO, p(FROM_TWO)), 1),
        (log(SIZE), 1),
        (log(add(ONE, T)), 2),
        (log(T), 0),
        (mul(MINUS_ONE, T), -2),
        (mul(X, X), 0),
        (delta(I, K), 1),
    ],
)
def test_sign_is_read_off_shapes(term: Term, expected: int) -> None:
    assert sign(term) == expected


def test_names_are_nonnegative_only_under_their_side_conditions() -> None:
    assert proof().step("unfold", Term("gap", T)) == add(T, MINUS_ONE, mul(MINUS_ONE, log(T)))
    refused(lambda: proof().step("unfold", Term("gap", X)), "positive")
    assert proof().step("unfold", Term("above", total(p(I)), K)) == subtract(total(p(I)), p(K))
    refused(lambda: proof().step("unfold", Term("above", total(e(I)), K)), "negative")
    short = bind("sum", FROM_TWO, p(FROM_TWO))
    refused(lambda: proof().step("unfold", Term("above", short, K)), "range")
    assert proof().step("unfold", Term("rise", T)) == subtract(exp(T), ONE)
    refused(lambda: proof().step("unfold", Term("rise", X)), "negative")
    bounded = Relation("Le", X, e(I))
    assert proof(bounded).step("unfold", Term("slack", 0, K)) == subtract(e(K), X)
    refused(lambda: proof().step("unfold", Term("slack", 0, K)), "hypothesis")
    refused(lambda: proof(NORMALISED).step("unfold", Term("slack", 0)), "inequality")


def test_an_inequality_needs_a_term_that_is_nonnegative_by_shape() -> None:
    claim = Claim(Relation("Le", ZERO, X))
    refused(lambda: Derivation(claim).proves(X), "shape")
    refused(lambda: Derivation(claim).proves(None), "displayed")
    square = power(X, number(2))
    assert Derivation(Claim(Relation("Le", ZERO, square))).proves(square)
    refused(lambda: Derivation(Claim(Relation("Lt", ZERO, square))).proves(square), "shape")


def test_a_displayed_name_is_checked_even_if_it_is_not_unfolded() -> None:
    name = Term("slack", 0)
    refused(lambda: Derivation(Claim(Relation("Le", ZERO, name))).proves(name), "hypothesis")


def test_a_displayed_index_may_not_be_one_that_there_is_none_of() -> None:
    """For V = 1 there is no index from 2 on, and V - 2 is negative."""
    element = Term("idx", "z", 2, "V")
    display = Term("above", total(ONE, FROM_TWO), element)
    at_least_two = Derivation(Claim(Relation("Le", number(2), SIZE)))
    counted = at_least_two.step("unfold", display)
    at_least_two.step("lin", total(ONE, FROM_TWO), (ONE, ONE))
    assert is_zero(subtract(at_least_two.rewritten(counted), subtract(SIZE, number(2))))
    refused(lambda: at_least_two.proves(display), "may be none")


def test_a_claim_that_no_sign_allows_is_undefined() -> None:
    impossible = log(mul(MINUS_ONE, T))
    refused(lambda: proof(left=impossible, right=impossible).proves(), "not defined")


def test_rewriting_in_a_circle_is_stopped() -> None:
    refused(lambda: rewrite(X, lambda term, pure: {X: Y, Y: X}.get(term)), "end")


def test_there_is_no_rule_of_another_name() -> None:
    refused(lambda: proof().step("believe", X, Y), "rule")


def test_an_index_needs_its_binder() -> None:
    refused(lambda: proof().step("field", p(BOUND), p(BOUND)), "binder")


def test_a_term_that_is_too_large_is_refused() -> None:
    term = X
    with pytest.raises(ProofError, match="too large"):
        for _ in range(200):
            term = exp(term)


TRUSTED = {
    "kernel",
    "rules",
    "angles",
    "names",
    "conditions",
    "terms",
    "sign",
    "field",
    "calculus",
    "strings",
}


def test_the_kernel_imports_nothing_that_is_not_trusted() -> None:
    folder = Path(kernel.__file__).parent
    for name in TRUSTED:
        path = folder / f"{name}.py"
        tree = ast.parse(path.read_text())
        imported = {n.module for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) and n.module}
        ours = {m for m in imported if m.startswith("formal")}
        assert ours <= {f"formal.proof.{other}" for other in TRUSTED}, f"{name} imports {ours}"
