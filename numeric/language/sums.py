"""Exact sums over all strings of a finite-state language model.

A state s says what may come next: `steps` (n, n) are the probabilities of going on to a state,
`stops` (n,) that of the stop, state 0 is the start, and different words lead to different states.
With Q = steps, r = stops and h the entropy of what comes next in each state, the visits are
v = (I - Q^T)^-1 e_0, and the entropy of the whole text is v . h: the **sentence entropy theorem**
H(P) = sum_s pi(s) S(s). `sentence_entropy_of_strings` takes the other side, the derivative of
sum_t P(t)^q at q = 1, and knows nothing of entropies of next words.

References: cover2006.
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from scipy import sparse
from scipy.special import entr

from numeric.errors import InputError
from numeric.language.markov import Float64
from numeric.language.resolvent import solved


class FiniteState(Protocol):
    """A language model with finitely many states, the start first."""

    @property
    def steps(self) -> Any:
        """Probabilities (n, n) of steps from state to state, a sparse matrix."""
        ...

    @property
    def stops(self) -> Float64:
        """Probability (n,) of the stop in each state."""
        ...


def state_entropies(model: FiniteState) -> Float64:
    """Entropy (n,) of what comes next in each state, the stop included, in nats."""
    steps = model.steps.copy()
    steps.data = entr(steps.data)
    return np.asarray(steps.sum(axis=1)).ravel() + entr(model.stops)


def expected_visits(model: FiniteState) -> Float64:
    """How often a text is expected to pass through each state, (n,).

    The sum of pi(s) over the prompts s that lead there. The start counts once.

    Raises:
        InputError: The model leaks: with positive probability a text never ends.
    """
    alive = _tight_part(model)
    visits = np.zeros(len(model.stops))
    start = (alive == 0).astype(np.float64)
    visits[alive] = solved(model.steps[np.ix_(alive, alive)], start, transposed=True)
    return visits


def mean_length(model: FiniteState) -> float:
    """The expected number of words of a text: one less than the visits of all states."""
    return float(expected_visits(model).sum()) - 1


def sentence_entropy(model: FiniteState) -> float:
    """Entropy of whole texts: the expected entropy function over visited prompts, in nats."""
    return float(expected_visits(model) @ state_entropies(model))


def perplexity(model: FiniteState) -> float:
    """exp of the entropy per outcome, words and stop: how many choices a text has at each step."""
    return float(np.exp(sentence_entropy(model) / (mean_length(model) + 1)))


def sentence_entropy_of_strings(model: FiniteState) -> float:
    """Entropy of whole texts as -sum_t P(t) ln P(t), in nats.

    The derivative of sum_t P(t)^q = e_0 . (I - Q_q)^-1 r_q at q = 1, where powers are taken entry
    by entry: the sum over strings itself, no next-word entropy is used.
    """
    alive = _tight_part(model)
    steps, stops = model.steps[np.ix_(alive, alive)], model.stops[alive]
    logs = steps.copy()
    logs.data = -entr(steps.data)
    ends = solved(steps, stops)
    return -float(solved(steps, logs @ ends - entr(stops))[0])


def sentence_renyi_entropy(model: FiniteState, order: float) -> float:
    """Renyi entropy ln(sum_t P(t)^q) / (1 - q) of whole texts, in nats; the Shannon one at q = 1.

    Infinite where the sum diverges, as it may for q < 1.

    Raises:
        InputError: The order is not positive, or the model leaks.
    """
    if not 0 < order < np.inf:
        raise InputError(f"expected a positive order, got {order}")
    if order == 1:
        return sentence_entropy(model)
    alive = _tight_part(model)
    powers = model.steps[np.ix_(alive, alive)].copy()
    powers.data = powers.data**order
    if order < 1:
        # A nonnegative matrix has spectral radius < 1 just where (I - Q) x = 1 has x >= 0.
        dense = np.eye(len(alive)) - powers.toarray()
        try:
            if np.min(np.linalg.solve(dense, np.ones(len(alive)))) < 0:
                return np.inf
        except np.linalg.LinAlgError:
            return np.inf
    total = solved(powers, model.stops[alive] ** order)[0]
    return float(np.log(total) / (1 - order))


def position_entropies(model: FiniteState, length: int) -> Float64:
    """Expected entropy (length,) of word 1, 2, ... given all before; nothing follows a stop.

    Their sum is the entropy of the first `length` words: the chain rule.
    """
    at = np.zeros(len(model.stops))
    at[0] = 1.0
    entropies, found = state_entropies(model), np.zeros(length)
    for place in range(length):
        found[place] = at @ entropies
        at = model.steps.T @ at
    return found


def stationary_distribution(model: FiniteState) -> Float64:
    """Share (n,) of time in each state where a new text starts after every stop.

    Solved from what the states are left and entered by, not from the visits of one text.

    Raises:
        InputError: The model leaks.
    """
    alive = _tight_part(model)
    chain = model.steps[np.ix_(alive, alive)].toarray()
    chain[:, np.flatnonzero(alive == 0)[0]] += model.stops[alive]
    # p (chain - I) = 0 with entries that sum to one: one equation for the other.
    system = chain.T - np.eye(len(alive))
    system[-1] = 1.0
    shares = np.zeros(len(model.stops))
    shares[alive] = np.linalg.solve(system, np.eye(len(alive))[-1])
    return shares


def entropy_rate(model: FiniteState) -> float:
    """Entropy per outcome where a new text starts after every stop: sum_s p(s) h(s), in nats."""
    return float(stationary_distribution(model) @ state_entropies(model))


def _tight_part(model: FiniteState) -> Any:
    """The states that a text can reach, sorted.

    Raises:
        InputError: From one of them no stop can be reached.
    """
    steps = sparse.csr_matrix(model.steps)
    reached = _closure(np.arange(len(model.stops)) == 0, steps)
    ending = _closure(model.stops > 0, sparse.csr_matrix(steps.T))
    stuck = np.flatnonzero(reached & ~ending)
    if len(stuck):
        raise InputError(
            f"this model leaks: from state {stuck[0]} no stop can be reached, so that its texts "
            "are no distribution; see given_that_it_ends"
        )
    return np.flatnonzero(reached)


def _closure(states: Any, steps: Any) -> Any:
    """What is reached from states (n,), a mask, along steps (n, n) in any number of steps."""
    edges = (steps != 0).T.astype(np.int64)
    while True:
        more = states | (edges @ states > 0)
        if np.array_equal(more, states):
            return states
        states = more
