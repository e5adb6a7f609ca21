"""Declarations that are sentences: what averages over what, what is random, what a P has.

% porism: <.> averages over p
% porism: E averages E_i over p                 (or: E = <E>)
% porism: E_x sums over x
% porism: X, Y random with joint p(x, y)        (or: X random with probabilities p(x))
% porism: P has probabilities p(x)
% porism: entropies in bits                     (or: in nats)
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bridge.reading.vocabulary import GREEK

AVERAGES = re.compile(r"(<\.?>|\\langle.*?\\rangle|\S+)\s+averages?\s+(?:(\S+)\s+)?over\s+(.+)")
SUMS = re.compile(r"(\S+)\s+sums?\s+over\s+(.+)|(\S+)\s*=\s*\\?sum_\{?(\w+)\}?")
RANDOM = re.compile(
    r"(.+?)\s+(?:is\s+|are\s+)?random(?:\s+variables?)?(?:,?\s+(?:with|of)\s+(?:the\s+|an?\s+)?"
    r"(?:joint\s+|probability\s+)*(?:distribution|probabilit(?:y|ies))?\s*(\S.*))?"
)
HAS = re.compile(r"(\S+)\s+has\s+(?:the\s+)?(?:probabilit(?:y|ies)|distribution)\s+(.+)")
UNIT = re.compile(
    r"(?:entropies|entropy|information)\s+(?:is\s+|are\s+)?(?:measured\s+)?in\s+(\w+)"
)
MEAN = re.compile(r"<\s*([^<>=,.\s][^<>=,]*?)\s*>")
WORDS = re.compile(r"(?<![\\a-zA-Z{])([a-zA-Z]{2,})(?![a-zA-Z])")


@dataclass(frozen=True)
class Averages:
    """What `<.>`, or a name, averages over; of what, where it says so."""

    name: str
    of: str | None
    over: str


@dataclass(frozen=True)
class Sums:
    """A sign such as E_x that only sums over an index."""

    name: str
    over: str


@dataclass(frozen=True)
class Random:
    """Random variables, what carries their distribution, and what else the line says."""

    variables: tuple[str, ...]
    joint: str
    rest: str


@dataclass(frozen=True)
class Has:
    """A name for a distribution whose probabilities have another."""

    name: str
    probabilities: str


@dataclass(frozen=True)
class Unit:
    """In what entropies are measured."""

    name: str


Phrase = Averages | Sums | Random | Has | Unit


def phrase(said: str) -> Phrase | None:
    """The sentence that a declaration is; None for bounds, ranges and definitions."""
    if found := UNIT.fullmatch(said):
        return Unit(found[1])
    if found := AVERAGES.fullmatch(said):
        return Averages(greek(found[1]), found[2] and greek(found[2]), greek(found[3]))
    if found := SUMS.fullmatch(said):
        return Sums(greek(found[1] or found[3]), greek(found[2] or found[4]))
    if found := HAS.fullmatch(said):
        return Has(greek(found[1]), greek(found[2]))
    if found := RANDOM.fullmatch(said):
        names = re.split(r"\s*,\s*(?:and\s+)?|\s+and\s+", found[1].strip(" ()"))
        joint, *rest = parts(found[2] or "") or [""]
        return Random(tuple(map(greek, names)), greek(joint), ",".join(rest))
    return None


def parts(said: str) -> list[str]:
    """The parts between commas that stand in no brackets."""
    found, depth = [""], 0
    for letter in said:
        depth += {"(": 1, "{": 1, "[": 1, ")": -1, "}": -1, "]": -1}.get(letter, 0)
        if letter in ",;" and depth == 0:
            found.append("")
        else:
            found[-1] += letter
    return [part for part in found if part.strip()]


def greek(written: str) -> str:
    """Greek names with their backslash."""
    return WORDS.sub(lambda m: "\\" + m[1] if m[1] in GREEK else m[1], written.strip())


def with_means(said: str) -> str:
    """`<E>` as LaTeX writes it, so that it is no comparison."""
    return MEAN.sub(r"\\langle \1\\rangle ", said)
