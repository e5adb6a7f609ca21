"""What only a process of its own shows: peak memory, and the first call."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile

from benchmarks.figures import Figure

_PEAK = """
import torch, numeric
from benchmarks.inputs import ROWS, SPACED, STATES

def kib(name):
    return next(int(l.split()[1]) for l in open("/proc/self/status") if l.startswith(name))

def share(call, x):
    call(x[:8])
    open("/proc/self/clear_refs", "w").write("5")  # the peak is what there is now
    before = kib("VmRSS")
    call(x)
    return (kib("VmHWM") - before) * 1024 / (x.numel() * x.element_size())

x = torch.empty(ROWS, STATES).normal_()
print(share(lambda x: numeric.thermodynamics(x, SPACED), x))
print(share(lambda x: torch.logsumexp(x, -1), x))
"""

_FIRST = """
import time, torch, numeric
from benchmarks.inputs import SPACED, logits
x = logits(64, 4096)
start = time.process_time()
numeric.thermodynamics(x, SPACED)
print(time.process_time() - start)
"""


COLD_STARTS = 3  # other processes can only make one of them slower


def figures() -> list[Figure]:
    """Peak memory beyond the logits, and seconds of the first call, cold and from the cache.

    Of several first calls the fastest counts.
    """
    firsts = [_first_calls() for _ in range(COLD_STARTS)]
    cold, warm = (min(seconds) for seconds in zip(*firsts, strict=True))
    linux = sys.platform == "linux"
    ours, theirs = _printed(_PEAK) if linux else (None, None)
    note = "" if linux else "measured on Linux only"
    return [
        Figure("peak extra memory, 16 temperatures", "size of the logits", ours, 0.05, note=note),
        Figure("peak extra memory of torch.logsumexp", "size of the logits", theirs, note=note),
        Figure("first call ever: compilation", "seconds of CPU", cold, 5),
        Figure("first call of a process: from the cache", "seconds of CPU", warm, 5),
    ]


def _first_calls() -> tuple[float, float]:
    """Seconds of the first call of a process, with an empty cache and with what that one left."""
    with tempfile.TemporaryDirectory() as empty:
        (cold,), (warm,) = (_printed(_FIRST, NUMBA_CACHE_DIR=empty) for _ in range(2))
    return cold, warm


def _printed(code: str, **environment: str) -> list[float]:
    """The numbers that a new process prints."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | environment,
    )
    return [float(line) for line in done.stdout.split()]
