"""Targets for code in use: sampling, training losses, speculative decoding.

Truncations select tokens: where rounding of the logits may change which, the question is not
asked and the input is counted as skipped. So it is at a tie that straddles the edge, where one
library keeps all of the tied tokens and another the first.
"""

from sympy import Expr, Max, S

from bridge.crosschecking.target import (
    LOGITS,
    LOGITS_P,
    LOGITS_Q,
    TEMPERATURE,
    TOKEN,
    Argument,
    Kind,
    Target,
)
from formal import boltzmann, decoding, losses, moduli, truncation
from formal.quantity import Quantity
from formal.statement import family
from formal.symbols import T, epsilon, k, rho, v, w, x

SMOOTHING = Argument("smoothing", Kind.FRACTION, epsilon)
STUDENT = Argument("student", Kind.LOGITS, x)
TEACHER = Argument("teacher", Kind.LOGITS, v)
_p, _q = (family(lambda n, z=z: boltzmann.softmax(z, n)) for z in (x, v))


def _truncation(name: str, parameter: str, kind: Kind, quantity: type[Quantity]) -> Target:
    """A rule of truncation at a parameter, with one value per token."""
    argument = Argument(parameter, kind, rho)
    return Target(name, (LOGITS, argument), quantity(x, rho, k), per_token=True, continuous=False)


def _pair(name: str, quantity: type[Quantity]) -> Target:
    """A quantity of two distributions."""
    return Target(
        name,
        (LOGITS_P, LOGITS_Q),
        quantity(_p, _q),
        masks=False,
        of_probabilities=True,
    )


def _distilled(name: str, quantity: type[Quantity], unit: Expr = S.One) -> Target:
    """A loss of a student relative to a teacher, both at a temperature."""

    return Target(
        name,
        (STUDENT, TEACHER, TEMPERATURE),
        quantity(x, v, T),
        masks=False,
        unit=unit,
    )


IN_USE: tuple[Target, ...] = (
    _truncation("top_k_probabilities", "count", Kind.COUNT, truncation.top_k_probability),
    _truncation("top_p_probabilities", "mass", Kind.FRACTION, truncation.top_p_probability),
    _truncation("min_p_probabilities", "share", Kind.FRACTION, truncation.min_p_probability),
    _truncation("typical_probabilities", "mass", Kind.FRACTION, truncation.typical_probability),
    _truncation("eta_probabilities", "constant", Kind.FRACTION, truncation.eta_probability),
    Target(
        "label_smoothing_loss",
        (LOGITS, TOKEN, SMOOTHING),
        losses.label_smoothing_loss(x, w, epsilon),
        masks=False,
    ),
    Target(
        "z_loss",
        (LOGITS,),
        losses.z_loss(x),
    ),
    _distilled("distillation_loss", losses.distillation_loss),
    _distilled("scaled_distillation_loss", losses.scaled_distillation_loss, Max(1, T**2)),
    _pair("acceptance_rate", decoding.acceptance_rate),
    _pair("total_variation_distance", decoding.total_variation_distance),
    Target("perplexity", (LOGITS_P, LOGITS_Q), moduli.perplexity(_p, _q), masks=False),
)
