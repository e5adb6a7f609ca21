"""Points that meet equations: one unknown of each is put in as what the equation makes of it.

That an equation such as sum p_i E_i = U is met by no random point says nothing. Solved for U it
defines U, and every point of the rest meets it. What has to hold so that the unknown lies in its
domain is added as a hypothesis.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sympy import (
    Add,
    Derivative,
    Eq,
    Ge,
    Gt,
    Indexed,
    IndexedBase,
    KroneckerDelta,
    Lambda,
    Mul,
    Ne,
    Pow,
    S,
    Sum,
    Symbol,
    diff,
    exp,
    expand_power_exp,
    log,
    preorder_traversal,
)
from sympy.core.relational import Relational

from formal.quantity import bound_symbols, instantiate, rebuild, unfold

MOST = 6  # ways to solve that are tried


@dataclass(frozen=True)
class Solution:
    """A symbol or family as what an equation makes of it, where some conditions hold."""

    name: Any
    value: Any
    where: tuple[Relational, ...]

    def put_in(self, relation: Any) -> Any:
        """A plain relation with the value in place of the name."""
        left, right = (instantiate(side, {self.name: self.value}) for side in relation.args)
        return relation.func(left, right, evaluate=False)


def reductions(
    claim: Relational, held: Sequence[Relational], given: Sequence[Relational]
) -> Iterator[tuple[Any, tuple[Any, ...]]]:
    """The claim and hypotheses with equations put in, in several ways; none where derivatives
    are left, of which an equation that holds at a point says nothing."""
    try:
        plain = [_evaluated(unfold(relation)) for relation in (claim, *held, *given)]
    except _LeftError:
        return
    known = plain[: len(held) + 1]
    for count, (told, solutions) in enumerate(_solutions(known, plain[len(held) + 1 :])):
        if count == MOST:
            return
        relations = tuple(r for r in told[1:] if r not in (S.true, True))
        where = tuple(w for s in solutions for w in s.where)
        yield told[0], tuple(dict.fromkeys((*relations, *where)))


def _solutions(
    known: list[Any], equations: list[Any], done: tuple[Solution, ...] = ()
) -> Iterator[tuple[list[Any], tuple[Solution, ...]]]:
    """What is known with all equations put in, one after the other."""
    if not equations:
        yield known, done
        return
    first, *rest = equations
    ways = list(solved(first)) if isinstance(first, Eq) else []
    if not ways:  # it is left to be met by points as they come
        yield from _solutions([*known, first], rest, done)
    for found in ways:
        put = [found.put_in(relation) for relation in known]
        others = [found.put_in(relation) for relation in rest]
        earlier = tuple(
            Solution(s.name, s.value, tuple(found.put_in(w) for w in s.where)) for s in done
        )
        yield from _solutions(put, others, (*earlier, found))


def solved(equation: Eq) -> Iterator[Solution]:
    """The equation solved for each unknown that stands in it once, free numbers first."""
    nodes = [node for side in equation.args for node in preorder_traversal(side)]
    unknowns = [n for n in dict.fromkeys(nodes) if _is_unknown(n, nodes)]
    for unknown in sorted(unknowns, key=_constrained):
        solution = _isolated(equation, unknown)
        if solution is not None:
            yield solution


def _is_unknown(node: Any, nodes: Sequence[Any]) -> bool:
    if isinstance(node, Indexed):
        indices = node.args[1:]
        letters = all(isinstance(index, Symbol) for index in indices)
        return letters and len(set(indices)) == len(indices) and nodes.count(node.base) == 1
    families = [str(n) for n in nodes if isinstance(n, IndexedBase)]
    plain = isinstance(node, Symbol) and not node.is_integer and str(node) not in families
    return plain and nodes.count(node) == 1


def _constrained(node: Any) -> int:
    return 2 * bool(node.is_nonnegative) + isinstance(node, Indexed)


def _isolated(equation: Eq, unknown: Any) -> Solution | None:
    side, other = equation.args if equation.lhs.has(unknown) else equation.args[::-1]
    where: list[Any] = []
    while side != unknown:
        step = _peeled(side, other, unknown, where)
        if step is None:
            return None
        side, other = step
    return _solution(unknown, other, where)


def _peeled(side: Any, other: Any, unknown: Any, where: list[Any]) -> Any:
    """The equation `side = other` with the outermost operation on the unknown undone."""
    if isinstance(side, Sum):
        side = _factored(side, unknown)
    inner = [argument for argument in side.args if argument.has(unknown)]
    if len(inner) != 1 or isinstance(side, (Sum, Derivative)):
        return None
    rest = [argument for argument in side.args if argument is not inner[0]]
    match side:
        case Add():
            return inner[0], other - Add(*rest)
        case Mul():
            factor = Mul(*rest)
            if not factor.is_nonzero:
                where.append(Ne(factor, 0, evaluate=False))
            return inner[0], other / factor
        case exp():
            where.append(Gt(other, 0, evaluate=False))
            return inner[0], log(other)
        case log():
            return inner[0], exp(other)
        case Pow() if inner[0] is side.base and side.base.is_positive and side.exp.is_nonzero:
            where.append(Gt(other, 0, evaluate=False))
            return inner[0], other ** (1 / side.exp)
    return None


def _factored(total: Any, unknown: Any) -> Any:
    """A sum with the factor outside that has the unknown and none of its indices."""
    bound = bound_symbols(total)
    factors: list[Any] = list(Mul.make_args(expand_power_exp(total.function)))
    outside = [f for f in factors if not f.free_symbols & bound]
    if not any(factor.has(unknown) for factor in outside):
        return total
    inside: Any = Mul(*(f for f in factors if f not in outside))
    rest: Any = Sum(inside, *total.limits)
    return Mul(*outside, rest)


def _solution(unknown: Any, value: Any, where: Sequence[Relational]) -> Solution | None:
    """The unknown defined by a value, unless that depends on an index of which it does not."""
    indices = unknown.args[1:] if isinstance(unknown, Indexed) else ()
    free = {s for s in value.free_symbols if isinstance(s, Symbol) and s.is_integer}
    if free & _letters(value) - set(indices):
        return None
    domain: list[Any] = list(where)
    if unknown.is_positive:
        domain.append(Gt(value, 0, evaluate=False))
    elif unknown.is_nonnegative:
        domain.append(Ge(value, 0, evaluate=False))
    elif unknown.is_negative:
        domain.append(Gt(-value, 0, evaluate=False))
    if isinstance(unknown, Indexed):
        return Solution(unknown.base, Lambda(tuple(indices), value), tuple(domain))
    return Solution(unknown, value, tuple(domain))


def _letters(value: Any) -> set[Any]:
    """The symbols that stand as indices in a value."""
    found = {s for node in value.atoms(Indexed) for i in node.args[1:] for s in i.free_symbols}
    return found | {s for d in value.atoms(KroneckerDelta) for s in d.free_symbols}


class _LeftError(Exception):
    """A derivative is left that cannot be carried out."""


def _evaluated(relation: Any) -> Any:
    """The relation with its derivatives carried out.

    Raises:
        _LeftError: One is left.
    """
    left, right = (_collapsed(_without_derivatives(side)) for side in relation.args)
    if left.has(Derivative) or right.has(Derivative):
        raise _LeftError
    return relation.func(left, right, evaluate=False)


def _without_derivatives(e: Any) -> Any:
    if isinstance(e, Derivative):
        return diff(_without_derivatives(e.expr), *e.variables)
    return rebuild(e, tuple(map(_without_derivatives, e.args))) if e.has(Derivative) else e


def _collapsed(e: Any) -> Any:
    """Sums over a Kronecker delta as the one term that is left."""
    if not e.has(KroneckerDelta) or not e.args:
        return e
    e = rebuild(e, tuple(map(_collapsed, e.args)))
    if not isinstance(e, Sum) or len(e.limits) > 1:
        return e
    body: Any = e.function
    terms: Any = Add.make_args(body.expand())
    return Add(*(_picked(term, e.limits[0][0], e.limits[0]) for term in terms))


def _picked(term: Any, index: Any, limit: Any) -> Any:
    for factor in Mul.make_args(term):
        if isinstance(factor, KroneckerDelta) and index in factor.args:
            other = factor.args[0] if factor.args[1] == index else factor.args[1]
            return instantiate(term / factor, {index: other})
    return Sum(term, limit)
