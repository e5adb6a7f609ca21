"""Sines and cosines in normal form: which steps the prover takes. Nothing here is trusted.

Angles are split into units: a monomial over the common denominator of its coefficients in the
claim, so that sin(2x), sin(x) and cos(x/2) all become polynomials in sin(x/2) and cos(x/2). Sines
stand to the first power at most; where a sine or a sum divides, it divides a whole sum.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from math import lcm

from formal.proof.angles import PI, SINES
from formal.proof.field import (
    Monomial,
    Number,
    Poly,
    is_zero,
    monomial_term,
    polynomial,
    times,
    to_term,
)
from formal.proof.kernel import Claim
from formal.proof.sample import constant_value
from formal.proof.terms import (
    MINUS_ONE,
    ONE,
    TWO,
    Term,
    generic,
    mul,
    number,
    power,
    subterms,
    subtract,
)

Step = Callable[..., Term]
RIGHT = Fraction(1, 2)
MAX_DEPTH = 4  # of angles that are made of sines and cosines
LARGEST = 24  # denominator of a part of pi that is looked for


class Turns:
    """The steps for sines and cosines; `units` are the denominators of angles in a claim."""

    def __init__(self, step: Step) -> None:
        """Take steps through the given function; no claim has been read yet."""
        self.step = step
        self.units: dict[Term, int] = {}
        self.any = False  # whether the claim has sines or cosines at all

    def read(
        self, claim: Claim, normal: Callable[[Term], Term], forget: Callable[[], None]
    ) -> None:
        """Learn the denominators of all angles of a claim, those inside of angles first."""
        sides = [s for relation in (claim.relation, *claim.hypotheses) for s in relation[1:]]
        self.any = any("(sin " in side.text or "(cos " in side.text for side in sides)
        parts = (t for side in sides for t in subterms(side)) if self.any else ()
        found = {t.terms[0] for t in parts if t.op in ("sin", "cos")}
        angles = sorted(found, key=lambda angle: (angle.size, angle))
        for _ in range(MAX_DEPTH if angles else 0):
            before = dict(self.units)
            for angle in angles:
                self._read(angle)
                self._read(normal(angle))
            if self.units == before:
                break
            forget()

    def _read(self, angle: Term) -> None:
        for monomial, coefficient in polynomial(angle).items():
            unit = generic(monomial_term(monomial))
            self.units[unit] = lcm(self.units.get(unit, 1), Fraction(coefficient).denominator)

    def turned(self, term: Term) -> Term | None:
        """A step for a sine or a cosine, or None if it is in normal form."""
        poly = polynomial(term.terms[0])
        if not poly:
            return self.step("turn", term, number(0))
        monomial, coefficient = min(poly.items(), key=str)
        if len(poly) > 1 and (part := _found_part(term.terms[0])) is not None:
            return self._written(term, mul(number(part), PI))
        if len(poly) > 1:
            first = monomial_term(monomial, coefficient)
            rest = to_term({m: c for m, c in poly.items() if m != monomial})
            return self.step("angles", term, *sorted((first, rest)))
        if coefficient < 0:
            return self.step("parity", term, MINUS_ONE, monomial_term(monomial, -coefficient))
        if monomial == ((PI, 1),):
            return self._part_of_pi(term, Fraction(coefficient))
        return self._multiple(term, monomial, Fraction(coefficient))

    def _part_of_pi(self, term: Term, part: Fraction) -> Term | None:
        if part in SINES:
            return self.step("turn", term, number(part))
        if part < RIGHT:
            known = (12 * part).denominator == 1  # 1/12 and 5/12, around 1/4
            first = Fraction(1, 4) if known else part
            return self._split(term, first, part - first)
        rights = part // RIGHT
        first = max(rights // 2, 1) * RIGHT
        return self._split(term, first, part - first)

    def _split(self, term: Term, first: Fraction, rest: Fraction) -> Term | None:
        if not rest:
            return self._written(term, mul(number(first), PI))
        parts = (mul(number(part), PI) for part in (first, rest))
        return self.step("angles", term, *sorted(parts))

    def _multiple(self, term: Term, monomial: Monomial, coefficient: Fraction) -> Term | None:
        denominator = self.units.get(generic(monomial_term(monomial)), 1)
        count = coefficient * denominator
        if count.denominator > 1 or count == 1:
            return self._written(term, monomial_term(monomial, coefficient))
        half = int(count) // 2
        parts = (Fraction(n, denominator) for n in (half, int(count) - half))
        return self.step("angles", term, *sorted(monomial_term(monomial, p) for p in parts))

    def _written(self, term: Term, angle: Term) -> Term | None:
        return None if term.terms[0] == angle else self.step("parity", term, ONE, angle)

    def squared(self, term: Term) -> Term | None:
        """A step for a power of a sine that is a square or more."""
        sine, exponent = term.terms
        if exponent == TWO:
            return self.step("circle", term)
        count = int(exponent.value)
        square = power(power(sine, TWO), number(count // 2))
        return self.step("field", term, mul(*(sine,) * (count % 2), square))

    def collected(self, term: Term) -> Term | None:
        """A step for a sum or a product in which sines meet, or by which sines divide."""
        if not self.any or "(sin " not in term.text:
            return None
        poly = polynomial(term)
        if any(is_square_of_sine(b, e) for monomial in poly for b, e in monomial):
            return self.step("field", term, to_term(poly))
        return self._divided(term, poly) if term.op == "add" else None

    def _divided(self, term: Term, poly: Poly) -> Term | None:
        lowest: dict[Term, int] = {}
        for monomial in poly:
            for base, e in monomial:
                if base.op in ("sin", "add") and e == int(e) and e < 0:
                    lowest[base] = min(lowest.get(base, 0), int(e))
        if not lowest:
            return None
        cleared = times(poly, {tuple(sorted((b, -e) for b, e in lowest.items())): 1})
        divisors = (power(b, number(e)) for b, e in lowest.items())
        return self.step("field", term, mul(*divisors, to_term(cleared)))


def _found_part(angle: Term) -> Fraction | None:
    """The part of pi that an angle without parameters is, if it is a simple one."""
    value = constant_value(angle) if PI.text in angle.text else None
    if value is None:
        return None
    part = Fraction(value / math.pi).limit_denominator(LARGEST)
    return part if is_zero(subtract(angle, mul(number(part), PI))) else None


def is_square_of_sine(base: Term, exponent: Number) -> bool:
    """Whether a power of an atom is one of a sine that the circle removes."""
    return base.op == "sin" and exponent == int(exponent) and exponent >= 2
