"""Causal language models of the transformers library, read from a folder of safetensors.

Nothing from the folder is executed: weights are safetensors, custom code is refused.

A position sees a window of at most 512 tokens (less where the model's context is shorter), half
of which overlaps the window before, so that time and memory grow linearly with the text.
Load with `window=` for more. float64 is refused: transformers computes norms, softmax and rotary
phases in float32 whatever the dtype, so that `double` would name a precision that is not there.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from numeric.errors import InputError, ModelError
from numeric.language_model import Head, LanguageModel
from numeric.memory import in_batches
from numeric.packages import importing, version
from numeric.windows import Window, equal_runs, windows

WINDOW = 512
BATCH_TOKENS = {False: 512, True: 4096}  # more than one window pays on a GPU only


class Transformer(LanguageModel):
    """A causal transformer; logits are those of the model itself.

    Where a model caps or rescales its logits after the head (so that they are not linear in the
    hidden state), `logits` still gives the model's own and `head` raises.
    """

    def __init__(
        self,
        name: str,
        model: Any,
        tokenizer: Any,
        *,
        provenance: dict[str, Any],
        window: int | None = None,
    ) -> None:
        """Wrap a transformers model, which must be in evaluation mode, and its tokenizer."""
        self.name = name
        self.model = model
        self.tokenizer = tokenizer
        self.vocabulary_size = model.get_output_embeddings().weight.shape[0]
        self.device, self.dtype = model.device, model.dtype
        self.context_length = _context_length(model.config)
        self.window = _window(window, self.context_length)
        self.overlap = self.window // 2
        self.batch_tokens = BATCH_TOKENS[self.device.type == "cuda"]
        self.provenance = provenance | {
            "tokenizer": type(tokenizer).__name__,
            "attention": model.config._attn_implementation,
            "dtype": str(self.dtype).removeprefix("torch."),
            "window": self.window,
            "overlap": self.overlap,
            "torch": torch.__version__,
            "transformers": version("transformers"),
        }
        self._linear = self._head_is_linear()

    @property
    def head(self) -> Head:
        """Weight (V, d) and bias (V,) or None, with logits = hidden weight^T + bias.

        Raises:
            ModelError: The model's logits are not linear in its last hidden state.
        """
        if not self._linear:
            raise ModelError(
                f"the logits of {self.name} are not its head times its last hidden state "
                "(capped or rescaled logits); only `logits` is available"
            )
        return self._head

    @property
    def _head(self) -> Head:
        output = self.model.get_output_embeddings()
        return Head(output.weight, getattr(output, "bias", None))

    def tokens(self, ids: Sequence[int]) -> list[str]:
        """The piece of text of each id, spaces kept; bytes of a split character show as U+FFFD."""
        pieces = self.tokenizer.convert_ids_to_tokens([int(i) for i in ids])
        return [self._piece(int(i), piece) for i, piece in zip(ids, pieces, strict=True)]

    def _piece(self, token: int, raw: str | None) -> str:
        text = self.tokenizer.decode([token], clean_up_tokenization_spaces=False)
        # SentencePiece decoders drop the space that opens a text.
        opens_word = raw is not None and raw.startswith("\u2581") and not text.startswith(" ")
        return " " + text if opens_word else text

    def _encode(self, text: str) -> list[int]:
        return self.tokenizer.encode(text, verbose=False)

    def reader(self) -> Callable[[Tensor], Tensor]:
        """Reads on in several texts at once, with keys and values kept."""
        kept: list[Any] = []

        def read(tokens: Tensor) -> Tensor:
            past = kept.pop() if kept else None
            found = self.model(
                input_ids=tokens, past_key_values=past, use_cache=True, logits_to_keep=1
            )
            kept.append(found.past_key_values)
            return found.logits[:, -1]

        return read

    def layers(self, ids: Sequence[int] | Tensor) -> Tensor:
        """The residual stream (layers + 1, n, d) of ids that fit into one window.

        Row 0 is what the first layer reads, the last what the head does, after the final norm.

        Raises:
            InputError: There are more ids than a window has.
        """
        tokens = torch.as_tensor(ids, device=self.device)
        if len(tokens) > self.window:
            raise InputError(f"expected at most {self.window} tokens, got {len(tokens)}")
        with torch.inference_mode():
            found = self.model.base_model(
                input_ids=tokens[None], use_cache=False, output_hidden_states=True
            )
        return torch.cat(found.hidden_states)

    def _hidden_blocks(self, ids: Tensor, batch_tokens: int) -> Iterator[Tensor]:
        return self._by_windows(ids, batch_tokens, self._last_hidden)

    def _logits_blocks(self, ids: Tensor, batch_tokens: int) -> Iterator[Tensor]:
        if self._linear:
            return super()._logits_blocks(ids, batch_tokens)
        return self._by_windows(ids, batch_tokens, self._own_logits)

    def _by_windows(
        self, ids: Tensor, batch_tokens: int, forward: Callable[[Tensor], Tensor]
    ) -> Iterator[Tensor]:
        for run in equal_runs(windows(len(ids), self.window, self.overlap)):
            compute = partial(_answers, ids, run, forward)
            size = max(1, batch_tokens // self.window)
            item = f"one window of {self.window} tokens (load with a smaller window=)"
            yield from in_batches(compute, len(run), size, item=item)

    def _last_hidden(self, ids: Tensor) -> Tensor:
        return self.model.base_model(input_ids=ids, use_cache=False).last_hidden_state

    def _own_logits(self, ids: Tensor) -> Tensor:
        return self.model(input_ids=ids, use_cache=False).logits

    def _head_is_linear(self) -> bool:
        ids = torch.arange(min(4, self.vocabulary_size), device=self.device)[None]
        hidden, own = self._last_hidden(ids), self._own_logits(ids)
        mine = self._head(hidden)
        # Two roundings of a sum of d products: each within d eps / 2 of sum |h w|.
        weight = self._head.weight
        size = torch.nn.functional.linear(hidden.abs(), weight.abs())
        allowed = weight.shape[1] * torch.finfo(self.dtype).eps * (size + mine.abs())
        return own.shape == mine.shape and bool(((own - mine).abs() <= allowed).all())


def _answers(
    ids: Tensor, run: list[Window], forward: Callable[[Tensor], Tensor], start: int, stop: int
) -> Tensor:
    """The rows (positions, ...) that windows start..stop-1 of a run answer for."""
    part = run[start:stop]
    output = forward(torch.stack([ids[window.start : window.stop] for window in part]))
    kept = [rows[w.first - w.start :] for rows, w in zip(output, part, strict=True)]
    return torch.cat(kept)


def _context_length(config: Any) -> int:
    length = getattr(config.get_text_config(), "max_position_embeddings", None)
    return length if isinstance(length, int) and length > 0 else WINDOW


def _window(asked: int | None, context_length: int) -> int:
    if asked is None:
        return min(WINDOW, context_length)
    if not 2 <= asked <= context_length:
        raise InputError(f"expected a window of 2 to {context_length} tokens, got {asked}")
    return asked


def read_transformer(
    folder: Path,
    name: str,
    *,
    device: torch.device,
    dtype: torch.dtype | None,
    attention: str | None,
    window: int | None,
    provenance: dict[str, Any],
) -> Transformer:
    """Read a model and its tokenizer from a folder of config.json, tokenizer and safetensors.

    A folder that does not hold a complete causal language model is a `ModelError`.

    Raises:
        InputError: The dtype, attention or window is not available.
    """
    dtype = _precision(dtype)
    if attention not in {None, "sdpa", "eager"}:
        raise InputError(f"expected attention 'sdpa', 'eager' or None, got {attention!r}")
    with importing("transformers", "transformers"):
        import transformers
    with quiet(), refusing(f"cannot read a causal language model from {folder}"):
        loaded: Any = transformers.AutoModelForCausalLM.from_pretrained(
            folder,
            dtype=dtype,
            attn_implementation=attention,
            use_safetensors=True,
            trust_remote_code=False,
            local_files_only=True,
            output_loading_info=True,
        )
        model, report = loaded
        tokenizer = transformers.AutoTokenizer.from_pretrained(
            folder, trust_remote_code=False, local_files_only=True
        )
    _require_complete(folder, report)
    with refusing(f"{name} cannot be moved to {device}"):
        model = model.eval().requires_grad_(False).to(device)
    with refusing(f"cannot run {name}"):
        return Transformer(name, model, tokenizer, provenance=provenance, window=window)


def _precision(dtype: torch.dtype | None) -> torch.dtype:
    if dtype is None:
        return torch.float32
    if dtype not in {torch.float32, torch.bfloat16, torch.float16}:
        raise InputError(
            f"expected dtype float32, bfloat16 or float16, got {dtype}: transformers computes "
            "norms, softmax and rotary phases in float32 whatever the dtype; cast the logits"
        )
    return dtype


def _require_complete(folder: Path, report: dict[str, Any]) -> None:
    # transformers fills what is missing with random numbers and only warns.
    missing = sorted(report["missing_keys"]) + sorted(map(str, report["mismatched_keys"]))
    if missing:
        raise ModelError(
            f"{folder} lacks {len(missing)} weights of its architecture (or has them in another "
            f"shape), first {missing[0]}"
        )


@contextmanager
def refusing(what: str) -> Iterator[None]:
    """Turn whatever a library raises on a broken file into one `ModelError` of one line.

    Raises:
        ModelError: The block raised an exception that is not already one of ours.
    """
    try:
        yield
    except (ModelError, InputError):
        raise
    except Exception as error:
        reason = " ".join(str(error).split())
        if "trust_remote_code" in reason:
            reason = "it needs Python code of its own, and code from a model is never run"
        reason = reason.partition(" Model type should be one of")[0]  # and then all of them
        raise ModelError(f"{what}: {type(error).__name__}: {reason[:300]}") from error


@contextmanager
def quiet() -> Iterator[None]:
    """No progress bars and no advice from transformers; its settings are put back."""
    from transformers.utils import logging

    bars, verbosity = logging.is_progress_bar_enabled(), logging.get_verbosity()
    logging.disable_progress_bar()
    logging.set_verbosity_error()
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)
        if bars:
            logging.enable_progress_bar()
