"""A symmetry of a network: a group, how it acts on weights, and how its elements are drawn.

act(weights, g) has the same logits as weights; act(act(weights, h), g) = act(weights, g h), with
g h = compose(g, h). An element is one tensor, stacked over layers like the weights.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Generator, Tensor

from numeric.errors import InputError
from numeric.symmetry.layout import Weights

Act = Callable[[Weights, Tensor], Weights]
Draw = Callable[[Generator], Tensor]
Compose = Callable[[Tensor, Tensor], Tensor]


@dataclass(frozen=True)
class Symmetry:
    """One kind of symmetry of a network, in all layers at once.

    `dimension` counts independent directions at a generic point, 0 where the group is discrete.
    `near` maps coordinates in the Lie algebra, of the shape of `identity`, to elements near it:
    exact to first order, which is what derivatives at the identity need; None where discrete.
    `linear` says that generators are linear in the weights. `keeps` says what does not change.
    `at_this_point` marks what only special weights have, and no formula of sizes counts.
    """

    name: str
    group: str
    dimension: int
    identity: Tensor
    act: Act
    draw: Draw
    compose: Compose
    near: Callable[[Tensor], Tensor] | None = None
    linear: bool = False
    keeps: Literal["logits", "probabilities"] = "logits"
    at_this_point: bool = False


@dataclass(frozen=True)
class Control:
    """A transformation that resembles a symmetry and is none: what a test that works must see."""

    name: str
    instead_of: str
    act: Act
    draw: Draw
    keeps: Literal["logits", "probabilities"] = "logits"


def changed(weights: Weights, **new: Tensor) -> Weights:
    """The weights with some of them replaced; what is None or absent stays absent."""
    return weights | {name: value for name, value in new.items() if name in weights}


def product(g: Tensor, h: Tensor) -> Tensor:
    """Scales compose by multiplication."""
    return g * h


def total(g: Tensor, h: Tensor) -> Tensor:
    """Translations compose by addition."""
    return g + h


def after(g: Tensor, h: Tensor) -> Tensor:
    """Permutations as index lists (..., n): first h, then g."""
    return torch.gather(h, -1, g)


def matrices(g: Tensor, h: Tensor) -> Tensor:
    """Matrices compose by multiplication."""
    return g @ h


def inverse(matrix: Tensor) -> Tensor:
    """The inverse of invertible matrices (..., h, h).

    Raises:
        InputError: One is singular in working precision, and so no element of the group.
    """
    size = torch.linalg.svdvals(matrix.detach())
    worst = (size[..., -1] / size[..., 0]).min()
    if not worst > torch.finfo(matrix.dtype).eps * matrix.shape[-1]:
        raise InputError(
            "expected invertible matrices, one is singular "
            f"(smallest over largest singular value {float(worst):.1e})"
        )
    return torch.linalg.inv(matrix)


def invertible(scale: Tensor) -> Tensor:
    """Scales that are finite and not zero.

    Raises:
        InputError: One is zero or not finite, and so no element of the group.
    """
    if not bool(((scale != 0) & scale.isfinite()).all()):
        raise InputError("expected scales that are finite and not zero")
    return scale


def signed_scales(*shape: int, wide: float = 0.5) -> Draw:
    """Random scales of either sign, exp(wide n) in size with n normal."""

    def draw(generator: Generator) -> Tensor:
        size = torch.exp(wide * normal(*shape)(generator))
        return size * signs(*shape)(generator)

    return draw


def normal(*shape: int, scale: float = 1.0) -> Draw:
    """Random numbers of a normal distribution."""
    return lambda generator: scale * torch.randn(shape, generator=generator, dtype=torch.float64)


def signs(*shape: int) -> Draw:
    """Random signs."""
    return lambda g: torch.randint(0, 2, shape, generator=g).double() * 2 - 1


def rotations(*shape: int) -> Draw:
    """Random orthogonal matrices (..., n, n)."""
    return lambda generator: torch.linalg.qr(normal(*shape)(generator))[0]


def general_matrices(*shape: int) -> Draw:
    """Random invertible matrices, far from orthogonal, whose condition numbers are at most 3."""

    def draw(generator: Generator) -> Tensor:
        left, right = rotations(*shape)(generator), rotations(*shape)(generator)
        stretch = 3 ** (torch.rand(shape[:-1], generator=generator, dtype=torch.float64) - 0.5)
        return left * stretch[..., None, :] @ right

    return draw


def permutations(*shape: int) -> Draw:
    """Random index lists along the last axis."""
    return lambda generator: torch.rand(*shape, generator=generator).argsort(dim=-1)


def counting(*shape: int) -> Tensor:
    """The index list that moves nothing."""
    return torch.arange(shape[-1]).expand(*shape)
