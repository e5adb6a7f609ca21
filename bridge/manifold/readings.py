"""What the Boltzmann manifold of a model's head shows along a text: the numbers of the page.

Everything is in nats, at T = 1 unless said otherwise. The features are those of
`porism evaluate --features`; distances are Fisher-Rao distances on the simplex.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import linear

import numeric
from bridge.manifold.stretch import Stretch, stretch
from numeric.features import prompt_features
from numeric.manifold import (
    BoltzmannManifold,
    RankLaw,
    boltzmann_map,
    log_boltzmann_map,
    log_probability_spectrum,
    metric_spectrum,
    repeated_rows,
    simplex_path,
)
from numeric.melting import maximal_heat_capacity

if TYPE_CHECKING:
    from numeric.language_model import LanguageModel

Numbers = NDArray[np.float64]
Step = Callable[[str, int, int], None]

ROWS = 64  # positions at a time
COMPARED = 16  # positions at which the map is held against softmax
GRID = 81  # temperatures of a curve
SPECTRA = 2
RANK_ENTRIES = 3e7  # log-probabilities in the table whose rank is asked: 240 MB


@dataclass(frozen=True, eq=False)
class ManifoldReadings:
    """Numbers of N positions of a text.

    `features` (N,) by name; `steps` (N - 1,) are distances of neighbors; `grid` (K,) and
    `curves` (P, K) heat capacities of the positions `shown` (P,); `spectra` are eigenvalues (d,)
    of the metric at the positions `places`; `rank` is None where there is one prompt, or the
    table would be too large.
    `ranges` (N,) are those of the logits. `map_error` is how far the Boltzmann map is from softmax
    of the head's logits in float64, `rounding` how far the model's own probabilities are from
    either.
    """

    model: str
    tokens: list[str]
    following: list[str]
    vocabulary_size: int
    dimension: int
    features: dict[str, NDArray]
    steps: Numbers
    ranges: Numbers
    grid: Numbers
    shown: NDArray[np.int64]
    curves: Numbers
    places: list[int]
    spectra: list[Numbers]
    rank: RankLaw | None
    stretch: Stretch | None
    map_error: float
    rounding: float
    repeated: list[int]
    repeated_gap: float

    def __len__(self) -> int:
        """The number of positions N."""
        return len(self.tokens)

    @property
    def bound(self) -> float:
        """The largest heat capacity of so many tokens."""
        return maximal_heat_capacity(self.vocabulary_size)

    @property
    def length(self) -> float:
        """The length of the path through the simplex."""
        return float(self.steps.sum())


def read(
    model: LanguageModel, text: str, positions: int = 512, step: Step | None = None
) -> ManifoldReadings:
    """Read the first `positions` positions of a text that have a token after them.

    A model without a linear head is a `ModelError`, a text of fewer than two tokens a `TextError`.
    """
    say = step or (lambda label, done, total: None)
    manifold = BoltzmannManifold.of_model(model)  # before minutes of reading
    ids = model.encode(text, at_least=2)
    count = min(positions, len(ids) - 1)
    pieces = model.tokens(ids[: count + 1])
    hidden = model.hidden(ids[:count], progress=lambda n, of: say("reading the text", n, of))
    features, steps, ranges = _along(model, hidden, ids, say)
    shown = _shown(features["peak_heat_capacity"])
    grid, curves = _curves(model.head(hidden[torch.from_numpy(shown)]))
    places = _places(features["entropy"])
    spectra = []
    for number, place in enumerate(places):
        spectra.append(metric_spectrum(manifold, hidden[place]).cpu().numpy())
        say("spectrum of the metric", number + 1, len(places))
    errors = _errors(model, manifold, hidden)
    groups = repeated_rows(manifold.weight)
    return ManifoldReadings(
        model=model.name,
        tokens=pieces[:-1],
        following=pieces[1:],
        vocabulary_size=manifold.vocabulary_size,
        dimension=manifold.dimension,
        features=features,
        steps=steps,
        ranges=ranges,
        grid=grid,
        shown=shown,
        curves=curves,
        places=places,
        spectra=spectra,
        rank=_rank(manifold, hidden, say),
        stretch=stretch(manifold, hidden, pieces),
        map_error=errors[0],
        rounding=errors[1],
        repeated=[len(group) for group in groups],
        repeated_gap=_repeated_gap(model, manifold, hidden, groups),
    )


def _along(
    model: LanguageModel, hidden: Tensor, ids: list[int], say: Step
) -> tuple[dict[str, NDArray], Numbers, Numbers]:
    """Features (N,), steps (N - 1,) and ranges of logits (N,), some positions at a time."""
    blocks, steps, ranges, before = [], [], [], None
    for start in range(0, len(hidden), ROWS):
        logits = model.head(hidden[start : start + ROWS])
        follow = torch.tensor(ids[start + 1 : start + 1 + len(logits)])
        blocks.append(prompt_features(logits, follow))
        ranges.append((logits.amax(-1) - logits.amin(-1)).double().cpu().numpy())
        path = logits if before is None else torch.cat([before, logits])
        if len(path) > 1:
            steps.append(simplex_path(path).steps)
        before = logits[-1:]
        say("peaks of the heat capacity", start + len(logits), len(hidden))
    columns = {name: np.concatenate([block[name] for block in blocks]) for name in blocks[0]}
    path = np.concatenate(steps) if steps else np.empty(0)
    return columns, path, np.concatenate(ranges)


def _shown(peaks: Numbers) -> NDArray[np.int64]:
    """Positions of the highest, the median and the lowest peak, each once."""
    order = np.argsort(-peaks, kind="stable")
    return np.array(list(dict.fromkeys([order[0], order[len(order) // 2], order[-1]])))


def _places(entropy: Numbers) -> list[int]:
    """Positions of low and high entropy, each once: tenths, not extremes."""
    order = np.argsort(entropy, kind="stable")
    shares = np.linspace(0.1, 0.9, SPECTRA)
    return list(dict.fromkeys(int(order[int(s * (len(order) - 1))]) for s in shares))


def _curves(logits: Tensor) -> tuple[Numbers, Numbers]:
    grid = np.geomspace(0.1, 10.0, GRID)
    curves = numeric.heat_capacity(logits.double(), torch.from_numpy(grid))
    return grid, curves.cpu().numpy()


def _errors(
    model: LanguageModel, manifold: BoltzmannManifold, hidden: Tensor
) -> tuple[float, float]:
    """The map against softmax of the head in float64, and against the model's own softmax."""
    chosen = hidden[torch.linspace(0, len(hidden) - 1, min(COMPARED, len(hidden))).long()]
    ours = boltzmann_map(manifold, chosen)
    weight, bias = model.head
    exact = torch.softmax(
        linear(chosen.double(), weight.double(), None if bias is None else bias.double()), -1
    )
    own = torch.softmax(model.head(chosen), -1).double()
    return float((ours - exact).abs().max()), float((ours - own).abs().max())


def _rank(manifold: BoltzmannManifold, hidden: Tensor, say: Step) -> RankLaw | None:
    """The rank law of all positions, or of as many as fit; None for one prompt alone."""
    most = int(RANK_ENTRIES // manifold.vocabulary_size)
    if most < 2:
        return None
    say("rank of the log-probabilities", 0, 1)
    law = log_probability_spectrum(log_boltzmann_map(manifold, hidden[:most]))
    say("rank of the log-probabilities", 1, 1)
    return law if law.prompts > 1 else None


def _repeated_gap(
    model: LanguageModel, manifold: BoltzmannManifold, hidden: Tensor, groups: list[Tensor]
) -> float:
    """The largest difference, less that of the biases, of the model's logits of equal rows."""
    if not groups:
        return 0.0
    logits = model.head(hidden[:COMPARED]).double() - manifold.bias
    parts = [logits[:, group] for group in groups]
    return max(float((part.amax(-1) - part.amin(-1)).max()) for part in parts)


def as_json(found: ManifoldReadings) -> dict[str, Any]:
    """Plain data: what the page says, and every series that it draws."""
    rank = found.rank
    table = {name: _plain(values) for name, values in found.features.items()}
    return {
        "model": found.model,
        "positions": len(found),
        "vocabulary_size": found.vocabulary_size,
        "dimension": found.dimension,
        "map_error": found.map_error,
        "rounding_of_the_model": found.rounding,
        "largest_heat_capacity": found.bound,
        "path_length": found.length,
        "steps": _plain(found.steps),
        "ranges": _plain(found.ranges),
        "stretch": None
        if found.stretch is None
        else {"tokens": found.stretch.tokens, "length": found.stretch.length,
              "distance": found.stretch.distance},
        "spectra": {str(p): _plain(s) for p, s in zip(found.places, found.spectra, strict=True)},
        "rank": None
        if rank is None
        else {"prompts": rank.prompts, "bound": min(rank.bound, found.dimension),
              "rank": rank.rank(), "tail": _plain(rank.tail)},
        "repeated_rows": found.repeated,
        "repeated_gap": found.repeated_gap,
        "features": table,
    }  # fmt: skip


def _plain(values: NDArray) -> list[Any]:
    """A list without NaN or infinity, which JSON lacks."""
    return [
        None if isinstance(value, float) and not np.isfinite(value) else value
        for value in values.tolist()
    ]
