"""Inputs on which a function is tried: a battery of every hard kind, and a search for more.

The battery is the same for every function of a target and a seed, so that its reference values
are computed once. The search is Hypothesis's, on rows made of small integers, which it shrinks.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import hypothesis.strategies as st
import numpy as np
import torch

from bridge.crosschecking.samples import model_rows
from bridge.crosschecking.targets import Kind, Target
from bridge.regimes import LARGEST_LEVEL, REGIMES, Regime, random_row
from bridge.strategies import TEMPERATURES

SIZES = (1, 2, 3, 17)
MOST_SEARCHED = 6  # tokens of a case that the search makes
NUMBERS: dict[Kind, tuple[float, ...]] = {
    Kind.TEMPERATURE: TEMPERATURES,
    Kind.ORDER: (2.0, 0.5, 3.0, 1.5),
    Kind.FRACTION: (0.5, 0.1, 0.9, 0.3),
    Kind.POSITIVE: (1.0, 2.0, 0.5, 10.0, 0.1),
}
FEW = 100  # cases below which rows of very many tokens are left out
MANY = 1024
NEAR = {"q near p": 2.0**-10, "q next to p": 2.0**-23, "q is p": 0.0}
Numbers = tuple[float | int, ...]


@dataclass(frozen=True)
class Case:
    """One row of inputs: a row for each argument that is logits, a number for each other.

    Every number is one of the dtype's own, so that reference values are those of what came in.
    """

    rows: tuple[tuple[float, ...], ...]
    numbers: Numbers
    regime: str
    dtype: str

    @property
    def size(self) -> int:
        """The number of tokens V."""
        return len(self.rows[0])

    @property
    def kept(self) -> tuple[int, ...]:
        """The places of tokens that are not masked, counted from 0."""
        finite = np.isfinite(np.array(self.rows)).all(0)
        return tuple(np.flatnonzero(finite).tolist())


@dataclass(frozen=True)
class Batch:
    """Cases that are handed over in one call: of one size, and with the same numbers."""

    cases: tuple[Case, ...]


def representable(values: Any, dtype: str) -> tuple[float, ...]:
    """The numbers of a dtype nearest to some numbers."""
    tensor = torch.as_tensor(np.asarray(values, dtype=float))
    return tuple(tensor.to(getattr(torch, dtype)).double().tolist())


def regimes_of(target: Target, dtype: str) -> tuple[Regime, ...]:
    """The kinds of rows that belong to a target's domain and that a dtype resolves."""
    half = dtype == "bfloat16"
    return tuple(
        r
        for r in REGIMES.values()
        if (target.masks or not r.masked) and not (half and (r.is_far or r.name == "subnormal"))
    )


@lru_cache(maxsize=32)
def battery(name: str, dtype: str, seed: int, examples: int) -> tuple[Batch, ...]:
    """Batches of every kind of row, of several sizes and at several numbers.

    At least `examples` cases, and those of real models besides; of few, not the long ones.
    """
    from bridge.crosschecking.targets import target_of

    target = target_of(name)
    g = np.random.default_rng([seed, sum(dtype.encode())])
    batches: list[Batch] = []
    count = 0
    while count < examples or len(batches) < 2 * len(SIZES):
        size = SIZES[len(batches) % len(SIZES)]
        numbers = _numbers(target, g, size, len(batches) // len(SIZES))
        batch = Batch(tuple(_cases(target, dtype, g, size, numbers)))
        batches.append(batch)
        count += len(batch.cases)
    longest = MANY if examples < FEW else math.inf
    return (*batches, *_of_models(target, dtype, g, longest))


def _cases(
    target: Target, dtype: str, g: np.random.Generator, size: int, numbers: Numbers
) -> Iterator[Case]:
    pair = len(target.of_kind(Kind.LOGITS)) > 1
    for regime in regimes_of(target, dtype):
        first = random_row(regime, g, size, dtype)
        if not pair:
            yield _case(target, [first], numbers, regime.name, dtype, g)
            continue
        second = random_row(regime, g, size, dtype)
        yield _case(target, [first, second], numbers, regime.name, dtype, g)
        if regime.name in ("plain", "one dominant token", "offset 1e4"):
            for relation, step in NEAR.items():
                beside = first + step * g.normal(size=size)
                yield _case(target, [first, beside], numbers, relation, dtype, g)


def _case(
    target: Target,
    rows: Sequence[Any],
    numbers: Numbers,
    regime: str,
    dtype: str,
    g: np.random.Generator,
) -> Case:
    """A case; each target token is drawn among those that are not masked."""
    held = tuple(representable(row, dtype) for row in rows)
    kept = np.flatnonzero(np.isfinite(np.array(held)).all(0))
    others = [a for a in target.arguments if a.kind is not Kind.LOGITS]
    drawn = tuple(
        int(g.choice(kept)) if argument.kind is Kind.TOKEN else number
        for argument, number in zip(others, numbers, strict=True)
    )
    return Case(held, drawn, regime, dtype)


def _numbers(target: Target, g: np.random.Generator, size: int, turn: int) -> Numbers:
    """A number for each argument that is not logits, of a kind's numbers one after the other."""
    chosen: list[float | int] = []
    for argument in target.arguments:
        if argument.kind is Kind.COUNT:
            chosen.append(int(g.integers(1, size + 1)))
        elif argument.kind is Kind.TOKEN:
            chosen.append(0)
        elif argument.kind is not Kind.LOGITS:
            known = NUMBERS[argument.kind]
            chosen.append(known[turn % len(known)])
    return tuple(chosen)


def _of_models(
    target: Target, dtype: str, g: np.random.Generator, longest: float
) -> Iterator[Batch]:
    """Rows of real models, one batch a model; none where a value takes all pairs of tokens.

    Where two rows are wanted and there is one, the second is the first at temperature two.
    """
    if not target.continuous:
        return
    families = len(target.of_kind(Kind.LOGITS))
    for name, rows in model_rows().items():
        if rows.shape[-1] > longest:
            continue
        numbers = _numbers(target, g, rows.shape[-1], 3)
        rows = np.concatenate([rows, rows / 2]) if len(rows) < families else rows
        held = (list(rows[n : n + families]) for n in range(len(rows) - families + 1))
        yield Batch(tuple(_case(target, row, numbers, name, dtype, g) for row in held))


@st.composite
def cases(draw: Any, target: Target, dtype: str) -> Case:
    """Any small case of a target in a dtype; a row shrinks token by token to the simplest."""
    regime = draw(st.sampled_from(regimes_of(target, dtype)))
    step = draw(st.sampled_from((None, *NEAR.values())))  # how far a second row is from the first
    level = st.integers(-LARGEST_LEVEL, LARGEST_LEVEL)
    families = len(target.of_kind(Kind.LOGITS))
    token = st.tuples(*[level] * families, st.booleans())
    *columns, holes = zip(*draw(st.lists(token, min_size=1, max_size=MOST_SEARCHED)), strict=True)
    size = len(holes)
    top = draw(st.integers(0, size - 1)) if regime.gap or regime.masked else 0
    rows = [regime.row(columns[0], top, holes, dtype)]
    for levels in columns[1:]:
        near = step is not None
        row = (
            rows[0] + step * np.asarray(levels) if near else regime.row(levels, top, holes, dtype)
        )
        rows.append(row)
    held = tuple(representable(row, dtype) for row in rows)
    kept = np.flatnonzero(np.isfinite(np.array(held)).all(0)).tolist()
    numbers: list[float | int] = []
    for argument in target.arguments:
        if argument.kind is Kind.TOKEN:
            numbers.append(draw(st.sampled_from(kept)))
        elif argument.kind is Kind.COUNT:
            numbers.append(draw(st.integers(1, size)))
        elif argument.kind is not Kind.LOGITS:
            numbers.append(draw(st.sampled_from(NUMBERS[argument.kind])))
    return Case(held, tuple(numbers), regime.name, dtype)
