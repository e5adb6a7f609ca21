"""Truncated GGUF files are recognized, whole ones pass."""

import struct

import numpy as np
import pytest
from gguf import GGMLQuantizationType, GGUFWriter

from numeric.errors import ModelError
from numeric.gguf_file import is_gguf, require_whole


@pytest.fixture(params=[32, 128])
def file(tmp_path, request):
    """A GGUF file with every kind of metadata and three tensors, one of them quantized."""
    path = tmp_path / "whole.gguf"
    writer = GGUFWriter(path, "llama")
    writer.add_custom_alignment(request.param)
    writer.add_uint8("u8", 1)
    writer.add_int16("i16", -1)
    writer.add_uint64("u64", 1)
    writer.add_float64("f64", 0.5)
    writer.add_bool("yes", True)
    writer.add_string("text", "käse")
    writer.add_array("words", ["a", "", "bcd"])
    writer.add_array("numbers", [1, 2, 3])
    writer.add_tensor("a", np.ones((3, 5), dtype=np.float32))
    writer.add_tensor("b", np.ones(7, dtype=np.float16))
    raw = np.full((2, 34), 255, dtype=np.uint8)  # Q8_0 keeps 32 numbers in 34 bytes
    writer.add_tensor("c", raw, raw_dtype=GGMLQuantizationType.Q8_0)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def test_a_whole_file_passes(file):
    assert is_gguf(file)
    require_whole(file)


def test_a_file_cut_anywhere_is_refused(file, tmp_path):
    data = file.read_bytes()
    end = len(data.rstrip(b"\0"))  # of the last tensor, which ends in 255; padding may be missing
    cut = tmp_path / "cut.gguf"
    for size in range(4, end):
        cut.write_bytes(data[:size])
        with pytest.raises(ModelError, match="truncated GGUF file") as caught:
            require_whole(cut)
        assert f" {size}" in str(caught.value)
    cut.write_bytes(data[:end])
    require_whole(cut)


def header(version=3, tensors=0, pairs=0):
    return b"GGUF" + struct.pack("<IQQ", version, tensors, pairs)


def string(text):
    return struct.pack("<Q", len(text)) + text.encode()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (header(version=1), "expected GGUF version 2 or 3, got 1"),
        (header(version=3 << 24), "expected GGUF version 2 or 3"),
        (header(pairs=1) + string("k") + struct.pack("<I", 99), "unknown type 99"),
        (header(pairs=1) + string("k") + struct.pack("<IIQ", 9, 9, 2), "array of type 9"),
        (header(pairs=2**60), "truncated"),
        (header(tensors=2**60), "truncated"),
        (header(pairs=1) + struct.pack("<Q", 2**63), "truncated"),
        (header(pairs=1) + string("k") + struct.pack("<IIQ", 9, 8, 2**62), "truncated"),
        (header(pairs=1) + string("k") + struct.pack("<IIQ", 9, 0, 2**62), "truncated"),
        (header(tensors=1) + string("t") + struct.pack("<IQIQ", 1, 2**40, 0, 0), "tensor t ends"),
        (header(tensors=1) + string("t") + struct.pack("<IQIQ", 1, 1, 0, 2**50), "tensor t ends"),
        (header(tensors=1) + string("t") + struct.pack("<IQIQ", 1, 1, 777, 0), "unknown type 777"),
    ],
)
def test_headers_that_lie_are_refused_at_once(tmp_path, data, message):
    file = tmp_path / "lie.gguf"
    file.write_bytes(data)
    with pytest.raises(ModelError, match=message):
        require_whole(file)
