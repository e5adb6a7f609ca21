"""The balanced gauge: the equal weights of least norm, written as a checkpoint.

Along the groups of values and outputs, queries and keys, and gated units the squares of weights
sum to least where their charges vanish. Gains of norms stay as they are.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
from torch import Tensor

from numeric.errors import InputError, ModelError
from numeric.language_model import LanguageModel
from numeric.symmetry.architecture import Architecture, architecture
from numeric.symmetry.examination import STILL, largest
from numeric.symmetry.forward import logits
from numeric.symmetry.kinds import symmetries
from numeric.symmetry.layout import Weights, stacked, state_dict

VALUES, QUERIES = "values and outputs", "queries and keys"
PLANES, UNITS = "queries and keys under rotary positions", "scales of gated units"
MOVED = {
    "llama": {
        VALUES: ("value", "value_bias", "output"),
        PLANES: ("query", "query_bias", "key", "key_bias"),
        UNITS: ("up", "up_bias", "down"),
    },
    "gpt2": {
        VALUES: ("value", "value_bias", "output"),
        QUERIES: ("query", "query_bias", "key", "key_bias"),
    },
}


@dataclass(frozen=True)
class Balanced:
    """A balanced checkpoint: where it is, and squares of weights by kind before and after.

    `deviation` is the largest change of a logit in float64, `rounded` that of the file's weights,
    rounded to the dtype of the model.
    """

    folder: Path
    before: dict[str, float]
    after: dict[str, float]
    deviation: float
    rounded: float


def balance(model: LanguageModel, folder: str | Path) -> Balanced:
    """Write an equal model of least norm to a new folder, its logits compared before and after.

    Raises:
        InputError: There is a folder already, or weights are rank deficient: no least norm.
        ModelError: Logits would change, or the model is of no known family.
        OSError: The folder cannot be written.
    """
    place = Path(folder).expanduser()
    if place.exists():
        raise InputError(f"expected a new folder, {place} exists")
    inner: Any = getattr(model, "model", None)
    if not hasattr(inner, "config"):
        raise ModelError(f"expected a transformer, got {model.name}")
    arch = architecture(inner.config.to_dict())
    old = {name: value.cpu() for name, value in stacked(arch, inner.state_dict()).items()}
    new = balanced(arch, old)
    ids = torch.randint(0, arch.vocabulary, (12,), generator=torch.Generator().manual_seed(0))
    ids = ids[: arch.context] if arch.context else ids
    known = logits(arch, old, ids)
    deviation = largest(logits(arch, new, ids) - known)
    if not deviation <= STILL:
        raise ModelError(f"logits would change by {deviation:.1e}, expected {STILL:.0e} at most")
    state = state_dict(arch, new, model.dtype)
    rounded = largest(logits(arch, stacked(arch, state), ids) - known)
    _write(place, model, state)
    return Balanced(place, squares(arch, old), squares(arch, new), deviation, rounded)


def _write(place: Path, model: Any, state: dict[str, Tensor]) -> None:
    """Weights, configuration and tokenizer, in a folder that is whole or absent."""
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=place.parent) as temporary:
        whole = Path(temporary) / place.name
        whole.mkdir()
        safetensors.torch.save_file(state, whole / "model.safetensors", {"format": "pt"})
        model.model.config.save_pretrained(whole)
        model.tokenizer.save_pretrained(whole)
        whole.rename(place)


def squares(arch: Architecture, weights: Weights) -> dict[str, float]:
    """The sum of squares of the weights that each balanced kind moves."""
    return {
        kind: sum(float((weights[name] ** 2).sum()) for name in names if name in weights)
        for kind, names in MOVED[arch.family].items()
    }


def balanced(arch: Architecture, weights: Weights) -> Weights:
    """The weights of least norm on the orbit of the groups named above.

    Raises:
        InputError: A product of weights is rank deficient, so that no least norm is attained.
    """
    kinds = {one.name: one for one in symmetries(arch)}
    elements = {VALUES: _least(_wide(weights, "value"), _outputs(weights))}
    if arch.family == "gpt2":
        queries = _wide(weights, "query")[:, :, 0]  # one query head a group
        elements[QUERIES] = _least(_wide(weights, "key"), queries.mT)
    else:
        elements[PLANES] = _planes(weights)
        sizes = (weights["down"] ** 2).sum(-2), (_wide(weights, "up") ** 2).sum(-1)
        elements[UNITS] = _ratio(*sizes)
    for name, element in elements.items():
        weights = kinds[name].act(weights, element)
    return weights


def _wide(weights: Weights, name: str) -> Tensor:
    """A matrix with its bias as one more column."""
    bias = weights.get(f"{name}_bias")
    return weights[name] if bias is None else torch.cat([weights[name], bias[..., None]], -1)


def _outputs(weights: Weights) -> Tensor:
    """Outputs of the heads of a group below one another: (L, K, r d, h)."""
    return weights["output"].flatten(2, 3)


def _least(left: Tensor, right: Tensor) -> Tensor:
    """B that makes |B left|^2 + |right B^-1|^2 least: 2 |right left| in the nuclear norm.

    Shapes: left (..., h, m), right (..., n, h) -> (..., h, h).
    """
    lower = torch.linalg.qr(left.mT)[1].mT
    upper = torch.linalg.qr(right)[1]
    _, size, turn = torch.linalg.svd(upper @ lower)
    if not bool(
        (size[..., -1] > torch.finfo(size.dtype).eps * size[..., 0] * size.shape[-1]).all()
    ):
        raise InputError("expected products of weights of full rank; no least norm is attained")
    # B lower = sqrt(size) turn; solved from the right.
    target = size.sqrt()[..., None] * turn
    return torch.linalg.solve(lower, target, left=False)


def _planes(weights: Weights) -> Tensor:
    """A positive number for each rotary plane."""
    sizes = []
    for name, axes in (("query", (2,)), ("key", ())):
        first, second = (_wide(weights, name) ** 2).sum(-1).chunk(2, dim=-1)
        total = first + second
        sizes.append(total.sum(axes) if axes else total)
    scale = _ratio(*sizes)
    return torch.stack([scale, torch.zeros_like(scale)], dim=-1)


def _ratio(other: Tensor, own: Tensor) -> Tensor:
    """The scale s that makes own s^2 + other / s^2 least."""
    if not bool(((own > 0) & (other > 0)).all()):
        raise InputError("expected weights that are not zero; no least norm is attained")
    return (other / own) ** 0.25
