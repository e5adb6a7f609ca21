"""Functions written without brackets, as ln x and exp(x): what they are of, and their powers.

The logarithm of one thing without brackets ends there, and what follows it without a sign is asked
about.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sympy import acos, asin, cos, cosh, exp, log, sin, sinh, tan, tanh

from bridge.reading import nodes
from bridge.reading.scope import Defined, UnknownName
from bridge.reading.tokens import QuestionError, ReadingError
from bridge.reading.writing import text

if TYPE_CHECKING:
    from bridge.reading.expressions import Reader

FUNCTIONS: dict[str, Any] = {
    "ln": log, "log": log, "exp": exp, "sin": sin, "cos": cos, "tan": tan, "arccos": acos,
    "arcsin": asin, "sinh": sinh, "cosh": cosh, "tanh": tanh,
}  # fmt: skip
TURNED = frozenset({"sin", "cos", "tan"})  # SymPy would prove what is asked: cos(x + pi) = -cos x


class FunctionReader:
    """Reads functions in a reader's scope."""

    def __init__(self, reader: Reader) -> None:
        """Functions of a reader's scope."""
        self.reader, self.scope = reader, reader.scope

    def read(self, items: Sequence[nodes.Item], at: int) -> tuple[Any, int]:
        """The value of the function at a position, and the position after what it is of."""
        item = items[at]
        name = item.atom.name  # type: ignore[union-attr]
        own = self.scope.names.get(f"\\{name}_{{{text(item.below)}}}")
        if isinstance(own, Defined) and len(own.kinds) == 1:
            value, after = self._operand(items, at + 1, item)
            return own.where({own.places[0]: value}), after
        if name not in FUNCTIONS:
            raise ReadingError(f"the function {name} is not one that I read", item.place)
        value, after = self._operand(items, at + 1, item)
        result = FUNCTIONS[name](value, evaluate=name not in TURNED)
        if item.below is not None:
            base = item.below.item
            if base is None or not isinstance(base.atom, nodes.Number) and name != "log":
                raise UnknownName(f"\\{name}_{{{text(item.below)}}}", item.place)
            if name not in ("log", "ln"):
                raise ReadingError(f"{text(item)} is not mathematics I read", item.place)
            result = result / log(self.reader.row(item.below))
        if item.above is not None:
            power = self.reader.row(item.above)
            if not (power.is_Integer and power > 0):
                raise QuestionError(f"is {text(item)} a power or an inverse?", item.place)
            result = result**power
        return result, after

    def _operand(self, items: Sequence[nodes.Item], at: int, item: nodes.Item) -> tuple[Any, int]:
        """What a function without brackets is of: one thing, or all that a sum reaches."""
        if at >= len(items):
            raise ReadingError(f"{text(item)} of what?", item.place)
        first = items[at].atom
        if isinstance(first, nodes.Group) and first.opener in ("(", "[", "\\{", "|"):
            if items[at].above is not None:
                raise QuestionError(
                    f"is the power inside or outside of {text(item)}?", items[at].place
                )
            return self.reader.closed(items[at]), at + 1
        number = isinstance(first, nodes.Number) or first == nodes.Letter("\\pi")
        if number and item_name(item) in TURNED:
            after = at + 1  # sin 2 pi x: numbers and letters, up to a sign or a function
            while after < len(items) and isinstance(items[after].atom, nodes.Letter):
                after += 1
            return self.reader.product(items[at:after]), after
        value, after = self.reader.unit(items, at)
        if after < len(items) and not isinstance(first, nodes.Big):
            self._ask_operand(items, at, after, item)
        return value, after

    def _ask_operand(
        self, items: Sequence[nodes.Item], at: int, after: int, item: nodes.Item
    ) -> None:
        """Ask how far a function without brackets reaches."""
        following = items[after].atom
        if isinstance(following, (nodes.Function, nodes.Big)):
            return
        if isinstance(following, nodes.Mark) and following.text == "*":
            return
        if isinstance(following, nodes.Mark) and after + 1 < len(items):
            if isinstance(items[after + 1].atom, (nodes.Function, nodes.Big)):
                return
        inside = text(nodes.Product(tuple(items[at : after + 1])))
        raise QuestionError(
            f"{text(item)} {inside}: is {text(items[after])} inside the {item_name(item)}?",
            items[after].place,
        )


def item_name(item: nodes.Item) -> str:
    """What a function is called in a question."""
    name = getattr(item.atom, "name", "")
    return "logarithm" if name in ("ln", "log") else name
