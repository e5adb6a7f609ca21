"""Sums over strings where no closed form is known: the first terms, and a bound on the others.

All that is asked of a model is `predictive`, and that it stops with probability at least delta
after every prompt, as any softmax of bounded logits does.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Protocol

from scipy.special import entr

from numeric.errors import InputError
from numeric.language.markov import Float64


class Predictive(Protocol):
    """A language model of which only the next-word distributions are known."""

    @property
    def vocabulary_size(self) -> int:
        """The number of words V, the stop not counted."""
        ...

    def predictive(self, ids: Sequence[int]) -> Float64:
        """Probabilities (V + 1,) of the next word after a prompt, the stop last."""
        ...


def least_stop_probability(logit_range: float, outcomes: int, temperature: float = 1.0) -> float:
    """The least probability of an outcome, such as the stop, whose logit is at most R below all.

    1 / (1 + (V - 1) e^(R / T)), attained where all other logits are equal. It makes a softmax
    model tight: not to have stopped after n words has probability (1 - delta)^n at most.

    Raises:
        InputError: The range is negative, the temperature not positive, or there is no outcome.
    """
    if not (logit_range >= 0 and temperature > 0 and outcomes >= 1):
        raise InputError(
            "expected a range >= 0, a temperature > 0 and outcomes >= 1, "
            f"got {logit_range}, {temperature} and {outcomes}"
        )
    # The inverse is taken last, so that a large range gives zero and not an overflow.
    exponent = logit_range / temperature + math.log(max(outcomes - 1, 1))
    return 1.0 if outcomes == 1 else math.exp(-exponent) / (1 + math.exp(-exponent))


def truncated_sentence_entropy(
    model: Predictive, length: int, least_stop: float
) -> tuple[float, float]:
    """Bounds of the entropy of whole texts, from the strings of at most `length` words; nats.

    By sum_s pi(s) S(s) over those; the others add at most m ln(V + 1) / delta, where m is the
    mass that has not stopped and delta = `least_stop`. Takes V^length steps.

    Raises:
        InputError: `least_stop` is not in (0, 1], or the model stops with less somewhere.
    """
    if not 0 < least_stop <= 1:
        raise InputError(f"expected a least stop probability in (0, 1], got {least_stop}")
    found, left = 0.0, 0.0
    for prompt, weight in _visited(model, length):
        row = model.predictive(prompt)
        if row[-1] < least_stop:
            raise InputError(
                f"prompt {list(prompt)}: the stop has probability {row[-1]:.3g}, "
                f"less than the {least_stop:.3g} that was given as least"
            )
        found += weight * float(entr(row).sum())
        left += weight * float(1 - row[-1]) if len(prompt) == length else 0.0
    return found, found + left * math.log(model.vocabulary_size + 1) / least_stop


def _visited(model: Predictive, length: int) -> Iterator[tuple[tuple[int, ...], float]]:
    """Prompts of at most so many words that a text may begin with, and their probabilities."""
    stack: list[tuple[tuple[int, ...], float]] = [((), 1.0)]
    while stack:
        prompt, weight = stack.pop()
        yield prompt, weight
        if len(prompt) < length:
            row = model.predictive(prompt)
            stack += [((*prompt, w), weight * float(p)) for w, p in enumerate(row[:-1]) if p > 0]
