"""Equal models with other weights, for people: one made balanced, two compared."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from numeric.symmetry import Balanced, Sameness


def balance_as_json(found: Balanced) -> dict[str, Any]:
    """Plain data: the folder, squares of weights by kind, changes of logits."""
    return asdict(found) | {"folder": str(found.folder), "exit_code": 0}


def balance_as_text(name: str, found: Balanced) -> str:
    """The same as a table for a terminal."""
    rows = [
        f"  {kind:<44}{before:>14,.1f}{after:>14,.1f}{_percent(before, after):>9}"
        for (kind, before), after in zip(found.before.items(), found.after.values(), strict=True)
    ]
    return "\n".join(
        [
            f"{name}: equal weights of least norm are in {found.folder}",
            "",
            f"  {'squares of weights':<44}{'before':>14}{'after':>14}",
            *rows,
            "",
            f"largest change of a logit: {found.deviation:.0e} in float64, "
            f"{found.rounded:.0e} with the weights as written",
        ]
    )


def _percent(before: float, after: float) -> str:
    return f"{100 * (after / before - 1):+.1f} %"


def sameness_as_json(found: Sameness) -> dict[str, Any]:
    """Plain data: whether, by how much weights differ, where, and what was allowed."""
    return {
        "same": bool(found),
        "difference": found.difference if found.difference < float("inf") else None,
        "where": found.where,
        "tolerance": found.tolerance,
        "exit_code": 0 if found else 1,
    }


def sameness_as_text(first: str, second: str, found: Sameness) -> str:
    """The same as sentences."""
    if found:
        return (
            f"{first} and {second} are one model: a gauge transformation takes the weights of one "
            f"to those of the other\nlargest difference after it: {found.difference:.1e} of the "
            f"largest weight in a row ({found.where}); allowed {found.tolerance:.1e}"
        )
    head = f"{first} and {second}: no gauge transformation was found between them"
    if found.difference == float("inf"):
        return f"{head}\nwhat differs: {found.where}"
    return (
        f"{head}\nthe nearest leaves a difference of {found.difference:.1e} of the largest weight "
        f"in a row ({found.where}); allowed {found.tolerance:.1e}"
    )
