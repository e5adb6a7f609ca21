"""Where theory and code meet: oracles, verdicts, reports."""

from bridge.verdict import Evidence, Status, Verdict

__all__ = ["Evidence", "Status", "Verdict"]
