"""Displayed terms for entropies of outcomes: a stop, and words. Nothing here is trusted."""

from __future__ import annotations

from collections.abc import Iterator

from formal.proof.field import Monomial, Number, Poly, monomial_term, polynomial, times, to_term
from formal.proof.normal import Normaliser
from formal.proof.shapes import above_summed, has_log, single, without
from formal.proof.sign import sign
from formal.proof.strings import WORDS, is_infinite, put
from formal.proof.terms import MINUS_ONE, TWO, Term, add, bind, exp, mul, number, opened, power
from formal.proof.zeros import self_entropies

Entropy = tuple[Term, Term, Term | None]


def gaps_of_outcomes(rest: Poly, normaliser: Normaliser) -> Iterator[Term]:
    """sum w gap0(x, y) for all x ln x that occur, with one y; for minus them, one y / x^2."""
    found = [(c, e) for m, c in rest.items() for e in _entropies(m)]
    signs = {c > 0 for c, _ in found}
    if len(found) < 2 or len(signs) > 1:
        return
    mass = add(*(_total(abs(c), e, e[0]) for c, e in found))
    logs = {m: c for m, c in rest.items() if has_log(m) and not any(_entropies(m))}
    mean = mul(MINUS_ONE, to_term(logs), power(normaliser.normal(mass), MINUS_ONE))
    y = exp(normaliser.normal(mean))
    bounds = (y if signs == {True} else mul(power(x, TWO), y) for _, (x, _, _) in found)
    gaps = ((c, e, Term("gap0", e[0], y)) for (c, e), y in zip(found, bounds, strict=True))
    yield add(*(_total(abs(c), e, gap) for c, e, gap in gaps))


def _total(coefficient: Number, entropy: Entropy, term: Term) -> Term:
    _, weight, index = entropy
    inside = mul(number(coefficient), weight, term)
    return inside if index is None else bind("sum", index, inside)


def _entropies(monomial: Monomial) -> Iterator[Entropy]:
    """x, w and an index, or none, with w x ln x for the monomial or for a summand of it."""
    for x, weight in self_entropies(monomial):
        yield x, weight, None
    for base, exponent in monomial:
        if base.op == "sum" and exponent == 1:
            index, body = opened(base, *(b for b, _ in monomial))
            outer = monomial_term(without(monomial, base))
            for x, weight in self_entropies(single(body)):
                if sign(outer) >= 1:
                    yield x, mul(outer, weight), index


def first_words(rest: Poly) -> Iterator[Term]:
    """What a sum over strings is without the empty one: the sum over first words of the rest."""
    for whole in sorted({b for m in rest for b, _ in m if b.op == "sum" and is_infinite(b)}):
        string, body = opened(whole)
        word = Term("idx", "#2", 1, WORDS)
        after = bind("sum", string, put(body, string, (word, string)))
        words, empty = bind("sum", word, after), put(body, string, ())
        yield from above_summed(rest, words)
        first = polynomial(empty)
        for monomial, coefficient in rest.items() if len(first) == 1 else ():
            if coefficient <= 0 or dict(monomial).get(whole, 0) != 1:
                continue
            outer = without(monomial, whole)
            ((target, _),) = times({outer: 1}, first).items()
            if rest.get(target, 0) < 0 and sign(monomial_term(outer)) >= 1:
                yield mul(number(coefficient), monomial_term(outer), words)
