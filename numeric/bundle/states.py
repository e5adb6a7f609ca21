"""Density operators and covariances at the border: shapes, hermiticity, positivity, trace.

Matrices are (..., n, n), real or complex, torch or NumPy, and are computed with in float64 or
complex128. What is asked of them holds to rounding: hermitian, no eigenvalue below zero, and of a
density operator trace one. Eigenvalues that rounding made negative count as zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from numeric.arrays import ArrayT
from numeric.domain import first_index, row_name, rows_fit
from numeric.errors import InputError

_SLACK = 1000.0  # roundings of the largest eigenvalue, times n


@dataclass(frozen=True)
class Spectra:
    """Eigenvalues (..., n), rising and >= 0, and eigenvectors (..., n, n) in columns."""

    matrices: Tensor
    values: Tensor
    vectors: Tensor

    @property
    def roots(self) -> Tensor:
        """The positive square roots (..., n, n)."""
        return (self.vectors * self.values.sqrt().unsqueeze(-2)) @ self.vectors.mH

    def __getitem__(self, at: Any) -> Spectra:
        """Some of a batch."""
        return Spectra(self.matrices[at], self.values[at], self.vectors[at])

    def to(self, dtype: torch.dtype) -> Spectra:
        """The same with real or complex entries."""
        return Spectra(self.matrices.to(dtype), self.values, self.vectors.to(dtype))


def matrices(array: ArrayT, name: str) -> Tensor:
    """Any matrices (..., n, m) in float64 or complex128.

    Raises:
        InputError: They are not of numbers, not finite, or have fewer than two axes.
    """
    tensor = array if isinstance(array, Tensor) else _from_numpy(array, name)
    if tensor.dtype == torch.bool:
        raise InputError(f"{name}: expected real or complex numbers, got {tensor.dtype}")
    if tensor.ndim < 2 or 0 in tensor.shape[-2:]:
        raise InputError(f"{name}: expected matrices (..., n, m), got shape {tuple(tensor.shape)}")
    tensor = tensor.to(torch.complex128 if tensor.is_complex() else torch.float64)
    bad = ~torch.isfinite(tensor)
    if bool(bad.any()):
        at = first_index(bad)
        raise InputError(f"{name}: expected finite numbers, got {tensor[at].item()} at {at}")
    return tensor


def covariances(array: ArrayT, name: str) -> Spectra:
    """Positive semidefinite matrices (..., n, n) of any trace, with their spectra.

    Raises:
        InputError: A matrix is not square, not hermitian, or has a negative eigenvalue.
    """
    given = matrices(array, name)
    if given.shape[-1] != given.shape[-2]:
        raise InputError(f"{name}: expected square matrices, got shape {tuple(given.shape)}")
    slack = _SLACK * given.shape[-1] * _rounding(array)
    size = torch.linalg.matrix_norm(given)
    skew = torch.linalg.matrix_norm(given - given.mH)
    _refuse(skew > slack * size, name, "a hermitian matrix", "|A - A*| = {:.2g}", skew)
    hermitian = (given + given.mH) / 2
    values, vectors = torch.linalg.eigh(hermitian)
    least = values[..., 0]
    _refuse(least < -slack * size, name, "no negative eigenvalue", "{:.2g}", least)
    return Spectra(hermitian, values.clamp(min=0), vectors)


def density_operators(array: ArrayT, name: str) -> Spectra:
    """Positive semidefinite matrices (..., n, n) of trace one, with their spectra.

    Raises:
        InputError: As for covariances, or a trace is not one, to the root of rounding.
    """
    spectra = covariances(array, name)
    trace = spectra.matrices.diagonal(dim1=-2, dim2=-1).sum(-1).real
    off = (trace - 1).abs() > _rounding(array) ** 0.5
    _refuse(off, name, "a density operator, of trace 1", "trace {:.9g}", trace)
    return spectra


def fitting(first: Tensor, second: Tensor, names: str) -> None:
    """Refuse batches of matrices whose sizes differ or whose leading axes do not broadcast.

    Raises:
        InputError: Shapes do not fit.
    """
    if not rows_fit(first, second, axes=2):
        shapes = f"{tuple(first.shape)} and {tuple(second.shape)}"
        raise InputError(f"{names}: expected matrices of one size, got shapes {shapes}")


def paired(first: Spectra, second: Spectra, names: str) -> tuple[Spectra, Spectra]:
    """Both with entries of one kind, if they fit.

    Raises:
        InputError: Shapes do not fit.
    """
    fitting(first.matrices, second.matrices, names)
    kind = torch.promote_types(first.matrices.dtype, second.matrices.dtype)
    return first.to(kind), second.to(kind)


def like(value: Tensor, given: Any) -> Any:
    """The result as NumPy where the argument was, else as torch."""
    return value if isinstance(given, Tensor) else value.detach().numpy()[()]


def _from_numpy(array: Any, name: str) -> Tensor:
    given = np.asarray(array)
    widest = 16 if given.dtype.kind == "c" else 8
    if given.dtype.kind not in "fciu" or given.dtype.itemsize > widest:
        raise InputError(f"{name}: expected real or complex numbers, got dtype {given.dtype}")
    wide = given.astype(np.complex128 if given.dtype.kind == "c" else np.float64)
    return torch.from_numpy(np.ascontiguousarray(wide).reshape(given.shape))


def _rounding(array: Any) -> float:
    """The rounding unit of the dtype in which numbers came."""
    kind = str(getattr(array, "dtype", "")).removeprefix("torch.")
    kinds = {"complex64": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}
    kinds |= {"float32": torch.float32}
    return torch.finfo(kinds.get(kind, torch.float64)).eps


def _refuse(bad: Tensor, name: str, expected: str, found: str, value: Tensor) -> None:
    if not bool(bad.any()):
        return
    at = first_index(bad)
    where = "" if not at else f" in {row_name(at)}"
    raise InputError(f"{name}: expected {expected}, got {found.format(float(value[at]))}{where}")
