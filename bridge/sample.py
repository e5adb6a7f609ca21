"""A sample of a language model's own outputs: what the model oracle and the pictures look at."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from numeric.errors import InputError, ModelError

if TYPE_CHECKING:
    from numeric.language_model import LanguageModel


@dataclass(frozen=True, eq=False)
class Sample:
    """N positions of a text with the logits that a model gives there; everything on the CPU.

    `tokens[t]` is the piece of text at a position, `following[t]` the piece that comes after it
    and `targets[t]` its id; `logits` (N, V) float32 score what comes after. `hidden` (N, d) and
    `head` (V, d) satisfy logits = hidden head^T, and are None where no such matrix exists (a
    head with a bias, logits that are rescaled). `text_bytes` counts the UTF-8 bytes of the
    tokens that follow; a character split over tokens counts three bytes for each of its parts.
    """

    model: str
    provenance: Mapping[str, Any]
    tokens: list[str]
    following: list[str]
    targets: list[int]
    logits: Tensor
    hidden: Tensor | None
    head: Tensor | None
    text_bytes: int

    def __len__(self) -> int:
        """The number of positions N."""
        return len(self.targets)

    @property
    def vocabulary_size(self) -> int:
        """The number of tokens V."""
        return self.logits.shape[-1]

    def save(self, folder: Path) -> None:
        """Write the sample to a folder, as safetensors and JSON."""
        folder.mkdir(parents=True, exist_ok=True)
        arrays = {"logits": self.logits, "hidden": self.hidden, "head": self.head}
        save_file(
            {name: array.contiguous() for name, array in arrays.items() if array is not None},
            folder / "sample.safetensors",
        )
        about = {
            "model": self.model,
            "provenance": dict(self.provenance),
            "tokens": self.tokens,
            "following": self.following,
            "targets": self.targets,
            "text_bytes": self.text_bytes,
        }
        (folder / "sample.json").write_text(json.dumps(about), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Sample:
        """The sample that `save` wrote to a folder; tensors are mapped, not copied."""
        about = json.loads((folder / "sample.json").read_text(encoding="utf-8"))
        arrays = load_file(folder / "sample.safetensors")
        return cls(
            **about,
            logits=arrays["logits"],
            hidden=arrays.get("hidden"),
            head=arrays.get("head"),
        )


def take_sample(
    model: LanguageModel,
    text: str,
    positions: int = 512,
    progress: Callable[[int, int], None] | None = None,
) -> Sample:
    """The first `positions` positions of a text that have a token after them.

    `progress` is called with the number of positions done and their number in all.
    A text shorter than two tokens is a `TextError`, which is a `ValueError`.

    Raises:
        InputError: `positions` is below one.
    """
    if positions < 1:
        raise InputError(f"expected at least one position, got {positions}")
    ids = model.encode(text, at_least=2)  # one to read, one to predict
    read, targets = ids[:positions], ids[1 : positions + 1]
    read = read[: len(targets)]
    pieces = model.tokens([*read, targets[-1]])
    hidden, head = _linear(model, read, progress)
    if hidden is None or head is None:
        logits = model.logits(read, progress=progress)
    else:
        logits = model.head(hidden)
        hidden, head = _kept(hidden), _kept(head)
    return Sample(
        model=model.name,
        provenance=dict(model.provenance),
        tokens=pieces[:-1],
        following=pieces[1:],
        targets=[int(token) for token in targets],
        logits=_kept(logits),
        hidden=hidden,
        head=head,
        text_bytes=predicted_bytes(text, pieces, whole=len(read) == len(ids) - 1),
    )


def predicted_bytes(text: str, pieces: list[str], *, whole: bool) -> int:
    """UTF-8 bytes of a text that its tokens after the first spell; exact for a whole text."""
    first, *rest = pieces
    if whole:
        return len(text.removeprefix(first).encode())
    return len("".join(rest).encode())


def _linear(
    model: LanguageModel, ids: list[int], progress: Callable[[int, int], None] | None
) -> tuple[Tensor | None, Tensor | None]:
    """Hidden states (N, d) and head (V, d) where logits are their product, else (None, None)."""
    try:
        weight, bias = model.head
    except ModelError:
        return None, None
    if bias is not None:
        return None, None
    return model.hidden(ids, progress=progress), weight


def _kept(values: Tensor) -> Tensor:
    return values.detach().to(device="cpu", dtype=torch.float32)
