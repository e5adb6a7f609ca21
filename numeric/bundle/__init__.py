"""Fibre bundles of mixed states: distances, parallel transport and holonomy, on real models too.

fidelity, bures_distance, bures_angle, geodesic   density operators (..., n, n)
wasserstein_distance                              covariances, of any rank
uhlmann_connection, horizontal_generator, bures_norm   infinitesimally
relative_amplitude, parallel_transport, holonomy  chains and closed polygons of states
amplitude_transport, amplitude_holonomy           the same for amplitudes W (..., m, d, n)
path_transport, path_holonomy                     smooth paths
uhlmann_phase, rotation_angles                    what no choice of amplitudes changes
`qubits`                                          closed forms, and the bridge to relativity
`twins`                                           two journeys, compared by clock and by turn
"""

from numeric.bundle.connection import bures_norm, horizontal_generator, uhlmann_connection
from numeric.bundle.distances import (
    bures_angle,
    bures_distance,
    fidelity,
    geodesic,
    wasserstein_distance,
)
from numeric.bundle.journeys import Journey, Twins, journey, orbit, twins
from numeric.bundle.paths import path_holonomy, path_transport
from numeric.bundle.qubits import (
    bloch_state,
    bloch_vector,
    circle,
    critical_temperature,
    great_circle_holonomy,
    latitude_holonomy,
    lorentz_factor,
    thomas_form,
    uhlmann_form,
    wigner_rotation,
)
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
    "Journey",
    "Transport",
    "Twins",
    "amplitude_holonomy",
    "amplitude_transport",
    "bloch_state",
    "bloch_vector",
    "bures_angle",
    "bures_distance",
    "bures_norm",
    "circle",
    "critical_temperature",
    "fidelity",
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
    "relative_amplitude",
    "rotation_angles",
    "thomas_form",
    "twins",
    "uhlmann_connection",
    "uhlmann_form",
    "uhlmann_phase",
    "wasserstein_distance",
    "wigner_rotation",
]
