"""Folders of models: what has to be in one, and how a hub id becomes one."""

import hashlib
import re
from pathlib import Path

from numeric.errors import ModelError
from numeric.model_cache import file_sha256
from numeric.packages import importing

TOKENIZER_FILES = ("tokenizer.json", "tokenizer.model", "vocab.json", "vocab.txt")
HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[\w.-]+")
HUB_FILES = ["*.safetensors", "*.json", "*.txt", "*.model", "*.jinja"]
TIMEOUT = 5.0


def require_model_folder(folder: Path) -> tuple[list[Path], list[Path]]:
    """The weight files of a model's folder, and the files of its config and tokenizer.

    Raises:
        ModelError: Something is missing, or the weights are in a format that can run code.
    """
    names = sorted(path.name for path in folder.iterdir())
    if not names:
        raise ModelError(f"{folder} is an empty folder, not a model")
    weights = [folder / name for name in names if name.endswith(".safetensors")]
    pickled = [name for name in names if name.endswith((".bin", ".pt", ".pth", ".ckpt"))]
    if pickled and not weights:
        raise ModelError(
            f"{folder} holds its weights as {pickled[0]} only: such files are pickles, which can "
            "run code when opened; convert them to safetensors first"
        )
    if "config.json" not in names:
        raise ModelError(f"{folder} is not a model: it has no config.json")
    if not weights:
        raise ModelError(f"{folder} is not a model: it has no .safetensors weights")
    if not any(name in names for name in TOKENIZER_FILES):
        raise ModelError(
            f"{folder} has no tokenizer: expected one of {', '.join(TOKENIZER_FILES)}"
        )
    others = ("config.json", *TOKENIZER_FILES)
    return weights, [folder / name for name in others if name in names]


def joint_sha256(files: list[Path]) -> str:
    """The hash of one file; of several, the hash of the lines "hash name" in order of name."""
    hashes = [f"{file_sha256(file)} {file.name}\n" for file in sorted(files)]
    if len(files) == 1:
        return hashes[0].split()[0]
    return hashlib.sha256("".join(hashes).encode()).hexdigest()


def hub_folder(name: str) -> Path:
    """The local folder of a model on the Hugging Face hub, downloaded where it is not there yet.

    HF_HUB_OFFLINE, HF_HOME and HF_ENDPOINT mean what they mean to huggingface_hub.

    Raises:
        ModelError: The hub cannot be reached and holds no local copy, or has no such model.
    """
    with importing("huggingface_hub", "huggingface_hub"):
        import huggingface_hub as hub
    # A short question first: the download itself would wait for minutes on a dead network.
    try:
        hub.HfApi().model_info(name, timeout=TIMEOUT)
        return Path(hub.snapshot_download(name, allow_patterns=HUB_FILES))
    except Exception as error:
        try:
            return Path(
                hub.snapshot_download(name, allow_patterns=HUB_FILES, local_files_only=True)
            )
        except Exception:
            reason = " ".join(str(error).split())[:200] or type(error).__name__
            raise ModelError(
                f"{name} is neither a local path nor reachable on the hub: {reason}"
            ) from error
