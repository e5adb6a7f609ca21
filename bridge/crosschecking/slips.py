"""Known slips: what a definition becomes when one thing in it is written wrongly."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from sympy import Basic, Integer, Rational, log, sqrt

from bridge.crosschecking.targets import Kind, Target
from formal.quantity import instantiate, rebuild, unfold
from formal.statement import family
from formal.symbols import T, V

EPSILONS = (1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-12, 1e-15, 1e-16, 1e-20)


@dataclass(frozen=True)
class Slip:
    """A slip in words, and what it makes of a target's value."""

    name: str
    value: Any


def slips(target: Target) -> Iterator[Slip]:
    """Every slip that makes sense for a target."""
    yield from _scaled(target)
    yield from _swapped(target)
    yield from _with_epsilon(target)


_FACTORS: tuple[tuple[str, Any], ...] = (
    ("the sign is turned", -1),
    ("logarithms are to base 2, not natural", 1 / log(2)),
    ("logarithms are to base 10, not natural", 1 / log(10)),
    ("a mean over the tokens stands where a sum should", 1 / V),
    ("a sum over the tokens stands where a mean should", V),
    ("a factor of 2 is missing", Rational(1, 2)),
    ("a factor of 2 is too much", 2),
    ("a variance of a sample (divided by V - 1) stands where one of a distribution should",
     V / (V - 1)),
)  # fmt: skip
_WITH_TEMPERATURE: tuple[tuple[str, Any], ...] = (
    ("a factor T is missing", 1 / T),
    ("a factor 1/T is missing", T),
    ("a factor 1/T^2 is missing", T**2),
    ("a factor T^2 is missing", 1 / T**2),
    ("the sign is turned and a factor T is missing", -1 / T),
)


def _scaled(target: Target) -> Iterator[Slip]:
    """The value times something, or a function of it."""
    factors = _FACTORS + (_WITH_TEMPERATURE if target.of_kind(Kind.TEMPERATURE) else ())
    for name, factor in factors:
        yield Slip(name, factor * target.value)
    yield Slip("the square root is taken", sqrt(target.value))
    yield Slip("the square root is forgotten", target.value**2)
    yield Slip("the logarithm is returned", log(target.value))


def _swapped(target: Target) -> Iterator[Slip]:
    """Other arguments in the place of those that were given."""

    def at(name: str, values: dict[Any, Any]) -> Slip:
        return Slip(name, instantiate(target.value, values))

    if target.of_kind(Kind.TEMPERATURE):
        yield at("the temperature is forgotten", {T: Integer(1)})
        yield at("logits are multiplied by the temperature, not divided", {T: 1 / T})
        yield at("logits are divided by the temperature twice", {T: T**2})
        yield at("logits are divided by the square root of the temperature", {T: sqrt(T)})
    rows = [argument.symbol for argument in target.of_kind(Kind.LOGITS)]
    yield at("energies stand where logits should: the sign of the logits is turned",
             {row: _turned(row) for row in rows})  # fmt: skip
    if len(rows) == 2:
        yield at("the two arguments are reversed", {rows[0]: rows[1], rows[1]: rows[0]})
    for argument in target.of_kind(Kind.ORDER):
        order: Any = argument.symbol
        yield at("the order is turned into its inverse", {order: 1 / order})


def _turned(row: Any) -> Any:
    return family(lambda n: -row[n])


def _with_epsilon(target: Target) -> Iterator[Slip]:
    """A small number added inside every logarithm."""
    value = unfold(target.value)
    for epsilon in EPSILONS:
        exact = Fraction(epsilon)
        moved = Rational(exact.numerator, exact.denominator)

        def inside(inner: Basic, moved: Any = moved) -> Basic:
            return log(inner + moved, evaluate=False)  # type: ignore[operator]

        yield Slip(f"{epsilon:g} is added inside the logarithm", _with_logarithms(value, inside))


def _with_logarithms(expression: Any, inside: Callable[[Basic], Basic]) -> Any:
    """An expression with every logarithm rewritten."""
    arguments = tuple(_with_logarithms(argument, inside) for argument in expression.args)
    if isinstance(expression, log):
        return inside(arguments[0])
    return rebuild(expression, arguments)
