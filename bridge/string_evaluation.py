"""Expressions over strings, evaluated in Arb balls on a language model.

Quantities are evaluated by their definitions. A sum over all strings is enumerated up to the
model's length, and the rest is bounded: the value is an interval that contains the sum. A bound
needs a term that is at most a probability times a constant; other sums are refused.

x ln y with 0 ln 0 = 0 is written xlogy(x, y).
"""

from collections.abc import Callable, Mapping
from math import prod

from flint import arb, fmpq
from sympy import Abs, Add, Basic, KroneckerDelta, Mul, Pow, Rational, S, Symbol, exp, log

from bridge.ball_numbers import UndecidedError, UndefinedError, UnsupportedError
from bridge.string_models import String, StringModel, strings, sum_of
from formal.functions import xlogy
from formal.latex import latex
from formal.quantity import Quantity
from formal.strings import (
    Length,
    P,
    StringValue,
    SumOver,
    WordSum,
    vocabulary_size,
)

Place = Mapping[Basic, String]


class StringEvaluation:
    """Evaluates expressions on one model; sums and quantities are computed once per argument."""

    def __init__(self, model: StringModel) -> None:
        """Evaluate on `model`, in balls of the precision of the current flint context."""
        self.model = model
        self._known: dict[tuple, arb] = {}
        self._definitions: dict[Basic, Basic] = {}
        self._free: dict[Basic, tuple[Basic, ...]] = {}

    def value(self, expression: Basic, at: Place) -> arb:
        """A ball that contains the value where string symbols have the values `at`.

        Division by zero and the logarithm of zero are an `UndefinedError`; where intervals are
        too wide to tell, the error is `UndecidedError`.

        Raises:
            UnsupportedError: There is no rule for a node, or no bound for the tail of a sum.
        """
        if isinstance(expression, StringValue):
            return self._probability(expression, at)
        if isinstance(expression, Quantity | SumOver):
            key = (expression, *(at[x] for x in self._strings_in(expression)))
            if key not in self._known:
                self._known[key] = self._compound(expression, at)
            return self._known[key]
        for kind, rule in _RULES:
            if isinstance(expression, kind):
                return rule(self, expression, at)
        raise UnsupportedError(f"no value over strings for {type(expression).__name__}")

    def string(self, expression: Basic, at: Place) -> String:
        """The string that a product of words and strings stands for."""
        if expression == S.One:
            return ()
        if expression in at:
            return at[expression]
        if isinstance(expression, Mul):
            return tuple(word for part in expression.args for word in self.string(part, at))
        if isinstance(expression, Pow) and expression.exp.is_Integer and expression.exp > 0:
            return self.string(expression.base, at) * int(expression.exp)
        raise UnsupportedError(f"{latex(expression)} is not a string")

    def _probability(self, expression: StringValue, at: Place) -> arb:
        base, *arguments = expression.args
        if base.args != P.args or len(arguments) != 1:
            raise UnsupportedError(f"only {latex(P)} of one string has values here")
        return self.model.probability(self.string(arguments[0], at))

    def _compound(self, expression: Quantity | SumOver, at: Place) -> arb:
        if isinstance(expression, Quantity):
            return self.value(self._definition(expression), at)
        symbol, body = expression.variables[0], expression.function
        if isinstance(expression, WordSum):
            return sum_of([self.value(body, {**at, symbol: (n,)}) for n in self._words()])
        shown = strings(self.model.words, self.model.length)
        partial = sum_of([self.value(body, {**at, symbol: string}) for string in shown])
        return partial + _within(self._tail(body, symbol, at))

    def _words(self) -> range:
        return range(self.model.words)

    def _definition(self, quantity: Quantity) -> Basic:
        if quantity not in self._definitions:
            self._definitions[quantity] = quantity.definition()
        return self._definitions[quantity]

    def _strings_in(self, expression: Basic) -> tuple[Basic, ...]:
        """The string symbols on which the value depends, in a fixed order."""
        if expression not in self._free:
            self._free[expression] = tuple(sorted(free_strings(expression), key=str))
        return self._free[expression]

    # The rules of arithmetic

    def _add(self, expression: Add, at: Place) -> arb:
        return sum_of([self.value(term, at) for term in expression.args])

    def _mul(self, expression: Mul, at: Place) -> arb:
        return prod((self.value(factor, at) for factor in expression.args), start=arb(1))

    def _pow(self, expression: Pow, at: Place) -> arb:
        base = self.value(expression.base, at)
        if expression.exp.is_Integer and expression.exp > 0:
            return base ** int(expression.exp)
        if expression.exp.is_negative is not False and base.contains(0):
            raise _singular(base, f"a negative power of {latex(expression.base)}")
        if expression.exp.is_Integer:
            return base ** int(expression.exp)
        if not base > 0:
            raise _singular(base, f"a power of {latex(expression.base)}, which is not positive,")
        return base ** self.value(expression.exp, at)

    def _log(self, expression: log, at: Place) -> arb:
        return self._logarithm(expression.args[0], at)

    def _logarithm(self, expression: Basic, at: Place) -> arb:
        argument = self.value(expression, at)
        if not argument > 0:
            raise _singular(argument, f"the logarithm of {latex(expression)}")
        return argument.log()

    def _xlogy(self, expression: xlogy, at: Place) -> arb:
        factor = self.value(expression.args[0], at)
        return factor if factor.is_zero() else factor * self._logarithm(expression.args[1], at)

    def _delta(self, expression: KroneckerDelta, at: Place) -> arb:
        left, right = (self.value(argument, at) for argument in expression.args)
        if left.overlaps(right) and not left == right:
            raise UndecidedError("equal or not", latex(expression))
        return arb(1 if left == right else 0)

    def _symbol(self, expression: Symbol, at: Place) -> arb:
        if expression != vocabulary_size:
            raise UnsupportedError(f"the symbol {expression} has no value over strings")
        return arb(self.model.words)

    # What a sum over all strings leaves out

    def _tail(self, body: Basic, symbol: Basic, at: Place) -> arb:
        """Bound on the sum of |body| over the strings longer than those enumerated."""
        if symbol not in free_strings(body):
            return self._tail_of_constant(body, at)
        if isinstance(body, StringValue):
            return self.model.tail(self._before(body.args[1], symbol, at))
        if isinstance(body, Quantity):
            return self._tail(self._definition(body), symbol, at)
        if isinstance(body, Abs):
            return self._tail(body.args[0], symbol, at)
        if isinstance(body, Add):
            return sum_of([self._tail(term, symbol, at) for term in body.args])
        if isinstance(body, WordSum):
            places = ({**at, body.variables[0]: (n,)} for n in self._words())
            return sum_of([self._tail(body.function, symbol, place) for place in places])
        if isinstance(body, Mul):
            return self._tail_of_product(body, symbol, at)
        raise UnsupportedError(f"no bound for what a sum over strings leaves out of {latex(body)}")

    def _tail_of_constant(self, body: Basic, at: Place) -> arb:
        value = self.value(body, at)
        if value.contains(0) and not value.is_zero():
            raise UndecidedError("infinitely many terms that may be zero", latex(body))
        if not value.is_zero():
            raise UndefinedError("infinitely many terms that do not vanish", latex(body))
        return arb(0)

    def _tail_of_product(self, body: Mul, symbol: Basic, at: Place) -> arb:
        fixed = [x for x in body.args if symbol not in free_strings(x)]
        constant = prod([abs(self.value(x, at)).upper() for x in fixed], start=arb(1))
        varying = [x for x in body.args if symbol in free_strings(x)]
        varying.sort(key=lambda x: isinstance(x, StringValue))
        if any(not isinstance(x, StringValue) for x in varying[1:]):
            raise UnsupportedError(f"no bound for the sum over strings of {latex(body)}")
        return constant * self._tail(varying[0], symbol, at)  # the others are at most one

    def _before(self, string: Basic, symbol: Basic, at: Place) -> String:
        """The part of a concatenation before the first occurrence of a symbol."""
        parts = string.args if isinstance(string, Mul) else (string,)
        first = next(n for n, part in enumerate(parts) if symbol in part.free_symbols)
        return tuple(word for part in parts[:first] for word in self.string(part, at))


_RULES: tuple[tuple[type, Callable[..., arb]], ...] = (
    (Mul, StringEvaluation._mul),
    (Pow, StringEvaluation._pow),
    (Rational, lambda _, number, at: arb(fmpq(int(number.p), int(number.q)))),
    (Add, StringEvaluation._add),
    (log, StringEvaluation._log),
    (xlogy, StringEvaluation._xlogy),
    (Abs, lambda self, node, at: abs(self.value(node.args[0], at))),
    (exp, lambda self, node, at: self.value(node.args[0], at).exp()),
    (Length, lambda self, node, at: arb(len(self.string(node.args[0], at)))),
    (KroneckerDelta, StringEvaluation._delta),
    (Symbol, StringEvaluation._symbol),
)


def free_strings(expression: Basic) -> set[Basic]:
    """The string symbols that are free in an expression."""
    return {x for x in expression.free_symbols if isinstance(x, Symbol) and not x.is_commutative}


def _within(bound: arb) -> arb:
    """The interval of numbers of at most that size."""
    return bound.union(-bound)


def _singular(argument: arb, what: str) -> UndefinedError | UndecidedError:
    decided = argument.is_zero() or not argument.contains(0)
    kind = UndefinedError if decided else UndecidedError
    return kind(f"{what} where that is {argument.str(6, radius=True)}")
