"""Names for expressions that are never negative, and what makes them so.

====== ============================ =========================================================
name   definition                   never negative because
====== ============================ =========================================================
gap    x - 1 - ln x                 x is positive
gap0   y - x - x ln y + x ln x      x and y are nonnegative, and y positive where x is not 0
fold   |x| - x                      |x| is x or -x
bend   |x| + |y| - |x + y|          the triangle inequality
spread Sum |f| - |Sum f|            the triangle inequality
above  Sum f - f(k)                 f is nonnegative, k in the range
apart  1 - delta(i, k)              delta is 0 or 1
rise   exp(x) - 1                   x is nonnegative
slack  greater - smaller            a hypothesis says so
====== ============================ =========================================================
"""

from __future__ import annotations

from formal.proof.conditions import Conclusion, Condition, Context, within
from formal.proof.sign import sign
from formal.proof.terms import (
    MINUS_ONE,
    ONE,
    ProofError,
    Term,
    absolute,
    add,
    bind,
    body_of,
    exp,
    instantiate,
    mul,
    need,
    opened,
    subtract,
)


def unfolded(proof: Context, before: Term) -> Conclusion:
    """The definition of a name; its side condition is what makes the name nonnegative."""
    match before.op, before.args:
        case "gap", (Term() as x,):
            proof.require(Condition("positive", x))
            return add(x, MINUS_ONE, mul(MINUS_ONE, Term("log", x))), ()
        case "gap0", (Term() as x, Term() as y):
            for condition in ("nonnegative", x), ("nonnegative", y), ("supported", _xlogy(x, y)):
                proof.require(Condition(*condition))
            return add(y, _xlogy(x, x), mul(MINUS_ONE, add(x, _xlogy(x, y)))), ()
        case "fold", (Term() as x,):
            return subtract(absolute(x), x), ()
        case "bend", (Term() as x, Term() as y):
            return add(absolute(x), absolute(y), mul(MINUS_ONE, absolute(add(x, y)))), ()
        case "spread", (Term() as whole,):
            need(whole.op == "sum", "only a sum is spread")
            index, body = opened(whole)
            return subtract(bind("sum", index, absolute(body)), absolute(whole)), ()
        case "above", (Term() as whole, Term() as at):
            need(whole.op == "sum" and sign(opened(whole)[1]) >= 1, "a summand may be negative")
            return subtract(whole, _entry(whole, at)), ()
        case "apart", (Term() as left, Term() as right):
            return subtract(ONE, Term("delta", *sorted((left, right)))), ()
        case "rise", (Term() as x,):
            need(sign(x) >= 1, "the exponent may be negative")
            return subtract(exp(x), ONE), ()
        case "slack", (int() as position, *indices):
            kind, left, right = proof.hypothesis(position, tuple(indices))  # type: ignore[arg-type]
            need(kind in ("Le", "Lt"), "the hypothesis is not an inequality")
            return subtract(right, left), (position,)
    raise ProofError("unfold needs a nonnegative name")


def _entry(binder: Term, at: Term) -> Term:
    index, _ = opened(binder)
    need(within(at, index), "the index leaves the range")
    return instantiate(body_of(binder), at)


def _xlogy(x: Term, y: Term) -> Term:
    return Term("xlogy", x, y)
