"""LaTeX of strings, of functions of strings, and of sums over them."""

from typing import TYPE_CHECKING, Any

from sympy import Basic, S

from formal.strings import Length, StringSum, StringSymbol, StringValue, WordSum


class StringPrinting:
    """Mixin of the printer for the nodes of `formal.strings`."""

    if TYPE_CHECKING:

        def _print(self, expr: Any, **kwargs: Any) -> str: ...
        def _in(self, expression: Basic, place: int) -> str: ...
        def _argument(self, argument: Basic) -> str: ...

    def _string(self, string: Basic) -> str:
        """A string; the unit of concatenation is the empty string."""
        return r"\varnothing" if string == S.One else self._print(string)

    def _place(self, parameter: Basic, argument: Basic) -> str:
        """An argument of a quantity, a string where its parameter is one."""
        shown = self._string if isinstance(parameter, StringSymbol) else self._argument
        return shown(argument)

    def _print_StringValue(self, expr: StringValue) -> str:
        base, *strings = expr.args
        arguments = r" \mid ".join(self._string(string) for string in strings)
        return f"{self._print(base)}({arguments})"

    def _print_StringSum(self, expr: StringSum) -> str:
        return self._sum_over("W^*", expr)

    def _print_WordSum(self, expr: WordSum) -> str:
        return self._sum_over("W", expr)

    def _sum_over(self, strings: str, expr: Any) -> str:
        bound = self._print(expr.variables[0])
        body = self._in(expr.function, 2)  # in brackets where it is itself a sum
        return rf"\sum_{{{bound} \in {strings}}} {body}"

    def _print_Length(self, expr: Length) -> str:
        return rf"\left|{self._string(expr.args[0])}\right|"
