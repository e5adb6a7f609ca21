"""Statements put to oracles in processes of their own, with findings kept for the next run.

A finding is kept as `<statement>.<group>.json` (format `porism.finding/1`) with the key of what
it depends on, and is used again only under the same key. Proofs are cheap and are made anew.
"""

from __future__ import annotations

import json
import multiprocessing
import signal
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bridge.report.files import write_text
from bridge.report.plain import evidence_as_json
from bridge.verdict import Evidence, Status

if TYPE_CHECKING:
    from bridge.model_oracle import ModelOracle
    from formal import Statement

FORMAT = "porism.finding/1"
GROUPS: dict[str, tuple[str, ...]] = {
    "kernel": ("kernel",),
    "numbers": ("exact", "balls", "strings", "property"),
    "model": ("model",),
    "coq": ("coq",),
    "audit": ("audit",),
}
KEPT = ("numbers", "model")


@dataclass(frozen=True)
class Task:
    """One statement and one group of oracles."""

    statement: str
    group: str
    catalogue: str = "formal"
    seed: int = 0
    examples: int = 100
    sample: str | None = None  # the folder that holds it


@dataclass(frozen=True)
class Finding:
    """What a group of oracles says of a statement, and how long it took."""

    statement: str
    group: str
    evidence: tuple[Evidence, ...]
    seconds: float

    def as_json(self) -> dict[str, Any]:
        """The finding as plain data."""
        return {
            "statement": self.statement,
            "group": self.group,
            "evidence": [evidence_as_json(row) for row in self.evidence],
            "seconds": self.seconds,
        }

    @classmethod
    def of_json(cls, data: Mapping[str, Any]) -> Finding:
        """The finding that `as_json` made plain."""
        rows = [Evidence(**{**row, "status": Status(row["status"])}) for row in data["evidence"]]
        return cls(data["statement"], data["group"], tuple(rows), float(data["seconds"]))


def examine(task: Task) -> dict[str, Any]:
    """Put a statement to a group of oracles; the finding as plain data."""
    from bridge.verification import verify

    start = time.perf_counter()
    verdict = verify(
        _catalogue(task.catalogue)[task.statement],
        oracles=GROUPS[task.group],
        sample=None if task.sample is None else _oracle(task.sample),
        seed=task.seed,
        examples=task.examples,
    )
    seconds = time.perf_counter() - start
    return Finding(task.statement, task.group, verdict.evidence, seconds).as_json()


@cache
def _catalogue(package: str) -> dict[str, Statement]:
    import formal

    return formal.statements(package)


@cache
def _oracle(folder: str) -> ModelOracle:
    from bridge.model_oracle import ModelOracle
    from bridge.sample import Sample

    return ModelOracle(Sample.load(Path(folder)))


class Findings:
    """The findings of a run, by statement and group, kept in a folder under a key per group."""

    def __init__(self, folder: Path, *, fresh: bool = False) -> None:
        """Findings that are kept in `folder`; those of earlier runs are not used if `fresh`."""
        self.folder = folder
        self.fresh = fresh
        self.recalled = 0
        self.found: dict[tuple[str, str], Finding] = {}

    def recall(self, task: Task, key: str) -> bool:
        """Whether the task was done before under this key; if so its finding is used."""
        if task.group not in KEPT or self.fresh:
            return False
        try:
            data = json.loads(self._file(task).read_text(encoding="utf-8"))
            if (data["format"], data["key"]) != (FORMAT, key):
                return False
            self.found[task.statement, task.group] = Finding.of_json(data["finding"])
        except (OSError, ValueError, KeyError, TypeError):
            return False
        self.recalled += 1
        return True

    def keep(self, task: Task, key: str, data: Mapping[str, Any]) -> None:
        """Take a finding as `examine` returns it, and write it where it may be of use again."""
        self.take(data)
        if task.group in KEPT:
            self.folder.mkdir(exist_ok=True)
            text = json.dumps({"format": FORMAT, "key": key, "finding": data}, indent=1)
            write_text(self._file(task), text)

    def take(self, data: Mapping[str, Any]) -> None:
        """Take a finding as `examine` returns it."""
        finding = Finding.of_json(data)
        self.found[finding.statement, finding.group] = finding

    def of(self, statement: str) -> Iterator[Finding]:
        """The findings about a statement, in the order of the groups."""
        for group in GROUPS:
            if (statement, group) in self.found:
                yield self.found[statement, group]

    def _file(self, task: Task) -> Path:
        return self.folder / f"{task.statement}.{task.group}.json"


@contextmanager
def worker_pool(count: int) -> Iterator[Executor]:
    """Processes that start afresh and are ended with the block, finished or not."""
    before = set(multiprocessing.active_children())
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(count, mp_context=context, initializer=_prepare_worker)
    try:
        yield pool
        pool.shutdown()
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        for child in set(multiprocessing.active_children()) - before:
            child.terminate()
        raise


def submit(pool: Executor, task: Task) -> Future[dict[str, Any]]:
    """Put a task into the queue of a pool."""
    with _deaf_to_interrupts():  # what this starts inherits it: Ctrl-C is the parent's to handle
        return pool.submit(examine, task)


def _prepare_worker() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    import torch

    # Processes share the cores; and sums do not depend on how many processes there are.
    torch.set_num_threads(1)


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    handler = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)
