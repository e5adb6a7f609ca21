"""A language model against its conjectures, for people: measured values, in words and as data."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from bridge.conjectures import EPSILONS, ROWS, context_length, dimension_curve, spelled
from numeric.calibration import (
    MartingaleTest,
    Readings,
    calibration_gap,
    joined,
    martingale_test,
    readings,
    zero_set_inclusion,
)
from numeric.errors import ModelError
from numeric.intervals import Measured
from numeric.language_model import LanguageModel
from numeric.meaning import (
    Distances,
    Triple,
    as_rows,
    distances,
    nearer_than_other_meaning,
    rank_correlation,
)
from numeric.sampling import own_texts

FORMAT = "porism.language/1"
SHARPENED = 0.8  # the temperature of the control: a model that is too sure of itself
START = 8  # tokens of the text that the model's own texts go on from
REJECTED = 0.001  # below this the martingale test is taken to say no

WRONG = {
    1: "  REJECTED: the model's own texts, which are scored otherwise than they were drawn",
    3: "  NOT SEEN: a model that is too sure passes too; more or longer texts would tell",
}

Step = Callable[[str, int, int], None]


@dataclass(frozen=True)
class LanguageFindings:
    """What was measured of a model on a text, on its own texts and on prompts.

    `own` is the martingale test on texts that the model wrote, `control` that of the same texts
    scored by the model sharpened to T = 0.8; both are None where a model is only read as a whole.
    `inclusion` holds the share and the number of the text's zero points by epsilon.
    """

    model: str
    provenance: dict[str, Any]
    positions: int
    text: MartingaleTest
    gap: Measured
    own: MartingaleTest | None
    control: MartingaleTest | None
    own_texts: tuple[int, int]
    context: int
    inclusion: dict[float, tuple[Measured, int]]
    dimensions: dict[int, Measured]
    correlations: dict[str, Measured]
    nearer: dict[str, Measured]
    read: Readings = field(repr=False)
    distances: Distances = field(repr=False)

    @property
    def exit_code(self) -> int:
        """0; 1 where the test rejects the model's own texts; 3 where the control passes it too."""
        if self.own is None or self.control is None:
            return 0
        return 1 if self.own.p_value < REJECTED else 3 * int(self.control.p_value >= REJECTED)


def language(
    model: LanguageModel,
    text: str,
    triples: Sequence[Triple],
    *,
    positions: int = 512,
    texts: int = 8,
    length: int = 48,
    seed: int = 0,
    step: Step | None = None,
) -> LanguageFindings:
    """Measure a model: on the first `positions` of a text, on texts of its own, and on prompts.

    Every interval is a 95 % one: blocks of positions, or triples of prompts, drawn again.
    """
    say = step or (lambda what, done, of: None)
    ids = model.encode(text, at_least=4)[: positions + 1]
    read, kept = _read(model, ids, lambda n, of: say("reading the text", n, of))
    context = context_length(model.vocabulary_size)
    own, control = _own(model, ids[:START], texts, length, seed, say)
    say("finding dimensions", 0, 1)
    curve = dimension_curve(kept)
    far = distances(model, triples, lambda n, of: say("reading prompts", n, of))
    return LanguageFindings(
        model=model.name,
        provenance=dict(model.provenance),
        positions=len(read),
        text=martingale_test(read),
        gap=calibration_gap(read, seed=seed),
        own=own,
        control=control,
        own_texts=(texts, length),
        context=context,
        inclusion={e: zero_set_inclusion(read, ids, e, context=context) for e in EPSILONS},
        dimensions=curve,
        correlations={n: rank_correlation(v, seed=seed) for n, v in far.values.items()},
        nearer={name: nearer_than_other_meaning(v) for name, v in far.values.items()},
        read=read,
        distances=far,
    )


def _read(
    model: LanguageModel, ids: Sequence[int], progress: Callable[[int, int], None]
) -> tuple[Readings, Tensor]:
    """What the model says of a text, and its first logits."""
    parts, kept, left = [], [], ROWS
    for start, logits in model.logits_blocks(ids[:-1], progress=progress):
        parts.append(readings(logits, list(ids[start + 1 : start + len(logits) + 1])))
        kept.append(logits[: max(left, 0)])
        left -= len(logits)
    return joined(parts), torch.cat(kept)


def _own(
    model: LanguageModel, start: Sequence[int], texts: int, length: int, seed: int, say: Step
) -> tuple[MartingaleTest | None, MartingaleTest | None]:
    """The test on the model's own texts, and on the same as the sharpened model sees them."""
    try:
        drawn = own_texts(
            model,
            start,
            texts,
            length,
            seed=seed,
            progress=lambda n, of: say("letting the model write", n, of),
        ).tolist()
    except ModelError:
        return None, None
    parts: list[tuple[Readings, Readings]] = []
    for number, ids in enumerate(drawn, start=1):
        logits = model.logits(ids[:-1])[len(start) - 1 :]
        targets = ids[len(start) :]
        parts.append((readings(logits, targets), readings(logits, targets, SHARPENED)))
        say("reading what it wrote", number, texts)
    mine, sharpened = (martingale_test(joined(part)) for part in zip(*parts, strict=True))
    return mine, sharpened


def against(found: LanguageFindings) -> list[str]:
    """The conjectures against which this model on this text speaks, as they themselves say."""
    share, count = found.inclusion[EPSILONS[0]]
    curve, near = found.dimensions, found.nearer["Fisher-Rao"]
    says = {
        "zero_set_inclusion": count > 0 and share.high < 0.5,
        "entropy_calibration": not found.gap.low <= 0 <= found.gap.high,
        "few_dimensions": curve[max(curve)].value > curve[0].value / 2,
        "near_predictions_mean_the_same": not (
            found.correlations["Fisher-Rao"].low > 0 and near.low > 0.5
        ),
    }
    return [name for name, speaks in says.items() if speaks]


def as_json(found: LanguageFindings) -> dict[str, Any]:
    """Plain data: tests, intervals, and the distances of every pair of prompts."""
    return {
        "format": FORMAT,
        "model": found.model,
        "provenance": found.provenance,
        "positions": found.positions,
        "calibration": {
            "gap": found.gap._asdict(),
            "text": found.text._asdict(),
            "own_texts": None if found.own is None else found.own._asdict(),
            "sharpened_control": None if found.control is None else found.control._asdict(),
            "texts": found.own_texts[0],
            "length": found.own_texts[1],
        },
        "zero_set_inclusion": {
            f"{epsilon:g}": share._asdict() | {"zero_points": count}
            for epsilon, (share, count) in found.inclusion.items()
        },
        "context": found.context,
        "dimensions": {str(k): value._asdict() for k, value in found.dimensions.items()},
        "meaning": {
            name: {
                "rank_correlation": found.correlations[name]._asdict(),
                "paraphrase_nearer": found.nearer[name]._asdict(),
            }
            for name in found.correlations
        },
        "against": against(found),
        "pairs": as_rows(found.distances),
        "exit_code": found.exit_code,
    }


def as_text(found: LanguageFindings) -> str:
    """The same as tables for a terminal."""
    lines = [
        f"{found.model}: {found.positions} positions; intervals are 95 %; all in nats, and none "
        "depends on the energy gauge",
        "",
        "entropy calibration: surprisal less entropy",
        f"  the text                       {spelled(found.gap)}   {_tested(found.text)}",
    ]
    if found.own is not None and found.control is not None:
        texts, length = found.own_texts
        lines += [
            f"  {f'{texts} texts of its own, {length} long':<30} {_tested(found.own)}",
            f"  {f'the same, seen at T = {SHARPENED}':<30} {_tested(found.control)}",
        ]
        if found.exit_code:
            lines.append(WRONG[found.exit_code])
    else:
        lines.append("  this model cannot write texts token by token: no control")
    lines += [
        "",
        f"zero points of the text ({found.context} tokens before, three times or more, always one "
        "after) that are the model's",
    ]
    for epsilon, (share, count) in found.inclusion.items():
        said = spelled(share) if count else "none in this text"
        lines.append(f"  S < {epsilon:<27g} {said} of {count}")
    lines += ["", "divergence lost in k dimensions, found on every other position"]
    lines += [f"  k = {k:<26} {spelled(value)}" for k, value in found.dimensions.items()]
    count = found.distances.count
    lines += [
        "",
        f"distance and meaning, {count} triples of prompts",
        f"  {'':<30} rank correlation       paraphrase nearer than other meaning",
    ]
    for name, value in found.correlations.items():
        lines.append(f"  {name:<30} {spelled(value, 2)}      {spelled(found.nearer[name], 2)}")
    lines.append(
        "  (0.82 is the most that ranks of two labels allow; words are shared words, no model)"
    )
    names = ", ".join(against(found)) or "none of the four"
    lines += ["", f"speaks, on this model and text, against: {names}"]
    return "\n".join(lines)


def _tested(test: MartingaleTest) -> str:
    return f"{test.mean_excess:+.3f} +- {test.standard_error:.3f}, z = {test.z:+.2f}, " + (
        f"p = {test.p_value:.2g}"
    )
