"""The command about gauge symmetries: numbers, refusals, exit codes, the picture."""

import json

import pytest
import safetensors.torch
from tiny_model import write_llama
from typer.testing import CliRunner

from bridge.cli import app
from bridge.gauge import gauge
from numeric.models import load_model

TEXT = "the same logits from other weights"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("tiny")
    write_llama(place)
    return place


@pytest.fixture(scope="module")
def text(tmp_path_factory):
    file = tmp_path_factory.mktemp("text") / "text.txt"
    file.write_text(TEXT, encoding="utf-8")
    return str(file)


def run(*words):
    return CliRunner().invoke(app, ["gauge", *map(str, words)])


def test_a_model_is_counted_and_tried(folder, text, tmp_path):
    told = run("--model", folder, "--text", text, "--picture", tmp_path)
    assert told.exit_code in (0, 3), told.output
    assert "gauge dimension 408 of 12,912 weights" in told.stdout
    assert "BROKEN" not in told.stdout
    for name in ("gauge.svg", "gauge.pdf"):
        assert (tmp_path / name).stat().st_size > 1000
    assert "near misses" in (tmp_path / "gauge.svg").read_text(encoding="utf-8")


def test_json_holds_all_that_was_tried(folder, text):
    told = run("--model", folder, "--text", text, "--json", "--no-hessian")
    data = json.loads(told.stdout)
    assert data["dimension"] == 408 and data["probabilities"] == 424
    assert data["broken"] == [] and data["found"]["hessian"] is None
    assert sum(one["dimension"] for one in data["found"]["symmetries"]) == 424
    assert data["exit_code"] == told.exit_code


def test_balanced_weights_are_written_and_recognized(folder, tmp_path):
    told = run("--model", folder, "--balance", tmp_path / "even")
    assert told.exit_code == 0, told.output
    assert "values and outputs" in told.stdout and "in float64" in told.stdout
    again = run("--model", folder, "--balance", tmp_path / "even")
    assert again.exit_code == 2 and "expected a new folder" in again.output
    same = run("--model", folder, "--against", tmp_path / "even", "--json")
    data = json.loads(same.stdout)
    assert same.exit_code == 0 and data["same"] and data["difference"] < 1e-6
    state = safetensors.torch.load_file(tmp_path / "even" / "model.safetensors")
    state["model.layers.1.mlp.gate_proj.weight"][3, 5] += 1e-3
    safetensors.torch.save_file(state, tmp_path / "even" / "model.safetensors", {"format": "pt"})
    other = run("--model", folder, "--against", tmp_path / "even")
    assert other.exit_code == 1 and "no gauge transformation" in other.stdout
    assert run("--balance", "x", "--against", "y").exit_code == 2


def test_other_families_get_no_number(folder, text, tmp_path):
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    for file in folder.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    config["rope_parameters"] = {"rope_type": "linear", "factor": 2.0, "rope_theta": 10_000.0}
    (tmp_path / "config.json").write_text(json.dumps(config), encoding="utf-8")
    told = run("--model", tmp_path, "--text", text)
    assert told.exit_code == 3
    assert "gauge dimension not known" in told.stdout
    assert "rotary scaling 'linear'; expected default" in told.stdout
    assert "not checked on this one" in told.stdout


def test_a_broken_symmetry_is_told(folder, monkeypatch):
    from numeric.symmetry import examination

    monkeypatch.setattr(examination, "STILL", 1e-30)
    found = gauge(load_model(folder, "cpu"), TEXT, curvature=False)
    assert found.exit_code == 1 and found.found.broken


def test_bad_input_is_one_line(folder, text, tmp_path):
    file = tmp_path / "file"
    file.write_text("x", encoding="utf-8")
    told = run("--model", folder, "--text", text, "--picture", file)
    assert told.exit_code == 2 and "expected a folder to write to" in told.output
    assert run("--positions", "1").exit_code == 2
