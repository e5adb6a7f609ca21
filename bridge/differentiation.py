"""Derivatives of code: automatic differentiation of what a claim evaluates, with its allowance.

The n-th derivative g of an expression f with respect to v carries, beside its own conditioning,
what rounding does to f, enlarged as Cauchy's estimate on a circle of radius r does it:

    c * eps * (sum_k |dg/dx_k| |x_k| + |g| + n! (|f| + 1) / r^n) + n! e / r^n,

where c = 4 (4 + log2 V) and e is the error of f. The circle must lie where f is analytic and no
larger than it is: code takes logits y = x/T, and exp(y) turns within a few nats, so that r is the
length on which no y_i moves by more than a nat, 1 / max_i |dy_i/dv|, and |v| at most (1 at most
for a component of a family). In T that is T^2 / max_i |x_i|, along a hidden state h, of
x = u h, T / max_i |u_i|. By the chain rule this is the rounding of automatic differentiation too:
it sums the terms dphi/dy_i * dy_i/dv, whose first factors are good to a rounding of a nat.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from sympy import Indexed, Symbol
from torch import Tensor

from bridge.measured import Measured
from bridge.running import slack

if TYPE_CHECKING:
    from bridge.arrays import Evaluation


LOOKED_AT = 8  # components of a family


@dataclass(frozen=True)
class _Leaves:
    """The inputs of a claim as leaves of a graph."""

    scalars: dict[Symbol, Tensor]
    families: dict

    @property
    def all(self) -> list[Tensor]:
        return [*self.scalars.values(), *self.families.values()]


def differentiate(evaluation: "Evaluation", node: Any) -> Measured:
    """The derivative of an expression with respect to scalars or components of families."""
    leaves = _Leaves(
        {symbol: _leaf(value) for symbol, value in evaluation.at.scalars.items()},
        {family: _leaf(value) for family, value in evaluation.at.families.items()},
    )
    inner = evaluation.at_point(
        scalars=leaves.scalars,
        families=leaves.families,
        logarithms=_logarithms(evaluation, leaves, node),
    )
    inner.logits = []
    with torch.enable_grad():
        target = inner(node.expr)
        unit = slack(max(evaluation.at.sizes.values())) * target.eps
        value, axes, scale = target.value, target.axes, target.error / unit + target.size + 1
        for variable, count in node.variable_count:
            steepness = _steepness(variable, leaves, inner.logits or ())
            for order in range(1, int(count) + 1):
                scale = order * scale * steepness.reshape(-1, *(1 for _ in axes))
                value, axes, scale = _step(value, axes, scale, variable, leaves)
        conditioning = _conditioning(value, leaves.all)
    if evaluation.logits is not None:  # of a derivative around this one
        evaluation.logits.extend(inner.logits)
    error = unit * (conditioning + value.detach().abs() + scale)
    return Measured(value, error, axes)


def _leaf(value: Tensor) -> Tensor:
    return value if value.requires_grad else value.detach().clone().requires_grad_()


def _logarithms(evaluation: "Evaluation", leaves: _Leaves, node: Any) -> dict:
    """Logarithms follow their family where it is differentiated, else stay as they were given."""
    moved = {v.base for v, _ in node.variable_count if isinstance(v, Indexed)}
    return {
        family: leaves.families[family].log() if family in moved else logs
        for family, logs in evaluation.at.logarithms.items()
    }


def _step(
    value: Tensor, axes: tuple, scale: Tensor, variable: Symbol | Indexed, leaves: _Leaves
) -> tuple[Tensor, tuple, Tensor]:
    """One differentiation: the derivative, its axes, and the scale along these."""
    if isinstance(variable, Indexed):
        slope, new = _by_family(value, axes, variable, leaves.families[variable.base])
        wide = Measured(scale, scale, axes).aligned(new).value
        return slope, new, wide
    return _by_scalar(value, leaves.scalars[variable]), axes, scale


def _steepness(variable: Symbol | Indexed, leaves: _Leaves, logits: Sequence[Tensor]) -> Tensor:
    """One over the radius r in each row, (rows,), of the logits (rows, any) that code takes.

    Of a family with many components some are looked at, evenly spread. A masked token has no say.
    """
    if isinstance(variable, Indexed):
        leaf = leaves.families[variable.base]
        least = torch.ones(len(leaf), dtype=leaf.dtype, device=leaf.device)
    else:
        leaf = leaves.scalars[variable]
        least = 1 / leaf.detach().abs()
    parts = [least]
    for y in logits:
        weights = torch.zeros_like(y, requires_grad=True)
        pulled = _grad((y * weights).sum(), leaf).reshape(len(leaf), -1)
        for component in range(0, pulled.shape[1], 1 + pulled.shape[1] // LOOKED_AT):
            moved = _grad(pulled[:, component].sum(), weights).detach().abs()
            parts.append(moved.masked_fill(~y.detach().isfinite(), 0).amax(1))
    return torch.stack(parts).amax(0)


def _by_scalar(value: Tensor, leaf: Tensor) -> Tensor:
    """Derivative of every value with respect to its row's scalar, by two transposed passes."""
    if value.ndim == 1:
        return _grad(value.sum(), leaf)
    weights = torch.zeros_like(value, requires_grad=True)
    pulled = _grad((value * weights).sum(), leaf)
    return _grad(pulled.sum(), weights)


def _by_family(
    value: Tensor, axes: tuple, variable: Indexed, leaf: Tensor
) -> tuple[Tensor, tuple]:
    """Derivative with respect to every component, along the axes that the indices name."""
    flat = value.reshape(len(value), -1)
    rows = [_grad(flat[:, n].sum(), leaf) for n in range(flat.shape[1])]
    slope = torch.stack(rows, dim=1).reshape(*value.shape, *leaf.shape[1:])
    names = [*axes, *variable.indices]
    for index in variable.indices:
        if names.count(index) > 1:
            first = names.index(index)
            second = names.index(index, first + 1)
            slope = slope.diagonal(dim1=first + 1, dim2=second + 1)
            names = [*names[:first], *names[first + 1 : second], *names[second + 1 :], index]
    return slope, tuple(names)


def _grad(output: Tensor, leaf: Tensor) -> Tensor:
    if not output.requires_grad:
        return torch.zeros_like(leaf)
    (slope,) = torch.autograd.grad(output, leaf, create_graph=True, allow_unused=True)
    return torch.zeros_like(leaf) if slope is None else slope


def _conditioning(value: Tensor, leaves: list[Tensor]) -> Tensor:
    """Sum over the inputs of |dg/dx| |x|, for every value of g."""
    if not value.requires_grad:
        return torch.zeros_like(value)
    flat = value.flatten(1) if value.ndim > 1 else value.unsqueeze(1)
    columns = []
    for n in range(flat.shape[1]):
        slopes = torch.autograd.grad(
            flat[:, n].sum(), leaves, retain_graph=True, allow_unused=True
        )
        columns.append(
            sum(
                (slope.detach() * leaf.detach()).abs().reshape(len(leaf), -1).sum(1)
                for slope, leaf in zip(slopes, leaves, strict=True)
                if slope is not None
            )
            + torch.zeros_like(flat[:, n].detach())
        )
    return torch.stack(columns, dim=1).reshape(value.shape)
