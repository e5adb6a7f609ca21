"""Which statements and derivations a paper prints, by name, by topic, or by what it inputs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType

from bridge.errors import BadInput, unknown_name
from bridge.paper.record import COMMENT
from formal import Derivation, Statement
from formal.graph import foundations

Said = Statement | Derivation
INPUT = re.compile(r"\\input\{([^{}]+)\}")
STYLE = re.compile(r"\\usepackage(?:\[[^\]]*\])?\{([^{},]*/)?porism\}")
# What is written beside the statements, and cannot be the name of one.
PARTS = ("appendix", "main", "notation", "numbers", "temperatures")


def derivations(package: str) -> dict[str, Derivation]:
    """The derivations that the modules of a package hold, by the names they have there."""
    return {
        name: value
        for module in _modules(import_module(package))
        for name, value in vars(module).items()
        if isinstance(value, Derivation) and not name.startswith("_")
    }


def _modules(root: ModuleType) -> list[ModuleType]:
    inside = iter_modules(getattr(root, "__path__", []))
    return [root, *(import_module(f"{root.__name__}.{info.name}") for info in inside)]


def named(names: Iterable[str], known: Mapping[str, Said]) -> dict[str, Said]:
    """What some names stand for, in their order, each once.

    Raises:
        BadInput: A name is unknown, or that of a part of every paper.
    """
    found = {}
    for name in names:
        if name in PARTS:
            raise BadInput(f"the name {name} is that of a part of every paper; rename it")
        if name not in known:
            raise unknown_name("statement", name, known, "`porism list`")
        found[name] = known[name]
    return found


def with_definitions(chosen: Mapping[str, Said], known: Mapping[str, Said]) -> dict[str, Said]:
    """Each of the chosen after the definitions that it rests on."""
    statements = {name: one for name, one in known.items() if isinstance(one, Statement)}
    found: dict[str, Said] = {}
    for name, one in chosen.items():
        for below in foundations(statements, name) if name in statements else ():
            found.setdefault(below, known[below])
        found.setdefault(name, one)
    return found


def of_topic(topic: str, known: Mapping[str, Said]) -> dict[str, Said]:
    """The statements of a topic, in their order.

    Raises:
        BadInput: No statement has this topic.
    """
    topics = {name: one.topic for name, one in known.items() if isinstance(one, Statement)}
    found = {name: known[name] for name, its in topics.items() if its == topic}
    if not found:
        raise unknown_name("topic", topic, dict.fromkeys(topics.values()), "`porism list`")
    return found


def inputs(text: str, paper: str, known: Mapping[str, Said]) -> tuple[str, dict[str, Said]]:
    r"""The folder that a paper takes `porism.sty` from, and the statements it inputs from there.

    ``\usepackage{porism/porism}`` names the folder `porism`, ``\input{porism/entropy}`` the
    statement `entropy`.

    Raises:
        BadInput: The paper uses no `porism.sty`, or inputs what no statement is called.
    """
    shown = COMMENT.sub("", text)
    style = STYLE.search(shown)
    if style is None:
        raise BadInput(
            rf"expected \usepackage{{porism/porism}} in {paper}: it says where to write"
        )
    folder = style[1] or ""
    names = []
    for found in INPUT.finditer(shown):
        name = found[1].removesuffix(".tex")
        if name.startswith(folder) and (name := name[len(folder) :]) not in PARTS:
            if name not in known:
                line = shown.count("\n", 0, found.start()) + 1
                hint = unknown_name("statement", name, known, "`porism list`")
                raise BadInput(f"{paper}:{line}: {hint}")
            names.append(name)
    return folder.rstrip("/"), named(names, known)
