"""Compiled loops whose cache on disk knows of all the source they were compiled from.

Numba keeps what it compiled beside the source, and compiles again when the file of a function
changes. The loops of this folder are inlined into one another across files: their cache is valid
for one state of the whole folder.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import numba


def kernel(function: Callable) -> Any:
    """A compiled loop that Python calls: cached, and without the interpreter's lock.

    What it calls in turn is compiled by `numba.njit` alone: a copy of every helper in the cache
    would take a tenth longer.
    """
    dispatcher: Any = numba.njit(nogil=True, cache=True)(function)
    index = dispatcher._cache._cache_file
    index._source_stamp = (index._source_stamp, digest(Path(__file__).parent))
    return dispatcher


@lru_cache
def digest(folder: Path) -> str:
    """SHA-256 of the names and the text of a folder's Python files."""
    total = hashlib.sha256()
    for path in sorted(folder.glob("*.py")):
        total.update(path.name.encode() + b"\0" + path.read_bytes())
    return total.hexdigest()
