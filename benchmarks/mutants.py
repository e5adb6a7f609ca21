"""Random mutants of claims: what people get wrong when they copy or derive a formula.

A mutant differs from a claim in one place: a sign, a factor, an exponent, an index, a term, a
symbol, a range, a variable of differentiation, the direction of an inequality, or a hypothesis.
The same seed gives the same mutants. Most are false; some say the same in other words, or less.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from random import Random
from typing import Any

from sympy import (
    Add,
    Basic,
    Derivative,
    Eq,
    Expr,
    Indexed,
    IndexedBase,
    Integer,
    KroneckerDelta,
    Lambda,
    Mul,
    Pow,
    Rational,
    Sum,
    Symbol,
    Tuple,
    exp,
    log,
    nan,
    oo,
    zoo,
)
from sympy.core.relational import Relational

from formal.quantity import Quantity, rebuild, unfold
from formal.statement import Statement

ATTEMPTS = 50  # changes tried for one mutant before it is given up
Path = tuple[int, ...]


@dataclass(frozen=True)
class Mutant:
    """A changed claim: of which statement, what was changed, and what is asserted now."""

    of: str
    change: str
    claim: Relational
    assuming: tuple[Relational, ...]


def mutants(statements: Mapping[str, Statement], count: int, seed: int = 0) -> list[Mutant]:
    """As many different mutants, in turn of every statement that is a relation."""
    random, found = Random(seed), dict[Any, Mutant]()
    sources = [s for _, s in sorted(statements.items()) if isinstance(s.claim, Relational)]
    while len(found) < count and sources:
        random.shuffle(sources)
        for statement in sources:
            mutant = mutant_of(statement, random)
            if mutant is not None:
                found.setdefault((unfold(mutant.claim), mutant.assuming), mutant)
    return list(found.values())[:count]


def mutant_of(statement: Statement, random: Random) -> Mutant | None:
    """One mutant of a statement as it is written or as it unfolds; None if no change took."""
    written, unfolded = statement.claim, statement.unfolded
    assert written is not None and unfolded is not None
    hypotheses = statement.domain
    for _ in range(ATTEMPTS):
        claim = random.choice((written, unfolded))
        if hypotheses and random.random() < 0.05:
            dropped = random.randrange(len(hypotheses))
            kept = hypotheses[:dropped] + hypotheses[dropped + 1 :]
            return Mutant(statement.name, "hypothesis dropped", claim, kept)
        if not isinstance(claim, Eq) and random.random() < 0.05:
            swapped = rebuild(claim, claim.args[::-1])
            return Mutant(statement.name, "sides swapped", swapped, hypotheses)
        kind = random.choice(list(CHANGES))
        mutant = _changed(claim, kind, random)
        if mutant is not None and not mutant.has(nan, zoo, oo, -oo) and unfold(mutant) != unfolded:
            assert isinstance(mutant, Relational)
            return Mutant(statement.name, kind, mutant, hypotheses)
    return None


def _changed(claim: Basic, kind: str, random: Random) -> Basic | None:
    """The claim with a change of this kind at a random place where it can be made."""
    around = _Around(claim, random)
    places = list(_places(claim))
    random.shuffle(places)
    for path, node in places:
        changed = CHANGES[kind](node, around)
        if changed is not None:
            return _replaced(claim, path, changed)
    return None


@dataclass(frozen=True)
class _Around:
    """What else a claim speaks of, and the source of chance."""

    claim: Basic
    random: Random

    def another(self, node: Basic, among: Sequence[Basic]) -> Basic | None:
        others = sorted({other for other in among if other != node}, key=str)
        return self.random.choice(others) if others else None

    @cached_property
    def indices(self) -> list[Basic]:
        """The free and the bound indices of the claim as written."""
        unfolded = list(_nodes(unfold(self.claim)))
        entries = [i for n in unfolded if isinstance(n, Indexed) for i in n.indices]
        bound = [limit[0] for n in unfolded if isinstance(n, Sum) for limit in n.limits]
        return [i for i in (*entries, *bound) if isinstance(i, Symbol) and self.claim.has(i)]


def _sign(node: Basic, around: _Around) -> Basic | None:
    return -node if _is_value(node, around) else None


def _factor(node: Basic, around: _Around) -> Basic | None:
    if not _is_value(node, around):
        return None
    scalars = sorted((s for s in around.claim.free_symbols if _is_scalar(s, around)), key=str)
    return node * around.random.choice([Integer(2), Rational(1, 2), *scalars])


def _exponent(node: Basic, around: _Around) -> Basic | None:
    if isinstance(node, Pow) and isinstance(node.exp, Rational):
        return Pow(node.base, around.random.choice([node.exp + 1, node.exp - 1, -node.exp]))
    return Pow(node, 2) if _is_value(node, around) else None


def _dropped(node: Basic, around: _Around) -> Basic | None:
    if isinstance(node, (Add, Mul)):
        out = around.random.randrange(len(node.args))
        return node.func(*node.args[:out], *node.args[out + 1 :])
    return node.args[0] if isinstance(node, (exp, log)) else None


def _index(node: Basic, around: _Around) -> Basic | None:
    if not isinstance(node, (Indexed, KroneckerDelta)):
        return None
    places = range(isinstance(node, Indexed), len(node.args))
    place = around.random.choice(list(places))
    other = around.another(node.args[place], around.indices)
    return None if other is None else _with(node, place, other)


def _swapped(node: Basic, around: _Around) -> Basic | None:
    """A symbol, a family or a quantity of the same kind in the place of this one."""
    nodes = list(_nodes(around.claim))
    if isinstance(node, Indexed):
        bases = [n.base for n in nodes if isinstance(n, Indexed)]
        other = around.another(node.base, [b for b in bases if _rank(nodes, b) == len(node.args)])
        return None if other is None else _with(node, 0, other)
    if isinstance(node, Quantity):
        return around.another(node, [n for n in nodes if isinstance(n, Quantity)])
    if isinstance(node, Symbol) and _is_scalar(node, around):
        return around.another(node, [n for n in nodes if _is_scalar(n, around)])
    return None


def _rank(nodes: Sequence[Basic], base: Basic) -> int:
    return next(len(n.args) for n in nodes if isinstance(n, Indexed) and n.base == base)


def _range(node: Basic, around: _Around) -> Basic | None:
    if not isinstance(node, Sum):
        return None
    place = around.random.randrange(len(node.limits))
    index, low, high = node.limits[place]
    return _with(node, place + 1, Tuple(index, low + 1, high)) if low == 1 else None


def _variable(node: Basic, around: _Around) -> Basic | None:
    """Another order of differentiation, or another index of its variable."""
    if not isinstance(node, Derivative):
        return None
    place = around.random.randrange(1, len(node.args))
    variable, count = node.args[place].args
    moved = _index(variable, around)
    if moved is None or around.random.random() < 0.5:
        return _with(node, place, Tuple(variable, count + 1))
    return _with(node, place, Tuple(moved, count))


CHANGES: Mapping[str, Callable[[Basic, _Around], Basic | None]] = {
    "sign": _sign,
    "factor": _factor,
    "exponent": _exponent,
    "term dropped": _dropped,
    "index": _index,
    "symbol swapped": _swapped,
    "range": _range,
    "variable": _variable,
}


def _places(node: Basic, path: Path = ()) -> Iterator[tuple[Path, Basic]]:
    """Every subexpression that is a value, and where it stands."""
    if isinstance(node, (Tuple, IndexedBase)):
        return
    if isinstance(node, Expr) and not isinstance(node, Lambda):
        yield path, node
    first = 1 if isinstance(node, Lambda) else 0  # what a Lambda or a sum binds stays
    args = node.args[:1] if isinstance(node, (Sum, Derivative)) else node.args
    if not isinstance(node, (Indexed, KroneckerDelta)):
        for number, argument in enumerate(args[first:], first):
            yield from _places(argument, (*path, number))


def _nodes(node: Basic) -> Iterator[Basic]:
    yield node
    for argument in node.args:
        yield from _nodes(argument)


def _is_value(node: Basic, around: _Around) -> bool:
    return isinstance(node, Expr) and node not in around.indices


def _is_scalar(node: Basic, around: _Around) -> bool:
    return isinstance(node, Symbol) and node not in around.indices and not _is_base(node, around)


def _is_base(node: Basic, around: _Around) -> bool:
    return any(node in (base, base.label) for base in around.claim.atoms(IndexedBase))


def _with(node: Basic, place: int, argument: Basic) -> Basic:
    return rebuild(node, (*node.args[:place], argument, *node.args[place + 1 :]))


def _replaced(node: Basic, path: Path, value: Basic) -> Basic:
    if not path:
        return value
    first, *rest = path
    return _with(node, first, _replaced(node.args[first], tuple(rest), value))
