"""Language models whose next word depends on the last one, as dense tables.

Words are numbered 0..V-1, and a row of V + 1 probabilities ends with that of the stop. `P(t)` is
the probability of the whole string t, `pi(s)` that of all strings that begin with s. Where every
text stops (the model is tight), the total mass is one and `pi(s)` is the product of s's steps;
elsewhere some mass belongs to texts that never end, and `P` is not a distribution.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from numeric.errors import InputError

Float64 = NDArray[np.float64]


class MarkovLanguageModel:
    """A language model whose next word depends on the last one.

    Shapes: initial (V + 1,), transition (V, V + 1), NumPy or torch on the CPU, kept as float64;
    row w of `transition` is what follows word w, and the last entry of every row is the stop.
    Probabilities of strings that the model cannot produce are zero; below 1e-308 they underflow.

    Raises:
        InputError: Shapes do not fit, or a row is not a distribution within rounding.
    """

    def __init__(self, initial: ArrayLike, transition: ArrayLike) -> None:
        """The model with these tables; they are copied and cannot be written to afterwards."""
        rows = _table(initial, transition)
        _check_distributions(rows)
        rows.flags.writeable = False
        self.initial: Float64 = rows[0]
        self.transition: Float64 = rows[1:]

    @classmethod
    def from_counts(
        cls, initial: ArrayLike, transition: ArrayLike, *, pseudocount: float = 0.0
    ) -> MarkovLanguageModel:
        """The model with the frequencies of counted bigrams, plus `pseudocount` of each.

        Shapes: as of the model; `initial` counts first words and empty texts, row w of
        `transition` the words after w and, last, the texts that end with w.

        Raises:
            InputError: A count is negative or not finite, or a row has no counts at all.
        """
        rows = _table(initial, transition) + pseudocount
        if not np.all(np.isfinite(rows) & (rows >= 0)):
            raise InputError("counts: expected finite numbers >= 0, pseudocount included")
        totals = rows.sum(axis=1)
        if not np.all(totals > 0):
            row = _row_name(int(np.argmin(totals)))
            raise InputError(f"counts: nothing was counted in {row}; use a pseudocount > 0")
        rows /= totals[:, None]
        return cls(rows[0], rows[1:])

    @property
    def vocabulary_size(self) -> int:
        """The number of words V, the stop not counted."""
        return len(self.transition)

    def predictive(self, ids: Sequence[int]) -> Float64:
        """Probabilities (V + 1,) of the next word after a prompt, the stop last."""
        ids = self._checked(ids)
        return self.transition[ids[-1]] if ids else self.initial

    def entropy_function(self, ids: Sequence[int]) -> float:
        """Entropy of the next word after a prompt, the stop included, in nats."""
        p = self.predictive(ids)
        p = p[p > 0]
        return float(-(p * np.log(p)).sum())

    def string_probability(self, ids: Sequence[int]) -> float:
        """Probability `P(ids)` that the whole text is this string."""
        return self._steps(ids) * float(self.predictive(ids)[-1])

    def prefix_probability(self, ids: Sequence[int]) -> float:
        """Probability `pi(ids)` of all strings that begin with this one."""
        ids = self._checked(ids)
        return self._steps(ids) * float(self._ending[ids[-1] + 1 if ids else 0])

    def conditional(self, t: Sequence[int], s: Sequence[int]) -> float:
        """Probability `P(t | s)` that exactly the string t follows the prompt s.

        Raises:
            InputError: The prompt has probability zero, or an id is out of range.
        """
        prefix = self.prefix_probability(s)
        if not prefix > 0:
            raise InputError(f"prompt {list(s)}: no text of this model begins like that")
        return self.string_probability([*s, *t]) / prefix

    def total_mass(self) -> float:
        """The sum of `P` over all finite strings, by solving a linear system; one if tight."""
        return float(self._ending[0])

    @property
    def is_tight(self) -> bool:
        """Whether a text stops with probability one: from all it can reach, it can stop."""
        return bool(np.all(self._can_stop[self._reached]))

    def __repr__(self) -> str:
        """The size, and the mass that leaks where the model is not tight."""
        mass = "tight" if self.is_tight else f"total_mass={self.total_mass():.6g}"
        return f"MarkovLanguageModel(vocabulary_size={self.vocabulary_size}, {mass})"

    def strings(self, max_length: int) -> Iterator[tuple[int, ...]]:
        """All strings of at most `max_length` words, shortest first, in lexical order."""
        for length in range(max_length + 1):
            yield from product(range(self.vocabulary_size), repeat=length)

    def given_that_it_ends(self) -> MarkovLanguageModel:
        """The tight model of the texts that end: p'(w | s) = pi(sw) / pi(s), by their own sums.

        The same model where it is tight. States that cannot stop keep a row that only stops.

        Raises:
            InputError: No text of this model ends.
        """
        if not self._ending[0] > 0:
            raise InputError("no text of this model ends: there is nothing to condition on")
        goes = self._rows[:, :-1] * self._ending[None, 1:]
        rows = np.hstack([goes, self._rows[:, -1:]])
        totals = rows.sum(axis=1, keepdims=True)
        rows[totals[:, 0] == 0, -1] = 1.0
        rows /= np.where(totals > 0, totals, 1.0)
        return MarkovLanguageModel(rows[0], rows[1:])

    # States are the start, 0, and the words w, w + 1.

    @cached_property
    def steps(self) -> Any:
        """Probabilities (V + 1, V + 1) of steps from state to state, sparse."""
        return sparse.csr_matrix(self._steps_between)

    @property
    def stops(self) -> Float64:
        """Probability (V + 1,) of the stop in each state."""
        return self._rows[:, -1]

    @cached_property
    def _ending(self) -> Float64:
        """Probability (V + 1,) that the text stops, by state: the least h with h = r + Q h."""
        rows, live = self._rows, np.flatnonzero(self._can_stop)
        going_on = self._steps_between[np.ix_(live, live)]
        stops = np.zeros(len(rows))
        # States that cannot stop are left out, else I - Q would be singular.
        stops[live] = np.linalg.solve(np.eye(len(live)) - going_on, rows[live, -1])
        return np.clip(stops, 0.0, 1.0)

    @cached_property
    def _can_stop(self) -> NDArray[np.bool_]:
        backward = self._steps_between.T > 0
        return _closure(self._rows[:, -1] > 0, backward)

    @cached_property
    def _reached(self) -> NDArray[np.bool_]:
        start = np.arange(len(self._rows)) == 0
        return _closure(start, self._steps_between > 0)

    @property
    def _rows(self) -> Float64:
        return np.vstack([self.initial, self.transition])

    @property
    def _steps_between(self) -> Float64:
        """Probabilities (V + 1, V + 1) of steps from state to state; nothing enters the start."""
        return np.hstack([np.zeros((len(self._rows), 1)), self._rows[:, :-1]])

    def _steps(self, ids: Sequence[int]) -> float:
        """Product of the probabilities of the string's words, one after the other."""
        ids = self._checked(ids)
        rows = [self.initial, *(self.transition[w] for w in ids[:-1])]
        return float(np.prod([row[w] for row, w in zip(rows, ids, strict=False)]))

    def _checked(self, ids: Sequence[int]) -> list[int]:
        return checked_ids(ids, self.vocabulary_size)


def checked_ids(ids: Sequence[int], vocabulary_size: int) -> list[int]:
    """The ids as integers.

    Raises:
        InputError: One is not a word of 0..vocabulary_size - 1; the message names its place.
    """
    last = vocabulary_size - 1
    for place, w in enumerate(ids):
        if isinstance(w, bool) or not isinstance(w, int | np.integer) or not 0 <= w <= last:
            raise InputError(f"ids: expected words 0..{last}, got {w!r} at place {place}")
    return [int(w) for w in ids]


def is_distribution(rows: Float64) -> NDArray[np.bool_]:
    """Whether rows (..., n) have entries >= 0 that sum to one within rounding."""
    # Entries and their sum are each off by less than an eps per entry.
    allowance = 2 * rows.shape[-1] * np.finfo(np.float64).eps
    good = np.isfinite(rows).all(axis=-1) & (rows >= 0).all(axis=-1)
    return good & (np.abs(rows.sum(axis=-1) - 1) <= allowance)


def _closure(states: NDArray[np.bool_], edges: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """What is reached from `states` (n,) along `edges` (n, n) in any number of steps."""
    while True:
        more = states | edges[states].any(axis=0)
        if np.array_equal(more, states):
            return states
        states = more


def _table(initial: ArrayLike, transition: ArrayLike) -> Float64:
    """Both tables in one, (V + 1, V + 1), the initial row first; a copy."""
    first, rest = np.asarray(initial, dtype=np.float64), np.asarray(transition, dtype=np.float64)
    size = first.shape[0] if first.ndim == 1 else 0
    if size < 2 or rest.shape != (size - 1, size):
        raise InputError(
            "expected initial (V + 1,) and transition (V, V + 1) with V >= 1, "
            f"got {first.shape} and {rest.shape}; the last column is the stop"
        )
    return np.vstack([first, rest])


def _check_distributions(rows: Float64) -> None:
    bad = ~is_distribution(rows)
    if bad.any():
        row = int(np.flatnonzero(bad)[0])
        raise InputError(
            f"{_row_name(row)}: expected a distribution, entries >= 0 that sum to one in float64, "
            f"got a sum of {rows[row].sum()!r} and a least entry of {rows[row].min()!r}"
        )


def _row_name(row: int) -> str:
    return "initial" if row == 0 else f"transition row {row - 1}"
