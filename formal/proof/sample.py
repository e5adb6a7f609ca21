"""Floating-point samples of a term: they tell the search where not to look, and prove nothing."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping
from typing import Any

from formal.proof.conditions import Relation
from formal.proof.strings import STRINGS
from formal.proof.terms import ONE, ProofError, Term, instantiate, is_universal, opened

SIZES = (2, 3)


def looks_negative(term: Term, hypotheses: tuple[Relation, ...] = (), samples: int = 6) -> bool:
    """Whether the term is negative at a sample by more than rounding.

    Samples respect hypotheses that an array sums to one over one of its indices; with any other
    there are none.
    """
    normalised: dict[str, set[int]] = {}
    for found in map(_normalised, hypotheses):
        if found is None:
            return False
        normalised.setdefault(found[0], set()).add(found[1])
    return any(_is_negative(term, normalised, seed) for seed in range(samples))


def constant_value(term: Term) -> float | None:
    """The value of a term without parameters; None of any other, or where it has none."""
    if any(f"({op} " in term.text for op in ("sym", "arr", "size", "idx", "sum")):
        return None
    try:
        return _Point(random.Random(0), 1, {}).value(term)
    except (ArithmeticError, ValueError, ProofError):
        return None


def _normalised(relation: Relation) -> tuple[str, int] | None:
    """The array that a hypothesis normalises, and over which place: q in Sum q[i] = 1, place 0."""
    kind, left, right = relation
    if kind != "Eq" or left.op != "sum" or right != ONE:
        return None
    index, body = opened(left)
    if body.op != "arr" or len(set(body.terms)) < len(body.terms) or len(body.terms) > 2:
        return None
    if index not in body.terms or not all(t == index or is_universal(t) for t in body.terms):
        return None
    return str(body.args[0]), body.terms.index(index)


def _is_negative(term: Term, normalised: Mapping[str, set[int]], seed: int) -> bool:
    point = _Point(random.Random(seed), SIZES[seed % len(SIZES)], normalised)
    try:
        value = point.value(term)
    except (ArithmeticError, ValueError, ProofError):
        return False
    return math.isfinite(value) and value < -1e-7 * max(1.0, point.largest)


class _Point:
    """Values for parameters, entries and free indices, drawn when they are first met."""

    def __init__(
        self, source: random.Random, size: int, normalised: Mapping[str, set[int]]
    ) -> None:
        self.source, self.size, self.normalised = source, size, normalised
        self.drawn: dict[Any, Any] = {}
        self.largest = 0.0

    def value(self, term: Term) -> float:
        """The value of the term at this point."""
        value = self._value(term)
        self.largest = max(self.largest, abs(value))
        return value

    def _value(self, term: Term) -> float:
        match term.op:
            case "num":
                return float(term.value)
            case "sym":
                return self._draw(term.text, str(term.args[1]))
            case "size":
                return float(self.size)
            case "idx":
                return float(self._index(term))
            case "arr":
                if any(t.op == "cat" for t in term.terms):
                    raise ProofError("a value at a string is not sampled")
                places = tuple(self._index(t) for t in term.terms)
                if term.args[0] in self.normalised:
                    return self._share(str(term.args[0]), places)
                return self._draw((term.args[:2], places), str(term.args[1]))
            case "delta" | "apart":
                left, right = (self._index(t) for t in term.terms)
                return float((left == right) == (term.op == "delta"))
            case "add":
                return math.fsum(self.value(t) for t in term.terms)
            case "mul":
                return math.prod(self.value(t) for t in term.terms)
            case "pow":
                return math.pow(*(self.value(t) for t in term.terms))
            case "exp":
                return math.exp(self.value(term.terms[0]))
            case "pi":
                return math.pi
            case "sin":
                return math.sin(self.value(term.terms[0]))
            case "cos":
                return math.cos(self.value(term.terms[0]))
            case "log":
                return math.log(self.value(term.terms[0]))
            case "log0":
                value = self.value(term.terms[0])
                return math.log(value) if value > 0 else 0.0
            case "sum":
                return self._sum(term)
        raise ProofError(f"'{term.op}' is not sampled")

    def _sum(self, term: Term) -> float:
        low, high, body = term.args
        assert isinstance(body, Term) and isinstance(low, int)
        if high == STRINGS:
            raise ProofError("a sum over strings is not sampled")
        last = high if isinstance(high, int) else self.size
        values = (Term("idx", f"={n}", low, high) for n in range(low, last + 1))
        return math.fsum(self.value(instantiate(body, index)) for index in values)

    def _index(self, index: Term) -> int:
        name = str(index.args[0])
        if name.startswith("="):
            return int(name[1:])
        if name not in self.drawn:
            high = index.args[2]
            self.drawn[name] = self.source.randint(
                int(index.args[1]),  # type: ignore[arg-type]
                high if isinstance(high, int) else self.size,
            )
        return self.drawn[name]

    def _share(self, name: str, places: tuple[int, ...]) -> float:
        """An entry of an array that sums to one over some places; over both, a circulant."""
        axes = self.normalised[name]
        (axis,) = axes if len(axes) == 1 else (0,)
        rest = () if len(axes) > 1 else (*places[:axis], *places[axis + 1 :])
        key = (name, rest)
        if key not in self.drawn:
            weights = [self.source.uniform(0.05, 1.0) for _ in range(self.size)]
            self.drawn[key] = [weight / sum(weights) for weight in weights]
        place = places[axis] if len(axes) == 1 else places[0] - places[1] + 1
        return self.drawn[key][(place - 1) % self.size]

    def _draw(self, key: Any, kind: str) -> float:
        if key not in self.drawn:
            if kind == "indicator":
                return self.drawn.setdefault(key, float(self.source.randint(0, 1)))
            value = self.source.uniform(0.1, 2.5)
            negative = kind == "negative" or (kind == "real" and self.source.random() < 0.5)
            self.drawn[key] = -value if negative else value
        return self.drawn[key]
