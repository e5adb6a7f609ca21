"""The sign of a term, read off its shape: the only source of positivity in the kernel.

The value is 2 (positive), 1 (nonnegative), 0 (not known), -1 (nonpositive) or -2 (negative),
wherever the term is defined: real parameters, no zero denominators, positive logarithms.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from math import prod

from formal.proof.terms import NAMES, Term, add, is_zero_or_one, number, opened

_DECLARED = {"positive": 2, "nonnegative": 1, "real": 0, "negative": -2, "indicator": 1}


@lru_cache(maxsize=20_000)
def sign(term: Term) -> int:
    """The sign that the shape of a term shows: 2, 1, 0, -1 or -2."""
    match term.op:
        case "num":
            value = term.value
            return 1 if value == 0 else 2 if value > 0 else -2
        case "sym" | "arr":
            return _DECLARED[str(term.args[1])]
        case "size" | "idx" | "exp" | "pi":
            return 2
        case "add":
            return _sum(sign(t) for t in term.terms) or _complement(term.terms)
        case "mul":
            return _product(sign(t) for t in term.terms)
        case "pow":
            return _power(*term.terms)
        case "log":
            return _logarithm(term.terms[0])
        case "sum":
            value = sign(opened(term)[1])
            return value if _is_inhabited(term) else max(-1, min(1, value))
        case op if op in NAMES or op == "delta":
            return 1
        case _:
            return 0


def _is_inhabited(binder: Term) -> bool:
    low, high = binder.args[:2]
    assert isinstance(low, int)
    return low <= (high if isinstance(high, int) else 1)


def _sum(signs: Iterable[int]) -> int:
    found = list(signs)
    for s in (1, -1):
        if all(s * value >= 1 for value in found):
            return s * max(abs(value) for value in found)
    return 0


def _complement(terms: tuple[Term, ...]) -> int:
    """The sign of a number plus a number times what is 0 or 1, such as 1 - delta."""
    numbers = [t.value for t in terms if t.op == "num"]
    rest = [t for t in terms if t.op != "num"]
    if len(numbers) != 1 or len(rest) != 1:
        return 0
    factors = rest[0].terms if rest[0].op == "mul" else (rest[0],)
    if not all(t.op == "num" or is_zero_or_one(t) for t in factors):
        return 0
    values = numbers[0], numbers[0] + prod(t.value for t in factors if t.op == "num")
    return 1 if min(values) >= 0 else -1 if max(values) <= 0 else 0


def _product(signs: Iterable[int]) -> int:
    found = list(signs)
    if 0 in found:
        return 0
    total = prod(found)
    return (1 if total > 0 else -1) * (2 if all(abs(s) == 2 for s in found) else 1)


def _power(base: Term, exponent: Term) -> int:
    known = sign(base)
    if exponent.op != "num":
        return 2 if known == 2 else 0
    value = exponent.value
    nonzero = abs(known) == 2 or value < 0  # a defined reciprocal has a nonzero base
    if value.denominator > 1 or value.numerator % 2 == 0:
        return 2 if nonzero else 1
    return (2 if nonzero else 1) * ((known > 0) - (known < 0))


def _logarithm(argument: Term) -> int:
    return 1 if argument.op == "size" else sign(_minus_one(argument))


def _minus_one(argument: Term) -> Term:
    """The argument less one, with the numbers of a sum collected."""
    terms = argument.terms if argument.op == "add" else (argument,)
    numbers = [t.value for t in terms if t.op == "num"]
    rest = [t for t in terms if t.op != "num"]
    return add(number(sum(numbers) - 1), *rest)
