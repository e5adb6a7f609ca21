"""Papers: equations with their verdicts, proofs, notation and sources, in LaTeX and elsewhere.

paper(chosen, known)        statements and derivations, proved anew, in an author's order and names
equations(paper)            numbered equations to paste
tex_files(paper)            a folder to \\input from: theorem environments, notation, appendix
losses(text, file, ...)     what the marks in a LaTeX file say that is not so any more
"""

from bridge.paper.entry import Entry, Standing, standing
from bridge.paper.paper import Paper, equations, paper, tex_files, write_folder
from bridge.paper.record import Loss, losses

__all__ = [
    "Entry",
    "Loss",
    "Paper",
    "Standing",
    "equations",
    "losses",
    "paper",
    "standing",
    "tex_files",
    "write_folder",
]
