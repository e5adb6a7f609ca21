"""The page, the figures and the LaTeX of a report."""

import re
import shutil
import subprocess
import warnings
from dataclasses import replace
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
from tiny_report import Letters, answered, readings, sample  # noqa: F401

import formal
from bridge.report.equations import document, escaped
from bridge.report.figure_entropy import COLUMNS, typeset
from bridge.report.figure_residual import Residual, residual_picture
from bridge.report.figures import draw_all, pictures
from bridge.report.job import residuals
from bridge.report.ledger import ledger, write_ledger
from bridge.report.page import mathml, page, reading
from bridge.report.plotting import COLORS, inline
from bridge.report.readings import read
from bridge.report.settings import Settings
from bridge.sample import take_sample
from bridge.verdict import Evidence, Status, Verdict

VOID = {"meta", "br", "link", "img", "input", "hr"}


class Outline(HTMLParser):
    """Elements of a page, and whether they are nested as they should be."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.attributes: list[tuple[str, dict]] = []

    def handle_starttag(self, tag, attrs):
        self.attributes.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def all(self, tag):
        return [attributes for name, attributes in self.attributes if name == tag]


@pytest.fixture(scope="module")
def statements():
    return formal.statements()


@pytest.fixture(scope="module")
def rows(statements):
    return answered(statements)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("figures")


@pytest.fixture(scope="module")
def drawn(sample, readings, rows, folder):  # noqa: F811
    return draw_all(pictures(sample, readings, residuals(rows)), folder)


@pytest.fixture(scope="module")
def html(sample, readings, rows, drawn):  # noqa: F811
    text = {"name": "a <file>", "sha256": "0", "characters": 1, "bytes": 1}
    data = ledger(Settings(), rows, sample=sample, readings=readings, text=text)
    shown = pictures(sample, readings, residuals(rows))
    return page(data, rows, sample, readings, shown, drawn)


def test_the_page_is_well_formed_and_complete(html, statements):
    outline = Outline()
    outline.feed(html)
    assert not outline.open
    ids = [attributes["id"] for _, attributes in outline.attributes if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert set(statements) <= set(ids)
    assert len(outline.all("math")) >= len(statements)
    assert html.count('class="oracle"') == 4 * len(statements)


def test_the_page_needs_no_network_and_no_script(html):
    outline = Outline()
    outline.feed(html)
    assert not outline.all("script") and not outline.all("link") and not outline.all("img")
    for _, attributes in outline.attributes:
        for name in ("src", "href", "xlink:href"):
            assert not re.match(r"(https?:)?//", attributes.get(name) or "")
    assert "url(http" not in html and "@import" not in html


def test_what_comes_from_outside_is_escaped(html):
    assert "letters <tiny>" not in html and "letters &lt;tiny&gt;" in html
    assert "<b>dead" not in html and "a &lt;file&gt;" in html


def test_every_picture_says_what_it_shows(html, drawn):
    outline = Outline()
    outline.feed(html)
    labelled = [svg for svg in outline.all("svg") if svg.get("role") == "img"]
    assert len(labelled) == len(drawn) == 5
    assert all(len(svg["aria-label"]) > 40 for svg in labelled)


def test_figures_are_files_with_text_as_text(drawn, folder):
    for name in drawn:
        svg = (folder / f"{name}.svg").read_text(encoding="utf-8")
        root = ElementTree.fromstring(svg)
        assert root.findall(".//{http://www.w3.org/2000/svg}text")
        assert (folder / f"{name}.pdf").read_bytes().startswith(b"%PDF")


def test_colors_of_a_page_have_names(drawn, html):
    for svg in drawn.values():
        assert not any(value in svg for value in COLORS.values())
    for name in COLORS:
        assert f"--{name}:" in html


def test_figures_are_the_same_when_drawn_again(sample, readings, rows, drawn, folder, tmp_path):  # noqa: F811
    again = draw_all(pictures(sample, readings, residuals(rows)), tmp_path)
    assert again == drawn
    for file in folder.iterdir():
        assert (tmp_path / file.name).read_bytes() == file.read_bytes()


def test_names_within_pictures_do_not_clash(sample, readings, rows):  # noqa: F811
    picture = pictures(sample, readings, residuals(rows))[0]
    svg = '<?xml?><svg width="1" height="2" viewBox="0 0 1 2"><g id="a"/><use href="#a"/></svg>'
    assert inline(svg, picture).endswith(
        f'<g id="{picture.name}-a"/><use href="#{picture.name}-a"/></svg>'
    )


def test_tokens_are_set_in_lines_that_read_as_the_text():
    pieces = ["The", " value", " of", "\n", " " * 3, "x" * 60, " y" * 30]
    lines = list(typeset(pieces, range(len(pieces))))
    words = [word for line in lines for word in line]
    assert [word.entropy for word in words] == [float(n) for n in range(len(pieces))]
    assert [word.text for word in words][:4] == ["The", "value", "of", "↵"]
    for line in lines:
        ends = [word.column + word.width for word in line]
        starts = [word.column for word in line]
        assert all(end <= start for end, start in zip(ends, starts[1:], strict=False))
        assert ends[-1] <= COLUMNS


def test_a_vocabulary_of_one_token(rows, tmp_path):
    class One(Letters):
        def __init__(self):
            super().__init__()
            self.vocabulary_size, self.weight = 1, self.weight[:1]

        def _encode(self, text):
            return [0] * len(text)

    alone = take_sample(One(), "aaaa", 3)
    seen = read(alone, (1.0,))
    shown = pictures(alone, seen, residuals(rows))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        drawn = draw_all(shown, tmp_path)
    data = ledger(Settings(), rows, sample=alone, readings=seen, text={"name": "", "sha256": ""})
    write_ledger(tmp_path / "ledger.json", data)
    assert data["readings"]["largest_gap"] == "inf"
    assert "over 1 tokens" in page(data, rows, alone, seen, shown, drawn)


def test_the_page_says_on_how_many_positions_a_claim_was_asked(rows, sample, readings):  # noqa: F811
    def asked(row, positions):
        found = Evidence("model", Status.SUPPORTED, "", {"positions": positions})
        return replace(row, verdict=Verdict.of(row.statement.name, (found,)))

    mixed = [asked(rows[0], len(sample)), asked(rows[1], 8), asked(rows[2], 2)]
    assert "asked (1 at all positions, 2 at 8 or fewer)." in reading(mixed, sample, readings)
    assert "where they were asked." in reading(mixed[:1], sample, readings)


def test_a_residual_beyond_its_allowance_is_the_title():
    good, bad = Residual("a", {"property": 0.25}), Residual("b", {"model": 3.0})
    assert "worst uses 25%" in residual_picture([good]).title
    assert "1 of 2 statements exceed" in residual_picture([good, bad]).title
    residual_picture([]).draw()
    residual_picture([Residual("c", {"model": float("inf")})]).draw()


def test_what_the_converter_does_not_know_stays_latex():
    assert str(mathml(r"\left( x")).startswith(("<math", "<code"))
    assert "<mspace" in mathml(r"T \ln Z")


def test_letters_that_latex_would_take_for_commands():
    assert escaped("50% of a_b & {c}") == r"50\% of a\_b \& \{c\}"


def test_the_document_compiles_without_warnings(statements, tmp_path):
    latex = shutil.which("pdflatex")
    if latex is None:
        pytest.skip("needs pdflatex")
    verdicts = dict.fromkeys(statements, "PROVED")
    (tmp_path / "equations.tex").write_text(document(statements.values(), verdicts))
    ran = subprocess.run(
        [latex, "-interaction=nonstopmode", "-halt-on-error", "equations.tex"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    log = (tmp_path / "equations.log").read_text(errors="replace")
    assert ran.returncode == 0, log[-2000:]
    assert not re.findall(r"^.*(?:Warning|Overfull|Underfull).*$", log, re.MULTILINE)


def test_a_refutation_is_drawn_at_its_witness(rows):
    held = {"worst_residual": 1e-9, "allowance": 1e-8}
    worst = {"residual": 5e-8, "allowance": 1e-8, "V": "2"}
    refuted = Evidence("model", Status.REFUTED, "fails", held, worst)
    row = replace(rows[0], verdict=Verdict.of("a", (refuted,)))
    (residual,) = residuals([row])
    assert residual.ratios == {"model": pytest.approx(5)}
