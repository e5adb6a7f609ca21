"""Three questions about factors of a prompt: does one factor's loop leave the other's fibre alone,
is the bundle flat between them, and are their directions orthogonal in the Fisher metric?

Disentangled factors would make the holonomy reducible: the turn log V in so(n) of a loop in tense
would not mix the directions of the fibre in which number moves the amplitude with the others, and
no small loop through an edit of tense and one of number would turn anything: curvature generates
holonomy, and between the parts of a product there is none. And the Fisher metric of the next-token
distribution would be in blocks, with cosines near 0 between an edit of tense and one of number.
All are measured beside what has no meaning: random directions of the fibre, and the same edits
with their factors' names exchanged.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import scipy.linalg
import torch
from torch import Tensor

from numeric.bundle.contexts import Contexts
from numeric.bundle.curvature import amplitude_curvature
from numeric.bundle.prompts import Frame
from numeric.bundle.transport import amplitude_holonomy, horizontal_step
from numeric.errors import InputError


@dataclass(frozen=True)
class Mixing:
    """Share of a tense loop's turn that mixes number's directions with the rest, mean of frames.

    `directions` of `fibre` belong to number and hold `held` of its edit. `expected` is the share
    for random directions, p that of draws with a mean share at most as small.
    """

    share: float
    expected: float
    p: float
    directions: int
    fibre: int
    held: float


@dataclass(frozen=True)
class Blocks:
    """A mean over pairs of edits, of one factor (`within`) and of two (`across`).

    p is the share of all ways to exchange the factors' names within frames that separate as well.
    """

    within: float
    across: float
    p: float
    frames: int


def reducibility(
    found: Contexts, frames: Sequence[Frame], *, draws: int = 199, seed: int = 0
) -> Mixing:
    """How far tense loops keep the directions of number, a quarter of the fibre, to themselves.

    Raises:
        InputError: There are no frames.
    """
    _some(frames)
    fibre = found.amplitudes.shape[-1]
    directions = max(1, fibre // 4)
    generator = torch.Generator().manual_seed(seed)
    shares, random, held = [], [], []
    for frame in frames:
        past, present, future = (found[frame[tense, 0]] for tense in range(3))
        loop = torch.stack([present, future, past, present])
        turning = _logarithm(amplitude_holonomy(loop).turn)
        other = found[frame[1, 1]]
        edit = horizontal_step(present, other)
        _, s, right = torch.linalg.svd(edit, full_matrices=False)
        held.append(float((s[:directions] ** 2).sum() / (s**2).sum()))
        shares.append(mixed_share(turning, right[:directions].mT))
        normal = torch.randn(draws, fibre, directions, generator=generator, dtype=torch.float64)
        random.append(mixed_share(turning, torch.linalg.qr(normal).Q))
    own, others = torch.stack(shares).mean(), torch.stack(random).mean(0)
    p = (1 + int((others <= own).sum())) / (1 + draws)
    return Mixing(float(own), float(others.mean()), p, directions, fibre, float(np.mean(held)))


def mixed_share(turning: Tensor, basis: Tensor) -> Tensor:
    """Share of |A|^2, A (n, n) in so(n), that leads out of the span of a basis (..., n, k) or in.

    It is 0 where the span is kept, and 2 k (n - k) / (n (n - 1)) on average over all spans.
    """
    moved = turning @ basis
    out = moved - basis @ (basis.mT @ moved)
    return 2 * (out**2).sum((-2, -1)) / (turning**2).sum()


def fisher_blocks(
    found: Contexts, frames: Sequence[Frame], logits: Callable[[Tensor], Tensor]
) -> Blocks:
    """|cos| between edits to past, future and plural of (present, singular), over all positions.

    `logits` maps hidden states (n, d) to logits (n, V). The inner product of two edits is the
    mean over the positions of the covariance of the logits' changes, under p of the base.

    Raises:
        InputError: There are no frames, or more than ten.
    """
    _some(frames)
    return _blocks(torch.stack([_cosines(found, frame, logits) for frame in frames]))


def curvature_blocks(found: Contexts, frames: Sequence[Frame]) -> Blocks:
    """Curvature by area of the same pairs of edits, amplitudes taken to have length one.

    Raises:
        InputError: There are no frames, or more than ten.
    """
    _some(frames)
    return _blocks(torch.stack([_curvatures(found, frame) for frame in frames]))


def _curvatures(found: Contexts, frame: Frame) -> Tensor:
    """|F(x, y)| |W|^2 by the area of x and y, for the pairs of three edits (3,)."""
    base = found[frame[1, 0]]
    others = (found[frame[at]] for at in ((0, 0), (2, 0), (1, 1)))
    edits = [horizontal_step(base, other) for other in others]
    values = []
    for x, y in ((edits[0], edits[1]), (edits[0], edits[2]), (edits[1], edits[2])):
        area = ((x * x).sum() * (y * y).sum() - (x * y).sum() ** 2).sqrt()
        turn = torch.linalg.matrix_norm(amplitude_curvature(base, x, y))
        values.append(turn * (base * base).sum() / area)
    return torch.stack(values)


def _blocks(rows: Tensor) -> Blocks:
    """From the values of (past, future), (past, plural), (future, plural) of each frame (., 3)."""
    if len(rows) > 10:
        raise InputError(
            f"frames: expected at most 10, all exchanges are counted; got {len(rows)}"
        )
    # Which of the three edits is taken for the one of another factor: past, future, plural.
    pair = torch.tensor([[2, 0, 1], [1, 0, 2], [0, 1, 2]])  # the pair within, then across
    ways = rows[:, pair]  # (frames, ways, 3)
    separation = ways[..., 0] - ways[..., 1:].mean(-1)
    totals = torch.zeros(1, dtype=rows.dtype)
    for frame in separation:
        totals = (totals[:, None] + frame).flatten()
    own = separation[:, 2].sum()
    rounding = 1e-12 * float(totals.abs().max())
    p = float((totals >= own - rounding).double().mean())
    return Blocks(float(rows[:, 0].mean()), float(rows[:, 1:].mean()), p, len(rows))


def _cosines(found: Contexts, frame: Frame, logits: Callable[[Tensor], Tensor]) -> Tensor:
    """|cos| of (past, future), (past, plural), (future, plural) (3,)."""
    scale = found.amplitudes.shape[-1] ** 0.5

    def of(tense: int, number: int) -> Tensor:
        return logits(found[frame[tense, number]].mT * scale).double()

    base = of(1, 0)
    p = base.softmax(-1)
    edits = torch.stack([of(*at) - base for at in ((0, 0), (2, 0), (1, 1))])
    edits = edits - (edits * p).sum(-1, keepdim=True)
    gram = torch.einsum("anv,bnv,nv->ab", edits, edits, p)
    cosines = (gram / torch.outer(gram.diagonal(), gram.diagonal()).sqrt()).abs()
    return torch.stack([cosines[0, 1], cosines[0, 2], cosines[1, 2]])


def _logarithm(turn: Tensor) -> Tensor:
    """The antisymmetric logarithm of a rotation, its angles taken in (-pi, pi)."""
    logarithm = np.real(scipy.linalg.logm(turn.numpy()))
    return torch.from_numpy((logarithm - logarithm.T) / 2)


def _some(frames: Sequence[Frame]) -> None:
    if not frames:
        raise InputError("frames: expected at least one, got none")
