"""Names and what they are bound to while an expression is evaluated."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sympy import Basic, IndexedBase, Lambda, Symbol, Tuple
from sympy.concrete.expr_with_limits import ExprWithLimits

from bridge.ball_numbers import Dual, Number, UnsupportedError
from bridge.ball_rules import with_joined_roots
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


@dataclass(frozen=True, eq=False, slots=True)
class Node:
    """An expression as it is evaluated, one object wherever an equal one occurs.

    SymPy compares trees part by part at each look into a table; nodes are told apart by identity.
    A sum, product, extremum or integral has one variable here: `args` are body and range.
    """

    expression: Basic
    kind: type
    args: tuple["Node", ...]
    names: frozenset[Basic]


@lru_cache(maxsize=65536)
def node(e: Basic) -> Node:
    """The node of a plain expression."""
    if isinstance(e, (Symbol, IndexedBase)):
        return Node(e, type(e), (), frozenset((e,)))
    e = with_joined_roots(e)
    args = tuple(map(node, _parts(e)))
    return Node(e, type(e), args, _names(e, args))


def names(e: Basic) -> frozenset[Basic]:
    """The symbols and families on whose values an expression depends."""
    return node(e).names


def name(e: Basic) -> Basic:
    """A symbol or a family as the nodes hold it: tables with such keys find them at once."""
    return node(e).expression


def _parts(e: Basic) -> tuple[Basic, ...]:
    if not isinstance(e, ExprWithLimits) or len(e.args) == 2:
        return e.args
    body, *inner, last = e.args
    return e.func(body, *inner), last


def _names(e: Basic, args: tuple[Node, ...]) -> frozenset[Basic]:
    bound = frozenset() if isinstance(e, Tuple) else bound_symbols(e)
    if not bound:
        return frozenset().union(*(part.names for part in args))
    if isinstance(e, Lambda):
        return args[1].names - bound
    body, limit = args
    return (body.names - bound).union(*(end.names for end in limit.args[1:]))


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
