"""Hypothesis strategies for inputs that are legal and hard.

    @given(logits(), temperatures())
    @given(pairs_of_logits("float32", array="numpy"))
    @given(batches(Domain(claim, hypotheses), torch.float64))

`logits` and `pairs_of_logits` are for anybody's tests and shrink to the simplest row on which one
fails; `batches` are the inputs of a claim. Rows of logits and energies come in the shapes that
break code: ties, one dominant token, almost no entropy, offsets of 1e4 and 1e6, spreads of 1e-9
and 1e3, subnormal values, one state only. Temperatures run from 0.01 to 100. Distributions are
drawn by their logarithms.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

import hypothesis.strategies as st
import numpy as np
import torch
from sympy import Ge, IndexedBase, Le, Ne, Symbol
from torch import Tensor

from bridge.arrays import Assignment
from bridge.domain import Domain
from bridge.matrices import doubly_normalized, permutations
from bridge.regimes import LARGEST_LEVEL, REGIMES
from formal.functions import Subset
from formal.symbols import V

SIZES = (1, 2, 3, 5, 17, 64)
SMALL_SIZES = (1, 2, 3, 5)
MOST_OTHERS = 4  # the most that a size other than V may be

LEADING = ((), (1,), (2, 3))  # axes before that of the tokens
MOST_TOKENS = 6  # of a row that is drawn token by token
TEMPERATURES = (1.0, 2.0, 0.5, 0.7, 0.1, 0.01, 10.0, 100.0)
BESIDE = (2.0**-10, 2.0**-23, 0.0)  # how far a second row is from the first


def temperatures() -> st.SearchStrategy[float]:
    """Temperatures from 0.01 to 100; one is the simplest."""
    return st.sampled_from(TEMPERATURES)


def logits(
    dtype: str = "float64", *, array: str = "torch", masked: bool = False
) -> st.SearchStrategy[Any]:
    """Logits (..., V) with none, one or two leading axes, V at most six.

    They have ties, one dominant token, almost no entropy, spreads of 1e-9 and 1e3, offsets of 1e4
    and 1e6, or subnormal values; `masked` adds rows in which some tokens are -inf. `array` is
    "torch" or "numpy".
    """
    return _tables(dtype, masked, 1).map(lambda tables: _entered(tables[0], dtype, array))


def pairs_of_logits(
    dtype: str = "float64", *, array: str = "torch"
) -> st.SearchStrategy[tuple[Any, Any]]:
    """Two arrays of finite logits of one shape, apart, close to one another, or equal."""
    return _tables(dtype, False, 2).map(
        lambda tables: (_entered(tables[0], dtype, array), _entered(tables[1], dtype, array))
    )


@st.composite
def _tables(draw: Any, dtype: str, masked: bool, count: int) -> list[np.ndarray]:
    """Some tables of logits (..., V) of one regime, in float64."""
    known = [r for r in REGIMES.values() if (masked or not r.masked) and _resolved(r, dtype)]
    regime = draw(st.sampled_from(known))
    leading = draw(st.sampled_from(LEADING))
    size = draw(st.integers(1, MOST_TOKENS))
    level = st.integers(-LARGEST_LEVEL, LARGEST_LEVEL)

    def row(make: Callable[[list[int]], np.ndarray]) -> np.ndarray:
        return make(draw(st.lists(level, min_size=size, max_size=size)))

    def fresh(levels: list[int]) -> np.ndarray:
        top = draw(st.integers(0, size - 1)) if regime.gap or regime.masked else 0
        holes = [draw(st.booleans()) for _ in levels] if regime.masked else []
        return regime.row(levels, top, holes, dtype)

    rows = [row(fresh) for _ in range(math.prod(leading))]
    tables = [np.stack(rows).reshape(*leading, size)]
    for _ in range(count - 1):
        step = draw(st.sampled_from((None, *BESIDE)))
        if step is None:
            other = np.stack([row(fresh) for _ in rows])
        else:
            other = np.stack([r + step * row(np.asarray) for r in rows])
        tables.append(other.reshape(*leading, size))
    return tables


def _resolved(regime: Any, dtype: str) -> bool:
    """Whether a dtype resolves a kind of rows: half precision has no large offsets."""
    return dtype not in ("bfloat16", "float16") or not (
        regime.is_far or regime.name == "subnormal"
    )


def _entered(table: np.ndarray, dtype: str, array: str) -> Any:
    """A table as an array of a kind and a dtype."""
    if array == "numpy":
        return table.astype(dtype)
    return torch.as_tensor(table).to(getattr(torch, dtype))


_STYLES: Mapping[str, Callable[[np.random.Generator, tuple[int, ...]], np.ndarray]] = {
    "halves": lambda g, n: g.integers(-8, 9, n) / 2,
    "ties": lambda g, n: g.integers(0, 2, n).astype(float),
    "constant": lambda g, n: np.full(n, g.integers(-3, 4), dtype=float),
    "normal": lambda g, n: g.normal(size=n) * 3,
    "wide": lambda g, n: g.normal(size=n) * 1e3,
    "narrow": lambda g, n: g.normal(size=n) * 1e-9,
    "subnormal": lambda g, n: g.normal(size=n) * 1e-39,
    "offset 1e4": lambda g, n: g.normal(size=n) * 3 + 1e4,
    "offset -1e6": lambda g, n: g.normal(size=n) * 3 - 1e6,
    "dominant": lambda g, n: _dominant(g, n, 12.0),
    "sure": lambda g, n: _dominant(g, n, 40.0),
    "nearly sure": lambda g, n: _dominant(g, n, 300.0),
}


def _dominant(g: np.random.Generator, shape: tuple[int, ...], gap: float) -> np.ndarray:
    values = g.normal(size=shape)
    values[..., g.integers(shape[-1])] += gap
    return values


@dataclass(frozen=True)
class Recipe:
    """How a batch is made: readable in a report, and shrunk by Hypothesis to the simplest."""

    states: int
    styles: tuple[str, ...]
    seed: int
    rows: int


# Styles whose gaps lie within the temperatures that stand for zero and infinity in an integral.
MODERATE = ("halves", "ties", "constant", "normal", "dominant", "offset 1e4")


def recipes(
    sizes: tuple[int, ...] = SIZES, rows: int = 32, styles: tuple[str, ...] = tuple(_STYLES)
) -> st.SearchStrategy[Recipe]:
    """Recipes for batches of a number of rows, one style after the other."""
    return st.builds(
        Recipe,
        states=st.sampled_from(sizes),
        styles=st.lists(
            st.sampled_from(styles), min_size=1, max_size=len(styles), unique=True
        ).map(tuple),
        seed=st.integers(0, 2**16),
        rows=st.just(rows),
    )


def batches(
    domain: Domain, dtype: torch.dtype, sizes: tuple[int, ...] = SIZES, rows: int = 32
) -> st.SearchStrategy[Assignment]:
    """Batches of inputs for a claim, in a dtype."""
    styles = MODERATE if domain.has_integral else tuple(_STYLES)
    return recipes(sizes, rows, styles).map(lambda recipe: assign(domain, recipe, dtype))


def assign(domain: Domain, recipe: Recipe, dtype: torch.dtype) -> Assignment:
    """The batch that a recipe makes for a claim."""
    g = np.random.default_rng(recipe.seed)
    sizes = {size: recipe.states for size in domain.sizes}
    sizes |= {size: int(g.integers(1, MOST_OTHERS + 1)) for size in domain.sizes if size != V}
    families: dict[IndexedBase, Tensor] = {}
    logarithms: dict[IndexedBase, Tensor] = {}
    for family, ranges in domain.families.items():
        shape = tuple(sizes[size] for size in ranges)
        table = np.stack([_row(g, recipe, row, shape) for row in range(recipe.rows)])
        if isinstance(family, Subset):
            families[family] = torch.as_tensor(_subsets(g, recipe.rows, shape)).to(dtype)
        elif family in domain.distributions:
            # taken modestly: q ln q at ln q = -1e6 is zero in every dtype
            logits = torch.as_tensor(np.clip(table, -300, 300))
            if not family.is_positive:  # zeros are legal
                logits[torch.as_tensor(_holes(g, logits.shape))] = -torch.inf
            logs = _log_law(domain, family, logits).to(dtype)
            logarithms[family], families[family] = logs, logs.exp()
        elif family.is_positive:
            families[family] = torch.as_tensor(np.exp(np.clip(table, -20, 20))).to(dtype)
        elif family.is_nonnegative:
            weights = np.exp(np.clip(table, -20, 20))
            weights[_holes(g, weights.shape)] = 0
            families[family] = torch.as_tensor(weights).to(dtype)
        else:
            families[family] = torch.as_tensor(table).to(dtype)
    scalars = {s: _scalar(g, s, recipe, domain).to(dtype) for s in domain.scalars}
    terms = max((table[0].numel() for table in logarithms.values()), default=recipe.states)
    return Assignment(recipe.rows, sizes, scalars, families, logarithms, normalization(terms))


def _log_law(domain: Domain, family: IndexedBase, logits: Tensor) -> Tensor:
    """Logarithms of a distribution, of conditional ones, or of a doubly stochastic matrix."""
    if family in doubly_normalized(domain.hypotheses) and len(set(logits.shape[1:])) == 1:
        return _doubly_stochastic(logits).log()
    return log_normalized(logits, domain.distributions[family])


def _doubly_stochastic(logits: Tensor) -> Tensor:
    """Doubly stochastic matrices from tables (rows, n, n) of logits of permutations."""
    size = logits.shape[-1]
    weights = torch.softmax(logits[:, :2].flatten(1), 1)
    mixed = torch.zeros_like(logits)
    places = torch.arange(size)
    for n, permutation in zip(range(weights.shape[1]), permutations(size), strict=False):
        mixed[:, places, permutation] += weights[:, n, None]
    return mixed


def _subsets(g: np.random.Generator, rows: int, shape: tuple[int, ...]) -> np.ndarray:
    """Indicators 0 and 1: of everything in every fourth row, else at random."""
    table = (g.random((rows, *shape)) < g.choice([0.3, 0.6, 0.9])).astype(float)
    table[::4] = 1
    return table


def _holes(g: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Where a family that may be zero is: nowhere in half of the rows, and never all along the
    last axis."""
    holes = g.random(shape) < 0.3
    holes[::2] = False
    holes[..., g.integers(shape[-1])] = False
    return holes


def log_normalized(logits: Tensor, places: tuple[int, ...]) -> Tensor:
    """Logarithms of a family (rows, sizes...) that sums to one over the given places."""
    return logits - logits.logsumexp(tuple(place + 1 for place in places), keepdim=True)


def normalization(states: int) -> float:
    """How well logarithms of V probabilities are normalized, in units of eps (1 + |ln q|)."""
    return 4 + math.log2(states)


def _row(g: np.random.Generator, recipe: Recipe, row: int, shape: tuple[int, ...]) -> np.ndarray:
    style = recipe.styles[(row + int(g.integers(len(recipe.styles)))) % len(recipe.styles)]
    return _STYLES[style](g, shape)


def _scalar(g: np.random.Generator, symbol: Symbol, recipe: Recipe, domain: Domain) -> Tensor:
    """Temperatures and other positive parameters in 0.01..100, real ones around zero.

    Orders (parameters that a hypothesis keeps from a value) are one number for the whole batch;
    those that a hypothesis keeps below or above a number are moved there.
    """
    if any(isinstance(h, Ne) and h.lhs == symbol for h in domain.hypotheses):
        return torch.full((recipe.rows,), float(g.choice([0.25, 0.5, 2.0, 3.0])))
    if symbol.is_positive:
        values = 10 ** g.uniform(-2, 2, recipe.rows)
        values[:: max(1, recipe.rows // 4)] = g.choice([0.01, 1 / 7, 1.0, 100.0])
        return torch.as_tensor(_within(values, symbol, domain))
    return torch.as_tensor(g.choice([-1.0, 0.0, 0.5, 3.0], recipe.rows) * g.choice([1.0, 1e-3]))


def _within(values: np.ndarray, symbol: Symbol, domain: Domain) -> np.ndarray:
    """Positive values, moved below or above the numbers that bound a parameter."""
    for hypothesis in domain.hypotheses:
        if not isinstance(hypothesis, (Le, Ge)):
            continue
        low, high = cast(Any, hypothesis.lts), cast(Any, hypothesis.gts)
        if low == symbol and high.is_number:
            values = float(high) * values / (1 + values)
        if high == symbol and low.is_number:
            values = float(low) + values
    return values
