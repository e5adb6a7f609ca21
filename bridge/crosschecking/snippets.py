"""A counterexample as a few lines of Python that anyone can run."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from textwrap import wrap
from typing import Any

from bridge.crosschecking.calls import Misbehaviour
from bridge.crosschecking.findings import Failure
from bridge.crosschecking.inputs import Case
from bridge.crosschecking.targets import Kind, Target

LONGEST = 64  # tokens of a row that are written out
WIDTH = 79
_WHOLE: dict[str, Any] = {"break_long_words": False, "break_on_hyphens": False}


def name_of(function: Callable[..., Any]) -> str:
    """What a snippet calls the function."""
    name = getattr(function, "__name__", "")
    return name if name.isidentifier() else "function"


def snippet(
    function: Callable[..., Any],
    target: Target,
    array: str,
    failure: Failure | Misbehaviour,
    *,
    derivative: bool = False,
) -> str:
    """Code that shows the failure and ends with an assertion that does not hold.

    The function is imported where that is possible; else its name is expected to be known. A
    call that gives no value is only shown.
    """
    case = failure.case
    if case.size > LONGEST:
        return (
            f"# a row of {case.size:,} tokens ({case.regime}) is not written out; it is in\n"
            "# verdict.counterexample"
        )
    lines = imports(function, array)
    shape = failure.shape if isinstance(failure, Misbehaviour) else ()
    lines += _arguments(target, case, array, derivative, shape)
    names = ", ".join(argument.name for argument in target.arguments)
    lines.append(f"observed = {name_of(function)}({names})")
    if isinstance(failure, Misbehaviour):
        return joined([*lines, f"# {failure.message}", "print(observed)"])
    if derivative:
        return joined([*lines, *_derivative(target, failure)])
    place = f"[{', '.join(map(str, failure.place))}]" if failure.place else ""
    return joined([*lines, *_assertion(f"float(observed{place})", failure)])


def joined(lines: Sequence[str]) -> str:
    """Lines of code as text; long comments, imports and calls are broken, so that no terminal
    cuts them off."""
    return "\n".join(part for line in lines for part in _broken(line))


def _broken(line: str) -> list[str]:
    if len(line) <= WIDTH or line.startswith("assert"):
        return [line]
    if line.startswith("from "):
        module, _, name = line.partition(" import ")
        return [f"{module} import (", f"    {name},", ")"]
    indent = "# " if line.startswith("#") else "    "
    held = line.replace("'ln ", "'ln\N{NO-BREAK SPACE}")  # a name, not to be broken
    parts = wrap(held, WIDTH, subsequent_indent=indent, **_WHOLE)
    return [part.replace("\N{NO-BREAK SPACE}", " ") for part in parts]


def imports(function: Callable[..., Any], array: str) -> list[str]:
    """The lines by which a snippet has the arrays and, where it can, the function."""
    module, name = getattr(function, "__module__", None), name_of(function)
    lines = [
        {"torch": "import torch", "numpy": "import numpy as np"}.get(
            array, f"import {array} as xp"
        )
    ]
    known = getattr(sys.modules.get(module or ""), name, None) is function
    if known and module not in (None, "__main__"):
        return [*lines, "", f"from {module} import {name}", ""]
    return [*lines, "", f"# {name} is the function under test", ""]


def _arguments(
    target: Target, case: Case, array: str, derivative: bool, shape: tuple[int, ...]
) -> list[str]:
    """Each argument; rows and tokens are repeated where the shape is not that of one row."""
    rows, numbers = iter(case.rows), iter(case.numbers)
    made = {"torch": "torch.tensor", "numpy": "np.array"}.get(array, "xp.asarray")
    space = {"torch": "torch", "numpy": "np"}.get(array, "xp")
    lines = []
    for argument in target.arguments:
        if argument.kind is Kind.LOGITS:
            row = _repeated(_row(next(rows)), shape)
            grad = ", requires_grad=True" if derivative else ""
            value = f"{made}({row}, dtype={space}.{case.dtype}{grad})"
        elif argument.kind is Kind.TOKEN:
            value = f"{made}({_repeated(repr(next(numbers)), shape)})"
        else:
            value = repr(next(numbers))
            if derivative and argument.kind is Kind.TEMPERATURE:
                value = f"torch.tensor({value}, dtype=torch.{case.dtype}, requires_grad=True)"
        lines.append(f"{argument.name} = {value}")
    return lines


def _repeated(value: str, shape: tuple[int, ...]) -> str:
    for count in reversed(shape):
        value = f"[{value}] * {count}"
    return value


def _row(row: Sequence[float]) -> str:
    shown = (repr(x).replace("-inf", 'float("-inf")') for x in row)
    return f"[{', '.join(shown)}]"


def _derivative(target: Target, failure: Failure) -> list[str]:
    lines = []
    if target.per_token:
        lines += [
            "weights = torch.arange(1, observed.shape[-1] + 1).cos().to(observed.dtype)",
            "observed = observed * weights",
        ]
    argument = target.arguments[failure.place[0]]
    place = f"[{failure.place[1]}]" if len(failure.place) > 1 else ""
    lines.append(
        f"(slope,) = torch.autograd.grad(observed.sum(), {argument.name}, allow_unused=True)"
    )
    shown = f"(0.0 if slope is None else float(slope{place}))"
    return [*lines, *_assertion(shown, failure)]


def _assertion(observed: str, failure: Failure) -> list[str]:
    return [
        f"expected = {failure.expected}",
        f"assert abs({observed} - expected) <= {failure.allowance:.3e}, observed",
    ]
