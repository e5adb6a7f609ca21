"""What a function can be held against: quantities by name, signature and definition.

A new target is one entry of `TARGETS`: its arguments in order, its value as an expression of
`formal` over their symbols, and the quantities of the catalogue that the function then computes,
so that every law about one of them is a law for the function.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import torch
from sympy import Basic, Expr, Rational, Sum, asin, sqrt
from torch import Tensor

from bridge.errors import unknown_name
from bridge.lexicon import Role
from formal import boltzmann, moduli
from formal.quantity import Quantity
from formal.statement import family
from formal.symbols import T, V, alpha, i, k, v, w, x


class Kind(StrEnum):
    """What an argument is, and so how it is drawn and handed over."""

    LOGITS = "logits"  # (..., V), real numbers; -inf masks a token where the target says so
    TOKEN = "token"  # (...), integers in 0..V-1
    TEMPERATURE = "temperature"  # a number, 0.01 to 100
    ORDER = "order"  # a number, positive and not one
    COUNT = "count"  # an integer, 1 to V
    FRACTION = "fraction"  # a number strictly between 0 and 1
    POSITIVE = "positive"  # a number, 0.1 to 10


@dataclass(frozen=True)
class Argument:
    """An argument of a function: its name, its kind, and the symbol or family it stands for.

    A token is counted from 0 by the function and from 1 by its symbol.
    """

    name: str
    kind: Kind
    symbol: Basic


Function = Callable[..., Tensor]


@dataclass(frozen=True)
class Stand:
    """A quantity of the catalogue that the function computes.

    `code(function)` is the function as `bridge.lexicon.Code` calls it, given the `roles` of the
    quantity's arguments: families (rows, V), targets (rows,), temperatures (rows, K), orders.
    """

    quantity: type[Quantity]
    roles: tuple[Role, ...]
    code: Callable[[Function], Function]


@dataclass(frozen=True)
class Target:
    """A quantity that a function is held against.

    `value` is its definition over the symbols of the arguments and V; where it is `per_token`
    the function returns (..., V), and the symbol `k` of `value` is the token. `masks` says that
    masked tokens belong to the domain: what is left is the definition on the other tokens, and
    zero at the masked ones of a value per token. `continuous` is False where the value jumps:
    the question is ill-conditioned wherever rounding the inputs may cross a jump.
    `of_probabilities` says that rows of logits matter only through their probabilities.
    """

    name: str
    arguments: tuple[Argument, ...]
    value: Expr
    per_token: bool = False
    masks: bool = True
    continuous: bool = True
    of_probabilities: bool = False
    stands: tuple[Stand, ...] = ()

    @property
    def signature(self) -> str:
        """The call as one writes it: `entropy(logits, temperature)`."""
        return f"{self.name}({', '.join(argument.name for argument in self.arguments)})"

    def of_kind(self, kind: Kind) -> tuple[Argument, ...]:
        """The arguments of a kind, in order."""
        return tuple(argument for argument in self.arguments if argument.kind is kind)


LOGITS = Argument("logits", Kind.LOGITS, x)
LOGITS_P = Argument("logits_p", Kind.LOGITS, x)
LOGITS_Q = Argument("logits_q", Kind.LOGITS, v)
TEMPERATURE = Argument("temperature", Kind.TEMPERATURE, T)
ORDER = Argument("order", Kind.ORDER, alpha)
TOKEN = Argument("target", Kind.TOKEN, w)

HEAD = (Role.ENERGIES, Role.TEMPERATURE)


def at_each_temperature(function: Function) -> Function:
    """A function of one row and one temperature, applied to (rows, V) and (rows, K)."""

    def each(logits: Tensor, temperature: Tensor, *others: Any) -> Tensor:
        return torch.stack(
            [
                torch.stack([function(row, t, *others) for t in temperatures.unbind()])
                for row, temperatures in zip(logits, temperature, strict=True)
            ]
        )

    return each


def at_one(function: Function) -> Function:
    """A function of logits and a temperature, at temperature one."""
    return lambda logits, *others: function(logits, 1.0, *others)


def as_it_is(function: Function) -> Function:
    """A function that the lexicon calls as its users do."""
    return function


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


def _head(name: str, *others: Stand, per_token: bool = False) -> Target:
    """A quantity of logits at a temperature that the catalogue has under the same name."""
    quantity = getattr(boltzmann, name)
    stand = Stand(quantity, HEAD, at_each_temperature)
    value = quantity(_energies, T)
    return Target(name, (LOGITS, TEMPERATURE), value, per_token, stands=(stand, *others))


TARGETS: dict[str, Target] = {
    target.name: target
    for target in (
        Target(
            "probabilities",
            (LOGITS, TEMPERATURE),
            boltzmann.probability(_energies, T, k),
            per_token=True,
            stands=(
                Stand(boltzmann.probability, (*HEAD, Role.TOKEN), at_each_temperature),
                Stand(boltzmann.softmax, (Role.LOGITS, Role.TOKEN), at_one),
            ),
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
            stands=(Stand(moduli.kl_divergence, _PAIR, as_it_is),),
        ),
        Target(
            "cross_entropy",
            (LOGITS, TOKEN),
            boltzmann.surprisal(_energies, 1, w),
            stands=(Stand(boltzmann.surprisal, (*HEAD, Role.TOKEN), _each_token),),
        ),
        Target(
            "fisher_rao_distance",
            (LOGITS_P, LOGITS_Q),
            4 * asin(Rational(1, 2) * sqrt(_chord_sq)),
            masks=False,
            of_probabilities=True,
            stands=(Stand(moduli.fisher_rao_distance, _PAIR, as_it_is),),
        ),
        Target(
            "renyi_entropy",
            (LOGITS, TEMPERATURE, ORDER),
            moduli.renyi_entropy(_warm, alpha),
            stands=(Stand(moduli.renyi_entropy, (Role.DISTRIBUTION, Role.ORDER), at_one),),
        ),
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
