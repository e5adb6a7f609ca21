"""Two checkpoints of one model are found to be one, and others are not."""

import pytest
import torch
from test_symmetry import GPT2, LLAMA, NAMES, SIZES, generator, point, tokens
from tiny_model import write_gpt2, write_llama, write_qwen2

from numeric.errors import ModelError
from numeric.models import load_model
from numeric.symmetry import (
    balance,
    controls,
    equal_gains,
    logits,
    same_model,
    same_weights,
    symmetries,
)
from numeric.symmetry.examination import STILL
from numeric.symmetry.stream import turned_coordinates

each = pytest.mark.parametrize("arch", SIZES, ids=NAMES)


def disguised(arch, weights, seed):
    """The same model after a random element of every kind, epsilon kept."""
    for kind in symmetries(arch):
        if "epsilon" not in kind.name and kind.keeps == "logits":
            weights = kind.act(weights, kind.draw(generator(seed)))
    return weights


@each
@pytest.mark.parametrize("seed", range(5))
def test_a_disguised_model_is_found_to_be_the_same(arch, seed):
    weights = point(arch, seed)
    other = disguised(arch, weights, seed)
    found = same_weights(arch, weights, other, 1e-10)
    assert found, found
    ids = tokens(arch, 7)
    reached = found.transformation.act(arch, weights)
    assert float((logits(arch, reached, ids) - logits(arch, other, ids)).abs().max()) <= STILL


@each
def test_near_misses_are_other_models(arch):
    weights = point(arch)
    for miss in controls(arch):
        other = disguised(arch, miss.act(weights, miss.draw(generator())), 1)
        assert not same_weights(arch, weights, other, 1e-10), miss.name
    changed = disguised(arch, weights, 1)
    changed["up"] = changed["up"] * torch.tensor([1.000001, 1.0] * 3)[: arch.units, None]
    found = same_weights(arch, weights, changed, 1e-10)
    assert not found and 1e-8 < found.difference < 1e-4


def test_rotations_among_equal_gains_are_found():
    gain = torch.tensor([1.0, 1, 1, 2, 2, 3, 4, 5], dtype=torch.float64)
    weights = point(LLAMA) | {"final_gain": gain}
    special = equal_gains(LLAMA, weights)
    other = special.act(weights, special.draw(generator()))
    assert same_weights(LLAMA, weights, other, 1e-10)


def test_a_turn_that_mixes_unequal_gains_is_refused():
    # The turn of a tied head may be so chosen that the squares of its entries give other gains.
    angle = torch.tensor(0.3, dtype=torch.float64)
    turn = torch.eye(LLAMA.width, dtype=torch.float64)
    turn[:2, :2] = torch.tensor([[angle.cos(), -angle.sin()], [angle.sin(), angle.cos()]])
    weights = point(LLAMA)
    other = turned_coordinates(weights, turn)
    other["final_gain"] = (turn * turn) @ weights["final_gain"]
    found = same_weights(LLAMA, weights, other, 1e-10)
    assert not found and found.where == "final gains under the turn of the embeddings"
    weights = point(GPT2)
    turn = turn[: GPT2.width, : GPT2.width]
    found = same_weights(GPT2, weights, turned_coordinates(weights, turn), 1e-10)
    assert not found and found.where == "means of coordinates under the turn of the embeddings"


@each
def test_rounding_of_weights_is_allowed(arch):
    weights = point(arch)
    other = disguised(arch, weights, 2)
    rounded = ({n: w.float().double() for n, w in one.items()} for one in (weights, other))
    found = same_weights(arch, *rounded, 2e-6)
    assert 1e-9 < found.difference and found, found


@pytest.mark.parametrize("write", [write_gpt2, write_qwen2])
def test_checkpoints_with_biases_are_balanced_and_recognized(write, tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    write(source)
    one = load_model(source, "cpu")
    written = balance(one, tmp_path / "even").folder
    even = load_model(written, "cpu")
    found = same_model(one, even)
    assert found and found.difference < found.tolerance < 1e-5
    with torch.no_grad():
        next(value for name, value in even.model.named_parameters() if name.endswith("bias"))[
            0
        ] += 1e-3
    assert not same_model(one, even)


def test_checkpoints_are_compared_within_their_rounding(tmp_path):
    for name, changes in (("one", {}), ("two", {"rms_norm_eps": 0.5})):
        (tmp_path / name).mkdir()
        write_llama(tmp_path / name, **changes)
    one = load_model(tmp_path / "one", "cpu")
    written = balance(one, tmp_path / "balanced").folder
    assert same_model(one, load_model(written, "cpu"))
    assert same_model(one, one).difference < 1e-5
    found = same_model(one, load_model(tmp_path / "two", "cpu"))
    assert not found and found.where == "sizes or constants of the architectures"
    with pytest.raises(ModelError, match="expected a transformer"):
        same_model(one, type("Other", (), {"name": "other"})())
