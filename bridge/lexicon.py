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
from formal import (
    alignment,
    attention,
    boltzmann,
    decoding,
    divergences,
    losses,
    moduli,
    sphere,
    truncation,
)
from formal.quantity import Quantity


class Role(Enum):
    """How a formal argument is handed to the code."""

    ENERGIES = auto()  # a family of energies, handed over as logits = -E
    LOGITS = auto()  # a family of logits
    DISTRIBUTION = auto()  # a distribution, handed over as its logarithms
    TEMPERATURE = auto()  # or another number, one for each row and column
    ORDER = auto()  # a number that is the same for all rows
    TOKEN = auto()  # the index of the result's last axis
    TARGET = auto()  # an index that the code is handed, one for each row


FAMILIES = (Role.ENERGIES, Role.LOGITS, Role.DISTRIBUTION)


@dataclass(frozen=True)
class Code:
    """A function of `numeric` and the roles of the formal quantity's arguments, in order.

    The function is called with families (rows, V), then targets (rows,), then temperatures
    (rows, K), then orders, and returns (rows, K), or (rows,) where there is no temperature.
    What may be allowed to it is taken from the derivatives of `trusted`, or of the function
    itself.
    """

    function: Callable[..., Tensor]
    roles: tuple[Role, ...]
    name: str
    logarithmic: bool = False  # a value per token that is plus or minus ln p, not p
    quadratic: bool = False  # memory grows with the square of the vocabulary
    selective: bool = False  # which tokens have a value changes by jumps
    exact_zeros: bool = False  # a zero is one, and not a number that underflowed
    trusted: Callable[..., Any] | None = None

    @property
    def per_token(self) -> bool:
        """Whether the result has one value per token."""
        return Role.TOKEN in self.roles


def _code(function: Callable[..., Any], *roles: Role, name: str = "", **traits: Any) -> Code:
    return Code(function, roles, name or function.__name__, **traits)


def _state(attribute: str, **options: Any) -> Callable[..., Tensor]:
    """An attribute of `numeric.thermodynamics`, which computes all observables in one pass."""
    return lambda logits, t: getattr(numeric.thermodynamics(logits, t, **options), attribute)


def _compiled(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """The compiled loops of a function, which serve large inputs, wherever there are any."""

    def by_loops(logits: Tensor, *others: Any) -> Tensor:
        on_cpu = logits.device.type == "cpu"
        return function(logits, *others, backend="numba" if on_cpu else "auto")

    return by_loops


def _losses(logits: Tensor, temperature: Tensor) -> Tensor:
    """The loss of every token: `numeric.cross_entropy` with each token as the target."""
    states = logits.shape[-1]
    rows = logits.unsqueeze(-2).expand(*logits.shape[:-1], states, states)
    targets = torch.arange(states, device=logits.device).expand(rows.shape[:-1])
    return numeric.cross_entropy(rows, targets, temperature.unsqueeze(-2)).transpose(-1, -2)


def _smoothed(logits: Tensor, target: Tensor, smoothing: Tensor) -> Tensor:
    return numeric.label_smoothing_loss(logits.unsqueeze(1), target.unsqueeze(1), smoothing)


def _focal(logits: Tensor, target: Tensor, focus: Tensor) -> Tensor:
    return numeric.focal_loss(logits.unsqueeze(1), target.unsqueeze(1), focus)


def _preference(
    logits: Tensor, reference: Tensor, preferred: Tensor, rejected: Tensor, temperature: Tensor
) -> Tensor:
    x, y, k, m = (a.unsqueeze(1) for a in (logits, reference, preferred, rejected))
    return numeric.preference_loss(x, y, k, m, temperature)


def _chosen(
    policy: Callable[..., Tensor],
) -> Callable[[Tensor, Tensor, Tensor, Tensor], Tensor]:
    """The entry of a policy at each row's target."""

    def entry(rewards: Tensor, reference: Tensor, target: Tensor, temperature: Tensor) -> Tensor:
        p = policy(rewards, reference, temperature)
        index = target.reshape(-1, 1, 1).expand(*p.shape[:-1], 1)
        return p.gather(-1, index).squeeze(-1)

    return entry


def _truncated(function: Callable[..., Tensor]) -> tuple[Code, ...]:
    """A rule of truncation at every parameter of a row."""

    def at_each(logits: Tensor, parameter: Tensor) -> Tensor:
        rows = logits.unsqueeze(1).expand(*logits.shape[:1], parameter.shape[1], -1)
        return function(rows, parameter)

    roles = (Role.LOGITS, Role.TEMPERATURE, Role.TOKEN)
    return (_code(at_each, *roles, name=function.__name__, selective=True),)


def _of_logits(function: Callable[..., Any], *more: Role) -> tuple[Code, ...]:
    """A function of two distributions that are given by their logarithms."""

    def by_logits(x: Tensor, y: Tensor, *others: Any) -> Tensor:
        return function(x, y, *others, logits=True)

    return (_code(by_logits, *_PAIR, *more, name=f"{function.__name__}(..., logits=True)"),)


def _attention(scores: Tensor, values: Tensor, temperature: Tensor) -> Tensor:
    return numeric.attention(scores, values.unsqueeze(-1), temperature).squeeze(-1)


HEAD = (Role.ENERGIES, Role.TEMPERATURE)
_TOKEN = (*HEAD, Role.TOKEN)
_PAIR = (Role.DISTRIBUTION, Role.DISTRIBUTION)
_TARGETED = (Role.LOGITS, Role.TARGET, Role.TEMPERATURE)
_TILTED = (Role.LOGITS, Role.DISTRIBUTION, Role.TEMPERATURE)


def _head(name: str) -> tuple[Code, ...]:
    loops = _compiled(
        lambda logits, t, backend: getattr(
            numeric.thermodynamics(logits, t, backend=backend), name
        )
    )
    return (
        _code(_state(name), *HEAD, name=f"thermodynamics(...).{name}"),
        _code(loops, *HEAD, name=f"thermodynamics(..., backend='numba').{name}"),
    )


def _pair(function: Callable[..., Tensor]) -> tuple[Code, ...]:
    name = f"{function.__name__}(..., backend='numba')"
    return _code(function, *_PAIR), _code(_compiled(function), *_PAIR, name=name)


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
    moduli.kl_divergence: _pair(numeric.kl_divergence),
    moduli.fisher_rao_distance: _pair(numeric.fisher_rao_distance),
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
    sphere.bhattacharyya_coefficient: _of_logits(numeric.bhattacharyya_coefficient),
    sphere.squared_hellinger_distance: _of_logits(numeric.squared_hellinger_distance),
    divergences.chi_square_divergence: _of_logits(numeric.chi_square_divergence),
    divergences.renyi_divergence: _of_logits(numeric.renyi_divergence, Role.ORDER),
    divergences.alpha_divergence: _of_logits(numeric.alpha_divergence, Role.ORDER),
    losses.z_loss: (_code(numeric.z_loss, Role.LOGITS),),
    losses.label_smoothing_loss: (
        _code(_smoothed, *_TARGETED, name="label_smoothing_loss", quadratic=True),
    ),
    losses.focal_loss: (_code(_focal, *_TARGETED, name="focal_loss", quadratic=True),),
    losses.distillation_loss: (
        _code(numeric.distillation_loss, Role.LOGITS, Role.LOGITS, Role.TEMPERATURE),
    ),
    losses.scaled_distillation_loss: (
        _code(numeric.scaled_distillation_loss, Role.LOGITS, Role.LOGITS, Role.TEMPERATURE),
    ),
    truncation.top_k_probability: _truncated(numeric.top_k_probabilities),
    truncation.top_p_probability: _truncated(numeric.top_p_probabilities),
    truncation.min_p_probability: _truncated(numeric.min_p_probabilities),
    truncation.typical_probability: _truncated(numeric.typical_probabilities),
    truncation.eta_probability: _truncated(numeric.eta_probabilities),
    alignment.optimal_value: (_code(numeric.optimal_value, *_TILTED),),
    alignment.optimal_policy: (
        _code(
            _chosen(numeric.optimal_policy),
            *_TILTED,
            Role.TARGET,
            name="optimal_policy",
            quadratic=True,
        ),
    ),
    alignment.preference_loss: (
        _code(
            _preference,
            *_TILTED,
            Role.TARGET,
            Role.TARGET,
            name="preference_loss",
            quadratic=True,
        ),
    ),
    alignment.soft_value: (
        _code(
            lambda values, t: -numeric.free_energy(values, t),
            Role.LOGITS,
            Role.TEMPERATURE,
            name="free_energy",
        ),
    ),
    alignment.soft_policy: (
        _code(numeric.probabilities, Role.LOGITS, Role.TEMPERATURE, Role.TOKEN),
    ),
    attention.attention: (
        _code(_attention, Role.ENERGIES, Role.TEMPERATURE, Role.LOGITS, name="attention"),
    ),
}

# What code computes only through its logarithm.
LOGARITHM: dict[type[Quantity], Code] = {
    boltzmann.partition_function: _head("log_partition")[0],
    boltzmann.probability: _code(numeric.log_probabilities, *_TOKEN, logarithmic=True),
    alignment.optimal_policy: _code(
        _chosen(numeric.log_optimal_policy),
        *_TILTED,
        Role.TARGET,
        name="log_optimal_policy",
        quadratic=True,
    ),
    alignment.soft_policy: _code(
        numeric.log_probabilities,
        Role.LOGITS,
        Role.TEMPERATURE,
        Role.TOKEN,
        logarithmic=True,
    ),
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
