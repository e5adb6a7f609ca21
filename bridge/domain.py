"""What a claim ranges over: its parameters, families, distributions and sizes."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sympy import (
    Basic,
    Derivative,
    Eq,
    Indexed,
    IndexedBase,
    Integral,
    KroneckerDelta,
    Sum,
    Symbol,
    Tuple,
)
from sympy.concrete.expr_with_limits import ExprWithLimits
from sympy.core.relational import Relational

from bridge import lexicon
from formal.quantity import Quantity, quantities
from formal.symbols import V


@dataclass(frozen=True)
class Domain:
    """The inputs of a claim under its hypotheses."""

    claim: Relational
    hypotheses: tuple[Relational, ...] = ()

    @cached_property
    def families(self) -> dict[IndexedBase, tuple[Symbol, ...]]:
        """Every family of the claim and the size that each of its indices ranges over."""
        found: dict[Any, tuple[Symbol, ...]] = {}
        ranges: dict[Any, Any] = {}
        everything = [self.claim, *self.hypotheses]
        for node in _closure(everything):
            if isinstance(node, ExprWithLimits):
                ranges |= _ranges(node.limits)
        for node in _closure(everything):
            if isinstance(node, Indexed):
                found[node.base] = tuple(ranges.get(index, V) for index in node.indices)
            elif isinstance(node, IndexedBase):
                found.setdefault(node, (V,))
        return found

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
        return tuple(dict.fromkeys((V, *(s for sizes in self.families.values() for s in sizes))))

    @cached_property
    def distributions(self) -> tuple[IndexedBase, ...]:
        """Families that sum to one: by hypothesis, or because they are positive and code
        takes them as distributions."""
        stated = {normalized(hypothesis) for hypothesis in self.hypotheses}
        taken = {family for family in self.families if family.is_positive and self._has_code}
        return tuple(family for family in self.families if family in stated | taken)

    @cached_property
    def _has_code(self) -> bool:
        return any(lexicon.code_of(type(node)) for node in quantities(self.claim))

    @cached_property
    def is_dense(self) -> bool:
        """Whether evaluating takes much more than a few vectors: tables over pairs of indices,
        or derivatives beyond the second."""
        nodes = _closure([self.claim])
        indices = {s for s in self.claim.free_symbols if s.is_integer and s not in self.sizes}
        return (
            len(indices) + self.has_derivative > 1
            or any(len(sizes) > 1 for sizes in self.families.values())
            or any(isinstance(node, KroneckerDelta) for node in nodes)
            or any(isinstance(node, Derivative) and node.derivative_count > 2 for node in nodes)
            or any(isinstance(node, Sum) and len(node.limits) > 1 for node in nodes)
            or any(
                isinstance(node, Quantity)
                and any(c.quadratic for c in lexicon.code_of(type(node)))
                for node in nodes
            )
        )

    @cached_property
    def has_derivative(self) -> bool:
        """Whether the claim differentiates."""
        return any(isinstance(node, Derivative) for node in _closure([self.claim]))

    @cached_property
    def has_integral(self) -> bool:
        """Whether the claim integrates."""
        return any(isinstance(node, Integral) for node in _closure([self.claim]))


def normalized(hypothesis: Relational) -> IndexedBase | None:
    """The family of which a hypothesis says that its components sum to one, if it does."""
    total = next((side for side in hypothesis.args if isinstance(side, Sum)), None)
    if not isinstance(hypothesis, Eq) or total is None or 1 not in hypothesis.args:
        return None
    component, index = total.function, total.variables[0]
    if tuple(total.limits) != (Tuple(index, 1, V),) or not isinstance(component, Indexed):
        return None
    return component.base if component.indices == (index,) else None  # type: ignore[return-value]


def _closure(expressions: Iterable[Basic]) -> list[Any]:
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


def _ranges(limits: Any) -> dict[Any, Any]:
    """The size that each bound index ranges over."""
    return {
        limit[0]: limit[2] for limit in limits if len(limit) == 3 and isinstance(limit[2], Symbol)
    }
