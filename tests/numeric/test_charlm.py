"""The character model, against a second forward pass written as loops."""

import math
import shutil

import h5py
import numpy as np
import pytest
import torch

from numeric import charlm
from numeric.charlm import CONTEXT, INSTALL, UNKNOWN, load_charlm, read_weights
from numeric.errors import InputError, ModelError, TextError
from numeric.packages import package_folder

pytestmark = pytest.mark.model

CPU = torch.device("cpu")
PLAIN_ENGLISH = (
    "What is the best way to learn a new language?",
    "I have been working on this project for a few months and I would like to hear what you "
    "think about it.",
    "The president of the United States said that the government will not be able to pay for the "
    "new program.",
    "This is a test of the system and I think that it will be the best thing in the world to see "
    "what happens when you do it.",
)


@pytest.fixture(scope="module")
def model():
    return load_charlm(CPU)


@pytest.fixture(scope="module")
def weight_file():
    return package_folder("textgenrnn", INSTALL) / "textgenrnn_weights.hdf5"


def nats_per_character(model, text):
    ids = model.encode(text)
    logits = model.logits(ids).double()
    return torch.nn.functional.cross_entropy(logits[:-1], torch.tensor(ids[1:])).item()


def english(model, texts=PLAIN_ENGLISH):
    return sum(nats_per_character(model, text) for text in texts) / len(texts)


def sigmoid(x):
    return 1 / (1 + math.exp(-x))


def layer_by_loops(store, name, inputs):
    """Keras's cuDNN layout read number by number: entry (j, i) of a gate is its i + j n-th."""
    kernel = np.asarray(store[f"{name}/{name}/kernel:0"], dtype=float)
    recurrent = np.asarray(store[f"{name}/{name}/recurrent_kernel:0"], dtype=float)
    bias = np.asarray(store[f"{name}/{name}/bias:0"], dtype=float)
    size = recurrent.shape[0]
    state, cell, states = np.zeros(size), np.zeros(size), []
    gates = []
    for g in range(4):
        columns = slice(g * size, (g + 1) * size)
        # cuDNN keeps the matrix that acts from the left, (H, in), row after row.
        left = kernel[:, columns].flatten(order="C").reshape(size, -1)
        gates.append((left, recurrent[:, columns], bias[columns], bias[4 * size :][columns]))
    for x in inputs:
        i, f, c, o = (w @ x + u @ state + b1 + b2 for w, u, b1, b2 in gates)
        for k in range(size):
            cell[k] = sigmoid(f[k]) * cell[k] + sigmoid(i[k]) * math.tanh(c[k])
        state = np.array([sigmoid(o[k]) * math.tanh(cell[k]) for k in range(size)])
        states.append(state)
    return states


def logits_by_loops(weight_file, ids):
    """Logits after the whole of ids (any length), in float64 and one step at a time."""
    context = [0] * (CONTEXT - len(ids)) + list(ids)[-CONTEXT:]
    with h5py.File(weight_file, "r") as store:
        embedding = np.asarray(store["embedding/embedding/embeddings:0"], dtype=float)
        first = [embedding[token] for token in context]
        second = layer_by_loops(store, "rnn_1", first)
        third = layer_by_loops(store, "rnn_2", second)
        features = [np.concatenate(parts) for parts in zip(first, second, third, strict=True)]
        direction = np.asarray(store["attention/attention/attention_W:0"], dtype=float)[:, 0]
        scores = [math.exp(feature @ direction) for feature in features]
        mean = sum(s * feature for s, feature in zip(scores, features, strict=True)) / sum(scores)
        kernel = np.asarray(store["output/output/kernel:0"], dtype=float)
        return mean @ kernel + np.asarray(store["output/output/bias:0"], dtype=float)


@pytest.mark.parametrize("length", [1, 2, 39, 40, 41, 60])
def test_logits_are_those_of_the_loops(weight_file, length):
    model = load_charlm(CPU, torch.float64)
    ids = model.encode(PLAIN_ENGLISH[3])[:length]
    row = model.logits(ids)[-1].numpy()
    expected = logits_by_loops(weight_file, ids)
    # Keras's 1e-7 under the attention weights scales h by a factor between 1 - 1e-7 and 1; float64
    # rounding is far below that.
    kernel = model.head.weight.numpy()
    allowed = 1e-7 * np.abs(kernel) @ np.abs(model.hidden(ids)[-1].numpy())
    assert (np.abs(row - expected) <= allowed).all()


def test_a_right_loading_knows_english(model):
    assert english(model) < 1.0 < math.log(465) / 6


def test_float32_is_float64_up_to_rounding(model):
    ids = model.encode(PLAIN_ENGLISH[1])
    exact = load_charlm(CPU, torch.float64)
    kernel, hidden = exact.head.weight.abs(), exact.hidden(ids).abs()
    # 40 steps through two layers of sums over at most 256 terms, then one over 356.
    terms = 2 * CONTEXT * 256 + 356
    allowed = terms * torch.finfo(torch.float32).eps * (hidden @ kernel.T)
    assert ((model.logits(ids).double() - exact.logits(ids)).abs() <= allowed).all()


RIGHT = charlm._from_cudnn
WRONG_LAYOUTS = {
    "plain Keras": lambda k, r, b: (k, r, b[:512] + b[512:]),
    "kernels in C order": lambda k, r, b: (
        np.hstack([g.T.reshape(g.shape) for g in np.split(k, 4, axis=1)]),
        *RIGHT(k, r, b)[1:],
    ),
    "recurrent kernels as they are": lambda k, r, b: (RIGHT(k, r, b)[0], r, RIGHT(k, r, b)[2]),
    "half the bias": lambda k, r, b: (*RIGHT(k, r, b)[:2], b[512:]),
    "gates i f o g": lambda k, r, b: tuple(
        np.concatenate([np.split(part, 4, axis=-1)[gate] for gate in (0, 1, 3, 2)], axis=-1)
        for part in RIGHT(k, r, b)
    ),
}


@pytest.mark.parametrize("layout", WRONG_LAYOUTS.values(), ids=WRONG_LAYOUTS.keys())
def test_a_wrong_loading_does_not_know_english(monkeypatch, layout):
    monkeypatch.setattr(charlm, "_from_cudnn", layout)
    assert english(load_charlm(CPU), PLAIN_ENGLISH[:1]) > 2.0


def test_logits_are_the_head_of_the_hidden_states(model):
    ids = model.encode(PLAIN_ENGLISH[1])
    hidden, (weight, bias) = model.hidden(ids).double(), model.head
    assert hidden.shape == (len(ids), 356) and weight.shape == (465, 356)
    expected = hidden @ weight.double().T + bias.double()
    terms = hidden.abs() @ weight.double().abs().T + bias.double().abs()
    allowed = 357 * torch.finfo(torch.float32).eps * terms
    assert ((model.logits(ids) - expected).abs() <= allowed).all()


def test_a_row_reads_forty_characters_and_no_more(model):
    ids = model.encode(PLAIN_ENGLISH[3])
    changed = list(ids)
    changed[10] = model.vocabulary["x"]
    same = (model.logits(ids) == model.logits(changed)).all(dim=-1)
    assert same[:10].all() and not same[10:50].any() and same[50:].all()


def test_batches_change_nothing_but_rounding(model):
    ids = model.encode(PLAIN_ENGLISH[1])
    whole = load_charlm(CPU, torch.float64).logits(ids)
    blocks = list(load_charlm(CPU, torch.float64).logits_blocks(ids, batch_tokens=7))
    assert [start for start, _ in blocks] == list(range(0, len(ids), 7))
    assert all(len(block) <= 7 for _, block in blocks)
    assert torch.allclose(torch.cat([block for _, block in blocks]), whole, rtol=0, atol=1e-11)


def test_text_goes_to_ids_and_back(model):
    ids = model.encode("Hi, you!\u4e2d")
    assert model.tokens(ids) == ["<s>", *"Hi, you!", UNKNOWN]
    assert UNKNOWN not in model.vocabulary and model.encode("") == [model.vocabulary["<s>"]]


def test_the_model_says_what_it_is(model, weight_file):
    assert (model.vocabulary_size, model.context_length, model.window) == (465, 40, 40)
    said = model.provenance
    assert (said["file"], said["package"]) == (weight_file.name, "textgenrnn 2.0.0")
    count = sum(
        tensor.numel()
        for tensor in (
            model.weights.embedding,
            *(t for layer in model.weights.layers for t in vars(layer).values()),
            model.weights.attention,
            *model.head,
        )
    )
    # cuDNN's two biases, 2 x 512 per layer, are one here.
    assert count == 462_717 - 2 * 512


def test_a_missing_package_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ModelError, match=r"pip install --no-deps textgenrnn==2\.0\.0$"):
        load_charlm(CPU)


def test_damaged_weights_are_refused(weight_file, tmp_path):
    file = tmp_path / "weights.hdf5"
    with pytest.raises(ModelError, match="not the weight file"):
        read_weights(file, CPU, torch.float32)
    for cut in (0, 100, 1_000_000):
        file.write_bytes(weight_file.read_bytes()[:cut])
        with pytest.raises(ModelError, match="not the weight file"):
            read_weights(file, CPU, torch.float32)
    shutil.copy(weight_file, file)
    with h5py.File(file, "r+") as store:
        del store["output/output/bias:0"]
        store["output/output/bias:0"] = np.zeros(464, dtype="f4")
    with pytest.raises(ModelError, match=r"expected shapes .*465"):
        read_weights(file, CPU, torch.float32)


def test_a_damaged_vocabulary_is_refused(weight_file, tmp_path, monkeypatch):
    shutil.copy(weight_file, tmp_path)
    monkeypatch.setattr(charlm, "package_folder", lambda module, install: tmp_path)
    for content in (b"", b'{"a": 1}', b"[1, 2]", b'{"a": []}', b"\xff"):
        (tmp_path / "textgenrnn_vocab.json").write_bytes(content)
        with pytest.raises(ModelError, match="textgenrnn_vocab.json"):
            load_charlm(CPU)


@pytest.mark.parametrize("ids", [[], [465], [-1], [[1, 2]], [1.5], [True, False]])
def test_ids_that_are_none_are_refused(model, ids):
    with pytest.raises(InputError, match="token ids"):
        model.logits(ids)


def test_the_start_token_does_not_count_as_text(model):
    with pytest.raises(TextError, match="at least 2 tokens, the text has 1"):
        model.encode("", at_least=2)


def test_progress_counts_to_the_end(model):
    seen = []
    model.logits(model.encode("Hello"), batch_tokens=4, progress=lambda *at: seen.append(at))
    assert seen == [(4, 6), (6, 6)]
