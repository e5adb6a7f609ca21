"""Reading papers: LaTeX as people write it, to relations that can be judged.

    verify_paper(Path("paper.tex"))     a verdict on every equation, as a PaperReport

source -> tokens -> macros -> document -> sentences -> parsing (nodes) -> expressions -> claims
-> verdicts. Nothing that stands in a paper is evaluated as code.
"""

from typing import TYPE_CHECKING, Any

from bridge.reading.report import Line, PaperReport

if TYPE_CHECKING:
    from bridge.reading.paper import verify_paper

__all__ = ["Line", "PaperReport", "verify_paper"]


def __getattr__(name: str) -> Any:
    if name == "verify_paper":  # SymPy takes half a second to import, a kept report does not
        from bridge.reading.paper import verify_paper

        return verify_paper
    raise AttributeError(f"module 'bridge.reading' has no attribute {name!r}")
