"""Fibre bundles of mixed states: distances, parallel transport and holonomy, on real models too.

fidelity, bures_distance, bures_angle, geodesic   density operators (..., n, n)
wasserstein_distance                              covariances, of any rank
uhlmann_connection, horizontal_generator, bures_norm   infinitesimally
uhlmann_curvature, amplitude_curvature            around small loops
relative_amplitude, parallel_transport, holonomy  chains and closed polygons of states
amplitude_transport, amplitude_holonomy           the same for amplitudes W (..., m, d, n)
path_transport, path_holonomy                     smooth paths
uhlmann_phase, rotation_angles                    what no choice of amplitudes changes
bloch_state, circle, wigner_rotation, ...         closed forms of a qubit, and relativity
twins(first, second)                              two journeys, compared by clock and by turn
token_states, von_neumann_entropy                 mixed states of next tokens
read_contexts, families                           prompts as amplitudes; their loops, random ones
reducibility, curvature_blocks, fisher_blocks     whether factors of prompts are kept apart
examine_layers(model, kinds, continuation)        how far each layer moves prompts
examine(model)                                    all of it on a model, for the project's prompts
"""

from numeric.bundle.connection import bures_norm, horizontal_generator, uhlmann_connection
from numeric.bundle.contexts import Contexts, read_contexts
from numeric.bundle.curvature import amplitude_curvature, uhlmann_curvature
from numeric.bundle.disentanglement import (
    Blocks,
    Mixing,
    curvature_blocks,
    fisher_blocks,
    reducibility,
)
from numeric.bundle.distances import (
    bures_angle,
    bures_distance,
    fidelity,
    geodesic,
    wasserstein_distance,
)
from numeric.bundle.examination import Examination, examine
from numeric.bundle.journeys import Journey, Twins, journey, orbit, twins
from numeric.bundle.layers import Layers, examine_layers
from numeric.bundle.loops import Family, families
from numeric.bundle.paths import path_holonomy, path_transport
from numeric.bundle.qubits import (
    bloch_state,
    bloch_vector,
    circle,
    critical_temperature,
    curvature_form,
    great_circle_holonomy,
    latitude_holonomy,
    lorentz_factor,
    thomas_form,
    uhlmann_form,
    wigner_rotation,
)
from numeric.bundle.tokens import Tokens, examine_tokens, token_states, von_neumann_entropy
from numeric.bundle.transport import (
    Transport,
    amplitude_holonomy,
    amplitude_transport,
    holonomy,
    parallel_transport,
    relative_amplitude,
    rotation_angles,
    uhlmann_phase,
)

__all__ = [
    "Blocks",
    "Contexts",
    "Examination",
    "Family",
    "Journey",
    "Layers",
    "Mixing",
    "Tokens",
    "Transport",
    "Twins",
    "amplitude_curvature",
    "amplitude_holonomy",
    "amplitude_transport",
    "bloch_state",
    "bloch_vector",
    "bures_angle",
    "bures_distance",
    "bures_norm",
    "circle",
    "critical_temperature",
    "curvature_blocks",
    "curvature_form",
    "examine",
    "examine_layers",
    "examine_tokens",
    "families",
    "fidelity",
    "fisher_blocks",
    "geodesic",
    "great_circle_holonomy",
    "holonomy",
    "horizontal_generator",
    "journey",
    "latitude_holonomy",
    "lorentz_factor",
    "orbit",
    "parallel_transport",
    "path_holonomy",
    "path_transport",
    "read_contexts",
    "reducibility",
    "relative_amplitude",
    "rotation_angles",
    "thomas_form",
    "token_states",
    "twins",
    "uhlmann_connection",
    "uhlmann_curvature",
    "uhlmann_form",
    "uhlmann_phase",
    "von_neumann_entropy",
    "wasserstein_distance",
    "wigner_rotation",
]
