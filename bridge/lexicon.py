"""Which function computes which symbol: the one table between theory and code.

Each entry names what users call and how the formal arguments reach it. The first entry of a
quantity is used where theorems are confronted; all of them are held against the definition.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

import torch
from torch import Tensor

import numeric
from formal import boltzmann, decoding, moduli
from formal.quantity import Quantity


class Role(Enum):
    """How a formal argument is handed to the code."""

    ENERGIES = auto()  # a family of energies, handed over as logits = -E
    LOGITS = auto()  # a family of logits
    DISTRIBUTION = auto()  # a distribution, handed over as its logarithms
    TEMPERATURE = auto()
    ORDER = auto()  # a number that is the same for all rows
    TOKEN = auto()  # the index of the result's last axis


FAMILIES = (Role.ENERGIES, Role.LOGITS, Role.DISTRIBUTION)


@dataclass(frozen=True)
class Code:
    """A function of `numeric` and the roles of the formal quantity's arguments, in order."""

    function: Callable[..., Tensor]
    roles: tuple[Role, ...]
    name: str
    logarithmic: bool = False  # a value per token that is plus or minus ln p, not p
    quadratic: bool = False  # memory grows with the square of the vocabulary

    @property
    def per_token(self) -> bool:
        """Whether the result has one value per token."""
        return Role.TOKEN in self.roles


def _code(function: Callable[..., Any], *roles: Role, name: str = "", **traits: bool) -> Code:
    return Code(function, roles, name or function.__name__, **traits)


def _state(attribute: str, **options: Any) -> Callable[..., Tensor]:
    """An attribute of `numeric.thermodynamics`, which computes all observables in one pass."""
    return lambda logits, t: getattr(numeric.thermodynamics(logits, t, **options), attribute)


def _losses(logits: Tensor, temperature: Tensor) -> Tensor:
    """The loss of every token: `numeric.cross_entropy` with each token as the target."""
    states = logits.shape[-1]
    rows = logits.unsqueeze(-2).expand(*logits.shape[:-1], states, states)
    targets = torch.arange(states, device=logits.device).expand(rows.shape[:-1])
    return numeric.cross_entropy(rows, targets, temperature.unsqueeze(-2)).transpose(-1, -2)


HEAD = (Role.ENERGIES, Role.TEMPERATURE)
_TOKEN = (*HEAD, Role.TOKEN)
_PAIR = (Role.DISTRIBUTION, Role.DISTRIBUTION)


def _head(name: str) -> tuple[Code, ...]:
    return (
        _code(_state(name), *HEAD, name=f"thermodynamics(...).{name}"),
        _code(getattr(numeric, name), *HEAD),
    )


CODE: dict[type[Quantity], tuple[Code, ...]] = {
    boltzmann.log_partition: _head("log_partition"),
    boltzmann.free_energy: _head("free_energy"),
    boltzmann.internal_energy: _head("internal_energy"),
    boltzmann.entropy: _head("entropy"),
    boltzmann.heat_capacity: _head("heat_capacity"),
    boltzmann.probability: (_code(numeric.probabilities, *_TOKEN),),
    boltzmann.surprisal: (
        _code(_losses, *_TOKEN, name="cross_entropy", logarithmic=True, quadratic=True),
    ),
    boltzmann.log_sum_exp: (
        _code(lambda x: numeric.log_partition(x, 1.0), Role.LOGITS, name="log_partition"),
    ),
    boltzmann.softmax: (
        _code(
            lambda x: numeric.probabilities(x, 1.0), Role.LOGITS, Role.TOKEN, name="probabilities"
        ),
    ),
    moduli.shannon_entropy: (
        _code(lambda y: numeric.entropy(y, 1.0), Role.DISTRIBUTION, name="entropy"),
    ),
    moduli.kl_divergence: (_code(numeric.kl_divergence, *_PAIR),),
    moduli.fisher_rao_distance: (_code(numeric.fisher_rao_distance, *_PAIR),),
    decoding.acceptance_rate: (_code(numeric.acceptance_rate, *_PAIR),),
    decoding.total_variation_distance: (_code(numeric.total_variation_distance, *_PAIR),),
    moduli.renyi_entropy: (
        _code(
            lambda y, order: numeric.renyi_entropy(y, 1.0, order),
            Role.DISTRIBUTION,
            Role.ORDER,
            name="renyi_entropy",
        ),
    ),
}

# What code computes only through its logarithm.
LOGARITHM: dict[type[Quantity], Code] = {
    boltzmann.partition_function: _head("log_partition")[0],
    boltzmann.probability: _code(numeric.log_probabilities, *_TOKEN, logarithmic=True),
    boltzmann.softmax: _code(
        lambda x: numeric.log_probabilities(x, 1.0),
        Role.LOGITS,
        Role.TOKEN,
        name="log_probabilities",
        logarithmic=True,
    ),
}


def code_of(quantity: type[Quantity]) -> tuple[Code, ...]:
    """The functions that compute a quantity; empty where it is only defined."""
    return CODE.get(quantity, ())
