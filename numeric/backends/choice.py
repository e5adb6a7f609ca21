"""Which implementation evaluates a state: the torch reference, or compiled kernels."""

from __future__ import annotations

import os
from importlib.util import find_spec
from typing import Literal

import torch
from torch import Tensor
from torch._C._functorch import (  # pyright: ignore[reportMissingImports]
    is_functorch_wrapped_tensor,
)
from torch.autograd import forward_ad

from numeric.arrays import ArrayT, Outlet, Temperature, widened
from numeric.backends.reference import reference_state
from numeric.domain import checked_logits, checked_temperature
from numeric.errors import InputError
from numeric.state import ThermodynamicState, checked_order

Backend = Literal["auto", "torch", "numba", "triton"]

# Within these temperatures no intermediate of the compiled loops overflows.
_COLDEST, _HOTTEST = 2.0**-20, 2.0**20
_WORTH_COMPILING = 2**16  # logits times temperatures


def state_of(
    logits: ArrayT, temperature: Temperature, order: int = 2, backend: Backend = "auto"
) -> tuple[ThermodynamicState, Outlet]:
    """State of legal rows of logits, and how results leave.

    "auto" takes the compiled loops on a CPU where they serve (temperatures within 1e-6..1e6) and
    the work is worth it, the torch reference otherwise.  "triton" is for CUDA devices and has to
    be asked for.

    Raises:
        InputError: The backend that was asked for cannot serve.
    """
    x = checked_logits(logits)
    t = checked_temperature(temperature, x)
    checked_order(order)
    outlet = Outlet(not isinstance(logits, Tensor), widened(x.dtype), t.ndim == 0)
    grid = t.reshape(t.shape or (1,))
    if takes_compiled(backend, compiled_obstacle(x, t), work_on(x, t)):
        from numeric.backends.moments import compiled_state  # numba takes a quarter of a second

        return compiled_state(x, grid, order), outlet
    if backend != "triton":
        return reference_state(x, grid, order), outlet
    obstacle = _common_obstacle(x, t) or _triton_obstacle(x, t)
    if obstacle:
        raise InputError(f"backend: 'triton' does not serve {obstacle}")
    from numeric.backends.triton_kernel import triton_state  # a second to import

    return triton_state(x, grid, order), outlet


def takes_compiled(backend: str, obstacle: str | None, numbers: int) -> bool:
    """Whether compiled loops on the CPU are what serves, for work on so many numbers.

    Raises:
        InputError: They were asked for and there is an obstacle.
    """
    if backend == "numba" and obstacle:
        raise InputError(f"backend: 'numba' does not serve {obstacle}")
    wanted = backend == "numba" or (backend == "auto" and numbers >= _WORTH_COMPILING)
    return wanted and not obstacle


def work_on(x: Tensor, t: Tensor) -> int:
    """Logits times temperatures."""
    return x.numel() * max(t.shape[-1:], default=1)


def compiled_obstacle(x: Tensor, t: Tensor, *, gradients: bool = True) -> str | None:
    """Why the compiled loops cannot serve logits at temperatures, or None."""
    if not gradients and torch.is_grad_enabled() and (x.requires_grad or t.requires_grad):
        return "gradients"
    return _common_obstacle(x, t) or numba_obstacle(x, t)


def _common_obstacle(x: Tensor, t: Tensor) -> str | None:
    """Why no compiled kernel can serve, or None."""
    if t.ndim >= 2 and t.shape[:-1] != x.shape[:-1]:
        return "temperatures whose rows are not those of the logits"
    if not bool(((t >= _COLDEST) & (t <= _HOTTEST)).all()):
        return f"temperatures beyond {_COLDEST:.1g}..{_HOTTEST:.1g}"
    return None


def numba_obstacle(*tensors: Tensor) -> str | None:
    """Why the compiled loops cannot serve these tensors, or None."""
    if find_spec("numba") is None:
        return "installations without numba"
    for t in tensors:
        if t.device.type != "cpu":
            return f"tensors on {t.device}"
        if _transformed(t):
            return "forward-mode derivatives and transforms of torch.func"
    return None


def _transformed(t: Tensor) -> bool:
    return is_functorch_wrapped_tensor(t) or forward_ad.unpack_dual(t).tangent is not None


def _triton_obstacle(x: Tensor, t: Tensor) -> str | None:
    if find_spec("triton") is None:
        return "installations without triton (pip install triton)"
    if x.device.type != "cuda" and os.environ.get("TRITON_INTERPRET") != "1":
        return f"tensors on {x.device}"
    if x.dtype == torch.float64:
        return "float64"
    if torch.is_grad_enabled() and (x.requires_grad or t.requires_grad):
        return "gradients"
    return None
