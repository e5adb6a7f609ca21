"""Verdicts on derivations: a row per step, the first wrong step, and what would make it right."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sympy.core.relational import Relational

from bridge.plain_math import plain
from bridge.suggestion import Suggestion, suggestion
from bridge.verdict import Evidence, Status, Verdict
from formal.derivation import Derivation, Step
from formal.latex import latex

ORACLES = ("kernel", "balls", "strings")  # a derivation is about formulas, not about code
WORST = (Status.REFUTED, Status.UNDEFINED, Status.UNKNOWN, Status.SUPPORTED, Status.PROVED)


@dataclass(frozen=True)
class DerivationVerdict(Verdict):
    """The verdict on a derivation: as good as its worst step.

    `steps` are the verdicts on the steps. `first_wrong` is the number of the first step, from 1
    on, that is REFUTED or UNDEFINED, `edit` one small edit that makes it right, and `conclusion`
    what is known of the whole relation when a step does not stand; each None where there is none.
    """

    steps: tuple[Verdict, ...] = ()
    edit: Suggestion | None = None
    conclusion: Verdict | None = None

    @property
    def first_wrong(self) -> int | None:
        """The number of the first wrong step, from 1 on, or None."""
        wrong = (Status.REFUTED, Status.UNDEFINED)
        return next((n for n, v in enumerate(self.steps, 1) if v.status in wrong), None)

    def explain(self) -> str:
        """One line per step; the calculation at the witness of the first that is wrong."""
        text = super().explain()
        if self.edit is not None:
            text += f"\n  step {self.first_wrong}    {self.edit}"
        if self.conclusion is not None:
            text += f"\n  first to last: {self.conclusion.status}"
        return text


Ask = Callable[[Relational, tuple[Relational, ...]], Verdict]


def derivation_verdict(
    derivation: Derivation, assuming: Sequence[Relational], ask: Ask
) -> DerivationVerdict:
    """The verdict on a derivation, `ask` giving the verdict on the relation of a step."""
    held = (*derivation.assuming, *assuming)
    steps = tuple(derivation.steps)
    verdicts = tuple(ask(step.claim, held) for step in steps)
    status = next(s for s in WORST if any(v.status is s for v in verdicts))
    rows = tuple(map(_row, steps, verdicts))
    found = DerivationVerdict(
        f"derivation of {len(steps)} steps", status, rows, derivation.latex, verdicts
    )
    if status:
        return found
    edit = None
    wrong = found.first_wrong
    if wrong is not None:
        edit = suggestion(steps[wrong - 1].claim, held, left=wrong == 1)
    conclusion = ask(derivation.conclusion, held) if len(steps) > 1 else None
    return DerivationVerdict(found.name, status, rows, found.latex, verdicts, edit, conclusion)


def _row(step: Step, verdict: Verdict) -> Evidence:
    """What carries the verdict on a step: the evidence that says the same as it."""
    said = next((row for row in verdict.evidence if row.status is verdict.status), None)
    reason = f"  [{step.reason}]" if step.reason else ""
    detail = f"{plain(latex(step.claim))}{reason}: {_why(verdict, said)}"
    data: dict[str, Any] = dict(said.data) if said is not None else {}
    witness = said.witness if said is not None else None
    return Evidence(f"step {step.number}", verdict.status, detail, data, witness)


def _why(verdict: Verdict, said: Evidence | None) -> str:
    if said is None:
        return "no oracle applies"
    return said.detail if verdict.status is not Status.UNKNOWN else _all_reasons(verdict)


def _all_reasons(verdict: Verdict) -> str:
    return "; ".join(f"{row.oracle}: {row.detail}" for row in verdict.evidence)
