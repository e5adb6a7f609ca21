"""Coq as a second judge of certificates: `check` runs coqc, and says what it said.

Coq reads the statement from the claim and the proof from the certificate's steps. It does not
check that a claim is defined, since its functions are total; the kernel does.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from bridge.verdict import Evidence, Status
from formal.coq import HEADER, PRELUDE, CoqText, coq_text
from formal.proof.terms import ProofError

SECONDS = 120.0
INSTALL = "coqc is not installed; on Debian: apt-get install coq libcoq-coquelicot"
# What theorems may rest on: classical real numbers and functional extensionality.
ASSUMPTIONS = frozenset(
    {
        "ClassicalDedekindReals.sig_not_dec",
        "ClassicalDedekindReals.sig_forall_dec",
        "Classical_Prop.classic",
        "FunctionalExtensionality.functional_extensionality_dep",
    }
)

Answer = Literal["accepted", "rejected", "not exported", "not installed"]


@dataclass(frozen=True)
class CoqResult:
    """What Coq said of a certificate; true if it accepted.

    `assumptions` are the axioms on which the theorem rests, `message` says why it was not
    accepted, `text` is the self-contained file.
    """

    answer: Answer
    version: str = ""
    assumptions: tuple[str, ...] = ()
    message: str = ""
    text: str = ""

    @property
    def accepted(self) -> bool:
        """Whether coqc accepted the file and the theorem rests on nothing unexpected."""
        return self.answer == "accepted"

    def __bool__(self) -> bool:
        return self.accepted


def check(
    certificate: Any,
    claim: Any,
    assuming: Iterable[Any] = (),
    name: str = "claim",
    *,
    seconds: float = SECONDS,
    prelude: Path | None = None,
) -> CoqResult:
    """Whether Coq accepts a certificate as a proof of a claim from hypotheses.

    `prelude` is a folder from `compiled_prelude`, which saves compiling it each time.
    """
    try:
        text = coq_text(certificate, claim, assuming, name)
    except ProofError as error:
        return CoqResult("not exported", message=str(error))
    return compiled(text, seconds=seconds, prelude=prelude)


def compiled(text: CoqText, *, seconds: float = SECONDS, prelude: Path | None = None) -> CoqResult:
    """What coqc says of a theorem with its proof."""
    compiler = shutil.which("coqc")
    if compiler is None:
        return CoqResult("not installed", message=INSTALL, text=text.file)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "theorem.v")
        path.write_text(text.file if prelude is None else _short(text))
        found = _run([compiler, "-q", *_loaded(prelude), str(path)], folder, seconds)
    if "Cannot find a physical path" in found.stderr and "Coquelicot" in found.stderr:
        return CoqResult("not installed", version(), message=INSTALL, text=text.file)
    if found.returncode != 0:
        message = _brief(found.stderr) or f"coqc ended with code {found.returncode}"
        return CoqResult("rejected", version(), message=message, text=text.file)
    axioms = assumptions(found.stdout)
    strange = sorted(set(axioms) - ASSUMPTIONS)
    if strange or not _was_printed(found.stdout):
        message = f"the theorem rests on {', '.join(strange) or 'nothing that Coq printed'}"
        return CoqResult("rejected", version(), axioms, message, text.file)
    return CoqResult("accepted", version(), axioms, text=text.file)


def accepted_together(
    texts: Iterable[CoqText], *, seconds: float = SECONDS, prelude: Path | None = None
) -> bool:
    """Whether coqc accepts several theorems in one file, and all of them rest on the known axioms.

    Quicker than one at a time; it does not say which one was not accepted.
    """
    chosen = list(texts)
    modules = [f"Module M{n}.\n{text.body}\nEnd M{n}.\n" for n, text in enumerate(chosen)]
    proofs = ", ".join(f"M{n}.{text.name}" for n, text in enumerate(chosen))
    whole = f"Definition together := ({proofs}, tt)."
    return bool(
        compiled(
            CoqText("together", "\n".join([*modules, whole])), seconds=seconds, prelude=prelude
        )
    )


def evidence(result: CoqResult) -> Evidence:
    """The row of a verdict; only acceptance says anything of the claim."""
    if result.accepted:
        detail = f"accepted by Coq {result.version}"
        data = {"version": result.version, "assumptions": list(result.assumptions)}
        return Evidence("coq", Status.PROVED, detail, data)
    return Evidence("coq", Status.UNKNOWN, f"{result.answer}: {result.message}")


@contextmanager
def compiled_prelude(seconds: float = SECONDS) -> Iterator[Path | None]:
    """A temporary folder with the compiled prelude, or None where Coq is not installed."""
    compiler = shutil.which("coqc")
    if compiler is None:
        yield None
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "Prelude.v")
        path.write_text(PRELUDE)
        found = _run([compiler, "-q", "-Q", folder, "Porism", str(path)], folder, seconds)
        yield Path(folder) if found.returncode == 0 else None


@lru_cache(maxsize=1)
def version() -> str:
    """The version of coqc, or nothing where there is none."""
    compiler = shutil.which("coqc")
    if compiler is None:
        return ""
    return _run([compiler, "-print-version"], tempfile.gettempdir(), 30).stdout.split(" ")[0]


def assumptions(printed: str) -> tuple[str, ...]:
    """The names that `Print Assumptions` lists."""
    _, _, listed = printed.partition("Axioms:")
    return tuple(re.findall(r"^([A-Za-z_][\w.']*)\s*:", listed, re.MULTILINE))


def _was_printed(printed: str) -> bool:
    return "Axioms:" in printed or "Closed under the global context" in printed


def _short(text: CoqText) -> str:
    """The file over the compiled prelude."""
    loaded = f"{HEADER}From Porism Require Import Prelude.\nOpen Scope R_scope.\n"
    return f"{loaded}\n{text.body}\nPrint Assumptions {text.name}.\n"


def _loaded(prelude: Path | None) -> list[str]:
    return [] if prelude is None else ["-Q", str(prelude), "Porism"]


def _run(command: list[str], folder: str, seconds: float) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            command, cwd=folder, capture_output=True, text=True, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, 124, "", f"no answer in {seconds:g} seconds")


def _brief(message: str) -> str:
    """What coqc complains of, without its warnings."""
    _, _, error = message.partition("Error:")
    return " ".join((error or message).split())[:500]
