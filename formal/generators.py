"""One-parameter symmetries of weights: from one declaration the action, the generator, what the
derivatives of an invariant function obey, and the charge that gradient flow conserves.

It serves symmetries that scale or shear weights index by index. Matrices with their inverses and
changes of order need hypotheses of their own, and are stated one by one in `formal.symmetry`.
"""

# SymPy types a Sum as what a relation might be as well:
# pyright: reportOperatorIssue=false

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

from sympy import Add, Derivative, Eq, Expr, Indexed, Sum, diff, evaluate
from sympy.core.relational import Relational

Range = tuple[Any, Any, Any]


@dataclass(frozen=True)
class Move:
    """A weight, what becomes of it, and the indices that run over all weights moved alike."""

    weight: Indexed
    becomes: Expr
    ranges: tuple[Range, ...] = ()

    def total(self, term: Any) -> Any:
        """The sum of a term over all weights that are moved alike."""
        return Sum(term, *self.ranges) if self.ranges else term


@dataclass(frozen=True)
class Symmetry:
    """A group of one parameter that acts on weights; at `identity` nothing moves.

    In a Ward identity the first move stands on the left, the others on the right.
    """

    parameter: Expr
    identity: Expr
    moves: tuple[Move, ...]

    @cached_property
    def generator(self) -> tuple[tuple[Move, Expr], ...]:
        """The rate X theta at which each weight begins to move."""
        with evaluate(True):
            rates = (diff(m.becomes, self.parameter) for m in self.moves)
            return tuple(
                (move, rate.subs(self.parameter, self.identity))
                for move, rate in zip(self.moves, rates, strict=True)
            )

    def act(self, function: Any) -> Expr:
        """The function of the moved weights, which it names by the same indices."""
        return function.xreplace({move.weight: move.becomes for move in self.moves})

    def invariance(self, function: Any) -> Relational:
        """That the function does not change."""
        return _equal(self.act(function), function)

    def ward(self, function: Any) -> Relational:
        """That an invariant function has no derivative along the generator."""
        (first, rate), *others = self.generator
        left = first.total(rate * Derivative(function, first.weight))
        right = [
            move.total(_minus(rate) * Derivative(function, move.weight)) for move, rate in others
        ]
        return _equal(left, _added(right))

    def hessian(self, function: Any, weight: Indexed) -> Relational:
        """The Ward identity differentiated by a weight: curvature along the generator is slope."""
        along, slopes = [], []
        for move, rate in self.generator:
            by = ((weight, 2),) if move.weight == weight else (move.weight, weight)
            along.append(move.total(rate * Derivative(function, *by)))
            with evaluate(True):
                turned = -diff(rate, weight)
            if turned != 0:
                slopes.append(move.total(turned * Derivative(function, move.weight)))
        return _equal(_added(along), _added(slopes))

    def charge(self) -> Expr:
        """<theta, X theta>, which gradient flow conserves where the generator is symmetric."""
        with evaluate(True):
            terms = [(move, move.weight * rate) for move, rate in self.generator]
        return _added([move.total(term) for move, term in terms])


def _equal(left: Expr, right: Expr) -> Relational:
    return cast(Relational, Eq(left, right, evaluate=False))


def _minus(term: Any) -> Any:
    with evaluate(True):
        return -term


def _added(terms: list[Expr]) -> Expr:
    return terms[0] if len(terms) == 1 else Add(*terms)
