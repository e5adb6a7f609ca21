"""The papers that the reader is measured on are those that were written before it."""

import hashlib
import shutil
import tomllib
from pathlib import Path

import pytest

HERE = Path(__file__).parent
FROZEN = ("printed", "right", "slips", "held_out")
PAIRS = (HERE, HERE / "held_out")
KINDS = {"definition", "identity", "inequality", "outside"}


def changed(folder):
    """Paths whose content differs from SHA256SUMS, is missing there, or is missing here."""
    pairs = (line.split("  ") for line in (folder / "SHA256SUMS").read_text().splitlines())
    frozen = {path: digest for digest, path in pairs}
    found = {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for name in FROZEN
        for path in (folder / name).rglob("*")
        if path.is_file()
    }
    return sorted(path for path, _ in set(frozen.items()) ^ set(found.items()))


def load(path, table):
    with path.open("rb") as file:
        return tomllib.load(file)[table]


def displays():
    for folder in PAIRS:
        for paper in load(folder / "right" / "expected.toml", "paper"):
            yield folder / "right" / f"{paper['name']}.tex", paper["display"]
    for source in load(HERE / "printed" / "sources.toml", "source"):
        yield HERE / "printed" / f"{source['name']}.tex", source["display"]


def slips():
    for folder in PAIRS:
        for paper in load(folder / "slips" / "planted.toml", "paper"):
            for slip in paper["slip"]:
                yield folder, f"{paper['name']}.tex", slip


def test_the_material_is_as_it_was_frozen():
    assert changed(HERE) == []


@pytest.mark.parametrize("how", ["edited", "added", "deleted"])
def test_a_change_would_be_seen(how, tmp_path):
    folder = shutil.copytree(HERE, tmp_path / "papers")
    paper = folder / "right" / "dpo.tex"
    if how == "edited":
        paper.write_text(paper.read_text().replace("log Z", "ln Z", 1))
    elif how == "added":
        paper = folder / "right" / "new.tex"
        paper.touch()
    else:
        paper.unlink()
    assert {folder / path for path in changed(folder)} == {paper}


def test_there_is_as_much_as_was_promised():
    sources = load(HERE / "printed" / "sources.toml", "source")
    assert len(sources) >= 8
    assert all(s["citation"] and s["url"].startswith("http") for s in sources)
    assert len(list((HERE / "right").glob("*.tex"))) >= 12
    assert len(list((HERE / "held_out" / "right").glob("*.tex"))) >= 3
    assert len(list(slips())) >= 60


def test_every_displayed_equation_is_labelled():
    for path, labelled in displays():
        lines = path.read_text().splitlines()
        assert [d["number"] for d in labelled] == list(range(1, len(labelled) + 1))
        for display in labelled:
            first, last = display["lines"]
            assert lines[first - 1].startswith(("\\begin{", "\\[")), (path, first)
            assert lines[last - 1].startswith(("\\end{", "\\]")), (path, last)
            assert display["kind"] in KINDS
        starts = {d["lines"][0] for d in labelled}
        begun = {
            number
            for number, line in enumerate(lines, 1)
            if line.startswith(("\\[", "\\begin{"))
            and "{document}" not in line
            and not line.startswith(("\\begin{aligned", "\\begin{subarray"))
        }
        assert starts == begun, path


def test_slips_are_the_only_difference():
    papers = {}
    for folder, name, slip in slips():
        right = (folder / "right" / name).read_text().splitlines()
        text = papers.setdefault((folder, name), right)
        line = text[slip["line"] - 1]
        assert line.count(slip["was"]) == 1, (name, slip)
        text[slip["line"] - 1] = line.replace(slip["was"], slip["now"])
    assert papers
    for (folder, name), text in papers.items():
        assert (folder / "slips" / name).read_text().splitlines() == text
