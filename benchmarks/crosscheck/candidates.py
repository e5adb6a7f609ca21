"""What is put to `crosscheck`: right functions, faults made of them, and the blind suite."""

import ast
import inspect
import random
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import zip_longest
from types import ModuleType
from typing import Any

from benchmarks.crosscheck import blind, right_head, right_in_use, right_numpy, right_pairs
from benchmarks.crosscheck.mutate import mutants
from bridge.crosschecking.targets import TARGETS

RIGHT = (right_head, right_pairs, right_numpy, right_in_use)


@dataclass(frozen=True)
class Candidate:
    """A function, what it is held against, and whether it is right."""

    name: str
    function: Callable[..., Any]
    against: str
    array: str
    right: bool
    kind: str = ""
    change: str = ""


def right_functions() -> list[Candidate]:
    """The right implementations."""
    return [_candidate(f, right=True) for module in RIGHT for f in functions(module)]


def blind_suite() -> list[Candidate]:
    """The blind suite; what is wrong says so in its docstring."""
    suite = functions(blind)
    return [_candidate(f, right="Wrong:" not in (f.__doc__ or "")) for f in suite]


def mutants_of(origins: Iterable[Candidate], seed: int = 0) -> list[Candidate]:
    """Every mutant of right functions, in a random order in which the kinds take turns."""
    draw = random.Random(seed)
    kinds: dict[str, list[Candidate]] = defaultdict(list)
    for origin in origins:
        source = inspect.getsource(origin.function)
        for mutant in mutants(source, torch=origin.array == "torch"):
            function = _defined(mutant.source, origin.function)
            kinds[mutant.kind].append(
                replace(
                    origin,
                    function=function,
                    right=False,
                    kind=mutant.kind,
                    change=mutant.change,
                )
            )
    shuffled = [draw.sample(found, len(found)) for _, found in sorted(kinds.items())]
    return [mutant for turn in zip_longest(*shuffled) for mutant in turn if mutant is not None]


def functions(module: ModuleType) -> list[Callable[..., Any]]:
    """The functions that a module defines, in order."""
    found = (f for _, f in inspect.getmembers(module, inspect.isfunction))
    own = [f for f in found if f.__module__ == module.__name__]
    return sorted(own, key=lambda f: f.__code__.co_firstlineno)


def _candidate(function: Callable[..., Any], *, right: bool) -> Candidate:
    name = function.__name__
    against = max((target for target in TARGETS if name.startswith(target)), key=len)
    annotations = inspect.get_annotations(function).values()
    array = "torch" if any("Tensor" in str(a) for a in annotations) else "numpy"
    return Candidate(name, function, against, array, right)


def _defined(source: str, origin: Callable[..., Any]) -> Callable[..., Any]:
    """The function that a changed source defines, among the names of the original's module."""
    names = dict(inspect.getmodule(origin).__dict__)
    exec(compile(ast.parse(source), f"<mutant of {origin.__name__}>", "exec"), names)
    return names[origin.__name__]
