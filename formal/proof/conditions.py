"""Relations of terms, what a term needs to be defined, and what a rule may ask for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple, Protocol

from formal.proof.sign import sign
from formal.proof.strings import is_infinite
from formal.proof.terms import MINUS_ONE, ProofError, Term, is_zero_or_one, mul, subterms


class Relation(NamedTuple):
    """A relation of two terms: ``Eq``, ``Le``, ``Lt`` or ``Ne``."""

    kind: str
    left: Term
    right: Term


class Condition(NamedTuple):
    """A term has to be ``positive``, ``nonnegative`` or ``nonzero``, a sum ``convergent``.

    An xlogy has to be ``supported``: xlogy(x, y) is if y is positive wherever x is not zero.
    """

    kind: str
    term: Term


Conclusion = tuple[Term, tuple[int, ...] | frozenset[int]]  # another side; hypotheses it uses


class Context(Protocol):
    """What a rule may ask of the derivation it is used in."""

    def holds(self, condition: Condition) -> bool:
        """Whether a condition holds wherever the claim is defined."""
        ...

    def require(self, condition: Condition) -> None:
        """Accept a condition or refuse."""
        ...

    def rewritten(self, term: Term, axioms: set[int] | None = None) -> Term:
        """The term with all equations applied; what these rest on is added to `axioms`."""
        ...

    def hypothesis(self, position: int, indices: tuple[Term, ...]) -> Relation:
        """A hypothesis at given values of its universal indices."""
        ...


def obligations(term: Term) -> Iterator[Condition]:
    """What has to hold for the term to be defined, at every value of its indices.

    Raises:
        ProofError: The term is differentiated by what cannot vary.
    """
    for part in subterms(term):
        match part.op:
            case "sum" if is_infinite(part):
                yield Condition("convergent", part)
            case "log" | "gap":
                yield Condition("positive", part.terms[0])
            case "xlogy":
                yield Condition("supported", part)
            case "pow":
                yield from _of_power(*part.terms)
            case "int":  # all values between the bounds have the sign of the variable
                yield from _of_bounds(str(part.args[0]), part.terms[:2])
            case "diff":
                yield from _of_derivative(*part.terms)


def _of_power(base: Term, exponent: Term) -> Iterator[Condition]:
    if exponent.op != "num":  # zero to a positive power is zero
        yield Condition("nonnegative" if sign(exponent) == 2 else "positive", base)
    elif exponent.value.denominator > 1:
        yield Condition("nonnegative" if exponent.value > 0 else "positive", base)
    elif exponent.value < 0:
        yield Condition("nonzero", base)


def _of_bounds(declared: str, bounds: tuple[Term, ...]) -> Iterator[Condition]:
    for bound in bounds:
        if declared == "negative":
            yield Condition("positive", mul(MINUS_ONE, bound))
        elif declared != "real":
            yield Condition(declared, bound)


def _of_derivative(term: Term, by: Term) -> Iterator[Condition]:
    """Roots and logarithms have to be differentiable, not only defined."""
    if by.op not in ("sym", "arr"):
        raise ProofError("a derivative must be by a parameter or an entry of an array")
    if is_zero_or_one(by):
        raise ProofError("nothing is differentiated by what is 0 or 1")
    for part in subterms(term):
        match part.op:
            case "pow" if not _is_whole(part.terms[1]):
                yield Condition("positive", part.terms[0])
            case "xlogy" | "log0":
                yield Condition("positive", part.terms[-1])


def _is_whole(exponent: Term) -> bool:
    return exponent.op == "num" and exponent.value.denominator == 1


def within(index: Any, bounds: Term) -> bool:
    """Whether an index always lies in the range of another."""
    if not isinstance(index, Term) or not index.op == bounds.op == "idx":
        return False
    return index.args[2] == bounds.args[2] and index.args[1] >= bounds.args[1]  # type: ignore
