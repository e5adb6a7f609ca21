"""What a target is: a name, arguments of some kinds, a definition, what it stands for."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import torch
from sympy import Basic, Expr, S
from torch import Tensor

from bridge.lexicon import Role
from formal.quantity import Quantity
from formal.symbols import T, alpha, v, w, x


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
    `of_probabilities` says that rows of logits matter only through their probabilities. `unit` is
    what the value is counted in, over the symbols of the arguments: one rounding of it is allowed.
    """

    name: str
    arguments: tuple[Argument, ...]
    value: Expr
    per_token: bool = False
    masks: bool = True
    continuous: bool = True
    of_probabilities: bool = False
    unit: Expr = S.One
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
