"""Entries of BibTeX files, found by their keys; the catalogue's own file is package data."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from importlib.resources import files
from pathlib import Path

from bridge.errors import BadInput

START = re.compile(r"^@(\w+)\s*\{\s*([^\s,{}]+)\s*,", re.MULTILINE)


def bibliography(paths: Iterable[Path] = ()) -> dict[str, str]:
    """All entries by key: the catalogue's, then those of an author's own files, which win.

    Raises:
        BadInput: A file cannot be read or an entry does not end.
    """
    own = files("bridge.paper").joinpath("references.bib").read_text(encoding="utf-8")
    found = dict(_entries(own, "references.bib"))
    for path in paths:
        try:
            found |= _entries(path.read_text(encoding="utf-8"), str(path))
        except (OSError, UnicodeDecodeError) as error:
            raise BadInput(f"expected a BibTeX file in UTF-8, {path}: {error}") from error
    return found


def _entries(text: str, where: str) -> dict[str, str]:
    found = {}
    for start in START.finditer(text):
        depth = 0
        for place in range(start.start(), len(text)):
            depth += (text[place] == "{") - (text[place] == "}")
            if text[place] == "}" and depth == 0:
                found[start[2]] = text[start.start() : place + 1]
                break
        else:
            line = text.count("\n", 0, start.start()) + 1
            raise BadInput(f"{where}:{line}: the entry {start[2]} has no closing brace")
    return found


def cited(keys: Iterable[str], known: Mapping[str, str]) -> str:
    """The entries of some keys as a BibTeX file, in the order of the keys."""
    return "\n\n".join(known[key] for key in dict.fromkeys(keys) if key in known) + "\n"
