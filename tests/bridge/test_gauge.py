"""The command about gauge symmetries: numbers, refusals, exit codes, the picture."""

import json
from functools import partial

import command_line
import pytest
import safetensors.torch

from bridge.gauge import gauge
from bridge.gauge_statements import STATEMENTS
from bridge.other_families import hindrances, usual
from formal import statements
from numeric.models import load_model
from numeric.symmetry import Architecture, symmetries

TEXT = "the same logits from other weights"


run = partial(command_line.run, "gauge")


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


def test_every_kind_of_symmetry_has_statements():
    sizes = {"layers": 1, "width": 4, "heads": 2, "groups": 2, "head_size": 2, "units": 3}
    rest = {"vocabulary": 5, "epsilon": 0.1, "activation": "any", "base": 10.0, "context": 4}
    kinds = {
        one.name
        for family in ("llama", "gpt2")
        for tied in (True, False)
        for one in symmetries(Architecture(family, tied=tied, **sizes, **rest))
    }
    assert kinds | {"rotations among equal final gains"} == STATEMENTS.keys()
    stated = {name for names in STATEMENTS.values() for name in names}
    assert all(statements()[name].kind == "identity" for name in stated)


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
    config["rope_parameters"] = {"rope_type": "dynamic", "factor": 2.0, "rope_theta": 10_000.0}
    (tmp_path / "config.json").write_text(json.dumps(config), encoding="utf-8")
    told = run("--model", tmp_path, "--text", text)
    assert told.exit_code == 3
    assert "gauge dimension not known" in told.stdout
    assert "rotary scaling 'dynamic'; expected default" in told.stdout
    assert "not checked on this one" in told.stdout


@pytest.mark.parametrize(
    ("family", "changes", "told"),
    [
        ("Qwen2", {}, ["biases (k_proj, q_proj, v_proj)"]),
        ("Qwen3", {"head_dim": 4}, ["norms of queries and keys (k_norm, q_norm)"]),
        ("Gemma2", {"head_dim": 4}, ["1 + gain", "capped"]),
        ("Phi", {}, ["biases (dense, fc1", "a part of each head (0.5)"]),
        ("Mistral", {"rope_parameters": {"rope_type": "linear", "factor": 2.0}}, ["linear"]),
        ("Mistral", {}, []),
    ],
)
def test_what_hinders_the_usual_symmetries_is_named(family, changes, told):
    import transformers

    sizes = {"vocab_size": 5, "hidden_size": 8, "intermediate_size": 6, "num_hidden_layers": 1}
    sizes |= {"num_attention_heads": 2, "num_key_value_heads": 2, "pad_token_id": 0}
    config = getattr(transformers, f"{family}Config")(**sizes | changes)
    model = getattr(transformers, f"{family}ForCausalLM")(config)
    found = hindrances(config.to_dict(), model.state_dict())
    assert len(found) == len(told)
    assert all(word in line for word, line in zip(told, found, strict=True)), found


def test_usual_symmetries_are_those_of_the_parts_that_there_are():
    attention = {"model.layers.0.self_attn.v_proj.weight": 0}
    head = {"lm_head.weight": 0}
    assert [one.split(":")[0] for one in usual({}, attention)] == ["attention"]
    assert len(usual({}, attention | head)) == 2
    assert len(usual({"tie_word_embeddings": True}, attention | head)) == 1
    assert usual({}, {"layers.0.mixer.conv1d.weight": 0}) == ()
    assert "no attention" in hindrances({}, {"layers.0.mixer.conv1d.weight": 0})[0]


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
