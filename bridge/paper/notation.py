"""The table of notation, and its conflicts: one printed symbol that stands for two things.

Two things conflict where their symbols look alike: the same letter with the same places for
arguments, or a plain symbol beside a quantity. H(q) and H(q, r) are told apart by their arguments,
and so are Z and Z(s).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sympy import Basic, Indexed, IndexedBase, Symbol

from bridge.errors import BadInput
from bridge.paper.words import domain, is_index, spoken
from formal import Derivation, Quantity, Statement, unfold
from formal.latex import latex
from formal.notation import meaning
from formal.quantity import quantities
from formal.strings import StringFunction

Said = Mapping[str, Statement | Derivation]
SCRIPT = re.compile(r"[_^]\{(?:[^{}]|\{[^{}]*\})*#(?:[^{}]|\{[^{}]*\})*\}")
PLACES = re.compile(r"[(\[][^()\[\]]*#[^()\[\]]*[)\]]")


@dataclass(frozen=True)
class Row:
    """A symbol as it is printed, what it means and its domain, in words with formulas between
    dollars; `label` is the definition's, or empty."""

    symbol: str
    meaning: str
    domain: str
    label: str = ""


@dataclass(frozen=True)
class _Use:
    """One thing that a symbol stands for: its letter, the places of its arguments, its row."""

    letter: str
    places: str
    row: Row
    name: str
    user: str

    @property
    def what(self) -> str:
        words = ", ".join(filter(None, (self.row.meaning, self.row.domain)))
        return f"{self.name} ({words.replace('$', '')}) in {self.user}"


def notation(said: Said, names: Mapping[str, str]) -> list[Row]:
    """The rows of a table for statements and derivations: symbols first, then quantities.

    Raises:
        BadInput: One printed symbol stands for two things; both are named.
    """
    found: dict[object, _Use] = {}
    for user, one in said.items():
        for expression in _expressions(one):
            for use in _uses(expression, user, getattr(one, "module", ""), names):
                found.setdefault(
                    (use.name, use.letter, use.places, use.row.meaning, use.row.domain), use
                )
    _refuse_conflicts(list(found.values()), names)
    rows = [use.row for use in found.values()]
    return sorted(dict.fromkeys(rows), key=lambda row: bool(row.label))


def _expressions(one: Statement | Derivation) -> list[Basic]:
    if isinstance(one, Derivation):
        return [*one.expressions, *one.assuming]
    claim = [] if one.claim is None else [one.claim]
    return [*claim, *one.domain]


def _uses(expression: Basic, user: str, module: str, names: Mapping[str, str]) -> Iterable[_Use]:
    plain = unfold(expression)
    families = sorted(plain.atoms(IndexedBase), key=str)
    labels = {family.label for family in families}
    for symbol in sorted(plain.free_symbols - labels, key=str):
        if isinstance(symbol, Symbol) and not is_index(symbol, plain):
            row = Row(latex(symbol, names), meaning(symbol, module), domain(symbol))
            yield _Use(row.symbol, "", row, symbol.name, user)
    for family in families:
        letter = latex(family, names)
        part = min((p for p in plain.atoms(Indexed) if p.base == family), key=str)
        indices = "".join(str(index) for index in part.indices if index.is_Symbol)
        shown = f"{letter}_{{{indices.replace(chr(39), '')}}}" if indices else letter
        row = Row(shown, meaning(family, module), domain(family))
        places = "(#)" if isinstance(family, StringFunction) else ""
        yield _Use(letter, places, row, str(family), user)
    for node in quantities(expression):
        yield from _quantity(type(node), user, names)


def _quantity(quantity: type[Quantity], user: str, names: Mapping[str, str]) -> Iterable[_Use]:
    name = quantity.__name__
    symbol = names.get(name, quantity.symbol)
    letter = PLACES.sub("", SCRIPT.sub("", symbol)).strip()
    if letter:
        own = quantity(*quantity.parameters)
        arguments = ", ".join(latex(parameter, names) for parameter in quantity.parameters)
        places = re.sub(r"#\d", "#", symbol if "#" in letter else symbol.replace(letter, "", 1))
        row = Row(latex(own, names), spoken(name), f"function of ${arguments}$", name)
        yield _Use(letter, places, row, name, user)
    for node in quantities(quantity.body):
        yield from _quantity(type(node), user, names)


def _alike(one: _Use, other: _Use) -> bool:
    """Whether two uses of a letter look alike: the same places, or a symbol that has none."""
    if one.places == other.places:
        return True
    return any(not use.places and not use.row.label for use in (one, other))


def _refuse_conflicts(uses: list[_Use], names: Mapping[str, str]) -> None:
    by_letter: dict[str, list[_Use]] = {}
    for use in uses:
        for other in by_letter.setdefault(use.letter, []):
            if use.row != other.row and _alike(use, other):
                example = use.name if use.row.label else other.name
                raise BadInput(
                    f"the printed symbol {use.letter} stands for two things: {other.what}, and "
                    f"{use.what}; leave one out, or print one otherwise, as in "
                    f"--rename '{example}=X'"
                )
        by_letter[use.letter].append(use)
