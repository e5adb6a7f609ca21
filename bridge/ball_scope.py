"""Names and what they are bound to while an expression is evaluated."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sympy import Basic, IndexedBase, Lambda, Symbol, Tuple

from bridge.ball_numbers import Dual, Number, UnsupportedError
from formal.quantity import bound_symbols


class Scope:
    """What some names are bound to, inside an outer scope, and the values computed there.

    `seeds` counts the infinitesimals in this scope and those around it.
    """

    def __init__(
        self, bindings: Mapping[Basic, Any], outer: "Scope | None" = None, seeds: int = 0
    ):
        """A scope with bindings, inside another or outermost."""
        self.bindings = bindings
        self.outer = outer
        self.seeds = seeds
        self.cache: dict[Any, Any] = {}

    @property
    def around(self) -> "Scope":
        """The next scope outwards; the outermost has none."""
        assert self.outer is not None
        return self.outer

    def bind(self, bindings: Mapping[Basic, Number]) -> "Scope":
        """An inner scope with further bindings."""
        return Scope(bindings, self, self.seeds)

    def seed(self, name: Basic, value: Any) -> "Scope":
        """An inner scope in which a name has an infinitesimal part."""
        return Scope({name: value}, self, self.seeds + 1)

    def home(self, names: frozenset[Basic]) -> "Scope":
        """The innermost scope that binds one of the names, else the outermost."""
        scope = self
        while scope.outer is not None and names.isdisjoint(scope.bindings):
            scope = scope.outer
        return scope

    def owner(self, name: Basic) -> "Scope":
        """The innermost scope that binds a name."""
        scope: Scope | None = self
        while scope is not None and name not in scope.bindings:
            scope = scope.outer
        if scope is None:
            raise UnsupportedError(f"the point gives no value for {name}")
        return scope


@dataclass(frozen=True)
class SeededFamily:
    """A family, bound further out, of which one component has an infinitesimal part."""

    indices: tuple[int, ...]
    component: Dual


@lru_cache(maxsize=65536)
def names(e: Basic) -> frozenset[Basic]:
    """The symbols and families on whose values an expression depends."""
    if isinstance(e, (Symbol, IndexedBase)):
        return frozenset((e,))
    bound = frozenset() if isinstance(e, Tuple) else bound_symbols(e)
    if not bound:
        return frozenset().union(*map(names, e.args))
    if isinstance(e, Lambda):
        return names(e.expr) - bound
    body, *limits = e.args
    ends = (names(end) for limit in limits for end in limit.args[1:])
    return (names(body) - bound).union(*ends)


def refuse_circles(given: Mapping[Basic, Basic]) -> None:
    """Definitions must not lead back to themselves.

    Raises:
        UnsupportedError: One does.
    """
    for name in given:
        reached, frontier = set(), [name]
        while frontier:
            found = names(given[frontier.pop()]) & given.keys() - reached
            reached |= found
            frontier += found
        if name in reached:
            raise UnsupportedError(f"{name} is defined by itself")
