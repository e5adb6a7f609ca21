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
    columns = [_by_temperature(getattr(thermodynamics, name)) for name in _COLUMNS.values()]
    temperatures = _by_temperature(thermodynamics.temperature)
    head = "".join(f"<th>{escape(c)}</th>" for c in ("T", *_COLUMNS))
    lines = zip(temperatures, *columns, strict=True)
    body = "".join(
        "<tr>" + "".join(f"<td>{value:.6g}</td>" for value in line) + "</tr>"
        for line in list(lines)[:_ROWS_SHOWN]
    )
    more = f", first {_ROWS_SHOWN} temperatures" if len(temperatures) > _ROWS_SHOWN else ""
    caption = f"{escape(summary(thermodynamics))}: means over rows, in nats{more}"
    return f"<table><caption>{caption}</caption><tr>{head}</tr>{body}</table>"


def _array(values) -> np.ndarray:
    values = values.detach().cpu().numpy() if hasattr(values, "detach") else values
    return np.asarray(values, dtype=np.float64)


def _by_temperature(values) -> np.ndarray:
    """Means (K,) over all axes but the last; a single number or a scalar temperature's rows."""
    array = _array(values)
    if array.ndim == 0 or array.size == 0:
        return array.reshape(-1)
    return array.mean(axis=tuple(range(array.ndim - 1)))
