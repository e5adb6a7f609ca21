"""`python -m benchmarks.conformance [NAME...]` writes docs/conformance.md: code against theory.

Every function is held against its quantity by `bridge.crosscheck`. What is refuted is shown by
code that the reader can run, which is run here for what it prints; nothing else is a finding.
With names of modules, such as `of_scipy`, the sections of the other libraries stay as they are.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator, Sequence
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import NamedTuple

import torch

from benchmarks.conformance.findings import Subject, Verdicted, shown
from bridge import crosscheck
from bridge.report.files import write_text
from bridge.verdict import Status

PAGE = Path(__file__).parents[2] / "docs" / "conformance.md"
HEAD = """# Conformance

<!-- Written by `make conformance`; do not edit. -->

Functions that people use, held against theory by [`bridge.crosscheck`](crosscheck.md): values
against the definition in balls, derivatives against its derivatives, on masked, tied, distant and
nearly deterministic rows of logits. A function that is only refuted on inputs that its
documentation excludes is refuted here all the same: the table says what holds on the whole domain
of [conventions](conventions.md), not who is to blame. At ties and wherever rounding decides which
tokens are kept, truncations are not asked.
"""


class Library(NamedTuple):
    """A library, the package whose version counts, and the module of its functions."""

    title: str
    package: str
    module: str
    runs: bool = True  # wherever the tests run


LIBRARIES = (
    Library("PyTorch", "torch", "of_torch"),
    Library("SciPy", "scipy", "of_scipy"),
    Library("transformers", "transformers", "of_transformers"),
    Library("JAX", "jax", "of_jax", runs=False),
    Library("trl and verl, their published formulas restated", "", "restated"),
)


def subjects(library: Library) -> list[Subject]:
    """The functions of a library, or none where it is not installed."""
    try:
        module = import_module(f"benchmarks.conformance.{library.module}")
    except ModuleNotFoundError:
        return []
    return [Subject(f, against, module) for f, against in module.SUBJECTS.items()]


def judged(subject: Subject) -> Verdicted:
    """A function and what crosscheck says of it."""
    print(subject.title, file=sys.stderr, flush=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # NumPy's, about overflow
        verdict = crosscheck(
            subject.function, subject.against, array=subject.array, laws=False, time_limit=600.0
        )
    return Verdicted(subject, verdict)


def page(names: Sequence[str]) -> str:
    """The page; the sections of libraries that are not named are taken from the one there is."""
    chosen = [library for library in LIBRARIES if not names or library.module in names]
    fresh = {library.title: "\n".join(section(library)) for library in chosen}
    known = dict(_sections(PAGE.read_text(encoding="utf-8"))) if names else {}
    parts = [HEAD, *(({**known, **fresh}).get(library.title, "") for library in LIBRARIES)]
    return "\n".join(part.rstrip("\n") + "\n" for part in parts if part)


def _sections(text: str) -> Iterator[tuple[str, str]]:
    """The sections of a page by their titles."""
    for part in text.split("\n## ")[1:]:
        yield part.partition("\n")[0], f"## {part}"


def section(library: Library) -> Iterator[str]:
    """What is said of a library."""
    yield f"## {library.title}\n"
    found = [judged(subject) for subject in subjects(library)]
    if not found:
        yield f"Not installed: `pip install {library.package}`, then `make conformance`.\n"
        return
    yield _about(library, found)
    yield _table(found)
    for verdicted in found:
        if verdicted.verdict.status is not Status.SUPPORTED:
            yield shown(verdicted, runs=library.runs)


def _about(library: Library, found: Sequence[Verdicted]) -> str:
    sentence = (found[0].subject.module.__doc__ or "").strip()
    if not library.package:
        return sentence + "\n"
    return f"{sentence} Version {_version(library.package)}.\n"


def _version(package: str) -> str:
    try:
        return version(package).partition("+")[0]  # not of which build
    except PackageNotFoundError:
        return "unknown"


def _table(found: Sequence[Verdicted]) -> str:
    rows = ["| function | against | verdict | what fails |", "|---|---|---|---|"]
    for subject, verdict in found:
        name = f"[{subject.title}](#{subject.anchor})" if verdict.broken else subject.title
        broken = verdict.broken[0].partition(":")[0] if verdict.broken else ""
        rows.append(f"| {name} | `{subject.against}` | {verdict.status} | {broken} |")
    return "\n".join(rows) + "\n"


def main() -> int:
    """Write the page."""
    torch.set_num_threads(1)
    write_text(PAGE, page(sys.argv[1:]))
    print(PAGE)
    return 0


if __name__ == "__main__":
    sys.exit(main())
