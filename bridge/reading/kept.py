"""What was found of papers, kept in the platform's cache folder.

A report is kept under the bytes of the paper's files, so that an unchanged paper costs no
reading; a verdict under its claim and hypotheses, so that a change costs only what it touches.
Both are used again only by the same code and libraries. A kept verdict of PROVED is replayed by
the kernel; a kept report is shown as it is, and says when it was made. What was not decided is
never kept.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import platformdirs

from bridge.reading.report import PaperReport
from bridge.report.files import write_text
from bridge.report.settings import key

if TYPE_CHECKING:
    from bridge.reading.given import Cited
    from bridge.reading.verdicts import Judge, Judgement

FORMAT = "porism.kept/1"
MOST = 5000  # entries; the oldest are dropped


def papers_folder() -> Path:
    """The cache's folder for papers: in PORISM_CACHE, or in the platform's place for caches."""
    chosen = os.environ.get("PORISM_CACHE")
    caches = Path(chosen).expanduser() if chosen else platformdirs.user_cache_path("porism", False)
    return caches.absolute() / "papers"


class Kept:
    """Plain data by name in a folder; what is damaged, or cannot be written, is absent."""

    def __init__(self, folder: Path, *, fresh: bool = False) -> None:
        """Data in `folder`; if `fresh`, what is there is not used, but replaced."""
        self.folder, self.fresh = folder, fresh

    def get(self, name: str) -> dict[str, Any] | None:
        """What is kept under a name, or None."""
        if self.fresh:
            return None
        try:
            data = json.loads((self.folder / f"{name}.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return data if isinstance(data, dict) and data.get("format") == FORMAT else None

    def put(self, name: str, data: Mapping[str, Any]) -> None:
        """Keep data under a name, whole or not at all."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            write_text(self.folder / f"{name}.json", json.dumps({"format": FORMAT, **data}))
        except OSError:
            return  # the next run finds it anew

    def entries(self) -> list[Path]:
        """The files of all entries, the oldest first."""
        return sorted(self.folder.glob("*.json"), key=lambda file: file.stat().st_mtime)

    def bytes(self) -> int:
        """How much room the entries take."""
        return sum(file.stat().st_size for file in self.entries())

    def clear(self) -> int:
        """Drop every entry; the number of bytes freed."""
        freed = self.bytes()
        for file in self.entries():
            file.unlink(missing_ok=True)
        return freed

    def prune(self, most: int = MOST) -> None:
        """Drop the oldest entries beyond `most`."""
        for file in self.entries()[:-most]:
            file.unlink(missing_ok=True)


@dataclass(frozen=True)
class Shown:
    """A report, and when it was made if it was kept."""

    report: PaperReport
    made: str | None = None


def kept_report(kept: Kept, paper: Path, asked: Mapping[str, Any]) -> Shown | None:
    """The report that was kept of a paper, unless one of its files has changed since.

    Raises:
        OSError: The paper cannot be read.
    """
    data = kept.get(_report_name(paper, asked))
    if data is None:
        return None
    try:
        folder = paper.resolve().parent
        if any(_digest(folder / name) != said for name, said in data["files"].items()):
            return None
        return Shown(PaperReport.from_json(data["report"]), data["made"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def keep_report(kept: Kept, paper: Path, asked: Mapping[str, Any], report: PaperReport) -> None:
    """Keep the report of a paper in whose source nothing was wrong."""
    if report.problems:
        return
    made = datetime.now(UTC).isoformat(timespec="seconds")
    files = {name: _digest(paper.resolve().parent / name) for name in report.files[1:]}
    data = {"made": made, "files": files, "report": report.as_json()}
    kept.put(_report_name(paper, asked), data)
    kept.prune()


def _report_name(paper: Path, asked: Mapping[str, Any]) -> str:
    return key({"report": _digest(paper), "name": paper.name, **asked})


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def kept_judge(kept: Kept) -> Judge:
    """A judge of claims that remembers; proofs are replayed."""
    from sympy import srepr

    from bridge.reading import given
    from bridge.reading.verdicts import Judgement, replays
    from formal.quantity import unfold

    def judge(
        claim: Any,
        held: tuple[Any, ...],
        *,
        left: bool = False,
        seed: int = 0,
        cited: Cited | None = None,
    ) -> Judgement:
        rests = (cited.lemmas, cited.hypotheses) if cited is not None else ((), ())
        all_ = (claim, *held, *rests[0], *rests[1])
        written = [srepr(shape) for one in all_ for shape in (one, unfold(one))]
        counts = [len(held), *map(len, rests)]
        told = [] if cited is None else [counts, cited.names, cited.proved]
        name = key({"claim": written, "left": left, "seed": seed, "cited": told})
        data = kept.get(name)
        if data is not None:
            found = Judgement(**data["judgement"])
            if found.status != "PROVED" or replays(found, claim, all_[1:]):
                return found
        found = given.judge(claim, held, left=left, seed=seed, cited=cited)
        if found.status != "UNKNOWN":
            kept.put(name, {"judgement": asdict(found)})
        return found

    return judge
