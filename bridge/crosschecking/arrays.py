"""Between torch, in which inputs are made and compared, and the arrays a function takes."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np
import torch
from array_api_compat import array_namespace
from torch import Tensor

from bridge.errors import BadInput


@dataclass(frozen=True)
class ArrayKind:
    """A kind of arrays: its name, and the namespace that makes them; torch has none."""

    name: str
    namespace: ModuleType | None = None

    @classmethod
    def of(cls, array: str | ModuleType) -> ArrayKind:
        """The kind of a name (torch, numpy, or a module of the array API) or of a namespace.

        Raises:
            BadInput: There is no such module, or it makes no arrays.
        """
        if array == "torch":
            return cls("torch")
        if isinstance(array, str):
            try:
                module = importlib.import_module(array)
            except ImportError as error:
                raise BadInput(
                    f"array={array!r}: expected torch, numpy, or a module of the array API "
                    f"standard that is installed ({error})"
                ) from error
        else:
            module = array
        if not hasattr(module, "asarray"):
            raise BadInput(f"array={array!r} makes no arrays: it has no function asarray")
        return cls(module.__name__, module)

    @property
    def is_torch(self) -> bool:
        """Whether functions are handed tensors."""
        return self.namespace is None

    def enter(self, tensor: Tensor, *, strided: bool = False) -> Any:
        """A copy of a tensor as an array of this kind; `strided` means not contiguous in memory,
        where torch or NumPy makes the array.

        Raises:
            BadInput: The kind has no such dtype.
        """
        if self.namespace is None:
            return _strided(tensor) if strided else tensor.clone()
        name = str(tensor.dtype).removeprefix("torch.")
        dtype = getattr(self.namespace, name, None)
        if dtype is None:
            raise BadInput(f"{self.name} has no {name}; expected dtypes such as float64, float32")
        if self.namespace is np:
            return _strided(tensor).numpy() if strided else tensor.numpy().copy()
        return self.namespace.asarray(tensor.numpy().copy(), dtype=dtype)

    def leave(self, value: Any) -> Tensor | None:
        """A result as a tensor, or None where it is no array of this kind."""
        if self.namespace is None:
            return value if isinstance(value, Tensor) else None
        if isinstance(value, np.generic | float):
            return torch.as_tensor(value)
        try:
            array_namespace(value)
        except TypeError:
            return None
        try:
            return torch.from_dlpack(value)
        except (TypeError, ValueError, RuntimeError, BufferError, AttributeError):
            return torch.as_tensor(np.array(value))


def uses(function: Callable[..., Any]) -> str:
    """ "numpy" for a function whose own text names NumPy and not torch, else "torch"."""
    inner = inspect.unwrap(function)
    names = getattr(getattr(inner, "__code__", None), "co_names", ())
    found = {getattr(inner, "__globals__", {}).get(name) for name in names}
    known = {value.__name__ for value in found if isinstance(value, ModuleType)}
    of_torch = any(name.partition(".")[0] == "torch" for name in known)
    return "numpy" if "numpy" in known and not of_torch else "torch"


def _strided(tensor: Tensor) -> Tensor:
    """The same values in every second place of a longer memory, the last axis not the fastest."""
    if tensor.ndim < 2:
        return tensor.clone()
    wide = tensor.new_zeros(2 * tensor.shape[-1], *tensor.shape[:-1])
    wide[::2] = tensor.movedim(-1, 0)
    return wide[::2].movedim(0, -1)
