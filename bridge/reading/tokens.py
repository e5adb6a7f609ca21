"""TeX as tokens: control sequences and characters, each with its place in the source.

Comments are taken out; those that begin with `porism:` are kept apart, as declarations. What
stands in verbatim environments is left out as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

VERBATIM = ("verbatim", "lstlisting", "minted", "comment", "filecontents")
DECLARATION = re.compile(r"%+\s*porism\s*:\s*(.*)")
PIECE = re.compile(r"\\[a-zA-Z@]+[ \t]*|\\(?:.|\n)|#+\d|[ \t]+|(?:\n[ \t]*)+|%[^\n]*|.", re.DOTALL)


@dataclass(frozen=True, order=True, slots=True)
class Place:
    """A place in a source: file, line and column, both from 1 on."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        """`file:line:column`, as compilers write it."""
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Token:
    """A control sequence, a character, a run of blanks, or `par` for an empty line."""

    text: str
    place: Place = field(compare=False)


@dataclass(frozen=True)
class Declaration:
    """What an author declares in a comment: `% porism: T > 0`."""

    text: str
    place: Place


@dataclass(frozen=True)
class Problem:
    """Something in a source that could not be read, told in one sentence."""

    place: Place
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"


class ReadingError(ValueError):
    """What could not be read, and where."""

    def __init__(self, message: str, place: Place) -> None:
        """What is wrong, in one sentence, and where."""
        super().__init__(message)
        self.message, self.place = message, place

    @property
    def problem(self) -> Problem:
        """The same as what is reported."""
        return Problem(self.place, self.message)


class QuestionError(ReadingError):
    """What has more than one reading; the message asks which is meant."""


def tokens(text: str, file: str) -> tuple[list[Token], list[Declaration]]:
    """The tokens of a source and its declarations."""
    found: list[Token] = []
    declared: list[Declaration] = []
    for piece, place in _pieces(text, file):
        if piece[0] == "%":
            said = DECLARATION.fullmatch(piece.rstrip())
            if said:
                declared.append(Declaration(said.group(1).strip(), place))
        elif piece.isspace():
            found.append(Token("par" if piece.count("\n") > 1 else " ", place))
        else:
            found.append(Token(piece.rstrip(" \t") if len(piece) > 2 else piece, place))
    return found, declared


def _pieces(text: str, file: str) -> Iterator[tuple[str, Place]]:
    line, begins, position = 1, 0, 0
    while position < len(text):
        match = PIECE.match(text, position)
        assert match is not None  # the last alternative is any character
        piece, place = match.group(), Place(file, line, position - begins + 1)
        skipped = _verbatim(text, position) if piece.startswith("\\") else 0
        if not skipped:
            yield piece, place
        end = position + (skipped or len(piece))
        if skipped or "\n" in piece:
            line += text.count("\n", position, end)
            last = text.rfind("\n", position, end)
            begins = last + 1 if last >= 0 else begins
        position = end


def _verbatim(text: str, position: int) -> int:
    """The length of verbatim text that begins here; 0 where none does."""
    verb = re.compile(r"\\verb\*?([^a-zA-Z\s*])[^\n]*?\1").match(text, position)
    if verb:
        return verb.end() - position
    begin = re.compile(r"\\begin\s*\{(\w+)\*?\}").match(text, position)
    if begin and begin.group(1) in VERBATIM:
        end = re.compile(rf"\\end\s*\{{{begin.group(1)}\*?\}}").search(text, position)
        return (end.end() if end else len(text)) - position
    return 0


BLANK = (" ", "par")


def skip_blanks(found: Sequence[Token], position: int) -> int:
    """The position of the next token that is not blank."""
    while position < len(found) and found[position].text in BLANK:
        position += 1
    return position


def group_end(found: Sequence[Token], position: int) -> int | None:
    """The position of the brace that closes the one at `position`; None without one."""
    depth = 0
    for n in range(position, len(found)):
        text = found[n].text
        if text == "{":
            depth += 1
        elif text == "}":
            depth -= 1
            if depth == 0:
                return n
    return None


def argument(found: Sequence[Token], position: int) -> tuple[list[Token], int]:
    """The argument that begins at a position, without its braces, and the position after it.

    Raises:
        ReadingError: There is none, or its braces are not balanced.
    """
    start = skip_blanks(found, position)
    if start >= len(found) or found[start].text == "}":
        place = found[min(start, len(found) - 1)].place
        raise ReadingError("an argument is missing here", place)
    if found[start].text != "{":
        return [found[start]], start + 1
    end = group_end(found, start)
    if end is None:
        raise ReadingError("this brace is not closed", found[start].place)
    return list(found[start + 1 : end]), end + 1


def written(found: Sequence[Token]) -> str:
    """The tokens as LaTeX, with a blank where control words need one."""
    text = ""
    for token in found:
        piece = " " if token.text in BLANK else token.text
        if re.search(r"\\[a-zA-Z]+$", text) and piece[:1].isalpha():
            text += " "
        text += piece
    return re.sub(r"\s+", " ", text).strip()
