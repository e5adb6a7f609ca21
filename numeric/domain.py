"""The domain of the quantities of one distribution: what logits and temperatures are legal.

Logits are (..., V) with V >= 1, real and floating; -inf masks a token, and at least one token of
every row is left.  Temperatures are positive and finite: a scalar gives results (...), a vector
(K,) gives (..., K), and with two or more axes they are per row and broadcast as (..., K).
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from numeric.arrays import ArrayT, Outlet, Temperature, tensor_from, widened
from numeric.errors import InputError

# Scaled gaps (m - x) / T of float32 logits neither overflow nor become subnormal for these.
_FLOAT32_RANGE = (2.0**-64, 2.0**64)


def aligned(logits: ArrayT, temperature: Temperature) -> tuple[Tensor, Tensor, Outlet]:
    """Logits (..., 1, V) and temperatures (..., K, 1) in the working dtype, and the way out."""
    x = checked_logits(logits)
    t = checked_temperature(temperature, x)
    outlet = Outlet(not isinstance(logits, Tensor), widened(x.dtype), t.ndim == 0)
    work = working_dtype(x, t)
    x, t = x.to(work), t.to(device=x.device, dtype=work)
    return x.unsqueeze(-2), t.reshape(t.shape or (1,)).unsqueeze(-1), outlet


def checked_logits(logits: ArrayT, name: str = "logits") -> Tensor:
    """The logits as a tensor (..., V) of floating numbers with V >= 1; values are not read.

    Raises:
        InputError: There is no last axis, it is empty, or the dtype is not floating.
    """
    x = tensor_from(logits, name)
    if x.ndim == 0:
        raise InputError(f"{name}: expected shape (..., V), got a single number (0 axes)")
    if x.shape[-1] == 0:
        raise InputError(f"{name}: expected at least one token, got shape {tuple(x.shape)}")
    return x


def rows_fit(x: Tensor, y: Tensor, axes: int) -> bool:
    """Whether the last axes, so many, are the same, and those before them broadcast."""
    try:
        torch.broadcast_shapes(x.shape, y.shape)
    except RuntimeError:
        return False
    return x.shape[-axes:] == y.shape[-axes:]


def of_one_vocabulary(x: Tensor, y: Tensor, names: str) -> tuple[Tensor, Tensor]:
    """Both in the wider of their dtypes, if they are rows of one vocabulary.

    Raises:
        InputError: The last axes differ, or the leading ones do not broadcast.
    """
    if not rows_fit(x, y, axes=1):
        shapes = f"{tuple(x.shape)} and {tuple(y.shape)}"
        raise InputError(f"{names}: shapes {shapes} are not rows of one vocabulary")
    dtype = torch.promote_types(x.dtype, y.dtype)
    return x.to(dtype), y.to(dtype)


def check_maxima(maxima: Tensor, *, empty: bool = False) -> None:
    """Refuse rows whose maximum (...) shows a NaN, a +inf or, unless `empty`, only masked tokens.

    Raises:
        InputError: A row is outside the domain; the message names the first one.
    """
    bad = ~torch.isfinite(maxima)
    bad = bad & (maxima != -torch.inf) if empty else bad
    if not bool(bad.any()):
        return
    row = first_index(bad)
    value = float(maxima[row])
    found = "every token masked (-inf)" if value == -np.inf else f"{value}"
    raise InputError(f"logits: expected finite numbers or -inf, got {found} in {row_name(row)}")


def checked_temperature(temperature: Temperature, x: Tensor) -> Tensor:
    """Temperatures as a tensor (), (K,) or (..., K) that fits rows of logits `x` (..., V).

    Raises:
        InputError: A temperature is not positive and finite, or its shape does not broadcast.
    """
    t = _as_temperatures(temperature)
    if t.device != x.device and t.ndim and isinstance(temperature, Tensor):
        raise InputError(f"temperature is on {t.device}, the logits are on {x.device}")
    bad = ~(torch.isfinite(t) & (t > 0))
    if bool(bad.any()):
        at = first_index(bad)
        where = f" at index {tuple(at)}" if at else ""
        raise InputError(
            f"temperature: expected positive and finite, got {float(t.detach()[at])}{where}"
        )
    if t.ndim >= 2:
        _check_broadcast(tuple(t.shape), tuple(x.shape))
    return t


def checked_targets(target, x: Tensor) -> Tensor:
    """Token indices that belong to rows of logits `x` (..., V), broadcast to those rows.

    Raises:
        InputError: A target is not an integer, not in 0..V-1, or of the wrong shape.
    """
    rows, states = x.shape[:-1], x.shape[-1]
    index = torch.as_tensor(target, device=x.device)
    if index.is_floating_point() or index.is_complex() or index.dtype == torch.bool:
        raise InputError(f"target: expected integers, got {index.dtype}")
    try:
        index = index.long().expand(rows)
    except RuntimeError:
        raise InputError(
            f"target: shape {tuple(index.shape)} does not broadcast to the rows {tuple(rows)}"
        ) from None
    bad = (index < 0) | (index >= states)
    if bool(bad.any()):
        row = first_index(bad)
        raise InputError(
            f"target: expected 0..{states - 1}, got {int(index[row])} in {row_name(row)}"
        )
    return index


def first_index(bad: Tensor) -> tuple[int, ...]:
    """The index of the first true element."""
    return tuple(int(i) for i in bad.nonzero()[0])


def row_name(index: tuple[int, ...]) -> str:
    """A row as error messages name it."""
    if not index:
        return "the only row"
    return f"row {index[0]}" if len(index) == 1 else f"row {index}"


def _as_temperatures(temperature: Temperature) -> Tensor:
    t = temperature if isinstance(temperature, Tensor) else _from_numbers(temperature)
    if t.is_complex() or t.dtype == torch.bool:
        raise InputError(f"temperature: expected real numbers, got {t.dtype}")
    return t if t.is_floating_point() else t.to(torch.float64)


def _from_numbers(temperature) -> Tensor:
    try:
        array = np.asarray(temperature, dtype=None if _is_float32(temperature) else np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(f"temperature: expected numbers, got {temperature!r}") from error
    return torch.from_numpy(np.array(array))  # a copy: the caller's array may be read-only


def _is_float32(temperature) -> bool:
    return getattr(temperature, "dtype", None) == np.float32


def _check_broadcast(temperature: tuple[int, ...], logits: tuple[int, ...]) -> None:
    try:
        torch.broadcast_shapes(temperature[:-1], logits[:-1])
    except RuntimeError:
        raise InputError(
            f"temperature: shape {temperature} is read as (..., K) and its leading axes do not "
            f"broadcast with the rows {logits[:-1]} of logits of shape {logits}"
        ) from None


def working_dtype(x: Tensor, t: Tensor) -> torch.dtype:
    """Float32 logits at a temperature beyond float32's comfortable range work in float64.

    Raises:
        InputError: The device has no float64.
    """
    low, high = _FLOAT32_RANGE
    if widened(x.dtype) == torch.float64 or bool(((t >= low) & (t <= high)).all()):
        return widened(x.dtype)
    if x.device.type == "mps":
        raise InputError(
            f"temperature: expected {low:.3g} to {high:.3g} on MPS, which has no float64; "
            "move the logits to the CPU for temperatures beyond"
        )
    return torch.float64
