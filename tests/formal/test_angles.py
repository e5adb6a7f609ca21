"""Sine and cosine in the kernel: each rule next to the falsehood that it must refuse.

Rules are held against Python's own sine and cosine at random points. A forged certificate is one
that a false rule would accept: wrong signs, wrong parity, wrong theorems.
"""

import json
import math
import random
from fractions import Fraction
from typing import Any

import pytest
from sympy import (
    Abs,
    Derivative,
    Eq,
    Integral,
    Le,
    Lt,
    Rational,
    Symbol,
    cos,
    log,
    pi,
    sin,
    sqrt,
    tan,
)

from bridge.corruptions import tally
from formal.proof.angles import PI, SINES
from formal.proof.calculus import derivative
from formal.proof.certificate import certificate, digest
from formal.proof.encoding import encode_claim
from formal.proof.field import is_zero
from formal.proof.kernel import Derivation
from formal.proof.prover import Proof, prove, replay
from formal.proof.sign import sign
from formal.proof.terms import MINUS_ONE, ONE, Term, add, mul, number, power, subtract
from formal.proof.terms import cos as cosine
from formal.proof.terms import sin as sine
from tests.formal.test_kernel import X, Y, proof, refused
from tests.formal.test_kernel_values import agree, value

x, y = Symbol("x", real=True), Symbol("y", real=True)
theta = Symbol("theta", real=True)
TWO = number(2)


def equal(left: Any, right: Any) -> Any:
    return Eq(left, right, evaluate=False)


# The rules


def steps() -> list[tuple[Term, Term]]:
    """Both sides of every rule, and a derivative as what its rule says."""
    found = []
    for of in (sine, cosine):
        together = of(add(X, mul(TWO, Y)))
        found += [
            (together, proof().step("angles", together, *sorted((X, mul(TWO, Y))))),
            (of(mul(MINUS_ONE, X)), proof().step("parity", of(mul(MINUS_ONE, X)), MINUS_ONE, X)),
            (of(add(X, Y, X)), proof().step("parity", of(add(X, Y, X)), ONE, add(mul(TWO, X), Y))),
        ]
        for part in SINES:
            turned = of(mul(number(part), PI))
            found.append((turned, proof().step("turn", turned, number(part))))
    square = power(sine(X), TWO)
    return [*found, (square, proof().step("circle", square))]


def test_rules_agree_with_numbers() -> None:
    source = random.Random(1)
    for before, after in steps():
        for _ in range(5):
            point = {X: source.uniform(-9, 9), Y: source.uniform(-9, 9)}
            assert agree(value(before, point), value(after, point)), (before, after)


def test_derivatives_agree_with_differences() -> None:
    source = random.Random(2)
    for of in (sine, cosine):
        term = of(add(power(X, TWO), mul(TWO, X, Y)))
        slope = derivative(term, X)
        for _ in range(10):
            at = {X: source.uniform(-2, 2), Y: source.uniform(-2, 2)}
            left, right = ({**at, X: at[X] + step} for step in (-1e-5, 1e-5))
            found = (value(term, right) - value(term, left)) / 2e-5
            assert math.isclose(found, value(slope, at), rel_tol=1e-6, abs_tol=1e-6)


def test_a_sine_may_have_any_sign_and_pi_is_positive() -> None:
    assert sign(sine(X)) == sign(cosine(X)) == sign(add(cosine(X), ONE)) == 0
    assert sign(PI) == 2
    assert not is_zero(subtract(PI, number(Fraction(355, 113))))


def test_rules_refuse_other_angles_and_other_functions() -> None:
    refused(lambda: proof().step("angles", sine(add(X, Y)), *sorted((X, X))), "angle")
    refused(lambda: proof().step("angles", Term("exp", add(X, Y)), X, Y), "sines")
    refused(lambda: proof().step("angles", sine(add(X, Y)), Y, X), "order")
    refused(lambda: proof().step("parity", sine(X), MINUS_ONE, X), "angle")
    refused(lambda: proof().step("parity", sine(mul(TWO, X)), TWO, X), "sign")
    refused(lambda: proof().step("circle", power(cosine(X), TWO)), "sine")
    refused(lambda: proof().step("circle", power(sine(X), number(3))), "square")
    refused(lambda: proof().step("turn", sine(X), number(0)), "angle")
    eighth = number(Fraction(1, 8))
    refused(lambda: proof().step("turn", sine(mul(eighth, PI)), eighth), "not known")
    refused(lambda: proof().step("turn", sine(mul(PI, PI)), PI), "number")
    refused(lambda: derivative(sine(PI), PI), "nothing is differentiated")


# Forged certificates


TRUE: dict[str, tuple[str, Any, Any]] = {
    "angles": ("angles", sin(x + y), sin(x) * cos(y) + cos(x) * sin(y)),
    "circle": ("circle", sin(x) ** 2, 1 - cos(x) ** 2),
    "diff": ("diff", Derivative(sin(x), x), cos(x)),
    "diff of cosine": ("diff", Derivative(cos(x), x), -sin(x)),
    "turn": ("turn", cos(pi / 3, evaluate=False), Rational(1, 2)),
    "parity": ("parity", sin(-x, evaluate=False), -sin(x)),
}
FALSE: dict[str, Any] = {
    "angles": sin(x) * cos(y) - cos(x) * sin(y),
    "circle": cos(x) ** 2 - 1,
    "diff": -cos(x),
    "diff of cosine": sin(x),
    "turn": sqrt(3) / 2,
    "parity": sin(x),
}


@pytest.mark.parametrize("name", TRUE)
def test_a_step_to_another_result_is_rejected(name: str) -> None:
    """What a true step proves, rewritten to prove the falsehood, with its hash made right."""
    rule, left, right = TRUE[name]
    claim, wrong = equal(left, right), equal(left, FALSE[name])
    honest = prove(claim)
    assert isinstance(honest, Proof) and replay(honest.certificate, claim)
    assert rule in [step[0] for step in honest.certificate["steps"]]
    assert not prove(wrong)
    before, after = encode_claim(wrong).relation[1:]
    data = json.loads(json.dumps(forged(wrong, rule, before, after, honest)))
    assert data["sha256"] == digest(data)
    assert not replay(data, wrong)


def forged(wrong: Any, rule: str, before: Term, after: Term, honest: Any) -> Any:
    """A certificate of a false claim by one step with the data of the honest one."""
    table = honest.certificate["terms"]
    (data,) = [step[3] for step in honest.certificate["steps"] if step[0] == rule][:1]
    derivation = Derivation(encode_claim(wrong))
    values = tuple(_term(table, entry["term"]) for entry in data)
    return certificate(derivation, [(rule, before, after, values)], None)


def _term(table: list, row: int) -> Term:
    op, *args = table[row]
    return Term(op, *(_term(table, a[0]) if isinstance(a, list) else a for a in args))


@pytest.mark.parametrize("name", ["half angle", "twelfth", "two"])
def test_no_corrupted_certificate_means_something_else(name: str) -> None:
    found = prove(PROVED[name])
    assert isinstance(found, Proof)
    counted, wrong = tally(found.certificate, PROVED[name], (), random.Random(5), 40)
    assert not wrong and counted["rejected"] > 30


# The prover


PROVED = {
    "circle": equal(sin(x) ** 2 + cos(x) ** 2, 1),
    "thrice": equal(cos(3 * x), 4 * cos(x) ** 3 - 3 * cos(x)),
    "half angle": equal(tan(x / 2), sin(x) / (1 + cos(x))),
    "denominators": equal(sin(x) / (1 - cos(x)), (1 + cos(x)) / sin(x)),
    "fourth powers": equal(sin(x) ** 4 + cos(x) ** 4, 1 - sin(2 * x) ** 2 / 2),
    "chain": equal(Derivative(sin(x**2), x), 2 * x * cos(x**2)),
    "rapidity": equal(Derivative(log((1 + sin(x)) / cos(x)), x), 1 / cos(x)),
    "integral": equal(Integral(sin(y), (y, 0, x)), 1 - cos(x)),
    "integral of a number": equal(Integral(sin(2 * y + 1), (y, 0, pi)), 0),
    "integral of a square": equal(Integral(cos(y / 2) ** 2, (y, 0, 2 * pi)), pi),
    "twelfth": equal(cos(7 * pi / 12, evaluate=False), (sqrt(2) - sqrt(6)) / 4),
    "many turns": equal(sin(1000 * pi + x, evaluate=False), sin(x)),
    "size": Le(Abs(cos(x)), 1, evaluate=False),
    "both sides": Le(-1, sin(x), evaluate=False),
    "half": Le(sin(x) * cos(x), Rational(1, 2), evaluate=False),
    "two": Le(cos(x) * sin(y), 1, evaluate=False),
    "strictly": Lt(0, 2 + sin(x), evaluate=False),
    "below one": Le(sin(x) ** 2, 1, evaluate=False),
}
UNPROVED = {
    "minus": equal(sin(x) ** 2 - cos(x) ** 2, 1),
    "zero": equal(sin(x) ** 2 - cos(x) ** 2, 0),
    "even sine": equal(sin(-x, evaluate=False), sin(x)),
    "odd cosine": equal(cos(-x, evaluate=False), -cos(x)),
    "wrong sum": equal(cos(x + y), cos(x) * cos(y) + sin(x) * sin(y)),
    "linear": equal(sin(x + y), sin(x) + sin(y)),
    "half a turn": equal(cos(pi + x, evaluate=False), cos(x)),
    "archimedes": equal(sin(Rational(355, 113)), 0),
    "root": equal(sqrt(1 - sin(x) ** 2), cos(x)),
    "too small": Le(cos(x), Rational(99, 100), evaluate=False),
    "too small a product": Le(sin(x) * cos(x), Rational(49, 100), evaluate=False),
    "strictly below": Lt(cos(x), 1, evaluate=False),
    "above": Le(sin(x) ** 2, cos(x) ** 2, evaluate=False),
}


@pytest.mark.parametrize("name", PROVED)
def test_is_proved(name: str) -> None:
    found = prove(PROVED[name])
    assert isinstance(found, Proof), found
    assert replay(found.certificate, PROVED[name])


@pytest.mark.parametrize("name", UNPROVED)
def test_is_not_proved(name: str) -> None:
    assert not prove(UNPROVED[name])
