"""What the catalogue calls a target's value: a quantity, at what the function's arguments are.

It is read off the value: `perplexity(softmax(x), softmax(v))` says that a function of the logits x
and v computes the quantity `perplexity` of two distributions.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from sympy import Basic, Ge, Gt, IndexedBase, Le, Symbol
from sympy.core.relational import Relational
from torch import Tensor

from bridge.crosschecking.kinds import Argument, Kind
from bridge.lexicon import FAMILIES, Role
from formal import boltzmann
from formal.quantity import Quantity
from formal.statement import family, simplex
from formal.symbols import k

Function = Callable[..., Tensor]
NUMBERS = (Kind.TEMPERATURE, Kind.FRACTION, Kind.POSITIVE, Kind.COUNT)
BOUNDS = {  # of a number that a function takes
    Kind.FRACTION: lambda a: (Gt(a, 0, evaluate=False), Le(a, 1, evaluate=False)),
    Kind.POSITIVE: lambda a: (Gt(a, 0, evaluate=False),),
    Kind.COUNT: lambda a: (Ge(a, 1, evaluate=False),),
}


@dataclass(frozen=True)
class Stand:
    """A quantity of the catalogue that the function computes.

    `code(function)` is the function as `bridge.lexicon.Code` calls it, given the `roles` of the
    quantity's arguments: families (rows, V), targets (rows,), temperatures (rows, K), orders.
    `kinds` says of which kind an argument is that the function is handed, where one is.
    """

    quantity: type[Quantity]
    roles: tuple[Role, ...]
    code: Callable[[Function], Function]
    kinds: tuple[Kind | None, ...] = ()

    def domain(self, node: Quantity) -> Iterator[Relational]:
        """What must hold of the quantity's arguments for the function to take them."""
        for argument, role in zip(node.args, self.roles, strict=True):
            if role is Role.DISTRIBUTION and isinstance(argument, IndexedBase):
                yield from simplex(argument)
        for argument, kind in zip(node.args, self.kinds, strict=False):
            if kind is not None and isinstance(argument, Symbol):
                yield from BOUNDS.get(kind, lambda _: ())(argument)


def stand_of(value: Any, arguments: Sequence[Argument]) -> Stand | None:
    """The quantity that a value is at the arguments of a function, or None if it is none."""
    if not isinstance(value, Quantity):
        return None
    found = [_read(part, arguments) for part in value.args]
    if any(role is None for role, _ in found):
        return None
    roles = tuple(role for role, _ in found if role is not None)
    places = [place for _, place in found]
    if {p for p in places if p is not None} != set(range(len(arguments))):
        return None
    kinds = tuple(None if place is None else arguments[place].kind for place in places)
    return Stand(type(value), roles, _as_called(roles, places, arguments), kinds)


def _read(part: Basic, arguments: Sequence[Argument]) -> tuple[Role | None, int | None]:
    """The role of a quantity's argument, and which argument of the function it is."""
    if part == k:
        return Role.TOKEN, None
    for place, argument in enumerate(arguments):
        role = _roles(argument).get(part)
        if role is not None:
            return role, place
    return None, None


def _roles(argument: Argument) -> dict[Basic, Role]:
    """What an argument of a function is to a quantity that it stands in."""
    z: Any = argument.symbol
    if argument.kind is Kind.LOGITS:
        return {
            z: Role.LOGITS,
            family(lambda n: -z[n]): Role.ENERGIES,
            family(lambda n: boltzmann.softmax(z, n)): Role.DISTRIBUTION,
        }
    if argument.kind is Kind.TOKEN:
        return {z: Role.TARGET}
    return {z: Role.TEMPERATURE if argument.kind in NUMBERS else Role.ORDER}


def _as_called(
    roles: Sequence[Role], places: Sequence[int | None], arguments: Sequence[Argument]
) -> Callable[[Function], Function]:
    """How the lexicon's call reaches a function: its arguments in order, one row and one number
    at a time where the function takes a number."""
    groups = (FAMILIES, (Role.TARGET,), (Role.TEMPERATURE,), (Role.ORDER,))
    order = [
        place
        for group in groups
        for role, place in zip(roles, places, strict=True)
        if role in group and place is not None
    ]
    numbers = [n for n, place in enumerate(order) if arguments[place].kind in NUMBERS]

    def arranged(function: Function, given: Sequence[Any]) -> Tensor:
        handed: list[Any] = [None] * len(arguments)
        for place, one in zip(order, given, strict=True):
            handed[place] = _as_number(one, arguments[place].kind, given[0].shape[-1])
        return function(*handed)

    def code(function: Function) -> Function:
        def each(*given: Any) -> Tensor:
            if not numbers:
                return arranged(function, given)
            rows, columns = given[numbers[0]].shape
            return torch.stack(
                [
                    torch.stack(
                        [arranged(function, _at(given, numbers, r, c)) for c in range(columns)]
                    )
                    for r in range(rows)
                ]
            )

        return each

    return code


def _at(given: Sequence[Any], numbers: Sequence[int], row: int, column: int) -> list[Any]:
    """The arguments of one row and one column; orders are the same for all."""
    return [
        one[row, column] if n in numbers else one[row] if isinstance(one, Tensor) else one
        for n, one in enumerate(given)
    ]


def _as_number(one: Any, kind: Kind, size: int) -> Any:
    """A number as the function is handed it; fewer tokens than 2.5 are fewer than 3."""
    if kind is Kind.COUNT:
        return min(math.ceil(float(one)), size)
    return float(one) if kind in (Kind.FRACTION, Kind.POSITIVE) else one
