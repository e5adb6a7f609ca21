"""A vocabulary split across processes gives the same bits as a whole one."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
import torch.distributed as dist

import numeric
from numeric.sharded import BLOCK, block_states, shard_bounds, thermodynamics_sharded
from numeric.state import merged

ROOT = Path(__file__).parents[2]
T = torch.tensor([0.5, 1.0, 2.0], dtype=torch.float64)
X = torch.randn(3, 2500, dtype=torch.float64, generator=torch.Generator().manual_seed(0))


@pytest.fixture
def alone(tmp_path):
    store = dist.FileStore(str(tmp_path / "store"), 1)  # pyright: ignore[reportPrivateImportUsage]
    dist.init_process_group("gloo", store=store, rank=0, world_size=1)
    yield
    dist.destroy_process_group()


@pytest.mark.parametrize("gauge", ["raw", "ground", "normalized", "centered"])
@pytest.mark.parametrize("temperature", [0.7, T])
def test_values_are_those_of_the_whole(alone, gauge, temperature):
    a = thermodynamics_sharded(X, temperature, order=4, gauge=gauge)
    b = numeric.thermodynamics(X, temperature, order=4, gauge=gauge)
    for name in ("log_partition", "free_energy", "internal_energy", "entropy", "heat_capacity"):
        torch.testing.assert_close(getattr(a, name), getattr(b, name), rtol=1e-13, atol=1e-14)


@pytest.mark.parametrize("states", [1, 1000, 1024, 1025, 50257])
@pytest.mark.parametrize("processes", [1, 2, 3, 4, 7])
def test_bounds_lie_on_blocks_and_cover_the_vocabulary(states, processes):
    bounds = [shard_bounds(states, processes, p) for p in range(processes)]
    assert bounds[0][0] == 0 and bounds[-1][1] == states
    assert all(a[1] == b[0] for a, b in zip(bounds, bounds[1:], strict=False))
    assert all(first % BLOCK == 0 or first == states for first, _ in bounds)


def test_the_tree_is_fixed_by_blocks_and_not_by_shards():
    whole = merged(block_states(X, T))
    parts = [s for a, b in ((0, 1024), (1024, 2500)) for s in block_states(X[:, a:b], T)]
    assert merged(parts) == whole
    other = block_states(X[:, :1100], T) + block_states(X[:, 1100:], T)
    assert merged(other) != whole  # bits differ: the test can tell


BAD = [
    (X[:, :0], 1.0, "raw", "at least one token in some shard"),
    (X * torch.nan, 1.0, "raw", "nan in row 0"),
    (X - torch.inf, 1.0, "raw", "every token masked"),
    (X, -1.0, "raw", "temperature: expected positive"),
    (X, 1.0, "cooked", "gauge: expected one of"),
    (X.clone().requires_grad_(), 1.0, "raw", "gradients do not cross processes"),
]


@pytest.mark.parametrize("logits, temperature, gauge, message", BAD)
def test_bad_input_is_named(alone, logits, temperature, gauge, message):
    with pytest.raises(ValueError, match=message):
        thermodynamics_sharded(logits, temperature, gauge=gauge)


def example(processes: int) -> str:
    """What the documented example prints on a number of processes."""
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node"]
    result = subprocess.run(
        [*command, str(processes), "examples/sharded_vocabulary.py"],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert result.returncode == 0, result.stderr[-3000:]
    return result.stdout


@pytest.mark.slow
def test_one_to_four_processes_give_the_same_bits():
    digests = set()
    for processes in (2, 3, 4):
        printed = example(processes)
        assert f"groups of 1 to {processes} processes: the same bits" in printed
        assert "not a multiple of 1024" in printed
        digests |= {line for line in printed.splitlines() if line.startswith("sha256")}
    assert len(digests) == 1 and digests == {f"sha256 of the states: {reference_digest()}"}


def reference_digest() -> str:
    """That of the whole vocabulary on no other process, merged in the same tree."""
    x = 3 * torch.randn(8, 50_257, generator=torch.Generator().manual_seed(0))
    return digest(merged(block_states(x, torch.tensor([0.25, 0.5, 1.0, 2.0]))))


def digest(state) -> str:
    return hashlib.sha256(b"".join(v.numpy().tobytes() for v in state.numbers)).hexdigest()


def test_a_digest_tells_the_last_bit():
    state = merged(block_states(X, T))
    moved = replace(state, mean=torch.nextafter(state.mean, state.mean + 1))
    assert digest(state) != digest(moved)
