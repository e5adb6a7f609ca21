"""The symmetries of an architecture, and how many directions they are."""

from __future__ import annotations

from numeric.symmetry import gpt2, llama
from numeric.symmetry.action import Control, Symmetry
from numeric.symmetry.architecture import Architecture

FAMILIES = {"llama": llama, "gpt2": gpt2}


def symmetries(arch: Architecture) -> list[Symmetry]:
    """All symmetries that every network of these sizes has, kind by kind."""
    return FAMILIES[arch.family].symmetries(arch)


def controls(arch: Architecture) -> list[Control]:
    """Transformations that resemble the symmetries and are none."""
    return FAMILIES[arch.family].controls(arch)


def gauge_dimension(arch: Architecture, *, probabilities: bool = False) -> int:
    """The number of independent directions of weights in which no logit ever moves.

    With `probabilities` also those in which all logits of a position move alike. At generic
    weights there are no others (`nullity` measures it); special weights may have more.
    """
    return sum(
        kind.dimension for kind in symmetries(arch) if probabilities or kind.keeps == "logits"
    )
