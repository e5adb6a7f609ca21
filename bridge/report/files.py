"""Writing files so that each is whole or absent."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def writable_folder(path: str | Path) -> Path:
    """The folder at a path, made if need be, in which files can be written.

    Raises:
        InputError: The path or one above it is a file, or it cannot be made or written to.
    """
    from numeric.errors import InputError  # and torch with it, which writing a file is not worth

    folder = Path(path).expanduser()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except (FileExistsError, NotADirectoryError):
        file = next(place for place in (folder, *folder.parents) if place.exists())
        raise InputError(f"expected a folder to write to, {file} is a file") from None
    except OSError as error:
        raise InputError(
            f"expected a folder to write to, {folder} cannot be written ({error.strerror}); "
            "choose another with --out"
        ) from error
    return folder


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary name beside `path`, renamed to it when the block ends without an error."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        yield temporary
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write a UTF-8 file, whole or not at all."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
