"""The kernel's own derivative: by a parameter or an array entry, without capture of an index."""

from __future__ import annotations

from formal.proof.strings import is_infinite
from formal.proof.terms import (
    MINUS_ONE,
    ONE,
    ZERO,
    ProofError,
    Term,
    abstract,
    add,
    bind,
    body_of,
    cos,
    evaluated,
    is_zero_or_one,
    mul,
    number,
    opened,
    power,
    sin,
)


def derivative(term: Term, by: Term) -> Term:
    """The derivative, at every point where the term's obligations hold.

    Entries of an array are independent variables: d p[i] / d p[k] is delta(i, k).

    Raises:
        ProofError: The term has a part that is not differentiable in `by`, or `by` cannot vary.
    """
    if by.op not in ("sym", "arr") or is_zero_or_one(by):
        raise ProofError("nothing is differentiated by an index, or by what is 0 or 1")
    if not mentions(term, by):
        return ZERO
    match term.op:
        case "sym":
            return ONE
        case "arr":
            if any(t.op == "cat" for t in (*term.terms, *by.terms)):
                raise ProofError("values at strings are not variables")
            pairs = zip(term.terms, by.terms, strict=True)
            return mul(*(ONE if a == b else Term("delta", *sorted((a, b))) for a, b in pairs))
        case "add":
            return add(*(derivative(t, by) for t in term.terms))
        case "mul":
            parts = term.terms
            return add(
                *(mul(derivative(t, by), *parts[:n], *parts[n + 1 :]) for n, t in enumerate(parts))
            )
        case "pow":
            return _power(term.terms[0], term.terms[1], by)
        case "exp":
            return mul(term, derivative(term.terms[0], by))
        case "log":
            inner = term.terms[0]
            return mul(power(inner, MINUS_ONE), derivative(inner, by))
        case "sin":
            return mul(cos(term.terms[0]), derivative(term.terms[0], by))
        case "cos":
            return mul(MINUS_ONE, sin(term.terms[0]), derivative(term.terms[0], by))
        case "xlogy":
            x, y = term.terms
            grown = mul(x, power(y, MINUS_ONE), derivative(y, by))
            return add(mul(derivative(x, by), Term("log", y)), grown)
        case "int":
            return _integral(term, by)
        case "sum":
            if is_infinite(term):
                raise ProofError("a sum over strings is not differentiated")
            index, body = opened(term, by)
            inner = derivative(body, by)
            return ZERO if inner == ZERO else bind("sum", index, inner)
        case "diff":
            return derivative(derivative(*term.terms), by)
        case _:
            raise ProofError(f"the derivative of '{term.op}' is not supported")


def _power(base: Term, exponent: Term, by: Term) -> Term:
    if exponent.op == "num":
        lower = number(exponent.value - 1)
        return mul(exponent, power(base, lower), derivative(base, by))
    logarithm = mul(derivative(exponent, by), Term("log", base))
    relative = mul(exponent, power(base, MINUS_ONE), derivative(base, by))
    return mul(Term("pow", base, exponent), add(logarithm, relative))


def _integral(term: Term, by: Term) -> Term:
    """Leibniz' rule."""
    low, high, _ = term.terms
    variable, body = opened(term, by)
    inside = Term("int", *term.args[:3], abstract(derivative(body, by), variable))
    ends = (
        mul(derivative(end, by), factor, evaluated(body_of(term), variable, end))
        for end, factor in ((high, ONE), (low, MINUS_ONE))
    )
    return add(inside, *ends)


def mentions(term: Term, variable: Term) -> bool:
    """Whether the parameter, or any entry of the array, occurs in the term."""
    if variable.op == "arr":
        if term.op == "arr" and term.args[:2] == variable.args[:2]:
            return len(term.terms) == len(variable.terms)
    elif term == variable:
        return True
    return any(mentions(t, variable) for t in term.terms)
