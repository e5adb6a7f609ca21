"""Networks of families whose symmetries are not counted: what holds for such, and what hinders."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

USUAL = (
    "attention: values and outputs by inverse matrices, head by head, where no norm and no bias "
    "stands between them",
    "units of a layer in another order",
    "a head of its own, whose rows all move by one vector: probabilities stay",
)


def hindrances(config: dict[str, Any], state: Mapping[str, Any]) -> tuple[str, ...]:
    """What a model of another family has that changes which of the usual symmetries hold."""
    found = []
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
