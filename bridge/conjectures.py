"""What was measured of conjectures: a value with its interval, which proves and supports nothing.

A measurement speaks of one model on one text. So the status of a conjecture stays UNKNOWN, and
the evidence says what was seen, and what would speak against it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from bridge.verdict import Evidence, Status
from formal.statement import Statement

if TYPE_CHECKING:
    from bridge.sample import Sample
    from numeric.calibration import Readings
    from numeric.intervals import Measured

ORACLE = "measured"
EPSILONS = (0.5, 0.1, 0.01)  # nats below which a prompt counts as certain
LEAST = 64  # positions that a measurement needs
ROWS = 256  # positions whose log-probabilities are taken apart

Said = tuple[str, dict[str, Any]]


def open_evidence(statement: Statement, said: Said | None = None) -> Evidence:
    """The row of a conjecture: what was measured, or that nothing was, and what would falsify."""
    seen, data = said or ("not measured here; `porism language` does", {})
    detail = f"neither proved nor supported; {seen}; against it would speak {statement.falsified}"
    return Evidence(ORACLE, Status.UNKNOWN, detail, data)


def measured_on(sample: Sample, statements: Mapping[str, Statement]) -> dict[str, Evidence]:
    """Rows of those conjectures that a sample of a model's outputs can measure, by name."""
    asked = [
        one
        for name in _MEASURES
        if (one := statements.get(name)) is not None and one.kind == "conjecture"
    ]
    if not asked or len(sample) < LEAST:
        return {}
    from numeric.calibration import readings

    found, read = {}, readings(sample.logits, sample.targets)
    for one in asked:
        said, data = _MEASURES[one.name](sample, read)
        about = f"measured on {sample.model}, {len(sample)} positions: {said}"
        found[one.name] = open_evidence(one, (about, data))
    return found


def spelled(found: Measured, digits: int = 3) -> str:
    """A value with its 95 % interval."""
    return f"{found.value:.{digits}f} [{found.low:.{digits}f}, {found.high:.{digits}f}]"


def context_length(vocabulary_size: int) -> int:
    """Tokens before a position that count as its context: two, or six characters."""
    return 2 if vocabulary_size >= 1000 else 6


def _calibration(sample: Sample, read: Readings) -> Said:
    from numeric.calibration import calibration_gap, martingale_test

    gap, test = calibration_gap(read), martingale_test(read)
    said = f"surprisal less entropy {spelled(gap)} nats, z = {test.z:.2f} (p = {test.p_value:.2g})"
    return said, {"gap": gap._asdict(), "test": test._asdict()}


def _inclusion(sample: Sample, read: Readings) -> Said:
    from numeric.calibration import zero_set_inclusion

    ids, context = [-1, *sample.targets], context_length(sample.vocabulary_size)
    found = {e: zero_set_inclusion(read, ids, e, context=context) for e in EPSILONS}
    rows = {f"{e:g}": share._asdict() | {"zero_points": n} for e, (share, n) in found.items()}
    share, count = found[EPSILONS[0]]
    said = f"{spelled(share)} of {count} zero points of the text, at epsilon = {EPSILONS[0]:g}"
    return said, {"by_epsilon": rows, "context": context}


def _dimensions(sample: Sample, read: Readings) -> Said:
    curve = dimension_curve(sample.logits)
    data = {str(k): value._asdict() for k, value in curve.items()}
    last = max(curve)
    said = f"{spelled(curve[last])} nats lost at k = {last}, {spelled(curve[0])} at k = 0"
    return said, {"by_dimension": data}


def dimension_curve(logits: Any) -> dict[int, Measured]:
    """Mean loss in k dimensions found on every other position, measured on those between."""
    from numeric.geometrization import geometrization_losses
    from numeric.intervals import bootstrap

    chosen = logits[:ROWS]
    known, asked = chosen[::2].float(), chosen[1::2].float()
    powers = (0, 1, 4, 16, 64, 256)
    dimensions = [k for k in powers if k < len(known)]
    losses = geometrization_losses(known, asked, dimensions).cpu().numpy()
    return {
        k: bootstrap(lambda cases, row=row: float(row[cases].mean()), len(row), block=8)
        for k, row in zip(dimensions, losses, strict=True)
    }


_MEASURES: dict[str, Callable[[Any, Any], Said]] = {
    "entropy_calibration": _calibration,
    "zero_set_inclusion": _inclusion,
    "few_dimensions": _dimensions,
}
