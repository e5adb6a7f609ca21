"""Forty textbook identities and forty slips, against which no part of the prover was shaped.

They were collected from what courses and papers print (canonical ensemble, information theory of
one and two variables, softmax and losses, alignment, convexity) and are not edited to fit.
An identity holds for all sizes V, n; a slip is the same kind of formula with a mistake that
people make, and is false for most values.
"""

from typing import Any, NamedTuple

from sympy import (
    Derivative,
    Eq,
    Expr,
    IndexedBase,
    KroneckerDelta,
    Sum,
    Symbol,
    exp,
    log,
    sqrt,
    symbols,
)


class Entry(NamedTuple):
    """A claim with a name and the hypotheses under which it is meant."""

    name: str
    claim: Any
    assuming: tuple[Any, ...] = ()


V, n = symbols("V n", integer=True, positive=True)
i, j, k, l, y = symbols("i j k l y", integer=True, positive=True)  # noqa: E741
T, beta, b, alpha, gamma = symbols("T beta b alpha gamma", positive=True)
lam, c, s, z = symbols("lambda c s z", real=True)
eps = Symbol("epsilon", positive=True)
E, A, W, G, x, g, v, R, Q = (IndexedBase(name, real=True) for name in "EAWGxgvRQ")
p, q, r, p0, w, J, K = (
    IndexedBase(name, positive=True) for name in ("p", "q", "r", "p0", "w", "J", "K")
)


def over(summand: Any, index: Symbol = i, size: Symbol = V) -> Sum:
    """Sum over an index from 1."""
    return Sum(summand, (index, 1, size))


def by(expression: Any, *variables: Any) -> Derivative:
    """Unevaluated derivative."""
    return Derivative(expression, *variables, evaluate=False)


def equal(left: Any, right: Any) -> Eq:
    """Unevaluated equality."""
    return Eq(left, right, evaluate=False)


def normalised(*families: IndexedBase) -> tuple[Eq, ...]:
    """Each family sums to one."""
    return tuple(equal(over(f[i]), 1) for f in families)


# Canonical ensemble
Z = over(exp(-beta * E[i]))
lnZ = log(Z)


def gibbs(index: Symbol, inverse: Expr = beta) -> Expr:
    """Boltzmann probability at an inverse temperature."""
    return exp(-inverse * E[index]) / over(exp(-inverse * E[j]), j)


def mean(f: Any, inverse: Expr = beta) -> Sum:
    """Mean of f(i) in the ensemble."""
    return over(gibbs(i, inverse) * f)


U = mean(E[i])
VAR = mean((E[i] - U) ** 2)
S = -over(gibbs(i) * log(gibbs(i)))
ZT = over(exp(-E[i] / T))
F = -T * log(ZT)
U_T, S_T = mean(E[i], 1 / T), -over(gibbs(i, 1 / T) * log(gibbs(i, 1 / T)))
C = mean((E[i] - U_T) ** 2, 1 / T) / T**2
FORCED = over(exp(-beta * (E[i] + lam * A[i])))


def forced(f: Any) -> Sum:
    """Mean of f(i) in the ensemble of E + lambda A."""
    return over(exp(-beta * (E[i] + lam * A[i])) * f) / FORCED


F_FORCED = -log(FORCED) / beta
TWO = over(over(exp(-beta * (E[i] + G[j])), j, n))


def joint_gibbs(a: Symbol, b_: Symbol) -> Expr:
    """Boltzmann probability of two independent systems."""
    return exp(-beta * (E[a] + G[b_])) / TWO


S_TWO = -over(over(joint_gibbs(i, j) * log(joint_gibbs(i, j)), j, n))
Z_G = over(exp(-beta * G[j]), j, n)
S_G = -over(exp(-beta * G[j]) / Z_G * log(exp(-beta * G[j]) / Z_G), j, n)
TILTED = over(exp(-(E[i] + W[i]) / T))

# Information theory of two variables
JX, JY = over(J[i, j], j, n), over(J[i, j])
KX = over(K[i, j], j, n)
H_XY = -over(over(J[i, j] * log(J[i, j]), j, n))
H_X, H_Y = -over(JX * log(JX)), -over(JY * log(JY), j, n)
H_Y_X = -over(over(J[i, j] * log(J[i, j] / JX), j, n))
H_X_Y = -over(over(J[i, j] * log(J[i, j] / JY), j, n))
INFO = over(over(J[i, j] * log(J[i, j] / (JX * JY)), j, n))
JOINT = (equal(over(over(J[i, j], j, n)), 1),)


def kl(f: Any, g_: Any) -> Sum:
    """Relative entropy of two summands in i."""
    return over(f * log(f / g_))


def entropy(f: Any) -> Expr:
    """Entropy of a summand in i."""
    return -over(f * log(f))


MIX = (p[i] + q[i]) / 2
M_ = over(w[j] * K[i, j], j, n)
COND_MEAN = over(J[i, j] * g[j], j, n) / JX
MEAN_G = over(over(J[i, j] * g[j], j, n))

# Softmax and losses
LSE = log(over(exp(x[i])))


def soft(index: Symbol, family: Any = x, scale: Any = 1) -> Expr:
    """Softmax of a family."""
    return exp(family[index] / scale) / over(exp(family[j] / scale), j)


H_SOFT = -over(soft(i) * log(soft(i)))
SMOOTH = -(1 - eps) * log(soft(y)) - eps / V * over(log(soft(i)))
FOCAL = -((1 - soft(y)) ** gamma) * log(soft(y))
DISTIL = -over(q[i] * log(soft(i, x, T)))
DELTA = KroneckerDelta

# Alignment
ZR = over(p0[i] * exp(R[i] / b))


def tilted(index: Symbol) -> Expr:
    """Optimal policy of the regularised reward."""
    return p0[index] * exp(R[index] / b) / ZR


VALUE = over(q[i] * R[i]) - b * kl(q[i], p0[i])
ZQ = over(exp(Q[i] / b))
POLICY = exp(Q[i] / b) / ZQ
V_SOFT = b * log(ZQ)
REWARD = over(soft(i) * R[i])
GUIDED = over(soft(j) ** (1 + s) * soft(j, v) ** (-s), j)

IDENTITIES: tuple[Entry, ...] = (
    Entry("second moment from Z", equal(mean(E[i] ** 2), by(Z, (beta, 2)) / Z)),
    Entry("variance from ln Z", equal(VAR, by(lnZ, (beta, 2)))),
    Entry("entropy from ln Z", equal(S, lnZ + beta * U)),
    Entry("entropy from F by beta", equal(S, beta**2 * by(-lnZ / beta, beta))),
    Entry("Gibbs-Helmholtz", equal(U_T, -(T**2) * by(F / T, T))),
    Entry("heat capacity from F", equal(C, -T * by(F, (T, 2)))),
    Entry("independent systems multiply Z", equal(log(TWO), lnZ + log(Z_G))),
    Entry("entropies of independent systems add", equal(S_TWO, S + S_G)),
    Entry("force is the derivative of F", equal(by(F_FORCED, lam), forced(A[i]))),
    Entry(
        "response is fluctuation",
        equal(by(forced(A[i]), lam), -beta * (forced(A[i] ** 2) - forced(A[i]) ** 2)),
    ),
    Entry(
        "free energy perturbation",
        equal(-T * log(TILTED) - F, -T * log(mean(exp(-W[i] / T), 1 / T))),
    ),
    Entry(
        "reweighting",
        equal(
            over(gibbs(i, alpha) * A[i]),
            mean(A[i] * exp(-(alpha - beta) * E[i])) / mean(exp(-(alpha - beta) * E[i])),
        ),
    ),
    Entry("flow of the probabilities", equal(by(gibbs(k), beta), -gibbs(k) * (E[k] - U))),
    Entry("chain rule of entropy", equal(H_XY, H_X + H_Y_X)),
    Entry("information by entropies", equal(INFO, H_X + H_Y - H_XY)),
    Entry("information by conditioning", equal(INFO, H_X - H_X_Y)),
    Entry(
        "chain rule of relative entropy",
        equal(
            over(over(J[i, j] * log(J[i, j] / K[i, j]), j, n)),
            over(JX * log(JX / KX))
            + over(JX * over(J[i, j] / JX * log((J[i, j] / JX) / (K[i, j] / KX)), j, n)),
        ),
    ),
    Entry(
        "distance from independence",
        equal(
            over(over(J[i, j] * log(J[i, j] / (q[i] * r[j])), j, n)),
            INFO + over(JX * log(JX / q[i])) + over(JY * log(JY / r[j]), j, n),
        ),
    ),
    Entry(
        "Jensen-Shannon by entropies",
        equal(
            (kl(p[i], MIX) + kl(q[i], MIX)) / 2,
            entropy(MIX) - (entropy(p[i]) + entropy(q[i])) / 2,
        ),
    ),
    Entry(
        "Jeffreys", equal(kl(p[i], q[i]) + kl(q[i], p[i]), over((p[i] - q[i]) * log(p[i] / q[i])))
    ),
    Entry(
        "compensation identity",
        equal(
            over(w[j] * over(K[i, j] * log(K[i, j] / q[i])), j, n),
            over(w[j] * over(K[i, j] * log(K[i, j] / M_)), j, n) + over(M_ * log(M_ / q[i])),
        ),
    ),
    Entry("total expectation", equal(over(JX * COND_MEAN), MEAN_G)),
    Entry(
        "total variance",
        equal(
            over(over(J[i, j] * (g[j] - MEAN_G) ** 2, j, n)),
            over(over(J[i, j] * (g[j] - COND_MEAN) ** 2, j, n))
            + over(JX * (COND_MEAN - MEAN_G) ** 2),
        ),
        JOINT,
    ),
    Entry(
        "Hessian of negative entropy",
        equal(by(over(p[i] * log(p[i])), p[k], p[l]), DELTA(k, l) / p[k]),
    ),
    Entry("score has mean zero", equal(over(soft(i) * by(log(soft(i)), x[k])), 0)),
    Entry(
        "Fisher information of softmax",
        equal(
            over(soft(i) * by(log(soft(i)), x[k]) * by(log(soft(i)), x[l])),
            soft(k) * DELTA(k, l) - soft(k) * soft(l),
        ),
    ),
    Entry("cross-entropy gradient", equal(by(-log(soft(y)), x[k]), soft(k) - DELTA(k, y))),
    Entry(
        "label smoothing gradient",
        equal(by(SMOOTH, x[k]), soft(k) - (1 - eps) * DELTA(k, y) - eps / V),
    ),
    Entry("z-loss gradient", equal(by(LSE**2, x[k]), 2 * LSE * soft(k))),
    Entry(
        "focal loss gradient",
        equal(
            by(FOCAL, x[k]),
            (
                gamma * (1 - soft(y)) ** (gamma - 1) * soft(y) * log(soft(y))
                - (1 - soft(y)) ** gamma
            )
            * (DELTA(y, k) - soft(k)),
        ),
    ),
    Entry("entropy gradient", equal(by(H_SOFT, x[k]), -soft(k) * (log(soft(k)) + H_SOFT))),
    Entry(
        "distillation gradient",
        equal(by(DISTIL, x[k]), (soft(k, x, T) - q[k]) / T),
        normalised(q),
    ),
    Entry("log-sigmoid derivative", equal(by(log(1 / (1 + exp(-z))), z), 1 / (1 + exp(z)))),
    Entry(
        "regularised reward", equal(VALUE, b * log(ZR) - b * kl(q[i], tilted(i))), normalised(q)
    ),
    Entry(
        "reward differences from policies",
        equal(b * log(tilted(k) / p0[k]) - b * log(tilted(l) / p0[l]), R[k] - R[l]),
    ),
    Entry("soft value", equal(V_SOFT, over(POLICY * Q[i]) + b * entropy(POLICY))),
    Entry("policy gradient", equal(by(REWARD, x[k]), soft(k) * (R[k] - REWARD))),
    Entry(
        "guidance is a tilt of logits",
        equal(
            soft(k) ** (1 + s) * soft(k, v) ** (-s) / GUIDED,
            exp((1 + s) * x[k] - s * v[k]) / over(exp((1 + s) * x[i] - s * v[i])),
        ),
    ),
    Entry(
        "Bregman divergence of log-sum-exp",
        equal(
            LSE - log(over(exp(v[i]))) - over(soft(i, v) * (x[i] - v[i])),
            kl(soft(i, v), soft(i)),
        ),
    ),
    Entry(
        "quadratic form of the Hessian",
        equal(
            over(over(v[k] * v[l] * by(LSE, x[k], x[l]), l), k),
            over(soft(i) * (v[i] - over(soft(j) * v[j], j)) ** 2),
        ),
    ),
)

SLIPS: tuple[Entry, ...] = (
    Entry("sign of the energy", equal(U, by(lnZ, beta))),
    Entry("variance from Z without logarithm", equal(VAR, by(Z, (beta, 2)) / Z)),
    Entry("entropy with minus", equal(S, lnZ - beta * U)),
    Entry("entropy from F by beta, power", equal(S, beta * by(-lnZ / beta, beta))),
    Entry("Gibbs-Helmholtz, power of T", equal(U_T, -T * by(F / T, T))),
    Entry("heat capacity from F, sign", equal(C, T * by(F, (T, 2)))),
    Entry("heat capacity, one power of T", equal(by(U_T, T), T * C)),
    Entry("ln Z of independent systems multiply", equal(log(TWO), lnZ * log(Z_G))),
    Entry("F with plus", equal(F, U_T + T * S_T)),
    Entry(
        "response without beta",
        equal(by(forced(A[i]), lam), forced(A[i]) ** 2 - forced(A[i] ** 2)),
    ),
    Entry("perturbation with the mean inside", equal(-T * log(TILTED) - F, mean(W[i], 1 / T))),
    Entry(
        "reweighting not normalised",
        equal(over(gibbs(i, alpha) * A[i]), mean(A[i] * exp(-(alpha - beta) * E[i]))),
    ),
    Entry("flow of the probabilities, sign", equal(by(gibbs(k), beta), gibbs(k) * (E[k] - U))),
    Entry("third cumulant, sign", equal(by(lnZ, (beta, 3)), mean((E[i] - U) ** 3))),
    Entry("fourth cumulant without 3 sigma^4", equal(by(lnZ, (beta, 4)), mean((E[i] - U) ** 4))),
    Entry("chain rule with the wrong marginal", equal(H_XY, H_X + H_X_Y)),
    Entry("entropies add without independence", equal(H_XY, H_X + H_Y), JOINT),
    Entry("information with the wrong sign", equal(INFO, H_XY - H_X - H_Y)),
    Entry(
        "relative entropy is symmetric", equal(kl(p[i], q[i]), kl(q[i], p[i])), normalised(p, q)
    ),
    Entry("cross-entropy minus", equal(-over(p[i] * log(q[i])), entropy(p[i]) - kl(p[i], q[i]))),
    Entry(
        "Jensen-Shannon without halves",
        equal(kl(p[i], MIX) + kl(q[i], MIX), entropy(MIX) - (entropy(p[i]) + entropy(q[i])) / 2),
    ),
    Entry(
        "total variance without the second term",
        equal(
            over(over(J[i, j] * (g[j] - MEAN_G) ** 2, j, n)),
            over(over(J[i, j] * (g[j] - COND_MEAN) ** 2, j, n)),
        ),
        JOINT,
    ),
    Entry(
        "Hessian of negative entropy, power",
        equal(by(over(p[i] * log(p[i])), p[k], p[l]), DELTA(k, l) * p[k]),
    ),
    Entry(
        "gradient of entropy forgets the one", equal(by(-over(p[i] * log(p[i])), p[k]), -log(p[k]))
    ),
    Entry("constraint under the derivative", equal(by(over(p[i]), p[k]), 0), normalised(p)),
    Entry("softmax Jacobian without delta", equal(by(soft(k), x[l]), -soft(k) * soft(l))),
    Entry("softmax Jacobian, sign", equal(by(soft(k), x[l]), soft(k) * (soft(l) - DELTA(k, l)))),
    Entry("cross-entropy gradient, sign", equal(by(-log(soft(y)), x[k]), DELTA(k, y) - soft(k))),
    Entry(
        "label smoothing without 1/V",
        equal(by(SMOOTH, x[k]), soft(k) - (1 - eps) * DELTA(k, y) - eps),
    ),
    Entry("z-loss without the two", equal(by(LSE**2, x[k]), LSE * soft(k))),
    Entry("entropy gradient without the mean", equal(by(H_SOFT, x[k]), -soft(k) * log(soft(k)))),
    Entry(
        "distillation without 1/T",
        equal(by(DISTIL, x[k]), soft(k, x, T) - q[k]),
        normalised(q),
    ),
    Entry("sigmoid derivative", equal(by(1 / (1 + exp(-z)), z), exp(-z) / (1 + exp(-z)))),
    Entry(
        "regularised reward, divergence reversed",
        equal(VALUE, b * log(ZR) - b * kl(tilted(i), q[i])),
        normalised(q),
    ),
    Entry(
        "reward differences forget b",
        equal(log(tilted(k) / p0[k]) - log(tilted(l) / p0[l]), R[k] - R[l]),
    ),
    Entry("soft value with minus", equal(V_SOFT, over(POLICY * Q[i]) - b * entropy(POLICY))),
    Entry("policy gradient without baseline", equal(by(REWARD, x[k]), soft(k) * R[k])),
    Entry(
        "Bregman divergence the wrong way",
        equal(
            LSE - log(over(exp(v[i]))) - over(soft(i, v) * (x[i] - v[i])),
            kl(soft(i), soft(i, v)),
        ),
    ),
    Entry("root of a sum", equal(sqrt(over(p[i] ** 2)), over(p[i]))),
    Entry(
        "mean of the inverse", equal(over(p[i] / q[i]), 1 / over(p[i] * q[i])), (*normalised(p),)
    ),
)
