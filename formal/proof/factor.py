"""Factors of Laurent polynomials, by SymPy. Not trusted: the kernel multiplies them out again."""

from __future__ import annotations

from fractions import Fraction
from math import gcd, lcm

from sympy import QQ, factorint
from sympy.polys.rings import ring

from formal.proof.field import Monomial, Number, Poly, atom, plus, polynomial, times, to_term
from formal.proof.terms import ZERO, ProofError, Term, mul, number

MAX_FACTORED = 40
MAX_DIVISIONS = 40


def factored(poly: Poly) -> tuple[dict[Term, Number], Term]:
    """Factors with exponents, and r, such that the polynomial is their product times exp(r)."""
    factors: dict[Term, Number] = {}
    inside: list[Term] = []

    def collect(base: Term, exponent: Number) -> None:
        if base.op == "exp":
            inside.append(mul(number(exponent), base.terms[0]))
        elif base.op == "num":
            for prime, k in _primes(base.value).items():
                factors[number(prime)] = factors.get(number(prime), 0) + k * exponent
        elif base.op in ("add", "mul") and len(polynomial(base)) > 1:
            for part, k in _factor_list(polynomial(base)):
                if part.op in ("add", "mul"):
                    factors[part] = factors.get(part, 0) + k * exponent
                else:
                    collect(part, k * exponent)
        else:
            factors[base] = factors.get(base, 0) + exponent

    for part, k in _factor_list(poly):
        collect(part, k) if part.op not in ("add",) else factors.update(
            {part: factors.get(part, 0) + k}
        )
    rest = to_term(polynomial(Term("add", *inside))) if inside else ZERO
    return {a: n for a, n in factors.items() if n}, rest


def _primes(value: Fraction) -> dict[int, int]:
    primes = {p: k for p, k in factorint(value.numerator).items() if p != 1}
    for p, k in factorint(value.denominator).items():
        if p != 1:
            primes[p] = primes.get(p, 0) - k
    return primes


def _factor_list(poly: Poly) -> list[tuple[Term, Number]]:
    """Number, atoms and irreducible polynomials with nonnegative exponents of atoms.

    Raises:
        ProofError: The polynomial is zero.
    """
    if not poly:
        raise ProofError("a logarithm or a denominator is zero")
    if len(poly) == 1:
        ((monomial, coefficient),) = poly.items()
        return [(number(coefficient), 1), *monomial] if coefficient != 1 else list(monomial)
    atoms = sorted({b for m in poly for b, _ in m})
    lowest = {b: min(dict(m).get(b, 0) for m in poly) for b in atoms}
    scale = {
        b: lcm(*(Fraction(dict(m).get(b, 0) - lowest[b]).denominator for m in poly)) for b in atoms
    }
    domain, *_ = ring([f"x{n}" for n in range(len(atoms))], QQ)
    element = domain.from_dict(
        {
            tuple(int((dict(m).get(b, 0) - lowest[b]) * scale[b]) for b in atoms): QQ(
                Fraction(c).numerator, Fraction(c).denominator
            )
            for m, c in poly.items()
        }
    )
    content, parts = (
        element.factor_list() if len(poly) <= MAX_FACTORED else (QQ(1), [(element, 1)])
    )
    found: list[tuple[Term, Number]] = [(b, e) for b, e in lowest.items() if e]
    constant = Fraction(int(content.numerator), int(content.denominator))
    for part, k in parts:
        back: dict[Monomial, Number] = {
            tuple(
                (b, _plain(Fraction(n, scale[b]))) for b, n in zip(atoms, m, strict=True) if n
            ): Fraction(int(c.numerator), int(c.denominator))
            for m, c in part.terms()
        }
        unit = _unit(back)
        constant *= Fraction(unit) ** k
        back = {m: c / unit for m, c in back.items()}
        found.append((to_term(back), k))
    return ([(number(constant), 1)] if constant != 1 else []) + found


def quotient(dividend: Term, divisor: Term) -> Term:
    """The quotient of Laurent polynomials of which one divides the other, exponents whole."""
    left, right = polynomial(dividend), polynomial(divisor)
    atoms = sorted({b for poly in (left, right) for m in poly for b, _ in m})
    domain, *_ = ring([f"x{n}" for n in range(len(atoms))], QQ)
    elements, lowest = [], []
    for poly in (left, right):
        powers = [[dict(m).get(b, 0) for b in atoms] for m in poly]
        low = [min(column) for column in zip(*powers, strict=True)]
        terms = {
            tuple(int(n - k) for n, k in zip(row, low, strict=True)): c
            for row, c in zip(powers, poly.values(), strict=True)
        }
        elements.append(domain.from_dict({m: QQ(*_pair(c)) for m, c in terms.items()}))
        lowest.append(low)
    result, rest = elements[0].div(elements[1])
    if rest:
        raise ProofError("a term does not divide another")
    shift = [a - b for a, b in zip(*lowest, strict=True)]
    return to_term(
        {
            tuple((b, n + k) for b, n, k in zip(atoms, m, shift, strict=True) if n + k): Fraction(
                int(c.numerator), int(c.denominator)
            )
            for m, c in result.terms()
        }
    )


def _pair(value: Number) -> tuple[int, int]:
    return Fraction(value).numerator, Fraction(value).denominator


def _plain(value: Fraction) -> Number:
    return int(value) if value.denominator == 1 else value


def _unit(poly: Poly) -> Fraction:
    """The number that leaves coprime integers and, if any sign is shared, positive ones."""
    values = [Fraction(c) for c in poly.values()]
    size = Fraction(gcd(*(v.numerator for v in values)), lcm(*(v.denominator for v in values)))
    first = poly[min(poly, key=str)]
    positive = all(v > 0 for v in values)
    return size if positive or (first > 0 and any(v < 0 for v in values)) else -size


def divided_out(poly: Poly) -> Poly:
    """The same function with no numerator that contains the leading monomial of a denominator.

    So a / (a + 2 b) + 2 b / (a + 2 b) becomes 1.
    """
    for _ in range(MAX_DIVISIONS):
        step = next(filter(None, (_division(m, c) for m, c in poly.items())), None)
        if step is None:
            return poly
        monomial, quotient = step
        poly = plus({m: c for m, c in poly.items() if m != monomial}, quotient)
    return poly


def _division(monomial: Monomial, coefficient: Number) -> tuple[Monomial, Poly] | None:
    """The monomial, and what it equals after one step of division."""
    for base, exponent in monomial:
        if base.op != "add" or exponent >= 0:
            continue
        denominator = polynomial(base)
        leading = max(denominator, key=_order)
        powers = dict(monomial)
        if leading and all(0 < e <= powers.get(b, 0) for b, e in leading):
            unit = {
                tuple((b, -e) for b, e in leading): coefficient / Fraction(denominator[leading])
            }
            others = {m: -c for m, c in denominator.items() if m != leading}
            rest = times({monomial: 1}, unit)
            return monomial, times(rest, plus(atom(base), others))
    return None


def _order(monomial: Monomial) -> tuple:
    """Lexicographic order of monomials; one that is divisible by another is not smaller."""
    return tuple((base.text, exponent) for base, exponent in reversed(monomial))
