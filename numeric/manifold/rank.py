"""The rank law: centered log-probabilities of a linear head are as narrow as its hidden state.

The table of ln p (prompts by tokens), centered over both, is a product of a table (N, d) and one
(d, V), whatever the bias.  Its singular values say in how many dimensions a model could live, and
how much of its log-probabilities fewer dimensions would miss.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from numeric.arrays import tensor_from
from numeric.domain import first_index, row_name
from numeric.errors import InputError


@dataclass(frozen=True, eq=False)
class RankLaw:
    """Singular values (n,) of the centered table of N prompts and V tokens, greatest first.

    `prompts` counts different rows: of equal ones each but the first says nothing new.
    """

    singular_values: NDArray[np.float64]
    prompts: int
    tokens: int

    @property
    def bound(self) -> int:
        """The rank that so many prompts and tokens allow at most."""
        return max(min(self.prompts, self.tokens) - 1, 0)

    def rank(self, rounding: float = np.finfo(np.float64).eps) -> int:
        """Singular values above what relative rounding of the table's entries amounts to."""
        if not self.singular_values.size:
            return 0
        floor = rounding * max(self.prompts, self.tokens) * self.singular_values[0]
        return int((self.singular_values > floor).sum())

    @property
    def tail(self) -> NDArray[np.float64]:
        """Root mean square error (n + 1,), in nats, of the best table of rank 0, 1, ..., n."""
        squares = np.concatenate([self.singular_values[::-1] ** 2, [0.0]])
        missed = np.concatenate([[0.0], np.cumsum(squares[:-1])])[::-1]
        return np.sqrt(missed / (self.prompts * self.tokens))

    def dimension(self, error: float) -> int:
        """The fewest dimensions that miss at most `error` nats (root mean square).

        Raises:
            InputError: The error is negative or NaN.
        """
        if not error >= 0:
            raise InputError(f"error: expected nats >= 0, got {error}")
        return int(np.argmax(self.tail <= error))


def log_probability_spectrum(log_probabilities) -> RankLaw:
    """The rank law of a table of log-probabilities (N, V), up to a constant of each row.

    Raises:
        InputError: It is no table, or a number is not finite: a masked token has no logarithm.
    """
    x = tensor_from(log_probabilities, "log_probabilities").detach().double()
    if x.ndim != 2 or not x.numel():
        raise InputError(f"log_probabilities: expected a table (N, V), got {tuple(x.shape)}")
    bad = ~torch.isfinite(x).all(-1)
    if bool(bad.any()):
        raise InputError(
            f"log_probabilities: expected finite numbers, got others in "
            f"{row_name(first_index(bad))}; masked tokens must be left out"
        )
    x = x.unique(dim=0) if len(x) > 1 else x
    x = x - x.mean(-1, keepdim=True)
    x = x - x.mean(0)
    tall = x.T if len(x) < x.shape[1] else x
    values = torch.linalg.svdvals(torch.linalg.qr(tall, mode="r").R)
    return RankLaw(values.cpu().numpy(), len(x), x.shape[1])
