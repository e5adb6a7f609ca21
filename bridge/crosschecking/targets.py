"""What a function can be held against: quantities by name, signature and definition.

A new target is one entry of `TARGETS`: its arguments in order, its value as an expression of
`formal` over their symbols, and the quantities of the catalogue that the function then computes,
so that every law about one of them is a law for the function.
"""

import torch
from sympy import Rational, Sum, asin, sqrt
from torch import Tensor

from bridge.crosschecking.in_use import IN_USE
from bridge.crosschecking.target import (
    LOGITS,
    LOGITS_P,
    LOGITS_Q,
    ORDER,
    TEMPERATURE,
    TOKEN,
    Argument,
    Function,
    Kind,
    Stand,
    Target,
    at_each_temperature,
    at_one,
)
from bridge.errors import unknown_name
from bridge.lexicon import Role
from formal import boltzmann, moduli
from formal.statement import family
from formal.symbols import T, V, alpha, i, k, v, w, x

__all__ = ["TARGETS", "TEMPERATURE", "Argument", "Kind", "Stand", "Target", "target_of"]


def _each_token(function: Function) -> Function:
    """The loss of every token of a row at a temperature, (rows, K, V)."""

    def loss(row: Tensor, temperature: Tensor) -> Tensor:
        states = row.shape[-1]
        rows = (row / temperature).expand(states, states)
        return function(rows, torch.arange(states, device=row.device))

    return at_each_temperature(loss)


_energies = family(lambda n: -x[n])
_p = family(lambda n: boltzmann.softmax(x, n))
_q = family(lambda n: boltzmann.softmax(v, n))
_warm = boltzmann.boltzmann(_energies, T)
_chord_sq = Sum((sqrt(boltzmann.softmax(x, i)) - sqrt(boltzmann.softmax(v, i))) ** 2, (i, 1, V))
_PAIR = (Role.DISTRIBUTION, Role.DISTRIBUTION)
_HEAD = (Role.ENERGIES, Role.TEMPERATURE)


def _head(name: str, *others: Stand) -> Target:
    """A quantity of logits at a temperature that the catalogue has under the same name."""
    quantity = getattr(boltzmann, name)
    return Target(name, (LOGITS, TEMPERATURE), quantity(_energies, T), others=others)


TARGETS: dict[str, Target] = {
    target.name: target
    for target in (
        Target(
            "probabilities",
            (LOGITS, TEMPERATURE),
            boltzmann.probability(_energies, T, k),
            per_token=True,
            others=(Stand(boltzmann.softmax, (Role.LOGITS, Role.TOKEN), at_one),),
        ),
        _head("log_partition", Stand(boltzmann.log_sum_exp, (Role.LOGITS,), at_one)),
        _head("free_energy"),
        _head("internal_energy"),
        _head("entropy", Stand(moduli.shannon_entropy, (Role.DISTRIBUTION,), at_one)),
        _head("heat_capacity"),
        Target(
            "kl_divergence",
            (LOGITS_P, LOGITS_Q),
            moduli.kl_divergence(_p, _q),
            masks=False,
            of_probabilities=True,
        ),
        Target(
            "cross_entropy",
            (LOGITS, TOKEN),
            boltzmann.surprisal(_energies, 1, w),
            others=(Stand(boltzmann.surprisal, (*_HEAD, Role.TOKEN), _each_token),),
        ),
        Target(
            "fisher_rao_distance",
            (LOGITS_P, LOGITS_Q),
            4 * asin(Rational(1, 2) * sqrt(_chord_sq)),
            masks=False,
            of_probabilities=True,
            others=(Stand(moduli.fisher_rao_distance, _PAIR, lambda function: function),),
        ),
        Target(
            "renyi_entropy",
            (LOGITS, TEMPERATURE, ORDER),
            moduli.renyi_entropy(_warm, alpha),
            others=(Stand(moduli.renyi_entropy, (Role.DISTRIBUTION, Role.ORDER), at_one),),
        ),
        *IN_USE,
    )
}


def target_of(name: str) -> Target:
    """The target of a name.

    Raises:
        BadInput: There is none; the nearest names are given.
    """
    if name not in TARGETS:
        raise unknown_name(
            "quantity to hold a function against", name, TARGETS, ", ".join(TARGETS)
        )
    return TARGETS[name]
