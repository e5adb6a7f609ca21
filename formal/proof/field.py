"""The field test: whether a term is zero as a rational function of its atoms.

A term becomes a Laurent polynomial: rational coefficients, and monomials that are products of
powers of atoms. Atoms are parameters, array entries, sums, logarithms, exponentials of single
monomials (so that exp(a + b) = exp(a) exp(b) is built in), and *packed* atoms: sums that stand
under a negative or fractional exponent. Denominators are assumed to be nonzero and bases of
fractional powers to be nonnegative here; `formal.proof.kernel` collects these as obligations.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache
from math import floor, gcd, lcm

from sympy import QQ, factorint
from sympy.polys.rings import PolyElement, PolyRing, ring

from formal.proof.sign import sign
from formal.proof.terms import TWO, ProofError, Term, add, exp, is_zero_or_one, mul, number, power

Number = int | Fraction
Monomial = tuple[tuple[Term, Number], ...]
Poly = Mapping[Monomial, Number]

MAX_POWER = 40
MAX_TERMS = 3_000
MAX_SQUARE = 40
_PACKED = frozenset({"add", "mul", "num", "pow"})


@lru_cache(maxsize=20_000)
def polynomial(term: Term) -> Poly:
    """The Laurent polynomial of a term; a `ProofError` if a denominator is zero."""
    match term.op:
        case "num":
            return constant(term.value)
        case "add":
            return plus(*map(polynomial, term.terms))
        case "mul":
            return times(*map(polynomial, term.terms))
        case "pow":
            exponent = as_constant(polynomial(term.terms[1]))
            base = polynomial(term.terms[0])
            if exponent is None:
                return {} if not base and sign(term.terms[1]) == 2 else atom(term)
            return raised(base, exponent)
        case "exp":
            return _exponential(polynomial(term.terms[0]))
        case "delta":
            left, right = sorted(term.terms)
            return constant(1) if left == right else atom(Term("delta", left, right))
        case _:
            return atom(term)


def is_zero(term: Term) -> bool:
    """Whether the term is zero as a rational function of its atoms."""
    return vanishes(polynomial(term))


def constant(value: Number) -> Poly:
    """A number as a polynomial."""
    return {(): value} if value else {}


def atom(term: Term, exponent: Number = 1) -> Poly:
    """A power of an atom as a polynomial."""
    return {((term, exponent),): 1}


def as_constant(poly: Poly) -> Fraction | None:
    """The value of a polynomial without atoms, else None."""
    return Fraction(poly.get((), 0)) if not poly.keys() - {()} else None


def plus(*polys: Poly) -> Poly:
    """The sum of polynomials."""
    total: dict[Monomial, Number] = {}
    for poly in polys:
        for monomial, coefficient in poly.items():
            total[monomial] = total.get(monomial, 0) + coefficient
    return {m: c for m, c in total.items() if c}


def times(*polys: Poly) -> Poly:
    """The product of polynomials.

    Raises:
        ProofError: It has more than `MAX_TERMS` monomials.
    """
    product: Poly = constant(1)
    for poly in polys:
        if len(product) * len(poly) > 20 * MAX_TERMS:
            raise ProofError("a product has too many terms")
        total: dict[Monomial, Number] = {}
        for left, a in product.items():
            for right, b in poly.items():
                monomial, factor = _merge(left, right)
                total[monomial] = total.get(monomial, 0) + a * b * factor
        product = {m: c for m, c in total.items() if c}
        if len(product) > MAX_TERMS:
            raise ProofError(f"a product has more than {MAX_TERMS} terms")
    return product


def _merge(left: Monomial, right: Monomial) -> tuple[Monomial, Number]:
    """The product of two monomials: a monomial and a number (from whole powers of numbers)."""
    if not left or not right:
        return left or right, 1
    powers = dict(left)
    for base, exponent in right:
        powers[base] = powers.get(base, 0) + exponent
    return _collected(powers)


def _collected(powers: dict[Term, Number]) -> tuple[Monomial, Number]:
    factor: Number = 1
    for base, exponent in list(powers.items()):
        if is_zero_or_one(base) and exponent > 0:
            powers[base] = 1
        if base.op == "num":
            factor *= base.value ** floor(exponent)
            powers[base] = exponent - floor(exponent)
    kept = ((b, e if e != int(e) else int(e)) for b, e in powers.items() if e)
    return tuple(sorted(kept, key=lambda pair: pair[0].text)), factor


def raised(poly: Poly, exponent: Fraction) -> Poly:
    """A polynomial raised to a rational power.

    Raises:
        ProofError: Zero to a negative power, or an exponent that is too large.
    """
    if exponent.denominator == 1 and 0 <= exponent <= MAX_POWER:
        return times(*[poly] * int(exponent))
    if not poly:
        if exponent < 0:
            raise ProofError("a denominator is zero")
        return {}
    if abs(exponent) > 10**6:
        raise ProofError(f"the exponent {exponent} is too large")
    if exponent.denominator > 1:
        return _root(poly, exponent)
    if len(poly) == 1:
        ((monomial, coefficient),) = poly.items()
        powers: dict[Term, Number] = {base: e * exponent for base, e in monomial}
        collected, factor = _collected(powers)
        return times({collected: factor}, _number_power(Fraction(coefficient), exponent))
    if exponent > 0:
        raise ProofError(f"a sum to the power {exponent} is too large to be multiplied out")
    return atom(to_term(poly), int(exponent))


def _root(poly: Poly, exponent: Fraction) -> Poly:
    """A nonnegative polynomial to a fractional power, positive factors taken out of it.

    Of a product of squares, and of a single monomial, all factors are taken out: |x y| = |x| |y|.
    """
    if len(poly) > 1:
        common = _positive_content(poly)
        rest = times(poly, raised(common, Fraction(-1)))
        squares = _squares(rest)
        parts = [_size_power(z, 2 * k * exponent) for z, k in squares]
        parts = parts or [atom(to_term(rest), exponent)]
        return times(*parts, _root(common, exponent)) if common != constant(1) else times(*parts)
    ((monomial, coefficient),) = poly.items()
    if coefficient < 0 or any(sign(base) < 1 and e % 2 for base, e in monomial):
        return atom(to_term(poly), exponent)
    parts = [_number_power(Fraction(coefficient), exponent)]
    return times(*parts, *(_size_power(base, e * exponent) for base, e in monomial))


def _positive_content(poly: Poly) -> Poly:
    """The greatest common factor of the monomials that consists of positive atoms and a number.

    What is not negative and stands in a denominator is positive.
    """
    lowest = {b: min(dict(m).get(b, 0) for m in poly) for m in poly for b, _ in m}
    powers: dict[Term, Number] = {
        b: e for b, e in lowest.items() if sign(b) == 2 or (e < 0 and sign(b) >= 1)
    }
    values = [Fraction(c) for c in poly.values()]
    size = Fraction(gcd(*(v.numerator for v in values)), lcm(*(v.denominator for v in values)))
    monomial, factor = _collected(powers)
    return {monomial: factor * size}


def _size_power(base: Term, exponent: Number) -> Poly:
    """A power of the absolute value: of the base if it is not negative, else of its square."""
    unit, e = (base, exponent) if sign(base) >= 1 else (power(base, TWO), Fraction(exponent) / 2)
    if e == int(e):
        return raised(polynomial(unit), Fraction(e))
    monomial, factor = _collected({unit: e})
    return {monomial: factor}


def _squares(poly: Poly) -> list[tuple[Term, int]]:
    """Terms and exponents with poly = prod (z^2)^k; nothing if there are none."""
    exponents = [e for monomial in poly for _, e in monomial]
    if len(poly) > MAX_SQUARE or any(e != int(e) for e in exponents):
        return []
    atoms = sorted({b for monomial in poly for b, _ in monomial})
    domain = ring([f"x{n}" for n in range(len(atoms))], QQ)[0]
    _, factors = _element(domain, atoms, poly).factor_list()
    lowest = {b: int(min(dict(m).get(b, 0) for m in poly)) for b in atoms}
    found = [(atom(b), low) for b, low in lowest.items() if low]
    for factor, k in factors:
        back: dict[Monomial, Number] = {
            tuple((b, int(e)) for b, e in zip(atoms, m, strict=True) if e): Fraction(
                int(c.numerator), int(c.denominator)
            )
            for m, c in factor.terms()
        }
        unit = -1 if back[min(back, key=str)] < 0 else 1
        found.append((times(back, constant(unit)), k))
    powers = [raised(z, Fraction(k)) for z, k in found]
    if any(k % 2 for _, k in found) or times(*powers) != poly:  # SymPy is not believed
        return []
    return [(to_term(z), k // 2) for z, k in found]


def _number_power(value: Fraction, exponent: Fraction) -> Poly:
    if value == 1:
        return constant(1)
    if exponent.denominator == 1:
        if abs(exponent) * len(str(value)) > 400:
            raise ProofError(f"the number ({value})^({exponent}) is too large")
        return constant(value ** int(exponent))
    if max(value.numerator, value.denominator) > 10**9:
        raise ProofError(f"the number ({value})^({exponent}) is not supported")
    primes = {p: k for p, k in factorint(value.numerator).items() if p > 1}
    primes |= {p: -k for p, k in factorint(value.denominator).items() if p > 1}
    powers: dict[Term, Number] = {number(p): k * exponent for p, k in primes.items()}
    collected, factor = _collected(powers)
    return {collected: factor}


def _exponential(poly: Poly) -> Poly:
    """exp(sum of c m) = product of exp(m)^c, for monomials m with their coefficients c."""
    powers: dict[Term, Number] = {
        exp(to_term({m: 1})) if m else Term("exp", number(1)): c for m, c in poly.items()
    }
    monomial, factor = _collected(powers)
    return {monomial: factor}


def to_term(poly: Poly) -> Term:
    """The term of a polynomial; `polynomial` takes it back."""
    return add(*(monomial_term(m, c) for m, c in poly.items()))


def monomial_term(monomial: Monomial, coefficient: Number = 1) -> Term:
    """A number times a product of powers; exponentials are merged into one."""
    exponents = {base.terms[0]: e for base, e in monomial if base.op == "exp"}
    inside = add(*(_scaled(argument, e) for argument, e in exponents.items()))
    powers = [power(b, number(e)) for b, e in monomial if b.op != "exp"]
    return mul(number(coefficient), exp(inside), *powers)


def _scaled(argument: Term, factor: Number) -> Term:
    """A coefficient-free monomial term times a number."""
    return to_term({m: c * factor for m, c in polynomial(argument).items()})


def vanishes(poly: Poly) -> bool:
    """Whether a polynomial is zero once its packed atoms are multiplied out."""
    while poly:
        packed = next(filter(None, (_unpacking(b, poly) for b in _packed_atoms(poly))), None)
        if packed is None:
            return False
        poly = _multiplied_out(poly, *packed)
    return True


def _packed_atoms(poly: Poly) -> list[Term]:
    bases = {b for monomial in poly for b, _ in monomial if b.op in _PACKED}
    return sorted(b for b in bases if polynomial(b) != atom(b))


def _unpacking(base: Term, poly: Poly) -> tuple[Term, int] | None:
    """The atom and the power to multiply by, or None if all its exponents lie in [0, 1)."""
    exponents = [dict(monomial).get(base, 0) for monomial in poly]
    shift = -floor(min(exponents))
    return (base, shift) if shift or max(exponents) >= 1 else None


def _multiplied_out(poly: Poly, base: Term, shift: int) -> Poly:
    value, parts = polynomial(base), []
    for monomial, coefficient in poly.items():
        powers = dict(monomial)
        exponent = powers.pop(base, 0) + shift
        whole = floor(exponent)
        rest, factor = _collected(powers | {base: exponent - whole})
        parts.append(times({rest: coefficient * factor}, raised(value, Fraction(whole))))
    return plus(*parts)


def divides(divisor: Term, dividend: Term) -> bool:
    """Whether the divisor is nonzero wherever the dividend is: it divides it as a polynomial.

    Powers of atoms that are known to be nonzero do not matter.
    """
    left, right = polynomial(divisor), polynomial(dividend)
    atoms = sorted({b for poly in (left, right) for m in poly for b, _ in m})
    whole = all(e == int(e) for poly in (left, right) for m in poly for _, e in m)
    if not (left and right and whole and atoms):
        return False
    domain = ring([f"x{n}" for n in range(len(atoms))], QQ)[0]
    lowest = {b: min(dict(m).get(b, 0) for m in left) for b in atoms}
    for b, low in lowest.items():
        both = low > 0 and all(dict(m).get(b, 0) > 0 for m in right)  # zero together
        if low and not both and abs(sign(b)) != 2:
            return False
    return not _element(domain, atoms, right).rem(_element(domain, atoms, left))


def _element(domain: PolyRing, atoms: list[Term], poly: Poly) -> PolyElement:
    """The polynomial divided by the greatest common power of its atoms."""
    lowest = [min(dict(m).get(b, 0) for m in poly) for b in atoms]
    return domain.from_dict(
        {
            tuple(int(dict(m).get(b, 0) - low) for b, low in zip(atoms, lowest, strict=True)): QQ(
                Fraction(c).numerator, Fraction(c).denominator
            )
            for m, c in poly.items()
        }
    )
