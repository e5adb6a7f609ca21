"""Strings: words, their concatenation, functions of strings, and sums over them.

Words and strings are noncommutative symbols: concatenation is the product `s * w`, and the empty
string is its unit, `empty`. A function of strings is a family whose index is a string, or two of
them: `P[s * t]`. `StringSum(f, t)` runs over all finite strings t, `WordSum(f, w)` over the words.

Notation: W is the vocabulary, |W| its number of words, W^* the set of finite strings.
"""

from collections.abc import Callable
from dataclasses import replace
from inspect import signature
from typing import Any

from sympy import Eq, Expr, Indexed, IndexedBase, Lambda, S, Symbol, Tuple, evaluate
from sympy.concrete.expr_with_limits import ExprWithLimits
from sympy.core.relational import Relational
from sympy.core.sympify import _sympify

from formal.quantity import Quantity
from formal.statement import Source, definition


class StringSymbol(Symbol):
    """A variable that ranges over the finite strings."""

    def __new__(cls, name: str, **assumptions: bool) -> "StringSymbol":
        """A string of that name; it commutes with nothing."""
        return Symbol.__new__(cls, name, **{**assumptions, "commutative": False})


class WordSymbol(StringSymbol):
    """A variable that ranges over the words; a word is a string of length one."""


class StringFunction(IndexedBase):
    """A real function of strings: `P[s]`, or of one string given another, `P[t, s]`."""

    def __new__(cls, label: Any, **assumptions: bool) -> "StringFunction":
        """A function of that name; assumptions are about its values."""
        return IndexedBase.__new__(cls, label, **assumptions)  # type: ignore[return-value]

    def __getitem__(self, indices: Any, **_: Any) -> Any:
        """The value at a string, or at a pair of strings."""
        return StringValue(self, *(indices if isinstance(indices, tuple | Tuple) else (indices,)))


class StringValue(Indexed):
    """The value of a function of strings."""


class Length(Expr):
    """The number of words in a string."""

    is_commutative = True
    is_integer = True
    is_nonnegative = True


class SumOver(ExprWithLimits):
    """Common part of `StringSum` and `WordSum`: a sum over a set of strings."""

    is_commutative = True
    is_real = True

    def __new__(cls, function: Any, bound: Any) -> "SumOver":
        """The sum of `function` over all values of the symbol `bound`."""
        limit = bound if isinstance(bound, Tuple) else Tuple(bound)
        return Expr.__new__(cls, _sympify(function), limit)

    @property
    def free_symbols(self) -> set:
        """What the function mentions, less the bound symbol."""
        return {x for x in self.function.free_symbols if not x.has(*self.variables)}

    def _eval_derivative(self, s: Symbol) -> Expr:
        raise TypeError(f"{type(self).__name__} is not differentiated symbolically")


class StringSum(SumOver):
    """Sum over all finite strings, the empty one included: `StringSum(P[t], t)`."""


class WordSum(SumOver):
    """Sum over the words of the vocabulary: `WordSum(P[w], w)`."""


empty = S.One
s, t, u = (StringSymbol(name) for name in "stu")
w = WordSymbol("w")
P = StringFunction("P_L", nonnegative=True)
vocabulary_size = Symbol("{|W|}", integer=True, positive=True)


def string_family(function: Callable[[Expr], Any]) -> Lambda:
    """The function of strings with value `function(t)`: `string_family(lambda t: P[s * t])`."""
    with evaluate(False):
        return Lambda(t, function(t))


def string_definition(
    symbol: str,
    source: Source,
    *,
    item: str | tuple[str, ...],
    assuming: tuple[Relational, ...] = (),
) -> Callable[[Callable[..., Any]], type[Quantity]]:
    """Declare a quantity of strings; its parameters are the defaults of the decorated function.

    As `formal.statement.definition`, whose parameters are those of `formal.symbols`.
    """

    def declare(function: Callable[..., Any]) -> type[Quantity]:
        parameters = tuple(p.default for p in signature(function).parameters.values())
        quantity = definition(symbol, source, item=item, assuming=assuming)(_closed(function))
        quantity.parameters = parameters
        applied, stated = quantity(*parameters), quantity.statement
        quantity.statement = replace(
            stated,
            claim=Eq(applied, stated.claim.rhs, evaluate=False),
            presentation=Eq(applied, stated.presentation.rhs, evaluate=False),
        )
        return quantity

    return declare


def _closed(function: Callable[..., Any]) -> Callable[[], Any]:
    """The function at its defaults, under the same name."""

    def closed() -> Any:
        return function()

    closed.__name__, closed.__doc__ = function.__name__, function.__doc__
    closed.__module__ = function.__module__
    return closed
