"""Functions named on a command line, and those of a module that might be cross-checked."""

from __future__ import annotations

import importlib
import inspect
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from bridge.crosschecking.arrays import uses
from bridge.crosschecking.targets import TARGETS, Target
from bridge.errors import BadInput, unknown_name

OMITTED = ("loss", "of", "distance", "probabilities")  # words that a name may do without
LOGITS_NAMES = ("logits", "scores", "x", "input", "energies", "logits_p", "p_logits", "student")


@dataclass(frozen=True)
class Candidate:
    """A function of a module, and the quantities that it may compute: one that its name says, or
    all that are called as it is."""

    function: str
    parameters: str
    against: tuple[str, ...]
    array: str
    fits: bool  # whether it can be called as the quantities are


def module_of(name: str) -> ModuleType:
    """The module of a name, looked for in the current folder as well.

    Raises:
        BadInput: It is no name of a module, or cannot be imported.
    """
    if not name or not all(part.isidentifier() for part in name.split(".")):
        raise BadInput(f"expected the name of a module as one imports it, got {name!r}")
    if os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())
    try:
        return importlib.import_module(name)
    except Exception as error:  # a module may raise anything when it is imported
        told = f"{type(error).__name__}: {error}"
        raise BadInput(f"the module {name!r} cannot be imported ({told})") from error


def function_of(place: str) -> Callable[..., Any]:
    """The function at a place such as `package.module:function`.

    Raises:
        BadInput: There is none; the nearest names are given.
    """
    module_name, colon, name = place.partition(":")
    if not colon or not all(part.isidentifier() for part in name.split(".")):
        raise BadInput(
            f"expected package.module:function, got {place!r}; `porism crosscheck --all MODULE` "
            "lists what a module has"
        )
    found: Any = module_of(module_name)
    for part in name.split("."):
        if not hasattr(found, part):
            raise unknown_name(
                f"function in {module_name}", part, dir(found), f"dir({module_name})"
            )
        found = getattr(found, part)
    if not callable(found):
        raise BadInput(f"{place} is {found!r}; expected a function")
    return found


def candidates(module: ModuleType) -> Iterator[Candidate]:
    """Functions defined in a module that resemble a quantity, by their name and signature."""
    for name, function in inspect.getmembers(module, inspect.isroutine):
        if name.startswith("_") or getattr(function, "__module__", None) != module.__name__:
            continue
        try:
            parameters = list(inspect.signature(function).parameters.values())
        except (TypeError, ValueError):
            continue
        found = [t for t in TARGETS.values() if _resembles(name, parameters, t)]
        if not found:
            continue
        named = [target for target in found if _alike(name, target)]
        best = max(named, key=lambda t: (_alike(name, t), _fits(parameters, t)), default=None)
        chosen = found if best is None else [best]
        shown = ", ".join(parameter.name for parameter in parameters)
        against = tuple(target.name for target in chosen)
        fits = all(_fits(parameters, target) for target in chosen)
        yield Candidate(name, shown, against, uses(function), fits)


def _resembles(name: str, parameters: list[inspect.Parameter], target: Target) -> bool:
    """Whether the names are alike, or the arguments are named as those of the target."""
    named = [p.name for p in parameters][: len(target.arguments)]
    exact = len(target.arguments) > 1 and named == [a.name for a in target.arguments]
    return _alike(name, target) > 0 or (exact and parameters[0].name in LOGITS_NAMES)


def _alike(name: str, target: Target) -> int:
    """How much of a target's name is in a name: its words, all of them or none."""
    words = [word for word in target.name.split("_") if word not in OMITTED] or [target.name]
    short = {"kl_divergence": "kl", "log_partition": "logsumexp", "probabilities": "softmax"}
    lowered = name.lower()
    if short.get(target.name, "-") in lowered.split("_"):
        return len(words)
    parts = lowered.split("_")
    found = (word in parts if len(word) < 3 else word.rstrip("s") in lowered for word in words)
    return len(words) if all(found) else 0


def _fits(parameters: list[inspect.Parameter], target: Target) -> bool:
    """Whether a function of these parameters can be called with the target's arguments."""
    places = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    least = sum(p.default is p.empty for p in places)
    most = 99 if any(p.kind is p.VAR_POSITIONAL for p in parameters) else len(places)
    needed = any(p.kind is p.KEYWORD_ONLY and p.default is p.empty for p in parameters)
    return least <= len(target.arguments) <= most and not needed
