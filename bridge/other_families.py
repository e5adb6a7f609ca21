"""Networks of families whose symmetries are not counted: what holds for such, and what hinders."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any


def usual(config: Mapping[str, Any], state: Mapping[str, Any]) -> tuple[str, ...]:
    """What changes nothing in most models with parts like these; by the names of their weights."""
    found = []
    if _named(state, "attn|attention"):
        found.append(
            "attention: values and outputs by inverse matrices, head by head, where no norm and "
            "no bias stands between them"
        )
    if _named(state, "experts"):
        found.append("units of an expert, and experts of a layer with their gates, reordered")
    elif _named(state, "mlp|ffn|feed_forward|fc1|intermediate"):
        found.append("units of a layer in another order")
    if not config.get("tie_word_embeddings") and _named(state, "^(lm_head|embed_out)"):
        found.append(
            "rows of a head that is not tied to the embeddings, all moved by one vector: "
            "probabilities stay"
        )
    return tuple(found)


def _named(state: Mapping[str, Any], pattern: str) -> bool:
    return any(re.search(pattern, name) for name in state)


def hindrances(config: dict[str, Any], state: Mapping[str, Any]) -> tuple[str, ...]:
    """What a model of another family has that changes which of the usual symmetries hold."""
    found = []
    if not _named(state, "attn|attention"):
        found.append("no attention, on which most of the known symmetries act")
    places = {name.split(".")[-2] for name in state if name.endswith(".bias") and "." in name}
    if places:
        found.append(f"biases ({', '.join(sorted(places))}): transformations act on them as well")
    norms = {name.split(".")[-2] for name in state if re.search(r"\.[qk]_(layer)?norm\.", name)}
    if norms:
        found.append(
            f"norms of queries and keys ({', '.join(sorted(norms))}): no matrix passes them"
        )
    rope = config.get("rope_parameters") or {}
    if rope.get("rope_type", "default") != "default":
        found.append(f"rotary scaling {rope['rope_type']}: its frequencies are not known here")
    part = rope.get("partial_rotary_factor", 1)
    if part not in (None, 1):
        found.append(f"rotary positions on a part of each head ({part:g}): other matrices commute")
    if str(config.get("model_type")).startswith("gemma"):
        found.append("gains stored as what is added to one: their scale acts on 1 + gain")
    if any(config.get(f"{which}_logit_softcapping") for which in ("attn", "final")):
        found.append("logits that are capped: what shifts them all alike is no symmetry")
    return tuple(found)
