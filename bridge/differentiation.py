"""Derivatives of code: automatic differentiation of what a claim evaluates, with its allowance.

The n-th derivative g of an expression f with respect to v carries, beside its own conditioning,
what rounding does to f, enlarged as Cauchy's estimate on a circle of radius |v| does it:

    c * eps * (sum_k |dg/dx_k| |x_k| + |g| + n! (|f| + 1) / |v|^n) + n! e / |v|^n,

where c = 4 (4 + log2 V) and e is the error of f.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from sympy import Indexed, Symbol
from torch import Tensor

from bridge.measured import Measured
from bridge.running import slack

if TYPE_CHECKING:
    from bridge.arrays import Evaluation


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
    with torch.enable_grad():
        target = inner(node.expr)
        unit = slack(max(evaluation.at.sizes.values())) * target.eps
        value, axes, scale = target.value, target.axes, target.error / unit + target.size + 1
        for variable, count in node.variable_count:
            for order in range(1, int(count) + 1):
                value, axes, scale = _step(value, axes, order * scale, variable, leaves)
        conditioning = _conditioning(value, leaves.all)
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
    """One differentiation: the derivative, its axes, and the scale at which it was rounded."""
    if isinstance(variable, Indexed):
        slope, new = _by_family(value, axes, variable, leaves.families[variable.base])
        wide = Measured(scale, scale, axes).aligned(new).value
        return slope, new, wide
    leaf = leaves.scalars[variable]
    size = leaf.detach().abs().reshape(-1, *(1 for _ in axes))
    return _by_scalar(value, leaf), axes, scale / size


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
