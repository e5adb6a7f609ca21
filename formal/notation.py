"""What the catalogue's shared symbols mean, in words, for tables of notation.

A module of statements that means something else by a symbol says so in a mapping of its own,
`NOTATION`, from the symbol or family to words; what neither names has a domain and no meaning.
"""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from sympy import Basic

from formal import strings, symbols

NOTATION: Mapping[Any, str] = {
    symbols.V: "size of the vocabulary",
    symbols.d: "dimension of the hidden state",
    symbols.T: "temperature",
    symbols.T_0: "a temperature",
    symbols.T_1: "a temperature",
    symbols.T_2: "a temperature",
    symbols.beta: "inverse temperature $1/T$",
    symbols.E: "energies: minus the logits",
    symbols.x: "logits, or scores",
    symbols.u: "rows of the head, or keys",
    symbols.h: "hidden state, or query",
    symbols.f: "a function of the tokens",
    symbols.nu: "a distribution that may have zeros",
    symbols.J: "a joint distribution",
    symbols.K: "a table of distributions",
    symbols.ell: "probabilities of the tokens of a text",
    symbols.lam: "a place on a path, or a force",
    symbols.D: "a gap between energies",
    symbols.q: "a distribution over the vocabulary",
    symbols.r: "a distribution over the vocabulary",
    symbols.mu: "a reference distribution",
    symbols.R: "rewards",
    symbols.Q: "action values",
    symbols.M: "the tokens that are kept",
    symbols.c: "a constant",
    strings.P: "a language model over strings",
    strings.vocabulary_size: "number of words in the vocabulary",
}


def meaning(symbol: Basic, module: str = "") -> str:
    """The meaning of a symbol in words, as the module that uses it or the catalogue gives it."""
    own = getattr(import_module(module), "NOTATION", {}) if module else {}
    return own.get(symbol) or NOTATION.get(symbol, "")
