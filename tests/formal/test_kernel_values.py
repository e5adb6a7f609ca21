"""The kernel's own arithmetic against plain numbers, at points where zeros are likely.

Random terms are evaluated as they stand and after the kernel has multiplied them out, split or
differentiated them. Whatever the kernel takes for equal has to be equal wherever the terms are
defined; a wrong sign rule or a root of a negative factor shows at one of the points.
"""

import math
import random
from collections.abc import Iterator
from fractions import Fraction

import pytest

from formal.proof.angles import PI
from formal.proof.conditions import Condition, obligations
from formal.proof.field import polynomial, to_term
from formal.proof.kernel import Derivation
from formal.proof.normal import Normaliser
from formal.proof.sign import sign
from formal.proof.terms import (
    MINUS_ONE,
    ONE,
    ProofError,
    Term,
    absolute,
    add,
    cos,
    exp,
    mul,
    number,
    power,
    sin,
    subterms,
)
from tests.formal.test_kernel import proof

K = Term("idx", "k", 1, "V")
VALUES = {
    "positive": (0.5, 1.0, 2.0),
    "nonnegative": (0.0, 0.0, 1.0, 2.0),
    "negative": (-2.0, -0.5),
    "real": (-1.0, 0.0, 1.0, 2.0),
    "indicator": (0.0, 1.0),
}
SYMBOLS = [
    *(Term("sym", f"{kind[:3]}{n}", kind) for kind in list(VALUES)[:4] for n in range(2)),
    *(Term("arr", name, "indicator", K) for name in "AB"),
]
TURNS = [number(Fraction(n, 12)) for n in range(-13, 14)]
EXPONENTS = [number(n) for n in (-2, -1, 2, 3)] + [number(Fraction(n, 2)) for n in (-1, 1, 1, 3)]


class Undefined(Exception):
    """A point at which a term has no value."""


def random_term(source: random.Random, depth: int = 4) -> Term:
    if depth == 0 or source.random() < 0.2:
        return source.choice([*SYMBOLS, ONE, MINUS_ONE, number(source.randint(-3, 3))])
    parts = [random_term(source, depth - 1) for _ in range(2)]
    match source.randrange(11):
        case 0 | 1:
            return add(*parts)
        case 2 | 3:
            return mul(*parts)
        case 4 | 5:
            return power(parts[0], source.choice(EXPONENTS))
        case 6:
            return absolute(parts[0])
        case 7:
            factors = source.choices(SYMBOLS, k=2)
            return Term("xlogy", parts[0], source.choice([parts[1], mul(*factors)]))
        case 8:  # a root with a common factor
            factor, *rest = source.choices(SYMBOLS, k=3)
            root = source.choice(EXPONENTS[4:])
            return power(add(*(mul(factor, t) for t in rest)), root)
        case 9:
            angle = source.choice([parts[0], mul(PI, source.choice(TURNS)), add(*parts)])
            return source.choice([sin, cos])(angle)
        case _:
            return exp(parts[0]) if source.random() < 0.5 else Term("log", parts[0])


def value(term: Term, point: dict[Term, float]) -> float:
    match term.op:
        case "num":
            return float(term.value)
        case "sym" | "arr":
            return point[term]
        case "add":
            return math.fsum(value(t, point) for t in term.terms)
        case "mul":
            return math.prod(value(t, point) for t in term.terms)
        case "exp":
            return math.exp(value(term.terms[0], point))
        case "pi":
            return math.pi
        case "sin":
            return math.sin(value(term.terms[0], point))
        case "cos":
            return math.cos(value(term.terms[0], point))
        case "log":
            return _logarithm(value(term.terms[0], point))
        case "log0":
            inside = value(term.terms[0], point)
            return math.log(inside) if inside > 0 else 0.0
        case "xlogy":
            x, y = (value(t, point) for t in term.terms)
            return 0.0 if x == 0 else x * _logarithm(y)
        case "pow":
            return _power(value(term.terms[0], point), term.terms[1].value)
    raise AssertionError(term.op)


def _logarithm(x: float) -> float:
    if x <= 0:
        raise Undefined
    return math.log(x)


def _power(base: float, exponent: Fraction) -> float:
    if (base == 0 and exponent < 0) or (base < 0 and exponent.denominator > 1):
        raise Undefined
    return base ** (int(exponent) if exponent.denominator == 1 else float(exponent))


def points(term: Term, source: random.Random, count: int = 25) -> Iterator[dict[Term, float]]:
    """Points at which every part of the term is defined, and not by a hair."""
    names = {t: t for t in subterms(term) if t.op in ("sym", "arr")}
    for _ in range(count):
        point = {t: source.choice(VALUES[str(t.args[1])]) for t in names}
        try:
            values = [value(t, point) for t in subterms(term) if t.op != "idx"]
        except (Undefined, OverflowError):
            continue
        if all(v == 0 or 1e-5 < abs(v) < 1e5 for v in values):
            yield point


def agree(left: float, right: float) -> bool:
    return abs(left - right) <= 1e-6 * (1 + abs(left) + abs(right))


@pytest.mark.parametrize("seed", range(20))
def test_multiplying_out_keeps_values(seed: int) -> None:
    source = random.Random(seed)
    compared = 0
    for _ in range(40):
        term = random_term(source)
        try:
            after = to_term(polynomial(term))
        except ProofError:
            continue
        for point in points(term, source):
            assert agree(value(term, point), value(after, point)), (term, after, point)
            compared += 1
    assert compared > 50


@pytest.mark.parametrize("seed", range(10))
def test_normal_forms_keep_values(seed: int) -> None:
    """Every step of the kernel, wherever the term and what the kernel prints are defined."""
    source = random.Random(100 + seed)
    compared = 0
    for _ in range(30):
        term = random_term(source, 2)
        derivation = proof(left=term)
        try:
            after = Normaliser(derivation, math.inf).normal(term)
        except ProofError:
            continue
        for point in points(term, source):
            if all(holds(condition, point) for condition in derivation.conditions):
                assert agree(value(term, point), value(after, point)), (term, after, point)
                compared += 1
    assert compared > 20


@pytest.mark.parametrize("seed", range(10))
def test_signs_are_those_of_values(seed: int) -> None:
    source = random.Random(200 + seed)
    for _ in range(60):
        term = random_term(source, 3)
        known = sign(term)
        for point in points(term, source) if known else ():
            found = value(term, point)
            assert {2: found > 0, 1: found >= 0, -1: found <= 0, -2: found < 0}[known], term


@pytest.mark.parametrize("seed", range(10))
def test_what_is_discharged_holds(seed: int) -> None:
    """A term whose conditions are all discharged has a value at every point."""
    source = random.Random(300 + seed)
    discharged = 0
    for _ in range(120):
        term = random_term(source, 3)
        conditions = list(obligations(term))
        derivation: Derivation = proof()
        if not conditions or not all(map(derivation.discharges, conditions)):
            continue
        names = {t for t in subterms(term) if t.op in ("sym", "arr")}
        for _ in range(10):
            point = {t: source.choice(VALUES[str(t.args[1])]) for t in names}
            try:
                value(term, point)
            except OverflowError:
                continue
            discharged += 1
    assert discharged > 20


def holds(condition: Condition, point: dict[Term, float]) -> bool:
    kind, term = condition
    try:
        found = value(term, point)
    except Undefined:
        return False
    tests = {"positive": found > 0, "nonnegative": found >= 0, "nonzero": found != 0}
    return tests.get(kind, True)


def test_the_battery_sees_a_wrong_root() -> None:
    """sqrt(x y) = sqrt(x) sqrt(y) fails where both are negative, and points show it."""
    x, y = SYMBOLS[6], SYMBOLS[7]
    root = power(mul(x, y), number(Fraction(1, 2)))
    split = mul(*(power(t, number(Fraction(1, 2))) for t in (x, y)))
    with pytest.raises(Undefined):
        for point in points(root, random.Random(1)):
            value(split, point)
