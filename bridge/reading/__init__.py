"""Reading papers: LaTeX as people write it, to relations that can be judged.

    verify_paper(Path("paper.tex"))     a verdict on every equation, as a PaperReport

source -> tokens -> macros -> document -> sentences -> parsing (nodes) -> expressions -> claims
-> verdicts. Nothing that stands in a paper is evaluated as code.
"""

from bridge.reading.paper import verify_paper
from bridge.reading.report import Line, PaperReport

__all__ = ["Line", "PaperReport", "verify_paper"]
