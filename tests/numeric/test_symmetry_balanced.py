"""Balanced weights: least norm by nuclear norms, vanishing charges, an equal checkpoint."""

import pytest
import torch
from test_symmetry import BIASED, GPT2, LLAMA, point, tokens
from tiny_model import write_llama

from numeric.errors import InputError, ModelError
from numeric.models import load_model
from numeric.symmetry import balance, balanced, charges, logits, symmetries
from numeric.symmetry.balanced import MOVED, VALUES, squares
from numeric.symmetry.examination import STILL

each = pytest.mark.parametrize("arch", [LLAMA, BIASED, GPT2], ids=["llama", "biases", "gpt2"])


@each
def test_charges_of_balanced_weights_vanish_and_logits_stay(arch):
    weights, ids = point(arch), tokens(arch, 7)
    found = balanced(arch, weights)
    assert float((logits(arch, found, ids) - logits(arch, weights, ids)).abs().max()) <= STILL
    kinds = [one for one in symmetries(arch) if one.name in MOVED[arch.family]]
    assert len(kinds) == len(MOVED[arch.family])
    for kind in kinds:
        assert float(charges(kind, weights).abs().max()) > 1e-2
        assert float(charges(kind, found).abs().max()) <= 1e-12
    before, after = squares(arch, weights), squares(arch, found)
    assert all(after[kind] < before[kind] for kind in before)


def test_the_least_norm_is_twice_the_nuclear_norm():
    weights = point(LLAMA)
    product = weights["output"].flatten(2, 3) @ weights["value"]
    least = 2 * float(torch.linalg.svdvals(product).sum())
    found = squares(LLAMA, balanced(LLAMA, weights))[VALUES]
    assert abs(found - least) <= 1e-12 * least


def test_weights_without_a_least_norm_are_refused():
    weights = point(LLAMA)
    flat = weights | {"value": torch.zeros_like(weights["value"])}
    with pytest.raises(InputError, match="of full rank; no least norm"):
        balanced(LLAMA, flat)
    with pytest.raises(InputError, match="not zero; no least norm"):
        balanced(LLAMA, weights | {"up": torch.zeros_like(weights["up"])})


def test_a_balanced_checkpoint_is_an_equal_model(tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    write_llama(source)
    model = load_model(source, "cpu")
    found = balance(model, tmp_path / "balanced")
    assert found.deviation <= STILL < found.rounded < 1e-4
    assert all(found.after[kind] < found.before[kind] for kind in found.before)
    again = load_model(found.folder, "cpu")
    ids = list(range(12))
    assert float((again.logits(ids) - model.logits(ids)).abs().max()) < 1e-4
    own, theirs = (one.model.state_dict() for one in (model, again))
    assert any(not torch.equal(own[name], theirs[name]) for name in own)
    with pytest.raises(InputError, match="expected a new folder"):
        balance(model, found.folder)
    with pytest.raises(ModelError, match="expected a transformer"):
        balance(type("Other", (), {"name": "other"})(), tmp_path / "other")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["balanced", "source"]
