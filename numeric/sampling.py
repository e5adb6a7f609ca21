"""Texts that a model writes itself, token by token, at T = 1."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from numeric.errors import InputError
from numeric.language_model import LanguageModel, Progress


def own_texts(
    model: LanguageModel,
    start: Sequence[int],
    texts: int,
    length: int,
    *,
    temperature: float = 1.0,
    seed: int = 0,
    progress: Progress | None = None,
) -> Tensor:
    """Ids (texts, len(start) + length) of texts with a common start, drawn from the model.

    Exactly its own conditional distributions at T = 1, by inverting the cumulative sum in float64;
    at another temperature texts of another model. No token is treated as an end.

    Raises:
        InputError: Nothing is to be drawn, the texts do not fit into the model's window, or the
            temperature is not positive.
    """
    if texts < 1 or length < 1 or len(start) < 1:
        raise InputError(f"expected texts, length and start, got {texts}, {length}, {len(start)}")
    slides = model.overlap == model.window - 1  # then every position sees a whole window
    if len(start) + length > model.window and not slides:
        raise InputError(
            f"{len(start)} + {length} tokens exceed the window of {model.window} tokens, beyond "
            "which a text would be scored otherwise than it was drawn"
        )
    if not temperature > 0:
        raise InputError(f"expected a temperature > 0, got {temperature}")
    draws = torch.rand(
        (length, texts, 1), dtype=torch.float64, generator=torch.Generator().manual_seed(seed)
    )
    read = model.reader()
    logits = read(torch.tensor(start, device=model.device).expand(texts, -1))
    drawn = [torch.tensor(start).expand(texts, -1)]
    for place in range(length):
        heights = torch.softmax(logits.double().cpu() / temperature, dim=-1).cumsum(-1)
        # Scaled by the last height, which rounding keeps from being one.
        token = torch.searchsorted(heights, draws[place] * heights[:, -1:], right=True)
        drawn.append(token.clamp(max=model.vocabulary_size - 1))
        if progress is not None:
            progress(place + 1, length)
        if place + 1 < length:
            logits = read(drawn[-1].to(model.device))
    return torch.cat(drawn, dim=1)
