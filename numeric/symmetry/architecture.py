"""The architecture of a network, read from its configuration: two families, and what is refused.

A *Llama* has RMSNorm, rotary positions, grouped heads and gated units, with or without biases; a
*GPT-2* has LayerNorm, learned positions and biases everywhere. What a configuration asks for
beyond these changes the symmetries, and is refused by name instead of being counted wrongly.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from numeric.errors import ModelError
from numeric.symmetry.rotary import NUMBERS, Scaling, frequencies, scaling

Family = Literal["llama", "gpt2"]
ATTENTION_BIASES = ("query_bias", "key_bias", "value_bias", "output_bias")
UNIT_BIASES = ("gate_bias", "up_bias", "down_bias")
SMOOTH = {"gelu", "gelu_new", "gelu_pytorch_tanh"}


class UnknownSymmetry(ModelError):
    """The symmetries of this configuration are not known here; says what is in the way."""


@dataclass(frozen=True)
class Architecture:
    """Sizes and constants of a network of one of the two families.

    `heads` = `groups` times heads per group; `base` is that of the rotary frequencies, None where
    positions are learned; `context` is the number of learned positions, 0 without them. `biases`
    are those of a Llama, by name; a GPT-2 has all of its own. `scaling` is of the frequencies.
    """

    family: Family
    layers: int
    width: int
    heads: int
    groups: int
    head_size: int
    units: int
    vocabulary: int
    tied: bool
    epsilon: float
    activation: str
    base: float | None = None
    context: int = 0
    biases: tuple[str, ...] = ()
    scaling: Scaling | None = None

    @property
    def shared(self) -> int:
        """Query heads that share one key and one value."""
        return self.heads // self.groups

    @property
    def frequencies(self) -> tuple[float, ...]:
        """Angles per position of the rotary planes; empty where positions are learned."""
        if self.base is None:
            return ()
        return frequencies(self.base, self.head_size, self.scaling)


def architecture(config: Mapping[str, Any]) -> Architecture:
    """The architecture that a transformers configuration (as a dictionary) describes.

    Raises:
        UnknownSymmetry: It is of another family, or has a part whose symmetries are not known.
    """
    kind = config.get("model_type")
    try:
        if kind in ("llama", "mistral", "qwen2"):  # a window of attention changes no symmetry
            return _checked(_llama(config))
        if kind == "gpt2":
            return _checked(_gpt2(config))
    except KeyError as missing:
        raise UnknownSymmetry(f"expected a {kind} configuration with {missing}") from None
    raise UnknownSymmetry(
        "expected a configuration of the Llama family (llama, mistral, qwen2) or of the GPT-2 "
        f"family (gpt2), got model_type {kind!r}"
    )


def _llama(config: Mapping[str, Any]) -> Architecture:
    rope = config.get("rope_parameters") or config.get("rope_scaling") or {}
    partial = rope.get("partial_rotary_factor", config.get("partial_rotary_factor", 1))
    _require(partial in (None, 1), f"partial_rotary_factor {partial}", "1")
    _require(
        config.get("hidden_act") == "silu", f"hidden_act {config.get('hidden_act')!r}", "silu"
    )
    width, heads = config["hidden_size"], config["num_attention_heads"]
    return Architecture(
        "llama",
        layers=config["num_hidden_layers"],
        width=width,
        heads=heads,
        groups=config.get("num_key_value_heads") or heads,
        head_size=config.get("head_dim") or width // heads,
        units=config["intermediate_size"],
        vocabulary=config["vocab_size"],
        tied=bool(config.get("tie_word_embeddings", False)),
        epsilon=float(config["rms_norm_eps"]),
        activation="silu",
        base=float(rope.get("rope_theta", config.get("rope_theta", 10_000.0))),
        biases=_biases(config),
        scaling=_scaling(rope),
    )


def _scaling(rope: Mapping[str, Any]) -> Scaling | None:
    kind = rope.get("rope_type", rope.get("type", "default"))
    _require(kind in NUMBERS, f"the rotary scaling {kind!r}", " or ".join(NUMBERS))
    missing = [name for name in NUMBERS[kind] if not rope.get(name)]
    _require(not missing, f"the rotary scaling {kind!r} without {', '.join(missing)}", "all of it")
    return scaling(kind, rope)


def _biases(config: Mapping[str, Any]) -> tuple[str, ...]:
    if config["model_type"] == "qwen2":  # of queries, keys and values, whatever is configured
        return ATTENTION_BIASES[:3]
    attention = ATTENTION_BIASES if config.get("attention_bias") else ()
    return attention + (UNIT_BIASES if config.get("mlp_bias") else ())


def _gpt2(config: Mapping[str, Any]) -> Architecture:
    activation = config.get("activation_function")
    _require(activation in SMOOTH, f"activation_function {activation!r}", "a GELU")
    _require(config.get("scale_attn_weights", True), "scale_attn_weights False", "True")
    for option in ("scale_attn_by_inverse_layer_idx", "reorder_and_upcast_attn"):
        _require(not config.get(option), option, "without it")
    _require(not config.get("add_cross_attention"), "cross-attention", "without it")
    width, heads = config["n_embd"], config["n_head"]
    _require(width % heads == 0, f"n_embd {width} with n_head {heads}", "a multiple")
    return Architecture(
        "gpt2",
        layers=config["n_layer"],
        width=width,
        heads=heads,
        groups=heads,
        head_size=width // heads,
        units=config.get("n_inner") or 4 * width,
        vocabulary=config["vocab_size"],
        tied=bool(config.get("tie_word_embeddings", True)),
        epsilon=float(config["layer_norm_epsilon"]),
        activation=str(activation),
        context=config["n_positions"],
    )


def _checked(found: Architecture) -> Architecture:
    _require(
        found.heads % found.groups == 0,
        f"{found.heads} heads in {found.groups} groups",
        "a divisor",
    )
    # Behind a LayerNorm width - 1 directions are left. Larger heads have fewer symmetries.
    most = found.width - (found.family == "gpt2")
    _require(
        found.head_size <= most,
        f"heads of size {found.head_size} in width {found.width}",
        f"at most {most}",
    )
    _require(found.base is None or found.head_size % 2 == 0, "rotary heads of odd size", "even")
    _require(found.base is None or 0 < found.base < math.inf, f"rope_theta {found.base}", "> 0")
    if "value_bias" in found.biases and "output_bias" not in found.biases:
        # Otherwise biases of values that attention writes as zero are directions too.
        _require(
            found.groups * found.head_size <= found.width,
            f"biases of {found.groups} values of size {found.head_size} in width {found.width}",
            f"at most {found.width} in all where what attention writes has no bias",
        )
    if "key_bias" in found.biases:
        still = any(abs(math.remainder(turn, 2 * math.pi)) < 1e-9 for turn in found.frequencies)
        _require(not still, "biases of keys in a rotary plane that stands still", "turning planes")
    _require(found.epsilon >= 0, f"a norm with epsilon {found.epsilon}", ">= 0")
    _require(min(found.layers, found.units) >= 1, "an empty network", "layers")
    _large_enough(found)
    return found


def _large_enough(found: Architecture) -> None:
    """Networks so small that their weights have more symmetries than the formula counts."""
    # What a first layer reads of no more tokens than that is an affine function of any of them.
    _require(
        found.vocabulary >= found.width + 2,
        f"{found.vocabulary} tokens in width {found.width}",
        f"at least {found.width + 2}",
    )
    if found.family == "gpt2":
        # In width 3 gains make up for a rotation, in width 2 a norm gives signs only.
        _require(found.width >= 4, f"a LayerNorm of width {found.width}", "at least 4")
        _require(found.context >= 2, "a single position, where nothing attends", "at least 2")


def _require(fine: Any, came: str, expected: str) -> None:
    if not fine:
        raise UnknownSymmetry(f"symmetries are not known here for {came}; expected {expected}")
