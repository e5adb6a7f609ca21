"""Mixed states of next tokens: each token a unit vector, a distribution their mixture.

Token w is sent to the projector on its unit row u_w of the head. That is a channel, so that no
distance grows: the angle of two states is at most half the distance of Fisher and Rao between
their distributions, and the entropy of a state at most that of its distribution. What is new
against distributions: states need not commute.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from numeric.arrays import ArrayT
from numeric.boltzmann import entropy
from numeric.bundle.distances import angle_of, infidelity
from numeric.bundle.states import density_operators, like
from numeric.bundle.transport import along, roots, rotation_angles
from numeric.divergence import fisher_rao_distance
from numeric.errors import InputError
from numeric.language_model import Head, LanguageModel, Progress

BOUND = 1e-9  # rounding allowed in a ratio that is at most 1


@dataclass(frozen=True)
class Tokens:
    """Next-token states of some prompts: ratios that are at most 1, commutators, a loop.

    `angle` is the largest angle by half the distance of Fisher and Rao over pairs of prompts,
    `mean_angle` their mean; `entropy` the largest entropy by Shannon's; `commutator` the mean norm
    of [rho, sigma] by |rho| |sigma|; `loop` the largest angle of the holonomy of the first three.
    """

    prompts: int
    angle: float
    mean_angle: float
    entropy: float
    mean_entropy: float
    commutator: float
    loop: float
    smallest: float

    @property
    def holds(self) -> bool:
        """Neither bound is broken beyond rounding."""
        return max(self.angle, self.entropy) <= 1 + BOUND


def examine_tokens(
    model: LanguageModel, prompts: Sequence[str], *, progress: Progress | None = None
) -> Tokens:
    """Hold the states after three prompts or more against their distributions.

    Raises:
        InputError: There are fewer than three prompts.
    """
    if len(prompts) < 3:
        raise InputError(f"expected three prompts at least, got {len(prompts)}")
    rows = [model.logits(model.encode(prompt))[-1].double().cpu() for prompt in prompts]
    logits = torch.stack(rows)
    spectra = density_operators(token_states(model.head, logits), "states")
    states, sections = spectra.matrices, roots(spectra)
    angles, commutators = [], []
    for k in range(1, len(states)):
        for j in range(k):
            half = fisher_rao_distance(logits[k], logits[j]) / 2
            angles.append(angle_of(infidelity(spectra[j], spectra[k])) / half)
            commuted = states[j] @ states[k] - states[k] @ states[j]
            sizes = torch.linalg.matrix_norm(states[j]) * torch.linalg.matrix_norm(states[k])
            commutators.append(torch.linalg.matrix_norm(commuted) / sizes)
        if progress is not None:
            progress(k, len(states) - 1)
    ratios = torch.stack(angles)
    entropies = _entropy(spectra.values) / entropy(logits, 1.0)
    around = along(torch.cat([sections[:3], sections[:1]]))
    return Tokens(
        len(prompts),
        float(ratios.max()),
        float(ratios.mean()),
        float(entropies.max()),
        float(entropies.mean()),
        float(torch.stack(commutators).mean()),
        float(rotation_angles(around.turn).abs().max()),
        float(around.smallest),
    )


def token_states(head: Head, logits: Tensor) -> Tensor:
    """Density operators sum_w p(w) |u_w><u_w| of rows of logits (m, V), u_w unit rows of the head.

    Shapes: (m, V) -> (m, d, d), real, in float64.  Token to state is a channel: what distinguishes
    the states distinguishes the distributions at least as well.

    Raises:
        InputError: The logits are not of the head's vocabulary, or a row of it is zero.
    """
    rows = head.weight.detach().double().cpu()
    if logits.ndim != 2 or logits.shape[1] != len(rows):
        raise InputError(f"logits: expected (m, {len(rows)}), got shape {tuple(logits.shape)}")
    length = torch.linalg.vector_norm(rows, dim=-1, keepdim=True)
    if bool((length == 0).any()):
        raise InputError(f"the head's row {int((length == 0).nonzero()[0, 0])} is zero")
    unit = rows / length
    p = logits.double().cpu().softmax(-1)
    return torch.stack([(unit * row.unsqueeze(-1)).mT @ unit for row in p])


def von_neumann_entropy(states: ArrayT) -> ArrayT:
    """-Tr rho ln rho of density operators, in nats: (..., n, n) -> (...).

    Raises:
        InputError: A matrix is no density operator.
    """
    return like(_entropy(density_operators(states, "states").values), states)


def _entropy(values: Tensor) -> Tensor:
    return -torch.special.xlogy(values, values).sum(-1)
