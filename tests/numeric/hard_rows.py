"""Hard rows: ties, masks, a dominant token, huge offsets, tiny spreads, one state, subnormals."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

DTYPES = (np.float32, np.float64)
_ANY = st.floats(-60, 60, allow_nan=False, width=32)


def _moved(values: list[float], spread: float, offset: float) -> list[float]:
    return [offset + spread * v for v in values]


@st.composite
def rows(draw, dtype, *, masks: bool = True, min_size: int = 1):
    """A row of logits (V,) of `dtype` with at least one unmasked token."""
    values = draw(st.lists(_ANY, min_size=min_size, max_size=24))
    spread = draw(st.sampled_from([1.0, 1.0, 1e3, 1e-9, 1e-40, 0.0]))
    offset = draw(st.sampled_from([0.0, 0.0, 1e4, -1e4, 1e6]))
    row = np.array(_moved(values, spread, offset), dtype=dtype)
    if draw(st.booleans()):
        row[draw(st.integers(0, len(row) - 1))] += dtype(draw(st.sampled_from([30, 80, 400])))
    if draw(st.booleans()):
        row[draw(st.integers(0, len(row) - 1))] = row.max()  # a tie
    if masks and draw(st.booleans()):
        hidden = draw(st.lists(st.integers(0, len(row) - 1), max_size=8))
        kept = row.argmax()
        row[[i for i in hidden if i != kept]] = -np.inf
    return row


def temperatures(dtype):
    """Temperatures of `dtype` from 0.01 to 100, generic ones and round ones."""
    generic = st.floats(0.01, 100)
    return st.one_of(generic, st.sampled_from([0.5, 1.0, 2.0])).map(dtype)
