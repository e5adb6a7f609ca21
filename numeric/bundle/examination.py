"""A model's bundle of prompts examined: loops, factors, tokens, and the gauge that must not show.

What are identities (gauge invariance, the two bounds of token states) must hold; what are
measurements come with a null model and are only reported.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch

from numeric.bundle.contexts import Contexts, read_contexts
from numeric.bundle.disentanglement import (
    Blocks,
    Mixing,
    curvature_blocks,
    fisher_blocks,
    reducibility,
)
from numeric.bundle.layers import Layers, examine_layers
from numeric.bundle.loops import Family, families, pairs
from numeric.bundle.prompts import CONTINUATION, FRAMES, PARAPHRASES, TRANSLATIONS, loops, prompts
from numeric.bundle.tokens import Tokens, examine_tokens
from numeric.bundle.transport import amplitude_holonomy, rotation_angles
from numeric.language_model import LanguageModel, Progress
from numeric.transformer import Transformer

GAUGE = 1e-10  # angles of holonomies move by no more under a gauge transformation
VISIBLE = 1e-3  # some angle moves by more under what is none

SOME = (*(FRAMES[0][tense, 0] for tense in range(3)), TRANSLATIONS[0][1])

ALONG = {
    "wording": PARAPHRASES[0],
    "language": TRANSLATIONS[0],
    "tense": FRAMES[0].singular,
}

Step = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Gauge:
    """Largest change of a holonomy's angles under random elements of O(n), and of GL(n)."""

    invariant: float
    control: float


@dataclass(frozen=True)
class Examination:
    """What was found about a model's bundle of prompts; `layers` where it is a transformer."""

    prompts: int
    positions: int
    width: int
    smallest: float
    families: tuple[Family, ...]
    gauge: Gauge
    mixing: Mixing
    blocks: Blocks
    curved: Blocks
    tokens: Tokens
    layers: Layers | None

    @property
    def broken(self) -> list[str]:
        """Identities that do not hold."""
        found = [] if self.gauge.invariant <= GAUGE else ["gauge invariance of holonomy"]
        return found if self.tokens.holds else [*found, "bounds of token states"]

    @property
    def unseen(self) -> list[str]:
        """Controls that moved nothing visibly."""
        return [] if self.gauge.control > VISIBLE else ["a change that is no gauge transformation"]


def examine(
    model: LanguageModel,
    *,
    continuation: str = CONTINUATION,
    positions: int = 16,
    draws: int = 199,
    seed: int = 0,
    step: Step | None = None,
) -> Examination:
    """Measure loops and factors of the project's prompts, and hold states of tokens to bounds.

    Raises:
        TextError: The continuation has fewer tokens than positions.
        InputError: Positions are fewer than two or more than a hidden state has components.
    """

    def told(label: str) -> Progress:
        return lambda done, total: None if step is None else step(label, done, total)

    read = prompts()
    found = read_contexts(
        model, read, continuation, positions=positions, progress=told("hidden states")
    )
    tell = told("loops and factors")
    tell(0, 3)
    seen = families(found, loops(), draws=draws, seed=seed)
    tell(1, 3)
    mixing = reducibility(found, FRAMES, draws=draws, seed=seed)
    tell(2, 3)
    kind, device = model.head.weight.dtype, model.head.weight.device
    blocks = fisher_blocks(found, FRAMES, lambda h: model.head(h.to(device, kind)).cpu())
    tell(3, 3)
    some = [
        FRAMES[0][0, 0],
        FRAMES[0][1, 0],
        FRAMES[0][2, 0],
        TRANSLATIONS[0][1],
        PARAPHRASES[0][0],
    ]
    tokens = examine_tokens(model, some, progress=told("states of tokens"))
    layers = None
    if isinstance(model, Transformer):
        layers = examine_layers(
            model, ALONG, continuation, positions=positions, progress=told("layers")
        )
    return Examination(
        len(found.prompts),
        positions,
        found.amplitudes.shape[1],
        float(pairs(found.amplitudes).smallest.min()),
        tuple(seen),
        _gauge(found, seed),
        mixing,
        blocks,
        curvature_blocks(found, FRAMES),
        tokens,
        layers,
    )


def _gauge(found: Contexts, seed: int) -> Gauge:
    """Angles of the loop through the first wordings, before and after a change of amplitudes."""
    generator = torch.Generator().manual_seed(seed)
    loop = torch.stack([found[prompt] for prompt in PARAPHRASES[0]])
    count, _, n = loop.shape
    normal = torch.randn(count, n, n, generator=generator, dtype=loop.dtype)
    turns = torch.linalg.qr(normal).Q

    def angles(corners: torch.Tensor) -> torch.Tensor:
        return rotation_angles(amplitude_holonomy(torch.cat([corners, corners[:1]])).turn)

    before = angles(loop)
    moved = [float((angles(loop @ g) - before).abs().max()) for g in (turns, normal)]
    return Gauge(*moved)
