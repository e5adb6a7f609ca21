"""Language models on which claims over strings are tried: finite-state ones, and closed forms.

A string is a tuple of words 0..|W|-1. A model gives the probability of a string, and a bound on
what its longer continuations weigh, which is what makes a sum over all strings an interval.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import product
from random import Random
from typing import Any, Protocol

from flint import arb, fmpq

String = tuple[int, ...]
Row = tuple[fmpq, ...]


class StringModel(Protocol):
    """A distribution over the finite strings of `words` words."""

    @property
    def words(self) -> int:
        """The number of words, the stop not counted."""
        ...

    @property
    def length(self) -> int:
        """The length of the longest strings that sums enumerate."""
        ...

    def probability(self, string: String) -> arb:
        """The probability of the string."""
        ...

    def tail(self, prefix: String) -> arb:
        """Bound on the probability of `prefix` followed by more than `length` words."""
        ...

    def witness(self) -> dict[str, Any]:
        """The model in plain data, from which a person can rebuild it."""
        ...


@dataclass(eq=False)
class FiniteStateModel:
    """A model whose next word depends on the last one; exact rationals.

    `initial` is (|W| + 1,), `transition` has |W| such rows; the last entry of a row is the stop.
    """

    initial: Row
    transition: tuple[Row, ...]
    length: int
    _weights: dict[String, arb] = field(default_factory=dict, repr=False)

    @property
    def words(self) -> int:
        """The number of words."""
        return len(self.transition)

    def row(self, string: String) -> Row:
        """The next-word distribution after a string."""
        return self.transition[string[-1]] if string else self.initial

    def weight(self, string: String) -> arb:
        """Probability that a text begins with the string; the product of its steps."""
        if string not in self._weights:
            step = self.row(string[:-1])[string[-1]] if string else fmpq(1)
            before = self.weight(string[:-1]) if string else arb(1)
            self._weights[string] = before * step
        return self._weights[string]

    def probability(self, string: String) -> arb:
        """The probability of the string: its steps, and the stop."""
        return self.weight(string) * self.row(string)[-1]

    def tail(self, prefix: String) -> arb:
        """Bound on what goes on for more than `length` words: it did not stop so many times."""
        going_on = arb(1 - min(row[-1] for row in self.transition))
        return self.weight(prefix) * (1 - self.row(prefix)[-1]) * going_on**self.length

    def witness(self) -> dict[str, Any]:
        """Both tables as fractions, the stop last."""
        rows = [[str(entry) for entry in row] for row in self.transition]
        return {"initial": [str(entry) for entry in self.initial], "transition": rows}


def models(count: int, seed: int) -> Iterator[FiniteStateModel]:
    """The uniform model and the silent one, then random ones; every third has impossible words."""
    rng = Random(f"language models {seed}")
    half, one, zero = fmpq(1, 2), fmpq(1), fmpq(0)
    yield FiniteStateModel((half, half), ((half, half),), 120)
    yield FiniteStateModel((zero, one), ((half, half),), 120)
    # The more words, the shorter the enumeration, and the surer the stop must be.
    sizes = ((1, fmpq(1, 2), 120), (2, fmpq(9, 10), 8), (3, fmpq(99, 100), 4))
    for number in range(count - 2):
        words, stop, length = sizes[number % 3]
        rows = [_random_row(rng, words, stop, sparse=number >= 3) for _ in range(words + 1)]
        yield FiniteStateModel(rows[0], tuple(rows[1:]), length)


def _random_row(rng: Random, words: int, least_stop: fmpq, sparse: bool) -> Row:
    stop = least_stop + (1 - least_stop) * fmpq(rng.randrange(9), 10)
    shares = [rng.randint(1, 9) for _ in range(words)]
    if sparse and words > 1:
        shares[rng.randrange(words)] = 0
    return (*((1 - stop) * fmpq(share, sum(shares)) for share in shares), stop)


@cache
def strings(words: int, length: int) -> tuple[String, ...]:
    """All strings of at most that length, shortest first."""
    return tuple(s for n in range(length + 1) for s in product(range(words), repeat=n))


def sum_of(terms: Iterator[arb] | list[arb]) -> arb:
    """Sum of balls; the empty sum is zero."""
    return sum(terms, arb(0))
