"""What an oracle has seen of a claim so far, and the point at which it failed."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bridge.arrays import Assignment
from bridge.confront import Confrontation
from bridge.measured import CodeError


class Violation(AssertionError):
    """A claim fails on the inputs of a batch."""


@dataclass
class Tally:
    """What a run has seen so far."""

    cases: int = 0
    skipped: int = 0
    moved_is_seen: bool = False
    worst: tuple[float, float] = (0.0, 1.0)
    witness: dict[str, Any] | None = None
    undefined: str = ""
    dtypes: set[str] = field(default_factory=set)
    code: str = ""

    def add(self, seen: Confrontation) -> None:
        """Count a batch and remember the worst ratio of residual to allowance."""
        self.cases += seen.cases
        self.skipped += seen.skipped
        self.moved_is_seen |= seen.moved_is_seen
        residual, allowance = seen.worst()
        if residual / allowance > self.worst[0] / self.worst[1] or self.worst == (0.0, 1.0):
            self.worst = residual, allowance

    def take(
        self, at: Assignment, look: Callable[[], Confrontation], *, counted: bool = True
    ) -> None:
        """Look, and count what was seen, or keep why the claim does not stand there.

        Where not `counted`, only whether the moved claim fails is remembered.

        Raises:
            CodeError: The code returned NaN on legal inputs.
            Violation: The claim fails; `witness` says where.
        """
        try:
            seen = look()
        except CodeError as problem:
            self.undefined = str(problem)
            raise
        if bool(seen.violated.any()):
            self.witness = witness(at, seen)
            raise Violation
        if self.witness is None and counted:
            self.add(seen)
        elif self.witness is None:
            self.moved_is_seen |= seen.moved_is_seen


def witness(at: Assignment, seen: Confrontation) -> dict[str, Any]:
    """The first row in which the claim fails: its inputs, both sides, residual and allowance."""
    row = int(seen.violated.nonzero()[0])
    excess = (seen.residual - seen.allowance)[row].flatten()
    place = int(excess.argmax())
    left, right = (float(side[row].flatten()[place]) for side in seen.sides)
    return point(at, row) | {
        "left": left,
        "right": right,
        "dtype": dtype_name(at),
        "residual": float(seen.residual[row].flatten()[place]),
        "allowance": float(seen.allowance[row].flatten()[place]),
    }


def point(at: Assignment, row: int) -> dict[str, Any]:
    """A row of inputs by the names of the claim; families of more than 64 values are left out."""
    found: dict[str, Any] = {str(size): n for size, n in at.sizes.items()}
    found |= {str(symbol): float(value[row]) for symbol, value in at.scalars.items()}
    tables = {**at.families, **{f"ln {f}": t for f, t in at.logarithms.items()}}
    return found | {
        str(family): table[row].tolist()
        for family, table in tables.items()
        if table[row].numel() <= 64
    }


def dtype_name(at: Assignment) -> str:
    """The dtype of the inputs, such as float64."""
    return str(at.like.dtype).removeprefix("torch.")
