"""What a paper says: equations and steps, each with its place, and what could not be read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sympy.core.relational import Relational

from bridge.reading.document import Formula, Reference
from bridge.reading.scope import Scope
from bridge.reading.tokens import Place, Problem


@dataclass(frozen=True)
class Said:
    """One equation or one step of a chain.

    `kind` is `definition`, `condition`, `claim`, `question` or `unread`. `claim` is there for
    claims and definitions; `message` says what is asked, or why it was not read. `inferred` are
    names of the claim that the paper neither declares nor defines. `cites` are the labels, and the
    numbers as `(3)`, of the equations that its sentence says to use; `assumed` are the words by
    which it is an assumption.
    """

    kind: str
    place: Place
    latex: str
    labels: tuple[str, ...] = ()
    step: int = 1
    displayed: bool = True
    claim: Relational | None = None
    assuming: tuple[Relational, ...] = ()
    message: str = ""
    inferred: tuple[Any, ...] = ()
    cites: tuple[str, ...] = ()
    assumed: str = ""
    numbers: tuple[str, ...] = ()
    formula: Formula | None = None
    order: float = 0.0

    @property
    def names(self) -> tuple[str, ...]:
        """What it may be cited by."""
        return (*self.labels, *self.numbers)


@dataclass
class Reading:
    """What was read of a paper: what it says, its problems, and references that lead nowhere."""

    said: list[Said] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    dangling: list[Reference] = field(default_factory=list)
    labels: frozenset[str] = frozenset()
    scope: Scope = field(default_factory=Scope)
    files: tuple[str, ...] = ()
