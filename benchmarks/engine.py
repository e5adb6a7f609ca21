"""The engine beside its bars and its peers: `python -m benchmarks.engine [--json F] [--plot F]`.

Every row is a public call with default arguments.  Ratios are of medians of interleaved repeats in
one run, and the accuracy of the very array that is timed is a row of the table.  The exit code
is 1 if a bar is missed.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from rich.console import Console

import numeric
from benchmarks import exact, growth, peers, processes
from benchmarks.figures import Figure, show, write_json
from benchmarks.inputs import GENERIC, ONE, ROWS, SPACED, STATES, WIDTH, logits
from benchmarks.timing import interleaved

_CALL, _UNIT = "5 observables x 16 temperatures", "eps (1 + gap / T)"


def against_logsumexp(repeats: int) -> tuple[list[Figure], dict[str, float]]:
    """Ratios to one logsumexp of the same logits, and to what else one would write."""
    x = logits()
    times = interleaved(
        {
            "logsumexp": lambda: torch.logsumexp(x, -1),
            "16 spaced": lambda: numeric.thermodynamics(x, SPACED),
            "16 generic": lambda: numeric.thermodynamics(x, GENERIC),
            "1": lambda: numeric.thermodynamics(x, ONE),
        },
        repeats,
    )
    slow, note = peers.compiled(x, [float(1 / t) for t in SPACED])
    times |= interleaved(slow, 3)
    others = {
        "softmax": lambda: peers.by_softmax(x, SPACED),
        "scipy": lambda: peers.entropy_by_scipy(x),
        "categorical": lambda: peers.entropy_by_categorical(x),
    }
    times |= interleaved(others, 1)
    one, spaced, generic, base = (times[n] for n in ("1", "16 spaced", "16 generic", "logsumexp"))
    best = min((times[n] for n in slow), default=None)
    faster = None if best is None else best / spaced
    name = f"{_CALL}, 1/T equally spaced"
    return [
        Figure(f"{name}, {ROWS} x {STATES:,} float32", "one torch.logsumexp", spaced / base, 0.5),
        Figure(f"{_CALL}, any", "one torch.logsumexp", generic / base, 2),
        Figure(name, "softmax and sums, eager", times["softmax"] / spaced, 150, "at least"),
        Figure(name, "the best torch.compile graph", faster, 2, "at least", note),
        Figure("5 observables x 1 temperature", "one torch.logsumexp", one / base, 0.3),
        Figure("the same", "scipy.special, ln Z and S", times["scipy"] / one, None),
        Figure("the same", "Categorical.entropy, S", times["categorical"] / one, None),
        Figure("the same", "Liger, cut-cross-entropy", None, None, note=peers.on_a_gpu()),
        *(
            Figure(f"S of the timed array, {n}", _UNIT, exact.timed_array_error(x, t), 2)
            for n, t in (("1/T equally spaced", SPACED), ("any", GENERIC), ("one", SPACED[3:4]))
        ),
    ], times


def against_product(repeats: int) -> tuple[list[Figure], dict[str, float]]:
    """Ratio of the state from hidden states to the matrix product alone."""
    g = torch.Generator().manual_seed(0)
    hidden = torch.randn(ROWS, WIDTH, generator=g)
    weight = torch.randn(STATES, WIDTH, generator=g) / 8
    times = interleaved(
        {
            "product": lambda: hidden @ weight.T,
            "hidden": lambda: numeric.thermodynamics_from_hidden(hidden, weight, None, SPACED),
        },
        repeats,
    )
    ratio = times["hidden"] / times["product"]
    return [Figure(f"from hidden states, {_CALL}", "the matrix product", ratio, 1.15)], times


def accuracy() -> list[Figure]:
    """Errors against balls."""
    return [
        Figure("S down to 1e-180, float64", _UNIT, exact.cold_entropy_error(np.float64), 2),
        Figure("S down to 1e-36, float32", _UNIT, exact.cold_entropy_error(np.float32), 2),
        Figure("S at temperatures rounded to float32", "S exact", exact.snapping_error(), 1e-11),
        Figure("C, float64", "C exact", exact.heat_capacity_error(), 1e-12),
    ]


def main() -> int:
    """Measure, print the table, write what was asked for; 1 if a bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, help="write the figures here")
    parser.add_argument("--plot", type=Path, help="draw time against rows, V and K here (.svg)")
    parser.add_argument("--repeats", type=int, default=15)
    options = parser.parse_args()
    few = max(3, options.repeats // 3)
    first, times = against_logsumexp(options.repeats)
    second, more = against_product(few)
    curves = growth.curves(few)
    found = [*first, *second, *growth.figures(curves), *accuracy(), *processes.figures()]
    console = Console(width=110)
    show(found, console)
    missed = [f.work for f in found if f.met is False]
    console.print(f"{len(missed)} bars missed" if missed else "all bars met", highlight=False)
    if options.json:
        growing = {f"{name}: {n}": t for name, c in curves.items() for n, t in c.items()}
        write_json(found, times | more | growing, options.json)
    if options.plot:
        from benchmarks.plot import draw

        draw(curves, options.plot)
    return int(bool(missed))


if __name__ == "__main__":
    raise SystemExit(main())
