"""Waiting until one of some files changes."""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path

PAUSE = 0.3  # seconds between two looks


def signature(files: Iterable[Path]) -> tuple[tuple[int, int] | None, ...]:
    """When each file was changed and how long it is; None where it is missing."""
    return tuple(map(_signature, files))


def wait_for_change(
    files: Iterable[Path], seen: tuple[tuple[int, int] | None, ...], pause: float = PAUSE
) -> None:
    """Return once the files differ from what was seen, and the first of them is there.

    Editors replace a file rather than write into it, so it may be missing for a moment.
    """
    watched = list(files)
    while True:
        now = signature(watched)
        if now != seen and now[0] is not None:
            return
        time.sleep(pause)


def _signature(file: Path) -> tuple[int, int] | None:
    try:
        said = file.stat()
    except OSError:
        return None
    return said.st_mtime_ns, said.st_size
