"""Prompts along the layers of a transformer: how far each layer moves a covariance of states.

The amplitude of a prompt at a layer is that of `contexts`, with the residual stream after that
layer in place of the last hidden state. Angles are those of Bures between covariances of trace
one, and know neither the size of the stream nor which column belongs to which token.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import torch
from torch import Tensor

from numeric.bundle.contexts import continued
from numeric.bundle.distances import angle_of
from numeric.bundle.transport import horizontal_step
from numeric.language_model import Progress
from numeric.transformer import Transformer


@dataclass(frozen=True)
class Layers:
    """Means over prompts: `sizes` of the stream (L + 1), its steps (L) from layer to layer.

    `distances` are those of Bures and Wasserstein, `angles` the same without the sizes. `spread`
    holds for each kind of prompt the mean angle (L + 1) between two of that kind.
    """

    prompts: int
    sizes: tuple[float, ...]
    distances: tuple[float, ...]
    angles: tuple[float, ...]
    spread: dict[str, tuple[float, ...]]

    @property
    def widest_step(self) -> int:
        """The layer, counted from 1, that turns the covariance most."""
        return 1 + max(range(len(self.angles)), key=lambda layer: self.angles[layer])


def examine_layers(
    model: Transformer,
    kinds: Mapping[str, Sequence[str]],
    continuation: str,
    *,
    positions: int = 16,
    progress: Progress | None = None,
) -> Layers:
    """Follow prompts, two at least of each kind, through the layers of a transformer.

    Raises:
        TextError: The continuation has fewer tokens than positions.
        InputError: A prompt and the continuation do not fit into the model's window.
    """
    prompts = [prompt for kind in kinds.values() for prompt in kind]
    found: dict[str, Tensor] = {}
    for done, prompt in enumerate(prompts):
        ids, start = continued(model, prompt, continuation, positions)
        stream = model.layers(ids)[:, start:].double().cpu()
        found[prompt] = stream.mT / positions**0.5
        if progress is not None:
            progress(done + 1, len(prompts))
    every = torch.stack(list(found.values()))  # (prompts, L + 1, d, n)
    before, after = every[:, :-1], every[:, 1:]
    return Layers(
        len(found),
        _mean(torch.linalg.matrix_norm(every)),
        _mean(_distance(before, after)),
        _mean(_angle(before, after)),
        {
            kind: _mean(torch.stack([_angle(found[a], found[b]) for a, b in combinations(own, 2)]))
            for kind, own in kinds.items()
        },
    )


def _distance(first: Tensor, second: Tensor) -> Tensor:
    """Distances (...) of Bures and Wasserstein between amplitudes (..., d, n)."""
    return torch.linalg.matrix_norm(horizontal_step(first, second))


def _angle(first: Tensor, second: Tensor) -> Tensor:
    """Angles of Bures (...) between amplitudes of length one, from their chord."""
    unit = [w / torch.linalg.matrix_norm(w)[..., None, None] for w in (first, second)]
    return angle_of((_distance(unit[0], unit[1]) ** 2 / 2).clamp(max=1))


def _mean(rows: Tensor) -> tuple[float, ...]:
    return tuple(rows.mean(0).tolist())
