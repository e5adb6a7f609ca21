"""The notation of a topic of the catalogue: its quantities, by the templates that print them, and
its symbols and families."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sympy import Basic, Eq, Indexed, IndexedBase, Sum, Symbol
from sympy.core.relational import Relational

from bridge.reading import nodes
from bridge.reading.declarations import GENERAL
from bridge.reading.naming import key
from bridge.reading.notation import pattern
from bridge.reading.parsing import parse
from bridge.reading.scope import Family, Scalar, Size
from bridge.reading.tokens import tokens
from formal import statements
from formal.latex import latex
from formal.proof.symbols import all_nodes
from formal.quantity import Quantity
from formal.strings import StringFunction, StringSymbol
from formal.symbols import T, beta

INDICES = frozenset("ijkmwabst")


ONE_DISTRIBUTION = (  # what conventions that name no topic speak of
    GENERAL,
    "energy_gauge",
    "temperature",
    "massieu",
    "variational",
    "softmax",
    "head",
)


@dataclass(frozen=True)
class Notation:
    """A quantity and the pattern by which it is recognized."""

    quantity: type[Quantity]
    items: tuple[nodes.Item, ...]


@dataclass(frozen=True)
class Vocabulary:
    """What a topic writes: notations, the longest first, and names with what they stand for.

    `places` says at which place of a family of several indices a letter stands, `letters` how T
    and beta are written, `hypotheses` which families are distributions.
    """

    notations: tuple[Notation, ...]
    names: Mapping[str, Any]
    places: Mapping[tuple[Basic, str], int]
    strings: Mapping[str, Any]
    functions: Mapping[str, Any]
    letters: tuple[str, ...]
    hypotheses: tuple[Relational, ...]


def vocabulary(topic: str, renamed: Mapping[str, str] | None = None) -> Vocabulary:
    """The notation of a topic of the catalogue; `renamed` gives symbols, families and quantities
    another printed form, by their name, as it does for `formal.latex.latex`.

    Raises:
        ValueError: There is no such topic.
    """
    return _vocabulary(topic, tuple(sorted((renamed or {}).items())))


@lru_cache(maxsize=64)
def _vocabulary(topic: str, names_: tuple[tuple[str, str], ...]) -> Vocabulary:
    topics = ONE_DISTRIBUTION if topic == GENERAL else (topic,)
    members = [s for s in statements().values() if s.topic in topics and s.claim is not None]
    if not members:
        raise ValueError(f"there is no topic {topic!r} in the catalogue")
    renamed = dict(names_)
    parts: dict[Basic, None] = {}
    for statement in members:
        for relation in (statement.claim, statement.presentation):
            parts.update(dict.fromkeys(all_nodes(relation)))  # type: ignore[arg-type]
    quantities = dict.fromkeys(type(p) for p in parts if isinstance(p, Quantity))
    notations = sorted(
        (Notation(q, pattern(renamed.get(q.__name__, q.symbol))) for q in quantities),
        key=lambda n: -len(n.quantity.symbol.replace("#", "")),
    )
    for quantity in quantities:
        parts.update(dict.fromkeys(p for q in quantity.parameters for p in all_nodes(q)))
    names: dict[str, Any] = {}
    places: dict[tuple[Basic, str], int] = {}
    labels = {str(p) for p in parts if isinstance(p, IndexedBase)}
    for part in parts:
        if isinstance(part, Indexed) and part.is_commutative:
            rank = len(part.args) - 1
            written = _key(latex(part.args[0], renamed))
            ranks = frozenset({rank}) | getattr(names.get(written), "ranks", frozenset())
            names[written] = Family(part.args[0], [None] * min(ranks), ranks=ranks)
            for n, argument in enumerate(part.args[1:]):
                if isinstance(argument, Symbol):
                    places.setdefault((part.args[0], str(argument)), n)
    for part in parts:
        if isinstance(part, IndexedBase):
            names.setdefault(_key(latex(part, renamed)), Family(part, [None]))
        elif isinstance(part, Symbol) and part.is_commutative and str(part) not in labels:
            if not (part.is_integer and part.name in INDICES):
                entry = Size(part) if part.is_integer else Scalar(part)
                names.setdefault(_key(latex(part, renamed)), entry)
    for symbol in (T, beta):
        names.setdefault(_key(latex(symbol, renamed)), Scalar(symbol))
    strings = {latex(p, renamed): p for p in parts if isinstance(p, StringSymbol)}
    functions = {_key(latex(p, renamed)): p for p in parts if isinstance(p, StringFunction)}
    held = tuple(dict.fromkeys(h for s in members for h in s.domain if _is_normalized(h)))
    letters = tuple(_key(latex(symbol, renamed)) for symbol in (T, beta))
    return Vocabulary(tuple(notations), names, places, strings, functions, letters, held)


def _is_normalized(hypothesis: Relational) -> bool:
    """Whether a hypothesis says that a family is a probability distribution."""
    total = hypothesis.args[0]
    return isinstance(hypothesis, Eq) and isinstance(total, Sum) and hypothesis.args[1] == 1


def _key(written: str) -> str:
    item = parse(tokens(written, "a name")[0]).item
    return written if item is None else key(item, below=True, above=True)
