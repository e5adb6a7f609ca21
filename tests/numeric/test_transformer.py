"""What every transformers model must satisfy, on untrained ones of a few thousand weights."""

import pytest
import torch
from llama_reference import Llama
from tiny_model import write_gemma, write_llama, write_llama_gguf

from numeric.errors import InputError, ModelError
from numeric.models import load_model
from numeric.transformer import Transformer

EPS = torch.finfo(torch.float32).eps
# What rounding may do to a logit, to first order: every addition on its way adds eps of its terms.
# Additions on the longest way from embedding to logit: two layers of sums over 16 (query, score
# of size 8, output), up to 64 positions (mixture), 16, 32 (gated), and the head's 16.
ADDITIONS = 2 * (16 + 8 + 64 + 16 + 16 + 32) + 16


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("llama")
    write_llama(folder)
    return folder


@pytest.fixture(scope="module")
def model(folder):
    return load_model(folder)


def some_ids(length):
    return torch.randint(257, (length,), generator=torch.Generator().manual_seed(length)).tolist()


def plain_logits(model, ids):
    """The library's own words: one forward pass of the whole model."""
    with torch.no_grad():
        return model.model(torch.tensor([ids])).logits[0]


def head_terms(model, ids):
    return model.hidden(ids).abs() @ model.head.weight.abs().T


@pytest.mark.parametrize("length", [1, 2, 30, 64])
def test_logits_are_the_models_own(model, length):
    ids = some_ids(length)
    difference = (model.logits(ids) - plain_logits(model, ids)).abs()
    assert (difference <= ADDITIONS * EPS * head_terms(model, ids)).all()


def visible(t, window, overlap):
    """The documented context of position t: the first window that holds it."""
    start = 0
    while t >= start + window:
        start += window - overlap
    return start


def by_positions(model, ids, window, overlap):
    """One plain forward pass for every position, over exactly what it may see."""
    rows = []
    for t in range(len(ids)):
        rows.append(plain_logits(model, ids[visible(t, window, overlap) : t + 1])[-1])
    return torch.stack(rows)


@pytest.mark.parametrize(("window", "length"), [(None, 100), (8, 30), (7, 30), (2, 10)])
def test_windows_give_what_each_position_may_see(folder, window, length):
    model = load_model(folder, window=window)
    ids = some_ids(length)
    expected = by_positions(model, ids, model.window, model.window // 2)
    allowed = ADDITIONS * EPS * head_terms(model, ids)
    for batch_tokens in (1, 20, 10_000):
        logits = model.logits(ids, batch_tokens=batch_tokens)
        assert ((logits - expected).abs() <= allowed).all()


def test_windows_one_token_off_would_be_seen(folder):
    model = load_model(folder, window=8)
    ids = some_ids(30)
    wrong = (model.logits(ids) - by_positions(model, ids, 8, 3)).abs()
    assert (wrong > ADDITIONS * EPS * head_terms(model, ids))[8:].any()


def test_logits_are_the_head_of_the_hidden_states(model):
    ids = some_ids(150)
    hidden, weight = model.hidden(ids).double(), model.head.weight.double()
    assert hidden.shape == (150, 16) and weight.shape == (257, 16)
    allowed = 16 * EPS * (hidden.abs() @ weight.abs().T)
    assert ((model.logits(ids) - hidden @ weight.T).abs() <= allowed).all()


def test_blocks_are_bounded_and_complete(model):
    seen = []
    ids = some_ids(150)
    blocks = list(model.logits_blocks(ids, batch_tokens=20, progress=lambda *at: seen.append(at)))
    assert all(len(block) <= 20 for _, block in blocks)
    assert [start for start, _ in blocks][1:] == [done for done, _ in seen][:-1]
    assert seen[-1] == (150, 150)
    assert torch.equal(
        torch.cat([block for _, block in blocks]), model.logits(ids, batch_tokens=20)
    )


def test_logits_that_are_not_linear_are_still_the_models_own(tmp_path):
    write_gemma(tmp_path)
    model = load_model(tmp_path)
    ids = some_ids(60)
    logits = model.logits(ids)
    assert torch.equal(logits, plain_logits(model, ids)) and logits.abs().max() < 1
    with pytest.raises(ModelError, match="capped or rescaled"):
        _ = model.head


def test_a_gguf_file_gives_the_numbers_of_a_second_implementation(tmp_path, monkeypatch):
    monkeypatch.setenv("PORISM_CACHE", str(tmp_path / "cache"))
    original = write_llama(tmp_path, tie_word_embeddings=False)
    file = tmp_path / "tiny.gguf"
    write_llama_gguf(file, original)
    steps = []
    cold, warm = (load_model(file, notify=steps.append) for _ in range(2))
    assert [step.split()[0] for step in steps] == ["converting", "reading", "reading"]
    ids = cold.encode("about a Llama: ab, äb")
    reference = Llama(file)
    hidden, expected = (torch.from_numpy(f(ids)) for f in (reference.hidden, reference.logits))
    allowed = ADDITIONS * EPS * (hidden.abs() @ torch.from_numpy(reference.head).abs().T)
    assert ((cold.logits(ids) - expected).abs() <= allowed).all()
    assert torch.equal(cold.logits(ids), warm.logits(ids))
    assert cold.provenance == warm.provenance
    assert isinstance(cold, Transformer)
    assert torch.equal(cold.model.lm_head.weight, original.lm_head.weight)
    assert cold.tokens(ids)[0] == "ab"

    reference.rotated = lambda x: x  # planted: no positions
    assert ((cold.logits(ids) - torch.from_numpy(reference.logits(ids))).abs() > allowed).any()


def test_a_cache_that_cannot_be_kept_is_said_and_done_without(tmp_path, monkeypatch):
    file = tmp_path / "tiny.gguf"
    write_llama_gguf(file, write_llama(tmp_path, tie_word_embeddings=False))
    monkeypatch.setenv("PORISM_CACHE", str(file))
    with pytest.warns(UserWarning, match=r"no cached copy of tiny\.gguf"):
        model = load_model(file)
    assert torch.equal(model.logits([1, 2, 3]), load_model(tmp_path).logits([1, 2, 3]))


def test_a_window_that_does_not_fit_alone_is_an_error(model, monkeypatch):
    def refuse(ids):
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(model, "_last_hidden", refuse)
    with pytest.raises(ModelError, match="one window of 64 tokens"):
        model.logits(some_ids(10))


def test_a_batch_of_windows_that_does_not_fit_is_halved(model, monkeypatch):
    ids, forward, sizes = some_ids(300), model._last_hidden, []

    def small(batch):
        sizes.append(len(batch))
        if len(batch) > 2:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return forward(batch)

    expected = model.logits(ids)
    allowed = ADDITIONS * EPS * head_terms(model, ids)
    monkeypatch.setattr(model, "_last_hidden", small)
    logits = model.logits(ids, batch_tokens=64 * 8)
    assert max(sizes) == 8 and sizes[1:3] == [4, 2]
    assert ((logits - expected).abs() <= allowed).all()


def test_logits_beyond_memory_point_to_the_blocks(model, monkeypatch):
    monkeypatch.setattr(model, "vocabulary_size", 2**55)
    with pytest.raises(ModelError, match="take them in pieces with logits_blocks"):
        model.logits([1, 2])


def test_logits_can_be_differentiated_by_the_caller(model):
    logits = model.logits([1, 2, 3]).requires_grad_()
    logits.logsumexp(-1).sum().backward()
    assert logits.grad is not None and not any(p.requires_grad for p in model.model.parameters())


def test_nothing_of_the_callers_is_changed(folder):
    from transformers.utils import logging

    def state():
        return (
            torch.get_num_threads(),
            torch.get_num_interop_threads(),
            torch.get_default_dtype(),
            torch.is_grad_enabled(),
            torch.are_deterministic_algorithms_enabled(),
            logging.get_verbosity(),
            logging.is_progress_bar_enabled(),
            torch.get_rng_state().tolist(),
        )

    before = state()
    load_model(folder).logits(some_ids(100))
    assert state() == before


@pytest.mark.parametrize("attention", ["eager", "sdpa"])
def test_attention_can_be_chosen_and_changes_rounding_only(folder, model, attention):
    chosen = load_model(folder, attention=attention)
    assert chosen.provenance["attention"] == attention
    ids = some_ids(64)
    allowed = 2 * ADDITIONS * EPS * head_terms(model, ids)
    assert ((chosen.logits(ids) - model.logits(ids)).abs() <= allowed).all()


def test_bfloat16_is_had_by_asking(folder):
    model = load_model(folder, dtype="bfloat16")
    assert model.logits([1, 2]).dtype == torch.bfloat16
    assert model.provenance["dtype"] == "bfloat16"


def test_the_window_never_exceeds_the_context(folder, model):
    assert (model.context_length, model.window, model.overlap) == (64, 64, 32)
    for window in (1, 65):
        with pytest.raises(InputError, match="expected a window of 2 to 64 tokens"):
            load_model(folder, window=window)


def test_pieces_join_to_the_text(model):
    text = "A cab,  about\nthe tab"
    assert "".join(model.tokens(model.encode(text))) == text
    assert "ab" in model.tokens(model.encode(text))


def test_pieces_of_sentencepiece_keep_their_space(model, monkeypatch):
    class Tokenizer:
        def convert_ids_to_tokens(self, ids):
            return ["\u2581the" for _ in ids]

        def decode(self, ids, **_):
            return "the"

    copy = Transformer("copy", model.model, Tokenizer(), provenance={})
    assert copy.tokens([5]) == [" the"]


@pytest.mark.parametrize("ids", [[], [257], [-1], [[1, 2]], [0.5]])
def test_ids_that_are_none_are_refused(model, ids):
    for method in (model.logits, model.hidden, model.logits_blocks, model.hidden_blocks):
        with pytest.raises(InputError, match="token ids"):
            method(ids)


def test_batches_below_one_are_refused(model):
    with pytest.raises(InputError, match="batch_tokens of at least 1, got 0"):
        model.logits([1], batch_tokens=0)
