"""Points of the domain of a claim from the simplest on: fewest states, then smallest numbers.

A value has a rank: 0, 1, 2, -1, ... for a real number, 1, 2, 1/2, 3, ... for a positive one. The
points of one size come in the order of the sum of their ranks, so that the first at which a
claim fails is one that a person would have chosen.
"""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import islice, product
from typing import Any

from sympy import Basic
from sympy.core.relational import Relational

from bridge.ball_numbers import BallError
from bridge.point_values import Canonical, nested
from bridge.points import Case, case_at, within
from bridge.roles import Roles
from formal.functions import Subset
from formal.symbols import V

REAL = tuple(map(Fraction, ("0", "1", "2", "-1", "3", "1/2", "-2")))
POSITIVE = tuple(map(Fraction, ("1", "2", "3", "1/2", "4", "1/3")))
NONNEGATIVE = tuple(map(Fraction, ("1", "0", "2", "1/2", "3")))
INDICATOR = tuple(map(Fraction, ("1", "0")))
WHOLE = tuple(map(Fraction, ("0", "1", "2", "-1", "3", "-2")))
COUNTING = tuple(map(Fraction, ("1", "2", "3", "4", "5")))
PER_SIZE = 150  # points of one size; of more than SMALL states
SMALL, PER_LARGE_SIZE = 4, 12
LARGEST_RANK = 9  # sum of the ranks of the values of one point


def simple_points(
    claim: Basic,
    assuming: Sequence[Relational],
    given: Mapping[Basic, Basic],
    roles: Roles,
    largest: Mapping[Basic, int],
) -> Iterator[Case]:
    """Cases that meet the hypotheses, of sizes up to `largest`, the simplest first.

    Of each size a bounded number of points is drawn. A point at which a hypothesis cannot be
    evaluated is left out.
    """
    for sizes in _sizes(largest):
        pick = _Ranked(sizes, None)
        case_at(roles, claim, assuming, given, sizes.get(V, 1), pick)
        seen: set[str] = set()
        most = PER_SIZE if max(sizes.values(), default=1) <= SMALL else PER_LARGE_SIZE
        for ranks in islice(_by_sum(pick.asked), most):
            chosen = _Ranked(sizes, ranks)
            try:
                case = case_at(roles, claim, assuming, given, sizes.get(V, 1), chosen)
                text = str(case.point.values)
                case = within(case, assuming, roles) if text not in seen else None
            except BallError:
                continue
            seen.add(text)
            if case is not None and case.indices:
                yield case


def _sizes(largest: Mapping[Basic, int]) -> list[dict[Basic, int]]:
    """Values for all sizes, the vocabulary's least first."""
    names = sorted(largest, key=lambda name: (name != V, str(name)))
    ranges = (range(1, largest[name] + 1) for name in names)
    every = [dict(zip(names, values, strict=True)) for values in product(*ranges)]
    return sorted(every, key=lambda sizes: (sizes.get(V, 1), sum(sizes.values())))


def _by_sum(choices: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Ranks for slots with so many choices each, by their sum."""
    for total in range(min(LARGEST_RANK, sum(choices) - len(choices)) + 1):
        yield from _summing(total, choices)


def _summing(total: int, choices: Sequence[int]) -> Iterator[tuple[int, ...]]:
    if not choices:
        if total == 0:
            yield ()
        return
    for rank in range(min(total, choices[0] - 1) + 1):
        for rest in _summing(total - rank, choices[1:]):
            yield (rank, *rest)


class _Ranked(Canonical):
    """Values by their ranks, in the order in which they are asked for; without ranks the first.

    `asked` holds how many values each slot may choose from.
    """

    def __init__(self, sizes: Mapping[Basic, int], ranks: Sequence[int] | None) -> None:
        self.sizes = sizes
        self.ranks = ranks
        self.asked: list[int] = []

    def small_size(self, name: Basic, size: int) -> int:
        return self.sizes[name]

    def parameter(self, name: Basic, place: int) -> Fraction:
        if name.is_integer:
            return self._value(COUNTING if name.is_positive else WHOLE)
        return self._value(POSITIVE if name.is_positive else REAL)

    def family(self, base: Basic, shape: Sequence[int]) -> Any:
        values = POSITIVE if getattr(base, "is_positive", False) else REAL
        if getattr(base, "is_nonnegative", False) and values is REAL:
            values = NONNEGATIVE
        values = INDICATOR if isinstance(base, Subset) else values
        return nested(shape, lambda place: self._value(values))

    def _value(self, values: Sequence[Fraction]) -> Fraction:
        slot = len(self.asked)
        self.asked.append(len(values))
        return values[0 if self.ranks is None else self.ranks[slot]]
