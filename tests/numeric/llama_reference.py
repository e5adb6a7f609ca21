"""A Llama in float64 NumPy, straight from a GGUF file: the second, obvious implementation."""

import math

import numpy as np
from gguf import GGUFReader, dequantize


class Llama:
    """Weights and sizes of a GGUF file; `logits(ids)` gives (n, V), `hidden(ids)` gives (n, d)."""

    def __init__(self, file):
        """Map the file; weights are dequantized when they are used."""
        reader = GGUFReader(file)
        self.tensors = {tensor.name: tensor for tensor in reader.tensors}

        def value(key):
            return reader.fields[f"llama.{key}"].contents()

        self.layers = value("block_count")
        self.heads = value("attention.head_count")
        self.shared = self.heads // value("attention.head_count_kv")
        self.base = value("rope.freq_base")
        self.epsilon = value("attention.layer_norm_rms_epsilon")

    @property
    def head(self):
        """(V, d), the embedding where it is tied."""
        return self.weight("output" if "output.weight" in self.tensors else "token_embd")

    def weight(self, name):
        tensor = self.tensors[f"{name}.weight"]
        return dequantize(tensor.data, tensor.tensor_type).astype(float)

    def logits(self, ids):
        """Row t: after ids[0..t]."""
        return self.hidden(ids) @ self.head.T

    def hidden(self, ids):
        """After the final norm."""
        x = self.weight("token_embd")[ids]
        for layer in range(self.layers):
            x = x + self.attention(f"blk.{layer}", self.norm(f"blk.{layer}.attn_norm", x))
            x = x + self.gated(f"blk.{layer}", self.norm(f"blk.{layer}.ffn_norm", x))
        return self.norm("output_norm", x)

    def linear(self, name, x):
        return x @ self.weight(name).T

    def norm(self, name, x):
        scale = np.sqrt((x**2).mean(axis=-1, keepdims=True) + self.epsilon)
        return x / scale * self.weight(name)

    def gated(self, block, x):
        gate = self.linear(f"{block}.ffn_gate", x)
        return self.linear(
            f"{block}.ffn_down", gate / (1 + np.exp(-gate)) * self.linear(f"{block}.ffn_up", x)
        )

    def attention(self, block, x):
        n = len(x)
        q, k, v = (
            self.linear(f"{block}.attn_{part}", x).reshape(n, heads, -1)
            for part, heads in (
                ("q", self.heads),
                ("k", self.heads // self.shared),
                ("v", self.heads // self.shared),
            )
        )
        q, k = self.rotated(q), self.rotated(k)
        out = np.empty_like(q)
        for head in range(self.heads):
            keys, values = k[:, head // self.shared], v[:, head // self.shared]
            for t in range(n):
                score = np.exp(keys[: t + 1] @ q[t, head] / math.sqrt(q.shape[-1]))
                out[t, head] = score @ values[: t + 1] / score.sum()
        return self.linear(f"{block}.attn_output", out.reshape(n, -1))

    def rotated(self, x):
        """Pair (2 i, 2 i + 1) of position t turned by t / base^(2 i / size)."""
        size = x.shape[-1]
        angle = np.arange(len(x))[:, None, None] / self.base ** (np.arange(0, size, 2) / size)
        turned = (x[..., 0::2] + 1j * x[..., 1::2]) * np.exp(1j * angle)
        return np.stack([turned.real, turned.imag], axis=-1).reshape(x.shape)
