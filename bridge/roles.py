"""What the names of a claim stand for: sizes, free indices, parameters, families and lengths.

It is read off the claim: what a sum runs up to is a size, what stands in a subscript is an index,
and a family is as long as the sums over it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import prod
from typing import Any

from sympy import (
    Basic,
    Eq,
    Indexed,
    IndexedBase,
    Integer,
    Integral,
    KroneckerDelta,
    Lambda,
    Sum,
    Symbol,
    Tuple,
    preorder_traversal,
)
from sympy.core.relational import Relational

from bridge.ball_numbers import UnsupportedError
from bridge.ball_scope import names
from formal.quantity import bound_symbols
from formal.symbols import V


@dataclass
class Roles:
    """What each name of some expressions stands for, and how far each family extends."""

    sizes: dict[Basic, None] = field(default_factory=dict)
    indices: dict[Basic, set[tuple[Basic, int]]] = field(default_factory=dict)
    parameters: dict[Basic, None] = field(default_factory=dict)
    axes: dict[Basic, list[set[Basic]]] = field(default_factory=dict)

    @classmethod
    def of(cls, expressions: Iterable[Basic]) -> "Roles":
        """The roles of all names that are free in the expressions.

        Raises:
            UnsupportedError: An expression is over strings, or a family has no one shape.
        """
        roles = cls()
        for expression in expressions:
            for node in preorder_traversal(expression):
                if getattr(node, "is_commutative", True) is False:
                    raise UnsupportedError(f"{node} is a string, not a number")
            roles._read(expression, {})
        for size in roles.sizes:
            roles.parameters.pop(size, None)
            roles.indices.pop(size, None)
        for index in roles.indices:
            roles.parameters.pop(index, None)
        return roles

    def last(self, index: Basic) -> Basic:
        """The greatest value of a free index: the end of sums over what it is an index of."""
        for base, place in self.indices[index]:
            for end in self.axes[base][place]:
                if not end.free_symbols & self.indices.keys():
                    return end
        several = any(len(self.axes[base]) > 1 for base, _ in self.indices[index])
        return Integer(2) if several else V

    def _read(self, e: Basic, bound: Mapping[Basic, Basic]) -> None:
        if isinstance(e, Symbol):
            if e not in bound:
                self.parameters[e] = None
        elif isinstance(e, IndexedBase):
            raise UnsupportedError(f"the family {e} without an index")
        elif isinstance(e, Indexed):
            self._read_component(e, bound)
        elif bound_symbols(e) and not isinstance(e, Tuple):
            self._read_binder(e, bound)
        else:
            for argument in e.args:
                self._read(argument, bound)
                if isinstance(e, KroneckerDelta) and isinstance(argument, Symbol):
                    if argument not in bound:
                        self.indices.setdefault(argument, set())

    def _read_component(self, e: Indexed, bound: Mapping[Basic, Basic]) -> None:
        axes = self.axes.setdefault(e.base, [set() for _ in e.indices])
        if len(axes) != len(e.indices):
            raise UnsupportedError(f"{e.base} with {len(axes)} and with {len(e.indices)} indices")
        for place, index in enumerate(e.indices):
            self._read(index, bound)
            if isinstance(index, Symbol) and index not in bound:
                self.indices.setdefault(index, set()).add((e.base, place))
            axes[place].add(index.xreplace(dict(bound)))

    def _read_binder(self, e: Basic, bound: Mapping[Basic, Basic]) -> None:
        if isinstance(e, Lambda):
            self._read(e.expr, {**bound, **dict.fromkeys(e.variables, V)})
            return
        body, *limits = e.args
        for limit in reversed(limits):
            variable, *ends = limit.args
            for end in ends:
                self._read(end, bound)
            if not isinstance(e, Integral):
                for size in names(ends[-1]) - bound.keys():
                    self.sizes[size] = None
            bound = {**bound, variable: ends[-1].xreplace(dict(bound))}
        self._read(body, bound)


def normalized(hypothesis: Relational) -> tuple[IndexedBase, tuple[int, ...]] | None:
    """The family of which a hypothesis says that it sums to one, and over which places."""
    total = next((side for side in hypothesis.args if isinstance(side, Sum)), None)
    if not isinstance(hypothesis, Eq) or total is None or 1 not in hypothesis.args:
        return None
    indices: list[Any] = []
    component: Any = total
    while isinstance(component, Sum):
        if any(first != 1 for _, first, _ in component.limits):
            return None
        indices += component.variables
        component = component.function
    if not isinstance(component, Indexed):
        return None
    places = tuple(n for n, index in enumerate(component.indices) if index in indices)
    once = len(places) == len(indices) and len(set(component.indices)) == len(component.indices)
    return (component.base, places) if once else None  # type: ignore[return-value]


def terms(e: Basic, sizes: Mapping[Basic, int], bound: Mapping[Basic, int] | None = None) -> int:
    """At how many values of bound indices the busiest subexpression is evaluated."""
    bound = dict(bound or {})
    most = prod(bound[name] for name in names(e) & bound.keys())
    if bound_symbols(e) and not isinstance(e, (Lambda, Integral)):
        for limit in e.args[1:]:
            bound[limit.args[0]] = max((sizes.get(n, 1) for n in names(limit.args[-1])), default=4)
    return max([most, *(terms(a, sizes, bound) for a in e.args if not isinstance(a, Tuple))])
