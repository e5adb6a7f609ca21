"""Numbers with a running error bound: how far rounding may have moved a value.

Every operation adds its own rounding and passes on what its operands carry, to first order. The
bound is the tolerance of a comparison, derived from the terms themselves instead of tuned.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from sympy import Symbol
from torch import Tensor


class UnsupportedError(TypeError):
    """A node that is not evaluated on arrays."""


class CodeError(ArithmeticError):
    """Code that the lexicon names returned NaN on legal inputs."""


@dataclass(frozen=True)
class Measured:
    """A batch of values with one axis per index, and a bound on the error of each.

    `value` and `error` have shape (rows, *sizes of axes); `axes` names the index of each axis.
    `error` never carries a gradient.
    """

    value: Tensor
    error: Tensor
    axes: tuple[Symbol, ...] = ()

    @classmethod
    def exact(cls, value: Tensor, axes: tuple[Symbol, ...] = ()) -> "Measured":
        """A value that is what it says, such as an input."""
        return cls(value, torch.zeros_like(value, requires_grad=False), axes)

    @property
    def eps(self) -> float:
        """Unit of rounding of the value's dtype."""
        return torch.finfo(self.value.dtype).eps

    @property
    def size(self) -> Tensor:
        """Absolute value, outside the graph of derivatives."""
        return self.value.detach().abs()

    def aligned(self, axes: tuple[Symbol, ...]) -> "Measured":
        """The same values with (at least) these axes, in this order, ready to broadcast."""
        return Measured(
            _align(self.value, self.axes, axes), _align(self.error, self.axes, axes), axes
        )

    def rounded(self, operations: float = 1.0) -> "Measured":
        """The value after some roundings at its own scale, or below the least normal number."""
        rounding = operations * self.eps * self.size + torch.finfo(self.value.dtype).tiny
        return Measured(self.value, self.error + rounding, self.axes)


def align(*operands: Measured) -> tuple[list[Measured], tuple[Symbol, ...]]:
    """Operands with a common set of axes."""
    axes = tuple(dict.fromkeys(axis for operand in operands for axis in operand.axes))
    return [operand.aligned(axes) for operand in operands], axes


def add(left: Measured, right: Measured) -> Measured:
    """Sum of two values."""
    (a, b), axes = align(left, right)
    return Measured(a.value + b.value, a.error + b.error, axes).rounded()


def multiply(left: Measured, right: Measured) -> Measured:
    """Product of two values."""
    (a, b), axes = align(left, right)
    error = _product(a.size + a.error, b.error) + _product(b.size, a.error)
    found = Measured(a.value * b.value, error, axes).rounded()
    nothing = is_zero(a) | is_zero(b)
    return Measured(found.value, found.error.masked_fill(nothing, 0), axes)


def power(base: Measured, exponent: Measured) -> Measured:
    """Power; the base is positive unless the exponent is an integer."""
    (b, e), axes = align(base, exponent)
    value, exponent_value = b.value**e.value, e.value.detach()
    ends = (b.size - b.error).clamp(min=0), b.size + b.error
    drifts = ((end**exponent_value - b.size**exponent_value).abs() for end in ends)
    by_base = torch.maximum(*drifts)
    logarithm = torch.where(b.size > 0, b.size.log().abs(), torch.zeros_like(b.size))
    by_exponent = _product(value.detach().abs() * logarithm, e.error + e.eps * e.size)
    error = torch.where(b.error == 0, torch.zeros_like(by_base), by_base) + by_exponent
    return Measured(value, error, axes).rounded(2)


def exponential(operand: Measured) -> Measured:
    """Exponential: absolute error becomes relative error."""
    value = operand.value.exp()
    return Measured(value, _product(value.detach(), operand.error), operand.axes).rounded(2)


def logarithm(operand: Measured) -> Measured:
    """Logarithm: relative error becomes absolute error."""
    error = _ratio(operand.error, operand.size) + operand.eps
    return Measured(operand.value.log(), error, operand.axes).rounded(2)


def arccosine(operand: Measured) -> Measured:
    """Inverse cosine, whose error grows without bound towards one."""
    value = operand.value.clamp(-1, 1).acos()
    slope = 1 / (1 - operand.size.clamp(max=1) ** 2).sqrt().clamp(min=math.sqrt(operand.eps))
    return Measured(value, slope * operand.error, operand.axes).rounded(2)


def cosine(operand: Measured) -> Measured:
    """Cosine, which is never steeper than one."""
    return Measured(operand.value.cos(), operand.error, operand.axes).rounded(2)


def sine(operand: Measured) -> Measured:
    """Sine, which is never steeper than one."""
    return Measured(operand.value.sin(), operand.error, operand.axes).rounded(2)


def tangent(operand: Measured) -> Measured:
    """Tangent, as the sine over the cosine."""
    below = cosine(operand)
    return multiply(sine(operand), power(below, Measured.exact(-torch.ones_like(below.size))))


def hyperbolic_cosine(operand: Measured) -> Measured:
    """Hyperbolic cosine, as steep as the sine of the farthest point within the error."""
    slope = (operand.size + operand.error).sinh()
    return Measured(operand.value.cosh(), _product(slope, operand.error), operand.axes).rounded(2)


def hyperbolic_sine(operand: Measured) -> Measured:
    """Hyperbolic sine, as steep as the cosine of the farthest point within the error."""
    slope = (operand.size + operand.error).cosh()
    return Measured(operand.value.sinh(), _product(slope, operand.error), operand.axes).rounded(2)


def hyperbolic_tangent(operand: Measured) -> Measured:
    """Hyperbolic tangent, which is never steeper than one."""
    return Measured(operand.value.tanh(), operand.error, operand.axes).rounded(2)


def times_logarithm(factor: Measured, logarithm: Measured) -> Measured:
    """x ln y of x and ln y, which is zero where x is zero, whatever y."""
    (x, log_y), axes = align(factor, logarithm)
    skipped = is_zero(x) & ~log_y.value.isfinite()
    nothing = torch.zeros_like(log_y.value.detach())
    value, error = (torch.where(skipped, nothing, t) for t in (log_y.value, log_y.error))
    found = multiply(x, Measured(value, error, axes))
    # x ln x is steep at zero, and so is a root: no derivative there is taken for a number
    steep = torch.where(skipped, x.value, torch.ones_like(x.value.detach())).sqrt()
    return Measured(torch.where(skipped, -steep, found.value), found.error, axes)


def is_zero(operand: Measured) -> Tensor:
    """Where a value is zero and not only rounded to it."""
    return (operand.value == 0) & (operand.error == 0)


def absolute(operand: Measured) -> Measured:
    """Absolute value."""
    return Measured(operand.value.abs(), operand.error, operand.axes)


def extreme(operands: list[Measured], pick: Callable[[Tensor, Tensor], Tensor]) -> Measured:
    """The least or greatest of some values, `pick` being that of two."""
    aligned, axes = align(*operands)
    value, error = aligned[0].value, aligned[0].error
    for operand in aligned[1:]:
        value, error = pick(value, operand.value), torch.maximum(error, operand.error)
    return Measured(value, error, axes)


def product(operand: Measured, axis: Symbol) -> Measured:
    """Product over an axis; the error is what the factors' errors can make of it."""
    place = operand.axes.index(axis) + 1
    axes = tuple(a for a in operand.axes if a != axis)
    largest = (operand.size + operand.error).prod(dim=place)
    value = operand.value.prod(dim=place)
    drift = (largest - operand.size.prod(dim=place)).clamp(min=0)
    drift = torch.where((operand.error == 0).all(dim=place), torch.zeros_like(drift), drift)
    count = operand.value.shape[place]
    return Measured(value, drift + count * operand.eps * largest, axes).rounded()


def contract(factors: list[Measured], axis: Symbol, length: int, rows: int) -> Measured:
    """Sum of a product of factors over one axis, laid out only if no larger than a factor.

    The error is that of the factors, to first order, and of the summation: the sum of the
    absolute terms in units of rounding, times 4 + log2 of their number.
    """
    axes = tuple(dict.fromkeys(a for factor in factors for a in factor.axes if a != axis))
    if not any(axis in factor.axes for factor in factors):
        ones = torch.ones(
            rows, length, dtype=factors[0].value.dtype, device=factors[0].value.device
        )
        factors = [*factors, Measured.exact(ones, (axis,))]
    value = _contracted(factors, axis, axes)
    sizes = [factor.size for factor in factors]
    error = (4 + math.log2(max(length, 1))) * factors[0].eps * _einsum(sizes, factors, axes)
    for place, factor in enumerate(factors):
        if bool(factor.error.any()):
            parts = [*sizes[:place], factor.error, *sizes[place + 1 :]]
            error = error + _einsum(parts, factors, axes)
    return Measured(value, error, axes)


def _contracted(factors: list[Measured], axis: Symbol, axes: tuple[Symbol, ...]) -> Tensor:
    """Summed in a cascade, as the bound wants it, where a factor is as large as the product.

    A matrix product may add its terms in one chain, whose error grows with their number.
    """
    if any(set(factor.axes) >= {axis, *axes} for factor in factors):
        terms = [factor.aligned((*axes, axis)).value for factor in factors]
        return math.prod(terms[1:], start=terms[0]).sum(-1)
    return _einsum([factor.value for factor in factors], factors, axes)


def reduce_extremum(operand: Measured, axis: Symbol, reduce: Callable[..., Tensor]) -> Measured:
    """Least or greatest value over an axis; the error is the worst over the axis."""
    place = operand.axes.index(axis) + 1
    axes = tuple(a for a in operand.axes if a != axis)
    return Measured(reduce(operand.value, dim=place), operand.error.amax(dim=place), axes)


def _align(tensor: Tensor, axes: tuple[Symbol, ...], target: tuple[Symbol, ...]) -> Tensor:
    order = [axes.index(axis) + 1 for axis in target if axis in axes]
    tensor = tensor.permute(0, *order)
    for place, axis in enumerate(target, start=1):
        if axis not in axes:
            tensor = tensor.unsqueeze(place)
    return tensor


def _einsum(tensors: list[Tensor], factors: list[Measured], axes: tuple[Symbol, ...]) -> Tensor:
    numbers = {
        axis: n for n, axis in enumerate(dict.fromkeys(a for f in factors for a in f.axes), 1)
    }
    operands: list[object] = []
    for tensor, factor in zip(tensors, factors, strict=True):
        operands += [tensor, [0, *(numbers[axis] for axis in factor.axes)]]
    return torch.einsum(*operands, [0, *(numbers[axis] for axis in axes)])


def _product(size: Tensor, error: Tensor) -> Tensor:
    """A product in which no error stays no error, whatever the size."""
    return torch.where(error == 0, torch.zeros_like(error), size * error)


def _ratio(error: Tensor, size: Tensor) -> Tensor:
    return torch.where(error == 0, torch.zeros_like(error), error / size)
