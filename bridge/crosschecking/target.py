"""What a target is: a name, arguments of some kinds, a definition, what it stands for."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
from sympy import Expr, S
from torch import Tensor

from bridge.crosschecking.kinds import Argument, Kind
from bridge.crosschecking.stands import Function, Stand, stand_of
from formal.symbols import T, alpha, v, w, x


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
    `others` are quantities that the function computes besides the one that the value is.
    """

    name: str
    arguments: tuple[Argument, ...]
    value: Expr
    per_token: bool = False
    masks: bool = True
    continuous: bool = True
    of_probabilities: bool = False
    unit: Expr = S.One
    others: tuple[Stand, ...] = ()

    @cached_property
    def stands(self) -> tuple[Stand, ...]:
        """The quantities of the catalogue that the function computes."""
        own = stand_of(self.value, self.arguments)
        return self.others if own is None else (own, *self.others)

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
