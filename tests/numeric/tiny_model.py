"""Untrained models of a few thousand weights, written as real ones are: for formats and errors."""

from typing import Any

import torch
from gguf import GGUFWriter
from tokenizers import Tokenizer, decoders, models, pre_tokenizers

SIZES: dict[str, Any] = {
    "vocab_size": 257,
    "hidden_size": 16,
    "intermediate_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "num_key_value_heads": 1,
    "max_position_embeddings": 64,
}


TOKENS = [*sorted(pre_tokenizers.ByteLevel.alphabet()), "ab"]


def write_tokenizer(folder):
    """A tokenizer whose tokens are the bytes and "ab"."""
    ids = {token: i for i, token in enumerate(TOKENS)}
    tokenizer = Tokenizer(models.BPE(vocab=ids, merges=[("a", "b")]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.save(str(folder / "tokenizer.json"))


def write_llama(folder, **changes):
    """A Llama of 64 positions with weights of ordinary size, in a folder."""
    from transformers import LlamaConfig, LlamaForCausalLM

    return _write(folder, LlamaForCausalLM(LlamaConfig(**SIZES, **changes)))


def write_gpt2(folder, **changes):
    """A GPT-2 of 16 positions, in a folder."""
    from transformers import GPT2Config, GPT2LMHeadModel

    sizes = {"vocab_size": 257, "n_embd": 12, "n_layer": 2, "n_head": 3, "n_positions": 16}
    ends = {"bos_token_id": 0, "eos_token_id": 0}
    return _write(folder, GPT2LMHeadModel(GPT2Config(**sizes | ends | changes)))


def write_qwen2(folder):
    """A Llama with biases of queries, keys and values, in a folder."""
    from transformers import Qwen2Config, Qwen2ForCausalLM

    return _write(folder, Qwen2ForCausalLM(Qwen2Config(**SIZES)))


def write_gemma(folder):
    """A model whose logits are capped by a tanh and so not linear in the hidden state."""
    from transformers import Gemma2Config, Gemma2ForCausalLM

    config = Gemma2Config(**SIZES, head_dim=8, final_logit_softcapping=1.0)
    return _write(folder, Gemma2ForCausalLM(config))


def _write(folder, model):
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for weight in model.parameters():
            weight.copy_(torch.randn(weight.shape, generator=generator) * 0.3)
    model.save_pretrained(folder)
    write_tokenizer(folder)
    return model.eval()


GGUF_NAMES = {
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
    "input_layernorm": "attn_norm",
    "post_attention_layernorm": "ffn_norm",
}
GGUF_ENDS = {
    "model.embed_tokens.weight": "token_embd.weight",
    "model.norm.weight": "output_norm.weight",
    "lm_head.weight": "output.weight",
}


def write_llama_gguf(file, model):
    """The GGUF file that llama.cpp's converter would make of a Llama of `write_llama`."""
    config = model.config
    writer = GGUFWriter(file, "llama")
    writer.add_vocab_size(config.vocab_size)
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_rope_freq_base(config.rope_parameters["rope_theta"])
    writer.add_rope_dimension_count(config.head_dim)
    writer.add_tokenizer_model("gpt2")
    writer.add_token_list(TOKENS)
    writer.add_token_merges(["a b"])
    writer.add_bos_token_id(0)
    writer.add_eos_token_id(1)
    for name, weight in model.state_dict().items():
        writer.add_tensor(_gguf_name(name), _paired(name, weight, config).numpy())
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _gguf_name(name):
    if name in GGUF_ENDS:
        return GGUF_ENDS[name]
    _, _, layer, *middle, last = name.split(".")
    return f"blk.{layer}.{GGUF_NAMES['.'.join(middle)]}.{last}"


def _paired(name, weight, config):
    """Rotary pairs side by side, as llama.cpp has them; transformers keeps them half apart."""
    heads = {"q_proj": config.num_attention_heads, "k_proj": config.num_key_value_heads}
    for part, count in heads.items():
        if part in name:
            halves = weight.view(count, 2, -1, weight.shape[1])
            return halves.transpose(1, 2).reshape(weight.shape).contiguous()
    return weight.contiguous()
