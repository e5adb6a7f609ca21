"""Sines and cosines in Coq: the rules of `formal.proof.angles` from those of the real numbers."""

from __future__ import annotations

from formal.coq.rewriting import Rewriting
from formal.coq.text import Scope
from formal.proof.angles import PI
from formal.proof.terms import MINUS_ONE, ONE, TWO, Term, cos, power, sin

ANGLES = r"""(* Sines and cosines *)

Lemma cos_sum x y : cos (x + y) = cos x * cos y + -1 * (sin x * sin y).
Proof. rewrite cos_plus. ring. Qed.
Lemma sin_minus x : sin (-1 * x) = -1 * sin x.
Proof. replace (-1 * x) with (- x) by ring. rewrite sin_neg. ring. Qed.
Lemma cos_minus x : cos (-1 * x) = cos x.
Proof. replace (-1 * x) with (- x) by ring. apply cos_neg. Qed.
Lemma sin_square x : sin x ^ 2 = 1 + -1 * cos x ^ 2.
Proof. generalize (sin2_cos2 x). unfold Rsqr. lra. Qed.
Lemma root_sqrt a : 0 <= a -> rpow a (1 / 2) = sqrt a.
Proof.
  intros H. rewrite <- (pow_1 (sqrt a)).
  apply (rpow_of_root 0 1); [apply sqrt_pos|symmetry; apply pow2_sqrt, H].
Qed.
Lemma sin_part_0 : sin (0 * PI) = 0.
Proof. rewrite Rmult_0_l. apply sin_0. Qed.
Lemma cos_part_0 : cos (0 * PI) = 1.
Proof. rewrite Rmult_0_l. apply cos_0. Qed.
Lemma sin_part_6 : sin (1 / 6 * PI) = 1 / 2.
Proof. replace (1 / 6 * PI) with (PI / 6) by field. apply sin_PI6. Qed.
Lemma cos_part_6 : cos (1 / 6 * PI) = 1 / 2 * rpow 3 (1 / 2).
Proof.
  replace (1 / 6 * PI) with (PI / 6) by field. rewrite root_sqrt, cos_PI6 by lra. field.
Qed.
Lemma half_root_two : 1 / sqrt 2 = 1 / 2 * rpow 2 (1 / 2).
Proof.
  rewrite root_sqrt by lra. assert (P : 0 < sqrt 2) by (apply sqrt_lt_R0; lra).
  apply (Rmult_eq_reg_r (sqrt 2)); [|lra]. rewrite Rmult_assoc, sqrt_sqrt by lra. field. lra.
Qed.
Lemma sin_part_4 : sin (1 / 4 * PI) = 1 / 2 * rpow 2 (1 / 2).
Proof. replace (1 / 4 * PI) with (PI / 4) by field. rewrite sin_PI4. apply half_root_two. Qed.
Lemma cos_part_4 : cos (1 / 4 * PI) = 1 / 2 * rpow 2 (1 / 2).
Proof. replace (1 / 4 * PI) with (PI / 4) by field. rewrite cos_PI4. apply half_root_two. Qed.
Lemma sin_part_3 : sin (1 / 3 * PI) = 1 / 2 * rpow 3 (1 / 2).
Proof.
  replace (1 / 3 * PI) with (PI / 3) by field. rewrite root_sqrt, sin_PI3 by lra. field.
Qed.
Lemma cos_part_3 : cos (1 / 3 * PI) = 1 / 2.
Proof. replace (1 / 3 * PI) with (PI / 3) by field. apply cos_PI3. Qed.
Lemma sin_part_2 : sin (1 / 2 * PI) = 1.
Proof. replace (1 / 2 * PI) with (PI / 2) by field. apply sin_PI2. Qed.
Lemma cos_part_2 : cos (1 / 2 * PI) = 0.
Proof. replace (1 / 2 * PI) with (PI / 2) by field. apply cos_PI2. Qed.
"""


def angles(to: Rewriting, scope: Scope, before: Term, after: Term, x: Term, y: Term) -> str:
    """The sine or cosine of a sum."""
    inner = to.equal(before.terms[0], scope, Term("add", x, y), scope)
    sines = Term("mul", sin(x), cos(y)), Term("mul", cos(x), sin(y))
    if before.op == "cos":
        minus = Term("mul", MINUS_ONE, Term("mul", sin(x), sin(y)))
        sines = Term("mul", cos(x), cos(y)), minus
    lemma = "sin_plus" if before.op == "sin" else "cos_sum"
    known = f"({lemma} {to.text(x, scope)} {to.text(y, scope)})"
    opaque = [of(angle) for of in (sin, cos) for angle in (x, y)]
    order = to.regrouped(Term("add", *sines), after, scope, opaque)
    return f"(eq_trans (f_equal {before.op} {inner}) (eq_trans {known} {order}))"


def parity(to: Rewriting, scope: Scope, before: Term, after: Term, unit: Term, x: Term) -> str:
    """The sine or cosine of an angle written otherwise, or of its negative."""
    angle = x if unit == ONE else Term("mul", MINUS_ONE, x)
    inner = f"(f_equal {before.op} {to.equal(before.terms[0], scope, angle, scope)})"
    if unit == ONE:
        return inner
    known = f"({before.op}_minus {to.text(x, scope)})"
    raw = Term("mul", MINUS_ONE, sin(x)) if before.op == "sin" else after
    order = to.regrouped(raw, after, scope, [sin(x)])
    return f"(eq_trans {inner} (eq_trans {known} {order}))"


def circle(to: Rewriting, scope: Scope, before: Term, after: Term) -> str:
    """The square of a sine."""
    angle = before.terms[0].terms[0]
    square = power(cos(angle), TWO)
    raw = Term("add", ONE, Term("mul", MINUS_ONE, square))
    order = to.regrouped(raw, after, scope, [square])
    return f"(eq_trans (sin_square {to.text(angle, scope)}) {order})"


def part_of_pi(to: Rewriting, scope: Scope, before: Term, after: Term, part: Term) -> str:
    """The sine or cosine of a known part of pi."""
    inner = to.equal(before.terms[0], scope, Term("mul", part, PI), scope)
    name = part.value.denominator if part.value else 0
    known = f"{before.op}_part_{name}"
    order = to.regrouped(Term("mul", *after.terms), after, scope, []) if after.terms else ""
    known = f"(eq_trans {known} {order})" if order else known
    return f"(eq_trans (f_equal {before.op} {inner}) {known})"
