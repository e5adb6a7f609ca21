"""Texts to ask a language model about: one that is always there, and files.

The default text is prose taken from Python's own language reference (`pydoc_data.topics`), so it
needs no download; another Python version may word it differently, hence `default_text` belongs
into a result's provenance by its hash.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from pydoc_data.topics import topics

from numeric.errors import InputError, TextError

# Mostly prose, the most readable first; what a version of Python lacks is left out.
TOPICS = (
    "objects",
    "exceptions",
    "execmodel",
    "context-managers",
    "import",
    "types",
    "compound",
    "customization",
    "assignment",
    "specialnames",
    "calls",
    "raise",
    "strings",
    "typesmapping",
    "typesseq",
)
PROSE = re.compile(r"\*{0,2}[A-Z].*[.!?]\)?", re.DOTALL)
ASIDE = re.compile(r"\*\*|Changed in|New in|Deprecated|See also|This table|[^.]*following table")
CODE = re.compile(r"__|[<>=|{}\\]|^\s|\[[^\d]|[\"']\*", re.MULTILINE)
MARKUP = re.compile(r"\*{1,2}(\w[^*]*)\*{1,2}")
FOOTNOTE = re.compile(r" ?\[\d+\]")
WORDS = 12


def default_text(characters: int = 12_000) -> str:
    """English prose of at most so many characters: paragraphs, with a blank line between them.

    The same on every call and platform for one version of Python; about 50,000 exist.

    Raises:
        InputError: `characters` is too small for the first paragraph.
    """
    kept, length = [], 0
    for paragraph in _paragraphs():
        length += len(paragraph) + len("\n\n")
        if length - len("\n\n") > characters:
            break
        kept.append(paragraph)
    if not kept:
        raise InputError(f"expected room for a paragraph, got {characters} characters")
    return "\n\n".join(kept)


def _paragraphs() -> Iterator[str]:
    """Each paragraph of prose once, on one line, without the markup of its source."""
    seen = set()
    for topic in TOPICS:
        for block in re.split(r"\n\s*\n", topics.get(topic, "")):
            if not _is_prose(block):
                continue
            line = " ".join(block.replace("-\n", "-").split())
            plain = FOOTNOTE.sub("", MARKUP.sub(r"\1", line))
            if plain not in seen:
                seen.add(plain)
                yield plain


def _is_prose(block: str) -> bool:
    sentence = PROSE.fullmatch(block) and len(block.split()) >= WORDS
    return bool(sentence) and not CODE.search(block) and not ASIDE.match(block)


def read_text(path: str | Path) -> str:
    """The text of a UTF-8 file, line ends as newlines, without a byte-order mark.

    Raises:
        TextError: The path is not a readable file, or is empty, binary, or not UTF-8.
    """
    file = Path(path).expanduser()
    if file.is_dir():
        raise TextError(f"expected a text file, {file} is a folder")
    if file.exists() and not file.is_file():
        raise TextError(f"expected a text file, {file} is a device or a pipe")
    try:
        data = file.read_bytes()
    except FileNotFoundError:
        raise TextError(f"there is no file {file}") from None
    except OSError as error:
        raise TextError(f"{file} cannot be read: {error.strerror}") from error
    if (offset := data.find(0)) >= 0:
        raise TextError(f"{file} is not a text: it has a zero byte at offset {offset}")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise TextError(
            f"{file} is not UTF-8: byte 0x{data[error.start]:02x} at offset {error.start}"
        ) from error
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise TextError(f"{file} is empty" if not data else f"{file} holds only white space")
    return text
