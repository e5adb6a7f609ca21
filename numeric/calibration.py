"""Is a model as surprised as it expects to be? Surprisal, entropy and heat capacity along a text.

At each position let I be the surprisal -ln p of the token that comes, S the entropy of what may
come and C its heat capacity at T = 1, the variance of the surprisal. On the model's own text
M = sum (I - S) is a martingale with variance sum E[C], whatever the model: so M / sqrt(sum C) is
nearly normal, and a text on which it is not was not written by the model.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from math import erfc, inf, sqrt
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from numeric.boltzmann import cross_entropy
from numeric.errors import InputError
from numeric.intervals import Measured, bootstrap, proportion
from numeric.thermodynamics import thermodynamics

Float64 = NDArray[np.float64]
BLOCK = 32  # neighbouring positions that are resampled together


@dataclass(frozen=True, eq=False)
class Readings:
    """Surprisal, entropy and heat capacity (n,) along a text, in nats, at T = 1.

    `likeliest` (n,) is the model's argmax. None of these depends on the energy gauge.
    """

    surprisal: Float64
    entropy: Float64
    heat_capacity: Float64
    likeliest: NDArray[np.int64]

    def __len__(self) -> int:
        """The number of positions."""
        return len(self.surprisal)


def readings(logits: Tensor, targets: Any, temperature: float = 1.0) -> Readings:
    """What a model says of the tokens that came: logits (n, V) at one temperature, targets (n,).

    A temperature other than one makes another model, that of logits / temperature.
    """
    rows = logits.double() / temperature
    state = thermodynamics(rows, 1.0)
    loss = cross_entropy(rows, torch.as_tensor(targets, device=logits.device))
    arrays = (loss, state.entropy, state.heat_capacity)
    numbers = (np.asarray(array.detach().cpu(), dtype=np.float64) for array in arrays)
    return Readings(*numbers, likeliest=np.asarray(logits.argmax(-1).cpu()))


def joined(parts: Sequence[Readings]) -> Readings:
    """Readings of one text after another."""
    names = ("surprisal", "entropy", "heat_capacity", "likeliest")
    return Readings(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


class MartingaleTest(NamedTuple):
    """The mean of I - S, its standard error sqrt(sum C) / n, their quotient, and how rare it is.

    `p_value` is the probability of a quotient that large, either way, on the model's own text.
    """

    positions: int
    mean_excess: float
    standard_error: float
    z: float
    p_value: float


def martingale_test(read: Readings) -> MartingaleTest:
    """Whether a text is as surprising as the model expects of its own.

    Where nothing was open (sum C = 0), no excess is what the model expects, any other impossible.
    Says nothing about single positions, and needs the order and the dependence of none.
    """
    total, variance = float((read.surprisal - read.entropy).sum()), float(read.heat_capacity.sum())
    if variance > 0:
        z = total / sqrt(variance)
    else:
        z = 0.0 if total == 0 else inf if total > 0 else -inf
    error = sqrt(variance) / len(read)
    return MartingaleTest(len(read), total / len(read), error, z, erfc(abs(z) / sqrt(2)))


def calibration_gap(read: Readings, *, seed: int = 0) -> Measured:
    """Mean surprisal less mean entropy, in nats; zero for a model that is calibrated."""
    excess = read.surprisal - read.entropy
    return bootstrap(
        lambda cases: float(excess[cases].mean()),
        len(excess),
        block=min(BLOCK, len(excess)),
        seed=seed,
    )


def data_zero_points(ids: Sequence[int], *, context: int, at_least: int = 3) -> list[int]:
    """Positions t at which the data themselves leave nothing open about token t.

    There the `context` tokens before t occur at least `at_least` times in the text, always before
    the same token. What people find certain cannot be seen; this is what a text shows of it.

    Raises:
        InputError: `context` or `at_least` is below one.
    """
    if context < 1 or at_least < 1:
        raise InputError(f"expected context and at_least >= 1, got {context} and {at_least}")
    places: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for t in range(context, len(ids)):
        places[tuple(ids[t - context : t])].append(t)
    sure = (
        found
        for found in places.values()
        if len(found) >= at_least and len({ids[t] for t in found}) == 1
    )
    return sorted(t for found in sure for t in found)


def zero_set_inclusion(
    read: Readings, ids: Sequence[int], epsilon: float, *, context: int, at_least: int = 3
) -> tuple[Measured, int]:
    """The share of the data's zero points that are the model's, S < epsilon with the same argmax.

    And their number. `read` are all predictions of the text: row t - 1 is about token t.

    Raises:
        InputError: The readings are not those of the text.
    """
    if len(read) != len(ids) - 1:
        raise InputError(f"expected {len(ids) - 1} readings, one for each token, got {len(read)}")
    sure = np.array(data_zero_points(ids, context=context, at_least=at_least), dtype=np.int64)
    same = read.likeliest[sure - 1] == np.asarray(ids)[sure]
    reached = same & (read.entropy[sure - 1] < epsilon)
    return proportion(int(reached.sum()), len(sure)), len(sure)
