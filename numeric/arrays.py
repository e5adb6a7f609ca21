"""Arrays at the border: NumPy or torch in, the same kind and a wide enough dtype out.

Half precision and bfloat16 are widened to float32 before anything is divided by a temperature;
float32 stays float32, float64 stays float64.  Nothing here moves data between devices.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

import numpy as np
import torch

from numeric.errors import InputError

ArrayT = TypeVar("ArrayT", torch.Tensor, np.ndarray)
Temperature: TypeAlias = float | Sequence[float] | np.ndarray | torch.Tensor

_WIDENED = {
    torch.float16: torch.float32,
    torch.bfloat16: torch.float32,
    torch.float32: torch.float32,
    torch.float64: torch.float64,
}


@dataclass(frozen=True)
class Outlet:
    """How a result leaves: as NumPy or torch, in which dtype, with or without the axis K."""

    numpy: bool
    dtype: torch.dtype
    scalar: bool = False

    def __call__(self, value: torch.Tensor, axis: int = -1) -> Any:
        """The tensor `value` (..., K) as the caller expects it; `axis` is the axis K."""
        value = value.to(self.dtype)
        value = value.squeeze(axis) if self.scalar else value
        return value.detach().numpy()[()] if self.numpy else value


def tensor_from(array: ArrayT, name: str) -> torch.Tensor:
    """The array as a floating tensor that shares its memory where possible.

    Raises:
        InputError: The array is not one of real floating-point numbers.
    """
    tensor = array if isinstance(array, torch.Tensor) else _tensor_from_numpy(array, name)
    if tensor.dtype not in _WIDENED:
        raise InputError(
            f"{name}: expected float16, bfloat16, float32 or float64, got {tensor.dtype}; "
            "convert explicitly if these really are logits"
        )
    return tensor


def widened(dtype: torch.dtype) -> torch.dtype:
    """The dtype in which numbers that arrive as `dtype` are computed and returned."""
    return _WIDENED[dtype]


def _tensor_from_numpy(array: np.ndarray, name: str) -> torch.Tensor:
    array = np.asarray(array)
    if array.dtype.kind not in "fiub":
        raise InputError(f"{name}: expected real floating-point numbers, got dtype {array.dtype}")
    if array.dtype.kind == "f" and array.dtype.itemsize > 8:
        raise InputError(f"{name}: expected float64 or narrower, got dtype {array.dtype}")
    # torch reads neither negative strides nor foreign byte order, and warns of read-only memory
    native = array.astype(array.dtype.newbyteorder("="), copy=not array.flags.writeable)
    return torch.from_numpy(np.ascontiguousarray(native).reshape(array.shape))
