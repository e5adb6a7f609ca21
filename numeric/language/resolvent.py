"""The system (I - Q) x = b of a substochastic matrix Q: what happens until a text stops."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse

from numeric.errors import InputError
from numeric.language.markov import Float64

DENSE = 2000  # states up to which the system is solved by factors, exactly to rounding
STEPS = 20_000  # sweeps, and words within which half of all texts stop


def solved(steps: Any, b: Float64, *, transposed: bool = False) -> Float64:
    """x (n,) with x = b + Q x, or with x = b + Q^T x, for a sparse Q (n, n) that loses mass.

    Small systems by factors. Large ones by iteration, until the last change times the norm of the
    inverse, which bounds the error in the maximum norm (transposed: in the sum of absolute
    values), is below the rounding of x.

    Raises:
        InputError: A large Q loses its mass too slowly to iterate.
    """
    matrix = steps.T if transposed else steps
    if matrix.shape[0] <= DENSE:
        return np.linalg.solve(np.eye(matrix.shape[0]) - matrix.toarray(), b)
    inverse = _inverse_norm(steps)
    norm = np.sum if transposed else np.max
    x, matrix = b.copy(), sparse.csr_matrix(matrix)
    for _ in range(STEPS):
        following = b + matrix @ x
        change, x = float(norm(np.abs(following - x))), following
        if inverse * change <= 4 * np.finfo(np.float64).eps * float(norm(np.abs(x))):
            break
    return x


def _inverse_norm(steps: Any) -> float:
    """A bound of the largest row sum of (I - Q)^-1: k / (1 - |Q^k|) with |Q^k| <= 1/2."""
    left = np.ones(steps.shape[0])
    for k in range(1, STEPS):
        left = steps @ left
        if left.max() <= 0.5:
            return k / (1 - float(left.max()))
    raise InputError(
        f"{steps.shape[0]} states, and after {STEPS:,} words a text has still not stopped more "
        "often than not: expected a model with shorter texts"
    )
