"""A language model on a text: perplexity and the thermodynamics of its next tokens, streamed."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

import numeric
from bridge.report.readings import ZERO_POINTS, table
from bridge.sample import predicted_bytes

if TYPE_CHECKING:
    from numeric.language_model import LanguageModel


@dataclass
class _Sums:
    """Sums over the positions seen so far."""

    loss: float = 0.0
    below: dict[float, int] = field(default_factory=lambda: dict.fromkeys(ZERO_POINTS, 0))

    def add(self, logits: Tensor, targets: Tensor) -> None:
        self.loss += float(numeric.cross_entropy(logits, targets).double().sum())
        entropy = numeric.entropy(logits, 1.0)
        for bound in self.below:
            self.below[bound] += int((entropy < bound).sum())


def evaluate(
    model: LanguageModel,
    text: str,
    temperatures: Sequence[float] = (1.0,),
    positions: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> dict[str, Any]:
    """Perplexity, bits per byte, means of S, C, F and U per temperature, zero-point shares.

    Nats, k_B = 1, energies are minus the logits. Losses and zero points are at T = 1. Memory
    does not grow with the text; `positions` bounds how much of it is read.

    A text shorter than two tokens is a `TextError`.
    """
    ids = model.encode(text, at_least=2)  # one to read, one to predict
    count = len(ids) - 1 if positions is None else min(positions, len(ids) - 1)
    sums = _Sums()

    def blocks() -> Iterator[Tensor]:
        for start, logits in model.logits_blocks(ids[:count], progress=progress):
            follow = ids[start + 1 : start + 1 + len(logits)]
            sums.add(logits, torch.tensor(follow, device=logits.device))
            yield logits

    means = table(blocks(), temperatures)
    size = predicted_bytes(text, model.tokens(ids[: count + 1]), whole=count == len(ids) - 1)
    return {
        "model": model.name,
        "provenance": dict(model.provenance),
        "vocabulary_size": model.vocabulary_size,
        "positions": count,
        "text_bytes": size,
        "perplexity": math.exp(sums.loss / count),
        "bits_per_byte": sums.loss / math.log(2) / max(size, 1),
        "zero_points": {f"S < {bound:g}": n / count for bound, n in sums.below.items()},
        "temperatures": means,
    }
