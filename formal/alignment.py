"""Alignment: reward under a divergence that is paid for at a temperature.

Defined here: the optimal policy and the optimal value of a regularized reward, preferences after
Bradley and Terry, the loss of direct preference optimization, soft values.
Main statements: the optimum is a Boltzmann law and its value a free energy; rewards are known
from policies up to a constant; gradients.

Notation: `R` is a reward, `mu` the reference policy, `q` any policy, `T` the weight of the
divergence (the beta of papers on preferences is this T), `Q` action values, `x` logits.
References: rafailov2023, bradley1952, williams1992, haarnoja2017.
"""

# SymPy types a Sum as what a relation might be as well:
# pyright: reportOperatorIssue=false

from sympy import Derivative, Eq, KroneckerDelta, Le, Sum, exp, log

from formal import symbols as _
from formal.boltzmann import free_energy, softmax
from formal.moduli import kl_divergence, mean, shannon_entropy
from formal.sources import BRADLEY_TERRY, HAARNOJA, OURS, RAFAILOV, WILLIAMS
from formal.statement import definition, family, identity, inequality, simplex
from formal.symbols import V, alpha, c, i, j, k, m

R, Q, T, mu, q, r, x = _.R, _.Q, _.T, _.mu, _.q, _.r, _.x


@definition(r"\mathcal{J}[#1]", RAFAILOV, item="3:R1'")
def regularized_reward(q, R, mu, T):
    """The reward of a policy, less what its divergence from the reference costs."""
    return mean(q, R) - T * kl_divergence(q, mu)


@definition(r"\mathcal{V}", RAFAILOV, item="3:R1'")
def optimal_value(R, mu, T):
    """The optimal value is T times the logarithm of the reference's mean exponential reward."""
    return T * log(Sum(mu[i] * exp(R[i] / T), (i, 1, V)))


@definition(r"\pi^{*}_{#4}", RAFAILOV, item="3:R1'")
def optimal_policy(R, mu, T, k):
    """The optimal policy is the reference, tilted by the exponential of the reward."""
    return mu[k] * exp(R[k] / T) / Sum(mu[i] * exp(R[i] / T), (i, 1, V))


@definition(r"P(#2 \succ #3)", BRADLEY_TERRY, item="3:R2'")
def preference(R, k, m):
    """**Bradley-Terry**: one answer is preferred to another by the logistic of their rewards."""
    return 1 / (1 + exp(R[m] - R[k]))


@definition(r"\mathcal{L}_{\mathrm{DPO}}", RAFAILOV, item="3:R2'")
def preference_loss(x, mu, T, k, m):
    """The loss of a preference when the policy's log-ratios to the reference are the rewards."""
    margin = log(softmax(x, k) / mu[k]) - log(softmax(x, m) / mu[m])
    return -log(1 / (1 + exp(-T * margin)))


@definition(r"\mathcal{V}_{\mathrm{soft}}", HAARNOJA, item="3:R3'")
def soft_value(Q, T):
    """The soft value is T times the logarithm of the sum of exponential action values."""
    return T * log(Sum(exp(Q[i] / T), (i, 1, V)))


@definition(r"\pi_{#3}", HAARNOJA, item="3:R3'")
def soft_policy(Q, T, k):
    """The soft policy prefers an action by how far its value exceeds the soft value."""
    return exp((Q[k] - soft_value(Q, T)) / T)


best = family(lambda n: optimal_policy(R, mu, T, n))
soft = family(lambda n: soft_policy(Q, T, n))
value = optimal_value(R, mu, T)


# The regularized optimum


@identity(OURS, item="3:R1'", assuming=simplex(q))
def optimal_value_sub_regularized_reward_eq_temperature_mul_kl_divergence():
    """What a policy loses against the optimum is its divergence from the optimal policy."""
    return Eq(value - regularized_reward(q, R, mu, T), T * kl_divergence(q, best))


@inequality(RAFAILOV, item="3:R1'", assuming=simplex(q), tight_at={q: best})
def regularized_reward_le_optimal_value():
    """No policy has a regularized reward above the optimal value."""
    return Le(regularized_reward(q, R, mu, T), value)


@identity(OURS, item="3:R1'")
def regularized_reward_of_optimal_policy_eq_optimal_value():
    """The optimal policy attains the optimal value."""
    return Eq(regularized_reward(best, R, mu, T), value)


@identity(OURS, item="3:R1'")
def optimal_value_eq_free_energy_of_tilted_energies():
    """The optimal value is a free energy: that of rewards and reference, with a minus sign."""
    energies = family(lambda n: -R[n] - T * log(mu[n]))
    return Eq(value, -free_energy(energies, T))


@identity(OURS, item="3:R1'")
def deriv_optimal_value_temperature_eq_neg_kl_divergence():
    """Dearer divergence lowers the optimal value by the divergence that is paid for."""
    return Eq(Derivative(value, T), -kl_divergence(best, mu))


@identity(OURS, item="3:R1'")
def deriv_optimal_value_reward_eq_optimal_policy():
    """The gradient of the optimal value in the rewards is the optimal policy."""
    return Eq(Derivative(value, R[k]), optimal_policy(R, mu, T, k))


@inequality(OURS, item="3:R1'", assuming=simplex(mu), tight_at={R: c})
def mean_reward_le_optimal_value():
    """Optimizing never does worse than the reference does."""
    return Le(mean(mu, R), value)


# Rewards from policies


@identity(RAFAILOV, item="3:R2'")
def reward_eq_temperature_mul_log_ratio_add_optimal_value():
    """A reward is known from its optimal policy up to a constant: the optimal value."""
    ratio = optimal_policy(R, mu, T, k) / mu[k]
    return Eq(R[k], T * log(ratio) + value)


@identity(RAFAILOV, item="3:R2'")
def reward_difference_eq_temperature_mul_log_ratio_difference():
    """In differences of rewards the partition function cancels."""
    ratio_k, ratio_m = (log(optimal_policy(R, mu, T, n) / mu[n]) for n in (k, m))
    return Eq(T * ratio_k - T * ratio_m, R[k] - R[m])


@identity(OURS, item="3:R2'", assuming=simplex(q))
def optimal_policy_of_log_ratio_eq_policy():
    """Every policy is optimal for the reward that its log-ratio to the reference is."""
    implied = family(lambda n: T * log(q[n] / mu[n]) + c)
    return Eq(optimal_policy(implied, mu, T, k), q[k])


@identity(OURS, item="3:R2'")
def optimal_policy_add_const():
    """A constant added to all rewards does not change the optimal policy."""
    return Eq(optimal_policy(family(lambda n: R[n] + c), mu, T, k), optimal_policy(R, mu, T, k))


@identity(RAFAILOV, item="3:R2'")
def preference_eq_logistic_of_optimal_policy():
    """A preference needs the optimal policy and the reference, and no reward."""
    odds = (optimal_policy(R, mu, T, m) * mu[k] / (optimal_policy(R, mu, T, k) * mu[m])) ** T
    return Eq(preference(R, k, m), 1 / (1 + odds))


@identity(BRADLEY_TERRY, item="3:R2'")
def preference_add_reversed_preference_eq_one():
    """One of two answers is preferred."""
    return Eq(preference(R, k, m) + preference(R, m, k), 1)


@identity(OURS, item="3:R2'")
def preference_loss_eq_softplus_of_logits():
    """In the loss of a preference the normalization of the policy cancels as well."""
    margin = x[k] - x[m] - log(mu[k]) + log(mu[m])
    return Eq(preference_loss(x, mu, T, k, m), log(1 + exp(-T * margin)))


@identity(RAFAILOV, item="3:R2'")
def deriv_preference_loss():
    """The gradient raises the preferred and lowers the other logit, the more the less it knows."""
    implied = family(lambda n: T * log(softmax(x, n) / mu[n]))
    push = KroneckerDelta(j, k) - KroneckerDelta(j, m)
    return Eq(
        Derivative(preference_loss(x, mu, T, k, m), x[j]), -T * preference(implied, m, k) * push
    )


# Soft values


@identity(HAARNOJA, item="3:R3'")
def soft_value_eq_mean_value_add_temperature_mul_entropy():
    """The soft value is the mean action value plus temperature times entropy."""
    return Eq(soft_value(Q, T), mean(soft, Q) + T * shannon_entropy(soft))


@identity(OURS, item="3:R3'")
def sum_soft_policy_eq_one():
    """The soft policy is normalized by the soft value."""
    return Eq(Sum(soft_policy(Q, T, i), (i, 1, V)), 1)


@inequality(HAARNOJA, item="3:R3'", assuming=simplex(q), tight_at={q: soft})
def mean_value_add_temperature_mul_entropy_le_soft_value():
    """No policy has more value and entropy together than the soft policy."""
    return Le(mean(q, Q) + T * shannon_entropy(q), soft_value(Q, T))


@identity(OURS, item="3:R3'")
def deriv_soft_value_eq_soft_policy():
    """The gradient of the soft value in the action values is the soft policy."""
    return Eq(Derivative(soft_value(Q, T), Q[k]), soft_policy(Q, T, k))


# Policy gradient


@identity(WILLIAMS, item="3:L6")
def deriv_mean_reward_eq_softmax_mul_advantage():
    """**Policy gradient**: a logit rises by the probability times the advantage of its token."""
    policy = family(lambda n: softmax(x, n))
    return Eq(Derivative(mean(policy, R), x[k]), softmax(x, k) * (R[k] - mean(policy, R)))


@identity(WILLIAMS, item="3:L6")
def deriv_mean_reward_eq_mean_score_mul_reward_sub_baseline():
    """A baseline does not change the policy gradient."""
    policy = family(lambda n: softmax(x, n))
    score = Derivative(log(softmax(x, i)), x[k])
    return Eq(
        Derivative(mean(policy, R), x[k]), Sum(softmax(x, i) * score * (R[i] - c), (i, 1, V))
    )


# Estimates of a divergence from the tokens that were drawn


@identity(OURS, item="3:R1'", assuming=simplex(q, r))
def mean_ratio_sub_one_sub_log_ratio_eq_kl_divergence():
    """A draw's ratio less one less its logarithm is nonnegative and has the divergence as mean."""
    ratio = family(lambda n: r[n] / q[n])
    estimate = family(lambda n: ratio(n) - 1 - log(ratio(n)))
    return Eq(mean(q, estimate), kl_divergence(q, r))


@identity(OURS, item="3:R1'")
def mean_deriv_log_ratio_eq_zero():
    """The log-ratio of a draw, differentiated as a loss, has a gradient of mean zero: it is an
    estimate of the divergence and no estimate of its gradient."""
    slope = Derivative(log(softmax(x, i)) - log(mu[i]), x[k])
    return Eq(Sum(softmax(x, i) * slope, (i, 1, V)), 0)


@identity(OURS, item="3:R1'")
def mean_deriv_half_sq_log_ratio_eq_deriv_kl_divergence():
    """Half the square of the log-ratio of a draw has the divergence's gradient as mean."""
    policy = family(lambda n: softmax(x, n))
    slope = Derivative((log(softmax(x, i)) - log(mu[i])) ** 2 / 2, x[k])
    return Eq(Sum(softmax(x, i) * slope, (i, 1, V)), Derivative(kl_divergence(policy, mu), x[k]))


# Best of n


@inequality(OURS, item="3:R4'", assuming=simplex(q, r), tight_at={alpha: 0})
def kl_divergence_from_mixture_le_log_inverse_share():
    """What is one part in n of the reference, as the best of n draws is, costs at most ln n."""
    mixture = family(lambda n: (q[n] + alpha * r[n]) / (1 + alpha))
    return Le(kl_divergence(q, mixture), log(1 + alpha))
