"""Symmetries of small random transformers: every kind, near misses, derivatives, completeness."""

import os
import random
from dataclasses import replace

import pytest
import torch

from numeric.errors import InputError
from numeric.symmetry import (
    Architecture,
    NoGap,
    UnknownSymmetry,
    architecture,
    charges,
    controls,
    descended,
    equal_gains,
    examine,
    flowed,
    gauge_dimension,
    gradients,
    hessian,
    logits,
    nullity,
    parameters,
    random_weights,
    stacked,
    state_dict,
    symmetries,
    ward,
)
from numeric.symmetry.examination import HESSIAN, STILL, VISIBLE, WARD

LLAMA = Architecture(
    "llama",
    layers=2,
    width=8,
    heads=4,
    groups=2,
    head_size=4,
    units=6,
    vocabulary=11,
    tied=True,
    epsilon=0.01,
    activation="silu",
    base=100.0,
)
GPT2 = Architecture(
    "gpt2",
    layers=2,
    width=6,
    heads=3,
    groups=3,
    head_size=2,
    units=5,
    vocabulary=11,
    tied=True,
    epsilon=0.01,
    activation="gelu_new",
    context=7,
)
SIZES = [LLAMA, replace(LLAMA, tied=False), GPT2, replace(GPT2, tied=False)]
NAMES = ["llama", "untied llama", "gpt2", "untied gpt2"]
each = pytest.mark.parametrize("arch", SIZES, ids=NAMES)


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def tokens(arch, *shape, seed=0):
    return torch.randint(0, arch.vocabulary, shape, generator=generator(seed))


def point(arch, seed=0):
    return random_weights(arch, generator(seed))


@each
def test_every_symmetry_keeps_the_logits_and_every_near_miss_moves_them(arch):
    found = examine(arch, point(arch), tokens(arch, 7))
    assert not found.broken
    assert not found.unseen
    assert found.together <= STILL
    for one in found.symmetries:
        assert one.deviation <= STILL, one
        assert one.composition <= 1e-13, one
        assert one.moved > 1e-2, one
        # What cancels in a Ward identity is no rounding, except where one weight alone moves.
        assert one.ward is None or one.ward <= WARD, one
    assert max(one.ward_scale for one in found.symmetries if one.ward_scale) > 1e-2
    assert found.hessian.residual <= HESSIAN < 1e-3 < found.hessian.scale


@each
def test_the_dimension_is_that_of_the_formula(arch):
    L, K, h, d = arch.layers, arch.groups, arch.head_size, arch.width
    f, V, n = arch.units, arch.vocabulary, arch.heads * arch.head_size
    if arch.family == "llama":
        expected = L * (2 * d + K * h + K * h * h + f)
        expected += 0 if arch.tied else d + d * (d - 1) // 2
    else:
        expected = L * (4 * d + 6 * n + 2 * K * h * h + 2 * f + 2) + arch.context
        expected += 0 if arch.tied else V + (d - 1) + 2 * d + (d - 1) * (d - 2) // 2
    assert gauge_dimension(arch) == expected
    # Shifts of all logits: by the head alone, or by tokens and positions; not by a tied Llama.
    more = 0 if arch.tied and arch.family == "llama" else d
    assert gauge_dimension(arch, probabilities=True) == expected + more


def test_the_dimension_of_published_sizes():
    smollm2 = Architecture(
        "llama", 30, 576, 9, 3, 64, 1536, 49152, True, 1e-5, "silu", base=100_000.0
    )
    assert gauge_dimension(smollm2) == 455_040
    assert parameters(smollm2) == 134_515_008
    gpt2 = Architecture(
        "gpt2", 12, 768, 12, 12, 64, 3072, 50257, True, 1e-5, "gelu_new", context=1024
    )
    assert gauge_dimension(gpt2) == 1_346_584
    assert parameters(gpt2) == 124_439_808


def small(seed):
    """A random architecture of a few hundred weights."""
    r = random.Random(seed)
    if seed % 2:
        heads, width = r.choice([(2, 4), (2, 4), (3, 6)])
        return replace(
            GPT2,
            layers=r.choice([1, 2]),
            width=width,
            heads=heads,
            groups=heads,
            head_size=2,
            units=r.choice([3, 4]),
            vocabulary=r.choice([7, 9]),
            context=r.choice([4, 5]),
            tied=r.random() < 0.5,
            epsilon=r.choice([0.0, 0.1]),
        )
    groups, shared, size = r.choice([(1, 1, 4), (1, 2, 2), (2, 1, 2), (2, 2, 2), (1, 2, 4)])
    return replace(
        LLAMA,
        layers=r.choice([1, 2]) if size == 2 else 1,
        width=r.choice([5, 6]),
        heads=groups * shared,
        groups=groups,
        head_size=size,
        units=r.choice([3, 4]),
        vocabulary=r.choice([7, 9]),
        tied=r.random() < 0.5,
        epsilon=r.choice([0.0, 0.1]),
        base=r.choice([1.0, 100.0]),  # 1: all frequencies coincide
    )


def texts(arch, seed):
    """Enough random tokens for twice as many hidden components as weights."""
    length = arch.context or 8
    rows = 2 * parameters(arch) // (length * (arch.width - 1)) + 2
    return tokens(arch, rows, length, seed=seed)


# Small ones of both families; `make test ALL=1` takes 24, which is most of this file's time.
SEEDS = range(24) if os.environ.get("PORISM_TEST_ALL") else (1, 2, 3, 6, 10, 19)


@pytest.mark.parametrize("seed", SEEDS)
def test_there_are_no_other_directions(seed):
    arch = small(seed)
    weights, ids = point(arch, seed), texts(arch, seed)
    probabilities = seed % 3 == 0
    found = nullity(arch, weights, ids, probabilities=probabilities)
    assert found.dimension == gauge_dimension(arch, probabilities=probabilities), arch
    assert found.gap >= 1e6


@pytest.mark.parametrize("pattern", [(1, 1, 1, 2, 2, 3), (1, 1, 1, 1, 1, 1), (1, -1, 1, -1, 1, 1)])
def test_equal_final_gains_are_more_symmetric(pattern):
    arch = replace(LLAMA, layers=1, width=6, heads=2, groups=1, head_size=2, units=3, vocabulary=7)
    weights = point(arch) | {"final_gain": torch.tensor(pattern, dtype=torch.float64)}
    special = equal_gains(arch, weights)
    found = nullity(arch, weights, texts(arch, 0))
    assert found.dimension == gauge_dimension(arch) + special.dimension
    assert equal_gains(arch, point(arch)) is None
    tried = examine(arch, weights, tokens(arch, 7)).symmetries[-1]
    assert tried.at_this_point and tried.deviation <= STILL and tried.ward <= WARD


def test_a_rank_without_a_gap_is_not_told():
    # So small a constant of norms makes the scale of the stream almost a symmetry.
    arch = replace(LLAMA, layers=1, width=5, heads=1, groups=1, head_size=2, units=3, vocabulary=7)
    nearly = replace(arch, epsilon=1e-9)
    with pytest.raises(NoGap, match="no rank can be told: the widest gap .* expected 1e"):
        nullity(nearly, point(nearly), texts(nearly, 0))
    with pytest.raises(InputError, match="give more tokens"):
        nullity(arch, point(arch), tokens(arch, 3))


def test_an_identity_fails_for_what_is_no_symmetry():
    weights, ids = point(LLAMA), tokens(LLAMA, 7)
    gradient = gradients(LLAMA, weights, ids)
    gates = next(one for one in controls(LLAMA) if one.name.startswith("gates"))
    scales = next(one for one in symmetries(LLAMA) if one.name.startswith("scales of gated"))
    wrong = replace(scales, act=gates.act)
    assert ward(wrong, weights, gradient).residual > 1e6 * WARD
    assert hessian(LLAMA, weights, ids, [wrong], generator()).residual > 1e6 * HESSIAN


def test_epsilon_breaks_the_scale_by_its_own_derivative():
    found = examine(LLAMA, point(LLAMA), tokens(LLAMA, 7), curvature=False).anomaly
    assert abs(found.weights) > 1e-6
    assert abs(found.weights + found.epsilon) <= WARD
    without = replace(LLAMA, epsilon=0.0)
    found = examine(without, point(without), tokens(without, 7), curvature=False).anomaly
    assert abs(found.weights) <= WARD and found.epsilon == 0


def conserved(arch, weights):
    kinds = [one for one in symmetries(arch) if one.linear]
    return torch.cat([charges(one, weights).flatten() for one in kinds])


@pytest.mark.parametrize("arch", [LLAMA, GPT2], ids=["llama", "gpt2"])
def test_charges_stay_along_gradient_flow_and_drift_with_the_rate(arch):
    weights, ids = point(arch), tokens(arch, 7)
    before = conserved(arch, weights)

    def drift(after):
        return float((conserved(arch, after) - before).abs().max())

    rough, end = (flowed(arch, weights, ids, 0.02, steps) for steps in (8, 16))
    # The method is of fourth order, and what is left is its error: twice the steps, 1/16 of it.
    assert drift(end) < 1e-5 and drift(rough) > 12 * drift(end)
    assert float((end["up"] ** 2 - weights["up"] ** 2).sum(-1).abs().max()) > 1e-3  # no charge
    coarse, fine = (drift(descended(arch, weights, ids, 0.02 / n, n)) for n in (20, 40))
    assert 1e-6 < fine < coarse
    assert 1.8 < coarse / fine < 2.2


def test_charges_are_differences_of_squares():
    weights = point(LLAMA)
    kinds = {one.name: one for one in symmetries(LLAMA)}
    squares = (weights["up"] ** 2).sum(-1) - (weights["down"] ** 2).sum(-2)
    assert torch.allclose(charges(kinds["scales of gated units"], weights), squares, atol=1e-13)
    found = charges(kinds["values and outputs"], weights)
    value, output = weights["value"], weights["output"]
    matrix = value @ value.mT - torch.einsum("lkrdi,lkrdj->lkij", output, output)
    assert torch.allclose(found, matrix, atol=1e-13)
    planes = charges(kinds["queries and keys under rotary positions"], weights)
    assert float(planes[..., 1].abs().max()) <= 1e-13  # rotations conserve nothing


def test_singular_elements_are_no_elements():
    kinds = {one.name: one for one in symmetries(LLAMA)}
    weights = point(LLAMA)
    values = kinds["values and outputs"]
    with pytest.raises(InputError, match="expected invertible matrices, one is singular"):
        values.act(weights, torch.ones_like(values.identity))
    gains = kinds["gains before attention"]
    with pytest.raises(InputError, match="expected scales that are finite and not zero"):
        gains.act(weights, torch.zeros_like(gains.identity))


CONFIG = {
    "model_type": "llama",
    "vocab_size": 11,
    "hidden_size": 8,
    "intermediate_size": 6,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 4,
    "hidden_act": "silu",
    "rms_norm_eps": 0.01,
    "tie_word_embeddings": True,
    "rope_parameters": {"rope_theta": 100.0, "rope_type": "default"},
}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"model_type": "mamba"}, "expected .* Llama or GPT-2 family, got model_type 'mamba'"),
        ({"attention_bias": True}, "attention_bias .*; expected no biases"),
        ({"mlp_bias": True}, "mlp_bias .*; expected no biases"),
        ({"rope_parameters": {"rope_type": "yarn"}}, "rotary scaling 'yarn'; expected default"),
        ({"rope_parameters": {"partial_rotary_factor": 0.5}}, "partial_rotary_factor 0.5"),
        ({"hidden_act": "relu"}, "hidden_act 'relu'; expected silu"),
        ({"head_dim": 3}, "rotary heads of odd size"),
        ({"head_dim": 10}, "heads of size 10 in width 8; expected at most 8"),
        ({"num_key_value_heads": 3}, "4 heads in 3 groups"),
        ({"rms_norm_eps": -1.0}, "a norm with epsilon -1.0"),
    ],
)
def test_what_has_other_symmetries_is_refused(change, message):
    assert architecture(CONFIG) == LLAMA
    with pytest.raises(UnknownSymmetry, match=message):
        architecture(CONFIG | change)


@pytest.mark.parametrize("family", ["Llama", "Mistral", "gpt2"])
@pytest.mark.parametrize("tied", [True, False])
def test_logits_are_those_of_transformers(family, tied):
    import transformers

    if family != "gpt2":
        changes = {"tie_word_embeddings": tied, "model_type": family.lower()}
        config = getattr(transformers, f"{family}Config")(**CONFIG | changes)
        model = getattr(transformers, f"{family}ForCausalLM")(config)
    else:
        config = transformers.GPT2Config(
            vocab_size=11,
            n_embd=6,
            n_head=3,
            n_layer=2,
            n_positions=7,
            tie_word_embeddings=tied,
            bos_token_id=0,
            eos_token_id=0,
        )
        model = transformers.GPT2LMHeadModel(config)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(0.5 * torch.randn(parameter.shape, generator=generator()))
    model.eval()
    arch = architecture(config.to_dict())
    weights = stacked(arch, model.state_dict())
    assert parameters(arch) == sum(parameter.numel() for parameter in model.parameters())
    written = state_dict(arch, weights, torch.float32)
    assert all(torch.equal(value, model.state_dict()[name]) for name, value in written.items())
    with pytest.raises(UnknownSymmetry, match="for the weight model.layers.0.extra.bias"):
        stacked(arch, {**model.state_dict(), "model.layers.0.extra.bias": torch.zeros(1)})
    ids = tokens(arch, 7)
    theirs = model(ids[None]).logits[0].detach()
    ours = logits(arch, weights, ids)
    assert float((ours - theirs).abs().max()) < 1e-4 < VISIBLE
