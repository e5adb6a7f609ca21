"""Formulas as chains of sides with relations between them, each relation with its place.

Rows of an `align` that begin with a relation go on with the chain above. Commas, wide spaces and
words between mathematics end a chain.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from bridge.reading import vocabulary as words
from bridge.reading.document import Formula, Row
from bridge.reading.tokens import BLANK, Place, Token, argument, written

OPEN = ("{", "(", "[", "\\{", "\\left", "\\langle", "\\begin", "\\lvert", "\\lVert")
CLOSE = ("}", ")", "]", "\\}", "\\right", "\\rangle", "\\end", "\\rvert", "\\rVert")
WIDE = ("\\quad", "\\qquad", "\\hspace", "\\enspace")
BETWEEN = ("\\text", "\\mbox", "\\textnormal", "\\intertext", "\\shortintertext", "\\textit")
DOTS = ("\\dots", "\\ldots", "\\cdots", "\\dotsc")
COMPARED = ("<=", "<", ">=", ">")
RESTRICTING = ("\\forall", "\\exists")


@dataclass
class Chain:
    """Sides and the relations between them: `a = b <= c`."""

    sides: list[list[Token]]
    signs: list[str] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    labels: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    displayed: bool = True
    restricted: bool = False
    formula: Formula | None = None


def chains(formula: Formula) -> list[Chain]:
    """The chains of a formula, those without a relation included."""
    found: list[Chain] = []
    for tokens, rows in _lines(formula):
        first = len(found)
        listed: list[Chain] = []
        for piece, after_words, comma in _pieces(tokens):
            chain = _chain(piece)
            chain.displayed, chain.formula = formula.displayed, formula
            chain.labels = tuple(label for row in rows for label in row.labels)
            chain.numbers = tuple(row.number for row in rows if row.number)
            chain.restricted = after_words
            if chain.signs and not _solid(chain.sides[0]) and len(found) > first:
                _continue(found[-1], chain)
            elif any(map(_solid, chain.sides)):
                found.append(chain)
                _share(listed, chain)
            listed = [*listed, chain] if comma and not chain.signs else []
    return [chain for chain in _without_ranges(found)]


def _lines(formula: Formula) -> Iterator[tuple[list[Token], tuple[Row, ...]]]:
    """What is read on its own: rows, or in an `align` columns of rows that go on."""
    if not formula.aligned:
        for row in formula.rows:
            yield [token for cell in row.cells for token in cell], (row,)
        return
    open_: dict[int, tuple[list[Token], tuple[Row, ...]]] = {}
    for row in formula.rows:
        cells = [list(cell) for cell in row.cells]
        for column in range(0, max(len(cells), 1), 2):
            pair = [token for cell in cells[column : column + 2] for token in cell]
            left = cells[column] if column < len(cells) else []
            if not _solid(pair):
                continue
            if column in open_ and not _solid(left) and _goes_on(pair):
                tokens, rows = open_[column]
                open_[column] = ([*tokens, *pair], (*rows, row))
                continue
            if column in open_:
                yield open_.pop(column)
            open_[column] = (pair, (row,))
    yield from open_.values()


def _solid(tokens: Sequence[Token]) -> bool:
    return any(
        t.text not in words.SPACES and t.text not in (".", ",", ";", "{", "}") for t in tokens
    )


def _goes_on(tokens: Sequence[Token]) -> bool:
    first = next((t.text for t in tokens if t.text not in words.SPACES and t.text not in "{}"), "")
    return first in words.RELATIONS or first in words.SIGNS or first in words.MARKS or first == ":"


def _pieces(tokens: Sequence[Token]) -> Iterator[tuple[list[Token], bool, bool]]:
    """Parts between commas, wide spaces and words; whether words such as `for all` came before,
    and whether a comma ends it."""
    piece: list[Token] = []
    depth, position, after_words = 0, 0, False
    while position < len(tokens):
        token = tokens[position]
        if token.text in ("\\left", "\\right"):
            depth += 1 if token.text == "\\left" else -1
            piece += tokens[position : position + 2]
            position += 2
            continue
        depth += (token.text in OPEN) - (token.text in CLOSE)
        if depth == 0 and token.text in (*BETWEEN, *RESTRICTING):
            yield piece, after_words, False
            piece, after_words = [], True
            if token.text in BETWEEN:
                position = argument(tokens, position + 1)[1]
                continue
        elif depth == 0 and (token.text in (",", ";") or token.text in WIDE):
            yield piece, after_words, token.text == ","
            piece = []
        else:
            piece.append(token)
        position += 1
    yield piece, after_words, False


def _share(listed: Sequence[Chain], chain: Chain) -> None:
    """Of `a, b <= c` both are at most c: what stands in the list takes the relation."""
    if chain.displayed and chain.signs and chain.signs[0] in COMPARED:
        for one in listed:
            if len(_texts(one.sides[0])) > 1 and _texts(one.sides[0])[0] != "(":
                one.signs, one.places = chain.signs[:1], chain.places[:1]
                one.sides = [one.sides[0], list(chain.sides[1])]


def _chain(tokens: Sequence[Token]) -> Chain:
    chain = Chain([[]])
    depth, position = 0, 0
    tokens = _without_dot(tokens)
    while position < len(tokens):
        token = tokens[position]
        if token.text in ("\\left", "\\right"):
            depth += 1 if token.text == "\\left" else -1
            chain.sides[-1] += tokens[position : position + 2]
            position += 2
            continue
        depth += (token.text in OPEN) - (token.text in CLOSE)
        sign, width = _relation(tokens, position) if depth == 0 else (None, 1)
        if sign is None:
            chain.sides[-1].append(token)
        else:
            chain.signs.append(sign)
            chain.places.append(token.place)
            chain.sides.append([])
        position += width
    return chain


def _relation(tokens: Sequence[Token], position: int) -> tuple[str | None, int]:
    text = tokens[position].text
    following = tokens[position + 1].text if position + 1 < len(tokens) else ""
    if text == ":" and following == "=":
        return ":=", 2
    if text == "=" and following == ":":
        return "=:", 2
    if text in ("\\stackrel", "\\overset"):
        above, after = argument(tokens, position + 1)
        below, after = argument(tokens, after)
        sign = words.RELATIONS.get(written(below))
        if sign is not None:
            defines = "def" in written(above) and sign == "="
            return (":=" if defines else sign), after - position
    if text == "\\not" and following in words.RELATIONS:
        return "!=" if following == "=" else "not", 2
    return words.RELATIONS.get(text), 1


def _without_dot(tokens: Sequence[Token]) -> list[Token]:
    kept = list(tokens)
    while kept and (kept[-1].text in words.SPACES or kept[-1].text in (".", ",", ";", ":")):
        kept.pop()
    return kept


def _continue(before: Chain, chain: Chain) -> None:
    before.sides += chain.sides[1:]
    before.signs += chain.signs
    before.places += chain.places


def _without_ranges(found: list[Chain]) -> Iterator[Chain]:
    """The chains without `i = 1, ..., V`, which only says how far an index runs."""
    position = 0
    while position < len(found):
        chain = found[position]
        rest = found[position + 1 : position + 3]
        if chain.signs == ["="] and rest and _texts(rest[0].sides[0]) in [(d,) for d in DOTS]:
            position += 3
        else:
            yield chain
            position += 1


def _texts(tokens: Sequence[Token]) -> tuple[str, ...]:
    return tuple(t.text for t in tokens if t.text not in BLANK and t.text not in words.SPACES)
