"""An author's own macros: `\\newcommand` and its like, expanded where they are used.

What a use expands to has the place of the use. Macros that never end are told, and left as they
stand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bridge.reading.tokens import (
    BLANK,
    Problem,
    ReadingError,
    Token,
    argument,
    skip_blanks,
    written,
)

LONGEST = 5_000  # tokens that one use may expand to,
MOST = 500_000  # and all uses together
DEFINING = ("\\newcommand", "\\renewcommand", "\\providecommand", "\\DeclareRobustCommand")
OPERATORS = ("\\DeclareMathOperator",)


@dataclass(frozen=True)
class Macro:
    """A macro: how many arguments it takes, the default of the first, and its body."""

    arity: int
    default: tuple[Token, ...] | None
    body: tuple[Token, ...]


class Macros:
    """The macros that are defined so far, and what was wrong with some."""

    def __init__(self) -> None:
        """No macro is known yet."""
        self.known: dict[str, Macro] = {}
        self.problems: list[Problem] = []
        self.left = MOST

    def expanded(self, found: Sequence[Token]) -> list[Token]:
        """The tokens with every macro replaced by its body; definitions are taken out."""
        result: list[Token] = []
        position = 0
        while position < len(found):
            token = found[position]
            position += 1
            try:
                after = self._definition(found, position - 1)
                if after is not None:
                    position = after
                elif token.text in self.known:
                    position = self._use(found, position, result)
                else:
                    result.append(token)
            except ReadingError as error:
                self.problems.append(error.problem)
                result.append(token)
        return result

    def _definition(self, found: Sequence[Token], start: int) -> int | None:
        """Take in the definition that begins here; the position after it, or None."""
        text = found[start].text
        if text in (*DEFINING, *OPERATORS):
            return self._new(found, start)
        if text == "\\def":
            return self._def(found, start)
        return None

    def _new(self, found: Sequence[Token], start: int) -> int:
        position = _after_star(found, start + 1)
        name, position = argument(found, position)
        options: list[list[Token]] = []
        while (option := _option(found, position)) is not None:
            tokens, position = option
            options.append(tokens)
        body, position = argument(found, position)
        key = written(name)
        if not key.startswith("\\"):
            raise ReadingError(f"expected the name of a macro, got {key!r}", found[start].place)
        if found[start].text in OPERATORS:
            body = [*_word("\\operatorname", "{", at=found[start]), *body, _closing(found[start])]
            options = []
        count = written(options[0]) if options else "0"
        if not (count.isdigit() and len(count) == 1):
            raise ReadingError(
                f"expected a number of arguments, got {count!r}", found[start].place
            )
        default = tuple(options[1]) if len(options) > 1 else None
        self.known[key] = Macro(int(count), default, tuple(body))
        return position

    def _def(self, found: Sequence[Token], start: int) -> int:
        position = skip_blanks(found, start + 1)
        if position >= len(found):
            raise ReadingError("a \\def without a name", found[start].place)
        name, arity, position = found[position].text, 0, position + 1
        while position < len(found) and found[position].text == f"#{arity + 1}":
            arity, position = arity + 1, position + 1
        if position >= len(found) or found[position].text != "{":
            raise ReadingError(
                f"a \\def of {name} with delimiters is not read", found[start].place
            )
        body, position = argument(found, position)
        self.known[name] = Macro(arity, None, tuple(body))
        return position

    def _use(self, found: Sequence[Token], position: int, result: list[Token]) -> int:
        """Expand the use that ends before `position`, with all that it leads to."""
        use = found[position - 1]
        macro = self.known[use.text]
        pending, position = _substituted(macro, use, found, position)
        count = 0
        done: list[Token] = []
        pending = pending[::-1]
        while pending:
            count, self.left = count + 1, self.left - 1
            if count > LONGEST or len(pending) > LONGEST or self.left < 0:
                del self.known[use.text]
                raise ReadingError(f"{use.text} expands without end", use.place)
            token = pending.pop()
            if token.text not in self.known:
                done.append(token)
                continue
            rest = pending[::-1]
            body, after = _substituted(self.known[token.text], token, rest, 0)
            pending = [*body, *rest[after:]][::-1]
        result += done
        return position


def _substituted(
    macro: Macro, use: Token, found: Sequence[Token], position: int
) -> tuple[list[Token], int]:
    """The body of a macro with the arguments that follow a use."""
    arguments: list[Sequence[Token]] = []
    if macro.default is not None:
        option = _option(found, position)
        arguments.append(macro.default if option is None else option[0])
        position = position if option is None else option[1]
    while len(arguments) < macro.arity:
        if skip_blanks(found, position) >= len(found):
            raise ReadingError(f"{use.text} takes {macro.arity} arguments", use.place)
        tokens, position = argument(found, position)
        arguments.append(tokens)
    body: list[Token] = []
    for token in macro.body:
        if token.text[0] == "#" and token.text[1:].isdigit():
            number = int(token.text[1:])
            if number > len(arguments):
                raise ReadingError(f"{use.text} has no argument {number}", use.place)
            body += arguments[number - 1]
        else:
            body.append(Token(token.text, use.place))
    return body, position


def _after_star(found: Sequence[Token], position: int) -> int:
    position = skip_blanks(found, position)
    return position + 1 if position < len(found) and found[position].text == "*" else position


def _option(found: Sequence[Token], position: int) -> tuple[list[Token], int] | None:
    """What stands in square brackets here, and the position after them."""
    start = skip_blanks(found, position)
    if start >= len(found) or found[start].text != "[":
        return None
    for n in range(start + 1, len(found)):
        if found[n].text == "]":
            return [t for t in found[start + 1 : n] if t.text not in BLANK], n + 1
    raise ReadingError("this bracket is not closed", found[start].place)


def _word(*texts: str, at: Token) -> list[Token]:
    return [Token(text, at.place) for text in texts]


def _closing(at: Token) -> Token:
    return Token("}", at.place)
