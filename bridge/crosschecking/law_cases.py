"""Where a function breaks a law: the smallest case that is found, and code that shows both sides.

left, right = sides(entropy, "entropy", entropy_le_log_card, {"V": 2, "E": [0.0, 0.0], "T": 1.0})
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from types import ModuleType
from typing import Any

import torch
from sympy import Eq, Le, Lt
from torch import Tensor

from bridge.arrays import Assignment
from bridge.crosschecking.arrays import ArrayKind
from bridge.crosschecking.calls import Calls
from bridge.crosschecking.instances import Law
from bridge.crosschecking.laws import Broken, codes_of, confronted, laws_of
from bridge.crosschecking.patience import Patience, TimeLimit
from bridge.crosschecking.snippets import imports, joined, name_of
from bridge.crosschecking.targets import target_of
from bridge.domain import Domain
from bridge.errors import BadInput
from bridge.measured import CodeError, UnsupportedError
from bridge.strategies import Recipe, assign, normalization
from bridge.tally import dtype_name, point, witness
from formal.statement import Statement

SIZES = (1, 2, 3)  # that are tried before the size at which the law was broken
STYLES, UNTIED = ("halves", "normal"), ("normal",)
ROWS, SHRINKS = 8, 40
SECONDS = 60.0


def sides(
    function: Callable[..., Any],
    against: str,
    statement: Statement,
    at: Mapping[str, Any],
    *,
    dtype: str = "float64",
    array: str | ModuleType = "torch",
) -> tuple[float, float]:
    """Both sides of a statement at a point, with a function in the place of a quantity.

    The point gives a number for each parameter and size, a list for each family, and for a
    distribution q the logarithms as `ln q`. Of several values those that are farthest apart,
    in units of what is allowed.

    Raises:
        BadInput: The statement is no law about the quantity, or the point lacks a name.
        CodeError: The function returned NaN.
    """
    calls = Calls(function, target_of(against), ArrayKind.of(array), Patience(SECONDS))
    law = next(laws_of(calls, {statement.name: statement}), None)
    if law is None:
        raise BadInput(f"{statement.name} says nothing about {against}")
    inputs = _entered(Domain(law.claim, law.hypotheses), at, getattr(torch, dtype))
    try:
        found = confronted(law, inputs, codes_of(calls))
    finally:
        calls.patience.close()
    place = int(((found.residual - found.allowance).flatten()).argmax())
    left, right = (float(side.flatten()[place]) for side in found.sides)
    return left, right


def smallest(calls: Calls, broken: Broken, dtype: str, seed: int) -> dict[str, Any]:
    """A point at which the law is broken, of as few tokens and as plain numbers as are found.

    The names of the statement's own parameters and families, with both sides, residual and
    allowance, or with what is told where a side has no value.
    """
    law, codes = broken.law, codes_of(calls)

    def look(inputs: Assignment) -> dict[str, Any] | None:
        """A row of the inputs on which the law is broken."""
        try:
            found = confronted(law, inputs, codes)
        except CodeError as problem:
            if inputs.rows > 1:
                return None
            return point(inputs, 0) | {"dtype": dtype_name(inputs), "told": str(problem)}
        except (UnsupportedError, TimeLimit):
            return None
        return witness(inputs, found) if bool(found.violated.any()) else None

    domain = Domain(law.claim, law.hypotheses)
    ties = calls.target.continuous  # else a tie decides what is selected
    styles = STYLES if ties else UNTIED
    drawn = (
        assign(domain, Recipe(size, styles, seed, ROWS), broken.inputs.like.dtype)
        for size in SIZES
    )
    for inputs in (*drawn, broken.inputs):
        rows = (_row(inputs, row) for row in range(inputs.rows))
        first = next((row for row in rows if look(row) is not None), None)
        if first is not None:
            return _plainer(first, look, ties=ties)
    return {"told": broken.told, "dtype": dtype}


def law_snippet(calls: Calls, law: Law, point: Mapping[str, Any]) -> str:
    """Code that shows both sides of a law at a point; it ends with an assertion that fails."""
    statement = law.statement
    known = ("left", "right", "residual", "allowance", "dtype", "told")
    at = {k: v for k, v in point.items() if k not in known and f"ln {k}" not in point}
    array = "" if calls.arrays.is_torch else f', array="{calls.arrays.name}"'
    name, options = name_of(calls.function), f'dtype="{point["dtype"]}"{array}'
    call = f'sides({name}, "{calls.target.name}", {statement.name}, at, {options})'
    lines = [
        *imports(calls.function, calls.arrays.name),
        "from bridge.crosschecking.law_cases import sides",
        f"from {statement.module} import {statement.name}",
        "",
        f"# {statement.doc}",
        f"# {law.claim}",
        f"at = {_written(at)}",
        f"left, right = {call}",
    ]
    if "told" in point:
        return joined([*lines, "print(left, right)"])
    allowed = f"{point['allowance']:.3e}"
    holds = {
        Eq: f"abs(left - right) <= {allowed}",
        Le: f"left <= right + {allowed}",
        Lt: f"left <= right + {allowed}",
    }.get(type(law.claim), f"right <= left + {allowed}")
    return joined([*lines, f"assert {holds}, (left, right)"])


def _plainer(
    inputs: Assignment, look: Callable[[Assignment], dict[str, Any] | None], *, ties: bool
) -> dict[str, Any]:
    """The point, with one number after the other made plain as long as the law stays broken."""
    found = look(inputs)
    assert found is not None
    for _ in range(SHRINKS):
        tried = ((simpler, look(simpler)) for simpler in _simpler(inputs, ties))
        better = next(((simpler, point) for simpler, point in tried if point is not None), None)
        if better is None:
            break
        inputs, found = better
    return found


def _simpler(inputs: Assignment, ties: bool) -> Iterator[Assignment]:
    """The same inputs with one number replaced by a plainer one, equal to no other in its row
    unless there may be `ties`."""
    for symbol, value in inputs.scalars.items():
        for plain in _plainer_than(float(value), positive=True):
            yield replace(
                inputs, scalars={**inputs.scalars, symbol: torch.full_like(value, plain)}
            )
    for family, table in inputs.families.items():
        if family in inputs.logarithms:
            continue
        numbers = table.flatten().tolist()
        for place, old in enumerate(numbers):
            for plain in _plainer_than(old, positive=bool(family.is_positive)):
                if ties or plain not in numbers:
                    changed = [*numbers[:place], plain, *numbers[place + 1 :]]
                    shaped = torch.tensor(changed, dtype=table.dtype).reshape(table.shape)
                    yield replace(inputs, families={**inputs.families, family: shaped})


def _plainer_than(old: float, *, positive: bool) -> list[float]:
    """Numbers plainer than one: zero, then one, then whole numbers."""
    plain = [1.0] if positive else [0.0, 1.0]
    if old in plain:
        return plain[: plain.index(old)]
    return plain if old == round(old) else [*plain, float(round(old)) or 1.0]


def _row(inputs: Assignment, row: int) -> Assignment:
    """One row of inputs."""

    def only(tables: Mapping[Any, Tensor]) -> dict[Any, Tensor]:
        return {name: table[row : row + 1] for name, table in tables.items()}

    scalars, families = only(inputs.scalars), only(inputs.families)
    logarithms = only(inputs.logarithms)
    return replace(inputs, rows=1, scalars=scalars, families=families, logarithms=logarithms)


def _entered(domain: Domain, at: Mapping[str, Any], dtype: torch.dtype) -> Assignment:
    """The inputs of a law at a point that is given by names."""

    def named(name: str) -> Any:
        if name not in at:
            raise BadInput(f"the point lacks {name!r}; it has {', '.join(map(repr, at))}")
        return at[name]

    def row(value: Any) -> Tensor:
        return torch.tensor([value], dtype=dtype)

    families, logarithms = {}, {}
    for family in domain.families:
        if f"ln {family}" in at:
            logarithms[family] = row(at[f"ln {family}"])
            families[family] = logarithms[family].exp()
        else:
            families[family] = row(named(str(family)))
    sizes = {size: int(named(str(size))) for size in domain.sizes}
    scalars = {symbol: row(named(str(symbol))) for symbol in domain.scalars}
    terms = max((table[0].numel() for table in logarithms.values()), default=max(sizes.values()))
    return Assignment(1, sizes, scalars, families, logarithms, normalization(terms))


def _written(at: Mapping[str, Any]) -> str:
    shown = repr(dict(at))
    return shown.replace("-inf", 'float("-inf")')
