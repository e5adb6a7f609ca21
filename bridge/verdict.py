"""Verdicts: five values, each carried by the evidence of its oracles.

NaN, a failed search and a check that was not performed are never a pass.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from html import escape
from typing import Any


class Status(StrEnum):
    """What a verdict can say."""

    PROVED = "PROVED"
    SUPPORTED = "SUPPORTED"
    REFUTED = "REFUTED"
    UNDEFINED = "UNDEFINED"
    UNKNOWN = "UNKNOWN"

    def __bool__(self) -> bool:
        return self in (Status.PROVED, Status.SUPPORTED)


@dataclass(frozen=True)
class Evidence:
    """What one oracle says of one statement.

    `detail` is one line for people; `data` the same for programs (cases, digits, worst residual
    against its allowance, seconds, ...), plain JSON; `witness` a point at which the claim fails.
    """

    oracle: str
    status: Status
    detail: str
    data: Mapping[str, Any] = field(default_factory=dict)
    witness: Mapping[str, Any] | None = None

    @property
    def by_hand(self) -> tuple[str, ...]:
        """The calculation at the witness, line by line, where the oracle gives one."""
        return tuple(self.data.get("by_hand", ()))


@dataclass(frozen=True)
class Verdict:
    """The status of a claim and one row of evidence per oracle.

    True as a truth value for PROVED and SUPPORTED only.
    """

    name: str
    status: Status
    evidence: tuple[Evidence, ...] = ()
    latex: str = ""

    @classmethod
    def of(cls, name: str, evidence: tuple[Evidence, ...], latex: str = "") -> "Verdict":
        """The verdict that the evidence carries: the worst finding, else the best support.

        REFUTED and UNDEFINED outweigh everything; a proof needs no support, support needs at
        least one oracle that could have said no; otherwise the verdict is UNKNOWN.
        """
        found = {row.status for row in evidence}
        for status in (Status.REFUTED, Status.UNDEFINED, Status.PROVED, Status.SUPPORTED):
            if status in found:
                return cls(name, status, evidence, latex)
        return cls(name, Status.UNKNOWN, evidence, latex)

    @property
    def witness(self) -> Mapping[str, Any] | None:
        """The first point at which an oracle saw the claim fail, or None."""
        return next((row.witness for row in self.evidence if row.witness is not None), None)

    def explain(self) -> str:
        """The verdict and its evidence in plain text, one oracle a line; then the witness,
        and the calculation there where it can be redone by hand."""
        lines = [f"{self.name}: {self.status}"]
        lines += [f"  {row.oracle:<9} {row.status:<9} {row.detail}" for row in self.evidence]
        if self.witness is not None:
            point = ", ".join(f"{name} = {value}" for name, value in self.witness.items())
            lines.append(f"  witness   {point}")
        first = next((row for row in self.evidence if row.witness is not None), None)
        lines += [f"            {line}" for line in (first.by_hand if first else ())]
        return "\n".join(lines)

    def __bool__(self) -> bool:
        return bool(self.status)

    def __repr__(self) -> str:
        return f"Verdict({self.name}: {self.status})"

    def _repr_latex_(self) -> str:
        return rf"$\displaystyle {self.latex}\quad\text{{{self.status}}}$"

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{escape(row.oracle)}</td><td>{row.status}</td>"
            f"<td>{escape(row.detail)}</td></tr>"
            for row in self.evidence
        )
        equation = escape(self.latex, quote=False)
        shown = f"<p>$\\displaystyle {equation}$</p>" if equation else ""
        return (
            f"<b>{escape(self.name)}</b>: <b>{self.status}</b>{shown}"
            f"<table><tr><th>oracle</th><th>says</th><th>evidence</th></tr>{rows}</table>"
        )
