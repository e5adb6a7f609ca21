"""A language model that grows reluctant to stop: the text-book example of lost mass.

After t words, whichever they were, the text stops with probability e_t, else the next word is
drawn from a fixed distribution. The mass of all finite strings is 1 - prod_t (1 - e_t): one where
the e_t sum to infinity, less where they do not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from numeric.errors import InputError
from numeric.language.markov import Float64, checked_ids, is_distribution


class FadingLanguageModel:
    """A model whose words are independent and whose stop depends on the length of the text alone.

    `words` (V,) are the probabilities of words where the text goes on, `stop(t)` in [0, 1] that
    of stopping after t = 0, 1, ... words.

    Raises:
        InputError: `words` is not a distribution within rounding.
    """

    def __init__(self, words: ArrayLike, stop: Callable[[int], float]) -> None:
        """The model with these words and this stop."""
        self.words: Float64 = np.array(words, dtype=np.float64)
        if self.words.ndim != 1 or not is_distribution(self.words):
            raise InputError("words: expected a distribution (V,), entries >= 0 that sum to one")
        self._stop = stop

    @classmethod
    def inverse_square(cls, words: ArrayLike, first: int = 0) -> FadingLanguageModel:
        """The model with e_t = 1 / (t + 2)^2 from t = `first` on, and no stop before.

        It leaks (first + 1) / (first + 2): the product telescopes.
        """
        return cls(words, lambda t: 1 / (t + 2) ** 2 if t >= first else 0.0)

    @property
    def vocabulary_size(self) -> int:
        """The number of words V, the stop not counted."""
        return len(self.words)

    def stop(self, length: int) -> float:
        """Probability that a text stops after so many words.

        Raises:
            InputError: What the model was given for it is no probability.
        """
        probability = float(self._stop(length))
        if not 0 <= probability <= 1:
            raise InputError(f"stop({length}): expected a probability, got {probability!r}")
        return probability

    def predictive(self, ids: Sequence[int]) -> Float64:
        """Probabilities (V + 1,) of the next word after a prompt, the stop last."""
        stop = self.stop(len(checked_ids(ids, self.vocabulary_size)))
        return np.append((1 - stop) * self.words, stop)

    def leaked_mass(self, length: int, rest: float) -> tuple[float, float]:
        """Bounds of the probability that a text never ends, from the stops before `length`.

        `rest` bounds the sum of all later ones: then prod (1 - e_t) over them lies between
        1 - rest and one. For e_t = 1 / (t + 2)^2 it is at most 1 / (length + 1).

        Raises:
            InputError: `length` or `rest` is negative.
        """
        if length < 0 or not rest >= 0:
            raise InputError(f"expected a length and a rest >= 0, got {length} and {rest}")
        going_on = float(np.prod([1 - self.stop(t) for t in range(length)]))
        return going_on * max(0.0, 1 - rest), going_on
