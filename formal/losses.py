"""Training losses of a next-token distribution, their gradients, and what they cost in bits.

Defined here: z-loss, label smoothing, focal loss, distillation and its weighting by T^2, bits
per byte.
Main statements: gradients in the logits; calibration of the temperature; the score has mean
zero.

Notation: `x` are the logits of a model, `v` those of a teacher, `w` is the target, `q` the
distribution of the data, E and T energies and temperature.
References: hinton2015, szegedy2016, lin2017, chowdhery2022, cover2006.
"""

# SymPy types a Sum as what a relation might be as well:
# pyright: reportOperatorIssue=false

from sympy import Derivative, Eq, Ge, Gt, KroneckerDelta, Le, Sum, log

from formal import symbols as _
from formal.boltzmann import (
    U,
    boltzmann,
    central_moment,
    entropy,
    internal_energy,
    log_sum_exp,
    probability,
    softmax,
    surprisal,
)
from formal.moduli import cross_entropy, kl_divergence, mean, perplexity, shannon_entropy
from formal.softmax import LSE
from formal.sources import CHOWDHERY, COVER_THOMAS, HINTON, LIN, OURS, SZEGEDY
from formal.statement import definition, family, identity, inequality, simplex
from formal.symbols import T_0, T_1, V, beta, c, epsilon, gamma, i, j, k, lam, m, rho, w

NOTATION = {_.v: "logits of the teacher", _.w: "the target"}

E, A, T, q, r, x, v = _.E, _.A, _.T, _.q, _.r, _.x, _.v
p = boltzmann()


def _tempered(logits, T):
    """The Boltzmann distribution of logits at a temperature."""
    return boltzmann(family(lambda n: -logits[n]), T)


@definition(r"\mathcal{L}_{z}", CHOWDHERY, item="3:L2")
def z_loss(x):
    """The z-loss is the square of the logarithm of the partition function."""
    return log_sum_exp(x) ** 2


@definition(r"\mathcal{L}_{\mathrm{smooth}}", SZEGEDY, item="3:L3")
def label_smoothing_loss(x, w, epsilon):
    """Label smoothing: cross-entropy relative to a target mixed with the uniform law."""
    target = (1 - epsilon) * KroneckerDelta(i, w) + epsilon / V
    return -Sum(target * log(softmax(x, i)), (i, 1, V))


@definition(r"\mathcal{L}_{\mathrm{distill}}", HINTON, item="3:L4")
def distillation_loss(x, v, T):
    """Distillation: the student's cross-entropy relative to the teacher, both at a temperature."""
    return cross_entropy(_tempered(v, T), _tempered(x, T))


@definition(r"\mathcal{L}_{T^2}", HINTON, item="3:L4")
def scaled_distillation_loss(x, v, T):
    """Distillation as it is weighted: the divergence of the student, times squared temperature."""
    return T**2 * kl_divergence(_tempered(v, T), _tempered(x, T))


@definition(r"\mathcal{L}_{\mathrm{focal}}", LIN, item="3:L5")
def focal_loss(x, w, gamma):
    """Focal loss: the loss of a token, faded out where the model is already sure of it."""
    return -((1 - softmax(x, w)) ** gamma) * log(softmax(x, w))


@definition(r"\mathrm{bpb}(#1, #2)", COVER_THOMAS, item="3:L9")
def bits_per_byte(q, r, rho):
    """Bits per byte: cross-entropy in bits times the number of tokens per byte."""
    return rho * cross_entropy(q, r) / log(2)


# Cross-entropy and temperature


@identity(OURS, item="3:L1")
def deriv_surprisal_eq_energy_deficit_div_temperature_sq():
    """Heating lowers the loss of tokens above the mean energy and raises that of the others."""
    return Eq(Derivative(surprisal(E, T, w), T), (U - E[w]) / T**2)


@identity(OURS, item="3:L1", assuming=simplex(q))
def deriv_cross_entropy_eq_energy_deficit_div_temperature_sq():
    """A temperature is calibrated where the model's mean energy is that of the data."""
    return Eq(Derivative(cross_entropy(q, p), T), (U - mean(q, E)) / T**2)


@identity(OURS, item="3:L1", assuming=simplex(q))
def deriv2_cross_entropy_eq_variance():
    """The cross-entropy is convex in inverse temperature: its curvature is energy's variance."""
    cold = boltzmann(E, 1 / beta)
    return Eq(Derivative(cross_entropy(q, cold), (beta, 2)), central_moment(E, 1 / beta, 2))


@identity(OURS, item="3:L1", assuming=simplex(q))
def cross_entropy_sub_cross_entropy_eq_kl_divergence_add_miscalibration():
    """Leaving a temperature costs the divergence from it, and what it was miscalibrated by."""
    first, second = boltzmann(E, T_0), boltzmann(E, T_1)
    return Eq(
        cross_entropy(q, second) - cross_entropy(q, first),
        kl_divergence(first, second)
        + (1 / T_1 - 1 / T_0) * (mean(q, E) - internal_energy(E, T_0)),
    )


# Gradients in the logits


@identity(OURS, item="3:L2")
def deriv_z_loss_eq_two_mul_log_sum_exp_mul_softmax():
    """The gradient of the z-loss is twice ln Z times the probabilities."""
    return Eq(Derivative(z_loss(x), x[k]), 2 * LSE * softmax(x, k))


@identity(OURS, item="3:L2")
def z_loss_add_const():
    """The z-loss holds logits near one gauge: shifted by a constant, ln Z shifts as well."""
    return Eq(z_loss(family(lambda n: x[n] + c)), (LSE + c) ** 2)


@identity(OURS, item="3:L3")
def label_smoothing_loss_eq_cross_entropy_add_mean_cross_entropy():
    """Label smoothing mixes the loss of the target with the mean loss of all tokens."""
    everywhere = Sum(LSE - x[j], (j, 1, V))
    return Eq(
        label_smoothing_loss(x, w, epsilon),
        -(1 - epsilon) * log(softmax(x, w)) + epsilon / V * everywhere,
    )


@identity(OURS, item="3:L3")
def label_smoothing_loss_eq_cross_entropy_add_kl_divergence_of_uniform():
    """Label smoothing pulls the model towards the uniform law."""
    uniform = family(lambda n: 1 / V)
    return Eq(
        label_smoothing_loss(x, w, epsilon),
        -(1 - epsilon) * log(softmax(x, w))
        + epsilon * (log(V) + kl_divergence(uniform, family(lambda n: softmax(x, n)))),
    )


@identity(OURS, item="3:L3")
def deriv_label_smoothing_loss_eq_softmax_sub_target():
    """The gradient of label smoothing is the prediction minus the smoothed target."""
    return Eq(
        Derivative(label_smoothing_loss(x, w, epsilon), x[k]),
        softmax(x, k) - (1 - epsilon) * KroneckerDelta(k, w) - epsilon / V,
    )


def _at(logits, index):
    return probability(family(lambda n: -logits[n]), T, index)


@identity(HINTON, item="3:L4")
def deriv_distillation_loss_eq_student_sub_teacher_div_temperature():
    """The gradient of distillation is student minus teacher over the temperature."""
    return Eq(Derivative(distillation_loss(x, v, T), x[k]), (_at(x, k) - _at(v, k)) / T)


@identity(OURS, item="3:L4")
def scaled_distillation_loss_eq_temperature_sq_mul_loss_sub_entropy():
    """What distillation can win is its loss above the teacher's entropy."""
    excess = distillation_loss(x, v, T) - shannon_entropy(_tempered(v, T))
    return Eq(scaled_distillation_loss(x, v, T), T**2 * excess)


@identity(OURS, item="3:L4")
def deriv_scaled_distillation_loss_eq_temperature_mul_student_sub_teacher():
    """Weighted by squared temperature, the gradient of distillation does not fade with it."""
    return Eq(Derivative(scaled_distillation_loss(x, v, T), x[k]), T * (_at(x, k) - _at(v, k)))


@inequality(OURS, item="3:L4", tight_at={x: v})
def scaled_distillation_loss_nonneg():
    """Nothing is left to distill where the student is the teacher."""
    return Ge(scaled_distillation_loss(x, v, T), 0)


@inequality(OURS, item="3:L4", tight_at={x: c})
def temperature_mul_log_card_mul_probability_le_centered_logit():
    """At high temperature the log-probabilities are the centered logits, from above."""
    centered = x[k] - Sum(x[j], (j, 1, V)) / V
    return Le(T * log(V * _at(x, k)), centered)


@inequality(OURS, item="3:L4", tight_at={x: c})
def logit_sub_mean_logit_le_temperature_mul_log_card_mul_probability():
    """At high temperature the log-probabilities are the centered logits, from below."""
    return Le(x[k] - mean(_tempered(x, T), x), T * log(V * _at(x, k)))


@identity(OURS, item="3:L5", assuming=(Gt(1 - softmax(x, w), 0),))
def deriv_focal_loss():
    """The gradient of the focal loss is that of the cross-entropy times one factor."""
    p_w = softmax(x, w)
    factor = gamma * (1 - p_w) ** (gamma - 1) * p_w * log(p_w) - (1 - p_w) ** gamma
    return Eq(
        Derivative(focal_loss(x, w, gamma), x[k]), factor * (KroneckerDelta(w, k) - softmax(x, k))
    )


@identity(OURS, item="3:L5")
def deriv_entropy_logit_eq_neg_probability_mul_surprise_excess_div_temperature():
    """An entropy bonus moves logits towards the tokens that surprise more than the mean."""
    softened = entropy(family(lambda n: -x[n]), T)
    return Eq(Derivative(softened, x[k]), -_at(x, k) / T * (log(_at(x, k)) + softened))


# The score


@identity(OURS, item="3:L6")
def mean_score_eq_zero():
    """The score has mean zero: no direction in the logits is better for the model's own tokens."""
    return Eq(Sum(softmax(x, i) * Derivative(log(softmax(x, i)), x[k]), (i, 1, V)), 0)


@identity(OURS, item="3:L6")
def mean_score_mul_score_eq_softmax_covariance():
    """The covariance of the score is the Fisher metric of the logits."""
    score_k, score_m = (Derivative(log(softmax(x, i)), x[n]) for n in (k, m))
    return Eq(
        Sum(softmax(x, i) * score_k * score_m, (i, 1, V)),
        softmax(x, k) * KroneckerDelta(k, m) - softmax(x, k) * softmax(x, m),
    )


@identity(OURS, item="3:L7")
def deriv_surprisal_eq_beta_mul_response_excess():
    """Learning lowers the energy of the data and raises that of the model's own samples."""
    moved = family(lambda n: E[n] + lam * A[n])
    response = mean(boltzmann(moved), A)
    return Eq(Derivative(surprisal(moved, T, w), lam), (A[w] - response) / T)


# Perplexity and bits


@identity(COVER_THOMAS, item="3:L9")
def two_pow_bits_per_byte_eq_perplexity_pow_tokens_per_byte():
    """Bits per byte do not depend on how a text is cut into tokens as perplexity does."""
    return Eq(2 ** bits_per_byte(q, r, rho), perplexity(q, r) ** rho)


@inequality(COVER_THOMAS, item="3:L9", assuming=simplex(q, r), tight_at={r: q})
def entropy_le_bits_per_byte():
    """No model codes a text in fewer bits than the entropy of the data."""
    return Le(rho * shannon_entropy(q) / log(2), bits_per_byte(q, r, rho))
