"""Weights of a network as tensors stacked over its layers, and back.

L layers, K groups of r query heads of size h, width d, f units, V tokens, T learned positions:
embedding (V, d), head (V, d) if it is not tied, positions (T, d);
attention_gain, attention_shift, mlp_gain, mlp_shift (L, d), final_gain, final_shift (d);
query (L, K, r, h, d), key and value (L, K, h, d), output (L, K, r, d, h), and *_bias;
gate, up (L, f, d), down (L, d, f), gate_bias and up_bias (L, f), down_bias and output_bias (L, d);
epsilon (), the constant of all norms.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from numeric.errors import ModelError
from numeric.symmetry.architecture import Architecture, UnknownSymmetry

Weights = dict[str, Tensor]

LLAMA = {
    "attention_gain": "input_layernorm.weight",
    "mlp_gain": "post_attention_layernorm.weight",
    "query": "self_attn.q_proj.weight",
    "key": "self_attn.k_proj.weight",
    "value": "self_attn.v_proj.weight",
    "output": "self_attn.o_proj.weight",
    "gate": "mlp.gate_proj.weight",
    "up": "mlp.up_proj.weight",
    "down": "mlp.down_proj.weight",
}
LLAMA_ENDS = {"embedding": "model.embed_tokens.weight", "final_gain": "model.norm.weight"}
LLAMA_BIASES = {f"{name}_bias": f"{LLAMA[name][:-6]}bias" for name in list(LLAMA)[2:]}
GPT2 = {
    "attention_gain": "ln_1.weight",
    "attention_shift": "ln_1.bias",
    "mlp_gain": "ln_2.weight",
    "mlp_shift": "ln_2.bias",
    "joint": "attn.c_attn.weight",
    "joint_bias": "attn.c_attn.bias",
    "output": "attn.c_proj.weight",
    "output_bias": "attn.c_proj.bias",
    "up": "mlp.c_fc.weight",
    "up_bias": "mlp.c_fc.bias",
    "down": "mlp.c_proj.weight",
    "down_bias": "mlp.c_proj.bias",
}
GPT2_ENDS = {
    "embedding": "transformer.wte.weight",
    "positions": "transformer.wpe.weight",
    "final_gain": "transformer.ln_f.weight",
    "final_shift": "transformer.ln_f.bias",
}
BUFFERS = (".inv_freq", ".attn.bias", ".attn.masked_bias")  # constants that some versions keep
TRANSPOSED = ("joint", "output", "up", "down")  # GPT-2 stores (in, out)


def stacked(arch: Architecture, state: Mapping[str, Tensor]) -> Weights:
    """The weights of a transformers state dictionary, in float64.

    Raises:
        ModelError: A weight is missing, has another shape than the configuration says, or is none
            that a network of this family has.
    """
    inside, ends, prefix = _names(arch)
    found: Weights = {}
    _refuse_others(arch, state)
    for name, place in inside.items():
        rows = [_taken(state, f"{prefix}.{layer}.{place}") for layer in range(arch.layers)]
        found[name] = torch.stack([row.double() for row in rows])
    for name, place in ends.items():
        found[name] = _taken(state, place).double()
    if arch.family == "gpt2":
        _split(found)
    found["epsilon"] = torch.tensor(arch.epsilon, dtype=torch.float64)
    for name, shape in shapes(arch).items():
        if found[name].numel() != torch.Size(shape).numel():
            raise ModelError(f"expected {name} of shape {shape}, got {tuple(found[name].shape)}")
        if name == "output":
            found[name] = _outputs(arch, found[name])
        found[name] = found[name].reshape(shape).contiguous()
    return found


def state_dict(arch: Architecture, weights: Weights, dtype: torch.dtype) -> dict[str, Tensor]:
    """The weights under the names and in the shapes of transformers; the inverse of `stacked`."""
    inside, ends, prefix = _names(arch)
    flat = {name: value for name, value in weights.items() if name != "epsilon"}
    flat["output"] = flat["output"].movedim(3, 1).flatten(2)  # (L, d, K r h)
    for name in ("query_bias", "key_bias", "value_bias"):
        if name in flat:
            flat[name] = flat[name].flatten(1)
    for name in ("query", "key", "value"):
        flat[name] = flat[name].reshape(arch.layers, -1, arch.width)
    if arch.family == "gpt2":
        flat["joint"] = torch.cat([flat.pop(n) for n in ("query", "key", "value")], dim=1)
        biases = [flat.pop(n) for n in ("query_bias", "key_bias", "value_bias")]
        flat["joint_bias"] = torch.cat(biases, dim=1)
        for name in TRANSPOSED:
            flat[name] = flat[name].transpose(1, 2)
    found = {ends[name]: value for name, value in flat.items() if name in ends}
    for name, place in inside.items():
        found |= {f"{prefix}.{n}.{place}": row for n, row in enumerate(flat[name])}
    return {name: value.to(dtype).contiguous() for name, value in found.items()}


def shapes(arch: Architecture) -> dict[str, tuple[int, ...]]:
    """The shape of every weight of an architecture, epsilon included."""
    L, K, r, h, d = arch.layers, arch.groups, arch.shared, arch.head_size, arch.width
    f, V = arch.units, arch.vocabulary
    found: dict[str, tuple[int, ...]] = {
        "embedding": (V, d),
        "attention_gain": (L, d),
        "mlp_gain": (L, d),
        "final_gain": (d,),
        "query": (L, K, r, h, d),
        "key": (L, K, h, d),
        "value": (L, K, h, d),
        "output": (L, K, r, d, h),
        "up": (L, f, d),
        "down": (L, d, f),
        "epsilon": (),
    }
    if not arch.tied:
        found["head"] = (V, d)
    biases: dict[str, tuple[int, ...]] = {
        "query_bias": (L, K, r, h),
        "key_bias": (L, K, h),
        "value_bias": (L, K, h),
        "output_bias": (L, d),
        "gate_bias": (L, f),
        "up_bias": (L, f),
        "down_bias": (L, d),
    }
    if arch.family == "llama":
        return found | {"gate": (L, f, d)} | {name: biases[name] for name in arch.biases}
    del biases["gate_bias"]
    return (
        found
        | biases
        | {
            "positions": (arch.context, d),
            "attention_shift": (L, d),
            "mlp_shift": (L, d),
            "final_shift": (d,),
        }
    )


def parameters(arch: Architecture) -> int:
    """The number of weights; epsilon, a constant, is none."""
    return sum(torch.Size(shape).numel() for shape in shapes(arch).values()) - 1


def _names(arch: Architecture) -> tuple[dict[str, str], dict[str, str], str]:
    if arch.family == "llama":
        biases = {name: LLAMA_BIASES[name] for name in arch.biases}
        inside, ends, prefix = LLAMA | biases, LLAMA_ENDS, "model.layers"
    else:
        inside, ends, prefix = GPT2, GPT2_ENDS, "transformer.h"
    return inside, ends if arch.tied else ends | {"head": "lm_head.weight"}, prefix


def _taken(state: Mapping[str, Tensor], name: str) -> Tensor:
    if name not in state:
        raise ModelError(f"expected a weight {name}, the model has none")
    return state[name].detach()


def _refuse_others(arch: Architecture, state: Mapping[str, Tensor]) -> None:
    """Further biases or norms would have a say in what changes no logit."""
    inside, ends, prefix = _names(arch)
    layers = {f"{prefix}.{n}.{place}" for n in range(arch.layers) for place in inside.values()}
    known = layers | set(ends.values()) | {"lm_head.weight"}
    others = sorted(n for n in state.keys() - known if not n.endswith(BUFFERS))
    if others:
        more = f" and {len(others) - 1} more" if len(others) > 1 else ""
        raise UnknownSymmetry(
            f"symmetries are not known here for the weight {others[0]}{more}; "
            f"expected the weights of a {arch.family} without it"
        )


def _split(found: Weights) -> None:
    """GPT-2 keeps queries, keys and values in one matrix, and all matrices as (in, out)."""
    for name in TRANSPOSED:
        found[name] = found[name].transpose(1, 2)
    for whole, end in (("joint", ""), ("joint_bias", "_bias")):
        parts = found.pop(whole).chunk(3, dim=1)
        found |= {n + end: p for n, p in zip(("query", "key", "value"), parts, strict=True)}


def _outputs(arch: Architecture, output: Tensor) -> Tensor:
    """(L, d, K r h) to (L, K, r, d, h)."""
    heads = (arch.groups, arch.shared, arch.head_size)
    return output.reshape(arch.layers, arch.width, *heads).movedim(1, 3)
