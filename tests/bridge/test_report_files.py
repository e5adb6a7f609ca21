"""Files are whole or absent; findings are used again only for the same question."""

import json

import pytest

from bridge.report.files import replacing, writable_folder, write_text
from bridge.report.plain import exit_code, plain
from bridge.report.settings import parse_temperatures
from bridge.report.tasks import Findings, Task
from bridge.verdict import Status
from numeric.errors import InputError

FOUND = {
    "statement": "entropy",
    "group": "numbers",
    "seconds": 1.5,
    "evidence": [
        {"oracle": "balls", "status": "SUPPORTED", "detail": "d", "data": {}, "witness": None}
    ],
}


def test_an_interrupted_write_leaves_the_old_file(tmp_path):
    file = tmp_path / "ledger.json"
    write_text(file, "old")
    with pytest.raises(KeyboardInterrupt), replacing(file) as temporary:
        temporary.write_text("half")
        raise KeyboardInterrupt
    assert file.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["ledger.json"]


def test_a_folder_that_cannot_be_written_is_refused(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(InputError, match="is a file"):
        writable_folder(tmp_path / "file")
    with pytest.raises(InputError, match="is a file"):
        writable_folder(tmp_path / "file" / "below")
    with pytest.raises(InputError, match="cannot be written"):
        writable_folder("/proc/porism")
    assert writable_folder(tmp_path / "a" / "b").is_dir()


def test_a_finding_is_recalled_under_its_key_only(tmp_path):
    task = Task("entropy", "numbers")
    first = Findings(tmp_path / "kept")
    first.keep(task, "key", FOUND)
    again = Findings(tmp_path / "kept")
    assert not again.recall(task, "other key") and not list(again.of("entropy"))
    assert not again.recall(Task("free_energy", "numbers"), "key")
    assert again.recall(task, "key")
    (finding,) = again.of("entropy")
    assert finding.evidence[0].status is Status.SUPPORTED and finding.seconds == 1.5


def test_a_proof_is_never_recalled(tmp_path):
    task = Task("entropy", "kernel")
    findings = Findings(tmp_path / "kept")
    findings.keep(task, "key", FOUND | {"group": "kernel"})
    assert list(findings.of("entropy"))
    assert not Findings(tmp_path / "kept").recall(task, "key")


@pytest.mark.parametrize("damage", [b"", b"{", b"\xff\xfe", b"[]", b'{"format": "other/1"}'])
def test_a_damaged_finding_is_made_again(tmp_path, damage):
    findings = Findings(tmp_path)
    findings.keep(Task("entropy", "numbers"), "key", FOUND)
    (tmp_path / "entropy.numbers.json").write_bytes(damage)
    assert not Findings(tmp_path).recall(Task("entropy", "numbers"), "key")


def test_whatever_an_oracle_says_becomes_json():
    said = {"a": (1, float("nan")), 2: {"b": -float("inf")}, "s": Status.PROVED, "none": None}
    text = json.dumps(plain(said), allow_nan=False)
    assert json.loads(text) == {
        "a": [1, "nan"],
        "2": {"b": "-inf"},
        "s": "PROVED",
        "none": None,
    }


@pytest.mark.parametrize(
    ("found", "code"),
    [
        ([], 0),
        ([("identity", Status.PROVED), ("definition", Status.SUPPORTED)], 0),
        ([("identity", Status.PROVED), ("identity", Status.UNKNOWN)], 3),
        ([("identity", Status.UNKNOWN), ("identity", Status.REFUTED)], 1),
        ([("inequality", Status.UNDEFINED)], 1),
        ([("conjecture", Status.REFUTED), ("conjecture", Status.UNKNOWN)], 0),
    ],
)
def test_exit_codes(found, code):
    assert exit_code(found) == code


def test_temperatures_are_read_in_order():
    assert parse_temperatures("2, 0.5 1,1") == (0.5, 1.0, 2.0)


@pytest.mark.parametrize("text", ["0", "1,-2", "nan", "inf", "warm", "", ","])
def test_temperatures_out_of_the_domain_are_refused(text):
    with pytest.raises(ValueError, match="temperature: expected"):
        parse_temperatures(text)
