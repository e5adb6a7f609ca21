"""Dually flat: the two potentials of the simplex, mixtures, and flows of the natural gradient.

Notation: `x` and `v` are logits, softmax is written sigma, q, r and mu are distributions; the
potentials are the log-sum-exp of the logits and minus the entropy; `lambda` is the place on a
mixture of q and r, `tau` a time. Main statements: the potentials are Legendre transforms of each
other; relative entropy is the Bregman divergence of both; three points; what mixing costs; the
flows of the natural gradient are mixtures and exponential geodesics, in closed form.
References: amari2016.
"""

# SymPy types a Sum as what a relation might be as well:
# pyright: reportOperatorIssue=false

from sympy import Derivative, Eq, Sum, exp, log

from formal import symbols as _
from formal.boltzmann import log_sum_exp, softmax
from formal.exponential import geodesic
from formal.fisher import fisher_metric
from formal.moduli import kl_divergence, mean, shannon_entropy, variance
from formal.sources import AMARI, OURS
from formal.statement import definition, family, identity, simplex
from formal.symbols import V, i, j, k, lam, tau

q, r, mu, x, v, f = _.q, _.r, _.mu, _.x, _.v, _.f


@definition(r"\mathsf{m}_{#4}", AMARI, item="1:G8")
def mixture_geodesic(q, r, lam, k):
    """The mixture geodesic of two distributions is the straight line between them."""
    return (1 - lam) * q[k] + lam * r[k]


@definition(r"\mathsf{x}_{#4}", AMARI, item="1:G16")
def mixture_flow(q, r, tau, k):
    """The flow from a start to an end that is left by an exponentially decaying part."""
    return r[k] + exp(-tau) * (q[k] - r[k])


@definition(r"\mathsf{y}_{#4}", AMARI, item="1:G16")
def exponential_flow(q, r, tau, k):
    """The flow along the exponential geodesic, of which a decaying part is left."""
    return geodesic(q, r, 1 - exp(-tau), k)


sigma = family(lambda i: softmax(x, i))
other = family(lambda i: softmax(v, i))
m = family(lambda i: mixture_geodesic(q, r, lam, i))
forth = family(lambda i: mixture_flow(q, r, tau, i))
along = family(lambda i: exponential_flow(q, r, tau, i))
LAWS = simplex(q, r)


# Legendre and Bregman


@identity(AMARI, item="1:G9")
def log_sum_exp_sub_entropy_of_softmax_eq_mean_logit():
    """**Legendre**: the potentials of logits and probabilities add up to the mean logit."""
    return Eq(log_sum_exp(x) - shannon_entropy(sigma), mean(sigma, x))


@identity(AMARI, item=("1:G9", "1:G10"), assuming=simplex(q))
def kl_divergence_from_softmax_eq_potentials_sub_mean_logit():
    """**Canonical divergence**: both potentials less the mean logit are the relative entropy."""
    both = log_sum_exp(x) - shannon_entropy(q) - mean(q, x)
    return Eq(kl_divergence(q, sigma), both)


@identity(AMARI, item=("1:G10", "1:G14"))
def kl_divergence_of_softmax_eq_bregman_divergence_of_log_sum_exp():
    """Relative entropy of two softmaxes is what the tangent of log-sum-exp misses."""
    tangent = Sum(softmax(x, i) * (v[i] - x[i]), (i, 1, V))
    return Eq(kl_divergence(sigma, other), log_sum_exp(v) - log_sum_exp(x) - tangent)


@identity(AMARI, item="1:G10", assuming=simplex(q, r))
def kl_divergence_eq_bregman_divergence_of_neg_entropy():
    """Relative entropy is what the tangent of minus the entropy misses."""
    tangent = Sum((1 + log(r[i])) * (q[i] - r[i]), (i, 1, V))
    return Eq(kl_divergence(q, r), shannon_entropy(r) - shannon_entropy(q) - tangent)


@identity(AMARI, item=("1:G10", "1:G11"))
def kl_divergence_eq_two_legs_add_product_of_differences():
    """**Three points**: relative entropy adds up but for the product of the two differences."""
    product = Sum((mu[i] - q[i]) * (log(q[i]) - log(r[i])), (i, 1, V))
    return Eq(kl_divergence(mu, r), kl_divergence(mu, q) + kl_divergence(q, r) + product)


@identity(AMARI, item="1:G10")
def kl_divergence_add_reversed_eq_product_of_differences():
    """Both relative entropies add up to the product of what the two coordinates differ by."""
    product = Sum((q[i] - r[i]) * (log(q[i]) - log(r[i])), (i, 1, V))
    return Eq(kl_divergence(q, r) + kl_divergence(r, q), product)


# Mixtures


@identity(AMARI, item="1:G8", assuming=LAWS)
def sum_mixture_geodesic_eq_one():
    """A mixture of two distributions is a distribution."""
    return Eq(Sum(mixture_geodesic(q, r, lam, i), (i, 1, V)), 1)


@identity(AMARI, item="1:G8")
def fisher_metric_of_exponential_geodesic_eq_variance_log_ratio():
    """An exponential geodesic moves with the variance of the log-ratio as squared speed."""
    place = family(lambda i: geodesic(q, r, lam, i))
    ratio = family(lambda i: log(r[i] / q[i]))
    speed = family(lambda i: Derivative(geodesic(q, r, lam, i), lam))
    return Eq(fisher_metric(place, speed, speed), variance(place, ratio))


# Flows of the natural gradient


@identity(AMARI, item="1:G16", assuming=simplex(r))
def deriv_mixture_flow_eq_neg_natural_gradient():
    """Down the natural gradient of the loss of its place, the flow is straight and decays."""
    slope = family(lambda i: -r[i] / mixture_flow(q, r, tau, i))
    natural = mixture_flow(q, r, tau, k) * (slope(k) - mean(forth, slope))
    return Eq(Derivative(mixture_flow(q, r, tau, k), tau), -natural)


@identity(AMARI, item="1:G16")
def deriv_exponential_flow_eq_neg_natural_gradient():
    """Down the natural gradient of the divergence of its place, the flow keeps its geodesic."""
    slope = family(lambda i: log(exponential_flow(q, r, tau, i) / r[i]))
    natural = exponential_flow(q, r, tau, k) * (slope(k) - mean(along, slope))
    return Eq(Derivative(exponential_flow(q, r, tau, k), tau), -natural)


@identity(AMARI, item="1:G16")
def log_ratio_of_exponential_flow_decays():
    """Along the flow, log-ratios to the end decay exponentially."""
    gap = log(exponential_flow(q, r, tau, k) / exponential_flow(q, r, tau, j))
    end = log(r[k] / r[j])
    return Eq(gap - end, exp(-tau) * (log(q[k] / q[j]) - end))


@identity(OURS, item="1:G16")
def deriv_kl_divergence_of_exponential_flow_eq_neg_variance():
    """**Dissipation**: divergence from the end falls by the variance of the log-ratio."""
    ratio = family(lambda i: log(exponential_flow(q, r, tau, i) / r[i]))
    return Eq(Derivative(kl_divergence(along, r), tau), -variance(along, ratio))
