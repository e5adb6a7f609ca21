"""How many dimensions a model's predictions need: the tail of the centred log-probabilities.

A linear Boltzmann manifold of dimension k holds the models whose matrix of log-probabilities,
centred over prompts and over tokens, has rank k. Here the k directions are found on some prompts,
and on others it is measured what is lost by keeping to them.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from numeric.divergence import kl_divergence
from numeric.errors import InputError


def geometrization_losses(known: Tensor, asked: Tensor, dimensions: Sequence[int]) -> Tensor:
    """KL divergences (K, m), in nats, of predictions from their nearest in k dimensions.

    Shapes: logits `known` (n, V) give the mean and the k leading directions, logits `asked` (m, V)
    are projected on them, in the centred gauge; one row of results for each of the K dimensions.

    Raises:
        InputError: A dimension is not in 0..n - 1, or logits are not finite.
    """
    if not (torch.isfinite(known).all() and torch.isfinite(asked).all()):
        raise InputError("expected finite logits: a masked token has no centred energy")
    rows = len(known)
    if not dimensions or not all(0 <= k < rows for k in dimensions):
        raise InputError(f"expected dimensions in 0..{rows - 1}, got {list(dimensions)}")
    learned, new = _centred(known), _centred(asked)
    mean = learned.mean(dim=0)
    learned, new = learned - mean, new - mean
    # The right singular vectors from the small Gram matrix, largest first.
    _, left = torch.linalg.eigh((learned @ learned.T).double())
    directions = torch.flip(left, [1]).to(learned.dtype).T @ learned
    size = directions.norm(dim=1, keepdim=True)
    # What is rounding beside the largest is no direction: beyond the rank nothing is added.
    real = size > rows * torch.finfo(learned.dtype).eps ** 0.5 * size.max()
    directions = torch.where(real, directions / torch.where(real, size, 1), 0)
    coordinates = new @ directions.T
    losses = []
    for k in dimensions:
        near = mean + coordinates[:, :k] @ directions[:k]
        losses.append(kl_divergence(asked.double(), near.double()))
    return torch.stack(losses)


def _centred(logits: Tensor) -> Tensor:
    """Energies in the centred gauge, up to sign: rows of zero sum."""
    return logits - logits.mean(dim=-1, keepdim=True)
