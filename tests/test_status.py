"""docs/status.json: what is proved and on what it rests has not changed unnoticed."""

import json
from pathlib import Path

import pytest
from sampled import sampled

from bridge.audit import record
from formal import statements
from formal.items import coverage

ROOT = Path(__file__).parent.parent
COMMAND = "python docs/generate_status.py"
WRITTEN = json.loads((ROOT / "docs" / "status.json").read_text(encoding="utf-8"))


def differences(written, found, place=""):
    """Where two records differ, one line each."""
    if isinstance(written, dict) and isinstance(found, dict):
        names = sorted(written.keys() | found.keys())
        return [
            line
            for name in names
            for line in differences(written.get(name), found.get(name), f"{place}/{name}")
        ]
    return [] if written == found else [f"{place}: {written} is now {found}"]


def test_every_statement_is_in_the_file():
    known = statements()
    assert WRITTEN["statements"].keys() == known.keys(), f"stale: run `{COMMAND}`"
    for name, row in WRITTEN["statements"].items():
        assert row["kind"] == known[name].kind and row["items"] == list(known[name].item), (
            f"{name} is stale: run `{COMMAND}`"
        )


@pytest.mark.slow
def test_nothing_has_drifted():
    """Every statement's items, and of a sample what it rests on."""
    known = statements()
    items = {item: row["statements"] for item, row in WRITTEN["items"].items()}
    drift = differences(items, json.loads(json.dumps(coverage(known))), "/items")
    for name in sampled(known):
        found = json.loads(json.dumps(record(known[name])))
        drift += differences(WRITTEN["statements"][name], found, f"/statements/{name}")
    assert not drift, "\n".join([*drift, f"if that is meant, run `{COMMAND}`"])


def test_drift_is_seen():
    name = "kl_divergence_nonneg"
    other = json.loads(json.dumps(WRITTEN))
    other["statements"][name]["hypotheses"][0]["used"] = False
    other["statements"]["entropy_nonneg"]["proved"] = False
    lines = differences(WRITTEN, other)
    assert len(lines) == 2 and any(name in line for line in lines)
