"""LaTeX and BibTeX on a file, for tests: what they say, and the warnings in the log."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

BAD = re.compile(r"^(?:!.*|.*(?:Warning|Overfull|Underfull).*)$", re.MULTILINE)


def compiled(folder: Path, name: str = "main") -> tuple[str, list[str]]:
    """What the last of three runs of LaTeX says, and the warnings in its log."""
    latex, bibtex = shutil.which("pdflatex"), shutil.which("bibtex")
    if latex is None or bibtex is None:
        pytest.skip("needs pdflatex and bibtex")
    command = [latex, "-no-shell-escape", "-interaction=nonstopmode", "-halt-on-error", name]
    told = ""
    for step in (command, [bibtex, name], command, command):
        ran = subprocess.run(step, cwd=folder, capture_output=True, text=True, timeout=60)
        assert ran.returncode == 0, ran.stdout[-2000:]
        told = ran.stdout
    return told, BAD.findall((folder / f"{name}.log").read_text(errors="replace"))
