"""Bundles over prompts: what is planted is found, what is not there is not, and bad input."""

import math

import pytest
import torch
from tiny_model import write_llama

from numeric.boltzmann import entropy
from numeric.bundle import (
    amplitude_holonomy,
    bures_angle,
    examine_layers,
    rotation_angles,
    wasserstein_distance,
)
from numeric.bundle.contexts import Contexts, read_contexts
from numeric.bundle.disentanglement import (
    curvature_blocks,
    fisher_blocks,
    mixed_share,
    reducibility,
)
from numeric.bundle.examination import examine
from numeric.bundle.loops import families, loop_turns, pairs, shrunk
from numeric.bundle.prompts import FRAMES, PARAPHRASES, loops, prompts
from numeric.bundle.tokens import examine_tokens, token_states, von_neumann_entropy
from numeric.bundle.transport import relative
from numeric.errors import InputError, TextError
from numeric.language_model import Head
from numeric.models import load_model


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    place = tmp_path_factory.mktemp("tiny")
    write_llama(place)
    return load_model(place, "cpu")


def normal(*shape, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=generator, dtype=torch.float64)


def of_noise(names, d=12, n=4, seed=0):
    """Amplitudes near one, each off by noise of its own."""
    return Contexts(
        tuple(names), normal(d, n, seed=seed) + 0.5 * normal(len(names), d, n, seed=1), ()
    )


def test_prompts_are_what_they_say():
    assert len(prompts()) == 96 and len(set(prompts())) == 96
    assert {name: len(kind) for name, kind in loops().items()} == {
        "wording": 6,
        "language": 6,
        "tense": 16,
        "tense x number": 8,
    }
    for frame in FRAMES:
        singular, plural = (frame[2, number].split() for number in (0, 1))
        assert len(singular) == len(plural) and "will" in singular


def test_amplitudes_are_hidden_states_at_the_continuation(model):
    found = read_contexts(
        model, ["One thing.", "Another."], "the same words after both", positions=5
    )
    assert found.amplitudes.shape == (2, 16, 5)
    assert "".join(found.tokens) == "the s"
    ids = model.encode("Another.\nthe same words after both")
    hidden = model.hidden(ids)[9:14].double().mT / math.sqrt(5)
    torch.testing.assert_close(found["Another."], hidden, atol=1e-5, rtol=0)


def test_pairs_agree_with_transport_step_by_step():
    found = of_noise("abcd")
    between = pairs(found.amplitudes)
    turns, lengths = loop_turns(between, torch.tensor([[0, 2, 3]]))
    a, c, d = (found[name] for name in "acd")
    torch.testing.assert_close(turns[0], relative(d, a) @ relative(c, d) @ relative(a, c))
    steps = [torch.linalg.matrix_norm(y @ relative(x, y) - x) for x, y in ((a, c), (c, d), (d, a))]
    assert float(lengths[0]) == pytest.approx(float(sum(steps)), rel=1e-12)


def test_planted_flat_loops_are_told_from_random_ones():
    """Amplitudes that lie in one horizontal plane turn nothing; others of that size do."""
    names = [f"flat {k}" for k in range(12)] + [f"noise {k}" for k in range(24)]
    base = normal(12, 4)
    gram = base.mT @ base
    horizontal = base @ torch.linalg.inv(gram)  # base* horizontal symmetric: G W with one G
    flat = torch.stack(
        [base + 0.3 * (k % 4) * base + 0.2 * (k // 4) * horizontal for k in range(12)]
    )
    noise = base + 0.5 * normal(24, 12, 4, seed=1)
    found = Contexts(tuple(names), torch.cat([flat, noise]), ())
    kinds = {
        "flat": [(f"flat {k}", f"flat {k + 5}", f"flat {k + 7}") for k in range(4)],
        "noise": [(f"noise {k}", f"noise {k + 5}", f"noise {k + 9}") for k in range(8)],
    }
    one, other = families(found, kinds, draws=99)
    assert one.size < 1e-12 and one.random.p_at_most == one.shrunk.p_at_most == 0.01
    assert one.random.p_at_least == 1.0
    assert one.shrunk.length == pytest.approx(one.length, rel=0.05)
    assert other.size > 0.1 and other.shrunk.p_at_most > 0.01
    # Shrunk to their own length random loops are themselves.
    assert other.shrunk.size == pytest.approx(other.random.size, rel=0.3)
    assert families(found, kinds, draws=99) == [one, other]  # by seed


def test_a_shrunken_loop_is_the_loop_of_points_on_shortest_paths():
    found = of_noise("abcd")
    loop = torch.tensor([[0, 2, 3]])
    between = pairs(found.amplitudes)
    goal = 0.3 * loop_turns(between, loop)[1]
    angles, length = shrunk(between, loop, goal)
    first, *others = (found[name] for name in "acd")
    lifts = [other @ relative(first, other) for other in others]

    def drawn_in(shares):
        moved = [first + t * (lift - first) for t, lift in zip(shares, lifts, strict=True)]
        chain = [first, *moved, first]
        steps = [y @ relative(x, y) - x for x, y in zip(chain, chain[1:], strict=False)]
        far = sum(float(torch.linalg.matrix_norm(step)) for step in steps)
        return torch.stack(chain), far

    once = drawn_in([0.3, 0.3])[1]
    chain, far = drawn_in([0.3 * float(goal) / once] * 2)
    assert far == pytest.approx(float(length), rel=1e-10)
    assert far == pytest.approx(float(goal), rel=1e-3)
    expected = rotation_angles(amplitude_holonomy(chain).turn)
    torch.testing.assert_close(angles[0], expected, atol=1e-10, rtol=0)


def test_loops_must_be_of_measured_prompts():
    found = of_noise("abcd")
    for kinds, message in (
        ({"x": [("a", "b", "z")]}, "x: 'z' is not among the prompts"),
        ({"x": [("a", "b")]}, "corners >= 3"),
        ({"x": []}, "corners >= 3"),
        ({"x": [tuple("abcda")]}, "more corners than the 4 prompts"),
    ):
        with pytest.raises(InputError, match=message):
            families(found, kinds, draws=9)


def factored(entangled):
    """Contexts of the frames in which tense moves one half of the fibre, number the other."""
    amplitudes, names = [], []
    for f, frame in enumerate(FRAMES):
        base = torch.block_diag(normal(5, 4, seed=f), normal(5, 4, seed=50 + f))
        for tense in range(3):
            for number in range(2):
                step = torch.zeros(10, 8, dtype=torch.float64)
                step[:5, :4] = 0.7 * normal(5, 4, seed=100 + 3 * f + tense)
                step[5:, 4:] = 0.7 * number * normal(5, 4, seed=200 + f)
                step = step + entangled * normal(10, 8, seed=300 + 10 * f + 2 * tense + number)
                amplitudes.append(base + step)
                names.append(frame[tense, number])
    return Contexts(tuple(names), torch.stack(amplitudes), ())


def test_factors_that_do_not_mix_are_found_and_mixed_ones_are_not():
    apart, mixed = reducibility(factored(0.0), FRAMES), reducibility(factored(0.7), FRAMES)
    assert apart.share < 1e-10 and apart.p == 0.005
    assert apart.held > 0.5 and apart.directions == 2 and apart.fibre == 8
    assert mixed.share > 0.2 and mixed.p > 0.01
    turning = normal(8, 8) - normal(8, 8).mT
    spans = torch.linalg.qr(normal(4000, 8, 2, seed=2)).Q
    assert float(mixed_share(turning, spans).mean()) == pytest.approx(2 * 2 * 6 / 56, rel=0.02)


def test_fisher_blocks_are_seen_where_they_are():
    """Logits of two independent choices: tense moves the one, number the other."""

    def logits(hidden):
        first, second = hidden[:, :5], hidden[:, 5:]
        return (first[:, :, None] + second[:, None, :]).flatten(1)

    apart = fisher_blocks(factored(0.0), FRAMES, logits)
    assert apart.across < 1e-12 < apart.within and apart.p == pytest.approx(3**-8)
    assert fisher_blocks(factored(0.7), FRAMES, logits).p > 1e-3
    with pytest.raises(InputError, match="at most 10"):
        fisher_blocks(factored(0.0), FRAMES * 2, logits)


def test_a_bundle_that_is_flat_between_factors_is_seen():
    apart, mixed = (curvature_blocks(factored(entangled), FRAMES) for entangled in (0.0, 0.7))
    assert apart.across < 1e-12 < 0.1 < apart.within and apart.p == pytest.approx(3**-8)
    assert mixed.across > 0.1 and mixed.p > 1e-3


def test_states_of_tokens_keep_the_bounds_and_a_cheat_is_seen(model, monkeypatch):
    logits = 3 * normal(4, 257)
    states = token_states(model.head, logits)
    torch.testing.assert_close(states.diagonal(dim1=-2, dim2=-1).sum(-1), torch.ones(4).double())
    assert bool((von_neumann_entropy(states) <= entropy(logits, 1.0)).all())
    found = examine_tokens(model, PARAPHRASES[0])
    assert found.holds and 0 < found.mean_angle <= found.angle <= 1
    # A head of orthogonal rows keeps all distances: then both bounds are met with equality.
    tight = token_states(Head(torch.eye(5), None), logits[:2, :5])
    from numeric import fisher_rao_distance

    half = float(fisher_rao_distance(logits[0, :5], logits[1, :5])) / 2
    assert float(bures_angle(tight[0], tight[1])) == pytest.approx(half, rel=1e-12)
    monkeypatch.setattr("numeric.bundle.tokens.fisher_rao_distance", lambda x, y: half * 0 + 0.01)
    assert not examine_tokens(model, PARAPHRASES[0]).holds


def test_layers_are_followed_by_angles_of_covariances(model):
    prompts, text = ("One thing.", "Another."), "the same words after both"
    found = examine_layers(model, {"wording": prompts}, text, positions=5)
    assert found.prompts == 2 and len(found.sizes) == 3 and len(found.angles) == 2
    covariances = []
    for prompt in prompts:
        start = len(prompt) + 1
        stream = model.layers(model.encode(f"{prompt}\n{text}")[: start + 5])[:, start:].double()
        covariances.append(stream.mT @ stream / 5)
        hidden = model.hidden(model.encode(f"{prompt}\n{text}"))[start : start + 5]
        torch.testing.assert_close(stream[-1].float(), hidden)
    one, two = covariances
    unit = [c / c.diagonal(dim1=-2, dim2=-1).sum(-1)[:, None, None] for c in covariances]
    spread = torch.tensor(found.spread["wording"], dtype=torch.float64)
    torch.testing.assert_close(spread, bures_angle(*unit), atol=1e-7, rtol=0)
    steps = [wasserstein_distance(c[:-1], c[1:]) for c in (one, two)]
    expected = torch.stack(steps).mean(0)
    torch.testing.assert_close(
        torch.tensor(found.distances, dtype=torch.float64), expected, atol=1e-7, rtol=0
    )
    assert found.angles[found.widest_step - 1] == max(found.angles)
    with pytest.raises(InputError, match="at most 64 tokens, got 65"):
        model.layers(list(range(65)))
    with pytest.raises(TextError, match="has 3 tokens, expected 5"):
        examine_layers(model, {"wording": prompts}, "few", positions=5)


def test_all_of_it_on_a_small_model(model):
    steps = []
    found = examine(model, positions=6, draws=19, step=lambda *at: steps.append(at))
    assert found.broken == [] and found.unseen == []
    assert found.gauge.invariant < 1e-10 < 1e-3 < found.gauge.control
    assert [family.name for family in found.families] == list(loops())
    assert ("hidden states", 96, 96) in steps and steps[-1][1] == steps[-1][2]


def test_bad_input_is_named(model):
    cases = [
        (lambda: read_contexts(model, [], "text"), InputError, "at least one prompt"),
        (lambda: read_contexts(model, ["a"], "text", positions=1), InputError, "expected 2 to 16"),
        (
            lambda: read_contexts(model, ["a"], "text", positions=9),
            TextError,
            "has 4 tokens, expected 9",
        ),
        (lambda: token_states(model.head, normal(2, 3)), InputError, r"expected \(m, 257\)"),
        (
            lambda: token_states(Head(torch.zeros(3, 2), None), normal(1, 3)),
            InputError,
            "row 0 is",
        ),
        (lambda: examine_tokens(model, ["a", "b"]), InputError, "three prompts at least"),
        (lambda: reducibility(of_noise("ab"), []), InputError, "expected at least one"),
    ]
    for ask, kind, message in cases:
        with pytest.raises(kind, match=message):
            ask()
