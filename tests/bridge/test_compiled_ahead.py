"""Loops that are compiled once, before several processes would compile them."""

from bridge.property_oracle import definition_evidence
from formal.boltzmann import entropy, log_partition
from formal.moduli import fisher_rao_distance, kl_divergence
from numeric.backends.ahead import compile_ahead
from numeric.backends.gradient_kernel import gradient
from numeric.backends.grid_kernel import grid_sums
from numeric.backends.pair_kernel import relative_entropy, squared_chord

LOOPS = (grid_sums, gradient, relative_entropy, squared_chord)


def test_loops_compiled_ahead_are_those_that_the_oracles_call():
    compile_ahead()
    known = [set(loop.signatures) for loop in LOOPS]
    assert all(known)
    for quantity in (log_partition, entropy, kl_divergence, fisher_rao_distance):
        assert definition_evidence(quantity, examples=8)
    assert [set(loop.signatures) for loop in LOOPS] == known
