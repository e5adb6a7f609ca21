"""A language model's head as a Boltzmann manifold: hidden states as points of the simplex.

`BoltzmannManifold` holds what turns a hidden state into a distribution; `boltzmann_map` does it.
`pulled_back_metric` and `metric_spectrum` are the Fisher metric on hidden states, `moment_map`
and `inverse_moment_map` the mean row and the state that has it, `gauss_curvature` is that of two
coordinates; `log_probability_spectrum` and `relation_residuals` try the rank law and the toric
equations on the log-probabilities of any model.
"""

from numeric.manifold.curvature import gauss_curvature
from numeric.manifold.head import (
    BoltzmannManifold,
    boltzmann_map,
    heat_capacity_of_metric,
    log_boltzmann_map,
    metric_spectrum,
    pulled_back_metric,
)
from numeric.manifold.moment import inverse_moment_map, moment_map
from numeric.manifold.path import SimplexPath, simplex_path
from numeric.manifold.rank import RankLaw, log_probability_spectrum
from numeric.manifold.relations import relation_residuals, repeated_rows

__all__ = [
    "BoltzmannManifold",
    "RankLaw",
    "SimplexPath",
    "boltzmann_map",
    "gauss_curvature",
    "heat_capacity_of_metric",
    "inverse_moment_map",
    "log_boltzmann_map",
    "log_probability_spectrum",
    "metric_spectrum",
    "moment_map",
    "pulled_back_metric",
    "relation_residuals",
    "repeated_rows",
    "simplex_path",
]
