"""The documentation is true: code runs and prints what it says, links and references resolve.

In README.md and docs/**/*.md a block ```python is run, in the order of its page, and a ```text
block right after it is what it prints, where `...` stands for anything. A block ```python a/b.py
is a file that the page asks its reader to write. Of the commands in a block ```sh the quick ones
are run. Pages that load a model are marked `model`.
"""

import re
import runpy
import shlex
import sys
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bridge.cli import app
from formal import statements

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^```(\w+)(?: ([\w./]+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?://|#)([^)#\s]+)")
QUICK = {"list", "show", "tex", "verify", "prove"}
KEY = re.compile(r"\b[a-z]+(?:1[6-9]|20)\d\d[a-z]?\b")


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, the file that it names, its text, and where it is."""

    language: str
    file: str
    text: str
    line: int


def blocks(page: str) -> list[Block]:
    return [
        Block(m[1], m[2] or "", m[3], page[: m.start()].count("\n") + 1)
        for m in BLOCK.finditer(page)
    ]


def run(page: str, folder: Path) -> None:
    """Run the code of a page; an AssertionError says which block printed something else."""
    found = blocks(page)
    namespace = {"__name__": "page"}
    for block, following in zip(found, [*found[1:], None], strict=True):
        for words in commands(block):
            if words[0] in QUICK:
                told = CliRunner().invoke(app, words)
                assert told.exit_code == 0, f"porism {shlex.join(words)}: {told.output}"
        if block.language != "python":
            continue
        if block.file:
            written = folder / block.file
            written.parent.mkdir(parents=True, exist_ok=True)
            written.write_text(block.text, encoding="utf-8")
            continue
        printed = StringIO()
        with redirect_stdout(printed):
            exec(compile("\n" * block.line + block.text, "page", "exec"), namespace)
        if following is not None and following.language == "text":
            assert matches(following.text, printed.getvalue()), (
                f"the block in line {block.line} says\n{following.text}\nand prints\n"
                f"{printed.getvalue()}"
            )


def commands(block: Block) -> list[list[str]]:
    """What the lines of a block ```sh ask porism to do."""
    if block.language != "sh":
        return []
    lines = [shlex.split(line, comments=True) for line in block.text.splitlines()]
    return [words[1:] for words in lines if words[:1] == ["porism"]]


def matches(expected: str, printed: str) -> bool:
    """Whether what was printed is what is expected, trailing space apart; `...` is anything."""
    parts = (re.escape(part) for part in _lines(expected).split("..."))
    return re.fullmatch(".*?".join(parts), _lines(printed), re.DOTALL) is not None


def _lines(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


def _cases():
    """The pages that hold Python; those that load a model are marked."""
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        python = [block for block in blocks(text) if block.language == "python"]
        if python:
            loads = any("load_model(" in block.text for block in python)
            marks = [pytest.mark.model] if loads else []
            yield pytest.param(text, id=str(page.relative_to(ROOT)), marks=marks)


@pytest.mark.parametrize("page", list(_cases()))
def test_code_runs_and_prints_what_the_page_says(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    before = set(sys.modules)
    try:
        run(page, tmp_path)
    finally:
        for name in set(sys.modules) - before:
            if str(tmp_path) in (getattr(sys.modules[name], "__file__", None) or ""):
                del sys.modules[name]


def test_a_page_that_is_wrong_is_seen(tmp_path):
    good = "```python\nprint(1 + 1)\n```\n\n```text\n2\n```\n"
    run(good, tmp_path)
    run(good.replace("\n2\n", "\n...\n"), tmp_path)
    with pytest.raises(AssertionError, match="line 1"):
        run(good.replace("1 + 1", "1 + 2"), tmp_path)
    with pytest.raises(NameError):
        run(good.replace("1 + 1", "unknown"), tmp_path)
    with pytest.raises(AssertionError, match="porism show"):
        run("```sh\nporism show no_such_statement\n```\n", tmp_path)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    prose = BLOCK.sub("", page.read_text(encoding="utf-8"))
    missing = [link for link in LINK.findall(prose) if not (page.parent / link).exists()]
    assert not missing, f"{page.relative_to(ROOT)} links to {missing}"


def _commands():
    for page in PAGES:
        for block in blocks(page.read_text(encoding="utf-8")):
            for words in commands(block):
                yield pytest.param(words, id=" ".join(words))


@pytest.mark.parametrize("words", list(_commands()))
def test_commands_of_the_pages_exist_with_these_options(words):
    told = CliRunner().invoke(app, [words[0], "--help"], terminal_width=200)
    assert told.exit_code == 0, told.output
    plain = re.sub(r"\x1b\[[0-9;]*m", "", told.output)
    for option in (word.partition("=")[0] for word in words if word.startswith("--")):
        assert option in plain, f"`porism {words[0]}` has no {option}"


# References


def references() -> dict[str, str]:
    text = (ROOT / "bridge" / "paper" / "references.bib").read_text(encoding="utf-8")
    entries = re.findall(r"^@\w+\{([\w-]+),\n(.*?)^\}$", text, re.MULTILINE | re.DOTALL)
    assert len(entries) == text.count("\n@") + text.startswith("@")
    assert len(dict(entries)) == len(entries), "a key stands twice"
    return dict(entries)


def cited() -> set[str]:
    """Keys of sources, and of the references that docstrings and comments give."""
    keys = {statement.source.key for statement in statements().values()}
    for package in ("formal", "numeric", "bridge"):
        for file in (ROOT / package).rglob("*.py"):
            keys |= set(KEY.findall(file.read_text(encoding="utf-8")))
    return keys


def test_keys_are_found_in_sources_and_in_docstrings():
    assert {"yang2024", "callen1985", "porism", "johansson2017"} <= cited()


def test_every_key_is_in_the_bibliography():
    assert cited() - references().keys() == set()


def test_every_entry_of_the_bibliography_is_cited_and_complete():
    told = {*cited(), *KEY.findall("".join(page.read_text(encoding="utf-8") for page in PAGES))}
    for key, fields in references().items():
        assert key in told, f"{key} is cited nowhere"
        for name in ("author", "title", "year"):
            assert re.search(rf"^  {name} = \{{.+\}},?$", fields, re.MULTILINE), f"{key}: {name}"


# The generated catalogue


def test_the_catalogue_page_is_that_of_the_catalogue():
    generator = runpy.run_path(str(ROOT / "docs" / "generate_catalogue.py"))
    written = (ROOT / "docs" / "catalogue.md").read_text(encoding="utf-8")
    assert written == generator["page"](statements()), (
        "docs/catalogue.md is stale: run `python docs/generate_catalogue.py`"
    )
