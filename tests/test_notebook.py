"""The notebook of the documentation runs, and things show themselves in it."""

import json
import re
from pathlib import Path

import pytest

nbclient = pytest.importorskip("nbclient")
nbformat = pytest.importorskip("nbformat")

pytestmark = pytest.mark.model

ROOT = Path(__file__).parent.parent
NOTEBOOK = ROOT / "docs" / "thermodynamics.ipynb"


def executed(notebook):
    """The outputs of each code cell, by kind, after a run in a fresh kernel."""
    client = nbclient.NotebookClient(
        notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(ROOT)}}
    )
    client.execute()
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return [
        {kind: text for output in cell.outputs for kind, text in output.get("data", {}).items()}
        for cell in cells
    ]


def test_the_notebook_runs_and_shows_equations_verdicts_states_and_a_picture():
    statement, right, wrong, state, picture = executed(nbformat.read(NOTEBOOK, as_version=4))
    assert statement["text/latex"] == r"$\displaystyle S = -\frac{\partial F}{\partial T}$"
    assert "entropy_eq_neg_deriv_free_energy" in statement["text/html"]
    assert r"\text{PROVED}" in right["text/latex"] and "kernel" in right["text/html"]
    assert "REFUTED" in wrong["text/html"] and "PROVED" not in wrong["text/html"]
    rows = re.findall("<tr><td>(.*?)</td></tr>", state["text/html"])
    entropies = [float(row.split("</td><td>")[4]) for row in rows]
    assert len(entropies) == 3 and entropies == sorted(entropies)
    assert len(picture["image/png"]) > 10_000


def test_a_cell_that_fails_fails_the_test():
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("import formal; 1 / 0")])
    with pytest.raises(nbclient.exceptions.CellExecutionError, match="ZeroDivisionError"):
        executed(notebook)


def test_the_notebook_is_kept_without_outputs():
    for cell in json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]:
        assert not cell.get("outputs") and cell.get("execution_count") is None
