"""Parallel transport and holonomy over density operators and covariances.

Amplitudes W_1 and W_2 are parallel where W_2* W_1 is positive. From W_k to W_(k+1) the fibre turns
by the polar factor of W_(k+1)* W_k, and along a chain by their product V, the last factor on the
left; another choice W_k U_k of amplitudes gives U_m* V U_1. Around a loop the eigenvalues of V
are therefore numbers of the states alone. A chain of states is read as the polygon of shortest
paths between them, so that its transport is exact.

Amplitudes may be rectangular, (d, n), and states may lack rank: the polar factor is then a
partial isometry, made of the singular values that rounding can tell from zero. The smallest of
those, relative to the largest, comes with every result: the turn hangs on it as 1 over it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from numeric.arrays import ArrayT
from numeric.bundle.states import Spectra, covariances, fitting, like, matrices, paired
from numeric.domain import first_index, row_name
from numeric.errors import InputError


@dataclass(frozen=True, eq=False)
class Transport:
    """How the fibre turned: `turn` (..., n, n), from the first amplitude's to the last one's.

    `smallest` (...) is the smallest singular value kept on the way, relative to the largest of
    its step, `rank` (...) the least rank, `error` what the last refinement of a path changed.
    """

    turn: Any
    smallest: Any
    rank: Any
    error: float = 0.0


def relative_amplitude(rho: ArrayT, sigma: ArrayT) -> ArrayT:
    """Turn of the fibre from rho to sigma: the unitary factor (..., n, n) of their roots' product.

    It belongs to sqrt(sigma) sqrt(rho). Where a state lacks rank it is a partial isometry.

    Raises:
        InputError: A matrix is not positive semidefinite, or shapes do not fit.
    """
    a, b = paired(covariances(rho, "rho"), covariances(sigma, "sigma"), "rho, sigma")
    return like(polar(roots(b) @ roots(a))[0], rho)


def parallel_transport(states: ArrayT) -> Transport:
    """Transport along a chain of states (..., m, n, n) in the section sqrt(rho), m >= 2.

    Raises:
        InputError: There are fewer than two states, or one is not positive semidefinite.
    """
    spectra = covariances(states, "states")
    return _as_given(along(chained(roots(spectra), "states")), states)


def holonomy(loop: ArrayT) -> Transport:
    """Holonomy of a closed polygon of states (..., m, n, n) whose last state is its first.

    Raises:
        InputError: The loop is not closed, has fewer than two states, or one is not positive
            semidefinite.
    """
    spectra = covariances(loop, "loop")
    check_closed(spectra.matrices, "loop")
    sections = roots(spectra)
    return _as_given(
        along(torch.cat([sections[..., :-1, :, :], sections[..., :1, :, :]], -3)), loop
    )


def amplitude_transport(amplitudes: ArrayT) -> Transport:
    """Transport along amplitudes (..., m, d, n), columns of W for the states W W*.

    Raises:
        InputError: There are fewer than two amplitudes, or they are not finite.
    """
    return _as_given(along(chained(matrices(amplitudes, "amplitudes"), "amplitudes")), amplitudes)


def amplitude_holonomy(amplitudes: ArrayT) -> Transport:
    """Holonomy of a closed polygon of amplitudes (..., m, d, n) whose last is its first.

    Raises:
        InputError: The loop is not closed, or has fewer than two amplitudes.
    """
    chain = chained(matrices(amplitudes, "amplitudes"), "amplitudes")
    check_closed(chain, "amplitudes")
    return _as_given(along(chain), amplitudes)


def uhlmann_phase(rho: ArrayT, turn: ArrayT) -> tuple[Any, Any]:
    """Phase arg Tr(rho V) in (-pi, pi] and visibility |Tr(rho V)| of a loop from rho: (...) each.

    The phase is NaN where the visibility is zero to rounding: there it has no value.

    Raises:
        InputError: Shapes do not fit, or rho is not positive semidefinite.
    """
    state, v = covariances(rho, "rho").matrices, matrices(turn, "turn")
    fitting(state, v, "rho, turn")
    kind = torch.promote_types(state.dtype, v.dtype)
    amplitude = (state.to(kind) @ v.to(kind)).diagonal(dim1=-2, dim2=-1).sum(-1)
    visibility = amplitude.abs()
    rounding = 8 * v.shape[-1] * torch.finfo(torch.float64).eps
    phase = torch.where(visibility > rounding, amplitude.angle(), torch.nan)
    return like(phase, rho), like(visibility, rho)


def rotation_angles(turn: ArrayT) -> ArrayT:
    """Angles (..., n) in (-pi, pi] of the eigenvalues of a unitary, rising.

    They do not change under another choice of amplitudes.

    Raises:
        InputError: The matrices are not square.
    """
    v = matrices(turn, "turn")
    if v.shape[-1] != v.shape[-2]:
        raise InputError(f"turn: expected square matrices, got shape {tuple(v.shape)}")
    return like(torch.linalg.eigvals(v).angle().sort(-1).values, turn)


def roots(spectra: Spectra) -> Tensor:
    """Square roots in which eigenvalues below rounding are zero, so that rank can be seen."""
    values = spectra.values
    least = 16 * values.shape[-1] * torch.finfo(torch.float64).eps * values.amax(-1, keepdim=True)
    kept = torch.where(values > least, values, 0)
    return Spectra(spectra.matrices, kept, spectra.vectors).roots


def chained(chain: Tensor, name: str) -> Tensor:
    """The chain (..., m, n, n), if it has two matrices at least.

    Raises:
        InputError: It has fewer.
    """
    if chain.ndim < 3 or chain.shape[-3] < 2:
        raise InputError(
            f"{name}: expected a chain (..., m, n, n) of m >= 2, got shape {tuple(chain.shape)}"
        )
    return chain


def check_closed(chain: Tensor, name: str) -> None:
    """Refuse a chain (..., m, n, n) whose last matrix is not its first.

    Raises:
        InputError: It is open; the message says by how much.
    """
    chained(chain, name)
    first, last = chain[..., 0, :, :], chain[..., -1, :, :]
    gap, size = torch.linalg.matrix_norm(first - last), torch.linalg.matrix_norm(first)
    open_ = gap > 1e-9 * size
    if bool(open_.any()):
        at = first_index(open_)
        where = "" if not at else f" in {row_name(at)}"
        raise InputError(
            f"{name}: expected a closed loop, whose last state is its first; they differ by "
            f"{float(gap[at] / size[at]):.2g} of its size{where}"
        )


def along(chain: Tensor) -> Transport:
    """Transport along amplitudes (..., m, d, n)."""
    steps = chain[..., 1:, :, :].mH @ chain[..., :-1, :, :]
    factors, smallest, rank = polar(steps)
    return Transport(product(factors), smallest.amin(-1), rank.amin(-1))


def relative(first: Tensor, second: Tensor) -> Tensor:
    """Turn (..., n, n) of the fibre from an amplitude (..., d, n) to another."""
    return polar(second.mH @ first)[0]


def horizontal_step(first: Tensor, second: Tensor) -> Tensor:
    """From an amplitude (..., d, n) to the nearest one of another's state."""
    return second @ relative(first, second) - first


def polar(values: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Partial isometry (..., n, n), its smallest singular value relative to the largest, rank."""
    left, s, right = torch.linalg.svd(values, full_matrices=False)
    largest = s.amax(-1, keepdim=True)
    rounding = 16 * max(values.shape[-2:]) * torch.finfo(torch.float64).eps
    kept = (s > rounding * largest) & (largest > 0)
    ratio = torch.where(kept, s / torch.where(largest > 0, largest, 1), torch.inf).amin(-1)
    return (left * kept.unsqueeze(-2)) @ right, ratio, kept.sum(-1)


def product(factors: Tensor) -> Tensor:
    """Product (..., n, n) of factors (..., m, n, n), the last one on the left, in pairs."""
    while (count := factors.shape[-3]) > 1:
        even = factors[..., : count - count % 2, :, :]
        joined = even[..., 1::2, :, :] @ even[..., 0::2, :, :]
        factors = joined if count % 2 == 0 else torch.cat([joined, factors[..., -1:, :, :]], -3)
    return factors[..., 0, :, :]


def _as_given(found: Transport, given: Any) -> Transport:
    smallest, rank = like(found.smallest, given), like(found.rank, given)
    return Transport(like(found.turn, given), smallest, rank, found.error)
