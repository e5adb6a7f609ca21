"""Functions that theory writes and SymPy lacks: x ln y with zeros, and indicators of subsets.

Products, absolute values, minima of two numbers and integrals are SymPy's own `Product`, `Abs`,
`Min`, `Max` and `Integral`.
"""

from typing import Any, cast

from sympy import Function, IndexedBase, S, log


class xlogy(Function):  # noqa: N801 - the name it has in SciPy and PyTorch
    """x ln y, which is 0 at x = 0 whatever y is: `xlogy(p[i], p[i])` for probabilities p >= 0.

    It has no value where x is not 0 and y is not positive.
    """

    nargs = 2
    is_real = True

    @classmethod
    def eval(cls, x: Any, y: Any) -> Any:  # type: ignore[override]
        """The value at x = 0 and at numbers, else as it stands."""
        if x.is_zero:
            return S.Zero
        if x.is_number and y.is_number and y.is_positive:
            return x * log(y)
        return None

    def fdiff(self, argindex: int = 1) -> Any:
        """The derivatives where both arguments are positive: ln y and x / y."""
        x, y = cast(tuple[Any, Any], self.args)
        return log(y) if argindex == 1 else x / y


class Subset(IndexedBase):
    """A subset of the values of an index, by its indicator.

    With `A = Subset("A")`, `A[i]` is 1 where i lies in A and 0 elsewhere: a mask, the tokens of
    top-k or of a nucleus. Two indices, as in a causal mask, are allowed.
    """

    def __new__(cls, label: Any, shape: Any = None, **assumptions: Any) -> Any:
        """A subset with a name."""
        known = {"integer": True, "nonnegative": True}
        return super().__new__(cls, label, shape, **{**assumptions, **known})
