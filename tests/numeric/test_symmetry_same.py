"""Two checkpoints of one model are found to be one, and others are not."""

from dataclasses import replace

import pytest
import torch
from test_symmetry import GPT2, LLAMA, generator, point, tokens
from tiny_model import write_llama

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

LLAMAS = [LLAMA, replace(LLAMA, tied=False)]
both = pytest.mark.parametrize("arch", LLAMAS, ids=["tied", "untied"])


def disguised(arch, weights, seed):
    """The same model after a random element of every kind, epsilon kept."""
    for kind in symmetries(arch):
        if "epsilon" not in kind.name and kind.keeps == "logits":
            weights = kind.act(weights, kind.draw(generator(seed)))
    return weights


@both
@pytest.mark.parametrize("seed", range(5))
def test_a_disguised_model_is_found_to_be_the_same(arch, seed):
    weights = point(arch, seed)
    other = disguised(arch, weights, seed)
    found = same_weights(arch, weights, other, 1e-10)
    assert found, found
    ids = tokens(arch, 7)
    reached = found.transformation.act(arch, weights)
    assert float((logits(arch, reached, ids) - logits(arch, other, ids)).abs().max()) <= STILL


@both
def test_near_misses_are_other_models(arch):
    weights = point(arch)
    for miss in controls(arch):
        other = disguised(arch, miss.act(weights, miss.draw(generator())), 1)
        assert not same_weights(arch, weights, other, 1e-10), miss.name
    changed = disguised(arch, weights, 1)
    changed["gate"] = changed["gate"] * 1.000001
    found = same_weights(arch, weights, changed, 1e-10)
    assert not found and 1e-8 < found.difference < 1e-4


def test_rotations_among_equal_gains_are_found():
    gain = torch.tensor([1.0, 1, 1, 2, 2, 3, 4, 5], dtype=torch.float64)
    weights = point(LLAMA) | {"final_gain": gain}
    special = equal_gains(LLAMA, weights)
    other = special.act(weights, special.draw(generator()))
    assert same_weights(LLAMA, weights, other, 1e-10)


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
    with pytest.raises(ModelError, match="Llama family only"):
        same_weights(GPT2, point(GPT2), point(GPT2))
    with pytest.raises(ModelError, match="expected a transformer"):
        same_model(one, type("Other", (), {"name": "other"})())
