"""Thermodynamics of logits whose vocabulary is split across processes.

Every process takes the states of fixed blocks of its own logits; the blocks of all processes are
gathered and merged in one tree over their positions in the vocabulary.  So the result has the
same bits on every process and for every number of processes, which sums of sums do not.  Works
with any backend of `torch.distributed` that gathers tensors (Gloo, NCCL).
"""

from __future__ import annotations

from dataclasses import fields
from typing import get_args

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
    logits (see `shard_bounds`); the last ones may be empty.  Gauges as for `thermodynamics`.
    Gradients do not cross processes.

    Raises:
        InputError: A shard is cut inside a block, or some process's input is illegal or asks for
            a gradient; raised by all processes, so that none waits for another.
    """
    if gauge not in get_args(Gauge):
        raise InputError(f"gauge: expected one of {get_args(Gauge)}, got {gauge!r}")
    whole, counts = _whole(logits, temperature, order, group)
    scalar = checked_temperature(temperature, logits).ndim == 0
    ground = _ground_energy(logits, whole, counts, gauge, group)
    return from_state(whole, ground, Outlet(False, widened(logits.dtype), scalar), gauge)


def _whole(
    logits: Tensor, temperature: Temperature, order: int, group
) -> tuple[ThermodynamicState, list[int]]:
    """State of the whole vocabulary, and how many blocks every process holds."""
    states, problem = _own_states(logits, temperature, order)
    sizes = _agreed_sizes(logits, problem, group)
    counts = [-(-size // BLOCK) for size in sizes]
    blocks = _gathered(torch.stack([_packed(s) for s in states]), counts, group)
    whole = merged([_unpacked(b) for b in blocks])
    check_maxima(whole.maximum[..., 0])
    return whole, counts


def _ground_energy(
    logits: Tensor, whole: ThermodynamicState, counts: list[int], gauge: Gauge, group
) -> Tensor:
    """Energy (..., 1) of the most probable token; sums of blocks are added in one order."""
    if gauge == "raw":
        return -whole.maximum
    if gauge == "ground":
        return torch.zeros_like(whole.maximum)
    if gauge == "normalized":
        return _whole(logits, 1.0, 2, group)[0].log_weight
    x = logits.to(whole.maximum.dtype)
    x = x if x.shape[-1] else x.new_full((*x.shape[:-1], 1), -torch.inf)
    blocks = [block_gaps(b, whole.maximum) for b in x.split(BLOCK, dim=-1)]
    gaps, kept = _gathered(torch.stack(blocks), counts, group).sum(0)
    return -gaps / kept


def block_gaps(x: Tensor, maximum: Tensor) -> Tensor:
    """Sum of the gaps below `maximum` (..., 1) of a block of logits, and how many are unmasked."""
    live = x > -torch.inf
    gaps = torch.where(live, maximum - x, 0)
    return torch.stack([v.sum(-1, keepdim=True) for v in (gaps, live.to(x.dtype))])


def _own_states(logits: Tensor, temperature: Temperature, order: int):
    """States of the own blocks, or what is wrong: the others are told before anybody raises."""
    try:
        if logits.shape[-1:] != (0,):
            checked_logits(logits)
        if torch.is_grad_enabled() and logits.requires_grad:
            raise InputError("logits: gradients do not cross processes; detach them, or no_grad")
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


def _gathered(own: Tensor, counts: list[int], group) -> Tensor:
    """Numbers (blocks, ...) of every process's blocks, in the order of the vocabulary.

    They are padded to the longest shard on the way.
    """
    own = torch.cat([own, own.new_zeros(max(counts) - len(own), *own.shape[1:])])
    everybody = [torch.empty_like(own) for _ in counts]
    dist.all_gather(everybody, own.contiguous(), group=group)
    return torch.cat([shard[:n] for shard, n in zip(everybody, counts, strict=True)])


def _packed(state: ThermodynamicState) -> Tensor:
    values = [getattr(state, f.name) for f in fields(state)]
    return torch.stack([v.expand(state.weight.shape) for v in values if v is not None])


def _unpacked(packed: Tensor) -> ThermodynamicState:
    temperature, maximum, *others = packed.unbind()
    return ThermodynamicState(temperature, maximum[..., :1], *others)
