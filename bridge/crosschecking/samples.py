"""Rows of logits of real models, shipped with the package.

`logits.safetensors` is written by `make_samples.py` in the same folder; its metadata say of which
models, text and positions the rows are.
"""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file

FILE = Path(__file__).with_name("logits.safetensors")


@lru_cache(maxsize=1)
def model_rows() -> Mapping[str, np.ndarray]:
    """Rows (rows, V) of logits by the name of the model, in float64."""
    return {name: rows.astype(float) for name, rows in sorted(load_file(FILE).items())}
