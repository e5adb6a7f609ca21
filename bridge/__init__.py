"""Where theory and code meet: oracles, verdicts, reports.

verify(claim)                    a verdict on a statement, its name, or any SymPy relation
crosscheck(function, against)    a verdict on anyone's function, held against a quantity
"""

from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from bridge.verdict import Evidence, Status, Verdict

if TYPE_CHECKING:
    from bridge.crosschecking.check import crosscheck
    from bridge.verification import ORACLES, verify

__all__ = ["ORACLES", "Evidence", "Status", "Verdict", "crosscheck", "verify"]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return version("porism")
    if name in ("ORACLES", "verify"):  # torch takes a second to import, the command line not
        from bridge import verification

        return getattr(verification, name)
    if name == "crosscheck":
        from bridge.crosschecking import check

        return check.crosscheck
    raise AttributeError(f"module 'bridge' has no attribute {name!r}")
