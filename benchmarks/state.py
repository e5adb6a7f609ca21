"""The cost of ln Z, F, U, S and C: `python -m benchmarks.state [--json FILE] [--repeats N]`.

Every row is the public call with default arguments; ratios come from interleaved repeats of one
run, and the accuracy of the very array that is timed is asserted before.
"""

from __future__ import annotations

import argparse
import json
import math
import platform
from pathlib import Path

import torch
from torch import Tensor

import numeric
from benchmarks.timing import interleaved

ROWS, STATES, WIDTH = 256, 49_152, 576
SPACED = 1 / (0.25 * torch.arange(1, 17, dtype=torch.float64))
GENERIC = torch.logspace(math.log10(0.3), math.log10(4), 16, dtype=torch.float64)


def logits(rows: int = ROWS, states: int = STATES) -> Tensor:
    """Logits that look like a language model's: normal bulk, a few tokens far above it."""
    g = torch.Generator().manual_seed(0)
    x = 3 * torch.randn(rows, states, generator=g)
    x[:, : min(8, states)] += 6 * torch.rand(rows, min(8, states), generator=g)
    return x


def by_softmax(x: Tensor, temperatures: Tensor) -> None:
    """Per-temperature softmax and sums, as one writes it first."""
    for t in temperatures:
        log_p = torch.log_softmax(x / t, -1)
        p = log_p.exp()
        entropy = -(p * log_p).sum(-1)
        energy = -(p * x).sum(-1)
        _ = ((p * x * x).sum(-1) - energy**2) / t**2, energy - t * entropy


def check_accuracy(x: Tensor, temperatures: Tensor) -> float:
    """Worst relative error of S in units of eps (1 + gap / T); more than 2 is an error.

    The torch reference in float64 stands for the truth: it is itself tested against balls.
    """
    fast = numeric.thermodynamics(x, temperatures)
    worst = 0.0
    for row in range(0, len(x), 32):
        slow = numeric.thermodynamics(x[row].double(), temperatures, backend="torch")
        gap = (x[row].max() - x[row].min()).double() / temperatures
        error = (fast.entropy[row].double() / slow.entropy - 1).abs()
        worst = max(worst, float((error / (torch.finfo(x.dtype).eps * (1 + gap))).max()))
    assert worst <= 2, f"relative error of S is {worst} eps (1 + gap / T)"
    return worst


def against_logsumexp(repeats: int) -> dict[str, float]:
    """Ratios to one logsumexp of the same logits."""
    x = logits()
    for t in (SPACED, GENERIC):
        check_accuracy(x, t)
    times = interleaved(
        {
            "logsumexp": lambda: torch.logsumexp(x, -1),
            "16 spaced": lambda: numeric.thermodynamics(x, SPACED),
            "16 generic": lambda: numeric.thermodynamics(x, GENERIC),
            "1": lambda: numeric.thermodynamics(x, 0.7),
        },
        repeats,
    )
    softmax = interleaved({"softmax": lambda: by_softmax(x, SPACED)}, 1)["softmax"]
    base = times["logsumexp"]
    return {
        "16 temperatures equally spaced in 1/T, over one logsumexp": times["16 spaced"] / base,
        "16 generic temperatures, over one logsumexp": times["16 generic"] / base,
        "1 temperature, over logsumexp": times["1"] / base,
        "per-temperature softmax and sums, over 16 spaced": softmax / times["16 spaced"],
        "logsumexp, ms": base,
    }


def against_product(repeats: int) -> dict[str, float]:
    """Ratio of the state from hidden states to the matrix product alone."""
    g = torch.Generator().manual_seed(0)
    hidden = torch.randn(ROWS, WIDTH, generator=g)
    weight = torch.randn(STATES, WIDTH, generator=g) / 8
    times = interleaved(
        {
            "product": lambda: hidden @ weight.T,
            "state": lambda: numeric.thermodynamics_from_hidden(hidden, weight, None, SPACED),
        },
        repeats,
    )
    return {
        "from hidden states, 16 temperatures, over the product": times["state"] / times["product"],
        "matrix product, ms": times["product"],
    }


def exponents(repeats: int) -> dict[str, float]:
    """Fitted exponents of the time in rows, V and K."""
    x = logits(1024, 4096)
    sizes = (64, 256, 1024)
    rows = {str(n): lambda n=n: numeric.thermodynamics(x[:n], SPACED) for n in sizes}
    vocabularies = {n: logits(32, n) for n in (4096, 32_768, 262_144)}
    states = {
        str(n): lambda n=n: numeric.thermodynamics(vocabularies[n], SPACED) for n in vocabularies
    }
    grids = {n: torch.linspace(0.31, 3, n, dtype=torch.float64) for n in (4, 16, 64)}
    kinds = {str(n): lambda n=n: numeric.thermodynamics(x[:64], grids[n]) for n in grids}
    return {
        f"exponent in {name}": _slope(interleaved(calls, repeats))
        for name, calls in (("rows", rows), ("V", states), ("K", kinds))
    }


def _slope(times: dict[str, float]) -> float:
    """Least-squares slope of ln time against ln size."""
    points = [(math.log(float(size)), math.log(t)) for size, t in times.items()]
    mean_x, mean_y = (sum(p[i] for p in points) / len(points) for i in (0, 1))
    rise = sum((x - mean_x) * (y - mean_y) for x, y in points)
    return rise / sum((x - mean_x) ** 2 for x, _ in points)


def main() -> None:
    """Measure, print a table, and write JSON where asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, help="write the figures here")
    parser.add_argument("--repeats", type=int, default=9)
    options = parser.parse_args()
    figures = against_logsumexp(options.repeats) | against_product(max(3, options.repeats // 3))
    figures |= exponents(max(3, options.repeats // 3))
    for name, value in figures.items():
        print(f"{name:62} {value:8.3f}")
    if options.json:
        machine = {"torch": torch.__version__, "threads": torch.get_num_threads()}
        document = {"format": 1, "machine": machine | {"cpu": platform.processor()}}
        options.json.write_text(json.dumps(document | {"figures": figures}, indent=2) + "\n")


if __name__ == "__main__":
    main()
