"""Running the code that the lexicon names, and what rounding may do to its result.

For a function f of inputs x the allowance is

    c * eps * (sum_k |df/dx_k| |x_k| + |f| + 1),    c = 4 (4 + log2 V),

the conditioning of the question plus rounding at the scale of a nat, and, where the inputs
themselves carry errors e_k, sum_k |df/dx_k| e_k besides.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import torch
from sympy import Basic, Symbol
from torch import Tensor

from bridge.lexicon import FAMILIES, Code, Role
from bridge.measured import CodeError, Measured
from formal.quantity import Quantity

if TYPE_CHECKING:
    from bridge.arrays import Evaluation

# Elements beyond which the columns of a batch are taken one at a time.
LARGE = 1 << 22


def slack(states: int) -> float:
    """The factor c = 4 (4 + log2 V) of every allowance, fixed."""
    return 4 * (4 + math.log2(max(states, 1)))


def run(evaluation: "Evaluation", code: Code, node: Quantity) -> Measured:
    """The quantity at its arguments, computed by `code`, with its allowance.

    Raises:
        CodeError: The code returned NaN on inputs without NaN.
    """
    families, scalars, token = _arguments(evaluation, code, node)
    targets = [evaluation.index_value(a) for a in _of_role(node, code, Role.TARGET)]
    rows, columns = _layout(families, targets, scalars)
    states = families[0].value.shape[-1]
    vectors = [_flat(f.value, f.axes[:-1], rows, evaluation.at.rows, states) for f in families]
    errors = [_flat(f.error, f.axes[:-1], rows, evaluation.at.rows, states) for f in families]
    chosen = [_chosen(t, rows, evaluation.at.rows) for t in targets]
    call = replace(code, function=partial(_with_targets, code.function, len(vectors), chosen))
    judge = code.trusted or code.function
    judge = replace(code, function=partial(_with_targets, judge, len(vectors), chosen))
    numbers = [_grid(s, rows, columns, evaluation.at.rows) for s in scalars]
    if evaluation.logits is not None:
        evaluation.logits.extend(_reduced(vectors, numbers, evaluation.at.rows))
    orders = [float(evaluation(a).value.flatten()[0]) for a in _of_role(node, code, Role.ORDER)]
    value = _call(call, vectors, numbers, orders)
    if not numbers:
        value = value.unsqueeze(1)
    bound = _allowance(judge, vectors, errors, numbers, orders, value.detach())
    return _unflat(value, bound, rows, columns, token, evaluation.at.rows)


def takes_normalized(evaluation: "Evaluation", code: Code, node: Quantity) -> bool:
    """Whether what the code takes as distributions are distributions without zeros."""
    for family in _of_role(node, code, Role.DISTRIBUTION):
        logs, index = evaluation.family(family, logarithm=True)
        wide = logs.aligned((*(a for a in logs.axes if a != index), index))
        states = evaluation.at.sizes[_vocabulary(evaluation)]
        shape = (*wide.value.shape[:-1], states)
        value, error = wide.value.detach().expand(shape), wide.error.expand(shape)
        if not bool(value.isfinite().all()):  # a part may have underflowed
            return False
        allowed = (value.exp() * error).sum(-1) + slack(states) * logs.eps
        known = family in evaluation.at.logarithms
        if not known and bool((value.logsumexp(-1).abs() > allowed).any()):
            return False
    return True


def _reduced(vectors: list[Tensor], numbers: list[Measured], batch: int) -> Iterator[Tensor]:
    """The families in units of each number, (batch, any)."""
    for vector in vectors:
        for number in [n.value.unsqueeze(-1) for n in numbers] or [1]:
            yield (vector.unsqueeze(1) / number).reshape(batch, -1)


def _of_role(node: Quantity, code: Code, role: Role) -> list[Basic]:
    return [a for a, r in zip(node.args, code.roles, strict=True) if r is role]


def _arguments(
    evaluation: "Evaluation", code: Code, node: Quantity
) -> tuple[list[Measured], list[Measured], Basic | None]:
    """The families, each with its token axis last, the temperatures, and the token asked for."""
    families = []
    for argument, role in zip(node.args, code.roles, strict=True):
        if role in FAMILIES:
            values, index = evaluation.family(argument, logarithm=role is Role.DISTRIBUTION)
            sign = -1 if role is Role.ENERGIES else 1
            axes = (*(a for a in values.axes if a != index), index)
            values = values.aligned(axes)
            states = evaluation.at.sizes[_vocabulary(evaluation)]
            shape = (*values.value.shape[:-1], states)
            families.append(
                Measured(sign * values.value.expand(shape), values.error.expand(shape), axes)
            )
    scalars = [evaluation(argument) for argument in _of_role(node, code, Role.TEMPERATURE)]
    token = next(iter(_of_role(node, code, Role.TOKEN)), None)
    return families, scalars, token


def _vocabulary(evaluation: "Evaluation") -> Symbol:
    return next(size for size in evaluation.at.sizes if size.name == "V")


def _layout(
    families: list[Measured], targets: list[Measured], scalars: list[Measured]
) -> tuple[dict[Symbol, int], dict[Symbol, int]]:
    """Axes that become rows (a family or a target varies along them) and columns (only
    temperatures do)."""
    rows = {a: f.value.shape[f.axes.index(a) + 1] for f in families for a in f.axes[:-1]}
    rows |= {a: t.value.shape[t.axes.index(a) + 1] for t in targets for a in t.axes}
    columns = {
        a: s.value.shape[s.axes.index(a) + 1] for s in scalars for a in s.axes if a not in rows
    }
    return rows, columns


def _flat(tensor: Tensor, axes: tuple, rows: dict[Symbol, int], batch: int, states: int) -> Tensor:
    """A family as (batch * row axes, states)."""
    shaped = Measured.exact(tensor, (*axes, _LAST)).aligned((*rows, _LAST)).value
    return shaped.expand(batch, *rows.values(), states).reshape(-1, states)


def _grid(
    scalar: Measured, rows: dict[Symbol, int], columns: dict[Symbol, int], batch: int
) -> Measured:
    """A temperature as (batch * row axes, column axes flattened)."""
    wide = scalar.aligned((*rows, *columns))
    shape = (batch, *rows.values(), *columns.values())
    count = batch * math.prod(rows.values())
    return Measured(
        wide.value.expand(shape).reshape(count, -1), wide.error.expand(shape).reshape(count, -1)
    )


def _chosen(target: Measured, rows: dict[Symbol, int], batch: int) -> Tensor:
    """A target, counted from 1, as (batch * row axes,) integers counted from 0."""
    wide = target.aligned(tuple(rows)).value.expand(batch, *rows.values())
    return wide.reshape(-1).long() - 1


def _with_targets(
    function: Callable[..., Tensor], families: int, targets: list[Tensor], *arguments: Any
) -> Tensor:
    """The function with targets after its families, repeated as often as their rows are."""
    vectors, rest = arguments[:families], arguments[families:]
    repeated = (_repeat(t, len(vectors[0]) // len(t)) for t in targets)
    return function(*vectors, *repeated, *rest)


def _call(
    code: Code, vectors: list[Tensor], numbers: list[Measured], orders: list[float]
) -> Tensor:
    arguments = [*vectors, *(number.value for number in numbers), *orders]
    value = code.function(*arguments)
    legal = all(not bool(t.detach().isnan().any()) for t in arguments if isinstance(t, Tensor))
    if legal and bool(value.detach().isnan().any()):
        row = int(value.detach().isnan().flatten(1).any(1).nonzero()[0])
        raise CodeError(f"{code.name} returned NaN in row {row}")
    return value


def _allowance(
    code: Code,
    vectors: list[Tensor],
    errors: list[Tensor],
    numbers: list[Measured],
    orders: list[float],
    value: Tensor,
) -> Tensor:
    eps, c = torch.finfo(value.dtype).eps, slack(vectors[0].shape[-1])
    own = c * eps * (value.abs() + 1)
    if code.per_token:
        log_drift, p = _log_drift(vectors[0], errors[0], numbers, c * eps)
        if code.logarithmic:
            return own + log_drift
        bound = own + _finite_product(p, log_drift)
        return bound.masked_fill(value == 0, 0) if code.exact_zeros else bound
    return own + _conditioning(code, vectors, errors, numbers, orders, value, c * eps)


def _conditioning(
    code: Code,
    vectors: list[Tensor],
    errors: list[Tensor],
    numbers: list[Measured],
    orders: list[float],
    value: Tensor,
    unit: float,
) -> Tensor:
    """Sum over the inputs of |df/dx| times what the input may be off by, per row and column."""
    rows, width = value.shape
    if rows * width * vectors[0].shape[-1] <= LARGE:  # columns become rows: one pass for all
        vectors, errors = ([_repeat(t, width) for t in tensors] for tensors in (vectors, errors))
        numbers = [Measured(n.value.reshape(-1, 1), n.error.reshape(-1, 1)) for n in numbers]
        return _drift(code, vectors, errors, numbers, orders, unit).reshape(rows, width)
    columns = [
        _drift(code, vectors, errors, [_column(n, place) for n in numbers], orders, unit)
        for place in range(width)
    ]
    return torch.stack(columns, dim=1)


def _repeat(tensor: Tensor, times: int) -> Tensor:
    return tensor.repeat_interleave(times, dim=0) if times > 1 else tensor


def _column(number: Measured, place: int) -> Measured:
    here = slice(place, place + 1)
    return Measured(number.value[:, here], number.error[:, here])


def _drift(
    code: Code,
    vectors: list[Tensor],
    errors: list[Tensor],
    numbers: list[Measured],
    orders: list[float],
    unit: float,
) -> Tensor:
    """The bound for one temperature per row, (rows,)."""
    leaves = [t.detach().clone().requires_grad_() for t in (*vectors, *(n.value for n in numbers))]
    with torch.enable_grad():
        output = code.function(*leaves, *orders)
        slopes = torch.autograd.grad(output.sum(), leaves, allow_unused=True)
    errors = [*errors, *(n.error for n in numbers)]
    parts = [
        _finite_product(slope.abs(), unit * leaf.detach().abs() + error).sum(-1)
        for slope, leaf, error in zip(slopes, leaves, errors, strict=True)
        if slope is not None
    ]
    return sum(parts, torch.zeros(len(leaves[0]), dtype=leaves[0].dtype, device=leaves[0].device))


def _log_drift(
    logits: Tensor, error: Tensor, numbers: list[Measured], unit: float
) -> tuple[Tensor, Tensor]:
    """How far ln p_k may be off, from |d ln p_k / dx_j| = |delta_kj - p_j| / T, and p itself.

    Both are (rows, columns, states).
    """
    ones = torch.ones(logits.shape[0], 1, dtype=logits.dtype, device=logits.device)
    temperature = (numbers[0].value.detach() if numbers else ones).unsqueeze(-1)
    off = (numbers[0].error if numbers else torch.zeros_like(ones)).unsqueeze(-1)
    x = logits.detach().unsqueeze(1)
    p = torch.softmax(x / temperature, -1)
    drift = (2 * unit + off / temperature) * x.abs() + error.unsqueeze(1)
    return (drift + _finite_product(p, drift).sum(-1, keepdim=True)) / temperature, p


def _finite_product(slope: Tensor, drift: Tensor) -> Tensor:
    return torch.where(slope == 0, torch.zeros_like(slope), slope * drift)


_LAST = Symbol("last")


def _unflat(
    value: Tensor,
    bound: Tensor,
    rows: dict[Symbol, int],
    columns: dict[Symbol, int],
    token: Any,
    batch: int,
) -> Measured:
    """Back to named axes; a token axis is named by its index, or its number is selected."""
    axes = (*rows, *columns)
    tail = value.shape[2:]
    shape = (batch, *rows.values(), *columns.values(), *tail)
    value, bound = value.reshape(shape), bound.reshape(shape)
    if token is None:
        return Measured(value, bound, axes)
    if not isinstance(token, Symbol):
        return Measured(value[..., int(token) - 1], bound[..., int(token) - 1], axes)
    if token in axes:
        place = axes.index(token) + 1
        value, bound = (t.diagonal(dim1=place, dim2=-1) for t in (value, bound))
        return Measured(value, bound, (*(a for a in axes if a != token), token))
    return Measured(value, bound, (*axes, token))
