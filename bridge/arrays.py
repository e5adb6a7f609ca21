"""Claims on arrays: quantities by the project's own code, everything else by the formula.

`Evaluation` walks the tree of a claim over a batch of inputs. A quantity that the lexicon knows
is computed by its code, any other is unfolded; sums over `1..V` are contractions over an axis,
derivatives are taken by automatic differentiation of the code. Values carry the error that
rounding may have caused, from which the comparison of two sides takes its tolerance.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any

import torch
from sympy import (
    Abs,
    Add,
    Basic,
    Derivative,
    Dummy,
    Indexed,
    IndexedBase,
    Integral,
    KroneckerDelta,
    Max,
    Min,
    Mul,
    Number,
    NumberSymbol,
    Pow,
    Product,
    Sum,
    Symbol,
    acos,
    cos,
    cosh,
    exp,
    log,
    sin,
    sinh,
    tan,
    tanh,
)
from torch import Tensor

from bridge import lexicon, measured
from bridge.differentiation import differentiate
from bridge.lexicon import Code
from bridge.measured import Measured, UnsupportedError
from bridge.quadrature import nodes
from bridge.running import run, takes_normalized
from formal.functions import xlogy
from formal.quantity import Quantity, component
from formal.symbols import Maximum, Minimum


@dataclass(frozen=True)
class Assignment:
    """A batch of inputs: one row per case.

    `scalars` maps a symbol to (rows,); `families` an `IndexedBase` to (rows, size of each index);
    `logarithms` does the same for the logarithm of positive families, which is what code takes;
    `sizes` maps V, d, ... to numbers. A distribution is given by its logarithms, which sum to one
    only as far as they were rounded: `uncertainty` times eps (1 + |ln q_i|).
    """

    rows: int
    sizes: Mapping[Symbol, int]
    scalars: Mapping[Symbol, Tensor]
    families: Mapping[IndexedBase, Tensor]
    logarithms: Mapping[IndexedBase, Tensor]
    uncertainty: float = 0.0

    @property
    def like(self) -> Tensor:
        """A tensor of the dtype and device of the inputs, of float64 if there are none."""
        given = [*self.scalars.values(), *self.families.values()]
        return given[0] if given else torch.empty(0, dtype=torch.float64)


class Evaluation:
    """Evaluates expressions on one assignment; scalar values of quantities are kept."""

    def __init__(self, at: Assignment, codes: Mapping[type[Quantity], Code] | None = None) -> None:
        """Evaluate on the inputs `at`, some quantities by other code than the lexicon's."""
        self.at = at
        self.logits: list[Tensor] | None = None  # (rows, any) that code takes, within a derivative
        self._codes = codes or {}
        self._sizes: dict[Symbol, int] = {}
        self._bound: dict[Symbol, Measured] = {}
        self._kept: dict[Basic, Measured] = {}

    def __call__(self, expression: Any) -> Measured:
        """The expression's values, one per row and per value of its free indices."""
        for kind, rule in _RULES:
            if isinstance(expression, kind):
                return rule(self, expression)
        raise UnsupportedError(f"{type(expression).__name__} is not evaluated on arrays")

    # Leaves

    def _number(self, expression: Any) -> Measured:
        value = torch.full(
            (self.at.rows,),
            float(expression),
            dtype=self.at.like.dtype,
            device=self.at.like.device,
        )
        leaf = Measured.exact(value)
        return leaf if _is_dyadic(expression) else leaf.rounded()

    def _symbol(self, symbol: Any) -> Measured:
        if symbol in self._bound:
            return self._bound[symbol]
        if symbol in self.at.scalars:
            return Measured.exact(self.at.scalars[symbol])
        if symbol in self.at.sizes:
            return self._number(Number(self.at.sizes[symbol]))
        raise UnsupportedError(f"no value for {symbol}")

    def _size(self, symbol: Any) -> int:
        return self.at.sizes[symbol] if isinstance(symbol, Symbol) else int(symbol)

    def _indexed(self, node: Any) -> Measured:
        base, *indices = node.args
        leaf = self._pick(self.at.families[base], indices)
        if base not in self.at.logarithms or not self.at.uncertainty:
            return leaf
        logarithm = self._log_indexed(node)
        found = replace(leaf, error=leaf.size * logarithm.error).rounded()
        masked = logarithm.value.isneginf()  # zero, and not a number that underflowed
        return replace(found, error=found.error.masked_fill(masked, 0))

    def _log_indexed(self, node: Any) -> Measured:
        base, *indices = node.args
        leaf = self._pick(self.at.logarithms[base], indices)
        slack = self.at.uncertainty * leaf.eps * (1 + leaf.size)
        return replace(leaf, error=leaf.error + slack) if self.at.uncertainty else leaf

    def _pick(self, table: Tensor, indices: list[Any]) -> Measured:
        """A family at its indices: symbols become axes, a repeated index takes the diagonal."""
        axes: list[Symbol] = []
        for place, index in reversed(list(enumerate(indices, start=1))):
            if not isinstance(index, Symbol):
                table = table.select(place, int(index) - 1)
        for index in indices:
            if isinstance(index, Symbol):
                axes.append(index)
        if len(set(axes)) < len(axes):
            raise UnsupportedError(f"repeated index in {indices}")
        return Measured.exact(table, tuple(axes))

    # Formulas

    def _add(self, node: Any) -> Measured:
        total, *terms = (self(term) for term in node.args)
        for term in terms:
            total = measured.add(total, term)
        return total

    def _mul(self, node: Any) -> Measured:
        product, *factors = (self(factor) for factor in node.args)
        for factor in factors:
            product = measured.multiply(product, factor)
        return product

    def _pow(self, node: Any) -> Measured:
        return measured.power(self(node.base), self(node.exp))

    def _log(self, node: Any) -> Measured:
        inner = node.args[0]
        if type(inner) in self._codes:
            return measured.logarithm(self(inner))
        if isinstance(inner, Quantity) and type(inner) in lexicon.LOGARITHM:
            return self._run(lexicon.LOGARITHM[type(inner)], inner)
        if isinstance(inner, Quantity) and type(inner) not in lexicon.CODE:
            return self._log(log(inner.definition(), evaluate=False))
        if isinstance(inner, Indexed) and inner.base in self.at.logarithms:
            return self._log_indexed(inner)
        if isinstance(inner, Product) and inner.function.is_positive:
            return self(Sum(log(inner.function, evaluate=False), *inner.limits))
        if isinstance(inner, (Mul, Pow)) and _is_positive_product(inner):
            return self._add_logs(inner)
        return measured.logarithm(self(inner))

    def _add_logs(self, product: Any) -> Measured:
        """The logarithm of a product of positive factors is the sum of their logarithms."""
        if isinstance(product, Pow):
            return measured.multiply(self(product.exp), self(log(product.base, evaluate=False)))
        total, *terms = (self(log(factor, evaluate=False)) for factor in product.args)
        for term in terms:
            total = measured.add(total, term)
        return total

    def _xlogy(self, node: Any) -> Measured:
        factor, argument = node.args
        return measured.times_logarithm(self(factor), self(log(argument, evaluate=False)))

    def _min_or_max(self, node: Any) -> Measured:
        pick = torch.minimum if isinstance(node, Min) else torch.maximum
        return measured.extreme([self(argument) for argument in node.args], pick)

    def _of_one(self, node: Any) -> Measured:
        return OF_ONE[node.func](self(node.args[0]))

    def _delta(self, node: Any) -> Measured:
        a, b = (self.index_value(argument) for argument in node.args)
        (a, b), axes = measured.align(a, b)
        return Measured.exact((a.value == b.value).to(self.at.like.dtype), axes)

    def index_value(self, argument: Basic) -> Measured:
        """An index as its own values 1..n along its axis; anything else as it evaluates."""
        if isinstance(argument, Symbol) and argument.is_integer and argument not in self.at.sizes:
            steps = torch.arange(
                1, self._range(argument) + 1, dtype=self.at.like.dtype, device=self.at.like.device
            )
            return Measured.exact(steps.expand(self.at.rows, -1), (argument,))
        return self(argument)

    def _range(self, index: Symbol) -> int:
        vocabulary = next(size for size in self.at.sizes if size.name == "V")
        return self._sizes.get(index, self.at.sizes[vocabulary])

    # What binds an index

    def _sum(self, node: Any) -> Measured:
        return self._sum_over(node.function, node.limits)

    def _sum_over(self, function: Basic, limits: tuple) -> Measured:
        """Sums, the last limit outermost; the innermost product is contracted by factors."""
        *inner, (index, first, last) = limits
        if first != 1:
            raise UnsupportedError(f"sum over {index} from {first}: expected a sum from 1")
        length = self._size(last)
        with _Binding(self, index, length):
            if inner:
                factors = [self._sum_over(function, tuple(inner))]
            else:
                factors = [self(factor) for factor in _factors(function)]
        return measured.contract(factors, index, length, self.at.rows)

    def _product(self, node: Any) -> Measured:
        """Products, the last limit outermost."""
        function, *inner, (index, first, last) = node.args
        if first != 1:
            raise UnsupportedError(f"product over {index} from {first}: expected one from 1")
        with _Binding(self, index, self._size(last)):
            body = self(Product(function, *inner) if inner else function)
        if index in body.axes:
            return measured.product(body, index)
        return measured.power(body, self(last))

    def _extremum(self, node: Any) -> Measured:
        ((index, _, last),) = node.limits
        with _Binding(self, index, self._size(last)):
            body = self(node.function)
        reduce = torch.amin if isinstance(node, Minimum) else torch.amax
        return measured.reduce_extremum(body, index, reduce)

    def _integral(self, node: Any) -> Measured:
        """Gauss-Legendre in the logarithm of the variable, with an a posteriori error."""
        ((variable, low, high),) = node.limits
        ends = [
            None if end in (0, math.inf) or end.is_infinite else self(end).value
            for end in (low, high)
        ]
        fine, coarse = (
            self._quadrature(node.function, variable, ends, order) for order in (16, 12)
        )
        gap = (fine.value - coarse.value).detach().abs()
        return replace(fine, error=fine.error + gap)

    def _quadrature(
        self, integrand: Basic, variable: Symbol, ends: list[Tensor | None], order: int
    ) -> Measured:
        points, weights = nodes(ends, order, self.at.like)
        values = []
        for block in range(0, points.shape[-1], 64):
            here = slice(block, block + 64)
            with _Binding(self, variable, 0, Measured.exact(points[:, here], (variable,))):
                body = self(integrand)
            part = Measured.exact(weights[:, here], (variable,))
            values.append(
                measured.contract([body, part], variable, part.value.shape[-1], self.at.rows)
            )
        total = values[0]
        for value in values[1:]:
            total = measured.add(total, value)
        return total

    # Quantities

    def _quantity(self, node: Any) -> Measured:
        if node in self._kept:
            return self._kept[node]
        code = self._codes.get(type(node)) or next(iter(lexicon.code_of(type(node))), None)
        computed = code is not None and takes_normalized(self, code, node)
        result = self._run(code, node) if code and computed else self(node.definition())
        if not result.axes and not self._bound:
            self._kept[node] = result
        return result

    def _run(self, code: Code, node: Quantity) -> Measured:
        return run(self, code, node)

    def family(self, family: Basic, *, logarithm: bool = False) -> tuple[Measured, Symbol]:
        """All components of a family, along a fresh axis, or their logarithms."""
        length = self.at.sizes[next(size for size in self.at.sizes if size.name == "V")]
        values, (index,) = self.table(family, (length,), logarithm=logarithm)
        return values, index

    def table(
        self, family: Basic, lengths: Sequence[int], *, logarithm: bool = False
    ) -> tuple[Measured, tuple[Symbol, ...]]:
        """All components of a family, along a fresh axis of each length, or their logarithms."""
        indices = tuple(Dummy("n", integer=True, positive=True) for _ in lengths)
        body = component(family, *indices)
        with ExitStack() as bindings:
            for index, length in zip(indices, lengths, strict=True):
                bindings.enter_context(_Binding(self, index, length))
            return self(log(body, evaluate=False) if logarithm else body), indices

    def _derivative(self, node: Any) -> Measured:
        return differentiate(self, node)

    def at_point(self, **changes: Any) -> "Evaluation":
        """An evaluation on changed inputs, with the same bound indices, that keeps nothing."""
        other = Evaluation(replace(self.at, **changes), self._codes)
        other._sizes, other._bound = dict(self._sizes), dict(self._bound)
        other.logits = self.logits
        return other


class _Binding:
    """Within it an index has a range, or a variable has values along its own axis."""

    def __init__(
        self, evaluation: Evaluation, symbol: Symbol, length: int, value: Measured | None = None
    ) -> None:
        self._evaluation, self._symbol, self._length, self._value = (
            evaluation,
            symbol,
            length,
            value,
        )

    def __enter__(self) -> None:
        self._outer = dict(self._evaluation._sizes), dict(self._evaluation._bound)
        if self._value is None:
            self._evaluation._sizes[self._symbol] = self._length
        else:
            self._evaluation._bound[self._symbol] = self._value

    def __exit__(self, *_: object) -> None:
        self._evaluation._sizes, self._evaluation._bound = self._outer


def _is_dyadic(expression: Any) -> bool:
    """Whether a number is a float in every dtype: a small multiple of a power of two."""
    if not expression.is_Rational:
        return False
    return expression.q & (expression.q - 1) == 0 and abs(expression.p) < 2**11


def _factors(expression: Any) -> list[Basic]:
    return list(expression.args) if isinstance(expression, Mul) else [expression]


def _is_positive_product(expression: Any) -> bool:
    """Whether the logarithm may be split: every factor is a probability or declared positive."""
    parts = expression.args if isinstance(expression, Mul) else [expression.base]
    return all(
        part.is_positive
        or (isinstance(part, Quantity) and type(part) in lexicon.LOGARITHM)
        or (isinstance(part, (Mul, Pow)) and _is_positive_product(part))
        for part in parts
    )


OF_ONE: dict[type, Callable[[Measured], Measured]] = {
    exp: measured.exponential,
    Abs: measured.absolute,
    acos: measured.arccosine,
    cos: measured.cosine,
    sin: measured.sine,
    tan: measured.tangent,
    cosh: measured.hyperbolic_cosine,
    sinh: measured.hyperbolic_sine,
    tanh: measured.hyperbolic_tangent,
}
_Rule = Callable[[Evaluation, Any], Measured]
_RULES: tuple[tuple[type, _Rule], ...] = (
    (Quantity, Evaluation._quantity),
    (Number, Evaluation._number),
    (NumberSymbol, Evaluation._number),
    (Symbol, Evaluation._symbol),
    (Indexed, Evaluation._indexed),
    (Add, Evaluation._add),
    (Mul, Evaluation._mul),
    (Pow, Evaluation._pow),
    (log, Evaluation._log),
    *((kind, Evaluation._of_one) for kind in OF_ONE),
    (xlogy, Evaluation._xlogy),
    (Min, Evaluation._min_or_max),
    (Max, Evaluation._min_or_max),
    (KroneckerDelta, Evaluation._delta),
    (Sum, Evaluation._sum),
    (Product, Evaluation._product),
    (Minimum, Evaluation._extremum),
    (Maximum, Evaluation._extremum),
    (Integral, Evaluation._integral),
    (Derivative, Evaluation._derivative),
)
