"""Symmetries of small random transformers: every kind, near misses, derivatives, completeness."""

import math
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
from numeric.symmetry.architecture import ATTENTION_BIASES, UNIT_BIASES
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
QWEN2 = replace(LLAMA, biases=ATTENTION_BIASES[:3])
BIASED = replace(LLAMA, tied=False, biases=ATTENTION_BIASES + UNIT_BIASES)
SIZES = [LLAMA, replace(LLAMA, tied=False), GPT2, replace(GPT2, tied=False), QWEN2, BIASED]
NAMES = ["llama", "untied llama", "gpt2", "untied gpt2", "qwen2", "llama with biases"]
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
        expected += L * K * h if "output_bias" in arch.biases else 0
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
    """A random architecture of a few hundred weights; every third a Llama, a Qwen2, a GPT-2."""
    r = random.Random(seed)
    common = {
        "tied": seed % 2 == 0,
        "epsilon": r.choice([0.0, 0.1]),
        "units": r.choice([3, 4]),
    }
    if seed % 3 == 2:
        layers, heads, width = r.choice([(1, 2, 4), (2, 2, 4), (1, 3, 6)])
        return replace(
            GPT2,
            layers=layers,
            width=width,
            heads=heads,
            groups=heads,
            head_size=2,
            context=r.choice([4, 5]),
            vocabulary=width + r.choice([2, 3]),
            **common,
        )
    groups, shared, size = r.choice([(1, 1, 4), (1, 2, 2), (2, 1, 2), (2, 2, 2), (1, 2, 4)])
    width = r.choice([5, 6])
    return replace(
        LLAMA,
        vocabulary=width + r.choice([2, 3]),
        layers=r.choice([1, 2]) if groups * shared * size < 8 else 1,
        width=width,
        heads=groups * shared,
        groups=groups,
        head_size=size,
        base=r.choice([1.0, 100.0]),  # 1: all frequencies coincide
        biases=BIASES[seed // 6 % 4] if seed % 3 else (),
        **common,
    )


BIASES = [ATTENTION_BIASES[:3], ATTENTION_BIASES, UNIT_BIASES, ATTENTION_BIASES + UNIT_BIASES]
SEEDS = range(30)


def texts(arch, seed):
    """Random tokens for more hidden components, by a third, than weights."""
    length = arch.context or 8
    rows = 4 * parameters(arch) // (3 * length * (arch.width - 1)) + 2
    return tokens(arch, rows, length, seed=seed)


@pytest.mark.parametrize("seed", SEEDS)
def test_there_are_no_other_directions(seed):
    arch = small(seed)
    weights, ids = point(arch, seed), texts(arch, seed)
    probabilities = seed % 4 < 2
    found = nullity(arch, weights, ids, probabilities=probabilities)
    assert found.dimension == gauge_dimension(arch, probabilities=probabilities), arch
    assert found.gap >= 1e6


def test_the_random_sizes_are_of_every_sort():
    seen = [small(seed) for seed in SEEDS]
    llamas = [one for one in seen if one.family == "llama"]
    sorts = {(one.biases, one.tied) for one in llamas} | {one.shared for one in llamas}
    assert sorts == {(biases, tied) for biases in [(), *BIASES] for tied in (True, False)} | {1, 2}
    assert {one.tied for one in seen if one.family == "gpt2"} == {True, False}
    assert {one.layers for one in seen} == {1, 2} and len(llamas) == 20


@pytest.mark.parametrize("biases", [(), *BIASES])
def test_so_few_tokens_that_there_are_more_directions_are_refused(biases):
    sizes = {"layers": 1, "width": 4, "heads": 1, "groups": 1, "head_size": 2, "units": 2}
    arch = replace(LLAMA, vocabulary=5 if "key_bias" in biases else 4, biases=biases, **sizes)
    found = nullity(arch, point(arch), texts(arch, 0), probabilities=True)
    assert found.dimension > gauge_dimension(arch, probabilities=True)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_dimension_that_is_off_by_one_is_seen(seed):
    # With epsilon 0 the scale of the stream is one direction more than with epsilon 0.1.
    arch, without = (replace(small(seed), epsilon=epsilon) for epsilon in (0.1, 0.0))
    found = nullity(arch, point(arch, seed), texts(arch, seed))
    assert found.dimension + 1 == gauge_dimension(without)


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
        ({"model_type": "mamba"}, "expected .* Llama family .* or of .*, got model_type 'mamba'"),
        ({"model_type": "qwen2", "head_dim": 6}, "biases of 2 values of size 6 in width 8"),
        (
            {"attention_bias": True, "rope_parameters": {"rope_theta": 1 / (2 * math.pi) ** 2}},
            "biases of keys in a rotary plane that stands still",
        ),
        ({"rope_parameters": {"rope_type": "yarn"}}, "'yarn'; expected default or linear or"),
        ({"rope_parameters": {"rope_type": "llama3", "factor": 2}}, "without low_freq_factor, hi"),
        ({"rope_parameters": {"partial_rotary_factor": 0.5}}, "partial_rotary_factor 0.5"),
        ({"hidden_act": "relu"}, "hidden_act 'relu'; expected silu"),
        ({"head_dim": 3}, "rotary heads of odd size"),
        ({"head_dim": 10}, "heads of size 10 in width 8; expected at most 8"),
        ({"num_key_value_heads": 3}, "4 heads in 3 groups"),
        ({"vocab_size": 9}, "9 tokens in width 8; expected at least 10"),
        ({"rms_norm_eps": -1.0}, "a norm with epsilon -1.0"),
    ],
)
def test_what_has_other_symmetries_is_refused(change, message):
    assert architecture(CONFIG) == LLAMA
    with pytest.raises(UnknownSymmetry, match=message):
        architecture(CONFIG | change)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"n_embd": 3}, "a LayerNorm of width 3; expected at least 4"),
        ({"n_positions": 1}, "a single position"),
        ({"activation_function": "relu"}, "'relu'; expected a GELU"),
        ({"n_head": 4}, "n_embd 6 with n_head 4; expected a multiple"),
    ],
)
def test_another_gpt2_is_refused(change, message):
    own = {"n_embd": 6, "n_head": 3, "n_layer": 2, "n_positions": 7, "n_inner": 5}
    own |= {"model_type": "gpt2", "vocab_size": 11, "layer_norm_epsilon": 0.01}
    own["activation_function"] = "gelu_new"
    with pytest.raises(UnknownSymmetry, match="expected a gpt2 configuration with 'n_embd'"):
        architecture({"model_type": "gpt2", "activation_function": "gelu"})
    assert architecture(own) == GPT2
    with pytest.raises(UnknownSymmetry, match=message):
        architecture(own | change)


LOW = {"low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 32}
VARIANTS = {
    "biased Llama": {"attention_bias": True, "mlp_bias": True},
    "longer Llama": {"rope_parameters": {"rope_theta": 9.0, "rope_type": "linear", "factor": 4.0}},
    "Llama 3": {
        "rope_parameters": {"rope_theta": 9.0, "rope_type": "llama3", "factor": 4.0, **LOW},
        "head_dim": 8,
    },
}


@pytest.mark.parametrize("family", ["Llama", "Mistral", "Qwen2", "gpt2", *VARIANTS])
@pytest.mark.parametrize("tied", [True, False])
def test_logits_are_those_of_transformers(family, tied):
    import transformers

    if family != "gpt2":
        changes = {"tie_word_embeddings": tied}
        if family in VARIANTS:
            changes |= VARIANTS[family]
            family = "Llama"
        changes["model_type"] = family.lower()
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
