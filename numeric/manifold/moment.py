"""The moment map, which takes a hidden state to the mean row, and its inverse by Newton's method.

Its values fill the inside of the polytope of all rows.  The inverse minimizes the convex function
T ln Z(h) - h . moment, so that every step down is progress; outside the polytope it has no
minimum, and the state runs off in a direction in which the moment lies above every row.
"""

from __future__ import annotations

import torch
from torch import Tensor

from numeric.arrays import tensor_from
from numeric.errors import InputError
from numeric.manifold.head import BoltzmannManifold, boltzmann_map

_ROUNDS = 200
_HALVINGS = 60


def moment_map(manifold: BoltzmannManifold, hidden) -> Tensor:
    """Mean rows (..., d) under the distributions of hidden states (..., d)."""
    return boltzmann_map(manifold, hidden) @ manifold.weight


def inverse_moment_map(manifold: BoltzmannManifold, moment, *, tolerance: float = 1e-12) -> Tensor:
    """A hidden state (d,) whose mean row is `moment` (d,), to `tolerance` times the rows' size.

    It is unique where the rows span the space, and else the one in their span.

    Raises:
        InputError: The moment is no inner point of the polytope of rows, or so near to its
            boundary that no state was found; the message says which.
    """
    eta = tensor_from(moment, "moment").detach().double().to(manifold.weight.device)
    if eta.shape != (manifold.dimension,) or not bool(torch.isfinite(eta).all()):
        raise InputError(
            f"moment: expected finite numbers ({manifold.dimension},), got {tuple(eta.shape)}"
        )
    size = float(manifold.weight.abs().max())
    h, missing = torch.zeros_like(eta), eta
    for _ in range(_ROUNDS):
        mean, metric = _moments(manifold, h)
        missing = eta - mean
        if float(missing.abs().max()) <= tolerance * size:
            return h
        _refuse_outside(manifold, eta, h, missing)
        h = _lower(manifold, eta, h, _newton(metric, missing))
    raise InputError(
        f"moment: no state found in {_ROUNDS} rounds, {float(missing.abs().max()):.1e} is "
        "missing; it lies on or next to the boundary of the polytope of rows"
    )


def _moments(manifold: BoltzmannManifold, h: Tensor) -> tuple[Tensor, Tensor]:
    """Mean row, and its derivative G / T by the hidden state."""
    p = boltzmann_map(manifold, h)
    mean = p @ manifold.weight
    centered = (manifold.weight - mean) * p.sqrt().unsqueeze(-1)
    return mean, centered.T @ centered / manifold.temperature


def _newton(metric: Tensor, missing: Tensor) -> Tensor:
    """The step that would be right if the metric stayed: in the span of its directions."""
    values, vectors = torch.linalg.eigh(metric)
    large = values > values[-1] * 1e-14
    along = vectors[:, large]
    return along @ ((along.T @ missing) / values[large])


def _lower(manifold: BoltzmannManifold, eta: Tensor, h: Tensor, step: Tensor) -> Tensor:
    """The state after the greatest of the step, its half, its quarter ... that goes down."""

    def height(at: Tensor) -> float:
        log_partition = torch.logsumexp(manifold.scaled_logits(at), -1)
        return float(manifold.temperature * log_partition - at @ eta)

    start = height(h)
    slope = float((_moments(manifold, h)[0] - eta) @ step)
    for _ in range(_HALVINGS):
        if height(h + step) <= start + 1e-4 * slope + 1e-14 * abs(start):
            break
        step, slope = step / 2, slope / 2
    return h + step


def _refuse_outside(manifold: BoltzmannManifold, eta: Tensor, h: Tensor, missing: Tensor) -> None:
    """Refuse a moment above all rows in a direction, up to rounding: it has no hidden state.

    Tried are the state itself and what is missing of the moment.
    """
    for direction in (h, missing):
        heights = manifold.weight @ direction
        top = float(heights.max())
        rounding = 1e-13 * float(direction.norm()) * float(manifold.weight.norm(dim=-1).max())
        if float(eta @ direction) >= top - rounding and float(direction.norm()) > 0:
            raise InputError(
                "moment: expected an inner point of the polytope of rows; in one direction it "
                f"lies {float(eta @ direction) - top:.3g} above the highest row"
            )
