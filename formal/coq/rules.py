"""The kernel's rules in Coq: for each a proof of the equation that a step states."""

from __future__ import annotations

import re
from typing import Any

from formal.coq.angles import angles, circle, parity, part_of_pi
from formal.coq.cases import cases
from formal.coq.fubini import reordered
from formal.coq.logarithms import logarithm, xlogy
from formal.coq.rewriting import Rewriting
from formal.coq.text import Local, Scope
from formal.proof.calculus import derivative
from formal.proof.rules import total
from formal.proof.terms import MINUS_ONE, ONE, ZERO, Term, instantiate, opened, power, subtract


def linear(to: Rewriting, scope: Scope, before: Term, after: Term, *pairs: Any) -> str:
    """A sum as a combination of sums."""
    low, high, _ = before.args
    bounds = f"{low} {to.high(high)}"
    index, body = opened(before)
    place, inner = to.inside(index, scope)
    functions, sums, parts = [], [], []
    for c, g in pairs:
        own, own_body = opened(Term("sum", low, high, g))
        parts.append((c, own_body, {**scope, own: place}))
        texts = to.text(c, scope), to.text(own_body, parts[-1][2])
        functions.append(f"({texts[0]} * {texts[1]})")
        summand = f"(fun {place.name} : nat => {texts[1]})"
        counted = _counted(to, low, high, g, summand)
        scaled = f"(vsum_scal {bounds} {texts[0]} {summand})"
        sums.append(f"(eq_trans {scaled} (f_equal (Rmult {texts[0]}) {counted}))")
    work = to.identity((body, inner), *((c, scope) for c, *_ in parts), *(p[1:] for p in parts))
    right = [f"({work.walk(c, scope)} * {work.walk(g, s)})" for c, g, s in parts]
    pointwise = work.proof(work.walk(body, inner), _joined(right))
    proof = sums[0] if sums else f"(vsum_zero {bounds})"
    for part in sums[1:]:
        proof = f"(vsum_plus {bounds} _ _ _ _ {proof} {part})"
    combined = f"(fun {place.name} : nat => {_joined(functions)})"
    first = (
        f"(vsum_eq {bounds} {to.summand(before, scope)} {combined} "
        f"(fun {to.binder(place)} => {pointwise}))"
    )
    wholes = [Term("mul", c, total(before, g)) for c, g in pairs]
    raw = wholes[0] if len(wholes) == 1 else Term("add", *wholes) if wholes else ZERO
    cast = f"({proof} : vsum {bounds} {combined} = {to.text(raw, scope)})"
    order = to.regrouped(raw, after, scope, [t for whole in wholes for t in whole.terms])
    return f"(eq_trans {first} (eq_trans {cast} {order}))"


def _joined(texts: list[str]) -> str:
    return f"({' + '.join(texts)})" if texts else "0"


def _counted(to: Rewriting, low: Any, high: Any, body: Term, summand: str) -> str:
    """A proof that Coq's sum is the kernel's, which counts where the summand is 1."""
    end = to.high(high)
    if body != ONE:
        return f"(eq_refl (vsum {low} {end} {summand}))"
    if low == 1:
        proof = f"(vsum_ones_1 {end})"
    else:
        one = f"H{end}" if isinstance(high, str) else f"(ltac:(lia) : (1 <= {end})%nat)"
        proof = f"(vsum_ones_2 {end} {one})"
    if isinstance(high, str):
        return proof
    literal = f"(INR_IZR_INZ {end} : INR {end} = {end})"
    return f"(eq_trans {proof} {literal if low == 1 else f'(f_equal (Rplus (-1)) {literal})'})"


def contracted(
    to: Rewriting, scope: Scope, before: Term, after: Term, at: Term, summand: Term
) -> str:
    """A sum over a delta."""
    low, high, _ = before.args
    own, own_body = opened(before)
    index, _ = opened(before, at, summand)
    given = instantiate(summand, index)
    place, inner = to.inside(index, scope)
    raw = Term("mul", Term("delta", index, at), given)
    pointwise = to.equal(own_body, {**scope, own: place}, raw, inner)
    function = f"(fun {place.name} : nat => {to.text(given, inner)})"
    delta = f"(fun {place.name} : nat => {to.text(raw, inner)})"
    bounds = f"{low} {to.high(high)}"
    first = (
        f"(vsum_eq {bounds} {to.summand(before, scope)} {delta} "
        f"(fun {to.binder(place)} => {pointwise}))"
    )
    within = to.within(at, Term("idx", "", low, high), scope)
    low_proof = "(le_n 1)" if low == 1 else "(le_S 1 1 (le_n 1))"
    known = f"(vsum_delta {bounds} {scope[at].name} {function} {low_proof} {within})"
    order = to.equal(given, {**scope, index: scope[at]}, after, scope)
    return f"(eq_trans {first} (eq_trans {known} {order}))"


def exchanged(to: Rewriting, scope: Scope, before: Term, after: Term, *data: Any) -> str:
    """Two orders of a nested sum."""
    return reordered(to, scope, before, after, data[1])


def delta(to: Rewriting, scope: Scope, before: Term, after: Term, *data: Any) -> str:
    """Both terms where the indices agree, and where they do not."""
    _, left, right = data
    a, b = scope[left].name, scope[right].name
    if not a.startswith("u"):
        left, right, a, b = right, left, b, a
    same = {**scope, left: Local(scope[right].index, scope[right].proof)}
    agree = re.sub(rf"\b{a}\b", b, to.equal(before, same, after, same))
    to.apart = {(a, b): "E", (b, a): "(not_eq_sym E)"}
    differ = to.equal(before, scope, after, scope)
    to.apart = {}
    return f"destruct (Nat.eq_dec {a} {b}) as [E|E]; [subst {a}; exact {agree} | exact {differ}]."


def as_exponential(to: Rewriting, base: Term, exponent: Term, scope: Scope) -> str:
    """A proof that a power is exp(exponent ln base)."""
    text, positive = to.text(base, scope), to.condition("positive", base, scope)
    if exponent.op != "num" or exponent.value.denominator > 1:
        return f"(rpow_exp {text} {to.text(exponent, scope)} {positive})"
    n = int(exponent.value)
    if abs(n) == 1:
        return f"({'one' if n > 0 else 'over'}_exp {text} {positive})"
    word, n = ("pow", n) if n >= 0 else ("inv", -n)
    return f"({word}_exp {n} {text} {positive})"


def powered(to: Rewriting, scope: Scope, before: Term, after: Term) -> str:
    """A power as an exponential."""
    base, exponent = before.terms
    known = as_exponential(to, base, exponent, scope)
    raw = Term("mul", exponent, Term("log", base))
    order = to.regrouped(raw, after.terms[0], scope, [exponent, Term("log", base)])
    return f"(eq_trans {known} (f_equal exp {order}))"


def unlogged(
    to: Rewriting, scope: Scope, before: Term, after: Term, exponent: Term, base: Term, rest: Term
) -> str:
    """An exponential of a logarithm as a power."""
    scaled = Term("mul", exponent, Term("log", base))
    raw = Term("add", scaled, rest)
    first = f"(f_equal exp {to.equal(before.terms[0], scope, raw, scope)})"
    known = f"(eq_sym {as_exponential(to, base, exponent, scope)})"
    if rest == ZERO:
        last = "exp_0"
        end = ONE
    else:
        end = Term("exp", rest)
        last = f"(eq_refl {to.text(end, scope)})"
    split = f"(exp_sum _ _ _ _ {known} {last})"
    product = Term("mul", power(base, exponent), end)
    order = to.regrouped(product, after, scope, [power(base, exponent), end])
    return f"(eq_trans {first} (eq_trans {split} {order}))"


def differentiated(to: Rewriting, scope: Scope, before: Term, after: Term) -> str:
    """The derivative of a term."""
    body, by = before.terms
    function, point = to.function(body, by, scope), to.point(by, scope)
    value, slope = to.text(body, scope), to.text(derivative(body, by), scope)
    known = to.differentiated(body, by, scope)
    return f"(D_derive {function} {point} {value} {slope} {known})"


def assumed(to: Rewriting, scope: Scope, before: Term, after: Term, *data: Any) -> str:
    """A hypothesis times a number."""
    _, position, factor, *indices = data
    relation, inner, given = to.instance(position, tuple(indices), scope)
    left, right = to.proof.hypothesis(position, tuple(indices))[1:]
    difference = subtract(left, right)
    rewritten, lemma = to.rewritten(difference, scope)
    raw = Term("add", relation.left, Term("mul", MINUS_ONE, relation.right))
    zero = f"(eq_trans {to.equal(difference, scope, raw, inner)} (eq_zero _ _ {given}))"
    if lemma is not None:
        zero = f"(eq_trans (eq_sym {lemma}) {zero})"
    apart = Term("add", before, Term("mul", MINUS_ONE, after))
    known = to.equal(apart, scope, Term("mul", factor, rewritten), scope)
    scaled = f"(times_zero {to.text(factor, scope)} _ {zero})"
    return f"(zero_eq _ _ _ {scaled} {known})"


def equal(to: Rewriting, scope: Scope, before: Term, after: Term, *_: Any) -> str:
    """Terms that are equal as rational functions."""
    return to.equal(before, scope, after, scope)


def unfolded(to: Rewriting, scope: Scope, before: Term, after: Term) -> str:
    """The definition of a nonnegative name."""
    definition = to.expanded(before)
    if before.op == "apart":
        return to.equal(definition, scope, after, scope)
    opaque = []
    for part in definition.terms:
        opaque += part.terms if part.op == "mul" and part.terms[0] == MINUS_ONE else [part]
    return to.regrouped(definition, after, scope, opaque)


RULES: dict[str, Any] = {
    "lin": linear,
    "kron": contracted,
    "fubini": exchanged,
    "delta": delta,
    "cases": cases,
    "log": logarithm,
    "xlogy": xlogy,
    "pow": powered,
    "explog": unlogged,
    "diff": differentiated,
    "axiom": assumed,
    "field": equal,
    "unfold": unfolded,
    "angles": angles,
    "parity": parity,
    "circle": circle,
    "turn": part_of_pi,
}
