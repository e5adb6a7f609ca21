"""The command about bundles: numbers, pictures, exit codes, refusals."""

import dataclasses
import json
from functools import partial

import command_line
import pytest

from bridge.bundle import LIMITS, as_text, bundle
from bridge.bundle_pictures import write_pictures
from numeric.models import load_model

run = partial(command_line.run, "bundle")


@pytest.fixture(scope="module")
def found(folder):
    return bundle(load_model(folder, "cpu"), positions=4, draws=3)


def test_all_is_said_drawn_and_held_to_its_bounds(found, tmp_path):
    told = as_text(found)
    assert found.exit_code == 0, told
    assert "96 prompts, each an amplitude of 4 hidden states (width 16)" in told
    assert (
        "along 2 layers (the last with the final norm), angles of Bures, mean of 11 prompts"
        in told
    )
    assert "tense x number" in told and "BROKEN" not in told
    assert all(line in told for line in LIMITS)
    assert [file.name for file in write_pictures(found, tmp_path)] == [
        "bundle-twins.svg",
        "bundle-loops.svg",
        "bundle-layers.svg",
    ]
    assert (tmp_path / "bundle-twins.pdf").stat().st_size > 1000


def test_the_command_prints_json_of_another_text(folder, tmp_path):
    file = tmp_path / "text.txt"
    file.write_text("other words", encoding="utf-8")
    told = run("--model", folder, "--positions", 5, "--draws", 9, "--text", file, "--json")
    data = json.loads(told.stdout)
    assert data["exit_code"] == told.exit_code == 0 and data["broken"] == []
    assert data["found"]["families"][0]["random"]["p_at_most"] >= 0.1
    assert data["twins"]["journeys"][1]["proper_time"] == pytest.approx(0.6)


def test_a_broken_bound_is_told(found):
    tokens = dataclasses.replace(found.found.tokens, angle=1.1)
    broken = dataclasses.replace(found, found=dataclasses.replace(found.found, tokens=tokens))
    assert broken.exit_code == 1 and "BROKEN: bounds of token states" in as_text(broken)


def test_bad_input_is_one_line(folder, tmp_path):
    file = tmp_path / "file"
    file.write_text("x", encoding="utf-8")
    for words, message in (
        (("--out", file), "expected a folder to write to"),
        (("--text", file, "--positions", "5"), "the continuation has 1 tokens, expected 5"),
        (("--positions", "40"), "positions: expected 2 to 16, got 40"),
    ):
        told = run("--model", folder, *words)
        assert told.exit_code == 2 and message in told.output
