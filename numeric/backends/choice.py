"""Which implementation evaluates a state: the torch reference, or compiled loops on a CPU."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Literal

from torch import Tensor

from numeric.arrays import ArrayT, Outlet, Temperature, widened
from numeric.domain import checked_logits, checked_temperature
from numeric.ensemble import Ensemble
from numeric.state import ThermodynamicState, checked_order

Backend = Literal["auto", "torch", "numba"]

# Within these temperatures no intermediate of the compiled loops overflows.
_COLDEST, _HOTTEST = 2.0**-20, 2.0**20
_WORTH_COMPILING = 2**16  # logits times temperatures


def state_of(
    logits: ArrayT, temperature: Temperature, order: int = 2, backend: Backend = "auto"
) -> tuple[ThermodynamicState, Outlet]:
    """State of legal rows of logits, and how results leave.

    "auto" takes the compiled loops on a CPU where they serve (order 2,
    temperatures within 1e-6..1e6) and the work is worth it, the torch reference otherwise.

    Raises:
        ValueError: "numba" was asked for and cannot serve.
    """
    x = checked_logits(logits)
    t = checked_temperature(temperature, x)
    checked_order(order)
    obstacle = _obstacle(x, t, order)
    if backend == "numba" and obstacle:
        raise ValueError(f"backend: 'numba' does not serve {obstacle}")
    large = x[..., 0].numel() * x.shape[-1] * max(t.shape[-1:], default=1) >= _WORTH_COMPILING
    if backend == "torch" or obstacle or (backend == "auto" and not large):
        ensemble = Ensemble.of(logits, temperature)
        return ThermodynamicState.of_ensemble(ensemble, order), ensemble.outlet
    from numeric.backends.moments import (
        compiled_state,
    )  # importing numba takes a quarter of a second

    outlet = Outlet(not isinstance(logits, Tensor), widened(x.dtype), t.ndim == 0)
    return compiled_state(x, t.reshape(t.shape or (1,))), outlet


def _obstacle(x: Tensor, t: Tensor, order: int) -> str | None:
    """Why the compiled loops cannot serve, or None."""
    if find_spec("numba") is None:
        return "installations without numba"
    if x.device.type != "cpu" or t.device.type != "cpu":
        return f"tensors on {x.device}"
    if order != 2:
        return f"cumulants of order {order}"
    if t.ndim >= 2 and t.shape[:-1] != x.shape[:-1]:
        return "temperatures whose rows are not those of the logits"
    if not bool(((t >= _COLDEST) & (t <= _HOTTEST)).all()):
        return f"temperatures beyond {_COLDEST:.1g}..{_HOTTEST:.1g}"
    return None
