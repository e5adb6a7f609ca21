"""The main job: a model, a text, every statement, every oracle; a page, a ledger, a paper's parts.

Oracles that need no model start at once in processes of their own; meanwhile the model is loaded
and read. Findings are kept in `<out>/.findings`, under a key of all that they depend on: a run
that was interrupted goes on where it stopped, and a second run of the same code on the same model
and text takes over what the first one found. Proofs are made anew each time.
"""

from __future__ import annotations

import hashlib
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Executor, Future, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import formal
from bridge.conjectures import measured_on
from bridge.errors import BadInput
from bridge.report.equations import document
from bridge.report.figure_residual import MARKS, Residual
from bridge.report.files import writable_folder, write_text
from bridge.report.ledger import Row, ledger, rows_of, write_ledger
from bridge.report.progress import Quiet
from bridge.report.settings import Settings, key, package_hash
from bridge.report.tasks import Findings, Task, submit, worker_pool
from bridge.sample import Sample, take_sample
from bridge.verdict import Status

FINDINGS = ".findings"

Workers = Callable[[int], AbstractContextManager[Executor]]
Pending = dict[Future[dict[str, Any]], Task]


@dataclass(frozen=True)
class Report:
    """What a run has written: the folder and the ledger as plain data."""

    folder: Path
    ledger: Mapping[str, Any]

    @property
    def page(self) -> Path:
        """The page to open."""
        return self.folder / "index.html"

    @property
    def exit_code(self) -> int:
        """0 all PROVED or SUPPORTED, 1 something REFUTED or UNDEFINED, 3 something UNKNOWN."""
        return self.ledger["summary"]["exit_code"]


def check_statements(
    settings: Settings,
    progress: Quiet | None = None,
    workers: Workers = worker_pool,
    groups: Iterable[str] = ("numbers", "kernel"),
) -> list[Row]:
    """Every statement of a catalogue against every oracle that needs no model."""
    watch = progress or Quiet()
    statements = formal.statements(settings.catalogue)
    findings = Findings(Path())
    with workers(settings.workers) as pool:
        tasks = _tasks(settings, statements, groups)
        pending = {submit(pool, task): task for task in tasks}
        for number, future in enumerate(as_completed(pending), start=1):
            findings.take(future.result())
            watch.at("checking statements", number, len(pending))
    return rows_of(statements, findings)


def write_report(
    settings: Settings, progress: Quiet | None = None, workers: Workers = worker_pool
) -> Report:
    """Run everything and write `index.html`, `ledger.json`, `equations.tex` and `figures/`.

    A model, text or folder that is not usable is a `PorismError`. Where the run is interrupted,
    what was found is kept for the next.
    """
    watch, clock = progress or Quiet(), _Clock()
    folder = writable_folder(settings.out)
    text, about_text = _text(settings)
    statements = formal.statements(settings.catalogue)
    findings = Findings(folder / FINDINGS, fresh=settings.fresh)
    base = _base_key(settings)
    with workers(settings.workers) as pool:
        early = _tasks(settings, statements, ("kernel", "numbers"))  # proofs while loops compile
        pending = _begin(pool, findings, early, key(base))
        if any(task.group == "numbers" for task in pending.values()):
            with clock("compiled loops"):
                _compile(watch)
        with clock("model and text"):
            sample = _sample(settings, text, watch)
            place = findings.folder / "sample"
            sample.save(place)
        late_key = key(
            {
                **base,
                "model": dict(sample.provenance),
                "text": about_text,
                "positions": len(sample),
            }
        )
        late = _tasks(settings, statements, ("model",), sample=str(place))
        pending |= _begin(pool, findings, late, late_key)
        with clock("readings"):
            from bridge.report.readings import read

            readings = read(sample, settings.temperatures)
        with clock("conjectures"):
            measured = measured_on(sample, statements)
        with clock("waiting for oracles"):
            _collect(pending, findings, watch, len(early) + len(late))
    rows = rows_of(statements, findings, measured)
    with clock("page and figures"):
        drawing = _draw(folder, sample, readings, rows, watch)
    data = ledger(
        settings,
        rows,
        sample=sample,
        readings=readings,
        text=about_text,
        timestamps=clock.timestamps(),
        seconds={**clock.seconds, "findings of an earlier run": findings.recalled},
    )
    _write(folder, data, rows, sample, readings, drawing)
    shutil.rmtree(findings.folder / "sample", ignore_errors=True)
    return Report(folder, data)


def _compile(watch: Quiet) -> None:
    """Compile once, here: the processes at work would each compile the same."""
    from numeric.backends.ahead import compile_ahead

    watch.at("compiling loops", 0, 1)
    compile_ahead()
    watch.at("compiling loops", 1, 1)


def _tasks(
    settings: Settings,
    statements: Mapping[str, formal.Statement],
    groups: Iterable[str],
    sample: str | None = None,
) -> list[Task]:
    return [
        Task(name, group, settings.catalogue, settings.seed, settings.examples, sample)
        for group in groups
        for name, statement in statements.items()
        if statement.claim is not None
    ]


def _base_key(settings: Settings) -> dict[str, Any]:
    asked = asdict(settings)
    used = {name: asked[name] for name in ("seed", "examples", "catalogue")}
    return {**used, "catalogue_hash": package_hash(settings.catalogue)}


def _begin(pool: Executor, findings: Findings, tasks: list[Task], known: str) -> Pending:
    """Submit the tasks that no earlier run has done; findings are kept as soon as they come."""
    pending = {}
    for task in tasks:
        if not findings.recall(task, known):
            future = submit(pool, task)
            future.add_done_callback(partial(_keep, findings, task, known))
            pending[future] = task
    return pending


def _keep(findings: Findings, task: Task, known: str, future: Future[dict[str, Any]]) -> None:
    if not future.cancelled() and future.exception() is None:
        findings.keep(task, known, future.result())


def _collect(pending: Pending, findings: Findings, watch: Quiet, total: int) -> None:
    done = total - len(pending)
    watch.at("checking statements", done, total)
    try:
        for number, future in enumerate(as_completed(pending), start=done + 1):
            findings.take(future.result())  # a future is done before its callbacks are
            watch.at("checking statements", number, total)
    except BrokenProcessPool as error:
        raise BadInput(
            "a process that checked statements has died, of too little memory perhaps; what was "
            "found is kept, and the same command, with --jobs 1 maybe, goes on from there"
        ) from error


def _text(settings: Settings) -> tuple[str, dict[str, Any]]:
    from numeric.texts import default_text, read_text

    text = default_text() if settings.text is None else read_text(settings.text)
    data = text.encode()
    name = "pydoc_data.topics" if settings.text is None else Path(settings.text).name
    return text, {
        "name": name,
        "sha256": hashlib.sha256(data).hexdigest(),
        "characters": len(text),
        "bytes": len(data),
    }


def _sample(settings: Settings, text: str, watch: Quiet) -> Sample:
    import numeric

    model = numeric.load_model(settings.model, settings.device, notify=watch.say)

    def progress(done: int, total: int) -> None:
        watch.at("reading the text", done, total)

    return take_sample(model, text, settings.positions, progress)


def residuals(rows: Iterable[Row]) -> list[Residual]:
    """The worst residual of every statement over its allowance, from its evidence."""
    return [
        Residual(
            row.statement.name,
            {oracle: r for oracle in MARKS if (r := _ratio(row, oracle)) is not None},
        )
        for row in rows
    ]


def _ratio(row: Row, oracle: str) -> float | None:
    evidence = row.evidence(oracle)
    if evidence is None:
        return None
    if evidence.status is Status.REFUTED:  # the witness is worse than all that held
        said, names = evidence.witness or {}, ("residual", "allowance")
    else:
        said, names = evidence.data, ("worst_residual", "allowance")
    if not all(isinstance(said.get(name), (int, float)) for name in names):
        return None
    residual, allowance = (float(said[name]) for name in names)
    if residual <= 0:  # an inequality that holds with room to spare
        return 0.0
    return residual / allowance if allowance > 0 else float("inf")


def _draw(folder: Path, sample: Sample, readings: Any, rows: list[Row], watch: Quiet) -> Any:
    from bridge.report.figures import draw_all, pictures

    shown = pictures(sample, readings, residuals(rows))
    watch.at("drawing", 0, len(shown))
    return shown, draw_all(shown, folder / "figures", lambda n: watch.at("drawing", n, len(shown)))


def _write(
    folder: Path,
    data: dict[str, Any],
    rows: list[Row],
    sample: Sample,
    readings: Any,
    drawing: Any,
) -> None:
    from bridge.report.page import page

    verdicts = {row.statement.name: str(row.status) for row in rows}
    write_text(folder / "equations.tex", document([row.statement for row in rows], verdicts))
    write_text(folder / "index.html", page(data, rows, sample, readings, *drawing))
    write_ledger(folder / "ledger.json", data)


class _Clock:
    """Seconds of named stages, and when the run began."""

    def __init__(self) -> None:
        self.began = datetime.now(UTC)
        self.seconds: dict[str, float] = {}

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        self.seconds[stage] = time.perf_counter() - start

    def timestamps(self) -> dict[str, str]:
        now = datetime.now(UTC)
        self.seconds["all"] = (now - self.began).total_seconds()
        return {
            "started": self.began.isoformat(timespec="seconds"),
            "finished": now.isoformat(timespec="seconds"),
        }
