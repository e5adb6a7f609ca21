"""Code against definition: every function of the lexicon held against the formula in balls.

A theorem still holds when all energies are doubled everywhere; only here would that be seen.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import torch
from flint import arb
from sympy import Basic, IndexedBase, Lambda, Sum, Symbol, exp

from bridge.arrays import Assignment, Evaluation
from bridge.ball_numbers import UndecidedError
from bridge.balls import Point, evaluate_balls
from bridge.confront import MEANINGLESS, MOVED, Confrontation
from bridge.lexicon import Code, Role
from bridge.measured import Measured
from bridge.running import run, slack
from formal.quantity import Quantity
from formal.symbols import V, i, j

TRIALS = 8  # of rounding, where a function selects tokens


def compare(
    node: Quantity,
    code: Code,
    at: Assignment,
    tokens: int = 3,
    known: dict[tuple[int, int], arb] | None = None,
) -> Confrontation:
    """The function's values and its definition's, one row per row of inputs.

    Of a quantity with one value per token the likeliest, the unlikeliest and the first tokens
    are compared, `tokens` in all. Masked tokens (energies of +inf) are left out of the definition,
    which is what masking means. `known` keeps the definition's values at these inputs, so that
    several functions are held against it for the price of one.

    Raises:
        CodeError: The code returned NaN on legal inputs.
    """
    computed = run(Evaluation(at), code, node)
    legal, known = _legal(at), {} if known is None else known
    columns = _columns(computed, legal, tokens)
    value, error = (_take(t, columns) for t in (computed.value.detach(), computed.error))
    shape = computed.value.shape[1:]
    residual, moved, right = torch.zeros_like(value), torch.zeros_like(value), value.clone()
    for row in range(at.rows):
        for place, column in enumerate(columns[row].tolist()):
            shown = float(value[row, place])
            try:
                if (row, column) not in known:
                    places = dict(zip(computed.axes, _unravel(column, shape), strict=True))
                    known[row, column] = _definition(node, at, row, places)
                ball = known[row, column]
            except UndecidedError:  # balls cannot tell on which side of an edge the point lies
                residual[row, place] = torch.nan
                continue
            if not float(abs(ball).lower()) <= torch.finfo(value.dtype).max:
                residual[row, place] = torch.nan  # the dtype has no such number
                continue
            difference = arb(shown) - ball
            step = arb(MOVED * (2 * abs(shown) + 1))
            residual[row, place] = float(abs(difference).upper())
            moved[row, place] = float(abs(difference + step).lower())
            right[row, place] = float(ball.mid())
    size = value.abs() + right.abs() + 1
    decided = residual.isfinite() & (error <= MEANINGLESS * size)
    if code.selective:
        decided &= ~_hangs_on_rounding(node, code, at, computed.value.detach()).unsqueeze(-1)
    return Confrontation(residual, error, decided, moved, (value, right))


def _hangs_on_rounding(
    node: Quantity, code: Code, at: Assignment, value: torch.Tensor
) -> torch.Tensor:
    """Rows (rows,) in which inputs moved by rounding have other tokens selected."""
    noise = torch.Generator().manual_seed(0)
    unsteady = torch.zeros(at.rows, dtype=torch.bool)
    for _ in range(TRIALS):
        families = {f: _jittered(t, noise) for f, t in at.families.items()}
        moved = replace(at, families=families)
        other = run(Evaluation(moved), code, node).value.detach()
        unsteady |= ((other == 0) != (value == 0)).flatten(1).any(-1)
    return unsteady


def _jittered(table: torch.Tensor, noise: torch.Generator) -> torch.Tensor:
    """The numbers moved at random by roundings of themselves and of one."""
    step = slack(table.shape[-1]) * torch.finfo(table.dtype).eps
    drawn = torch.rand(table.shape, generator=noise, dtype=torch.float64).to(table.dtype) - 0.5
    return torch.where(table.isfinite(), table + step * drawn * (1 + table.abs()), table)


def _columns(computed: Measured, legal: torch.Tensor, tokens: int) -> torch.Tensor:
    """Which tokens, or pairs of them counted row by row, are compared, (rows, n); one
    meaningless column where there is no token."""
    if not computed.axes:
        return torch.zeros(computed.value.shape[0], 1, dtype=torch.long)
    value, token = computed.value.detach().flatten(1), legal
    for _ in computed.axes[1:]:
        legal = (legal.unsqueeze(-1) & token.unsqueeze(1)).flatten(1)
    picks = [
        torch.where(legal, value, -torch.inf).argmax(-1),
        torch.where(legal, value, torch.inf).argmin(-1),
        legal.to(torch.int8).argmax(-1),
    ]
    return torch.stack(picks[:tokens], dim=-1)


def _take(tensor: torch.Tensor, columns: torch.Tensor) -> torch.Tensor:
    return tensor.unsqueeze(-1) if tensor.ndim == 1 else tensor.flatten(1).gather(-1, columns)


def _unravel(column: int, shape: torch.Size) -> tuple[int, ...]:
    """The place of a column in a table that was flattened."""
    return tuple(int(n) for n in torch.unravel_index(torch.tensor(column), shape))


def _definition(node: Quantity, at: Assignment, row: int, places: Mapping[Symbol, int]) -> arb:
    """The definition at one row, enclosed, on the tokens that are not masked."""
    kept = _legal(at)[row].nonzero().flatten().tolist()
    values: dict[Basic, Any] = {V: len(kept)}
    given: dict[Basic, Basic] = {}
    for symbol, numbers in at.scalars.items():
        values[symbol] = float(numbers[row])
    for family, table in at.families.items():
        source = at.logarithms.get(family, table)[row].tolist()
        components = [source[n] for n in kept]
        if family in at.logarithms:
            logits: Any = IndexedBase(f"logits_{family}", real=True)
            values[logits] = components
            given[family] = _softmax(logits)
        else:
            values[family] = components
    for token, place in places.items():
        values[token] = kept.index(place) + 1
    return evaluate_balls(node, Point(values, given))


def _legal(at: Assignment) -> torch.Tensor:
    """Which tokens are not masked, (rows, V)."""
    tables = [at.logarithms.get(family, table) for family, table in at.families.items()]
    return torch.stack([table.isfinite() for table in tables]).all(0)


@cache
def _softmax(logits: IndexedBase) -> Lambda:
    return Lambda(i, exp(logits[i]) / Sum(exp(logits[j]), (j, 1, V)))


def masked(node: Quantity, code: Code, at: Assignment) -> Assignment:
    """The same inputs with every third token masked: no probability, no energy.

    The first token stays, so that none is masked where there is only one.
    """
    roles = dict(zip(node.args, code.roles, strict=True))
    value = {f: torch.inf if roles[f] is Role.ENERGIES else -torch.inf for f in at.families}
    return replace(
        at,
        families={f: _masked(table, value[f]) for f, table in at.families.items()},
        logarithms={f: _masked(table, -torch.inf) for f, table in at.logarithms.items()},
    )


def _masked(table: torch.Tensor, value: float) -> torch.Tensor:
    table = table.clone()
    table[..., 2::3] = value
    return table
