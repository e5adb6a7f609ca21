"""The arguments of a function under test: of what kind each is, and what it stands for."""

from dataclasses import dataclass
from enum import StrEnum

from sympy import Basic


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
