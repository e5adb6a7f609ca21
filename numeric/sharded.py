"""Thermodynamics of logits whose vocabulary is split across processes.

Every process takes the states of fixed blocks of its own logits; the blocks of all processes are
gathered and merged in one tree over their positions in the vocabulary.  So the result has the
same bits on every process and for every number of processes, which sums of sums do not.  Works
with any backend of `torch.distributed` that gathers tensors (Gloo, NCCL).
"""

from __future__ import annotations

from dataclasses import fields

import torch
import torch.distributed as dist
from torch import Tensor

from numeric.arrays import Outlet, Temperature, widened
from numeric.domain import check_maxima, checked_logits, checked_temperature
from numeric.errors import InputError
from numeric.state import ThermodynamicState, merged
from numeric.thermodynamics import Gauge, Thermodynamics, from_state

BLOCK = 1024


def shard_bounds(states: int, processes: int, process: int) -> tuple[int, int]:
    """Where the shard of a process begins and ends when V = `states` is split between blocks."""
    blocks = -(-states // BLOCK)
    first, last = (blocks * p // processes * BLOCK for p in (process, process + 1))
    return min(first, states), min(last, states)


def block_states(logits: Tensor, temperature: Temperature, order: int = 2):
    """States of consecutive blocks of 1,024 logits (..., V), the last one perhaps shorter.

    An empty shard has one state, that of the empty set.
    """
    empty = logits.shape[-1] == 0
    logits = logits.new_full((*logits.shape[:-1], 1), -torch.inf) if empty else logits
    blocks = logits.split(BLOCK, dim=-1)
    return [ThermodynamicState.of(block, temperature, order) for block in blocks]


def thermodynamics_sharded(
    logits: Tensor,
    temperature: Temperature,
    *,
    group: dist.ProcessGroup | None = None,
    order: int = 2,
    gauge: Gauge = "raw",
) -> Thermodynamics:
    """Thermodynamics of rows whose logits (..., V_r) are spread over the processes of `group`.

    Every process calls with its own consecutive shard, the same leading shape and the same
    temperatures, and gets the same result.  All shards but the last hold whole blocks of 1,024
    logits (see `shard_bounds`); the last ones may be empty.  Gauges: "raw" and "ground".

    Raises:
        InputError: A shard is cut inside a block, or some process's input is illegal; raised by
            all processes, so that none waits for another.
    """
    if gauge not in ("raw", "ground"):
        raise InputError(f"gauge: expected 'raw' or 'ground' across shards, got {gauge!r}")
    states, problem = _own_states(logits, temperature, order)
    sizes = _agreed_sizes(logits, problem, group)
    counts = [-(-size // BLOCK) for size in sizes]
    gathered = _gathered(states, max(counts), group)
    whole = merged([s for shard, n in zip(gathered, counts, strict=True) for s in shard[:n]])
    check_maxima(whole.maximum[..., 0])
    scalar = checked_temperature(temperature, logits).ndim == 0
    ground = -whole.maximum if gauge == "raw" else torch.zeros_like(whole.maximum)
    return from_state(whole, ground, Outlet(False, widened(logits.dtype), scalar), gauge)


def _own_states(logits: Tensor, temperature: Temperature, order: int):
    """States of the own blocks, or what is wrong: the others are told before anybody raises."""
    try:
        if logits.shape[-1:] != (0,):
            checked_logits(logits)
        return block_states(logits, temperature, order), None
    except ValueError as error:
        return [], error


def _agreed_sizes(logits: Tensor, problem: ValueError | None, group) -> list[int]:
    """Sizes of all shards, in order, if all of them are legal."""
    own = torch.tensor([logits.shape[-1] if logits.ndim else 0, int(problem is not None)])
    own = own.to(logits.device)
    everybody = [torch.empty_like(own) for _ in range(dist.get_world_size(group))]
    dist.all_gather(everybody, own, group=group)
    sizes, failed = torch.stack(everybody).T.tolist()
    if problem is not None:
        raise problem
    if any(failed):
        raise InputError(f"logits: the shard of process {failed.index(1)} is illegal, see there")
    last = max((r for r, v in enumerate(sizes) if v), default=-1)
    if last < 0:
        raise InputError("logits: expected at least one token in some shard, got none")
    for process, size in enumerate(sizes[:last]):
        if size % BLOCK:
            raise InputError(
                f"logits: the shard of process {process} holds {size} tokens, which is not a "
                f"multiple of {BLOCK}; split the vocabulary by shard_bounds"
            )
    return sizes


def _gathered(
    states: list[ThermodynamicState], length: int, group
) -> list[list[ThermodynamicState]]:
    """States of every process's blocks, padded to `length` on the way."""
    own = torch.stack([_packed(s) for s in states])
    own = torch.cat([own, own.new_zeros(length - len(states), *own.shape[1:])])
    everybody = [torch.empty_like(own) for _ in range(dist.get_world_size(group))]
    dist.all_gather(everybody, own.contiguous(), group=group)
    return [[_unpacked(s) for s in shard] for shard in everybody]


def _packed(state: ThermodynamicState) -> Tensor:
    values = [getattr(state, f.name) for f in fields(state)]
    return torch.stack([v.expand(state.weight.shape) for v in values if v is not None])


def _unpacked(packed: Tensor) -> ThermodynamicState:
    temperature, maximum, *others = packed.unbind()
    return ThermodynamicState(temperature, maximum[..., :1], *others)
