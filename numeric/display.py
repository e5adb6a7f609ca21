"""How thermodynamics show themselves: one line in a terminal, a table in a notebook."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numeric.thermodynamics import Thermodynamics

_COLUMNS = {
    "ln Z": "log_partition",
    "F": "free_energy",
    "U": "internal_energy",
    "S": "entropy",
    "C": "heat_capacity",
}
_ROWS_SHOWN = 32


def summary(thermodynamics: Thermodynamics) -> str:
    """One line: shape, dtype, gauge and range of temperatures."""
    entropy = thermodynamics.entropy
    temperatures = _array(thermodynamics.temperature)
    span = f"{temperatures.min():.4g}..{temperatures.max():.4g}" if temperatures.size else "none"
    return (
        f"Thermodynamics(shape={tuple(np.shape(entropy))}, dtype={entropy.dtype}, "
        f"T={span}, gauge={thermodynamics.gauge!r})"
    )


def table(thermodynamics: Thermodynamics) -> str:
    """An HTML table of means over the rows, one line per temperature."""
    names = ("temperature", *_COLUMNS.values())
    scalar = np.ndim(thermodynamics.entropy) < thermodynamics.state.weight.ndim
    columns = [_by_temperature(getattr(thermodynamics, name), scalar) for name in names]
    head = "".join(f"<th>{escape(c)}</th>" for c in ("T", *_COLUMNS))
    lines = list(zip(*columns, strict=True))
    body = "".join(
        "<tr>" + "".join(f"<td>{value:.6g}</td>" for value in line) + "</tr>"
        for line in lines[:_ROWS_SHOWN]
    )
    more = f", first {_ROWS_SHOWN} temperatures" if len(lines) > _ROWS_SHOWN else ""
    caption = f"{escape(summary(thermodynamics))}: means over rows, in nats{more}"
    return f"<table><caption>{caption}</caption><tr>{head}</tr>{body}</table>"


def _array(values) -> np.ndarray:
    values = values.detach().cpu().numpy() if hasattr(values, "detach") else values
    return np.asarray(values, dtype=np.float64)


def _by_temperature(values, scalar: bool) -> np.ndarray:
    """Means (K,) over the rows; a scalar temperature is a vector of one."""
    array = _array(values)[..., None] if scalar else _array(values)
    rows = tuple(range(array.ndim - 1))
    return array.mean(axis=rows) if array.size else np.zeros(0)
