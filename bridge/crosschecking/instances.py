"""Laws that hold by definition: what is stated about one quantity, said of another made from it.

Perplexity is the exponential of the cross-entropy, so that every law about cross-entropies is one
about the logarithm of a perplexity. What top-k returns is a truncated distribution, of softmax on
certain tokens: what is stated about truncated distributions holds for it. In general, where the
definition of Q is g(R(a)) with a function g that has an inverse, a law in which R is applied to
what a can be put for becomes one about the inverse of g at Q.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sympy import (
    Add,
    Basic,
    Dummy,
    Eq,
    IndexedBase,
    Lambda,
    Mul,
    Sum,
    acos,
    cos,
    exp,
    log,
    preorder_traversal,
)
from sympy.core.relational import Relational

from formal import boltzmann
from formal.functions import Subset
from formal.quantity import Quantity, component, instantiate, quantities, rebuild
from formal.statement import Statement


@dataclass(frozen=True)
class Law:
    """A statement as it is asked: its claim, or what the claim says by definition of a quantity.

    `hypotheses` are those under which it is asked. `by` names the quantity whose definition was
    used, or is empty.
    """

    statement: Statement
    claim: Any
    hypotheses: tuple[Relational, ...]
    by: str = ""

    @property
    def name(self) -> str:
        """The statement's name, and by whose definition it is asked."""
        return self.statement.name + (f" (by the definition of {self.by})" if self.by else "")


def instance_of(statement: Statement, kind: type[Quantity]) -> Law | None:
    """A statement as a law about a quantity that its claim does not mention, or None."""
    for inner, value in _inverses(kind.body, kind(*kind.parameters)):
        for node in quantities(statement.claim):  # type: ignore[arg-type]
            if type(node) is type(inner):
                found = _instance(statement, kind, node, inner, value)
                if found is not None:
                    return found
    return None


@lru_cache(maxsize=256)
def _inverses(body: Any, value: Any) -> tuple[tuple[Quantity, Any], ...]:
    """Quantities in a definition, and what they are in terms of the value that it defines."""
    return tuple(_undone(body, value))


def _undone(body: Any, value: Any) -> Iterator[tuple[Quantity, Any]]:
    if isinstance(body, Quantity):
        yield body, value
    elif isinstance(body, exp):
        yield from _undone(body.args[0], log(value))
    elif isinstance(body, log):
        yield from _undone(body.args[0], exp(value))
    elif isinstance(body, acos):
        yield from _undone(body.args[0], cos(value))
    elif isinstance(body, (Add, Mul)):
        inner = [a for a in body.args if next(quantities(a), None) is not None]
        if len(inner) != 1:
            return
        rest = body.func(*(a for a in body.args if a is not inner[0]))
        if isinstance(body, Add):
            yield from _undone(inner[0], value - rest)
        elif rest.is_nonzero:
            yield from _undone(inner[0], value / rest)


def _instance(
    statement: Statement, kind: type[Quantity], node: Quantity, inner: Quantity, value: Any
) -> Law | None:
    """The law that arises where the arguments of a node of the claim are those of `inner`."""
    put: dict[Basic, Any] = {}
    parameters = type(inner).parameters
    for given, wanted, parameter in zip(node.args, inner.args, parameters, strict=True):
        if wanted in kind.parameters or given == wanted:
            continue
        if not isinstance(given, IndexedBase) or not _as_wide(given, parameter):
            return None
        put[given] = wanted
    claim = _replaced(_put(statement.claim, put), kind, inner, value)
    if not any(type(found) is kind for found in quantities(claim)):
        return None
    hypotheses = (_put(h, put) for h in statement.domain if not _met(h, put))
    replaced = (_replaced(h, kind, inner, value) for h in hypotheses)
    return Law(statement, claim, tuple(replaced), kind.__name__)


def _put(relation: Any, put: Mapping[Basic, Any]) -> Any:
    return instantiate(relation, put) if put else relation


def _as_wide(family: Any, parameter: Any) -> bool:
    """Whether a family of a claim may be whatever a quantity takes for one of its parameters."""
    if isinstance(family, Subset) != isinstance(parameter, Subset):
        return False
    return all(
        not getattr(family, trait) or getattr(parameter, trait)
        for trait in ("is_positive", "is_nonnegative")
    )


def _met(hypothesis: Relational, put: Mapping[Basic, Any]) -> bool:
    """Whether a hypothesis says of a family that it sums to one, and softmax is put for it."""
    total = next((side for side in hypothesis.args if isinstance(side, Sum)), None)
    if not isinstance(hypothesis, Eq) or total is None or 1 not in hypothesis.args:
        return False
    family = getattr(total.function, "base", None)
    wanted = put.get(family) if family is not None else None
    return isinstance(wanted, Lambda) and isinstance(
        wanted.expr, (boltzmann.softmax, boltzmann.probability)
    )


def _replaced(expression: Any, kind: type[Quantity], inner: Quantity, value: Any) -> Any:
    """An expression with a quantity by the inverse of another's definition, wherever it has the
    arguments that the definition gives it."""
    if not any(type(found) is type(inner) for found in preorder_traversal(expression)):
        return expression
    arguments = tuple(_replaced(a, kind, inner, value) for a in expression.args)
    rebuilt: Any = rebuild(expression, arguments)
    if type(rebuilt) is not type(inner):
        return rebuilt
    chosen: dict[Basic, Any] = {}
    for given, wanted in zip(rebuilt.args, inner.args, strict=True):
        if wanted in kind.parameters:
            if chosen.setdefault(wanted, given) != given:
                return rebuilt
    alike = (
        _alike(given, instantiate(wanted, chosen))
        for given, wanted in zip(rebuilt.args, inner.args, strict=True)
    )
    return instantiate(value, chosen) if all(alike) else rebuilt


def _alike(one: Basic, other: Basic) -> bool:
    """Whether two arguments are the same but for what they call a bound index."""
    if isinstance(one, Lambda) and isinstance(other, Lambda):
        index = Dummy("n", integer=True, positive=True)
        return component(one, index) == component(other, index)
    return one == other
