"""The command line: porism list, show, prove, verify, tex, crosscheck, evaluate, gauge, ...

Exit codes: 0 all PROVED or SUPPORTED, 1 something REFUTED or UNDEFINED, 3 nothing worse than
UNKNOWN, 2 bad input; conjectures are reported and never change it.
"""

from __future__ import annotations

from bridge.commands import (
    bundle,
    catalogue,
    crosschecks,
    gauge,
    language,
    manifold,
    models,
    verdicts,
    writing,
)
from bridge.commands.app import app

__all__ = [
    "app",
    "bundle",
    "catalogue",
    "crosschecks",
    "gauge",
    "language",
    "main",
    "manifold",
    "models",
    "verdicts",
    "writing",
]


def main() -> None:
    """Run the command line; the console script `porism`."""
    app(prog_name="porism")


if __name__ == "__main__":
    main()
