"""What the kernel knows of words and strings: concatenation, and sums over all finite strings.

A string or a word is an index with a range of its own, `STRINGS` or `WORDS`; names of ranges that
nobody else can have. A concatenation is a term ``(cat index...)``, flat, so that it is associative
and ``(cat)`` is the empty string. The value P[s w t] of a function of strings is the array entry
``(arr P sign (cat s w t))``.

Words are finitely many. Strings are not: a sum over them is defined where it converges absolutely,
a condition of its own kind, ``convergent``. It holds for what a claim is given, and is inherited
as `dominated` says; nothing counts strings, reorders a sum over them or differentiates it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction

from formal.proof.field import Monomial, Poly, polynomial, times
from formal.proof.sign import sign
from formal.proof.terms import (
    BINDERS,
    TWO,
    ProofError,
    Term,
    instantiate,
    is_universal,
    opened,
    rebuild,
    subterms,
)

STRINGS, WORDS = "@strings", "@words"
_HALF = Fraction(1, 2)


def is_infinite(term: Term) -> bool:
    """Whether the term is a sum over all strings, or an index that stands for one."""
    return (term.op == "sum" and term.args[1] == STRINGS) or (
        term.op == "idx" and term.args[2] == STRINGS
    )


def infinite_sums(term: Term) -> Iterator[Term]:
    """The sums over all strings in a term, bodies of binders at fresh indices.

    Of what stands in a sum from 2 there may be none.
    """
    if term.op == "sum" and term.args[0] != 1:
        return
    if term.op == "sum" and is_infinite(term):
        yield term
    parts = (*term.terms[:-1], opened(term)[1]) if term.op in BINDERS else term.terms
    for part in parts:
        yield from infinite_sums(part)


def put(term: Term, index: Term, string: tuple[Term, ...]) -> Term:
    """The term with a concatenation in the place of a string.

    Raises:
        ProofError: The string stands elsewhere than in concatenations.
    """
    if index not in term.indices:
        return term
    if term.op == "cat":
        parts = ((string if part == index else (part,)) for part in term.terms)
        return Term("cat", *(letter for part in parts for letter in part))
    if term.op == "idx":
        raise ProofError("a string stands where no concatenation can be put")
    return rebuild(term, [put(part, index, string) for part in term.terms])


def gathered(before: Term, summand: Term) -> tuple[Term, Term]:
    """The sum over all strings, and its summand at the empty string.

    A nonempty string is a word and a string after it, in one way: sum_w sum_t f(w t) is
    sum_t f(t) - f(empty).

    Raises:
        ProofError: `before` is not sum_w sum_t f(w t) with f the given summand.
    """
    if before.op != "sum" or before.args[1] != WORDS:
        raise ProofError("only a sum over words is gathered")
    word, inner = opened(before, summand)
    if inner.op != "sum" or not is_infinite(inner):
        raise ProofError("only a sum over words of a sum over strings is gathered")
    string, body = opened(inner, summand, word)
    if put(instantiate(summand, string), string, (word, string)) != body:
        raise ProofError("the summand is not the given one after a word")
    whole = Term("sum", *inner.args[:2], summand)
    return whole, put(instantiate(summand, string), string, ())


def dominated(term: Term, known: Iterable[Term]) -> bool:
    """Whether a sum over strings converges absolutely because known ones do.

    Every monomial of its summand must be, up to a factor without the string, the summand of a
    known sum: at the string itself, after a prefix (part of an absolutely convergent sum
    converges), or before *every* first word (finitely many sums and one more summand). An absolute
    value counts as what is inside, and so do |x| - x and |x| + |y| - |x + y|.
    """
    sums = list(known)
    string, body = opened(term, *sums)  # an index of a known sum is not the string
    return all(
        any(_bounds(other, monomial, string) for other in sums)
        for monomial in _majorants(polynomial(body))
    )


def _majorants(poly: Poly) -> Iterator[Monomial]:
    """Monomials of which the absolute values bound a polynomial, up to numbers."""
    for monomial in poly:
        for base, exponent in monomial:
            square = base.op == "pow" and base.terms[1] == TWO
            if (square and exponent == _HALF) or (base.op in ("fold", "bend") and exponent == 1):
                rest = tuple(pair for pair in monomial if pair[0] != base)
                inside = base.terms[:1] if square else base.terms
                for part in inside:
                    yield from _majorants(times({rest: 1}, polynomial(part)))
                break
        else:
            yield monomial


def _bounds(known: Term, monomial: Monomial, string: Term) -> bool:
    other = polynomial(instantiate(known.args[2], string))  # type: ignore[arg-type]
    if len(other) != 1:
        return False
    (theirs,) = other
    if _is_multiple(monomial, theirs, string):
        return True
    for ours in _prefixes(monomial, string):
        for prefix in _prefixes(theirs, string):
            n = min(len(ours), len(prefix))
            if ours[:n] != prefix[:n]:
                continue
            longer, shorter = ours[n:], prefix[n:]
            if longer and _is_multiple(monomial, _after(theirs, string, longer), string):
                return True
            every = shorter and all(w.args[2] == WORDS and is_universal(w) for w in shorter)
            fresh = not any(w in base.indices for base, _ in monomial for w in shorter)
            distinct = len(set(shorter)) == len(shorter)
            if every and fresh and distinct:
                if _is_multiple(_after(monomial, string, shorter), theirs, string):
                    return True
    return False


def _prefixes(monomial: Monomial, string: Term) -> Iterator[tuple[Term, ...]]:
    """What stands before the string, wherever it stands once."""
    for base, _ in monomial:
        for part in subterms(base) if string in base.indices else ():
            if part.op == "cat" and part.terms.count(string) == 1:
                yield part.terms[: part.terms.index(string)]


def _after(monomial: Monomial, string: Term, prefix: tuple[Term, ...]) -> Monomial:
    return tuple((put(base, string, (*prefix, string)), e) for base, e in monomial)


def _is_multiple(monomial: Monomial, known: Monomial, string: Term) -> bool:
    """Whether it is the known one times a factor that is free of the string, and finite."""
    exponents, ratio = dict(monomial), dict(monomial)
    for base, exponent in known:
        ratio[base] = ratio.get(base, 0) - exponent
    divided = (b for b, e in ratio.items() if e < 0 <= exponents.get(b, 0))
    return all(abs(sign(base)) == 2 for base in divided) and not any(
        e and string in base.indices for base, e in ratio.items()
    )
