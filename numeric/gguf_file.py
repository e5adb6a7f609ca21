"""Reading GGUF files: is one whole, and its conversion to a folder of safetensors.

Only the header is parsed here (magic, metadata, tensor table), to find out in a tenth of a second
whether every tensor lies inside the file; transformers does the rest.
Layout: the GGUF specification of ggml, versions 2 and 3, little-endian.
"""

import io
import json
import mmap
import struct
from contextlib import redirect_stderr
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numeric.errors import ModelError
from numeric.packages import importing
from numeric.transformer import quiet, refusing

MAGIC = b"GGUF"
# Types of metadata values: fixed sizes in bytes; 8 is a string, 9 an array.
SIZES = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
STRING, ARRAY = 8, 9
ALIGNMENT_KEY = "general.alignment"


def is_gguf(file: Path) -> bool:
    """Whether a file starts with GGUF's magic."""
    with file.open("rb") as stream:
        return stream.read(len(MAGIC)) == MAGIC


def require_whole(file: Path) -> None:
    """Pass if the header can be read and every tensor it lists lies inside the file.

    Raises:
        ModelError: The file is cut short or is not GGUF; the message says where.
    """
    size = file.stat().st_size
    with file.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
        try:
            tensors, start = _tensor_table(_Cursor(data, size))
        except _Cut as cut:
            raise ModelError(
                f"{file} is a truncated GGUF file: its header needs byte {cut.needed} and the "
                f"file ends at {size}"
            ) from None
    for name, kind, shape, offset in tensors:
        end = start + offset + _tensor_bytes(file, name, kind, shape)
        if end > size:
            raise ModelError(
                f"{file} is a truncated GGUF file: tensor {name} ends at byte {end} and the file "
                f"at {size}"
            )


class _Cut(Exception):
    """The header goes on beyond the end of the file."""

    def __init__(self, needed: int) -> None:
        super().__init__(needed)
        self.needed = needed


@dataclass
class _Cursor:
    data: mmap.mmap
    size: int
    at: int = 0

    def skip(self, count: int) -> int:
        start, self.at = self.at, self.at + count
        if self.at > self.size:
            raise _Cut(self.at)
        return start

    def number(self, code: str) -> int:
        return struct.unpack_from("<" + code, self.data, self.skip(struct.calcsize(code)))[0]

    def string(self) -> str:
        length = self.number("Q")
        start = self.skip(length)
        return self.data[start : start + length].decode("utf-8", errors="replace")

    def skip_value(self, kind: int) -> None:
        if kind in SIZES:
            self.skip(SIZES[kind])
        elif kind == STRING:
            self.skip(self.number("Q"))
        elif kind == ARRAY:
            item, count = self.number("I"), self.number("Q")
            if item in SIZES:
                self.skip(SIZES[item] * count)
            elif item == STRING:
                for _ in range(count):
                    self.skip(self.number("Q"))
            else:
                raise ModelError(f"GGUF metadata array of type {item} at byte {self.at}")
        else:
            raise ModelError(f"GGUF metadata of unknown type {kind} at byte {self.at}")


Tensor = tuple[str, int, list[int], int]


def _tensor_table(cursor: _Cursor) -> tuple[list[Tensor], int]:
    cursor.skip(len(MAGIC))
    if (edition := cursor.number("I")) not in (2, 3):
        raise ModelError(f"expected GGUF version 2 or 3, got {edition}")
    tensor_count, pairs = cursor.number("Q"), cursor.number("Q")
    alignment = 32
    for _ in range(pairs):
        key, kind = cursor.string(), cursor.number("I")
        if key == ALIGNMENT_KEY and kind == 4:
            alignment = cursor.number("I") or alignment
        else:
            cursor.skip_value(kind)
    tensors = []
    for _ in range(tensor_count):
        name = cursor.string()
        shape = [cursor.number("Q") for _ in range(cursor.number("I"))]
        tensors.append((name, cursor.number("I"), shape, cursor.number("Q")))
    return tensors, -(-cursor.at // alignment) * alignment


def _tensor_bytes(file: Path, name: str, kind: int, shape: list[int]) -> int:
    with importing("gguf", "gguf"):
        from gguf import GGML_QUANT_SIZES, GGMLQuantizationType
    try:
        block, bytes_per_block = GGML_QUANT_SIZES[GGMLQuantizationType(kind)]
    except (ValueError, KeyError):
        raise ModelError(f"{file}: tensor {name} has the unknown type {kind}") from None
    count = 1
    for axis in shape:
        count *= axis
    return -(-count // block) * bytes_per_block


def convert_gguf(file: Path, folder: Path) -> None:
    """Write config.json, the tokenizer's files and float32 weights as safetensors into a folder.

    Raises:
        ModelError: transformers does not know the architecture, or gguf or accelerate is missing.
        OSError: The folder cannot be written.
    """
    with importing("transformers, gguf or accelerate", "transformers gguf accelerate"):
        import accelerate  # noqa: F401
        import gguf  # noqa: F401
        import safetensors.torch
        import torch
        import transformers
    source: Any = {"pretrained_model_name_or_path": file.parent, "gguf_file": file.name}
    # One bar of transformers ignores its own switch; bars belong to the caller.
    with quiet(), redirect_stderr(io.StringIO()), refusing(f"cannot convert {file}"):
        loaded: Any = transformers.AutoModelForCausalLM.from_pretrained(
            **source, dtype=torch.float32, output_loading_info=True, local_files_only=True
        )
        model, report = loaded
        tokenizer = transformers.AutoTokenizer.from_pretrained(**source, local_files_only=True)
    if report["missing_keys"]:
        raise ModelError(f"{file} lacks weights, first {sorted(report['missing_keys'])[0]}")
    config = model.config.to_dict()
    # The weights are dense from here on; transformers would look for the GGUF file again.
    config.pop("quantization_config", None)
    config["architectures"] = [type(model).__name__]
    (folder / "config.json").write_text(json.dumps(config, indent=1), encoding="utf-8")
    tokenizer.save_pretrained(folder)
    try:
        safetensors.torch.save_model(model, str(folder / "model.safetensors"), {"format": "pt"})
    except safetensors.SafetensorError as error:
        raise OSError(f"cannot write to {folder}: {error}") from error
