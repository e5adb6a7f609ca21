"""Language models as maps from token ids to logits.

A causal language model gives, after the tokens ids[0..t], a vector of V logits for token t+1.
Here every model is a hidden state (n, d) followed by a linear head (V, d): logits = h W^T + b.

Both built-in kinds keep to one context per position, so that a logit vector does not depend on
what follows it in the text; `window` and `overlap` say how much of what precedes it is read.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor

from numeric.errors import InputError, ModelError, TextError
from numeric.memory import in_batches, is_shortage

Progress = Callable[[int, int], None]
"""Called with the number of positions done and the number in all."""


class Head(NamedTuple):
    """The last linear map of a language model: weight (V, d), bias (V,) or None."""

    weight: Tensor
    bias: Tensor | None

    def __call__(self, hidden: Tensor) -> Tensor:
        """Logits of hidden states: (..., d) -> (..., V)."""
        return torch.nn.functional.linear(hidden, self.weight, self.bias)


class LanguageModel(ABC):
    """A causal language model whose logits are a linear map of its last hidden state.

    `context_length` is what the model can read, `window` what it is given: a position sees at
    most `window` tokens, itself included, and at least `overlap` tokens before it where the text
    has them. `provenance` says which numbers these are: file, hash, format, versions, dtype.

    Methods that take ids raise `InputError` for an empty list, an id outside the vocabulary and
    `batch_tokens` below 1, and `ModelError` where a single position or window exceeds the memory.
    """

    name: str
    vocabulary_size: int
    context_length: int
    window: int
    overlap: int
    device: torch.device
    dtype: torch.dtype
    provenance: dict[str, Any]
    batch_tokens: int

    @property
    @abstractmethod
    def head(self) -> Head:
        """Weight (V, d) and bias (V,) or None, with logits = hidden weight^T + bias."""

    @abstractmethod
    def tokens(self, ids: Sequence[int]) -> list[str]:
        """The piece of text of each id, spaces kept."""

    @abstractmethod
    def _encode(self, text: str) -> list[int]: ...

    @abstractmethod
    def _hidden_blocks(self, ids: Tensor, batch_tokens: int) -> Iterator[Tensor]:
        """Hidden states (rows, d) of consecutive positions, position 0 first."""

    def encode(self, text: str, *, at_least: int = 1) -> list[int]:
        """Token ids of a text, with the start token the model was trained with, if any.

        Raises:
            TextError: The text has fewer than `at_least` tokens.
        """
        ids = self._encode(text)
        if len(ids) < at_least:
            raise TextError(f"expected at least {at_least} tokens, the text has {len(ids)}")
        return ids

    def hidden(
        self,
        ids: Sequence[int] | Tensor,
        *,
        batch_tokens: int | None = None,
        progress: Progress | None = None,
    ) -> Tensor:
        """Last hidden states (n, d), after the final norm: row t follows ids[0..t]."""
        blocks = self.hidden_blocks(ids, batch_tokens=batch_tokens, progress=progress)
        return torch.cat([block for _, block in blocks])

    def hidden_blocks(
        self,
        ids: Sequence[int] | Tensor,
        *,
        batch_tokens: int | None = None,
        progress: Progress | None = None,
    ) -> Iterator[tuple[int, Tensor]]:
        """Yield (start, last hidden states (rows, d) of positions start, start + 1, ...)."""
        known, size = self._checked(ids, batch_tokens)
        return _numbered(self._hidden_blocks(known, size), len(known), progress)

    def logits(
        self,
        ids: Sequence[int] | Tensor,
        *,
        batch_tokens: int | None = None,
        progress: Progress | None = None,
    ) -> Tensor:
        """Logits (n, V): row t scores the token that follows ids[0..t].

        All n V numbers are held at once: `logits_blocks` gives them piece by piece.
        """
        known, _ = self._checked(ids, batch_tokens)
        result = self._empty(len(known))
        for start, block in self.logits_blocks(
            known, batch_tokens=batch_tokens, progress=progress
        ):
            result[start : start + len(block)] = block
        return result

    def reader(self) -> Callable[[Tensor], Tensor]:
        """A function that reads tokens (rows, k) after those it has read, in `rows` texts at once.

        It returns the logits (rows, V) of what comes next; within one window they are those of
        `logits`, up to rounding.

        Raises:
            ModelError: This kind of model is only read as a whole.
        """
        raise ModelError(f"{self.name} cannot be read token by token")

    def logits_blocks(
        self,
        ids: Sequence[int] | Tensor,
        *,
        batch_tokens: int | None = None,
        progress: Progress | None = None,
    ) -> Iterator[tuple[int, Tensor]]:
        """Yield (start, logits of positions start, start + 1, ...), at most `batch_tokens` rows.

        A batch that does not fit into memory is halved. The size of batches changes logits by
        rounding only.
        """
        known, size = self._checked(ids, batch_tokens)
        return _numbered(self._logits_blocks(known, size), len(known), progress)

    def _logits_blocks(self, ids: Tensor, batch_tokens: int) -> Iterator[Tensor]:
        head = self.head
        for hidden in self._hidden_blocks(ids, batch_tokens):
            yield from in_batches(
                lambda start, stop, rows=hidden: head(rows[start:stop]),
                len(hidden),
                batch_tokens,
                item=f"one row of {self.vocabulary_size} logits",
            )

    def _checked(
        self, ids: Sequence[int] | Tensor, batch_tokens: int | None
    ) -> tuple[Tensor, int]:
        size = self.batch_tokens if batch_tokens is None else batch_tokens
        if size < 1:
            raise InputError(f"expected batch_tokens of at least 1, got {size}")
        known = torch.as_tensor(ids, device=self.device)
        if known.ndim != 1 or len(known) == 0:
            raise InputError(
                f"expected a non-empty list of token ids, got shape {tuple(known.shape)}"
            )
        if known.is_floating_point() or known.is_complex() or known.dtype == torch.bool:
            raise InputError(f"expected integer token ids, got {known.dtype}")
        outside = torch.nonzero((known < 0) | (known >= self.vocabulary_size))
        if len(outside):
            t = int(outside[0])
            raise InputError(
                f"expected token ids in 0..{self.vocabulary_size - 1}, got {int(known[t])} "
                f"at position {t}"
            )
        return known.long(), size

    def _empty(self, length: int) -> Tensor:
        try:
            return torch.empty(length, self.vocabulary_size, dtype=self.dtype, device=self.device)
        except (RuntimeError, MemoryError) as error:
            if not is_shortage(error):
                raise
            gigabytes = length * self.vocabulary_size * self.dtype.itemsize / 1e9
            raise ModelError(
                f"{length} x {self.vocabulary_size} logits are {gigabytes:.1f} GB and do not fit "
                "into memory; take them in pieces with logits_blocks"
            ) from None

    def __repr__(self) -> str:
        """The name, the vocabulary, and where the numbers live."""
        return (
            f"<{type(self).__name__} {self.name}: V = {self.vocabulary_size}, "
            f"{str(self.dtype).removeprefix('torch.')} on {self.device}>"
        )


def _numbered(
    blocks: Iterator[Tensor], length: int, progress: Progress | None
) -> Iterator[tuple[int, Tensor]]:
    start = 0
    for block in blocks:
        yield start, block
        start += len(block)
        if progress is not None:
            progress(start, length)
