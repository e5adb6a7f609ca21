"""The rules of the kernel: each computes the other side of an equation, or refuses.

======= ======================================================== =============================
rule    content                                                  side condition
======= ======================================================== =============================
lin     Sum f = sum_m c_m Sum g_m                                f = sum_m c_m g_m; c_m free of
                                                                 the index
        the same for integrals                                   every g_m defined everywhere
ftc     the integral of f from a to b is G(b) - G(a)             G' = f, for every value of the
                                                                 variable
kron    Sum_i delta(i, k) g(i) = g(k)                            k in the range of i
fubini  two orders of a nested sum of products are equal         the same summand
delta   delta(a, b) X = delta(a, b) X[a := b]
cases   f(z) = (1 - z) f(0) + z f(1)                             z is an indicator or a delta
log     ln(prod a_m^n_m exp(r)) = sum n_m ln a_m + r             every a_m positive
xlogy   xlogy(x, prod a_m^n_m exp(r)) = x (sum n_m l_m + r)      every a_m nonnegative; l_m is
                                                                 ln a_m if a_m is known to be
                                                                 positive, 0 if it is 0 or 1,
                                                                 else log0 a_m
pow     a^x = exp(x ln a)                                        a positive
explog  exp(r + n ln a) = a^n exp(r)                             a positive, n a number
angles  sin(x + y), cos(x + y) by the addition theorems
parity  sin(-x) = -sin x, cos(-x) = cos x                        or the same angle
circle  sin(x)^2 = 1 - cos(x)^2
turn    sin(q pi), cos(q pi) = the exact value                   q in 0, 1/6, 1/4, 1/3, 1/2
diff    Derivative(e, x) = the kernel's own derivative
axiom   a hypothesis, at any value of its universal indices
gather  sum_w sum_t f(w t) = sum_t f(t) - f(empty)               words w, strings t
unfold  the definition of a nonnegative name                     those that make it nonnegative
field   two terms are equal as rational functions of atoms       denominators nonzero
======
"""

from __future__ import annotations

from collections.abc import Callable

from formal.proof.angles import angles, circle, parity, part_of_pi
from formal.proof.calculus import derivative
from formal.proof.conditions import Conclusion, Condition, Context, obligations, within
from formal.proof.field import is_zero, polynomial, to_term
from formal.proof.names import unfolded
from formal.proof.strings import STRINGS, gathered, is_infinite
from formal.proof.terms import (
    ONE,
    ZERO,
    Term,
    add,
    evaluated,
    exp,
    instantiate,
    is_zero_or_one,
    mul,
    need,
    number,
    opened,
    power,
    replace,
    substitute,
    subtract,
)


def _lin(_: Context, before: Term, *pairs: tuple[Term, Term]) -> Conclusion:
    need(before.op in ("sum", "int"), "lin needs a sum or an integral")
    need(list(pairs) == sorted(pairs), "the parts are not in order")  # one proof, one certificate
    factors, summands = [c for c, _ in pairs], [g for _, g in pairs]
    index, body = opened(before, *factors, *summands)
    need(all(c.loose == 0 for c in factors), "a factor contains the index of the sum")
    parts = (mul(c, instantiate(g, index)) for c, g in pairs)
    _equal(body, add(*parts), "the summand is not the given combination")
    return add(*(mul(c, total(before, g)) for c, g in pairs)), ()


def total(binder: Term, body: Term) -> Term:
    """The sum of a body over the range of a binder; of 1, the number of its values."""
    if body != ONE or binder.op == "int":
        return Term(binder.op, *binder.args[:-1], body)
    low, high = binder.args[:2]
    need(low in (1, 2), "only sums from 1 or 2 are counted")
    need(high != STRINGS, "there are infinitely many strings")
    count = number(high) if isinstance(high, int) else Term("size", high)
    need(not isinstance(high, int) or high >= low - 1, "the range runs backwards")  # type: ignore
    return add(count, number(1 - int(low)))  # type: ignore[arg-type]


def _kron(_: Context, before: Term, at: Term, summand: Term) -> Conclusion:
    need(before.op == "sum", "kron needs a sum")
    index, body = opened(before, at, summand)
    need(at.loose == 0 and within(at, index), "the index of the delta leaves the range of the sum")
    given = mul(Term("delta", *sorted((index, at))), instantiate(summand, index))
    _equal(body, given, "the summand is not delta times the given term")
    return instantiate(summand, at), ()


def _fubini(_: Context, before: Term, after: Term, order: tuple[int, ...]) -> Conclusion:
    avoid = (before, after)
    left, left_body = flattened(before, avoid)
    right, right_body = flattened(after, avoid)
    need(not any(map(is_infinite, left)), "a sum over strings is not reordered")
    need(sorted(order) == list(range(len(left))) and len(left) == len(right), "not a reordering")
    mapping = {right[n]: left[m] for m, n in enumerate(order)}
    need(all(a.args[1:] == b.args[1:] for a, b in mapping.items()), "ranges differ")
    _equal(left_body, replace(right_body, mapping), "the summands differ")
    return after, ()


def flattened(term: Term, avoid: tuple[Term, ...] = ()) -> tuple[list[Term], Term]:
    """Indices and summand of a product of nested sums, multiplied out into one multiple sum."""
    indices: list[Term] = []

    def factors(term: Term) -> Term:
        exponent = term.terms[1] if term.op == "pow" else ONE
        if term.op == "sum":
            index, body = opened(term, *avoid, *indices)
            indices.append(index)
            return factors(body)
        if term.op == "mul":
            return mul(*map(factors, term.terms))
        if term.op == "pow" and exponent.op == "num" and exponent.value in range(2, 7):
            return mul(*(factors(term.terms[0]) for _ in range(int(exponent.value))))
        return term

    return indices, factors(term)


def _delta(_: Context, before: Term, after: Term, left: Term, right: Term) -> Conclusion:
    need(left.op == right.op == "idx" and left != right, "delta needs two indices")
    key = Term("delta", *sorted((left, right)))
    with_delta: dict = {}
    for monomial, coefficient in polynomial(subtract(before, after)).items():
        rest = tuple(pair for pair in monomial if pair[0] != key)
        need(len(rest) < len(monomial), "a difference is not multiplied by the delta")
        with_delta[rest] = with_delta.get(rest, 0) + coefficient
    difference = to_term({m: c for m, c in with_delta.items() if c})
    need(is_zero(replace(difference, {left: right})), "the terms differ where the indices agree")
    return after, ()


def _cases(_: Context, before: Term, which: Term) -> Conclusion:
    need(is_zero_or_one(which) and not which.loose, "cases needs what is 0 or 1")
    absent, present = (substitute(before, which, value) for value in (ZERO, ONE))
    return add(mul(subtract(ONE, which), absent), mul(which, present)), ()


def _log(proof: Context, before: Term, rest: Term, *pairs: tuple[Term, Term]) -> Conclusion:
    need(before.op == "log", "log needs a logarithm")
    need(list(pairs) == sorted(pairs), "the factors are not in order")
    for exponent, base in pairs:
        need(exponent.op == "num", "exponents in a logarithm must be numbers")
        proof.require(Condition("positive", base))
    given = mul(exp(rest), *(power(a, n) for n, a in pairs))
    _equal(before.terms[0], given, "the argument of the logarithm is not the given product")
    return add(rest, *(mul(n, Term("log", a)) for n, a in pairs)), ()


def _xlogy(proof: Context, before: Term, rest: Term, *pairs: tuple[Term, Term]) -> Conclusion:
    need(before.op == "xlogy", "xlogy needs an xlogy")
    need(list(pairs) == sorted(pairs), "the factors are not in order")
    need(all(n.op == "num" for n, _ in pairs), "exponents in a logarithm must be numbers")
    x, y = before.terms
    given = mul(exp(rest), *(power(a, n) for n, a in pairs))
    _equal(y, given, "the argument of the logarithm is not the given product")
    return mul(x, add(rest, *(mul(n, _logarithm(proof, a)) for n, a in pairs))), ()


def _logarithm(proof: Context, base: Term) -> Term:
    """The logarithm of a nonnegative term; anything where it is zero."""
    if is_zero_or_one(base):
        return ZERO
    if proof.holds(Condition("positive", base)):
        return Term("log", base)
    proof.require(Condition("nonnegative", base))
    return Term("log0", base)


def _pow(proof: Context, before: Term) -> Conclusion:
    need(before.op == "pow", "pow needs a power")
    base, exponent = before.terms
    proof.require(Condition("positive", base))
    return exp(mul(exponent, Term("log", base))), ()


def _explog(proof: Context, before: Term, exponent: Term, base: Term, rest: Term) -> Conclusion:
    need(before.op == "exp" and exponent.op == "num", "explog needs an exponential")
    proof.require(Condition("positive", base))
    given = add(rest, mul(exponent, Term("log", base)))
    _equal(before.terms[0], given, "the exponent is not the given sum")
    return mul(power(base, exponent), exp(rest)), ()


def _diff(_: Context, before: Term) -> Conclusion:
    need(before.op == "diff", "diff needs a derivative")
    return derivative(*before.terms), ()


def _ftc(proof: Context, before: Term, primitive: Term) -> Conclusion:
    need(before.op == "int", "ftc needs an integral")
    low, high, _ = before.terms
    variable, body = opened(before, primitive)
    need(primitive.loose <= 1, "the primitive has an index without its binder")
    slope = Term("diff", instantiate(primitive, variable), variable)
    for condition in obligations(slope):
        proof.require(condition)
    axioms: set[int] = set()
    _equal(proof.rewritten(slope, axioms), body, "the derivative of the primitive is another")
    ends = (evaluated(primitive, variable, end) for end in (high, low))
    return subtract(*ends), frozenset(axioms)


def _axiom(
    proof: Context, before: Term, after: Term, position: int, factor: Term, *indices: Term
) -> Conclusion:
    kind, left, right = proof.hypothesis(position, indices)
    need(kind == "Eq", "only an equality can be used as an equation")
    need(factor.op == "num" and factor.value != 0, "the factor must be a number other than 0")
    difference = mul(factor, proof.rewritten(subtract(left, right)))
    _equal(subtract(before, after), difference, "the hypothesis says something else")
    return after, (position,)


def _gather(_: Context, before: Term, summand: Term) -> Conclusion:
    whole, at_empty = gathered(before, summand)
    return subtract(whole, at_empty), ()


def _field(_: Context, before: Term, after: Term) -> Conclusion:
    _equal(before, after, "the terms are not equal as rational functions")
    return after, ()


RULES: dict[str, Callable[..., Conclusion]] = {
    "lin": _lin,
    "kron": _kron,
    "fubini": _fubini,
    "delta": _delta,
    "cases": _cases,
    "log": _log,
    "xlogy": _xlogy,
    "pow": _pow,
    "explog": _explog,
    "diff": _diff,
    "ftc": _ftc,
    "axiom": _axiom,
    "gather": _gather,
    "field": _field,
    "unfold": unfolded,
    "angles": angles,
    "parity": parity,
    "circle": circle,
    "turn": part_of_pi,
}


def _equal(left: Term, right: Term, why: str) -> None:
    need(is_zero(subtract(left, right)), why)
