"""Divergences of two distributions p = softmax(x), q = softmax(y) over the same vocabulary.

Shared by every function here: logits are (..., V), torch or NumPy, finite (a mask belongs to the
domain of one distribution, not of two), and their leading axes broadcast; results are (...).
Accurate as q -> p, and differentiable by torch, also at q = p.  Logits that are masked, NaN or
infinite, and shapes that do not fit, are a ValueError.  The backend is chosen by device and size:
"numba" reads the logits once and allocates nothing of their size, until a gradient is asked for;
"torch" serves the rest.
"""

from __future__ import annotations

from typing import Any, Literal, get_args

import torch
from torch import Tensor
from torch.autograd import Function, grad

from numeric.arrays import ArrayT, Outlet, tensor_from, widened
from numeric.backends.choice import numba_obstacle, takes_compiled
from numeric.domain import checked_logits, first_index, of_one_vocabulary, row_name
from numeric.errors import InputError
from numeric.pair import Pair, check_finite, row_places

Backend = Literal["auto", "torch", "numba"]
_Kind = Literal["relative_entropy", "distance", "jensen_shannon"]
_NUMBERS_AT_A_TIME = (2**18, 2**24)  # logits that the reference takes at once: CPU, others


def shannon_entropy(probabilities: ArrayT) -> ArrayT:
    """Entropy -sum p_i ln p_i in nats of probabilities (..., V) that are given as such.

    Probabilities are taken as they are: whether they sum to one is the caller's business.

    Raises:
        InputError: A probability is negative or NaN.
    """
    p = tensor_from(probabilities, "probabilities")
    bad = ~(p >= 0).all(-1)
    if bool(bad.any()):
        row = row_name(first_index(bad))
        raise InputError(f"probabilities: expected numbers >= 0, got others in {row}")
    return Outlet(not isinstance(probabilities, Tensor), p.dtype)(-torch.xlogy(p, p).sum(-1))


def kl_divergence(logits_p: ArrayT, logits_q: ArrayT, *, backend: Backend = "auto") -> ArrayT:
    """Relative entropy D(p || q) = sum p_i ln(p_i / q_i) in nats, from terms that are all >= 0."""
    return _value("relative_entropy", logits_p, logits_q, backend)


def fisher_rao_distance(
    logits_p: ArrayT, logits_q: ArrayT, *, backend: Backend = "auto"
) -> ArrayT:
    """Geodesic distance 4 arcsin(|sqrt p - sqrt q| / 2) of the Fisher metric, in [0, pi).

    Equal to 2 arccos sum sqrt(p_i q_i), which loses everything near p = q.  At p = q, where a
    distance has no derivative, the gradient is 0.
    """
    return _value("distance", logits_p, logits_q, backend)


def jensen_shannon_divergence(
    logits_p: ArrayT, logits_q: ArrayT, *, backend: Backend = "auto"
) -> ArrayT:
    """Mean relative entropy of p and q to their mixture, in nats: symmetric, in [0, ln 2]."""
    return _value("jensen_shannon", logits_p, logits_q, backend)


def _value(kind: _Kind, logits_p: ArrayT, logits_q: ArrayT, backend: Backend) -> ArrayT:
    if backend not in get_args(Backend):
        raise InputError(f"backend: expected one of {get_args(Backend)}, got {backend!r}")
    x, y = _same_kind(logits_p, logits_q)
    work = widened(x.dtype)
    if takes_compiled(backend, numba_obstacle(x, y), x.numel() + y.numel()):
        value = _Compiled.apply(x, y, kind)
    else:
        value = _by_reference(kind, x.to(work), y.to(work))
    return Outlet(not isinstance(logits_p, Tensor), work)(value)


class _Compiled(Function):
    """A divergence by compiled loops, whose derivatives are those of the torch reference."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, y: Tensor, kind: _Kind):  # pyright: ignore
        """Values (...) of logits (..., V) in their working dtype."""
        ctx.save_for_backward(x, y)
        ctx.kind = kind
        return _by_kernel(kind, x.detach(), y.detach()).to(widened(x.dtype))

    @staticmethod
    def backward(ctx: Any, *grads: Any):
        """Gradients of both logits, differentiable where somebody will differentiate them."""
        again = torch.is_grad_enabled()
        leaves = [
            v if again else v.detach().requires_grad_(v.requires_grad) for v in ctx.saved_tensors
        ]
        with torch.enable_grad():
            work = [v.to(widened(v.dtype)) for v in leaves]
            value = getattr(Pair.of(*work), ctx.kind)
            wanted = [v for v in leaves if v.requires_grad]
            found = iter(grad(value, wanted, grads[0], create_graph=again))
        return *(next(found) if v.requires_grad else None for v in leaves), None


def _by_kernel(kind: _Kind, x: Tensor, y: Tensor) -> Tensor:
    """By compiled loops; pairs whose terms are too small or too large for the dtype in float64."""
    from numeric.backends.pairs import compiled_pairs

    value, lost = compiled_pairs(kind, x, y)
    if bool(value.isnan().any()):
        check_finite(x, "logits_p")
        check_finite(y, "logits_q")
    for pair in lost.nonzero().tolist():
        own, other = (v.expand(*value.shape, v.shape[-1])[tuple(pair)] for v in (x, y))
        if not torch.equal(own, other):
            value[tuple(pair)] = getattr(Pair.of(own.double(), other.double()), kind)
    return value


def _by_reference(kind: _Kind, x: Tensor, y: Tensor) -> Tensor:
    """By the torch reference: at once where a graph is kept, else a few pairs at a time."""
    rows = torch.broadcast_shapes(x.shape[:-1], y.shape[:-1])
    step = max(1, _NUMBERS_AT_A_TIME[x.device.type != "cpu"] // x.shape[-1])
    graph = torch.is_grad_enabled() and (x.requires_grad or y.requires_grad)
    if graph or rows.numel() <= step:
        return getattr(Pair.of(x, y), kind)
    check_finite(x, "logits_p")  # errors name the rows of the whole
    check_finite(y, "logits_q")
    own, other = row_places(x, rows), row_places(y, rows)
    x, y = x.reshape(-1, x.shape[-1]), y.reshape(-1, y.shape[-1])
    parts = [
        getattr(Pair.of(x[own[i : i + step]], y[other[i : i + step]]), kind)
        for i in range(0, len(own), step)
    ]
    return torch.cat(parts).reshape(rows)


def finite_pair(
    logits_p: ArrayT, logits_q: ArrayT, names: tuple[str, str]
) -> tuple[Tensor, Tensor]:
    """Two arrays of finite logits over the same vocabulary, as tensors of one wide dtype.

    Raises:
        InputError: Kinds, shapes or devices do not fit, or a logit is not finite.
    """
    x, y = _same_kind(logits_p, logits_q, names)
    for tensor, name in zip((x, y), names, strict=True):
        check_finite(tensor, name)
    return x.to(widened(x.dtype)), y.to(widened(y.dtype))


def _same_kind(
    logits_p: ArrayT, logits_q: ArrayT, names: tuple[str, str] = ("logits_p", "logits_q")
) -> tuple[Tensor, Tensor]:
    first, second = names
    if isinstance(logits_p, Tensor) != isinstance(logits_q, Tensor):
        kinds = f"{type(logits_p).__name__} and {type(logits_q).__name__}"
        raise InputError(f"{first}, {second}: expected both torch or both NumPy, got {kinds}")
    x, y = checked_logits(logits_p, first), checked_logits(logits_q, second)
    if x.device != y.device:
        raise InputError(f"{second} is on {y.device}, {first} is on {x.device}")
    return of_one_vocabulary(x, y, f"{first}, {second}")
