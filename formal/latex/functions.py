"""LaTeX of products, absolute values, extrema of two, x ln y, and indicators of subsets."""

from typing import TYPE_CHECKING, Any

from sympy import (
    Abs,
    Basic,
    Max,
    Min,
    Product,
    cos,
    cosh,
    default_sort_key,
    log,
    sin,
    sinh,
    tan,
    tanh,
)

from formal.functions import Subset, xlogy

ANGULAR = (sin, cos, tan, sinh, cosh, tanh)  # whose powers stand between name and argument


class FunctionPrinting:
    """Mixin of the printer for these nodes."""

    if TYPE_CHECKING:

        def _print(self, expr: Any, **kwargs: Any) -> str: ...
        def _in(self, expression: Basic, place: int) -> str: ...
        def _ranges(self, operator: str, expr: Any) -> str: ...

    def _print_xlogy(self, expr: xlogy, exp: object = None) -> str:
        x, y = expr.args
        return f"{self._in(x, 2)} {self._print(log(y, evaluate=False))}"

    def _indicator(self, element: list[str], subset: Subset) -> str:
        """That an element, given by its indices, lies in a subset: 1 or 0."""
        place = element[0] if len(element) == 1 else rf"\left({', '.join(element)}\right)"
        return rf"\mathbf{{1}}_{{{place} \in {self._print(subset)}}}"

    def _print_Product(self, expr: Product) -> str:
        return self._ranges(r"\prod", expr) + self._in(expr.function, 2)

    def _angular(self, expr: Any, exp: object = None) -> str:
        power = "" if exp is None else f"^{{{exp}}}"
        return rf"\{type(expr).__name__}{power}\left({self._print(expr.args[0])}\right)"

    _print_sin = _print_cos = _print_tan = _print_sinh = _print_cosh = _print_tanh = _angular

    def _print_Abs(self, expr: Abs, exp: object = None) -> str:
        text = rf"\left|{self._print(expr.args[0])}\right|"
        return text if exp is None else f"{text}^{{{exp}}}"

    def _print_Min(self, expr: Min, exp: object = None) -> str:
        return self._listed(r"\min", expr)

    def _print_Max(self, expr: Max, exp: object = None) -> str:
        return self._listed(r"\max", expr)

    def _listed(self, name: str, expr: Any) -> str:
        arguments = sorted(expr.args, key=default_sort_key)  # SymPy keeps them as a set
        return rf"{name}\left({', '.join(map(self._print, arguments))}\right)"
