"""transformers: the warpers of logits that sampling uses, each followed by a softmax."""

from collections.abc import Callable

import torch
from torch import Tensor
from transformers.generation.logits_process import (
    EtaLogitsWarper,
    MinPLogitsWarper,
    TemperatureLogitsWarper,
    TopKLogitsWarper,
    TopPLogitsWarper,
    TypicalLogitsWarper,
)


def _warped(warper: Callable[..., Tensor], logits: Tensor) -> Tensor:
    """Softmax of warped rows: a warper takes (rows, V) and the ids of the text, which it ignores.

    A copy is handed over, as `generate` does: some of them write into what they get.
    """
    rows = logits.reshape(-1, logits.shape[-1])
    ids = torch.zeros(len(rows), 1, dtype=torch.long)
    return warper(ids, rows.clone()).softmax(-1).reshape(logits.shape)


def temperature(logits: Tensor, temperature: float) -> Tensor:
    """`TemperatureLogitsWarper`."""
    return _warped(TemperatureLogitsWarper(temperature), logits)


def top_k(logits: Tensor, count: int) -> Tensor:
    """`TopKLogitsWarper`."""
    return _warped(TopKLogitsWarper(count), logits)


def top_p(logits: Tensor, mass: float) -> Tensor:
    """`TopPLogitsWarper`."""
    return _warped(TopPLogitsWarper(mass), logits)


def min_p(logits: Tensor, share: float) -> Tensor:
    """`MinPLogitsWarper`."""
    return _warped(MinPLogitsWarper(share), logits)


def typical(logits: Tensor, mass: float) -> Tensor:
    """`TypicalLogitsWarper`."""
    return _warped(TypicalLogitsWarper(mass), logits)


def eta(logits: Tensor, constant: float) -> Tensor:
    """`EtaLogitsWarper`."""
    return _warped(EtaLogitsWarper(constant), logits)


SUBJECTS = {
    temperature: "probabilities",
    top_k: "top_k_probabilities",
    top_p: "top_p_probabilities",
    min_p: "min_p_probabilities",
    typical: "typical_probabilities",
    eta: "eta_probabilities",
}
