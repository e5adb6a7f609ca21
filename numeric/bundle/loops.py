"""Holonomy of loops of prompts against random loops through the same prompts.

A loop is a tuple of prompts, closed by its first. Its size is sqrt(sum theta^2) over the angles of
the eigenvalues of its holonomy in O(n), its length the sum of Bures-Wasserstein distances along
it. Short loops turn little whatever they mean. So there are two null models: random loops of as
many corners, through all prompts alike; and the same random loops, shrunk along shortest paths
towards their first corner until they are as long as the loops they are held against. p is
(1 + random families at least as extreme) / (1 + random families drawn).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from numeric.bundle.contexts import Contexts
from numeric.bundle.transport import polar, product, rotation_angles
from numeric.errors import InputError

Loop = tuple[str, ...]
CHUNK = 1000  # shrunken loops at a time


@dataclass(frozen=True)
class Null:
    """Random loops: mean size and length, p of turning at most and at least as much, angles.

    The angles are those of the first family drawn.
    """

    size: float
    length: float
    p_at_most: float
    p_at_least: float
    angles: tuple[float, ...]


@dataclass(frozen=True)
class Family:
    """Loops of one kind: mean size and length, their angles, and what random loops have."""

    name: str
    loops: int
    corners: int
    size: float
    length: float
    angles: tuple[float, ...]
    random: Null
    shrunk: Null


@dataclass(frozen=True, eq=False)
class Pairs:
    """Overlaps W_j* W_i and turns (m, m, n, n) from i to j; distances, least singular values."""

    overlaps: Tensor
    turns: Tensor
    distances: Tensor
    smallest: Tensor


def pairs(amplitudes: Tensor) -> Pairs:
    """What lies between every two of the amplitudes (m, d, n)."""
    overlaps = torch.einsum("jdn,idk->ijnk", amplitudes, amplitudes)
    turns, distances, smallest = _steps(overlaps, (amplitudes**2).sum((-2, -1)))
    return Pairs(overlaps, turns, distances.fill_diagonal_(0), smallest)


def loop_turns(between: Pairs, loops: Tensor) -> tuple[Tensor, Tensor]:
    """Holonomies (l, n, n) and lengths (l,) of loops (l, corners) of indices."""
    onward = loops.roll(-1, 1)
    turns = product(between.turns[loops, onward])
    return turns, between.distances[loops, onward].sum(-1)


def shrunk(between: Pairs, loops: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
    """Angles (l, n) and lengths (l,) of loops drawn in to their first corner, to given lengths.

    A corner moves along the shortest path: its lift over the first corner's is (1 - t) W_0 + t W.
    """
    first = loops[:, :1]
    turns = between.turns[first, loops]  # (l, corners, n, n), from the first corner
    turns = torch.where((loops == first)[..., None, None], torch.eye(turns.shape[-1]), turns)
    seen = turns.mT @ between.overlaps[first, loops]  # W_k* W_0 of lifts over the first corner
    lifted = turns.roll(-1, 1).mT @ between.overlaps[loops, loops.roll(-1, 1)] @ turns
    own = turns.mT @ between.overlaps[loops, loops] @ turns
    base = seen[:, :1]
    share = (lengths / loop_turns(between, loops)[1])[:, None].expand(loops.shape).clone()
    share[:, 0] = 0

    def drawn_in(t: Tensor) -> tuple[Tensor, Tensor]:
        s = t.roll(-1, 1)
        overlaps = (1 - s) * (1 - t) * base + s * (1 - t) * seen.roll(-1, 1)
        overlaps = overlaps + (1 - s) * t * seen.mT + s * t * lifted
        squares = (1 - t) ** 2 * base + t * (1 - t) * (seen + seen.mT) + t**2 * own
        squares = squares.diagonal(dim1=-2, dim2=-1).sum(-1)
        steps, distances, _ = _steps(overlaps, squares, squares.roll(-1, 1))
        return steps, distances.sum(-1)

    # Distances that miss the first corner do not shrink quite in proportion: once more.
    once = drawn_in(share[..., None, None])[1]
    steps, found = drawn_in((share * (lengths / once)[:, None])[..., None, None])
    return rotation_angles(product(steps)), found


def families(
    found: Contexts,
    kinds: Mapping[str, Sequence[Loop]],
    *,
    draws: int = 199,
    seed: int = 0,
) -> list[Family]:
    """Each kind of loops beside `draws` families of as many random loops.

    Raises:
        InputError: A kind has no loops, loops of different numbers of corners or of fewer than
            three, or a prompt that was not measured.
    """
    between = pairs(found.amplitudes)
    generator = torch.Generator().manual_seed(seed)
    return [
        _family(between, name, _indexed(found, name, loops), draws, generator)
        for name, loops in kinds.items()
    ]


def _family(
    between: Pairs, name: str, loops: Tensor, draws: int, generator: torch.Generator
) -> Family:
    count, corners = loops.shape
    turns, lengths = loop_turns(between, loops)
    angles = rotation_angles(turns)
    sizes = torch.linalg.vector_norm(angles, dim=-1)
    own = sizes.mean()

    def null(drawn: Tensor, long: Tensor) -> Null:
        some = torch.linalg.vector_norm(drawn, dim=-1)
        means = some.reshape(draws, count).mean(-1)
        less, more = (
            (1 + int(as_far.sum())) / (1 + draws) for as_far in (means <= own, means >= own)
        )
        return Null(float(some.mean()), float(long.mean()), less, more, _listed(drawn[:count]))

    keys = torch.rand(draws * count, len(between.distances), generator=generator)
    random = keys.topk(corners, dim=-1).indices
    wide, long = loop_turns(between, random)
    asked = lengths.repeat(draws)
    near = [
        shrunk(between, some, goal)
        for some, goal in zip(random.split(CHUNK), asked.split(CHUNK), strict=True)
    ]
    small, short = (torch.cat(part) for part in zip(*near, strict=True))
    return Family(
        name,
        count,
        corners,
        float(own),
        float(lengths.mean()),
        _listed(angles),
        null(rotation_angles(wide), long),
        null(small, short),
    )


def _listed(angles: Tensor) -> tuple[float, ...]:
    return tuple(angles.abs().flatten().tolist())


def _steps(
    overlaps: Tensor, squares: Tensor, onward: Tensor | None = None
) -> tuple[Tensor, Tensor, Tensor]:
    turns, smallest, _ = polar(overlaps)
    nuclear = (turns * overlaps).sum((-2, -1))
    total = squares[:, None] + squares if onward is None else squares + onward
    return turns, (total - 2 * nuclear).clamp(min=0).sqrt(), smallest


def _indexed(found: Contexts, name: str, loops: Sequence[Loop]) -> Tensor:
    corners = {len(loop) for loop in loops}
    if len(corners) != 1 or min(corners) < 3:
        raise InputError(f"{name}: expected loops of one number of corners >= 3, got {corners}")
    if max(corners) > len(found.prompts):
        raise InputError(f"{name}: more corners than the {len(found.prompts)} prompts")
    index = {prompt: i for i, prompt in enumerate(found.prompts)}
    unknown = [prompt for loop in loops for prompt in loop if prompt not in index]
    if unknown:
        raise InputError(f"{name}: {unknown[0]!r} is not among the prompts that were measured")
    return torch.tensor([[index[prompt] for prompt in loop] for loop in loops])
