"""Quantities: named functions of families and parameters, each with its definition.

A quantity is a SymPy class, an application is a node of the tree: `free_energy(E, T)` stays
`F` until `unfold` replaces it by its definition. Definitions never contain a derivative with
respect to a parameter, so that any argument may be put in the parameter's place.

`written_out` and `instantiate` are part of what a proof trusts: claims are written out first.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any, ClassVar

from sympy import (
    Add,
    Basic,
    Derivative,
    Dummy,
    Expr,
    Function,
    Indexed,
    IndexedBase,
    Lambda,
    Max,
    Min,
    Mul,
    Pow,
    Symbol,
    Tuple,
)
from sympy.concrete.expr_with_limits import ExprWithLimits
from sympy.core.relational import Relational
from sympy.core.sympify import _sympify

Build = Callable[[Basic, tuple[Basic, ...]], Basic]
_EVALUATED = (Add, Mul, Pow, Function, Derivative, Max, Min, Relational)


class Quantity(Expr):
    """A quantity at given arguments; each subclass is one quantity.

    Subclasses are made by the decorator `formal.statement.definition` and carry

    - `symbol`: how it is printed, in LaTeX;
    - `parameters`: the symbols and families of its definition, which are its default arguments;
    - `body`: the right-hand side of its definition, over `parameters`;
    - `statement`: the definition as a `Statement`.
    """

    symbol: ClassVar[str]
    parameters: ClassVar[tuple[Basic, ...]]
    body: ClassVar[Expr]
    statement: ClassVar[Any]

    is_commutative = True
    is_real = True

    def __new__(cls, *arguments: Any) -> "Quantity":
        """The quantity at `arguments`; symbols and families, never text."""
        if len(arguments) != len(cls.parameters):
            names = ", ".join(str(parameter) for parameter in cls.parameters)
            raise TypeError(
                f"{cls.__name__} takes {len(cls.parameters)} arguments ({names}), "
                f"got {len(arguments)}"
            )
        return Expr.__new__(cls, *(_sympify(argument) for argument in arguments))

    def definition(self) -> Any:
        """The definition at these arguments, one level deep."""
        return _defined(self, rebuild)

    def _eval_derivative(self, s: Basic) -> Expr:
        return Derivative(self, s, evaluate=False)

    def _sympystr(self, printer: Any) -> str:
        arguments = ", ".join(printer._print(argument) for argument in self.args)
        return f"{type(self).__name__}({arguments})"

    def _repr_latex_(self) -> str:
        from formal.latex import latex

        return f"$\\displaystyle {latex(self)}$"


def rebuild(node: Basic, args: tuple[Basic, ...]) -> Basic:
    """The node with other arguments; relations are never evaluated to true or false."""
    if isinstance(node, Relational):
        return node.func(*args, evaluate=False)
    return node.func(*args) if args else node


def keep(node: Basic, args: tuple[Basic, ...]) -> Basic:
    """The node with other arguments, nothing combined or cancelled: 0 times x stays as it is."""
    if all(new is old for new, old in zip(args, node.args, strict=True)):
        return node
    unevaluated: Any = node.func
    return unevaluated(*args, evaluate=False) if isinstance(node, _EVALUATED) else node.func(*args)


@lru_cache(maxsize=4096)
def _defined(quantity: Quantity, build: Build) -> Any:
    values = dict(zip(quantity.parameters, quantity.args, strict=True))
    return instantiate(quantity.body, values, build)


@lru_cache(maxsize=4096)
def written_out(expression: Basic) -> Basic:
    """The expression with every quantity replaced by its definition, and nothing simplified.

    Where `unfold` lets SymPy cancel, conditions are lost: S times its inverse is 1 only where S
    is not zero.
    """
    if isinstance(expression, Quantity):
        return written_out(_defined(expression, keep))
    arguments = tuple(written_out(argument) for argument in expression.args)
    return keep(expression, arguments)


@lru_cache(maxsize=4096)
def unfold(expression: Basic) -> Basic:
    """The expression with every quantity replaced by its definition, down to plain SymPy."""
    if isinstance(expression, Quantity):
        return unfold(expression.definition())
    return rebuild(expression, tuple(unfold(argument) for argument in expression.args))


def component(family: Any, *indices: Basic, build: Build = rebuild) -> Any:
    """Component of a family at an index: of `E` it is `E[i]`, of `Lambda(i, f)` it is `f`."""
    if isinstance(family, IndexedBase):
        return family[indices]
    if isinstance(family, Lambda):
        return instantiate(family.expr, dict(zip(family.variables, indices, strict=True)), build)
    raise TypeError(f"expected a family (IndexedBase or Lambda), got {family!r}")


def instantiate(expression: Any, values: Mapping[Any, Any], build: Build = rebuild) -> Any:
    """Substitute symbols and families at once, without capturing a bound index."""
    if expression in values:
        return values[expression]
    if isinstance(expression, Indexed):
        base, *indices = expression.args
        indices = [instantiate(index, values, build) for index in indices]
        return component(values.get(base, base), *indices, build=build)
    if isinstance(expression, (ExprWithLimits, Lambda)):
        expression, values = _without_capture(expression, values, build)
    arguments = tuple(instantiate(argument, values, build) for argument in expression.args)
    return build(expression, arguments)


def _without_capture(
    expression: Any, values: Mapping[Any, Any], build: Build
) -> tuple[Any, Mapping[Any, Any]]:
    """Rename what `expression` binds where a substituted value mentions the same name."""
    bound = bound_symbols(expression)
    values = {key: value for key, value in values.items() if key not in bound}
    taken = set().union(*map(_free, values.values()))
    renaming = {}
    if bound & taken:
        used = taken | bound | _free(expression)
        renaming = {symbol: _fresh(symbol, used) for symbol in bound & taken}
        arguments = (_rename(argument, renaming, build) for argument in expression.args)
        expression = build(expression, tuple(arguments))
    return expression, values


def _free(value: Any) -> set[Basic]:
    """The free symbols; unlike SymPy's, those of the variables of a derivative as well."""
    variables = (v for node in value.atoms(Derivative) for v in node.variables)
    return set().union(value.free_symbols, *(v.free_symbols for v in variables))


def bound_symbols(expression: Any) -> set[Basic]:
    """The symbols that a sum, an extremum, an integral or a Lambda binds."""
    if isinstance(expression, Lambda):
        return set(expression.variables)
    if isinstance(expression, ExprWithLimits):
        limits: Any = expression.limits
        return {limit[0] for limit in limits}
    return set()


def _rename(expression: Basic, renaming: Mapping[Basic, Basic], build: Build) -> Basic:
    """Rename bound symbols, the binding places included."""
    if expression in renaming:
        return renaming[expression]
    if isinstance(expression, Tuple) or not bound_symbols(expression):
        arguments = tuple(_rename(argument, renaming, build) for argument in expression.args)
        return build(expression, arguments)
    inner = {k: v for k, v in renaming.items() if k not in bound_symbols(expression)}
    return instantiate(expression, inner, build)


def _fresh(symbol: Basic, taken: set[Basic]) -> Basic:
    """A symbol like `symbol`, primed until nothing else has its name."""
    if not isinstance(symbol, Symbol) or isinstance(symbol, Dummy):
        return Dummy(str(symbol))
    names = {str(other) for other in taken}
    name = symbol.name + "'"
    while name in names:
        name += "'"
    return Symbol(name, **symbol.assumptions0)


def quantities(expression: Basic) -> Iterator[Quantity]:
    """Every quantity that occurs in the expression, outermost first."""
    if isinstance(expression, Quantity):
        yield expression
    for argument in expression.args:
        yield from quantities(argument)
