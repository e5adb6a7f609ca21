"""What code computes about language models: stable, fast, hand-written.

The numbers of one distribution are `thermodynamics` and the functions of `numeric.boltzmann`, of
two `numeric.divergence` and, with zeros, `numeric.moduli`; `losses`, `alignment` and `attention`
hold what is trained with and by. `load_model` gives logits of a real model and is imported on
first use.
"""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from numeric.alignment import (
    log_optimal_policy,
    optimal_policy,
    optimal_value,
    preference_loss,
)
from numeric.attention import AttentionBlock, attention, attention_block
from numeric.boltzmann import (
    cross_entropy,
    entropy,
    free_energy,
    heat_capacity,
    internal_energy,
    log_partition,
    log_probabilities,
    probabilities,
)
from numeric.decoding import (
    acceptance_rate,
    residual_probabilities,
    total_variation_distance,
)
from numeric.divergence import (
    fisher_rao_distance,
    jensen_shannon_divergence,
    kl_divergence,
)
from numeric.hidden import thermodynamics_from_hidden
from numeric.losses import (
    distillation_loss,
    focal_loss,
    label_smoothing_loss,
    scaled_distillation_loss,
    z_loss,
)
from numeric.moduli import (
    alpha_divergence,
    bhattacharyya_coefficient,
    chi_square_divergence,
    exponential_geodesic,
    fisher_norm,
    metric_geodesic,
    mixture_geodesic,
    renyi_divergence,
    squared_hellinger_distance,
)
from numeric.nucleus import nucleus_size, top_mass
from numeric.renyi import renyi_entropy
from numeric.state import ThermodynamicState
from numeric.thermodynamics import Thermodynamics, thermodynamics
from numeric.truncation import (
    eta_probabilities,
    min_p_probabilities,
    top_k_probabilities,
    top_p_probabilities,
    typical_probabilities,
)
from numeric.zeros import (
    largest_probability_between,
    minimal_entropy,
    minimal_entropy_ground,
    needed_gap,
    two_level_entropy,
)

if TYPE_CHECKING:
    from numeric.models import LanguageModel, load_model

__all__ = [
    "AttentionBlock",
    "LanguageModel",
    "ThermodynamicState",
    "Thermodynamics",
    "acceptance_rate",
    "alpha_divergence",
    "attention",
    "attention_block",
    "bhattacharyya_coefficient",
    "chi_square_divergence",
    "cross_entropy",
    "distillation_loss",
    "entropy",
    "eta_probabilities",
    "exponential_geodesic",
    "fisher_norm",
    "fisher_rao_distance",
    "focal_loss",
    "free_energy",
    "heat_capacity",
    "internal_energy",
    "jensen_shannon_divergence",
    "kl_divergence",
    "label_smoothing_loss",
    "largest_probability_between",
    "load_model",
    "log_optimal_policy",
    "log_partition",
    "log_probabilities",
    "metric_geodesic",
    "min_p_probabilities",
    "minimal_entropy",
    "minimal_entropy_ground",
    "mixture_geodesic",
    "needed_gap",
    "nucleus_size",
    "optimal_policy",
    "optimal_value",
    "preference_loss",
    "probabilities",
    "renyi_divergence",
    "renyi_entropy",
    "residual_probabilities",
    "scaled_distillation_loss",
    "squared_hellinger_distance",
    "thermodynamics",
    "thermodynamics_from_hidden",
    "top_k_probabilities",
    "top_mass",
    "top_p_probabilities",
    "total_variation_distance",
    "two_level_entropy",
    "typical_probabilities",
    "z_loss",
]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return version("porism")
    if name in ("LanguageModel", "load_model"):  # transformers takes seconds to import
        import numeric.models

        return getattr(numeric.models, name)
    raise AttributeError(f"module 'numeric' has no attribute {name!r}")
