"""Logarithms of products in Coq, also where a factor is zero and nothing is asked there."""

from __future__ import annotations

from formal.coq.rewriting import Rewriting
from formal.coq.text import Scope
from formal.proof.conditions import Condition
from formal.proof.terms import ONE, ZERO, Term, is_zero_or_one, power

Pair = tuple[Term, Term]


def logarithm(
    to: Rewriting, scope: Scope, before: Term, after: Term, rest: Term, *pairs: Pair
) -> str:
    """The logarithm of a product of positive factors."""
    positive = [to.condition("positive", base, scope) for _, base in pairs]
    values = [Term("log", base) for _, base in pairs]
    same = to.equal(before.terms[0], scope, _product(rest, pairs), scope)
    proof, raw = _split(to, scope, rest, pairs, positive, values)
    order = to.regrouped(raw, after, scope, [rest, *values])
    return f"(eq_trans (f_equal ln {same}) (eq_trans {proof} {order}))"


def xlogy(to: Rewriting, scope: Scope, before: Term, after: Term, rest: Term, *pairs: Pair) -> str:
    """x times the logarithm of a product that is positive unless x is zero."""
    x, y = before.terms
    same = to.equal(y, scope, _product(rest, pairs), scope)
    positive = f"(ne_of_pos _ (pos_eq _ _ {same} ({to.supported(x, y, scope)} N)))"
    factors = _nonzero_factors(positive, len(pairs) + (rest != ZERO))
    if rest != ZERO:
        factors = factors[1:]
    known = [
        _positive(to, scope, n, base, proof)
        for (n, base), proof in zip(pairs, factors, strict=True)
    ]
    values = [_value(to, base) for _, base in pairs]
    proof, raw = _split(to, scope, rest, pairs, known, values)
    texts = [to.text(t, scope) for t in (x, y, raw)]
    whole = f"(fun N : {texts[0]} <> 0 => eq_trans (f_equal ln {same}) {proof})"
    opaque = [x, rest, *values]
    order = to.regrouped(Term("mul", x, raw), after, scope, opaque)
    return f"(eq_trans (xlogy_eq {' '.join(texts)} {whole}) {order})"


def _product(rest: Term, pairs: tuple[Pair, ...]) -> Term:
    factors = [Term("exp", rest)] if rest != ZERO else []
    factors += [power(base, n) for n, base in pairs]
    return Term("mul", *factors) if len(factors) > 1 else [*factors, ONE][0]


def _value(to: Rewriting, base: Term) -> Term:
    """What the kernel writes for the logarithm of a factor."""
    if is_zero_or_one(base):
        return ZERO
    positive = to.proof.holds(Condition("positive", base))
    return Term("log" if positive else "log0", base)


def _split(
    to: Rewriting,
    scope: Scope,
    rest: Term,
    pairs: tuple[Pair, ...],
    positive: list[str],
    values: list[Term],
) -> tuple[str, Term]:
    """A proof that the logarithm of the product is a sum, and that sum."""
    proofs, addends = [], []
    if rest != ZERO:
        text = to.text(rest, scope)
        proofs.append((f"(exp_pos {text})", f"(ln_exp {text})"))
        addends.append(rest)
    for (n, base), known, value in zip(pairs, positive, values, strict=True):
        above, proof = _log_of_power(to, base, n, known, scope)
        if value == ZERO:
            cases = to.bit(base, scope)
            zero = f"(f_equal (Rmult {to.text(n, scope)}) (ln_bit _ {known} {cases}))"
            proof = f"(eq_trans {proof} {zero})"
        proofs.append((above, proof))
        addends.append(Term("mul", n, value))
    if not proofs:
        return "ln_1", ZERO
    above, proof = proofs[0]
    for other_above, other in proofs[1:]:
        proof = f"(ln_times _ _ _ _ {above} {other_above} {proof} {other})"
        above = f"(mul_pos_pos _ _ {above} {other_above})"
    return proof, Term("add", *addends) if len(addends) > 1 else addends[0]


def _nonzero_factors(proof: str, count: int) -> list[str]:
    """Proofs that the factors of a product are not zero, from one that it is not."""
    found = []
    for _ in range(count - 1):
        found.append(f"(right_ne _ _ {proof})")
        proof = f"(left_ne _ _ {proof})"
    return [proof, *reversed(found)] if count else []


def _positive(to: Rewriting, scope: Scope, n: Term, base: Term, proof: str) -> str:
    """A proof that a base is positive, from one that its power is not zero."""
    if to.proof.holds(Condition("positive", base)):
        return to.condition("positive", base, scope)
    if n.value.denominator > 1:
        proof = f"(rpow_ne _ _ {proof})"
    else:
        k = int(n.value)
        proof = f"(inv_ne _ {proof})" if k < 0 else proof
        proof = proof if abs(k) == 1 else f"(base_ne {abs(k) - 1} _ {proof})"
    return f"(pos_of_ne _ {to.condition('nonnegative', base, scope)} {proof})"


def _log_of_power(
    to: Rewriting, base: Term, n: Term, positive: str, scope: Scope
) -> tuple[str, str]:
    """Proofs that a power is positive, and what its logarithm is."""
    text = to.text(base, scope)
    if n.value.denominator > 1:
        exponent = to.text(n, scope)
        return (
            f"(rpow_pos {text} {exponent} {positive})",
            f"(ln_rpow {text} {exponent} {positive})",
        )
    k = int(n.value)
    if k == 1:
        return positive, f"(eq_sym (Rmult_1_l (ln {text})))"
    if k >= 0:
        return f"(pow_pos {k} {text} {positive})", f"(ln_power {k} {text} {positive})"
    if k == -1:
        return f"(inv_pos {text} {positive})", f"(ln_inv {text} {positive})"
    return (
        f"(inv_pos _ (pow_pos {-k} {text} {positive}))",
        f"(ln_inverse {-k} {text} {positive})",
    )
