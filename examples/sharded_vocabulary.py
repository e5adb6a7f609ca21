"""Thermodynamics of logits whose vocabulary is split across processes, bit for bit.

    torchrun --nproc-per-node 4 examples/sharded_vocabulary.py

Four processes hold a quarter of GPT-2's 50,257 logits each; groups of 1, 2, 3 and 4 of them give
the same bits, and a vocabulary cut inside a block is refused by all of them.  Any other number of
processes gives these bits too: compare the digest that is printed.
"""

from __future__ import annotations

import hashlib

import torch
import torch.distributed as dist

from numeric.sharded import shard_bounds, thermodynamics_sharded

STATES = 50_257
TEMPERATURES = torch.tensor([0.25, 0.5, 1.0, 2.0])


def main() -> None:
    """Compare groups of every size on rank 0's behalf."""
    dist.init_process_group("gloo")
    rank, world = dist.get_rank(), dist.get_world_size()
    logits = 3 * torch.randn(8, STATES, generator=torch.Generator().manual_seed(0))
    states = []
    for size in range(1, world + 1):
        group = dist.new_group(list(range(size)))
        if isinstance(group, dist.ProcessGroup):  # this process is a member
            first, last = shard_bounds(STATES, size, rank)
            th = thermodynamics_sharded(logits[:, first:last], TEMPERATURES, group=group)
            states.append(th.state)
    assert all(state == states[0] for state in states)
    try:
        thermodynamics_sharded(logits[:, rank::world], TEMPERATURES)
    except ValueError as error:
        refusal = str(error)
    else:
        raise AssertionError("a vocabulary cut inside a block was accepted")
    if rank == 0:
        print(f"groups of 1 to {world} processes: the same bits")
        digest = hashlib.sha256(b"".join(v.numpy().tobytes() for v in states[0].numbers))
        print(f"sha256 of the states: {digest.hexdigest()}")
        print(f"S = {states[0].entropy.mean(0).tolist()} nats at T = {TEMPERATURES.tolist()}")
        print(f"refused: {refusal}")
    dist.destroy_process_group()


if __name__ == "__main__":
    main()
