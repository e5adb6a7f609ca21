"""How the same numbers are taken without porism: eager and compiled torch, SciPy, Categorical."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import redirect_stderr
from importlib.util import find_spec
from shutil import which

import torch
from torch import Tensor


def by_softmax(x: Tensor, temperatures: Tensor) -> None:
    """Per-temperature softmax and sums, as one writes it first."""
    for t in temperatures:
        log_p = torch.log_softmax(x / t, -1)
        p = log_p.exp()
        entropy = -(p * log_p).sum(-1)
        energy = -(p * x).sum(-1)
        _ = ((p * x * x).sum(-1) - energy**2) / t**2, energy - t * entropy


def exponential_each(x: Tensor, beta: list[float]) -> list[Tensor]:
    """ln Z, U and C at every temperature by an exponential each: one graph, one reading."""
    d = x.amax(-1, keepdim=True) - x
    return [_moments((-b * d).exp(), d, b) for b in beta]


def powers(x: Tensor, beta: list[float]) -> list[Tensor]:
    """The same at beta, 2 beta, 3 beta, ... by one exponential and its powers."""
    d = x.amax(-1, keepdim=True) - x
    step = (-beta[0] * d).exp()
    weight, found = step, []
    for b in beta:
        found.append(_moments(weight, d, b))
        weight = weight * step
    return found


def _moments(weight: Tensor, d: Tensor, beta: float) -> Tensor:
    z = weight.sum(-1)
    mean = (weight * d).sum(-1) / z
    spread = (weight * d * d).sum(-1) / z - mean**2
    return torch.stack([z.log(), mean, beta**2 * spread])


def compiled(x: Tensor, beta: list[float]) -> tuple[dict[str, Callable[[], object]], str]:
    """The two graphs under torch.compile, called once; or none, and why."""
    compiler = os.environ.get("CXX") or next((c for c in ("g++", "clang++") if which(c)), None)
    if compiler is None:
        return {}, "torch.compile needs a C++ compiler"
    calls: dict[str, Callable[[], object]] = {}
    for name, graph in (("an exponential each", exponential_each), ("powers", powers)):
        fast = torch.compile(graph, dynamic=False)
        try:
            with open(os.devnull, "w") as silence, redirect_stderr(silence):
                close = torch.allclose(fast(x, beta)[3], graph(x, beta)[3], rtol=1e-3)
        except Exception as error:  # whatever a compiler says
            return {}, f"torch.compile failed: {str(error).splitlines()[0][:80]}"
        assert close, "the compiled graph computes something else"
        calls[name] = lambda fast=fast: fast(x, beta)
    return calls, ""


def entropy_by_scipy(x: Tensor) -> object:
    """ln Z and S of one temperature by scipy.special."""
    from scipy.special import entr, logsumexp, softmax

    values = x.numpy()
    return logsumexp(values, axis=-1), entr(softmax(values, axis=-1)).sum(-1)


def entropy_by_categorical(x: Tensor) -> Tensor:
    """S of one temperature by torch.distributions."""
    return torch.distributions.Categorical(logits=x, validate_args=False).entropy()


def on_a_gpu() -> str:
    """Why the peers that need a GPU are not compared here."""
    if not torch.cuda.is_available():
        return "no CUDA device"
    missing = [n for n in ("liger_kernel", "cut_cross_entropy") if find_spec(n) is None]
    return f"not installed: {', '.join(missing)}" if missing else ""
