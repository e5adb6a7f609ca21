"""Hypotheses and domains in words, as text with formulas between dollars."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sympy import Basic, Eq, Indexed, IndexedBase, Sum, Symbol
from sympy.core.relational import Relational

from formal.functions import Subset
from formal.latex import latex
from formal.strings import StringFunction, StringSymbol, WordSymbol

Names = Mapping[str, str]
PROPER = {"kl": "Kullback-Leibler", "renyi": "Rényi", "rao": "Rao"} | {
    word: word.capitalize() for word in ("fisher", "shannon", "jensen", "hopfield")
}


def hypotheses(relations: Iterable[Relational], names: Names) -> str:
    """Hypotheses in words where they have some: distributions, tables of distributions."""
    plain: list[str] = []
    alone: list[str] = []
    others: list[str] = []
    for relation in relations:
        part, summed = _set_to_one(relation)
        letter = "" if part is None else f"${latex(part.base, names)}$"
        if part is None:
            others.append(f"${latex(relation, names)}$")
        elif summed < len(part.indices):
            others.append(f"every row of {letter} is a probability distribution")
        else:
            (alone if summed > 1 else plain).append(letter)
    found = [
        _are(plain, "probability distribution"),
        _are(alone, "joint probability distribution"),
    ]
    return listed([*filter(None, found), *others])


def _are(letters: list[str], what: str) -> str:
    if len(letters) < 2:
        return f"{letters[0]} is a {what}" if letters else ""
    return f"{listed(letters)} are {what}s"


def _set_to_one(relation: Relational) -> tuple[Any, int]:
    """The component whose sum a hypothesis sets to one, and over how many indices; or None."""
    inner, summed = relation.lhs, 0
    while isinstance(inner, Sum):
        inner, summed = inner.function, summed + len(inner.limits)
    one = isinstance(relation, Eq) and relation.rhs == 1 and summed
    return (inner, summed) if one and isinstance(inner, Indexed) else (None, 0)


def listed(parts: list[str]) -> str:
    """Parts with commas and an `and`."""
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1]


def domain(symbol: Basic) -> str:
    """What values a symbol or the components of a family take, in words; "" for an index."""
    if isinstance(symbol, Subset):
        return "subset of the indices"
    if isinstance(symbol, WordSymbol):
        return "word"
    if isinstance(symbol, StringSymbol):
        return "finite string"
    if isinstance(symbol, StringFunction):
        return _numbers(symbol) + "function of strings"
    if isinstance(symbol, IndexedBase):
        return f"{_numbers(symbol)}numbers"
    if symbol.is_integer:
        return "positive integer" if symbol.is_positive else "integer"
    return f"{_numbers(symbol)}number"


def _numbers(symbol: Any) -> str:
    known = symbol.assumptions0
    for sign in ("positive", "negative", "nonnegative", "nonpositive"):
        if known.get(sign):
            return f"{sign} "
    return "real " if known.get("real") or known.get("extended_real") else ""


def is_index(symbol: Basic, claim: Basic) -> bool:
    """Whether a free symbol only picks components in a claim."""
    if not isinstance(symbol, Symbol) or not symbol.is_integer:
        return False
    return any(symbol in part.indices for part in claim.atoms(Indexed))


def spoken(name: str) -> str:
    """The name of a quantity as words: `kl_divergence` is the Kullback-Leibler divergence."""
    return " ".join(PROPER.get(word, word) for word in name.split("_"))
