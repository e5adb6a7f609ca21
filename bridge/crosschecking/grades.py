"""How many digits are left where the value nearly vanishes, beside the verdict."""

from __future__ import annotations

import math

from bridge.crosschecking.findings import Findings
from bridge.crosschecking.oracle import eps_of

FEWEST = 3  # cases from which a grade is given


def grades(findings: Findings) -> dict[str, str]:
    """By dtype: A if most digits are left where the value is below 1/100, then B, C; F if none.

    Each with the worst relative error. Nothing is said of fewer than three such cases.
    """
    found = {}
    for dtype, errors in findings.relative.items():
        if len(errors) < FEWEST:
            continue
        worst = max(errors)
        all_digits = -math.log10(eps_of(dtype))
        share = -math.log10(max(worst, eps_of(dtype) / 2)) / all_digits
        letter = "A" if share > 3 / 4 else "B" if share > 1 / 3 else "C" if worst < 0.1 else "F"
        found[dtype] = f"{letter}, worst relative error {worst:.0e} where the value is below 1/100"
    return found
