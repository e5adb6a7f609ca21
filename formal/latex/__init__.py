"""LaTeX in the author's order.

SymPy's printer sorts terms, prints `1 p_i` under unevaluated sums and cannot drop the arguments
that a paper leaves out. This one prints factors and terms as they stand in the tree, quantities
by their symbols, and only those arguments of a quantity that differ from its definition's own.
"""

from collections.abc import Mapping
from typing import Any

from sympy import (
    Add,
    Basic,
    Derivative,
    IndexedBase,
    Integral,
    Lambda,
    Mul,
    Number,
    Pow,
    Product,
    Rational,
    S,
    Sum,
    exp,
    log,
)
from sympy.printing.latex import LatexPrinter

from formal.functions import Subset, xlogy
from formal.latex.functions import ANGULAR, FunctionPrinting
from formal.latex.strings import StringPrinting
from formal.quantity import Quantity
from formal.strings import SumOver
from formal.symbols import Maximum, Minimum, T, beta

_LOOSE, _SUM, _PRODUCT, _POWER = range(4)
_SUMS = (Sum, SumOver, Product, Integral)


def latex(expression: Basic, names: Mapping[str, str] | None = None) -> str:
    """LaTeX of an expression or relation, without delimiters, terms in the order given.

    `names` gives symbols, families and quantities another printed form, by their name: `beta`
    may be printed as `b`, `entropy` as `H`, `central_moment` as `m_{#3}`.
    """
    return _AuthorPrinter(names or {})._print(expression)


class _AuthorPrinter(FunctionPrinting, StringPrinting, LatexPrinter):
    """Prints factors and terms in the order in which they stand."""

    def __init__(self, names: Mapping[str, str]) -> None:
        super().__init__({"ln_notation": True, "order": "none", "mul_symbol": None})
        self._names = names
        self._bare: tuple[Basic, ...] = ()
        self._small = False

    def _in(self, expression: Basic, place: int) -> str:
        """Print with brackets where the place binds more tightly than the expression."""
        text = self._print(expression)
        return rf"\left({text}\right)" if _binding(expression) < place else text

    # Sums, products, powers

    def _print_Add(self, expr: Any, order: object = None) -> str:
        text = ""
        for term in _flat(expr, Add):
            sign, magnitude = _signed(term)
            if sign < 0:
                text += " - " if text else "-"
            elif text:
                text += " + "
            text += self._in(magnitude, _SUM)
        return text

    def _print_Mul(self, expr: Any) -> str:  # type: ignore[override]
        sign, factors = _factors(expr)
        over = [factor for factor in factors if not _is_reciprocal(factor)]
        under = [
            1 / factor if factor.is_Number else Pow(factor.base, -factor.exp)
            for factor in factors
            if _is_reciprocal(factor)
        ]
        text = self._juxtapose(over) if over else "1"
        if under:
            text = self._fraction(over, under, text)
        return ("-" if sign < 0 else "") + text

    def _fraction(self, over: list[Any], under: list[Any], above: str) -> str:
        lone = len(over) == 1
        if lone:
            above = self._print(over[0])
        below = self._print(under[0]) if len(under) == 1 else self._juxtapose(under)
        if self._small:
            above = self._in(over[0], _PRODUCT) if lone else above
            below = self._in(under[0], _POWER) if len(under) == 1 else rf"\left({below}\right)"
            return f"{above}/{below}"
        if lone and isinstance(over[0], (Derivative, *_SUMS)):
            return rf"\frac{{1}}{{{below}}} {above}"
        return rf"\frac{{{above}}}{{{below}}}"

    def _exponent(self, expression: Basic) -> str:
        """Print in an exponent or an argument, where fractions are written with a slash."""
        outer, self._small = self._small, True
        text = self._print(expression)
        self._small = outer
        return text

    def _juxtapose(self, factors: list[Any]) -> str:
        last = len(factors) - 1
        factors = sorted(factors, key=_is_open)  # a derivative would seem to be of what follows
        pieces = []
        for place, factor in enumerate(factors):
            binding = _SUM if place == last and isinstance(factor, _SUMS) else _PRODUCT
            if place < last and (_is_open(factor) or _reaches_on(factor, factors[place + 1])):
                binding = _POWER
            pieces.append(self._in(factor, binding))
        text = pieces[0]
        for piece in pieces[1:]:
            text += (r" \cdot " if text[-1].isdigit() and piece[0].isdigit() else " ") + piece
        return text

    def _print_Pow(self, expr: Any) -> str:
        if expr.exp == S.Half:
            return rf"\sqrt{{{self._print(expr.base)}}}"
        if _is_reciprocal(expr):
            return (
                self._print_Mul(Mul(expr, evaluate=False))
                if expr.exp == -1
                else (rf"\frac{{1}}{{{self._print(Pow(expr.base, -expr.exp))}}}")
            )
        if isinstance(expr.base, ANGULAR) and expr.exp.is_Integer:
            return self._print(expr.base, exp=expr.exp)
        base = self._in(expr.base, _POWER)
        if isinstance(expr.base, Quantity) and "^" in base:
            base = rf"\left({base}\right)"
        return f"{base}^{{{self._exponent(expr.exp)}}}"

    def _print_Rational(self, expr: Any) -> str:
        if expr.q == 1:
            return str(expr.p)
        sign = "-" if expr.p < 0 else ""
        return rf"{sign}\frac{{{abs(expr.p)}}}{{{expr.q}}}"

    def _print_ExpBase(self, expr: Any, exp: object = None) -> str:
        return f"e^{{{self._exponent(expr.args[0])}}}"

    def _print_log(self, expr: Any, exp: object = None) -> str:
        argument = self._print(expr.args[0])
        return rf"\ln\left({argument}\right)" if _is_bracketed(expr) else rf"\ln {argument}"

    # Indices and what binds them

    def _print_Indexed(self, expr: Any) -> str:
        base, *indices = expr.args
        shown = [self._print(index) for index in indices if index not in self._bare]
        if isinstance(base, Subset):
            return self._indicator(shown, base)
        name = self._print(base.args[0])
        return f"{name}_{{{''.join(shown)}}}" if shown else name

    def _print_IndexedBase(self, expr: Any) -> str:
        return self._print(expr.args[0])

    def _print_Symbol(self, expr: Any, style: str = "plain") -> str:
        return self._names.get(expr.name) or super()._print_Symbol(expr, style)

    def _print_Sum(self, expr: Any) -> str:
        return self._ranges(r"\sum", expr) + self._in(expr.function, _PRODUCT)

    def _print_Minimum(self, expr: Any) -> str:
        return self._extremum(r"\min", expr)

    def _print_Maximum(self, expr: Any) -> str:
        return self._extremum(r"\max", expr)

    def _extremum(self, name: str, expr: Any) -> str:
        indices = ", ".join(self._print(limit[0]) for limit in expr.limits)
        return rf"{name}_{{{indices}}} {self._in(expr.function, _PRODUCT)}"

    def _ranges(self, operator: str, expr: Any) -> str:
        text = ""
        for index, first, last in reversed(expr.limits):
            lower, upper = self._print(first), self._print(last)
            text += rf"{operator}_{{{self._print(index)}={lower}}}^{{{upper}}} "
        return text

    def _print_Integral(self, expr: Any) -> str:
        signs, measures = "", ""
        for variable, *ends in expr.limits:
            bounds = rf"_{{{self._print(ends[0])}}}^{{{self._print(ends[1])}}}" if ends else ""
            signs = rf"\int{bounds} " + signs
            measures += rf" \, d{self._print(variable)}"
        return signs + self._in(expr.function, _PRODUCT) + measures

    def _print_KroneckerDelta(self, expr: Any, exp: object = None) -> str:
        indices = [self._index(index) for index in expr.args]
        plain = all(len(index) == 1 or index == r"\cdot" for index in indices)
        delta = rf"\delta_{{{(' ' if plain else ', ').join(indices)}}}"
        return delta if exp is None else f"{delta}^{{{exp}}}"

    def _index(self, index: Basic) -> str:
        """An index of a delta; one that a family leaves out is a dot."""
        return r"\cdot" if index in self._bare else self._print(index)

    def _print_Derivative(self, expr: Any) -> str:
        order = sum(int(count) for _, count in expr.variable_count)
        below = " ".join(self._variable(x, int(count)) for x, count in expr.variable_count)
        top = r"\partial" if order == 1 else rf"\partial^{{{order}}}"
        target = expr.expr
        if not _is_open(expr):
            return rf"\frac{{{top} {self._print(target)}}}{{{below}}}"
        return rf"\frac{{{top}}}{{{below}}} {self._in(target, _POWER)}"

    def _variable(self, symbol: Basic, count: int) -> str:
        power = f"^{{{count}}}" if count > 1 else ""
        return rf"\partial {self._print(symbol)}{power}"

    # Quantities

    def _print_Quantity(self, expr: Any) -> str:
        symbol = self._names.get(type(expr).__name__, expr.symbol)
        families, scalars = [], []
        pairs = zip(expr.parameters, expr.args, strict=True)
        for place, (parameter, argument) in enumerate(pairs, start=1):
            if f"#{place}" in symbol:
                symbol = symbol.replace(f"#{place}", self._place(parameter, argument))
            elif not _is_default(parameter, argument):
                shown = families if isinstance(argument, (IndexedBase, Lambda)) else scalars
                shown.append(self._place(parameter, argument))
        symbol = symbol.replace("_{}", "")
        if families:
            symbol += rf"\left[{', '.join(families)}\right]"
        if scalars:
            symbol += rf"\left({', '.join(scalars)}\right)"
        return symbol

    def _argument(self, argument: Basic) -> str:
        """An argument of a quantity; a family prints without its index."""
        if argument in self._bare:
            return ""
        if not isinstance(argument, Lambda):
            return self._exponent(argument)
        outer, self._bare = self._bare, (*self._bare, *argument.variables)
        text = self._exponent(argument.expr)
        self._bare = outer
        return text

    def _print_acos(self, expr: Any, exp: object = None) -> str:
        return rf"\arccos\left({self._print(expr.args[0])}\right)"


def _is_open(factor: Any) -> bool:
    """Whether a factor is a derivative that is printed before what it is of."""
    if not isinstance(factor, Derivative):
        return False
    return not isinstance(factor.expr, (Quantity, log)) or _is_wide(factor.expr)


def _is_bracketed(logarithm: Any) -> bool:
    """Whether the argument of a logarithm stands in brackets."""
    return isinstance(logarithm.args[0], (*_SUMS, Add, Mul, Pow))


def _reaches_on(factor: Any, following: Any) -> bool:
    """Whether a logarithm without brackets would seem to be of what follows it as well."""
    bare = isinstance(factor, log) and not _is_bracketed(factor)
    return bare and not isinstance(following, (log, *_SUMS))


def _flat(expr: Any, kind: type) -> list[Any]:
    if not isinstance(expr, kind):
        return [expr]
    return [part for argument in expr.args for part in _flat(argument, kind)]


def _factors(expr: Any) -> tuple[int, list[Any]]:
    """Sign and factors of a product, ones dropped, fractions split into over and under."""
    sign, factors = 1, []
    for factor in _flat(expr, Mul):
        if isinstance(factor, Rational):
            sign = -sign if factor < 0 else sign
            if abs(factor.p) != 1:
                factors.append(Number(abs(factor.p)))
            if factor.q != 1:
                factors.append(Rational(1, factor.q))
        else:
            factors.append(factor)
    numbers = [factor for factor in factors if factor.is_Number and factor.q == 1]
    return sign, numbers + [factor for factor in factors if factor not in numbers]


def _signed(term: Any) -> tuple[int, Any]:
    """Sign of a term and the term without it."""
    if isinstance(term, Number):
        return (-1, -term) if term < 0 else (1, term)
    if not isinstance(term, Mul):
        return 1, term
    sign, factors = _factors(term)
    if sign > 0:
        return 1, term
    return -1, factors[0] if len(factors) == 1 else Mul(*factors, evaluate=False)


def _is_reciprocal(factor: Any) -> bool:
    if isinstance(factor, Rational):
        return factor.p == 1 and factor.q != 1
    return isinstance(factor, Pow) and factor.exp.is_Rational and factor.exp < 0


def _is_wide(target: Basic) -> bool:
    return isinstance(target, log) and not isinstance(target.args[0], Quantity)


def _is_default(parameter: Basic, argument: Basic) -> bool:
    """An argument that a paper would not print: the parameter itself, or T written as 1/beta."""
    return argument == parameter or (parameter == T and argument in (1 / beta, Pow(beta, -1)))


def _binding(expr: Basic) -> int:
    """How tightly the printed form of an expression holds together."""
    if isinstance(expr, Add):
        return _LOOSE
    if isinstance(expr, (Mul, Rational)):
        sign, _ = _factors(expr)
        return _LOOSE if sign < 0 else _PRODUCT
    if isinstance(expr, _SUMS):
        return _SUM
    if isinstance(expr, (Derivative, log, xlogy, Minimum, Maximum, exp, Pow)):
        return _PRODUCT
    return _POWER
