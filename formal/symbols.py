"""Symbols that the catalogue shares: sizes, indices, parameters and families.

A family is a vector with one component per token: an `IndexedBase` such as the energies `E`, or a
`Lambda` that gives the component for an index, such as `Lambda(i, E[i] + c)`. Sums run over
`1..V` with symbolic `V`, as papers print them; a free index ranges over `1..V` as well.

Assumptions on symbols are types and parameter ranges (T > 0), never theorems (S >= 0).
"""

from typing import Any

from sympy import Expr, IndexedBase, Symbol, Tuple
from sympy.concrete.expr_with_limits import ExprWithLimits
from sympy.core.sympify import _sympify

from formal.functions import Subset


def _family(name: str, **assumptions: Any) -> Any:
    """A family; typed loosely because SymPy's constructor is."""
    return IndexedBase(name, **assumptions)


V = Symbol("V", integer=True, positive=True)
d = Symbol("d", integer=True, positive=True)
N = Symbol("N", integer=True, positive=True)
n = Symbol("n", integer=True, positive=True)

i, j, k, m, w = (Symbol(name, integer=True, positive=True) for name in "ijkmw")
a, b = (Symbol(name, integer=True, positive=True) for name in "ab")
s, t = (Symbol(name, integer=True, positive=True) for name in "st")

T = Symbol("T", positive=True)
T_0, T_1, T_2 = (Symbol(f"T_{n}", positive=True) for n in range(3))
beta = Symbol("beta", positive=True)
lam = Symbol("lambda", real=True)
c = Symbol("c", real=True)
alpha = Symbol("alpha", positive=True)
D = Symbol("D", positive=True)
tau, tau_1, tau_2 = (Symbol(name, positive=True) for name in ("tau", "tau_1", "tau_2"))
gamma = Symbol("gamma", positive=True)
rho = Symbol("rho", positive=True)
epsilon = Symbol("epsilon", real=True)
theta, phi, psi = (Symbol(name, real=True) for name in ("theta", "phi", "psi"))

E = _family("E", real=True)
A = _family("A", real=True)
f = _family("f", real=True)
x = _family("x", real=True)
v = _family("v", real=True)
h = _family("h", real=True)
u = _family("u", real=True)
B = _family("B", real=True)
R = _family("R", real=True)
Q = _family("Q", real=True)
q = _family("q", positive=True)
r = _family("r", positive=True)
mu = _family("mu", positive=True)
ell = _family("ell", positive=True)
nu = _family("nu", nonnegative=True)
M = Subset("M")
J = _family("J", positive=True)
K = _family("K", positive=True)


class _Extremum(ExprWithLimits):
    """Common part of `Minimum` and `Maximum`: an extremum over an index range."""

    is_commutative = True
    is_real = True

    def __new__(cls, function, *limits, **assumptions):
        return Expr.__new__(cls, *_arguments(function, limits))

    def _eval_derivative(self, s):
        raise TypeError(f"{type(self).__name__} is not differentiated symbolically")


class Minimum(_Extremum):
    """Least value of an expression over an index: `Minimum(E[i], (i, 1, V))`."""


class Maximum(_Extremum):
    """Greatest value of an expression over an index: `Maximum(E[i], (i, 1, V))`."""


def _arguments(function, limits):
    return (_sympify(function), *(Tuple(*map(_sympify, limit)) for limit in limits))
