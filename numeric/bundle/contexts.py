"""What a prompt does to a text that follows it: amplitudes of covariances.

The same continuation is read after every prompt. The last hidden states at its n tokens are the
columns of the amplitude W (d, n) of the prompt, and W W* / n is their covariance, of rank n at
most. O(n) acts on the right: the covariance does not know which column belongs to which token.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from numeric.errors import InputError, TextError
from numeric.language_model import LanguageModel, Progress


@dataclass(frozen=True, eq=False)
class Contexts:
    """Amplitudes (prompts, d, n) of prompts, divided by sqrt(n), and the tokens of the text."""

    prompts: tuple[str, ...]
    amplitudes: Tensor
    tokens: tuple[str, ...]

    def __getitem__(self, prompt: str) -> Tensor:
        """The amplitude (d, n) of a prompt."""
        return self.amplitudes[self.prompts.index(prompt)]


def read_contexts(
    model: LanguageModel,
    prompts: Sequence[str],
    continuation: str,
    *,
    positions: int = 24,
    progress: Progress | None = None,
) -> Contexts:
    """Amplitudes of prompts by the hidden states at the first tokens of a continuation.

    Raises:
        TextError: The continuation has too few tokens, or its tokens depend on the prompt.
        InputError: There are no prompts, one position, or more positions than a hidden state
            has components.
    """
    unique = tuple(dict.fromkeys(prompts))
    width = model.head.weight.shape[1]
    if not unique:
        raise InputError("expected at least one prompt, got none")
    if not 2 <= positions <= width:
        raise InputError(f"positions: expected 2 to {width}, got {positions}")
    found, common = [], None
    for done, prompt in enumerate(unique):
        ids, start = continued(model, prompt, continuation, positions)
        own = ids[start:]
        if common is not None and own != common:
            raise TextError(f"after {prompt!r} the continuation is cut into other tokens")
        common = own
        hidden = model.hidden(ids)[start:]
        found.append(hidden.double().cpu().mT / positions**0.5)
        if progress is not None:
            progress(done + 1, len(unique))
    assert common is not None
    return Contexts(unique, torch.stack(found), tuple(model.tokens(common)))


def continued(
    model: LanguageModel, prompt: str, continuation: str, positions: int
) -> tuple[list[int], int]:
    """The tokens of a prompt and of so many positions of its continuation, and where this begins.

    Raises:
        TextError: The continuation has too few tokens.
    """
    start = len(model.encode(prompt)) + 1  # the line end
    ids = model.encode(f"{prompt}\n{continuation}", at_least=start)[: start + positions]
    if len(ids) < start + positions:
        raise TextError(
            f"the continuation has {len(ids) - start} tokens, expected {positions}; choose fewer "
            "positions or a longer text"
        )
    return ids, start
