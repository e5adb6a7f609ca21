"""The manifold itself: a linear head at a temperature, its Boltzmann map, and its metric.

The metric of a hidden state is G / T^2, where G is the covariance of the rows under the
distribution there.  It is built from the factor sqrt(p_i) (u_i - <u>) / T, never from
<u u^T> - <u> <u>^T, so that it keeps its small directions; the squared singular values of the
factor are its eigenvalues.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from numeric.arrays import tensor_from
from numeric.domain import check_maxima
from numeric.errors import InputError
from numeric.language_model import LanguageModel


@dataclass(frozen=True, eq=False)
class BoltzmannManifold:
    """Rows (V, d), biases (V,) and a temperature: energies -(row . state + bias), in float64.

    Raises:
        InputError: Shapes do not fit, a number is not finite, or the temperature not positive.
    """

    weight: Tensor
    bias: Tensor
    temperature: float = 1.0

    def __post_init__(self) -> None:
        u, b = self.weight, self.bias
        if u.ndim != 2 or b.shape != u.shape[:1] or not u.numel():
            raise InputError(
                f"expected weight (V, d) and bias (V,), got {tuple(u.shape)} and {tuple(b.shape)}"
            )
        if not bool(torch.isfinite(u).all()) or not bool(torch.isfinite(b).all()):
            raise InputError("expected finite rows and biases, got others")
        if not 0 < self.temperature < float("inf"):
            raise InputError(f"temperature: expected a number > 0, got {self.temperature}")

    @classmethod
    def of(cls, weight, bias=None, temperature: float = 1.0) -> BoltzmannManifold:
        """The manifold of a head given as arrays, torch or NumPy; no bias is one of zeros."""
        u = tensor_from(weight, "weight").detach().double()
        b = u.new_zeros(u.shape[:1]) if bias is None else tensor_from(bias, "bias").double()
        return cls(u, b.detach(), temperature)

    @classmethod
    def of_model(cls, model: LanguageModel, temperature: float = 1.0) -> BoltzmannManifold:
        """The manifold of a language model's head.

        A model whose logits are not linear in its last hidden state has none: `ModelError`.
        """
        weight, bias = model.head
        return cls.of(weight, bias, temperature)

    @property
    def vocabulary_size(self) -> int:
        """The number of tokens V."""
        return self.weight.shape[0]

    @property
    def dimension(self) -> int:
        """The number of coordinates d of a hidden state."""
        return self.weight.shape[1]

    def states(self, hidden) -> Tensor:
        """Hidden states (..., d) in float64, where the rows are.

        Raises:
            InputError: They have another width.
        """
        h = tensor_from(hidden, "hidden").detach().double().to(self.weight.device)
        if h.ndim == 0 or h.shape[-1] != self.dimension:
            raise InputError(
                f"hidden: expected (..., {self.dimension}), got shape {tuple(h.shape)}"
            )
        return h

    def scaled_logits(self, hidden) -> Tensor:
        """Logits over the temperature (..., V) of hidden states (..., d).

        Raises:
            InputError: The hidden states have another width, or are not finite.
        """
        logits = torch.nn.functional.linear(self.states(hidden), self.weight, self.bias)
        check_maxima(logits.amax(-1))
        return logits.div_(self.temperature)


def boltzmann_map(manifold: BoltzmannManifold, hidden) -> Tensor:
    """Probabilities (..., V) of hidden states (..., d), in float64."""
    return log_boltzmann_map(manifold, hidden).exp_()


def log_boltzmann_map(manifold: BoltzmannManifold, hidden) -> Tensor:
    """Log-probabilities (..., V) of hidden states (..., d), in float64."""
    return manifold.scaled_logits(hidden).log_softmax(-1)


def pulled_back_metric(manifold: BoltzmannManifold, hidden) -> Tensor:
    """The Fisher metric G / T^2 (d, d) on hidden states, at one of them (d,)."""
    factor = _factor(manifold, hidden)
    return factor.T @ factor


def metric_spectrum(manifold: BoltzmannManifold, hidden) -> Tensor:
    """Eigenvalues (d,) of the metric at a hidden state (d,), greatest first, none below zero.

    Relative to the greatest they are right to the square of rounding, 1e-30, where those of the
    matrix itself would end at 1e-16.  Fewer tokens than coordinates leave zeros at the end.
    """
    factor = _factor(manifold, hidden)
    # Householder's reflections keep rows of very different size apart if the largest come first.
    factor = factor[factor.abs().amax(-1).argsort(descending=True)]
    values = torch.linalg.svdvals(torch.linalg.qr(factor, mode="r").R)
    missing = manifold.dimension - len(values)
    return torch.cat([values**2, values.new_zeros(missing)])


def heat_capacity_of_metric(manifold: BoltzmannManifold, hidden) -> float:
    """Heat capacity as squared length of a hidden state (d,), where the head has no bias.

    Raises:
        InputError: The head has a bias, which is a direction of its own.
    """
    if bool(manifold.bias.any()):
        raise InputError("expected a head without bias: with one, C is no length of the state")
    length = _factor(manifold, hidden) @ manifold.states(hidden)
    return float(length @ length)


def _factor(manifold: BoltzmannManifold, hidden) -> Tensor:
    """Rows sqrt(p_i) (u_i - <u>) / T (V, d), whose products add up to the metric."""
    x = manifold.scaled_logits(hidden)
    if x.ndim != 1:
        raise InputError(f"hidden: expected one state (d,), got logits {tuple(x.shape)}")
    p = x.softmax(-1)
    # One step of correction: the first mean is off by rounding of the largest rows.
    centered = manifold.weight - p @ manifold.weight
    centered -= p @ centered
    return centered.mul_((p.sqrt() / manifold.temperature).unsqueeze(-1))
