"""Nested sums and products of sums in Coq, multiplied out into one multiple sum and reordered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from formal.coq.field import Identity
from formal.coq.rewriting import Rewriting
from formal.coq.text import Local, Scope
from formal.proof.terms import Term, opened


class Product(NamedTuple):
    """A product of two products, or of a term in its scope alone."""

    text: str
    leaf: tuple[Term, Scope] | None
    factors: tuple[Product, ...] = ()

    def leaves(self) -> list[tuple[Term, Scope]]:
        """The terms, from left to right."""
        return [self.leaf] if self.leaf else [x for f in self.factors for x in f.leaves()]

    def walk(self, work: Identity) -> str:
        """The product over the variables of an identity."""
        if self.leaf:
            return work.walk(*self.leaf)
        return f"({' * '.join(factor.walk(work) for factor in self.factors)})"


class Flat(NamedTuple):
    """A multiple sum: its indices, its summand, and why a term is equal to it."""

    places: list[Local]
    summand: Product
    proof: str


def reordered(
    to: Rewriting, scope: Scope, before: Term, after: Term, order: tuple[int, ...]
) -> str:
    """A proof that two terms are the same multiple sum; the m-th index is the order[m]-th."""
    left = _flat(to, before, scope, iter(()))
    wanted = [left.places[order.index(n)] for n in range(len(order))]
    right = _flat(to, after, scope, iter(wanted))
    proof, places = left.proof, list(left.places)
    for n, place in enumerate(wanted):
        for m in reversed(range(n, places.index(place))):
            swap = _swapped(to, places, m, left.summand.text)
            places[m], places[m + 1] = places[m + 1], places[m]
            proof = f"(eq_trans {proof} {swap})"
    work = Identity(to, [*left.summand.leaves(), *right.summand.leaves()])
    pointwise = work.proof(left.summand.walk(work), right.summand.walk(work))
    inner = _below(to, places, left.summand.text, right.summand.text, pointwise)
    return f"(eq_trans {proof} (eq_trans {inner} (eq_sym {right.proof})))"


def _flat(to: Rewriting, term: Term, scope: Scope, places: Iterator[Local]) -> Flat:
    if term.op == "sum":
        index, body = opened(term)
        place = next(places, None) or to.inside(index, scope)[0]
        flat = _flat(to, body, {**scope, index: place}, places)
        whole = _nested(to, flat.places, flat.summand.text)
        low, high, _ = term.args
        proof = (
            f"(vsum_eq {low} {to.high(high)} {to.summand(term, scope)} "
            f"(fun {place.name} : nat => {whole}) (fun {to.binder(place)} => {flat.proof}))"
        )
        return Flat([place, *flat.places], flat.summand, proof)
    if term.op == "mul":
        return _product(to, [_flat(to, part, scope, places) for part in term.terms])
    if term.op == "pow" and term.terms[1].op == "num" and term.terms[1].value in range(2, 7):
        n = int(term.terms[1].value)
        flat = _product(to, [_flat(to, term.terms[0], scope, places) for _ in range(n)])
        base = to.text(term.terms[0], scope)
        lemma = to.lemma(
            "K", f": forall x : R, x ^ {n} = {' * '.join('x' * n)}", "intros x; ring."
        )
        return flat._replace(proof=f"(eq_trans ({lemma} {base}) {flat.proof})")
    text = to.text(term, scope)
    return Flat([], Product(text, (term, scope)), f"(eq_refl {text})")


def _product(to: Rewriting, parts: list[Flat]) -> Flat:
    """The product of multiple sums, from left to right, as one."""
    whole = parts[0]
    for part in parts[1:]:
        both = f"(f_equal2 Rmult {whole.proof} {part.proof})"
        f, g = whole.summand, part.summand
        out = _multiplied_out(to, whole.places, f.text, part.places, g.text)
        product = Product(f"({f.text} * {g.text})", None, (f, g))
        whole = Flat(whole.places + part.places, product, f"(eq_trans {both} {out})")
    return whole


def _multiplied_out(to: Rewriting, left: list[Local], f: str, right: list[Local], g: str) -> str:
    """A proof that the product of two multiple sums is the multiple sum of the products."""
    places = left or right
    if not places:
        return f"(eq_refl ({f} * {g}))"
    side = "r" if left else "l"
    place, rest = places[0], places[1:]
    low, high = place.index.args[1:]
    bounds = f"{low} {to.high(high)}"
    own = f if left else g
    function = f"(fun {place.name} : nat => {_nested(to, rest, own)})"
    other = _nested(to, right, g) if left else f
    step = f"(vsum_times_{side} {bounds} {function} {other})"
    both = _multiplied_out(to, rest if left else left, f, right if left else rest, g)
    inner = (_nested(to, rest, own), other) if left else (other, _nested(to, rest, own))
    after = _nested(to, [*rest, *right] if left else rest, f"({f} * {g})")
    return (
        f"(eq_trans {step} (vsum_eq {bounds} "
        f"(fun {place.name} : nat => {inner[0]} * {inner[1]}) "
        f"(fun {place.name} : nat => {after}) (fun {to.binder(place)} => {both})))"
    )


def _nested(to: Rewriting, places: list[Local], summand: str) -> str:
    """The text of a multiple sum."""
    text = summand
    for place in reversed(places):
        low, high = place.index.args[1:]
        text = f"(vsum {low} {to.high(high)} (fun {place.name} : nat => {text}))"
    return text


def _swapped(to: Rewriting, places: list[Local], m: int, summand: str) -> str:
    """A proof that the m-th and the next sum may be exchanged."""
    first, second = places[m], places[m + 1]
    body = _nested(to, places[m + 2 :], summand)
    ranges = [f"{p.index.args[1]} {to.high(p.index.args[2])}" for p in (first, second)]
    function = f"(fun {first.name} {second.name} : nat => {body})"
    swap = f"(vsum_swap {ranges[0]} {ranges[1]} {function})"
    after = _nested(to, [second, first, *places[m + 2 :]], summand)
    before = _nested(to, places[m:], summand)
    return _below_all(to, places[:m], before, after, f"({swap} : {before} = {after})")


def _below(to: Rewriting, places: list[Local], left: str, right: str, proof: str) -> str:
    """A proof that multiple sums are equal whose summands are."""
    return _below_all(to, places, left, right, proof)


def _below_all(to: Rewriting, places: list[Local], left: str, right: str, proof: str) -> str:
    for place in reversed(places):
        low, high = place.index.args[1:]
        bounds = f"{low} {to.high(high)}"
        f, g = (f"(fun {place.name} : nat => {side})" for side in (left, right))
        proof = f"(vsum_eq {bounds} {f} {g} (fun {to.binder(place)} => {proof}))"
        left, right = f"(vsum {bounds} {f})", f"(vsum {bounds} {g})"
    return proof
