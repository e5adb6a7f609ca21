"""Values that jump: which tokens a rule selects, and whether rounding could have it select others.

Once the definition has said which tokens are kept, and as long as rounding does not change that,
a truncated distribution is the softmax of the tokens that are kept: its conditioning and its
derivatives are those of softmax with the others masked.
"""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from flint import arb
from torch import Tensor

from bridge import lexicon
from bridge.crosschecking.inputs import Case
from bridge.crosschecking.target import LOGITS, Target
from formal import boltzmann, truncation
from formal.quantity import Quantity
from formal.symbols import k, x

SOFTMAX = Target("softmax", (LOGITS,), boltzmann.softmax(x, k), per_token=True)
TRIALS = 8  # of rounding


def selected(places: Sequence[int], values: Sequence[arb]) -> tuple[int, ...]:
    """The tokens that have a value other than zero."""
    return tuple(p for p, value in zip(places, values, strict=True) if not value == 0)


def only(case: Case, kept: Sequence[int]) -> Case:
    """The case of the tokens that are kept, the others masked, for `SOFTMAX`."""
    row = tuple(v if n in kept else -np.inf for n, v in enumerate(case.rows[0]))
    return replace(case, rows=(row,), numbers=())


def hangs_on_rounding(target: Target, case: Case, kept: Sequence[int], step: float) -> bool:
    """Whether the tokens that are kept change when each logit, or what tokens are ranked by, moves
    by a step, relative to itself and to one. The project's own code is asked, which decides here
    what is skipped, no more."""
    (stand,) = target.stands
    (code,) = lexicon.code_of(stand.quantity)
    logits = torch.tensor([case.rows[0]] * (TRIALS + 1), dtype=torch.float64)
    noise = torch.rand(logits.shape, generator=torch.Generator().manual_seed(0)) * 2 - 1
    noise[0] = 0
    moved = logits + step * noise * (1 + logits.abs())
    moved = torch.where(logits.isfinite(), moved, logits)
    parameter = torch.full((len(moved), 1), float(case.numbers[0]), dtype=torch.float64)
    found = code.function(moved, parameter).squeeze(1) > 0
    expected = torch.zeros(logits.shape[-1], dtype=torch.bool)
    expected[list(kept)] = True
    return bool((found != expected).any()) or _edge(stand.quantity, logits[0], expected) < step


def _edge(quantity: type[Quantity], logits: Tensor, kept: Tensor) -> float:
    """By how much the last token that is kept is ahead of the first that is not, in nats."""
    dropped = ~kept & logits.isfinite()
    if not bool(dropped.any()):
        return math.inf
    rank = _typicality(logits) if quantity is truncation.typical_probability else logits
    return float(rank[kept].min() - rank[dropped].max())


def _typicality(logits: Tensor) -> Tensor:
    """Minus how far the surprise of a token is from the entropy."""
    present = logits.isfinite()
    x = torch.where(present, logits - logits.max(), 0)
    return -(x - (logits.softmax(-1) * x).sum()).abs()
