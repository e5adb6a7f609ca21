"""Terms as SymPy expressions again, for people and for LaTeX; no proof depends on this.

Bound indices are named i, j, k, ... by nesting, so that equal terms give equal expressions. Names
for nonnegative expressions are written out. What SymPy simplifies by itself is simplified.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sympy import (
    Abs,
    Derivative,
    Eq,
    IndexedBase,
    Integral,
    KroneckerDelta,
    Le,
    Lt,
    Mul,
    Ne,
    Pow,
    Rational,
    Sum,
    Symbol,
    cos,
    exp,
    log,
    pi,
    sin,
)

from formal.functions import xlogy
from formal.proof.conditions import Relation
from formal.proof.display import absolute_of, show
from formal.proof.strings import STRINGS, WORDS
from formal.proof.terms import Term, body_of, instantiate
from formal.strings import (
    StringFunction,
    StringSum,
    StringSymbol,
    WordSum,
    WordSymbol,
    vocabulary_size,
)

LETTERS = "ijklmnabcd"
RELATIONS = {"Eq": Eq, "Le": Le, "Lt": Lt, "Ne": Ne}
Hypotheses = tuple[Relation, ...]


@dataclass(frozen=True)
class Decoder:
    """Turns terms into expressions; `names` are terms that have a letter of their own."""

    hypotheses: Hypotheses = ()
    names: Mapping[Term, Symbol] = field(default_factory=dict)

    def relation(self, relation: Relation) -> Any:
        """The relation, not evaluated."""
        sides = (self(side) for side in relation[1:])
        return RELATIONS[relation.kind](*sides, evaluate=False)

    def __call__(self, term: Term) -> Any:
        """The expression of a term; of an operation that is not known, its text as a symbol."""
        if term in self.names:
            return self.names[term]
        rule = _RULES.get(term.op)
        return rule(self, term) if rule else Symbol(show(term))

    def index(self, term: Term) -> Any:
        """An index, a word or a string."""
        name = str(term.args[0]).replace("*", "i_").replace("#", "n_")
        if term.args[2] in (STRINGS, WORDS):
            kind = WordSymbol if term.args[2] == WORDS else StringSymbol
            return kind(name)
        return Symbol(name, integer=True, positive=True)

    def sum(self, term: Term) -> Any:
        """A sum over a range, over words or over strings."""
        low, high, _ = term.args
        at = Term("idx", unused_letter(term), low, high)
        body, index = self(instantiate(body_of(term), at)), self.index(at)
        if high in (STRINGS, WORDS):
            return (WordSum if high == WORDS else StringSum)(body, index)
        return Sum(body, (index, low, _end(high)))

    def integral(self, term: Term) -> Any:
        """An integral, its variable named like an index."""
        variable = Term("sym", unused_letter(term), term.args[0])
        low, high = (self(end) for end in term.terms[:2])
        return Integral(self(instantiate(body_of(term), variable)), (self(variable), low, high))

    def entry(self, term: Term) -> Any:
        """An entry of an array, or a value of a function of strings."""
        name, sign, *places = term.args
        assumed: dict[str, Any] = (
            {str(sign): True} if sign != "indicator" else {"nonnegative": True}
        )
        if any(isinstance(p, Term) and p.op == "cat" for p in places):
            strings = (Mul(*map(self.index, p.terms)) for p in term.terms)
            return StringFunction(name, **assumed)[tuple(strings)]
        family: Any = IndexedBase(name, **assumed)
        return family[tuple(map(self.index, term.terms))]

    def name(self, term: Term) -> Any:
        """The definition of a name for a nonnegative expression."""
        match term.op:
            case "gap":
                x = self(term.terms[0])
                return x - 1 - log(x)
            case "gap0":
                x, y = map(self, term.terms)
                return y - x - xlogy(x, y) + xlogy(x, x)
            case "fold":
                x = self(term.terms[0])
                return Abs(x) - x
            case "bend":
                x, y = map(self, term.terms)
                return Abs(x) + Abs(y) - Abs(x + y)
            case "rise":
                return exp(self(term.terms[0])) - 1
            case "apart":
                return 1 - KroneckerDelta(*map(self.index, term.terms))
            case "above":
                whole, at = term.terms
                return self(whole) - self(instantiate(body_of(whole), at))
            case "spread":
                whole = self(term.terms[0])
                return Sum(Abs(whole.args[0]), *whole.args[1:]) - Abs(whole)
        return self._slack(term)

    def _slack(self, term: Term) -> Any:
        from formal.proof.kernel import universals
        from formal.proof.terms import replace

        relation = self.hypotheses[int(term.args[0])]  # type: ignore[arg-type]
        mapping = dict(zip(universals(relation), term.terms, strict=True))
        left, right = (self(replace(side, mapping)) for side in relation[1:])
        return right - left


def _end(high: Any) -> Any:
    return high if isinstance(high, int) else Symbol(str(high), integer=True, positive=True)


def unused_letter(term: Term) -> str:
    """The first letter that is no name in the term."""
    return next(name for name in LETTERS if f" {name} " not in term.text)


def _power(decode: Decoder, term: Term) -> Any:
    inner = absolute_of(term)
    return Abs(decode(inner)) if inner is not None else Pow(*map(decode, term.terms))


def _size(_: Decoder, term: Term) -> Any:
    return vocabulary_size if term.args[0] == WORDS else _end(term.args[0])


def _symbol(_: Decoder, term: Term) -> Any:
    return Symbol(str(term.args[0]).lstrip("#"), **{str(term.args[1]): True})


_RULES: dict[str, Callable[[Decoder, Term], Any]] = {
    "num": lambda _, t: Rational(*t.args),
    "sym": _symbol,
    "size": _size,
    "idx": lambda d, t: d.index(t),
    "arr": Decoder.entry,
    "delta": lambda d, t: KroneckerDelta(*map(d.index, t.terms)),
    "add": lambda d, t: sum((d(part) for part in t.terms), Rational(0)),
    "mul": lambda d, t: Mul(*map(d, t.terms)),
    "pow": _power,
    "exp": lambda d, t: exp(d(t.terms[0])),
    "log": lambda d, t: log(d(t.terms[0])),
    "pi": lambda _, t: pi,
    "sin": lambda d, t: sin(d(t.terms[0]), evaluate=False),
    "cos": lambda d, t: cos(d(t.terms[0]), evaluate=False),
    "xlogy": lambda d, t: xlogy(*map(d, t.terms)),
    "sum": Decoder.sum,
    "int": Decoder.integral,
    "diff": lambda d, t: Derivative(d(t.terms[0]), d(t.terms[1]), evaluate=False),
    **dict.fromkeys(
        ("gap", "gap0", "fold", "bend", "rise", "apart", "above", "spread", "slack"),
        Decoder.name,
    ),
}
