"""The two sides of a claim, compared within the error that rounding may have caused.

Every comparison is also made with the claim moved by `MOVED`: a check that lets the moved claim
pass as well has not seen anything, and says so.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import torch
from sympy import Eq, Ge, Gt, Le, Lt, Ne
from sympy.core.relational import Relational
from torch import Tensor

from bridge import measured
from bridge.arrays import Evaluation
from bridge.roles import normalized

MOVED = 1e-3
# Beyond this part of the sides' own size an allowance says nothing; such cases are counted.
MEANINGLESS = 1e-2


@dataclass(frozen=True)
class Confrontation:
    """Residuals of a claim on a batch, all tensors of one shape (rows, free indices...).

    `residual` is positive where an inequality fails and absolute for an identity. `decided`
    says which cases count: both sides finite, allowance small against their size, hypotheses met.
    """

    residual: Tensor
    allowance: Tensor
    decided: Tensor
    moved: Tensor
    sides: tuple[Tensor, Tensor]

    @property
    def cases(self) -> int:
        """Rows in which at least one comparison was decided."""
        return int(_rows(self.decided).sum())

    @property
    def skipped(self) -> int:
        """Rows in which none was: ill-conditioned, outside the range of the dtype, or outside
        the hypotheses."""
        return self.decided.shape[0] - self.cases

    @property
    def violated(self) -> Tensor:
        """Rows in which the claim fails beyond its allowance."""
        return _rows(self.decided & (self.residual > self.allowance))

    @property
    def moved_is_seen(self) -> bool:
        """Whether the claim moved by `MOVED` fails somewhere."""
        return bool((self.decided & (self.moved > self.allowance)).any())

    def worst(self) -> tuple[float, float]:
        """Residual and allowance where their ratio is worst, zero and one if nothing counts."""
        if not bool(self.decided.any()):
            return 0.0, 1.0
        tiny = torch.finfo(self.allowance.dtype).tiny
        ratio = self.residual / self.allowance.clamp(min=tiny)
        ratio = torch.where(self.decided, ratio, -torch.inf)
        place = int(ratio.flatten().argmax())
        residual, allowance = (t.flatten()[place] for t in (self.residual, self.allowance))
        return float(residual), float(allowance.clamp(min=tiny))


def confront(
    claim: Relational, evaluation: Evaluation, hypotheses: Iterable[Relational] = ()
) -> Confrontation:
    """Compare the sides of a claim on the inputs of an evaluation, where they meet the hypotheses.

    Raises:
        UnsupportedError: The claim holds a node that is not evaluated on arrays.
        CodeError: Code returned NaN on legal inputs.
    """
    (left, right), _ = measured.align(evaluation(claim.lhs), evaluation(claim.rhs))
    a, b = left.value.detach(), right.value.detach()
    a, b = torch.broadcast_tensors(a, b)
    allowance = (left.error + right.error).expand(a.shape)
    difference = torch.where(a == b, torch.zeros_like(a), a - b)
    size = a.abs() + b.abs() + 1
    decided = difference.isfinite() & (allowance <= MEANINGLESS * size)
    for hypothesis in hypotheses:
        met = _rows(_holds(hypothesis, evaluation).logical_not()).logical_not()
        decided = decided & met.reshape(-1, *(1 for _ in decided.shape[1:]))
    step = MOVED * size
    if isinstance(claim, Eq):
        residual, moved = difference.abs(), (difference + step).abs()
    elif isinstance(claim, (Le, Lt)):
        residual, moved = difference, difference + step
    elif isinstance(claim, (Ge, Gt)):
        residual, moved = -difference, step - difference
    else:
        raise TypeError(f"expected Eq, Le or Ge, got {type(claim).__name__}")
    return Confrontation(residual, allowance, decided, moved, (a, b))


def _holds(hypothesis: Relational, evaluation: Evaluation) -> Tensor:
    """Whether a hypothesis holds; that a family given by logarithms sums to one, but for errors
    of rounding."""
    (left, right), _ = measured.align(evaluation(hypothesis.lhs), evaluation(hypothesis.rhs))
    a, b = left.value.detach(), right.value.detach()
    found = normalized(hypothesis)
    if found is not None and found[0] in evaluation.at.logarithms:
        return (a - b).abs() <= left.error + right.error
    return _COMPARED[type(hypothesis)](a, b)


_COMPARED = {Eq: torch.eq, Ne: torch.ne, Le: torch.le, Lt: torch.lt, Ge: torch.ge, Gt: torch.gt}


def _rows(mask: Tensor) -> Tensor:
    return mask.flatten(1).any(1) if mask.ndim > 1 else mask
