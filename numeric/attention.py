"""Softmax attention as an expectation, and the merge of blocks of keys.

Scores are (..., n), values (..., n, d), torch or NumPy, and their leading axes broadcast.  A
score of -inf masks its key.  Keys may come in blocks: `attention_block` keeps of each what
`merged` needs, ln Z and the mean value, and blocks may be merged in any order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from numeric.arrays import ArrayT, Temperature, tensor_from
from numeric.ensemble import Ensemble
from numeric.errors import InputError


@dataclass(frozen=True)
class AttentionBlock:
    """What is known of a block of keys: `log_partition` (...) and `mean` (..., d) of the values.

    A block without keys has log_partition -inf and mean 0.
    """

    log_partition: Any
    mean: Any

    def merged(self, other: AttentionBlock) -> AttentionBlock:
        """Both blocks together: ln Z adds as exponentials do, the means mix by the shares."""
        first, second = self.log_partition, other.log_partition
        if not isinstance(first, Tensor):
            inner = AttentionBlock(*map(torch.as_tensor, (first, self.mean)))
            outer = AttentionBlock(*map(torch.as_tensor, (second, other.mean)))
            both = inner.merged(outer)
            return AttentionBlock(both.log_partition.numpy()[()], both.mean.numpy())
        empty = (first == -torch.inf) & (second == -torch.inf)
        share = torch.sigmoid(torch.where(empty, 0, second) - torch.where(empty, 0, first))
        mean = torch.lerp(*torch.broadcast_tensors(self.mean, other.mean, share.unsqueeze(-1)))
        return AttentionBlock(torch.logaddexp(first, second), mean)


def attention(scores: ArrayT, values: ArrayT, temperature: Temperature = 1.0) -> ArrayT:
    """Mean value sum softmax(scores / T)_i v_i: (..., d), or (..., K, d) for T of shape (K,)."""
    b, mean = _mean(scores, values, temperature)
    return b.outlet(mean, axis=-2)


def attention_block(
    scores: ArrayT, values: ArrayT, temperature: float | Tensor = 1.0
) -> AttentionBlock:
    """The block of these keys at one temperature; all of a row's keys may be masked."""
    b, mean = _mean(scores, values, temperature, empty=True)
    gone = b.masked.all(-1)
    log_partition = torch.where(gone, -torch.inf, b.maximum / b.temperature + b.log_weight)
    mean = torch.where(gone.unsqueeze(-1), 0, mean)
    return AttentionBlock(b.outlet(log_partition), b.outlet(mean, axis=-2))


def _mean(
    scores: ArrayT, values: ArrayT, temperature: Temperature, empty: bool = False
) -> tuple[Ensemble, Tensor]:
    """The ensemble of the scores and the mean values (..., K, d)."""
    if isinstance(scores, Tensor) != isinstance(values, Tensor):
        raise InputError("scores, values: expected both torch or both NumPy")
    b = Ensemble.of(scores, temperature, empty=empty)
    v = tensor_from(values, "values")
    if v.ndim < 2 or v.shape[-2] != b.logits.shape[-1]:
        keys = b.logits.shape[-1]
        raise InputError(f"values: expected shape (..., {keys}, d), got {tuple(v.shape)}")
    seen = torch.where(b.masked.transpose(-1, -2), 0, v.to(b.temperature.dtype))
    return b, (b.probabilities.unsqueeze(-1) * seen.unsqueeze(-3)).sum(-2)
