"""The text that is always there, and texts from files."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from numeric.errors import PorismError, TextError
from numeric.texts import default_text, read_text


def test_the_default_text_reads_as_english():
    text = default_text()
    words = text.lower().split()
    assert 8_000 < len(text) <= 12_000
    # The ten commonest words of English make up about a quarter of any prose, and hardly any code.
    common = sum(word in "the of and a to in is it that for be or an by".split() for word in words)
    assert 0.2 < common / len(words) < 0.5
    for mark in ("+--", ">>>", "|", "====", "::", "**", "\t", "  "):
        assert mark not in text
    assert all(paragraph[0].isupper() for paragraph in text.split("\n\n"))


def test_code_would_not_pass_for_english():
    with open(__file__, encoding="utf-8") as stream:
        words = stream.read().lower().split()
    common = sum(word in "the of and a to in is it that for be or an by".split() for word in words)
    assert common / len(words) < 0.2


def test_the_default_text_is_the_same_in_another_process():
    program = "import numeric.texts as t; print(ascii(t.default_text()))"
    other = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"PYTHONHASHSEED": "7"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert other.stdout.strip() == ascii(default_text())


def test_a_shorter_default_text_is_a_beginning_of_the_longer():
    assert default_text().startswith(default_text(3_000))
    assert len(default_text(10**9)) > 40_000


def test_no_room_for_a_paragraph_is_an_error():
    with pytest.raises(ValueError, match="got 10 characters"):
        default_text(10)


@pytest.fixture
def file(tmp_path):
    return tmp_path / "text.txt"


def test_a_text_file_is_read_with_plain_line_ends(file):
    file.write_bytes("\ufeffcafé\r\nau\rlait\n".encode())
    assert read_text(file) == read_text(str(file)) == "café\nau\nlait\n"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is empty"),
        (b" \n\t", "only white space"),
        (b"abc\xe9def", "not UTF-8: byte 0xe9 at offset 3"),
        (b"ab\x00c", "not a text: it has a zero byte at offset 2"),
        ("text".encode("utf-16"), "byte"),
    ],
)
def test_what_is_not_a_text_is_refused(file, data, message):
    file.write_bytes(data)
    with pytest.raises(TextError, match=message):
        read_text(file)


def test_places_without_a_text_are_refused(tmp_path):
    with pytest.raises(TextError, match="there is no file"):
        read_text(tmp_path / "nothing.txt")
    with pytest.raises(TextError, match="is a folder"):
        read_text(tmp_path)
    with pytest.raises(TextError, match="device or a pipe"):
        read_text(os.devnull)


def test_a_file_without_permission_is_refused(file, monkeypatch):
    def refuse(path):
        raise PermissionError(13, "Permission denied")

    file.write_text("secret")
    monkeypatch.setattr(Path, "read_bytes", refuse)  # a test run as root could read any file
    with pytest.raises(TextError, match="cannot be read: Permission denied"):
        read_text(file)


def test_text_errors_are_value_errors_of_the_family():
    assert issubclass(TextError, PorismError) and issubclass(TextError, ValueError)
