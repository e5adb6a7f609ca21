"""A cache of converted models in the user's cache folder.

Reading a GGUF file takes a quarter of a minute; a copy of its weights as safetensors takes two
seconds. The copy lives in `<cache>/models/<sha256 of the source>/`, with `entry.json` (written
last, format `porism.model/1`) naming every file, its size and hash, and the converter's versions.
A copy counts only if all of that agrees, hashes included; otherwise it is made again. It is
written to a folder beside it and renamed, under a lock, so that neither a crash nor a second
process leaves half of it. `PORISM_CACHE` names another folder.
"""

import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import platformdirs
from filelock import FileLock, Timeout

from numeric.errors import ModelError
from numeric.packages import version

FORMAT = "porism.model/1"
CONVERTERS = ("transformers", "gguf", "tokenizers")
LOCK_SECONDS = 900


@dataclass(frozen=True)
class CacheEntry:
    """One converted model: its folder, what it was made from, its size in bytes."""

    folder: Path
    sha256: str
    source: str
    format: str
    bytes: int
    created: str


def cache_folder() -> Path:
    """The folder of all caches: PORISM_CACHE, or the platform's place for them."""
    chosen = os.environ.get("PORISM_CACHE")
    if chosen:
        return Path(chosen).expanduser().absolute()
    return Path(platformdirs.user_cache_dir("porism", appauthor=False))


def cache_entries() -> list[CacheEntry]:
    """The converted models on disk, damaged ones included (format "damaged"), by hash."""
    entries = []
    for folder in _entry_folders():
        said = _read_entry(folder) or {}
        entries.append(
            CacheEntry(
                folder=folder,
                sha256=folder.name,
                source=str(said.get("source", "unknown")),
                format=str(said.get("format", "damaged")),
                bytes=_size(folder),
                created=str(said.get("created", "unknown")),
            )
        )
    return entries


def clear_cache() -> int:
    """Delete every converted model and return the number of bytes freed.

    Only folders this module made are touched, whatever else PORISM_CACHE holds. A copy that
    another process is writing is a `ModelError`, one that cannot be deleted an `OSError`.
    """
    freed = 0
    for folder in [*_entry_folders(), *_unfinished()]:
        size = _size(folder)
        with _lock(folder.name[:64], seconds=5):
            _remove(folder)
        freed += size
    return freed


def converted(source: Path, sha256: str, convert: Callable[[Path], None]) -> Path:
    """The folder of a valid copy of `source`; `convert(folder)` writes one where there is none.

    A folder that stays locked for a quarter of an hour is a `ModelError`; one that cannot be
    written or is full is an `OSError`.
    """
    folder = _models() / sha256
    with _lock(sha256, seconds=LOCK_SECONDS):
        if not _is_valid(folder, sha256):
            _build(folder, source, sha256, convert)
    return folder


def _build(folder: Path, source: Path, sha256: str, convert: Callable[[Path], None]) -> None:
    for left_over in _unfinished(sha256):  # by a process that was killed
        _remove(left_over)
    partial = Path(tempfile.mkdtemp(prefix=f"{sha256}.", suffix=".partial", dir=_models()))
    try:
        convert(partial)
        _write_entry(partial, source, sha256)
        if folder.exists():
            _remove(folder)
        partial.rename(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _write_entry(folder: Path, source: Path, sha256: str) -> None:
    files = {
        file.name: {"bytes": file.stat().st_size, "sha256": file_sha256(file)}
        for file in sorted(folder.iterdir())
    }
    entry = {
        "format": FORMAT,
        "sha256": sha256,
        "source": source.name,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "converters": _converters(),
        "files": files,
    }
    (folder / "entry.json").write_text(json.dumps(entry, indent=1), encoding="utf-8")


def _is_valid(folder: Path, sha256: str) -> bool:
    entry = _read_entry(folder)
    if entry is None or entry.get("sha256") != sha256 or not isinstance(entry.get("files"), dict):
        return False
    # Another version may convert differently; a warm cache must not change a result.
    if entry.get("format") != FORMAT or entry.get("converters") != _converters():
        return False
    if {path.name for path in folder.iterdir()} != {*entry["files"], "entry.json"}:
        return False
    return all(_matches(folder / name, said) for name, said in entry["files"].items())


def _matches(file: Path, said: Any) -> bool:
    try:
        return said == {"bytes": file.stat().st_size, "sha256": file_sha256(file)}
    except OSError:
        return False


def _read_entry(folder: Path) -> dict[str, Any] | None:
    try:
        entry = json.loads((folder / "entry.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return entry if isinstance(entry, dict) else None


def file_sha256(file: Path) -> str:
    """SHA-256 of a file's bytes, in hexadecimal."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _converters() -> dict[str, str | None]:
    return {package: version(package) for package in CONVERTERS}


def _models() -> Path:
    return cache_folder() / "models"


def _entry_folders() -> list[Path]:
    return _folders(r"[0-9a-f]{64}")


def _unfinished(sha256: str = "[0-9a-f]{64}") -> list[Path]:
    return _folders(rf"{sha256}\..*\.partial")


def _folders(pattern: str) -> list[Path]:
    try:
        inside = sorted(_models().iterdir())
    except OSError:
        return []
    return [path for path in inside if re.fullmatch(pattern, path.name) and path.is_dir()]


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.iterdir())


def _remove(folder: Path) -> None:
    # The entry goes first: what is left of an interrupted removal is then not taken for a copy.
    (folder / "entry.json").unlink(missing_ok=True)
    shutil.rmtree(folder)


@contextmanager
def _lock(sha256: str, seconds: float) -> Iterator[None]:
    _models().mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(_models() / f"{sha256}.lock", timeout=seconds):
            yield
    except Timeout as error:
        raise ModelError(
            f"another process has been busy with {_models() / sha256} for {seconds} s"
        ) from error
