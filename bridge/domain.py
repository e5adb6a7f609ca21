"""What a claim ranges over: its parameters, families, distributions and sizes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sympy import (
    Basic,
    Derivative,
    Indexed,
    IndexedBase,
    Integral,
    KroneckerDelta,
    Lambda,
    Sum,
    Symbol,
)
from sympy.concrete.expr_with_limits import ExprWithLimits
from sympy.core.relational import Relational

from bridge import lexicon
from bridge.measured import UnsupportedError
from bridge.roles import normalized
from formal.quantity import Quantity, quantities, unfold
from formal.symbols import V


@dataclass(frozen=True)
class Domain:
    """The inputs of a claim under its hypotheses."""

    claim: Relational
    hypotheses: tuple[Relational, ...] = ()

    @cached_property
    def families(self) -> dict[IndexedBase, tuple[Symbol, ...]]:
        """Every family of the claim and the size that each of its indices ranges over."""
        axes: dict[Any, list[Any]] = {}
        for relation in (self.claim, *self.hypotheses):
            _read_axes(relation, {}, axes)
        return {base: tuple(size or V for size in sizes or [V]) for base, sizes in axes.items()}

    @cached_property
    def scalars(self) -> tuple[Symbol, ...]:
        """Every parameter of the claim and its hypotheses, without sizes, indices and names of
        families."""
        relations = (self.claim, *self.hypotheses)
        names = {family.label for family in self.families}
        return tuple(
            sorted(
                (
                    symbol
                    for symbol in set().union(*(r.free_symbols for r in relations))
                    if isinstance(symbol, Symbol) and not symbol.is_integer and symbol not in names
                ),
                key=str,
            )
        )

    @cached_property
    def sizes(self) -> tuple[Symbol, ...]:
        """V and every other size that an index ranges over."""
        ends = (
            limit.args[-1]
            for node in closure([self.claim, *self.hypotheses])
            if isinstance(node, ExprWithLimits) and not isinstance(node, Integral)
            for limit in node.args[1:]
        )
        known = [s for sizes in self.families.values() for s in sizes]
        return tuple(dict.fromkeys((V, *known, *(e for e in ends if isinstance(e, Symbol)))))

    @cached_property
    def distributions(self) -> dict[IndexedBase, tuple[int, ...]]:
        """Families that sum to one, and over which of their places: by hypothesis, or because
        they are positive and code takes them as distributions."""
        stated = dict(found for h in self.hypotheses if (found := normalized(h)) is not None)
        taken = {
            family: (0,)
            for family, sizes in self.families.items()
            if family.is_positive and len(sizes) == 1 and self._has_code
        }
        return taken | stated

    @cached_property
    def _has_code(self) -> bool:
        return any(lexicon.code_of(type(node)) for node in quantities(self.claim))

    @cached_property
    def indices(self) -> frozenset[Basic]:
        """Free indices, those that a derivative alone mentions among them."""
        nodes = closure([self.claim])
        by = {v for node in nodes if isinstance(node, Derivative) for v in node.variables}
        free = self.claim.free_symbols.union(*(v.free_symbols for v in by))
        return frozenset(s for s in free if s.is_integer and s not in self.sizes)

    @cached_property
    def is_table_of_slopes(self) -> bool:
        """Whether a derivative is taken at every value of three indices or more."""
        return self.has_derivative and len(self.indices) > 2

    @cached_property
    def is_dense(self) -> bool:
        """Whether evaluating takes much more than a few vectors: tables over pairs of indices,
        or derivatives beyond the second."""
        nodes = closure([self.claim])
        return (
            len(self.indices) + self.has_derivative > 1
            or any(isinstance(node, Derivative) and self._is_at_index(node) for node in nodes)
            or any(len(sizes) > 1 for sizes in self.families.values())
            or any(isinstance(node, KroneckerDelta) for node in nodes)
            or any(isinstance(node, Derivative) and node.derivative_count > 2 for node in nodes)
            or any(isinstance(node, Sum) and len(node.limits) > 1 for node in nodes)
            or takes_pairs(nodes)
        )

    def _is_at_index(self, node: Derivative) -> bool:
        """Whether a derivative has a value for every value of an index, free or bound."""
        return any(s.is_integer and s not in self.sizes for s in node.free_symbols)

    @cached_property
    def has_derivative(self) -> bool:
        """Whether the claim differentiates."""
        return any(isinstance(node, Derivative) for node in closure([self.claim]))

    @cached_property
    def has_integral(self) -> bool:
        """Whether the claim integrates."""
        return any(isinstance(node, Integral) for node in closure([self.claim]))


def counts_pairs(claim: Relational) -> bool:
    """Whether a sum, written out, has for each of its terms a sum of that term's own."""
    return any(
        inner.has_free(index)
        for outer in unfold(claim).atoms(Sum)
        for index in outer.variables
        for inner in outer.function.atoms(Sum)
    )


def takes_pairs(nodes: Iterable[Any]) -> bool:
    """Whether the code of a quantity among the nodes takes memory for every pair of tokens."""
    kinds = {type(node) for node in nodes if isinstance(node, Quantity)}
    return any(code.quadratic for kind in kinds for code in lexicon.code_of(kind))


def _read_axes(node: Any, bound: Mapping[Basic, Any], axes: dict[Any, list[Any]]) -> None:
    """Note for every family what its indices run up to, as far as sums and extrema say it.

    Raises:
        UnsupportedError: An index runs up to two different sizes.
    """
    if isinstance(node, Indexed):
        found = axes.setdefault(node.base, [])
        found += [None] * (len(node.indices) - len(found))
        for place, index in enumerate(node.indices):
            size = bound.get(index)
            if isinstance(size, Symbol) and found[place] not in (None, size):
                raise UnsupportedError(f"{node.base} over {found[place]} and over {size}")
            found[place] = found[place] or (size if isinstance(size, Symbol) else None)
    elif isinstance(node, IndexedBase):
        axes.setdefault(node, [])  # known by the components that a definition takes, or one row
    elif isinstance(node, Lambda):
        _read_axes(node.expr, {**bound, **dict.fromkeys(node.variables, V)}, axes)
    elif isinstance(node, ExprWithLimits):
        body, *limits = node.args
        ends = {limit.args[0]: limit.args[-1] for limit in limits}
        for argument in (body, *limits):
            _read_axes(argument, {**bound, **ends}, axes)
    else:
        for argument in node.args:
            _read_axes(argument, bound, axes)
        if isinstance(node, Quantity) and not lexicon.code_of(type(node)):
            _read_axes(node.definition(), bound, axes)


def closure(expressions: Iterable[Basic]) -> list[Any]:
    """Every node of the expressions, and of the definitions of quantities without code."""
    nodes: list[Any] = []
    pending: list[Any] = list(expressions)
    while pending:
        node = pending.pop()
        nodes.append(node)
        pending += node.args
        if isinstance(node, Quantity) and not lexicon.code_of(type(node)):
            pending.append(node.definition())
    return nodes
