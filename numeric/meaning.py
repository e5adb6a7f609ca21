"""Do near predictions mean the same? Distances of prompts against what people say of them.

The generalized distributional hypothesis makes the next-word distribution of a prompt its
meaning. Measured on triples that were written for it: a prompt, a paraphrase in other words, and a
prompt in nearly the same words that means something else; a fourth, unrelated prompt is that of
the next triple. Rank correlation of distance with the label says how much of the order is right.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.stats import rankdata
from torch import Tensor

from numeric.decoding import total_variation_distance
from numeric.divergence import fisher_rao_distance, kl_divergence
from numeric.errors import InputError, ModelError
from numeric.intervals import Measured, bootstrap, proportion
from numeric.language_model import LanguageModel

Float64 = NDArray[np.float64]
HEADER = ["prompt", "paraphrase", "other meaning"]
PARAPHRASE, OTHER_MEANING, UNRELATED = "paraphrase", "other meaning", "unrelated"
LABELS = (PARAPHRASE, OTHER_MEANING, UNRELATED)  # nearest meaning first
RANK = {PARAPHRASE: 0, OTHER_MEANING: 1, UNRELATED: 1}  # a paraphrase or not


class Triple(NamedTuple):
    """A prompt, the same in other words, and another meaning in nearly the same words."""

    prompt: str
    paraphrase: str
    other_meaning: str


def read_triples(path: str | Path | None = None) -> list[Triple]:
    """Triples of prompts from a table with tabs and the header of `HEADER`; without a path ours.

    Raises:
        InputError: The header is another, a row has not three prompts, a prompt stands twice, or
            there are fewer than three triples.
    """
    source = files("numeric.data").joinpath("prompts.tsv") if path is None else Path(path)
    try:
        rows = list(csv.reader(source.read_text(encoding="utf-8").splitlines(), delimiter="\t"))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{source} cannot be read as a table of prompts: {error}") from error
    if not rows or rows[0] != HEADER:
        raise InputError(f"{source}: expected the header {' | '.join(HEADER)}, with tabs")
    for number, row in enumerate(rows[1:], start=2):
        if len(row) != 3 or not all(prompt.strip() for prompt in row):
            raise InputError(f"{source}, line {number}: expected three prompts, with tabs")
    prompts = [prompt for row in rows[1:] for prompt in row]
    if doubled := {prompt for prompt in prompts if prompts.count(prompt) > 1}:
        raise InputError(f"{source}: the prompt {min(doubled)!r} stands twice")
    if len(rows) < 4:
        raise InputError(f"{source}: expected at least three triples, got {len(rows) - 1}")
    return [Triple(*row) for row in rows[1:]]


@dataclass(frozen=True, eq=False)
class Distances:
    """Distances (triples, 3) of each prompt from its paraphrase, other meaning and unrelated one.

    `values` by name: Fisher-Rao and total variation, Jeffreys' divergence (KL both ways), the
    cosine distance of hidden states, and, as what a model need not know, that of the words.
    """

    values: dict[str, Float64]

    @property
    def count(self) -> int:
        """The number of triples."""
        return len(next(iter(self.values.values())))


def distances(
    model: LanguageModel,
    triples: Sequence[Triple],
    progress: Callable[[int, int], None] | None = None,
) -> Distances:
    """Distances of what a model predicts after the prompts; one pass over each prompt."""
    seen: list[list[tuple[Tensor, Tensor | None]]] = []
    total = 3 * len(triples)
    for triple in triples:
        seen.append([_prediction(model, prompt) for prompt in triple])
        if progress is not None:
            progress(3 * len(seen), total)
    pairs = [((t, 0), other) for t in range(len(triples)) for other in _others(t, len(triples))]
    found: dict[str, list[float]] = {}
    for (t, place), (u, other) in pairs:
        (x, h), (y, g) = seen[t][place], seen[u][other]
        row = {
            "Fisher-Rao": float(fisher_rao_distance(x, y)),
            "total variation": float(total_variation_distance(x, y)),
            "Jeffreys": float(kl_divergence(x, y) + kl_divergence(y, x)),
        }
        if h is not None and g is not None:
            cosine = torch.nn.functional.cosine_similarity(h, g, dim=0)
            row["hidden cosine"] = float(1 - cosine)
        row["words"] = _word_distance(triples[t][place], triples[u][other])
        for name, value in row.items():
            found.setdefault(name, []).append(value)
    return Distances({name: np.array(row).reshape(-1, 3) for name, row in found.items()})


def rank_correlation(values: Float64, *, seed: int = 0) -> Measured:
    """Spearman's correlation of distance with label, 0 for a paraphrase and 1 for any other.

    `values` (triples, 3) as in `Distances`; triples are resampled whole. With one paraphrase to
    two others it is at most sqrt(2/3), where every paraphrase is nearer than all others; zero
    where distances say nothing; NaN where all are equal.
    """
    labels = np.tile([float(RANK[label]) for label in LABELS], (len(values), 1))
    return bootstrap(
        lambda cases: spearman(values[cases].reshape(-1), labels[cases].reshape(-1)),
        len(values),
        draws=400,
        seed=seed,
    )


def nearer_than_other_meaning(values: Float64) -> Measured:
    """The share of triples whose paraphrase is nearer than the other meaning; 1/2 by chance.

    Wording speaks for the other meaning, so that no count of shared words comes near 1.
    """
    return proportion(int((values[:, 0] < values[:, 1]).sum()), len(values))


def spearman(x: Float64, y: Float64) -> float:
    """Correlation of ranks, ties at their mean; NaN where all of one are equal."""
    a, b = (rankdata(v) - (len(v) + 1) / 2 for v in (x, y))
    scale = np.sqrt((a @ a) * (b @ b))
    return float(a @ b / scale) if scale > 0 else float("nan")


def _others(t: int, count: int) -> list[tuple[int, int]]:
    """Paraphrase, other meaning and unrelated prompt of triple t: triple and place in it."""
    return [(t, 1), (t, 2), ((t + 1) % count, 0)]


def _prediction(model: LanguageModel, prompt: str) -> tuple[Tensor, Tensor | None]:
    """Logits (V,) in float64 after a prompt, and the hidden state where the head is linear."""
    ids = model.encode(prompt)
    try:
        head = model.head
    except ModelError:
        return model.logits(ids)[-1].double(), None
    hidden = model.hidden(ids)[-1]
    return head(hidden).double(), hidden.double()


def _word_distance(first: str, second: str) -> float:
    """One less the share of common words among all words of two prompts."""
    a, b = ({word.strip(".,?!").lower() for word in text.split()} for text in (first, second))
    return 1 - len(a & b) / len(a | b)


def as_rows(found: Distances) -> list[dict[str, Any]]:
    """A row of plain data per pair: the triple, the label, and the distances by name."""
    return [
        {"triple": t, "label": label}
        | {name: float(values[t, place]) for name, values in found.values.items()}
        for t in range(found.count)
        for place, label in enumerate(LABELS)
    ]
