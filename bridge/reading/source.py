"""The files of a paper: read as UTF-8, with what they `\\input`, none outside the folder."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bridge.reading.tokens import (
    Declaration,
    Place,
    Problem,
    ReadingError,
    Token,
    argument,
    tokens,
    written,
)

MOST = 1_000_000  # bytes of a paper, all of its files together
DEEPEST = 10  # files that include one another
INPUTS = ("\\input", "\\include")


@dataclass
class Source:
    """The tokens of a paper, what it declares, and what could not be read."""

    tokens: list[Token] = field(default_factory=list)
    declarations: list[Declaration] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    files: list[str] = field(default_factory=list)


def read_file(path: Path) -> Source:
    """A paper from its main file.

    Raises:
        OSError: The file cannot be read.
    """
    source = Source()
    files = _Files(path.resolve().parent, source)
    source.tokens = files.read(path.resolve(), path.name, ())
    return source


def read_text(text: str, name: str = "text") -> Source:
    """A paper from its text; other files are not included."""
    source = Source()
    files = _Files(None, source)
    source.tokens = files.taken(files.decoded(text.encode("utf-8", "replace"), name), name, ())
    return source


class _Files:
    """Reads files into one source."""

    def __init__(self, folder: Path | None, source: Source) -> None:
        self.folder, self.source, self.left = folder, source, MOST

    def read(self, path: Path, name: str, around: tuple[Path, ...]) -> list[Token]:
        self.source.files.append(name)
        with path.open("rb") as file:
            data = file.read(self.left + 1)
        return self.taken(self.decoded(data, name), name, (*around, path))

    def decoded(self, data: bytes, name: str) -> str:
        """The text of some bytes, up to the first place where it is none."""
        if len(data) > self.left:
            data = data[: self.left]
            self.report(data, name, f"a paper of more than {MOST:,} bytes: read only to here")
        self.left -= len(data)
        if b"\0" in data:
            data = data[: data.index(b"\0")]
            self.report(data, name, "a zero byte: this is no text; read only to here")
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            said = f"the byte 0x{data[error.start]:02x} is no UTF-8; save the file as UTF-8"
            self.report(data[: error.start], name, said)
            return data.decode("utf-8-sig", "replace")

    def report(self, before: bytes, name: str, message: str) -> None:
        last = before[before.rfind(b"\n") + 1 :].decode("utf-8", "replace")
        place = Place(name, before.count(b"\n") + 1, len(last) + 1)
        self.source.problems.append(Problem(place, message))

    def taken(self, text: str, name: str, around: tuple[Path, ...]) -> list[Token]:
        """The tokens of a text, with those of the files that it includes."""
        found, declared = tokens(text.replace("\r\n", "\n"), name)
        self.source.declarations += declared
        return list(self.included(found, around))

    def included(self, found: list[Token], around: tuple[Path, ...]) -> Iterator[Token]:
        """The tokens, and those of included files after what included them."""
        position = 0
        while position < len(found):
            token = found[position]
            position += 1
            if token.text not in INPUTS:
                yield token
                continue
            try:
                name, position = argument(found, position)
                yield from self.include(written(name), token.place, around)
            except ReadingError as error:
                self.source.problems.append(error.problem)
            except OSError as error:
                said = f"the file cannot be read: {error.strerror}"
                self.source.problems.append(Problem(token.place, said))

    def include(self, name: str, place: Place, around: tuple[Path, ...]) -> list[Token]:
        """The tokens of an included file.

        Raises:
            OSError: The file cannot be read.
            ReadingError: It lies outside the folder, or includes itself.
        """
        if self.folder is None:
            raise ReadingError(f"{name} is not included: the paper was given as text", place)
        path = (self.folder / name).resolve()
        path = path if path.suffix else path.with_suffix(".tex")
        if not path.is_relative_to(self.folder):
            raise ReadingError(f"{name} lies outside the paper's folder and is not read", place)
        if path in around or len(around) >= DEEPEST:
            raise ReadingError(f"{name} includes itself", place)
        return self.read(path, str(path.relative_to(self.folder)), around)
