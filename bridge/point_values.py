"""Values for the names of a claim: the simplest, the simplest with ties, and random rationals."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import product
from math import prod
from random import Random
from typing import Any

from sympy import Basic

from formal.functions import Subset

STEPS = ("1", "1/7", "10", "1/2", "2", "3/2", "1/3", "5/4", "3")  # temperatures, orders, ...
ASSIGNMENTS = 27  # values of free indices at one point, all of them for three states


class Canonical:
    """The simplest values: energies 0, 1, 2, ..., parameters 2, 3, ... (one hides too much)."""

    def small_size(self, name: Basic, size: int) -> int:
        """A size other than the vocabulary's."""
        return min(size, 2)

    def parameter(self, name: Basic, place: int) -> Fraction:
        """A value of the parameter that comes in a place."""
        return Fraction(place + 2)

    def family(self, base: Basic, shape: Sequence[int]) -> Any:
        """The components of a family, as nested lists."""
        if isinstance(base, Subset):
            return nested(shape, lambda place: self._member(sum(place)))
        start = 1 if getattr(base, "is_positive", False) else 0
        return nested(shape, lambda place: self._component(start, sum(place)))

    def _member(self, place: int) -> Fraction:
        """One for the members of a subset, every second place."""
        return Fraction((1 + place) % 2)

    def _component(self, start: int, place: int) -> Fraction:
        """A component by its place, counted from 0, where the first is to be `start`."""
        return Fraction(start + place)

    def assignments(self, lasts: Mapping[Basic, int]) -> tuple[Mapping[Basic, int], ...]:
        """Every value of the free indices where they are few, else corners and a middle."""
        if prod(lasts.values()) <= ASSIGNMENTS:
            ranges = (range(1, last + 1) for last in lasts.values())
            return tuple(dict(zip(lasts, values, strict=True)) for values in product(*ranges))
        return dict.fromkeys(lasts, 1), self._middle(lasts), dict(lasts)

    def _middle(self, lasts: Mapping[Basic, int]) -> Mapping[Basic, int]:
        return {index: (1 + last) // 2 for index, last in lasts.items()}


class Tied(Canonical):
    """The simplest values with ties: energies 0, 0, 1, 1, ..., parameters 1, 2, ..."""

    def parameter(self, name: Basic, place: int) -> Fraction:
        """A value of the parameter that comes in a place."""
        return Fraction(place + 1)

    def _member(self, place: int) -> Fraction:
        return Fraction(1)

    def _component(self, start: int, place: int) -> Fraction:
        return Fraction(start + place // 2)


class Halved(Canonical):
    """The simplest values, halved: positive families begin below one, where logarithms change."""

    def _component(self, start: int, place: int) -> Fraction:
        return Fraction(start + place, 2)


class Drawn(Canonical):
    """Random rationals with small denominators, ties and zeros among them."""

    def __init__(self, random: Random, simple: bool = False):
        """Values from a random source; simple ones are small integers and halves."""
        self.random = random
        self.simple = simple

    def small_size(self, name: Basic, size: int) -> int:
        """A size other than the vocabulary's."""
        return self.random.randint(1, 3)

    def parameter(self, name: Basic, place: int) -> Fraction:
        """A value of the type of a parameter."""
        if name.is_integer:
            low = 1 if name.is_positive else 0 if name.is_nonnegative else -3
            return Fraction(self.random.randint(low, 4))
        steps = ("1", "1/2", "2", "3/2", "3") if self.simple else STEPS
        value = Fraction(self.random.choice(steps))
        if name.is_positive:
            return value
        signs = (1, 1, 0, 1) if name.is_nonnegative else (1, -1, 0, 1, -1)
        return value * self.random.choice(signs)

    def family(self, base: Basic, shape: Sequence[int]) -> Any:
        """The components of a family, as nested lists; subsets may be empty or everything."""
        if isinstance(base, Subset):
            share = self.random.choice((1, 2, 3, 4))
            return self._drawn(shape, [Fraction(int(n <= share)) for n in range(1, 5)])
        denominator = self.random.choice((1, 2) if self.simple else (1, 2, 3, 4, 7))
        most = denominator * (1 if self.simple else self.random.choice((1, 2, 5, 12)))
        least = 1 if getattr(base, "is_positive", False) else -most
        least = 0 if least < 0 and getattr(base, "is_nonnegative", False) else least
        return self._drawn(shape, [Fraction(n, denominator) for n in range(least, most + 1)])

    def _drawn(self, shape: Sequence[int], values: Sequence[Fraction]) -> Any:
        components = iter(self.random.choices(values, k=prod(shape)))
        return nested(shape, lambda place: next(components))

    def _middle(self, lasts: Mapping[Basic, int]) -> Mapping[Basic, int]:
        return {index: self.random.randint(1, last) for index, last in lasts.items()}


def nested(shape: Sequence[int], component: Any, place: tuple[int, ...] = ()) -> Any:
    """Nested lists of a shape, each component a function of its place."""
    if len(place) == len(shape):
        return component(place)
    return [nested(shape, component, (*place, n)) for n in range(shape[len(place)])]
