"""A sample of the frozen papers; and that a wrong reader would be caught."""

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import papers
from benchmarks.papers import MATERIAL, Equation, Material, material, of_material, of_printed
from bridge.reading import Line, PaperReport
from bridge.reading.tokens import Place

SAMPLE = ("heat_capacity", "softmax_gradients")


@pytest.fixture(scope="module")
def sample():
    return material(MATERIAL, SAMPLE)


def test_a_sample_of_the_papers_meets_its_bars(sample):
    missed = [figure for figure in of_material("sample", sample) if not figure.met]
    assert not missed, missed


def test_every_equation_and_every_slip_of_the_sample_was_asked(sample):
    assert len(sample.right) == 21 and len(sample.slips) == 15
    assert all(equation.said for equation in sample.right)


def lying(status):
    """A reader that says the same of everything that there is."""

    def verify(paper: Path) -> PaperReport:
        rows = paper.read_text().splitlines()
        lines = tuple(
            Line(Place(paper.name, number, 1), row, status)
            for number, row in enumerate(rows, 1)
            if "=" in row or r"\le" in row or r"\ge" in row
        )
        return PaperReport(paper.name, lines)

    return verify


@pytest.mark.parametrize(
    ("status", "missed"),
    [
        ("PROVED", {"slips accepted"}),
        ("DEFINITION", {"slips accepted"}),
        ("REFUTED", {"right equations refuted"}),
        ("NOT READ", {"displayed equations read"}),
        ("QUESTION", {"displayed equations read"}),
    ],
)
def test_a_wrong_reader_misses_its_bar(status, missed, monkeypatch):
    monkeypatch.setattr(papers, "verify_paper", lying(status))
    found = of_material("sample", material(MATERIAL, SAMPLE))
    assert {f.name.split(", ")[1].split(" (")[0] for f in found if not f.met} == missed


def test_a_reader_that_finds_nothing_has_read_nothing(monkeypatch):
    monkeypatch.setattr(papers, "verify_paper", lambda paper: PaperReport(paper.name, ()))
    found = list(of_material("sample", material(MATERIAL, SAMPLE)))
    assert not found[0].met and found[0].value == 0


def test_what_is_false_as_printed_must_not_be_accepted():
    line = Line(Place("a.tex", 1, 1), "a = b", "PROVED")
    true, false = (Equation("a", "identity", truth, (line,)) for truth in ("true", "false"))
    assert all(figure.met for figure in of_printed("printed", [true]))
    assert [f.name for f in of_printed("printed", [false]) if not f.met] == [
        "printed, false and accepted"
    ]
    refuted = replace(true, said=(replace(line, status="REFUTED"),))
    assert [f.name for f in of_printed("printed", [refuted]) if not f.met] == [
        "printed, true and refuted"
    ]


def test_a_slip_is_refuted_where_it_is_and_nowhere_else(monkeypatch):
    monkeypatch.setattr(papers, "verify_paper", lying("REFUTED"))
    found = material(MATERIAL, ("distillation",))
    assert isinstance(found, Material)
    in_the_text = [slip for slip in found.slips if "turned round" in slip.name]
    assert len(in_the_text) == 1 and not in_the_text[0].refuted  # the lying reader sees displays
