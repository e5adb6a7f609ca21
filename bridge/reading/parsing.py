"""From terminals to nodes: the grammar is lark's to parse, in time linear in the formula."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from lark import Lark, Transformer
from lark import Token as LarkToken
from lark.exceptions import UnexpectedInput, VisitError
from lark.lexer import Lexer

from bridge.reading import nodes
from bridge.reading.lexing import Terminal, terminals
from bridge.reading.tokens import Place, ReadingError, Token

DEEPEST = 60  # brackets inside one another
LONGEST = 5_000  # terminals of one formula
# Delta and a name after it are one name:
DIFFERENCE = nodes.Item(nodes.Letter("\\Delta"), place=Place("", 1, 1))


def parse(found: Sequence[Token]) -> nodes.Row:
    """The nodes of a formula.

    Raises:
        ReadingError: It is not mathematics that the grammar has.
    """
    known = terminals(found)
    _check_size(known)
    try:
        return _Nodes().transform(_parser().parse(known))  # type: ignore[arg-type]
    except VisitError as error:
        if isinstance(error.orig_exc, ReadingError):
            raise error.orig_exc from None
        raise
    except UnexpectedInput as error:
        place, text = _unexpected(error, known)
        raise ReadingError(f"{text} is not expected here", place) from error


class _Given(Lexer):
    """Hands lark the terminals that are there already."""

    def __init__(self, conf: Any) -> None:
        """Nothing is configured."""

    def lex(self, given: Sequence[Terminal]) -> Iterator[LarkToken]:  # type: ignore[override]
        """Terminals as lark's tokens, each with the terminal as its value."""
        for n, terminal in enumerate(given):
            token = LarkToken(terminal.kind, terminal.text, start_pos=n)
            token.value = terminal  # type: ignore[misc]
            yield token


@lru_cache(maxsize=1)
def _parser() -> Lark:
    grammar = (Path(__file__).parent / "grammar.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", lexer=_Given, maybe_placeholders=True)


def _spliced(item: nodes.Item) -> tuple[nodes.Item, ...]:
    """What braces hold, where they hold one thing or end with a sum's sign."""
    inside = item.atom.row.product if isinstance(item.atom, nodes.Group) else None
    braces = isinstance(item.atom, nodes.Group) and item.atom.opener == "{"
    if inside is None or not braces or item.below or item.above or item.primes:
        return (item,)
    ends = isinstance(inside.items[-1].atom, nodes.Big)
    return inside.items if ends or len(inside.items) == 1 else (item,)


def _check_size(found: Sequence[Terminal]) -> None:
    depth = 0
    if len(found) > LONGEST:
        raise ReadingError("this formula is too long to be read", found[0].token.place)
    for terminal in found:
        depth += {"OPEN": 1, "LBRACE": 1, "CLOSE": -1, "RBRACE": -1}.get(terminal.kind, 0)
        if depth > DEEPEST:
            raise ReadingError("brackets are nested too deeply here", terminal.token.place)


def _unexpected(error: Any, known: Sequence[Terminal]) -> tuple[Place, str]:
    position = getattr(getattr(error, "token", None), "start_pos", None)
    if position is not None and position < len(known):
        return known[position].token.place, known[position].token.text
    if not known:
        raise ReadingError("nothing stands here", Place("", 1, 1))
    return known[-1].token.place, "the end of the formula"


class _Nodes(Transformer):
    """Builds the nodes of `bridge.reading.nodes` bottom up."""

    def start(self, children: list[Any]) -> nodes.Row:
        return children[0]

    def row(self, children: list[Any]) -> nodes.Row:
        signs = tuple(c.value.text for c in children if isinstance(c, LarkToken))
        return nodes.Row(tuple(c for c in children if not isinstance(c, LarkToken)), signs)

    def chain(self, children: list[Any]) -> nodes.Chain:
        relations = tuple(
            nodes.Relation(c.value.text, c.value.token.place)
            for c in children
            if isinstance(c, LarkToken)
        )
        return nodes.Chain(tuple(c for c in children if isinstance(c, nodes.Sum)), relations)

    def sum(self, children: list[Any]) -> nodes.Sum:
        terms, sign = [], 1
        for child in children:
            if child is None:
                continue
            if isinstance(child, LarkToken):
                if child.value.text not in "+-":
                    place = child.value.token.place
                    raise ReadingError("a sign of both kinds is not read", place)
                sign = -1 if child.value.text == "-" else 1
            else:
                terms.append((sign, child))
        return nodes.Sum(tuple(terms))

    def product(self, children: list[Any]) -> nodes.Product:
        items: list[nodes.Item] = []
        for item in (part for child in children for part in _spliced(child)):
            if items and items[-1] == DIFFERENCE and isinstance(item.atom, nodes.Letter):
                name = nodes.Letter(f"\\Delta {item.atom.text}")
                place = items.pop().place
                item = nodes.Item(name, item.below, item.above, item.primes, place=place)
            items.append(item)
        return nodes.Product(tuple(items))

    def item(self, children: list[Any]) -> nodes.Item:
        (atom, token), *scripts = children
        found: dict[str, Any] = {"below": None, "above": None}
        primes = 0
        for kind, row, place in scripts:
            if kind == "prime":
                primes += 1
            elif found[kind] is not None:
                raise ReadingError("two scripts stand at one place", place)
            else:
                found[kind] = row
        return nodes.Item(atom, found["below"], found["above"], primes, place=token.place)

    def below(self, children: list[Any]) -> tuple[str, Any, Place]:
        return "below", children[2], children[0].value.token.place

    def above(self, children: list[Any]) -> tuple[str, Any, Place]:
        return "above", children[2], children[0].value.token.place

    def prime(self, children: list[Any]) -> tuple[str, Any, Place]:
        return "prime", None, children[0].value.token.place

    def letter(self, children: list[Any]) -> Any:
        return nodes.Letter(children[0].value.text), children[0].value.token

    def number(self, children: list[Any]) -> Any:
        return nodes.Number(children[0].value.text), children[0].value.token

    def function(self, children: list[Any]) -> Any:
        return nodes.Function(children[0].value.text), children[0].value.token

    def big(self, children: list[Any]) -> Any:
        return nodes.Big(children[0].value.text), children[0].value.token

    def mark(self, children: list[Any]) -> Any:
        return nodes.Mark(children[0].value.text), children[0].value.token

    def words(self, children: list[Any]) -> Any:
        return nodes.Words(children[0].value.text), children[0].value.token

    def fraction(self, children: list[Any]) -> Any:
        rows = [child for child in children if isinstance(child, nodes.Row)]
        return nodes.Fraction(*rows), children[0].value.token

    def root(self, children: list[Any]) -> Any:
        rows = [child for child in children if isinstance(child, nodes.Row)]
        degree = rows[0] if len(rows) > 1 else None
        return nodes.Root(rows[-1], degree), children[0].value.token

    def group(self, children: list[Any]) -> Any:
        opener, row, closer = children
        return (
            nodes.Group(opener.value.text, row, closer.value.text),
            opener.value.token,
        )
