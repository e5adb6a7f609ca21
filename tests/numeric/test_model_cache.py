"""The cache never gives what it was not told to keep, and never keeps half of it."""

import json
import os
import subprocess
import sys

import pytest

from numeric import model_cache
from numeric.errors import ModelError
from numeric.model_cache import cache_entries, cache_folder, clear_cache, converted

HASH = "0123456789abcdef" * 4


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("PORISM_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def source(tmp_path):
    return tmp_path / "model.gguf"


class Converter:
    """Writes two files and counts how often it was asked to."""

    def __init__(self):
        self.calls = 0

    def __call__(self, folder):
        self.calls += 1
        (folder / "model.safetensors").write_bytes(b"weights" * 1000)
        (folder / "config.json").write_text("{}")


def test_a_source_is_converted_once(source):
    convert = Converter()
    first, second = (converted(source, HASH, convert) for _ in range(2))
    assert first == second and convert.calls == 1
    assert (first / "model.safetensors").read_bytes() == b"weights" * 1000


def flip_a_bit(entry):
    file = entry / "model.safetensors"
    data = bytearray(file.read_bytes())
    data[3500] ^= 1
    status = file.stat()
    file.write_bytes(data)
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))  # same size, same times


def change_entry(key, value):
    def change(entry):
        file = entry / "entry.json"
        file.write_text(json.dumps(json.loads(file.read_text()) | {key: value}))

    return change


def rename_a_file_in_entry(entry):
    file = entry / "entry.json"
    file.write_text(file.read_text().replace("config.json", "../config.json"))


DAMAGES = {
    "a flipped bit": flip_a_bit,
    "a cut file": lambda entry: os.truncate(entry / "model.safetensors", 100),
    "a missing file": lambda entry: (entry / "config.json").unlink(),
    "a file too many": lambda entry: (entry / "generation_config.json").write_text("{}"),
    "no entry": lambda entry: (entry / "entry.json").unlink(),
    "half an entry": lambda entry: os.truncate(entry / "entry.json", 50),
    "an entry that is no object": lambda entry: (entry / "entry.json").write_text("[]"),
    "an entry that is no text": lambda entry: (entry / "entry.json").write_bytes(b"\xff\x00"),
    "files that are no object": change_entry("files", ["config.json"]),
    "files without hashes": change_entry("files", {"config.json": 1, "model.safetensors": 2}),
    "a file elsewhere": rename_a_file_in_entry,
    "another format": change_entry("format", "porism.model/0"),
    "another converter": change_entry("converters", {"transformers": "4.0.0"}),
    "another source": change_entry("sha256", "f" * 64),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_a_damaged_copy_is_made_again(source, damage):
    convert = Converter()
    damage(converted(source, HASH, convert))
    entry = converted(source, HASH, convert)
    assert convert.calls == 2
    assert (entry / "model.safetensors").read_bytes() == b"weights" * 1000
    assert converted(source, HASH, convert) == entry and convert.calls == 2


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, ModelError, OSError])
def test_an_interrupted_conversion_leaves_nothing(source, folder, interruption):
    def convert(target):
        (target / "model.safetensors").write_bytes(b"wei")
        raise interruption

    with pytest.raises(interruption):
        converted(source, HASH, convert)
    assert cache_entries() == []
    assert [path.name for path in (folder / "models").iterdir()] == [f"{HASH}.lock"]
    converted(source, HASH, Converter())
    assert len(cache_entries()) == 1


def test_what_a_killed_process_left_is_swept(source, folder):
    partial = folder / "models" / f"{HASH}.abc.partial"
    partial.mkdir(parents=True)
    (partial / "model.safetensors").write_bytes(b"wei")
    converted(source, HASH, Converter())
    assert not partial.exists()


CONVERT_SLOWLY = """
import sys, time
from pathlib import Path
from numeric.model_cache import converted

def convert(folder):
    print("converting", flush=True)
    time.sleep(1)
    (folder / "config.json").write_text("{}")

converted(Path("model.gguf"), sys.argv[1], convert)
"""


def test_two_processes_convert_once():
    command = [sys.executable, "-c", CONVERT_SLOWLY, HASH]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = [process.communicate(timeout=120)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert sorted(said) == ["", "converting\n"]


def test_entries_say_what_they_are(source):
    converted(source, HASH, Converter())
    (entry,) = cache_entries()
    assert (entry.sha256, entry.source) == (HASH, "model.gguf")
    assert entry.format == model_cache.FORMAT
    assert entry.bytes == sum(file.stat().st_size for file in entry.folder.iterdir()) > 7000


def test_a_damaged_entry_is_listed_as_damaged(source):
    (converted(source, HASH, Converter()) / "entry.json").write_text("{")
    assert [entry.format for entry in cache_entries()] == ["damaged"]


def test_clearing_touches_only_what_the_cache_made(source, folder):
    entry = converted(source, HASH, Converter())
    (folder / "models" / "mine").mkdir()
    (folder / "models" / "mine" / "weights").write_text("precious")
    (folder / "thesis.tex").write_text("precious")
    size = cache_entries()[0].bytes
    assert clear_cache() == size
    assert not entry.exists() and cache_entries() == [] and clear_cache() == 0
    assert (folder / "models" / "mine" / "weights").exists() and (folder / "thesis.tex").exists()


def test_an_empty_cache_is_fine(folder):
    assert cache_entries() == [] and clear_cache() == 0
    assert not folder.exists()


def test_a_folder_that_cannot_be_made_is_an_os_error(source, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("PORISM_CACHE", str(tmp_path / "file"))
    with pytest.raises(OSError):
        converted(source, HASH, Converter())
    assert cache_entries() == []


def test_a_lock_that_is_held_is_an_error_of_one_line(source, monkeypatch):
    converted(source, HASH, Converter())
    monkeypatch.setattr(model_cache, "LOCK_SECONDS", 0.1)
    with model_cache._lock(HASH, seconds=1), pytest.raises(ModelError, match="another process"):
        converted(source, HASH, Converter())


def test_the_environment_names_the_folder(monkeypatch, tmp_path):
    assert cache_folder() == tmp_path / "cache"
    monkeypatch.delenv("PORISM_CACHE")
    assert cache_folder().name in {"porism", "Cache"}
