"""The kernel on x ln y, indicators, roots and integrals: what a naive version would accept.

As in `test_kernel`, each planted falsehood stands next to an honest step.
"""

from formal.proof.calculus import derivative
from formal.proof.conditions import Condition, Relation, obligations
from formal.proof.field import is_zero
from formal.proof.kernel import Claim, Derivation
from formal.proof.names import unfolded
from formal.proof.sign import sign
from formal.proof.terms import (
    MINUS_ONE,
    ONE,
    ZERO,
    Term,
    absolute,
    abstract,
    add,
    bind,
    exp,
    instantiate,
    mul,
    number,
    opened,
    power,
    subtract,
)
from tests.formal.test_kernel import HALF, I, K, T, X, Y, log, proof, refused, total

N, M = (Term("sym", name, "nonnegative") for name in "nm")
TWO = number(2)
BOUND = Term("var", 0)


def a(index: Term) -> Term:
    return Term("arr", "A", "indicator", index)


def n(index: Term) -> Term:
    return Term("arr", "n", "nonnegative", index)


def xlogy(x: Term, y: Term) -> Term:
    return Term("xlogy", x, y)


def log0(x: Term) -> Term:
    return Term("log0", x)


def root(x: Term) -> Term:
    return power(x, HALF)


def same(left: Term, right: Term) -> bool:
    return is_zero(subtract(left, right))


def kinds(term: Term) -> set[str]:
    return {condition.kind for condition in obligations(term)}


# x ln y


def test_xlogy_splits_products_of_nonnegative_factors() -> None:
    term = xlogy(N, mul(N, T))
    pairs = sorted([(ONE, N), (ONE, T)])
    assert same(proof().step("xlogy", term, ZERO, *pairs), mul(N, add(log0(N), log(T))))
    both_negative = xlogy(N, mul(X, Y))
    refused(
        lambda: proof(left=both_negative).step("xlogy", both_negative, ZERO, (ONE, X), (ONE, Y)),
        "nonnegative",
    )


def test_xlogy_refuses_another_product() -> None:
    refused(lambda: proof().step("xlogy", xlogy(N, add(N, T)), ZERO, (ONE, N)), "product")


def test_a_logarithm_with_zeros_is_not_the_logarithm() -> None:
    assert not same(log0(N), log(N))
    assert not same(xlogy(N, N), mul(N, log(N)))


SUPPORTED = [
    (N, N),
    (mul(N, T), N),
    (N, mul(N, T)),
    (mul(N, M), mul(N, M)),
    (X, T),
    (N, add(N, M)),
    (add(N, M), add(N, M)),
    (add(N, M), add(N, mul(TWO, M))),
    (n(K), total(n(I))),
    (N, power(N, TWO)),
]
UNSUPPORTED = [
    (N, M),
    (T, N),
    (add(N, T), N),
    (N, X),
    (N, add(N, MINUS_ONE)),
    (N, mul(N, M)),
    (N, mul(N, X)),
    (add(N, M), N),
    (n(K), bind("sum", Term("idx", "#1", 2, "V"), n(Term("idx", "#1", 2, "V")))),
    (X, X),
]


def test_support_is_discharged_or_printed() -> None:
    """x ln y has a value where y is positive or x is zero, and nowhere else."""
    for x, y in SUPPORTED:
        assert not proof(left=xlogy(x, y)).conditions, (x, y)
    for x, y in UNSUPPORTED:
        (condition,) = proof(left=xlogy(x, y)).conditions
        assert condition == Condition("supported", xlogy(x, y)), (x, y)


def test_one_times_the_logarithm_of_zero_is_undefined() -> None:
    impossible = xlogy(T, subtract(X, X))
    refused(proof(left=impossible, right=impossible).proves, "not defined")


def test_a_step_may_not_make_an_unsupported_xlogy() -> None:
    vanishing = subtract(xlogy(T, N), xlogy(T, N))
    refused(lambda: proof().step("field", ZERO, vanishing), "supported")


def test_a_logarithm_with_zeros_is_not_differentiated() -> None:
    refused(lambda: derivative(log0(N), N), "not supported")
    refused(lambda: derivative(mul(N, log0(N)), N), "not supported")
    assert "positive" in kinds(Term("diff", xlogy(N, N), N))
    assert same(derivative(xlogy(X, T), X), log(T))
    assert same(derivative(xlogy(X, T), T), mul(X, power(T, MINUS_ONE)))


def test_gap0_needs_signs_and_support() -> None:
    gap = Term("gap0", N, T)
    expected = add(T, mul(MINUS_ONE, N), xlogy(N, N), mul(MINUS_ONE, xlogy(N, T)))
    assert same(proof().step("unfold", gap), expected)
    refused(lambda: unfolded(proof(), Term("gap0", X, T)), "nonnegative")
    refused(lambda: unfolded(proof(), Term("gap0", N, X)), "nonnegative")
    refused(lambda: unfolded(proof(), Term("gap0", N, M)), "supported")
    claim = Claim(Relation("Le", ZERO, subtract(M, N)))
    refused(lambda: Derivation(claim).proves(Term("gap0", N, M)), "supported")


# Indicators


def test_an_indicator_is_its_own_powers_and_nothing_else() -> None:
    assert same(power(a(I), TWO), a(I)) and same(root(a(I)), a(I))
    assert not same(mul(a(I), a(K)), a(I))
    assert not same(add(a(I), a(I)), a(I))
    assert not same(power(a(I), MINUS_ONE), a(I))
    assert not same(power(n(I), TWO), n(I))


def test_an_indicator_is_divided_by_only_where_it_is_one() -> None:
    refused(lambda: proof().step("field", ONE, mul(a(I), power(a(I), MINUS_ONE))), "nonzero")


def test_nothing_is_differentiated_by_an_indicator() -> None:
    """A^2 = A, and yet 2 A and 1 differ."""
    refused(lambda: derivative(power(a(I), TWO), a(I)), "0 or 1")
    refused(lambda: proof(left=Term("diff", a(K), a(K))), "0 or 1")


def test_the_logarithm_of_an_indicator_is_left_out_only_in_an_xlogy() -> None:
    term = xlogy(mul(a(I), T), mul(a(I), T))
    pairs = sorted([(ONE, a(I)), (ONE, T)])
    assert same(proof().step("xlogy", term, ZERO, *pairs), mul(a(I), T, log(T)))
    split = log(mul(a(I), T))
    refused(lambda: proof().step("log", split, ZERO, *pairs), "positive")


def test_the_sign_of_a_complement() -> None:
    assert sign(subtract(ONE, a(I))) == 1
    assert sign(add(ONE, mul(MINUS_ONE, a(I), a(K)))) == 1
    assert sign(subtract(ONE, mul(TWO, a(I)))) == 0
    assert sign(add(ONE, mul(MINUS_ONE, a(I)), mul(MINUS_ONE, a(K)))) == 0
    assert sign(subtract(ONE, n(I))) == 0
    assert sign(subtract(a(I), ONE)) == -1


# Roots


def test_a_root_is_multiplicative_for_squares_and_for_what_is_not_negative() -> None:
    assert same(absolute(mul(X, Y)), mul(absolute(X), absolute(Y)))
    assert same(absolute(subtract(X, Y)), absolute(subtract(Y, X)))
    assert same(absolute(mul(T, subtract(X, Y))), mul(T, absolute(subtract(X, Y))))
    assert same(absolute(mul(X, subtract(X, Y))), mul(absolute(X), absolute(subtract(X, Y))))
    assert same(root(mul(N, T)), mul(root(N), root(T))) and same(root(power(N, TWO)), N)
    assert not same(absolute(X), X)
    assert not same(absolute(add(X, Y)), add(absolute(X), absolute(Y)))
    assert not same(root(mul(X, Y)), mul(root(X), root(Y)))


def test_a_factor_that_may_be_zero_is_not_taken_out_of_the_root_of_a_sum() -> None:
    """For n = 0 and x = -1 the left is 0, the right has no value."""
    inside = add(mul(N, X), mul(N, Y))
    assert not same(root(inside), mul(root(N), root(add(X, Y))))
    inside = add(mul(T, X), mul(T, Y))
    assert same(root(inside), mul(root(T), root(add(X, Y))))


def test_an_absolute_value_is_not_differentiated_at_zero() -> None:
    slope = Term("diff", absolute(X), X)
    assert Condition("positive", power(X, TWO)) in proof(left=slope).conditions
    assert not proof(Relation("Ne", X, ZERO), left=slope).conditions


def test_names_of_absolute_values() -> None:
    assert same(proof().step("unfold", Term("fold", X)), subtract(absolute(X), X))
    whole = subtract(add(absolute(X), absolute(Y)), absolute(add(X, Y)))
    assert same(proof().step("unfold", Term("bend", X, Y)), whole)
    reversed_claim = Derivation(Claim(Relation("Le", absolute(X), X)))
    reversed_claim.step("unfold", Term("fold", X))
    assert not reversed_claim.proves(Term("fold", X))


# Integrals


def v(sign: str) -> Term:
    return Term("sym", "#1", sign)


def integral(body: Term, low: Term, high: Term, sign: str = "real") -> Term:
    """The integral of a term in v(sign) between bounds."""
    return Term("int", sign, low, high, abstract(body, v(sign)))


REAL, POSITIVE = v("real"), v("positive")


def test_a_bound_variable_is_not_captured() -> None:
    """The bounds of an integral lie outside it, what is put into them is not bound."""
    index, body = opened(integral(mul(REAL, X), ZERO, X))
    assert index == REAL and same(body, mul(REAL, X))
    open_bound = Term("int", "real", ZERO, BOUND, mul(BOUND, Term("var", 1)))
    closed = instantiate(open_bound, Y)
    assert closed == integral(mul(REAL, Y), ZERO, Y) and closed.loose == 0
    assert abstract(closed, Y) == closed  # only reserved parameters are ever bound
    nested = integral(integral(mul(REAL, Term("sym", "#2", "real")), ZERO, ONE), ZERO, ONE)
    assert nested.indices == {Term("sym", "#2", "real")}


def test_ftc_needs_the_primitive() -> None:
    square = mul(HALF, power(BOUND, TWO))
    derivation = proof()
    derivation.step("diff", Term("diff", mul(HALF, power(REAL, TWO)), REAL))
    after = derivation.step("ftc", integral(REAL, X, Y), square)
    assert same(after, mul(HALF, subtract(power(Y, TWO), power(X, TWO))))
    refused(lambda: derivation.step("ftc", integral(X, X, Y), square), "another")
    refused(lambda: derivation.step("ftc", integral(ONE, X, Y), square), "another")


def test_ftc_does_not_cross_a_singularity() -> None:
    """The integral of 1/x^2 from -1 to 1 is not -2."""
    through = integral(power(REAL, number(-2)), MINUS_ONE, ONE)
    primitive = mul(MINUS_ONE, power(BOUND, MINUS_ONE))
    refused(lambda: proof(left=through), "everywhere")
    refused(lambda: proof().step("ftc", through, primitive), "nonzero")
    positive = proof()
    slope = Term("diff", mul(MINUS_ONE, power(POSITIVE, MINUS_ONE)), POSITIVE)
    positive.step("diff", slope)
    clear = integral(power(POSITIVE, number(-2)), T, ONE, "positive")
    after = positive.step("ftc", clear, primitive)
    assert same(after, subtract(power(T, MINUS_ONE), ONE))


def test_ftc_needs_a_primitive_that_has_a_slope_everywhere() -> None:
    """|x| has no slope at zero, and a jump there is no part of the integral of x/|x|."""
    slope = mul(REAL, power(absolute(REAL), MINUS_ONE))
    refused(lambda: proof(left=integral(slope, MINUS_ONE, ONE)), "everywhere")
    refused(lambda: proof().step("ftc", integral(ONE, X, Y), absolute(BOUND)), "positive")


def test_a_variable_with_a_sign_needs_bounds_with_that_sign() -> None:
    inverse = power(POSITIVE, MINUS_ONE)
    derivation = proof(left=integral(inverse, X, T, "positive"))
    assert Condition("positive", X) in derivation.conditions
    refused(proof(left=integral(inverse, MINUS_ONE, T, "positive")).proves, "not defined")


def test_integrals_are_split_only_into_what_is_defined() -> None:
    split = proof().step("lin", integral(add(REAL, X), X, Y), *sorted([(ONE, BOUND), (X, ONE)]))
    assert same(split, add(integral(REAL, X, Y), mul(X, integral(ONE, X, Y))))
    wild = power(BOUND, MINUS_ONE)
    parts = sorted([(ONE, wild), (MINUS_ONE, wild)])
    refused(lambda: proof().step("lin", integral(ZERO, X, Y), *parts), "nonzero")
    refused(lambda: proof().step("lin", integral(REAL, X, Y), (BOUND, ONE)), "index")


def test_a_hypothesis_on_a_parameter_is_not_one_on_the_variable() -> None:
    fixed = proof(Relation("Eq", X, ZERO))
    fixed.step("axiom", X, ZERO, 0, ONE)
    bound = integral(mul(X, REAL), ZERO, ONE)
    assert fixed.rewritten(bound) == integral(ZERO, ZERO, ONE)
    assert fixed.rewritten(integral(REAL, ZERO, ONE)) == integral(REAL, ZERO, ONE)


def test_ftc_rests_on_the_hypotheses_that_its_slope_rests_on() -> None:
    """Below a derivative, an equation that used a hypothesis is not used again."""
    derivation = proof(Relation("Eq", X, ONE))
    derivation.step("axiom", X, ONE, 0, ONE)
    derivation.step("diff", Term("diff", mul(X, REAL), REAL))
    before = integral(ONE, ZERO, Y)
    derivation.step("ftc", before, mul(X, BOUND))
    assert derivation.equations[before].axioms == {0}
    inside = Term("diff", before, X)
    assert derivation.rewritten(inside) == inside


def test_an_integral_is_differentiated_by_its_bounds_and_below_them() -> None:
    term = integral(exp(mul(REAL, X)), ZERO, X)
    below = integral(mul(REAL, exp(mul(REAL, X))), ZERO, X)
    assert same(derivative(term, X), add(below, exp(power(X, TWO))))
    assert derivative(term, Y) == ZERO


def test_a_supported_xlogy_need_not_be_anything_else() -> None:
    """That x ln y has a value does not say that it is not zero."""
    derivation = proof(left=xlogy(N, M))
    assert [c.kind for c in derivation.conditions] == ["supported"]
    refused(lambda: derivation.require(Condition("nonzero", xlogy(N, M))), "nonzero")
    refused(lambda: derivation.require(Condition("supported", xlogy(M, N))), "supported")
    derivation.require(Condition("supported", xlogy(N, M)))


def test_cases_are_of_what_is_zero_or_one() -> None:
    term = exp(mul(X, a(K)))
    after = proof().step("cases", term, a(K))
    assert same(after, add(subtract(ONE, a(K)), mul(a(K), exp(X))))
    refused(lambda: proof().step("cases", exp(mul(X, n(K))), n(K)), "0 or 1")
    refused(lambda: proof().step("cases", log(add(a(K), N)), a(K)), "positive")


def test_a_sum_is_positive_by_hypotheses_about_its_terms() -> None:
    """With 0 < x < 1, x p + (1 - x) T is positive; with x < 1 alone it need not be."""
    mixture = add(mul(X, T), mul(subtract(ONE, X), T))
    above, below = Relation("Lt", ZERO, X), Relation("Lt", X, ONE)
    assert not proof(above, below, left=log(mixture)).conditions
    assert proof(below, left=log(mixture)).conditions
    assert proof(above, left=log(mixture)).conditions
    weak = Relation("Le", ZERO, X)
    assert proof(weak, left=log(X)).conditions and not proof(weak, left=root(X)).conditions


def test_a_size_is_at_least_one() -> None:
    """V - 1 + e^x is positive, V - 2 + e^x need not be."""
    size = Term("size", "V")
    fine = add(size, MINUS_ONE, exp(X))
    assert not proof(left=log(fine)).conditions
    assert proof(left=log(add(size, number(-2), exp(X)))).conditions
    assert proof(left=log(add(size, MINUS_ONE))).conditions
    assert proof(left=log(subtract(size, N))).conditions


def test_zero_to_a_power_has_a_value_only_if_the_power_is_positive() -> None:
    truncated = Term("pow", mul(a(K), T), T)
    assert not proof(left=truncated).conditions
    after = proof().step("cases", truncated, a(K))
    assert same(after, mul(a(K), Term("pow", T, T)))
    assert proof(left=Term("pow", a(K), X)).conditions == {Condition("positive", a(K)): None}
    assert not same(Term("pow", ZERO, X), ZERO)
    refused(lambda: proof().step("pow", truncated), "positive")
    refused(lambda: proof().step("cases", Term("pow", a(K), X), a(K)), "positive")


def test_a_power_that_is_not_whole_is_differentiated_only_where_its_base_is_positive() -> None:
    """x^T at x = 0 has no slope for T < 1."""
    assert "positive" in kinds(Term("diff", Term("pow", N, T), N))
    assert "positive" in kinds(Term("diff", Term("pow", N, T), T))
    refused(lambda: proof().step("diff", Term("diff", Term("pow", N, T), N)), "nonzero|positive")


def test_a_slope_inside_an_integral_is_not_put_at_its_end() -> None:
    """The integral of d(t x^2)/dx from 0 to t is t^3; d(t t^2)/dt is not the slope at x = t."""
    growing = mul(T, power(POSITIVE, TWO))
    slope = Term("diff", growing, POSITIVE)
    refused(lambda: derivative(integral(slope, T, T, "positive"), T), "by the variable")
    derivation, second = proof(), Term("diff", slope, POSITIVE)
    derivation.step("diff", second)
    before = integral(mul(TWO, T), ONE, T, "positive")
    primitive = abstract(slope, POSITIVE)
    refused(lambda: derivation.step("ftc", before, primitive), "by the variable")
    derivation.step("diff", Term("diff", mul(TWO, T, POSITIVE), POSITIVE))
    after = derivation.step("ftc", before, mul(TWO, T, BOUND))
    assert same(after, mul(TWO, T, subtract(T, ONE)))
