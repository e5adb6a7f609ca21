"""Gauge symmetry of transformers: which changes of weights change nothing.

architecture(config)            sizes of a Llama or GPT-2, or `UnknownSymmetry`
gauge_dimension(arch)           independent directions in which no logit moves
symmetries(arch), controls(arch)  each kind as a group that acts, and near misses
stacked(arch, state), logits(arch, weights, ids)  weights and logits in float64
examine(arch, weights, ids)     every kind tried, with its Ward and Hessian identities
balance(model, folder)          an equal checkpoint of least norm
same_model(a, b)                whether two are one up to gauge, and by which transformation
nullity(arch, weights, ids)     the directions of a small network, counted
"""

from numeric.symmetry.action import Control, Symmetry
from numeric.symmetry.architecture import Architecture, UnknownSymmetry, architecture
from numeric.symmetry.balanced import Balanced, balance, balanced
from numeric.symmetry.completeness import NoGap, Nullity, nullity, random_weights
from numeric.symmetry.examination import Examination, Seen, Tried, examine
from numeric.symmetry.forward import logits
from numeric.symmetry.identities import charges, descended, flowed, gradients, hessian, loss, ward
from numeric.symmetry.kinds import controls, gauge_dimension, symmetries
from numeric.symmetry.layout import Weights, parameters, stacked, state_dict
from numeric.symmetry.same import Sameness, Transformation, same_model, same_weights
from numeric.symmetry.stream import equal_gains

__all__ = [
    "Architecture",
    "Balanced",
    "Control",
    "Examination",
    "NoGap",
    "Nullity",
    "Sameness",
    "Seen",
    "Symmetry",
    "Transformation",
    "Tried",
    "UnknownSymmetry",
    "Weights",
    "architecture",
    "balance",
    "balanced",
    "charges",
    "controls",
    "descended",
    "equal_gains",
    "examine",
    "flowed",
    "gauge_dimension",
    "gradients",
    "hessian",
    "logits",
    "loss",
    "nullity",
    "parameters",
    "random_weights",
    "same_model",
    "same_weights",
    "stacked",
    "state_dict",
    "symmetries",
    "ward",
]
