"""Forty identities and inequalities and forty slips about what lies beyond plain sums.

Distributions with zeros, masks, products over a sequence, absolute values, minima and maxima,
several sizes, traces, vector-valued energies, integrals, losses, alignment and attention: from
courses and papers, collected before the rules for them were seen, and not edited to fit.
A claim holds for all sizes V, n, H, wherever its hypotheses do; a slip is the same kind of formula
with a mistake that people make, and is false for most values.
"""

from typing import Any

from sympy import (
    Abs,
    Expr,
    Gt,
    IndexedBase,
    Integral,
    KroneckerDelta,
    Le,
    Lt,
    Max,
    Min,
    Product,
    Sum,
    Symbol,
    exp,
    log,
    sqrt,
    symbols,
)

from formal.functions import Subset, xlogy
from tests.formal.textbook import Entry, by, equal, normalised, over

V, n, H = symbols("V n H", integer=True, positive=True)
i, j, k, l, m, y = symbols("i j k l m y", integer=True, positive=True)  # noqa: E741
T, T1, T2, b, c, eps, gamma = symbols("T T1 T2 b c epsilon gamma", positive=True)
beta, beta1, beta2, rho, s = symbols("beta beta1 beta2 rho s", positive=True)
z, t, lam = symbols("z t lambda", real=True)
E, D, x, v, h, u, M, N, L, W, R, Q, X = (
    IndexedBase(name, real=True) for name in "E D x v h u M N L W R Q X".split()
)
p, q, r, P = (IndexedBase(name, positive=True) for name in "pqrP")
f, g, J = (IndexedBase(name, nonnegative=True) for name in "fgJ")
A, B = Subset("A"), Subset("B")
DELTA = KroneckerDelta


def at_most(left: Any, right: Any) -> Le:
    """Unevaluated inequality."""
    return Le(left, right, evaluate=False)


def kept(*masses: Any) -> tuple[Gt, ...]:
    """Each mass is positive: something was kept."""
    return tuple(Gt(mass, 0, evaluate=False) for mass in masses)


def product(factor: Any, index: Symbol = i, size: Symbol = n) -> Product:
    """Product over an index from 1."""
    return Product(factor, (index, 1, size))


def soft(index: Symbol, family: Any = x, scale: Any = 1) -> Expr:
    """Softmax of a family over V."""
    return exp(family[index] / scale) / over(exp(family[m] / scale), m)


def sigmoid(value: Any) -> Expr:
    """Logistic function."""
    return 1 / (1 + exp(-value))


# Distributions with zeros, joint and single
JX, JY = over(J[i, j], j, n), over(J[i, j])
JOINT = (equal(over(over(J[i, j], j, n)), 1),)
H_XY = -over(over(xlogy(J[i, j], J[i, j]), j, n))
H_X, H_Y = -over(xlogy(JX, JX)), -over(xlogy(JY, JY), j, n)
H_Y_X = -over(over(xlogy(J[i, j], J[i, j]) - xlogy(J[i, j], JX), j, n))
H_F = -over(xlogy(f[i], f[i]))
KL_F = over(xlogy(f[i], f[i] / q[i]))

# Three variables of sizes V, n, H
P_IK, P_JK = over(P[i, j, k], j, n), over(P[i, j, k])
P_I, P_K = over(over(P[i, j, k], j, n), k, H), over(over(P[i, j, k], j, n))


def triple(summand: Any) -> Sum:
    """Sum over all three indices."""
    return over(over(over(summand, k, H), j, n))


# Masks
MASS, REST = over(A[i] * p[i]), over((1 - A[i]) * p[i])
BOTH = over(A[i] * B[i] * p[i])
COUNT = over(A[i])
LSE = log(over(exp(x[i])))
ZA, ZB = over(A[i] * exp(x[i])), over((1 - A[i]) * exp(x[i]))
OUT_A, OUT_B = over(A[i] * exp(x[i]) * v[i]) / ZA, over((1 - A[i]) * exp(x[i]) * v[i]) / ZB
OUT = over(exp(x[i]) * v[i]) / over(exp(x[i]))

# Two blocks of keys, of sizes V and n
Z1, Z2 = over(exp(x[i])), over(exp(h[j]), j, n)
O1, O2 = over(exp(x[i]) * v[i]) / Z1, over(exp(h[j]) * u[j], j, n) / Z2

# Distances and speculative decoding
TV = over(Abs(p[i] - q[i])) / 2
OVERLAP = over(Min(p[i], q[i]))
EXCESS = over(Max(p[j] - q[j], 0), j)
CLIP = Min(Max(rho, 1 - eps), 1 + eps)

# Vectors of n components, energies linear in them
SCORE = over(h[j] * W[i, j], j, n)
Z_W = over(exp(SCORE))
W_L = over(exp(SCORE) * W[i, l]) / Z_W
HOPFIELD = -T * log(over(exp(SCORE / T))) + over(h[j] ** 2, j, n) / 2
ATTENDED = over(exp(SCORE) * v[i]) / Z_W
QUADRATIC = over(over(x[i] * M[i, j] * x[j], j))
COMPONENT = (Le(l, n, evaluate=False),)

# Integrals over temperature and couplings
BOLTZMANN = over(exp(-beta * E[i]))
U = over(exp(-beta * E[i]) * E[i]) / BOLTZMANN
VAR_E = over(exp(-beta * E[i]) * E[i] ** 2) / BOLTZMANN - U**2
U_T = over(exp(-E[i] / T) * E[i]) / over(exp(-E[i] / T))
C_T = (over(exp(-E[i] / T) * E[i] ** 2) / over(exp(-E[i] / T)) - U_T**2) / T**2
FORCED = over(exp(-(E[i] + lam * D[i])))
FORCE = over(exp(-(E[i] + lam * D[i])) * D[i]) / FORCED
VAR_D = over(exp(-(E[i] + lam * D[i])) * D[i] ** 2) / FORCED - FORCE**2


def log_z(inverse: Expr) -> Expr:
    """Logarithm of the partition function."""
    return log(over(exp(-inverse * E[i])))


def entropy(temperature: Expr) -> Expr:
    """Entropy in the ensemble."""
    weight = exp(-E[i] / temperature) / over(exp(-E[j] / temperature), j)
    return -over(weight * log(weight))


def energy(inverse: Expr) -> Expr:
    """Mean energy in the ensemble."""
    return over(exp(-inverse * E[i]) * E[i]) / over(exp(-inverse * E[i]))


# Losses and alignment
SMOOTHED = (1 - eps) * DELTA(i, y) + eps / V
MARGIN = b * (log(soft(k) / p[k]) - log(soft(l) / p[l]))
DISTIL = T**2 * over(soft(i, v, T) * log(soft(i, v, T) / soft(i, x, T)))
V_SOFT = b * log(over(exp(Q[i] / b)))
REGULARISED = over(f[i] * R[i]) - b * over(xlogy(f[i], f[i] / p[i]))

IDENTITIES: tuple[Entry, ...] = (
    # zeros
    Entry("chain rule of entropy with zeros", equal(H_XY, H_X + H_Y_X)),
    Entry(
        "information by entropies with zeros",
        equal(
            over(over(xlogy(J[i, j], J[i, j]) - xlogy(J[i, j], JX) - xlogy(J[i, j], JY), j, n)),
            H_X + H_Y - H_XY,
        ),
    ),
    Entry(
        "cross-entropy splits with zeros",
        equal(-over(f[i] * log(q[i])), H_F + KL_F),
    ),
    Entry(
        "divergence from uniform with zeros",
        equal(over(xlogy(f[i], V * f[i])), log(V) - H_F),
        normalised(f),
    ),
    Entry("Gibbs' inequality with zeros", at_most(0, KL_F), normalised(f, q)),
    Entry("entropy of a point mass", equal(over(xlogy(DELTA(i, k), DELTA(i, k))), 0)),
    Entry(
        "entropies of independent variables add, with zeros",
        equal(
            -over(over(xlogy(f[i] * g[j], f[i] * g[j]), j, n)),
            H_F - over(xlogy(g[j], g[j]), j, n),
        ),
        (equal(over(f[i]), 1), equal(over(g[j], j, n), 1)),
    ),
    Entry(
        "chain rule of information",
        equal(
            triple(P[i, j, k] * log(P[i, j, k] / (P_I * P_JK))),
            over(over(P_IK * log(P_IK / (P_I * P_K)), k, H))
            + triple(P[i, j, k] * log(P[i, j, k] * P_K / (P_IK * P_JK))),
        ),
    ),
    # masks
    Entry(
        "truncation is conditioning",
        equal(over(xlogy(A[i] * p[i] / MASS, A[i] / MASS)), -log(MASS)),
        kept(MASS),
    ),
    Entry("a mask is its square", equal(over((A[i] * p[i]) ** 2), over(A[i] * p[i] ** 2))),
    Entry(
        "softmax renormalised is the softmax of the kept",
        equal(
            A[k] * soft(k) / over(A[j] * soft(j), j),
            A[k] * exp(x[k]) / over(A[j] * exp(x[j]), j),
        ),
        kept(ZA),
    ),
    Entry(
        "two truncations are one",
        equal((A[k] * B[k] * p[k] / MASS) / (BOTH / MASS), A[k] * B[k] * p[k] / BOTH),
        kept(BOTH),
    ),
    Entry(
        "mass of a union",
        equal(over(Max(A[i], B[i]) * p[i]), MASS + over(B[i] * p[i]) - BOTH),
    ),
    Entry(
        "entropy of the uniform distribution on a subset",
        equal(-over(xlogy(A[i] / COUNT, A[i] / COUNT)), log(COUNT)),
        kept(COUNT),
    ),
    Entry(
        "entropy by groups",
        equal(
            -over(p[i] * log(p[i])),
            -MASS * log(MASS)
            - REST * log(REST)
            - MASS * over(xlogy(A[i] * p[i] / MASS, A[i] * p[i] / MASS))
            - REST * over(xlogy((1 - A[i]) * p[i] / REST, (1 - A[i]) * p[i] / REST)),
        ),
        (*normalised(p), *kept(MASS, REST)),
    ),
    # products
    Entry(
        "perplexity is the inverse geometric mean",
        equal(product(p[i]) ** (-1 / n), exp(-over(log(p[i]), i, n) / n)),
    ),
    Entry(
        "log-probability of a sequence",
        equal(
            log(product(exp(h[j]) / over(exp(X[i, j])), j)),
            over(h[j] - log(over(exp(X[i, j]))), j, n),
        ),
    ),
    Entry(
        "importance weights multiply",
        equal(product(p[i] / q[i]), product(p[i]) / product(q[i])),
    ),
    Entry(
        "derivative of a product",
        equal(by(product(p[i], i, V), p[k]), product(p[i], i, V) / p[k]),
    ),
    Entry(
        "arithmetic and geometric mean",
        at_most(product(p[i]) ** (1 / n), over(p[i], i, n) / n),
    ),
    # absolute values, minima, maxima
    Entry("total variation by the overlap", equal(TV, 1 - OVERLAP), normalised(p, q)),
    Entry("total variation by the excess", equal(TV, EXCESS), normalised(p, q)),
    Entry(
        "law of speculative decoding",
        equal(
            q[k] * Min(1, p[k] / q[k]) + (1 - OVERLAP) * Max(p[k] - q[k], 0) / EXCESS,
            p[k],
        ),
        (*normalised(p, q), *kept(EXCESS)),
    ),
    Entry(
        "stable binary cross-entropy",
        equal(
            Max(z, 0) - z * t + log(1 + exp(-Abs(z))),
            -t * log(sigmoid(z)) - (1 - t) * log(1 - sigmoid(z)),
        ),
    ),
    Entry(
        "clipped objective for a positive advantage",
        equal(Min(rho * c, CLIP * c), c * Min(rho, 1 + eps)),
    ),
    Entry(
        "triangle inequality of total variation",
        at_most(TV, over(Abs(p[i] - r[i])) / 2 + over(Abs(r[i] - q[i])) / 2),
    ),
    Entry("overlap and Bhattacharyya", at_most(OVERLAP, over(sqrt(p[i] * q[i])))),
    # several sizes, traces, vectors
    Entry(
        "the trace is cyclic",
        equal(
            over(over(over(M[i, j] * N[j, k] * L[k, i], k, H), j, n)),
            over(over(over(N[j, k] * L[k, i] * M[i, j], i), k, H), j, n),
        ),
    ),
    Entry(
        "gradient of a quadratic form",
        equal(by(QUADRATIC, x[k]), over((M[k, j] + M[j, k]) * x[j], j)),
    ),
    Entry(
        "variance by pairs",
        equal(
            over(over(p[i] * p[j] * (x[i] - x[j]) ** 2, j)) / 2,
            over(p[i] * x[i] ** 2) - over(p[i] * x[i]) ** 2,
        ),
        normalised(p),
    ),
    Entry(
        "step of a Hopfield network",
        equal(
            by(HOPFIELD, h[l]),
            h[l] - over(exp(SCORE / T) * W[i, l]) / over(exp(SCORE / T)),
        ),
        COMPONENT,
    ),
    Entry(
        "attention responds to the query by a covariance",
        equal(
            by(ATTENDED, h[l]),
            over(exp(SCORE) * v[i] * W[i, l]) / Z_W - ATTENDED * W_L,
        ),
        COMPONENT,
    ),
    # integrals
    Entry(
        "thermodynamic integration",
        equal(
            log(over(exp(-E[i]))) - log(over(exp(-E[i] - D[i]))),
            Integral(FORCE, (lam, 0, 1)),
        ),
    ),
    Entry(
        "entropy by heat capacity",
        equal(entropy(T2) - entropy(T1), Integral(C_T / T, (T, T1, T2))),
    ),
    Entry(
        "divergence as a weighted integral of variances",
        equal(
            over(
                exp(-E[i])
                / over(exp(-E[j]), j)
                * (D[i] + log(over(exp(-E[j] - D[j]), j)) - log(over(exp(-E[j]), j)))
            ),
            Integral((1 - lam) * VAR_D, (lam, 0, 1)),
        ),
    ),
    # losses, alignment, attention
    Entry(
        "label smoothing by logits",
        equal(
            -over(SMOOTHED * log(soft(i))),
            LSE - (1 - eps) * x[y] - eps / V * over(x[i]),
        ),
    ),
    Entry(
        "gradient of direct preference optimisation",
        equal(
            by(-log(sigmoid(MARGIN)), x[j]),
            -b * sigmoid(-MARGIN) * (DELTA(j, k) - DELTA(j, l)),
        ),
    ),
    Entry(
        "distillation with the square of the temperature",
        equal(by(DISTIL, x[k]), T * (soft(k, x, T) - soft(k, v, T))),
    ),
    Entry(
        "no policy beats the soft value",
        at_most(REGULARISED, b * log(over(p[i] * exp(R[i] / b)))),
        normalised(f),
    ),
    Entry(
        "attention merges blocks",
        equal(
            (over(exp(x[i]) * v[i]) + over(exp(h[j]) * u[j], j, n)) / (Z1 + Z2),
            sigmoid(log(Z1) - log(Z2)) * O1 + sigmoid(log(Z2) - log(Z1)) * O2,
        ),
    ),
)

SLIPS: tuple[Entry, ...] = (
    # zeros
    Entry("chain rule with the wrong marginal, with zeros", equal(H_XY, H_Y + H_Y_X), JOINT),
    Entry(
        "information with one marginal",
        equal(
            over(over(xlogy(J[i, j], J[i, j]) - xlogy(J[i, j], JX), j, n)),
            H_X + H_Y - H_XY,
        ),
        JOINT,
    ),
    Entry("cross-entropy less the divergence", equal(-over(f[i] * log(q[i])), H_F - KL_F)),
    Entry(
        "divergence from uniform, sign",
        equal(over(xlogy(f[i], V * f[i])), H_F - log(V)),
        normalised(f),
    ),
    Entry("Gibbs' inequality without a normalised second", at_most(0, KL_F), normalised(f)),
    Entry("entropy is at least one", at_most(1, H_F), normalised(f)),
    Entry(
        "entropies of independent variables multiply",
        equal(
            -over(over(xlogy(f[i] * g[j], f[i] * g[j]), j, n)),
            -H_F * over(xlogy(g[j], g[j]), j, n),
        ),
        (equal(over(f[i]), 1), equal(over(g[j], j, n), 1)),
    ),
    Entry(
        "chain rule of information without the condition",
        equal(
            triple(P[i, j, k] * log(P[i, j, k] / (P_I * P_JK))),
            over(over(P_IK * log(P_IK / (P_I * P_K)), k, H))
            + triple(P[i, j, k] * log(P[i, j, k] / (P_IK * P_JK))),
        ),
    ),
    # masks
    Entry(
        "truncation with plus",
        equal(over(xlogy(A[i] * p[i] / MASS, A[i] / MASS)), log(MASS)),
        (*normalised(p), *kept(MASS)),
    ),
    Entry("a mask squares the sum", equal(over(A[i] * p[i]) ** 2, over(A[i] * p[i] ** 2))),
    Entry(
        "top-k without renormalisation",
        equal(A[k] * soft(k), A[k] * exp(x[k]) / over(A[j] * exp(x[j]), j)),
        kept(ZA),
    ),
    Entry(
        "two truncations with the first mass twice",
        equal((A[k] * B[k] * p[k] / MASS) / BOTH, A[k] * B[k] * p[k] / BOTH),
        kept(BOTH),
    ),
    Entry(
        "mass of a union counts the intersection twice",
        equal(over(Max(A[i], B[i]) * p[i]), MASS + over(B[i] * p[i])),
    ),
    Entry(
        "uniform on a subset has the entropy of all",
        equal(-over(xlogy(A[i] / COUNT, A[i] / COUNT)), log(V)),
        kept(COUNT),
    ),
    Entry(
        "entropy by groups without weights",
        equal(
            -over(p[i] * log(p[i])),
            -MASS * log(MASS)
            - REST * log(REST)
            - over(xlogy(A[i] * p[i] / MASS, A[i] * p[i] / MASS))
            - over(xlogy((1 - A[i]) * p[i] / REST, (1 - A[i]) * p[i] / REST)),
        ),
        (*normalised(p), *kept(MASS, REST)),
    ),
    # products
    Entry(
        "perplexity without the length",
        equal(product(p[i]) ** (-1 / n), exp(-over(log(p[i]), i, n))),
    ),
    Entry(
        "log-probability of a sequence, one normaliser",
        equal(
            log(product(exp(h[j]) / over(exp(X[i, j])), j)),
            over(h[j], j, n) - log(over(over(exp(X[i, j])), j, n)),
        ),
    ),
    Entry(
        "importance weights add",
        equal(product(p[i] / q[i]), over(p[i], i, n) / over(q[i], i, n)),
    ),
    Entry(
        "derivative of a product without the factor",
        equal(by(product(p[i], i, V), p[k]), product(p[i], i, V)),
    ),
    Entry(
        "arithmetic and geometric mean the wrong way",
        at_most(over(p[i], i, n) / n, product(p[i]) ** (1 / n)),
    ),
    # absolute values, minima, maxima
    Entry("total variation without the half", equal(2 * TV, 1 - OVERLAP), normalised(p, q)),
    Entry("total variation by excess, not normalised", equal(TV, EXCESS)),
    Entry(
        "speculative decoding from the draft",
        equal(
            q[k] * Min(1, p[k] / q[k]) + (1 - OVERLAP) * Max(q[k] - p[k], 0) / EXCESS,
            p[k],
        ),
        (*normalised(p, q), *kept(EXCESS)),
    ),
    Entry(
        "stable binary cross-entropy without the absolute value",
        equal(
            Max(z, 0) - z * t + log(1 + exp(-z)),
            -t * log(sigmoid(z)) - (1 - t) * log(1 - sigmoid(z)),
        ),
    ),
    Entry(
        "clipped objective from below",
        equal(Min(rho * c, CLIP * c), c * Max(rho, 1 - eps)),
        (Lt(eps, 1),),
    ),
    Entry(
        "absolute value of a sum is the sum of absolute values",
        equal(Abs(over(x[i])), over(Abs(x[i]))),
    ),
    Entry("overlap above Bhattacharyya", at_most(over(sqrt(p[i] * q[i])), OVERLAP)),
    # several sizes, traces, vectors
    Entry(
        "any order under the trace",
        equal(
            over(over(over(M[i, j] * N[j, k] * L[k, i], k), j)),
            over(over(over(N[i, j] * M[j, k] * L[k, i], k), j)),
        ),
    ),
    Entry(
        "gradient of a quadratic form as if symmetric",
        equal(by(QUADRATIC, x[k]), 2 * over(M[k, j] * x[j], j)),
    ),
    Entry(
        "variance by pairs without the half",
        equal(
            over(over(p[i] * p[j] * (x[i] - x[j]) ** 2, j)),
            over(p[i] * x[i] ** 2) - over(p[i] * x[i]) ** 2,
        ),
        normalised(p),
    ),
    Entry(
        "step of a Hopfield network with an inverse temperature too many",
        equal(
            by(HOPFIELD, h[l]),
            h[l] - over(exp(SCORE / T) * W[i, l]) / over(exp(SCORE / T)) / T,
        ),
        COMPONENT,
    ),
    Entry(
        "attention responds by a product of means",
        equal(by(ATTENDED, h[l]), over(exp(SCORE) * v[i] * W[i, l]) / Z_W),
        COMPONENT,
    ),
    # integrals
    Entry(
        "thermodynamic integration, sign",
        equal(
            log(over(exp(-E[i] - D[i]))) - log(over(exp(-E[i]))),
            Integral(FORCE, (lam, 0, 1)),
        ),
    ),
    Entry(
        "entropy by heat capacity without the temperature",
        equal(entropy(T2) - entropy(T1), Integral(C_T, (T, T1, T2))),
    ),
    Entry(
        "mean energy by variance, sign",
        equal(energy(beta2) - energy(beta1), Integral(VAR_E, (beta, beta1, beta2))),
    ),
    # losses, alignment, attention
    Entry(
        "label smoothing spreads one more",
        equal(
            -over(SMOOTHED * log(soft(i))),
            LSE - x[y] - eps / V * over(x[i]),
        ),
    ),
    Entry(
        "gradient of direct preference optimisation, sigmoid not mirrored",
        equal(
            by(-log(sigmoid(MARGIN)), x[j]),
            -b * sigmoid(MARGIN) * (DELTA(j, k) - DELTA(j, l)),
        ),
    ),
    Entry(
        "distillation is independent of temperature",
        equal(by(DISTIL, x[k]), soft(k, x, T) - soft(k, v, T)),
    ),
    Entry(
        "every policy beats the soft value",
        at_most(b * log(over(p[i] * exp(R[i] / b))), REGULARISED),
        normalised(f),
    ),
    Entry(
        "attention merges blocks by adding",
        equal((over(exp(x[i]) * v[i]) + over(exp(h[j]) * u[j], j, n)) / (Z1 + Z2), O1 + O2),
    ),
)
