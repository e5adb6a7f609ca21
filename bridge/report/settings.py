"""What a report is asked for, and the key under which a finding may be used again."""

from __future__ import annotations

import hashlib
import json
import math
import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from bridge.errors import BadInput

# What findings are computed with, beside our own code.
LIBRARIES = ("torch", "numpy", "scipy", "sympy", "python-flint", "hypothesis", "numba")
TEMPERATURES = (0.5, 0.7, 1.0, 1.5, 2.0)


@dataclass(frozen=True)
class Settings:
    """What a report is asked for; `text` is None for the text that is always there."""

    model: str = "smollm2"
    text: str | None = None
    temperatures: tuple[float, ...] = TEMPERATURES
    device: str = "auto"
    out: str = "porism-report"
    positions: int = 512
    seed: int = 0
    examples: int = 128
    jobs: int = 0
    catalogue: str = "formal"
    fresh: bool = False

    @property
    def workers(self) -> int:
        """The number of processes: `jobs`, or one or two, as the machine has cores."""
        return self.jobs or min(2, os.cpu_count() or 1)


def porism_version() -> str:
    """The installed version of porism."""
    try:
        return version("porism")
    except PackageNotFoundError:
        return "unknown"


def parse_temperatures(text: str) -> tuple[float, ...]:
    """Temperatures from "0.5, 1, 2", ascending.

    Raises:
        BadInput: A part is not a number, or not positive and finite.
    """
    values = []
    for part in filter(None, text.replace(",", " ").split()):
        try:
            value = float(part)
        except ValueError:
            raise BadInput(
                f"temperature: expected numbers such as 0.5,1,2, got {part!r}"
            ) from None
        if not (math.isfinite(value) and value > 0):
            raise BadInput(f"temperature: expected positive and finite, got {part}")
        values.append(value)
    if not values:
        raise BadInput("temperature: expected at least one number, such as 1 or 0.5,1,2")
    return tuple(sorted(set(values)))


def key(parts: Mapping[str, Any]) -> str:
    """A hash of plain JSON data together with the code that would work on it."""
    text = json.dumps({"code": _code(), **parts}, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


@cache
def _code() -> str:
    """Hash of the three layers and of what they compute with: findings of others are not used."""
    libraries = (f"{name} {version(name)}" for name in LIBRARIES)
    digest = hashlib.sha256("\n".join((sys.version, porism_version(), *libraries)).encode())
    for package in ("formal", "numeric", "bridge"):
        for file in _sources(package):
            digest.update(file.read_bytes())
    return digest.hexdigest()


def package_hash(package: str) -> str:
    """Hash of the source files of a package, such as a catalogue of one's own."""
    digest = hashlib.sha256()
    for file in _sources(package):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _sources(package: str) -> Iterable[Path]:
    found = find_spec(package)
    places = [] if found is None else found.submodule_search_locations or []
    files = (file for place in places for file in Path(place).rglob("*"))
    return sorted(file for file in files if file.suffix in (".py", ".lark"))
