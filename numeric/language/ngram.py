"""Language models whose next word depends on the last few: n-grams, counted in texts or tables.

A state is what the model remembers: up to n - 1 words, fewer at the start of a text. Different
words lead to different states, so that steps between states say all that is to be known.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from scipy import sparse

from numeric.errors import InputError, ModelError
from numeric.language.markov import Float64, checked_ids
from numeric.packages import package_folder

State = tuple[int, ...]
SYMSPELL_INSTALL = "pip install --no-deps symspellpy==6.10.0"


class NGramLanguageModel:
    """A language model of order n: what comes next depends on the last n - 1 words.

    `counts` maps a state and a word, or None for the stop, to how often the one followed the
    other; the empty state is the start. A state that is reached and never left stops there.

    Raises:
        InputError: A count is negative or not finite, a word is unknown, or nothing follows the
            start.
    """

    def __init__(
        self,
        words: Sequence[Hashable],
        order: int,
        counts: Mapping[tuple[State, int | None], float],
    ) -> None:
        """The model with the frequencies of these counts."""
        if order < 2:
            raise InputError(f"expected an order of at least 2, got {order}")
        self.words, self.order = list(words), order
        checked_ids(sorted({w for _, w in counts if w is not None}), len(self.words))
        values = np.array(list(counts.values()), dtype=np.float64)
        if not np.all(np.isfinite(values) & (values >= 0)):
            raise InputError("counts: expected finite numbers >= 0")
        states: dict[State, int] = {(): 0}
        for state, word in counts:
            states.setdefault(state, len(states))
            if word is not None:
                states.setdefault(self._after(state, word), len(states))
        self._states = states
        self.steps, self.stops = self._frequencies(counts, values)

    @classmethod
    def from_texts(
        cls, texts: Iterable[Sequence[Hashable]], order: int, *, pseudocount: float = 0.0
    ) -> NGramLanguageModel:
        """The model of the n-grams of texts, each a sequence of words; every text ends in a stop.

        `pseudocount` is added to each word and the stop after each state that was seen.

        Raises:
            InputError: There is no text, or the order is below two.
        """
        known = [list(text) for text in texts]
        if not known:
            raise InputError("expected at least one text")
        words = sorted({word for text in known for word in text}, key=repr)
        number = {word: n for n, word in enumerate(words)}
        counts: Counter[tuple[State, int | None]] = Counter()
        for text in known:
            ids = [number[word] for word in text]
            for place in range(len(ids) + 1):
                state = tuple(ids[max(0, place - order + 1) : place])
                counts[state, ids[place] if place < len(ids) else None] += 1
        if pseudocount:
            for state in {state for state, _ in counts}:
                for word in [*range(len(words)), None]:
                    counts[state, word] += pseudocount  # type: ignore[assignment]
        return cls(words, order, counts)

    @classmethod
    def symspell(cls, stop: float = 0.05) -> NGramLanguageModel:
        """The bigrams of 19,792 English words that the package symspellpy counts.

        The table lists 242,342 pairs within texts and no starts or ends. So texts start with a
        word as often as it opens a pair, and after each word they stop with probability `stop`;
        a word that opens no pair ends the text.

        Raises:
            InputError: `stop` is not in (0, 1).
            ModelError: The package is not installed, or its table is not there.
        """
        if not 0 < stop < 1:
            raise InputError(f"expected a stop in (0, 1), got {stop}")
        words, first, second, counts = _symspell_pairs()
        size = len(words)
        opens = np.bincount(first, weights=counts, minlength=size)
        # State 0 is the start, state w + 1 the word w.
        rows = np.concatenate([np.zeros(size, dtype=np.int64), first + 1])
        columns = np.concatenate([np.arange(size), second]) + 1
        shares = np.concatenate([opens / opens.sum(), (1 - stop) * counts / opens[first]])
        model = cls.__new__(cls)
        model.words, model.order = words, 2
        model._states = {(): 0} | {(word,): word + 1 for word in range(size)}
        steps = sparse.csr_matrix((shares, (rows, columns)), shape=(size + 1, size + 1))
        steps.eliminate_zeros()
        model.steps = steps
        model.stops = np.concatenate([[0.0], np.where(opens > 0, stop, 1.0)])
        return model

    @property
    def vocabulary_size(self) -> int:
        """The number of words V, the stop not counted."""
        return len(self.words)

    @property
    def states(self) -> list[State]:
        """What the model can remember, the start first; words by their numbers."""
        return list(self._states)

    def state(self, ids: Sequence[int]) -> int | None:
        """The number of the state after a prompt; None where no text begins like that."""
        at, state = 0, ()
        for word in checked_ids(ids, self.vocabulary_size):
            state = self._after(state, word)
            following = self._states.get(state)
            if following is None or not self.steps[at, following] > 0:
                return None
            at = following
        return at

    def predictive(self, ids: Sequence[int]) -> Float64:
        """Probabilities (V + 1,) of the next word after a prompt, the stop last.

        Raises:
            InputError: No text of the model begins with the prompt.
        """
        at = self.state(ids)
        if at is None:
            raise InputError(f"prompt {list(ids)}: no text of this model begins like that")
        row = np.zeros(self.vocabulary_size + 1)
        states = self._last_words
        start, stop = self.steps.indptr[at : at + 2]
        for place in range(start, stop):
            row[states[self.steps.indices[place]]] = self.steps.data[place]
        row[-1] = self.stops[at]
        return row

    @cached_property
    def _last_words(self) -> list[int]:
        """The word that leads to each state; none leads to the start."""
        return [state[-1] if state else -1 for state in self._states]

    def _after(self, state: State, word: int) -> State:
        return (*state, word)[-(self.order - 1) :]

    def _frequencies(
        self, counts: Mapping[tuple[State, int | None], float], values: Float64
    ) -> tuple[Any, Float64]:
        places = [(self._states[state], state, word) for state, word in counts]
        size = len(self._states)
        totals = np.bincount([at for at, *_ in places], weights=values, minlength=size)
        if not totals[0] > 0:
            raise InputError("counts: nothing was counted at the start of a text")
        stops = np.where(totals > 0, 0.0, 1.0)
        rows, columns, shares = [], [], []
        for (at, state, word), value in zip(places, values, strict=True):
            if word is None:
                stops[at] = value / totals[at] if totals[at] > 0 else 1.0
            elif value > 0:
                target = self._states[self._after(state, word)]
                rows.append(at)
                columns.append(target)
                shares.append(value / totals[at])
        steps = sparse.csr_matrix((shares, (rows, columns)), shape=(size, size))
        return steps, stops


def _symspell_pairs() -> tuple[list[str], Any, Any, Float64]:
    """Words, and for each pair the numbers of its words and its count."""
    folder = package_folder("symspellpy", SYMSPELL_INSTALL)
    found = sorted(folder.glob("frequency_bigramdictionary_en_*.txt"))
    if len(found) != 1:
        raise ModelError(f"expected one table of English bigrams in {folder}, found {len(found)}")
    fields = found[0].read_text(encoding="utf-8-sig").split()
    words = list(dict.fromkeys([*fields[::3], *fields[1::3]]))
    number = {word: place for place, word in enumerate(words)}
    first, second = (np.array([number[word] for word in fields[k::3]]) for k in (0, 1))
    return words, first, second, np.array(fields[2::3], dtype=np.float64)
