"""What symmetry says about derivatives: Ward and Hessian identities, Noether charges.

For a generator X and a loss L that depends on logits alone, <grad L, X theta> = 0 (Ward), and
differentiating that, H X theta = -(DX)^T grad L (Hessian). A symmetric linear X gives a charge
<theta, X theta> that gradient flow conserves. All are derivatives of the action at the identity,
so that one backward pass of the loss serves every generator of every kind.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Generator, Tensor

from numeric.symmetry.action import Symmetry
from numeric.symmetry.architecture import Architecture
from numeric.symmetry.forward import logits
from numeric.symmetry.layout import Weights


def loss(arch: Architecture, weights: Weights, ids: Tensor) -> Tensor:
    """Mean cross-entropy of each next token, in nats."""
    rows = logits(arch, weights, ids[..., :-1]).flatten(0, -2)
    return torch.nn.functional.cross_entropy(rows, ids[..., 1:].flatten())


def gradients(arch: Architecture, weights: Weights, ids: Tensor) -> Weights:
    """The gradient of the loss in every weight, epsilon included."""
    leaves = {name: value.detach().requires_grad_() for name, value in weights.items()}
    found = torch.autograd.grad(loss(arch, leaves, ids), list(leaves.values()))
    return dict(zip(leaves, found, strict=True))


@dataclass(frozen=True)
class Ward:
    """Ward identities of one kind: the largest |<grad L, X theta>|, and of its terms.

    `scale` is the largest contribution of one kind of weight to any of them: what cancels.
    """

    name: str
    residual: float
    scale: float


def ward(symmetry: Symmetry, weights: Weights, gradient: Weights) -> Ward:
    """All Ward identities of a continuous symmetry, from one gradient of the loss."""
    assert symmetry.near is not None
    x = torch.zeros_like(symmetry.identity).requires_grad_()
    moved = symmetry.act(weights, symmetry.near(x))
    terms = [
        torch.autograd.grad((gradient[name] * moved[name]).sum(), x, retain_graph=True)[0]
        for name in weights
        if moved[name].requires_grad
    ]
    residual = torch.stack(terms).sum(0)
    scale = max(float(term.abs().max()) for term in terms)
    return Ward(symmetry.name, float(residual.abs().max()), scale)


@dataclass(frozen=True)
class Anomaly:
    """How the constant of norms breaks the scale of the stream: weights alone, and epsilon's part.

    `weights` + `epsilon` = 0 where the identity holds; epsilon's part is 2 epsilon dL/depsilon.
    """

    weights: float
    epsilon: float


def anomaly(symmetry: Symmetry, weights: Weights, gradient: Weights) -> Anomaly:
    """The Ward identity of the scale of the stream, epsilon's part told apart."""
    x = torch.zeros((), dtype=torch.float64, requires_grad=True)
    moved = symmetry.act(weights, 1 + x)
    total = sum(
        (gradient[name] * moved[name]).sum()
        for name in weights
        if name != "epsilon" and moved[name].requires_grad
    )
    (alone,) = torch.autograd.grad(total, x)  # type: ignore[arg-type]
    return Anomaly(float(alone), float(2 * weights["epsilon"] * gradient["epsilon"]))


@dataclass(frozen=True)
class Hessian:
    """The largest entry of H X theta + (DX)^T grad L, and of H X theta."""

    residual: float
    scale: float


def hessian(
    arch: Architecture,
    weights: Weights,
    ids: Tensor,
    kinds: Sequence[Symmetry],
    generator: Generator,
) -> Hessian:
    """The Hessian identity of a random generator of several kinds, by one product with H."""
    direction: Weights = {}
    leaves = {name: value.detach().requires_grad_() for name, value in weights.items()}
    names = [name for name in leaves if name != "epsilon"]
    for kind in kinds:
        step = torch.randn(kind.identity.shape, generator=generator, dtype=torch.float64)
        for name, value in _generator(kind, leaves, step).items():
            direction[name] = direction[name] + value if name in direction else value
    inputs = [leaves[name] for name in names]
    gradient = dict(
        zip(
            names,
            torch.autograd.grad(loss(arch, leaves, ids), inputs, create_graph=True),
            strict=True,
        )
    )
    along = sum((gradient[name] * value.detach()).sum() for name, value in direction.items())
    product = torch.autograd.grad(along, inputs, retain_graph=False)  # type: ignore[arg-type]
    seen = sum((gradient[name].detach() * value).sum() for name, value in direction.items())
    # Where X theta is constant, as for translations, there is no second part.
    turned = [torch.zeros_like(p) for p in product]
    if seen.requires_grad:  # type: ignore[union-attr]
        turned = torch.autograd.grad(seen, inputs, materialize_grads=True)  # type: ignore[arg-type]
    apart = max(float((p + t).abs().max()) for p, t in zip(product, turned, strict=True))
    return Hessian(apart, max(float(p.abs().max()) for p in product))


def _generator(kind: Symmetry, weights: Weights, step: Tensor) -> Weights:
    """X theta for the generator with coordinates `step`, differentiable in the weights."""
    assert kind.near is not None
    near = kind.near
    # The derivative along step is linear in a cotangent; differentiating that again gives it.
    x = torch.zeros_like(step).requires_grad_()
    moved = kind.act(weights, near(x))
    names = [name for name in weights if moved[name] is not weights[name]]
    probes = {name: torch.zeros_like(weights[name]).requires_grad_() for name in names}
    seen = sum((moved[name] * probes[name]).sum() for name in names)
    (slope,) = torch.autograd.grad(seen, x, create_graph=True)  # type: ignore[arg-type]
    found = torch.autograd.grad((slope * step).sum(), list(probes.values()), create_graph=True)
    return dict(zip(names, found, strict=True))


def charges(symmetry: Symmetry, weights: Weights) -> Tensor:
    """Noether charges: the derivative of |act(theta)|^2 / 2 at the identity, in all directions.

    Zero for rotations, whose generators are antisymmetric and conserve nothing of this form.
    """
    assert symmetry.near is not None and symmetry.linear
    x = torch.zeros_like(symmetry.identity).requires_grad_()
    moved = symmetry.act(weights, symmetry.near(x))
    size = sum((moved[n] * moved[n]).sum() / 2 for n in weights if moved[n].requires_grad)
    return torch.autograd.grad(size, x)[0]  # type: ignore[arg-type]


def descended(
    arch: Architecture, weights: Weights, ids: Tensor, rate: float, steps: int
) -> Weights:
    """Weights after so many steps of gradient descent; epsilon stays."""
    for _ in range(steps):
        slope = gradients(arch, weights, ids)
        weights = {
            name: value if name == "epsilon" else value - rate * slope[name]
            for name, value in weights.items()
        }
    return weights


def flowed(arch: Architecture, weights: Weights, ids: Tensor, time: float, steps: int) -> Weights:
    """Weights after a time of gradient flow, by the classical Runge-Kutta method."""
    h = time / steps

    def slope(at: Weights) -> Weights:
        found = gradients(arch, at, ids)
        return {name: -found[name] for name in found if name != "epsilon"}

    def moved(by: Weights, factor: float) -> Weights:
        return weights | {name: weights[name] + factor * value for name, value in by.items()}

    for _ in range(steps):
        one = slope(weights)
        two = slope(moved(one, h / 2))
        three = slope(moved(two, h / 2))
        four = slope(moved(three, h))
        weights = moved({n: (one[n] + 2 * two[n] + 2 * three[n] + four[n]) / 6 for n in one}, h)
    return weights
