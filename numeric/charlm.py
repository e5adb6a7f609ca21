"""A small real language model: characters, two LSTM layers, attention over time.

The weights are those of textgenrnn (Woolf, MIT licence): V = 465 characters, 462,717 parameters,
small enough for exact enumeration and dense Fisher matrices. Only its two data files are read.

A context is the last 40 tokens, filled from the left with token 0; a text starts with the token
`<s>`. With embeddings x_s (100), states a_s, b_s (128 each) of the two layers and
y_s = [x_s, a_s, b_s], the hidden state is h = sum_s w_s y_s with w = softmax over s of y_s . v,
and the logits are h K + c.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from numeric.errors import ModelError
from numeric.language_model import Head, LanguageModel
from numeric.memory import in_batches
from numeric.packages import importing, package_folder, version

INSTALL = "pip install --no-deps textgenrnn==2.0.0"
CONTEXT = 40
PADDING = 0
START = "<s>"
EPSILON = 1e-7  # Keras adds it to the sum of the attention weights
UNKNOWN = "\u2400"

Array = np.ndarray[Any, np.dtype[np.float32]]


@dataclass(frozen=True)
class LSTM:
    """One layer: kernel (in, 4 H), recurrent (H, 4 H), bias (4 H); gates in the order i f g o."""

    kernel: Tensor
    recurrent: Tensor
    bias: Tensor

    def __call__(self, inputs: Tensor) -> Tensor:
        """States of all steps, from a zero state: (batch, time, in) -> (batch, time, H)."""
        driven = inputs @ self.kernel + self.bias
        state = cell = driven.new_zeros(len(inputs), len(self.recurrent))
        states = []
        for drive in driven.unbind(dim=1):
            i, f, g, o = (drive + state @ self.recurrent).chunk(4, dim=-1)
            cell = f.sigmoid() * cell + i.sigmoid() * g.tanh()
            state = o.sigmoid() * cell.tanh()
            states.append(state)
        return torch.stack(states, dim=1)


@dataclass(frozen=True)
class Weights:
    """embedding (V, 100), two layers, attention (356,), head weight (V, 356) and bias (V,)."""

    embedding: Tensor
    layers: tuple[LSTM, LSTM]
    attention: Tensor
    head: Head

    def hidden(self, contexts: Tensor) -> Tensor:
        """Hidden states of full contexts of token ids: (batch, 40) -> (batch, 356)."""
        first = self.embedding[contexts]
        second = self.layers[0](first)
        features = torch.cat([first, second, self.layers[1](second)], dim=-1)
        score = features @ self.attention
        weight = (score - score.amax(dim=-1, keepdim=True)).exp()
        weight = weight / (weight.sum(dim=-1, keepdim=True) + EPSILON)
        return torch.einsum("bt,btd->bd", weight, features)


class CharLM(LanguageModel):
    """The character language model; row t reads the last 40 of ids[0..t].

    `encode` puts the start token in front. A character outside the vocabulary becomes token 0,
    as in the original, and is shown as U+2400.
    """

    def __init__(
        self, weights: Weights, vocabulary: dict[str, int], provenance: dict[str, Any]
    ) -> None:
        """Join weights, vocabulary (character to id) and what is known of their origin."""
        self.name = "charlm"
        self.weights = weights
        self.vocabulary = vocabulary
        self.vocabulary_size = len(weights.embedding)
        self.context_length = self.window = CONTEXT
        self.overlap = CONTEXT - 1
        self.device, self.dtype = weights.embedding.device, weights.embedding.dtype
        self.batch_tokens = 128  # the states of 40 steps then stay in cache
        self.provenance = provenance | {
            "tokenizer": "characters",
            "attention": "own",
            "dtype": str(self.dtype).removeprefix("torch."),
            "window": self.window,
            "overlap": self.overlap,
            "torch": torch.__version__,
            "transformers": None,
        }
        self._pieces = {token: piece for piece, token in vocabulary.items()}

    @property
    def head(self) -> Head:
        """Weight (V, 356) and bias (V,), with logits = hidden weight^T + bias."""
        return self.weights.head

    def tokens(self, ids: Sequence[int]) -> list[str]:
        """The character of each id."""
        return [self._pieces.get(int(token), UNKNOWN) for token in ids]

    def _encode(self, text: str) -> list[int]:
        return [self.vocabulary[START], *(self.vocabulary.get(c, PADDING) for c in text)]

    def reader(self) -> Callable[[Tensor], Tensor]:
        """Reads on in several texts at once: keeps the last 40 tokens of each."""
        contexts: list[Tensor] = []

        def read(tokens: Tensor) -> Tensor:
            known = (
                contexts.pop() if contexts else tokens.new_full((len(tokens), CONTEXT), PADDING)
            )
            contexts.append(torch.cat([known, tokens], dim=1)[:, -CONTEXT:])
            return self.weights.head(self.weights.hidden(contexts[0]))

        return read

    def _hidden_blocks(self, ids: Tensor, batch_tokens: int) -> Iterator[Tensor]:
        padded = torch.nn.functional.pad(ids, (CONTEXT - 1, 0), value=PADDING)
        contexts = padded.unfold(0, CONTEXT, 1)
        yield from in_batches(
            lambda start, stop: self.weights.hidden(contexts[start:stop]),
            len(ids),
            batch_tokens,
            item=f"one context of {CONTEXT} characters",
        )


def load_charlm(device: torch.device, dtype: torch.dtype | None = None) -> CharLM:
    """The model from textgenrnn's weight and vocabulary file.

    A missing package or a file that is not what it should be is a `ModelError`.
    """
    dtype = torch.float32 if dtype is None else dtype
    folder = package_folder("textgenrnn", INSTALL)
    file = folder / "textgenrnn_weights.hdf5"
    weights = read_weights(file, device, dtype)
    vocabulary = _read_vocabulary(folder / "textgenrnn_vocab.json", len(weights.embedding))
    provenance = {
        "file": file.name,
        "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
        "format": "hdf5",
        "package": f"textgenrnn {version('textgenrnn')}",
    }
    return CharLM(weights, vocabulary, provenance)


def read_weights(file: Path, device: torch.device, dtype: torch.dtype) -> Weights:
    """Weights from an HDF5 file in which Keras kept LSTM layers in cuDNN's layout.

    Raises:
        ModelError: The file is missing, cut, or holds other arrays.
    """
    with importing("h5py", "h5py"):
        import h5py
    try:
        with h5py.File(file, "r") as store:
            arrays = {name: np.asarray(store[path]) for name, path in PATHS.items()}
    except (OSError, KeyError) as error:
        raise ModelError(f"{file} is not the weight file of textgenrnn ({error})") from error
    shapes = {name: array.shape for name, array in arrays.items()}
    if shapes != SHAPES:
        raise ModelError(f"{file}: expected shapes {SHAPES}, got {shapes}")

    def tensor(array: Array) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(array)).to(device, dtype)

    layers = [
        LSTM(*map(tensor, _from_cudnn(*(arrays[f"{part}_{k}"] for part in LSTM_PARTS))))
        for k in (1, 2)
    ]
    return Weights(
        embedding=tensor(arrays["embedding"]),
        layers=(layers[0], layers[1]),
        attention=tensor(arrays["attention"][:, 0]),
        head=Head(tensor(arrays["output"].T), tensor(arrays["output_bias"])),
    )


LSTM_PARTS = ("kernel", "recurrent", "bias")
PATHS = {
    "embedding": "embedding/embedding/embeddings:0",
    "kernel_1": "rnn_1/rnn_1/kernel:0",
    "recurrent_1": "rnn_1/rnn_1/recurrent_kernel:0",
    "bias_1": "rnn_1/rnn_1/bias:0",
    "kernel_2": "rnn_2/rnn_2/kernel:0",
    "recurrent_2": "rnn_2/rnn_2/recurrent_kernel:0",
    "bias_2": "rnn_2/rnn_2/bias:0",
    "attention": "attention/attention/attention_W:0",
    "output": "output/output/kernel:0",
    "output_bias": "output/output/bias:0",
}
SHAPES = {
    "embedding": (465, 100),
    "kernel_1": (100, 512),
    "recurrent_1": (128, 512),
    "bias_1": (1024,),
    "kernel_2": (128, 512),
    "recurrent_2": (128, 512),
    "bias_2": (1024,),
    "attention": (356, 1),
    "output": (356, 465),
    "output_bias": (465,),
}


def _from_cudnn(kernel: Array, recurrent: Array, bias: Array) -> tuple[Array, Array, Array]:
    """Undo cuDNN's storage gate by gate; its two biases only ever occur as their sum."""
    inputs = [gate.T.reshape(gate.shape, order="F") for gate in np.split(kernel, 4, axis=1)]
    states = [gate.T for gate in np.split(recurrent, 4, axis=1)]
    half = len(bias) // 2
    return np.hstack(inputs), np.hstack(states), bias[:half] + bias[half:]


def _read_vocabulary(file: Path, size: int) -> dict[str, int]:
    try:
        vocabulary = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(f"{file} is not the vocabulary of textgenrnn ({error})") from error
    ids = list(vocabulary.values()) if isinstance(vocabulary, dict) else []
    if not all(isinstance(token, int) for token in ids) or sorted(ids) != [*range(1, size)]:
        raise ModelError(f"{file}: expected the ids 1..{size - 1}, each once")
    return vocabulary
