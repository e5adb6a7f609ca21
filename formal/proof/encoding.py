"""SymPy relations to terms and back: what a claim means to the kernel.

Every symbol is a real number with the sign it declares; an array entry likewise. A noncommutative
symbol is a string, or a word, and stands in values of functions of strings only. A symbol that
stands as a subscript is an index; a symbol that bounds a sum is a number of states, at least 1.
A free index ranges over 1..V, or over the range that its place in an array has wherever the index
there is bound. An index that is free in a hypothesis but not in the claim stands for all values.
The smallest and the largest of finitely many values are values: `Minimum(E[i], ...)` becomes E at
an index ``*1`` of which nothing is known but that E is nowhere smaller, a hypothesis that is
added. |x| is the root of x^2, the smaller of x and y is (x + y - |x - y|) / 2, and a product is
the exponential of the sum of the logarithms of its factors, which have to be positive. The
variable of an integral has the sign that its symbol declares, and so have its bounds. Nothing is
evaluated, nothing is resolved from text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any

import sympy
from sympy.core.function import AppliedUndef
from sympy.core.relational import Relational

from formal.functions import xlogy
from formal.proof.calculus import mentions
from formal.proof.conditions import Condition, Relation, obligations
from formal.proof.display import show
from formal.proof.kernel import Claim, Derivation, is_evident
from formal.proof.sign import sign
from formal.proof.strings import STRINGS, WORDS
from formal.proof.symbols import (
    BINDERS,
    all_nodes,
    check_size,
    checked_name,
    declared_sign,
    fraction,
    free_ranges,
    free_symbols,
    letters,
    need_from_one,
    range_of,
    shapes,
)
from formal.proof.terms import (
    MINUS_ONE,
    ONE,
    ProofError,
    Term,
    absolute,
    abstract,
    add,
    bind,
    cos,
    exp,
    instantiate,
    is_zero_or_one,
    mul,
    number,
    power,
    sin,
    subtract,
)
from formal.quantity import Quantity, written_out
from formal.strings import StringValue, WordSymbol, vocabulary_size

_RELATIONS = {"Equality": "Eq", "LessThan": "Le", "StrictLessThan": "Lt", "Unequality": "Ne"}
_MIRRORED = {"GreaterThan": "Le", "StrictGreaterThan": "Lt"}


def encode_claim(claim: Any, assuming: Iterable[Any] = ()) -> Claim:
    """The claim and its hypotheses as terms; a `ProofError` says what cannot be spoken about."""
    relations = [_plain(r) for r in (claim, *assuming)]
    scope = _Scope(relations)
    hypotheses = []
    for relation in relations[1:]:
        free = scope.free_in(relation) - scope.free_in(relations[0])
        names = {s: f"#{n}" for n, s in enumerate(sorted(free, key=str), 1)}
        hypotheses.append(scope.relation(relation, names))
    stated = scope.relation(relations[0], {})
    encoded = Claim(stated, (*hypotheses, *scope.attained))
    for factor in scope.factors:
        _check_factor(encoded, factor)
    return encoded


def _check_factor(claim: Claim, factor: Term) -> None:
    """A product of what is not positive has a value, but not the one it is given here."""
    if sign(factor) < 2 and not Derivation(claim).discharges(Condition("positive", factor)):
        raise ProofError(
            "the factors of a product must be positive, by their symbols or by a hypothesis such "
            f"as x[i] > 0: {show(factor).replace('%', 'any')}"
        )


def _plain(relation: Any) -> Relational:
    """A relation with quantities replaced by their definitions."""
    if relation is sympy.true or relation is True:
        raise ProofError("SymPy has already evaluated the relation to true; use evaluate=False")
    if relation is sympy.false or relation is False:
        raise ProofError("SymPy has already evaluated the relation to false; use evaluate=False")
    if not isinstance(relation, Relational):
        raise ProofError(f"expected a relation such as Eq or Le, got {type(relation).__name__}")
    check_size(relation)
    if not any(isinstance(node, Quantity) for node in all_nodes(relation)):
        return relation  # as it stands: to unfold is to rebuild, and SymPy would simplify
    _check_arguments(relation)
    try:
        unfolded = written_out(relation)
    except (ValueError, TypeError, AttributeError, ArithmeticError, NotImplementedError) as error:
        raise ProofError(f"a definition has no value at its arguments: {error}") from error
    check_size(unfolded)
    assert isinstance(unfolded, Relational)
    return unfolded


def _check_arguments(expression: sympy.Basic) -> None:
    """A quantity of what is positive has no value where its argument is not: F at T = 0.

    Unfolded, SymPy would simplify 0 times an undefined number to 0.
    """
    for node in all_nodes(expression):
        if isinstance(node, Quantity):
            for parameter, argument in zip(node.parameters, node.args, strict=True):
                if parameter.is_positive and argument.is_positive is False:
                    name = type(node).__name__
                    raise ProofError(f"'{name}' is not defined at {parameter} = {argument}")
            _check_definition(node)


@lru_cache(maxsize=4096)
def _check_definition(quantity: Quantity) -> None:
    try:
        definition = quantity.definition()
    except (ValueError, TypeError, AttributeError, ArithmeticError, NotImplementedError) as error:
        raise ProofError(f"a definition has no value at its arguments: {error}") from error
    _check_arguments(definition)


class _Scope:
    """What the symbols of a claim and its hypotheses are: sizes, indices, parameters."""

    def __init__(self, relations: list[Relational]) -> None:
        nodes = [node for relation in relations for node in all_nodes(relation)]
        binders = [node for node in nodes if type(node).__name__ in BINDERS]
        limits = [limit for node in binders for limit in node.args[1:]]
        self.sizes = {limit.args[2] for limit in limits if len(limit.args) == 3}
        self.bound = {limit.args[0] for limit in limits}
        self.entries = _symbols(
            a for n in nodes if isinstance(n, sympy.Indexed) for a in _places(n)
        )
        deltas = (a for n in nodes if isinstance(n, sympy.KroneckerDelta) for a in n.args)
        self.subscripts = self.entries | _symbols(deltas)
        self.shapes = shapes(relations)
        self.ranges = free_ranges(relations, self.shapes)
        self.extrema: dict[tuple[str, Term, tuple], Term] = {}
        self.factors: list[Term] = []
        self._check_names(nodes, set().union(*map(free_symbols, relations)))

    @property
    def attained(self) -> list[Relation]:
        """What is known of the indices at which the extrema are attained."""
        known = []
        for (op, body, _), at in self.extrema.items():
            value, other = (
                instantiate(body, at),
                instantiate(body, Term("idx", "#1", *at.args[1:])),
            )
            known.append(Relation("Le", *((value, other) if op == "min" else (other, value))))
        return known

    def _check_names(self, nodes: list[sympy.Basic], free: set[sympy.Basic]) -> None:
        kinds: dict[str, sympy.Basic] = {}
        for node in nodes:
            if isinstance(node, (sympy.Symbol, sympy.Idx)) and not isinstance(node, sympy.Dummy):
                name = str(getattr(node, "name", node))
                if node in self.bound and node not in self.sizes and node not in free:
                    continue
                if kinds.setdefault(name, node) != node:
                    raise ProofError(f"two different symbols are named '{name}'")

    def free_in(self, relation: Relational) -> set[sympy.Basic]:
        """The free indices of a relation."""
        return {s for s in free_symbols(relation) if s in self.subscripts and s not in self.sizes}

    def relation(self, relation: Relational, names: Mapping[Any, str]) -> Relation:
        """The relation as a pair of terms; free indices may be given reserved names."""
        kind = type(relation).__name__
        if kind not in _RELATIONS and kind not in _MIRRORED:
            raise ProofError(f"the relation '{kind}' is not supported")
        free = {s: self._free_index(s, names.get(s)) for s in self.free_in(relation)}
        sides = [self.term(side, free) for side in relation.args]
        return Relation(
            _RELATIONS.get(kind) or _MIRRORED[kind],
            *(sides if kind in _RELATIONS else sides[::-1]),
        )

    def _free_index(self, symbol: Any, name: str | None) -> Term:
        if not symbol.is_commutative:
            high = WORDS if isinstance(symbol, WordSymbol) else STRINGS
            return Term("idx", name or checked_name(symbol), 1, high)
        need_from_one(symbol)
        return Term("idx", name or checked_name(symbol), *self.ranges.get(symbol, (1, "V")))

    def term(self, node: sympy.Basic, indices: Mapping[Any, Term]) -> Term:
        """The term of an expression, with the given indices for its symbols.

        Raises:
            ProofError: A node of a kind that proofs cannot speak about.
        """
        if isinstance(node, sympy.Symbol) and not node.is_commutative:
            raise ProofError(f"the string '{node}' stands where a number should")
        if node in indices:
            return indices[node]
        kind = type(node).__name__
        if node == vocabulary_size:
            return Term("size", WORDS)
        if isinstance(node, sympy.Rational):
            return number(fraction(node))
        if isinstance(node, sympy.Symbol):
            return (
                Term("size", checked_name(node))
                if node in self.sizes
                else Term("sym", checked_name(node), declared_sign(node))
            )
        if isinstance(node, sympy.Indexed):
            return self._entry(node, indices)
        if kind in BINDERS:
            return self._binder(node, node.args[0], node.args[1:], indices)
        if isinstance(node, sympy.Derivative):
            return self._derivative(node, indices)
        if isinstance(node, sympy.Integral):
            return self._integral(node.args[0], node.args[1:], indices)
        parts = lambda: [self.term(arg, indices) for arg in node.args]  # noqa: E731
        match node:
            case sympy.Add():
                return add(*parts())
            case sympy.Mul():
                return _kept(mul, parts())
            case sympy.Pow():
                return _kept(power, parts())
            case sympy.exp():
                return exp(*parts())
            case sympy.log() if len(node.args) == 1:
                return Term("log", *parts())
            case xlogy():
                return Term("xlogy", *parts())
            case sympy.Abs():
                return absolute(*parts())
            case sympy.Min() | sympy.Max():
                return _extreme(MINUS_ONE if kind == "Min" else ONE, parts())
            case sympy.KroneckerDelta():
                return self._delta(node, indices)
            case sympy.sin() | sympy.cos():
                return Term(kind, *parts())
            case sympy.tan():
                return mul(sin(*parts()), power(cos(*parts()), MINUS_ONE))
            case sympy.cosh() | sympy.sinh() | sympy.tanh():
                return _hyperbolic(kind, parts()[0])
        if node is sympy.pi:
            return Term("pi")
        if node is sympy.E:
            return Term("exp", ONE)
        if isinstance(node, AppliedUndef):
            raise ProofError(f"the function '{node.func}' has no definition")
        raise ProofError(f"proofs cannot speak about '{kind}' yet")

    def _entry(self, node: sympy.Indexed, indices: Mapping[Any, Term]) -> Term:
        base, *places = node.args
        if isinstance(node, StringValue):
            places = [self._string(string, indices) for string in places]
        else:
            places = [self._index(index, indices) for index in places]
        return Term("arr", checked_name(base), declared_sign(node), *places)

    def _string(self, string: Any, indices: Mapping[Any, Term]) -> Term:
        parts = [indices[letter] for letter in letters(string) if letter in indices]
        if len(parts) != len(letters(string)):
            raise ProofError(f"a string is neither bound nor free in '{string}'")
        return Term("cat", *parts)

    def _index(self, index: Any, indices: Mapping[Any, Term]) -> Term:
        if index not in indices:
            raise ProofError(f"an index must be a symbol that is bound or free, got '{index}'")
        if not index.is_commutative:
            raise ProofError(f"the string '{index}' stands where an index should")
        return indices[index]

    def _delta(self, node: sympy.KroneckerDelta, indices: Mapping[Any, Term]) -> Term:
        if len(node.args) > 2:
            raise ProofError("a Kronecker delta takes two indices, and no range of its own")
        places = [self._index(index, indices) for index in node.args]
        for index, place in zip(node.args, places, strict=True):
            known = index in self.entries or str(place.args[0]).startswith("%")
            if not (known or index.is_integer):
                raise ProofError(f"'{index}' stands in a Kronecker delta but is not an integer")
        return Term("delta", *sorted(places))

    def _binder(self, node: Any, body: Any, limits: Any, indices: Mapping[Any, Term]) -> Term:
        op = BINDERS[type(node).__name__]
        if not limits:
            return self.term(body, indices)
        symbol, *bounds = limits[-1].args
        low, high = range_of(node, limits[-1])
        if bounds and bounds[1] in self.bound:
            raise ProofError(f"'{high}' cannot be an index of one sum and the end of another")
        index = Term("idx", _unused_name(indices), low, high)
        inner = self._binder(node, body, limits[:-1], {**indices, symbol: index})
        if op == "sum":
            return bind("sum", index, inner)
        if op == "product":
            self.factors.append(inner)
            return exp(bind("sum", index, Term("log", inner)))
        return self._extremum(op, index, abstract(inner, index))

    def _integral(self, body: Any, limits: Any, indices: Mapping[Any, Term]) -> Term:
        if not limits:
            return self.term(body, indices)
        symbol, *ends = limits[-1].args
        taken = symbol in self.subscripts or symbol in self.sizes or symbol.is_integer
        if len(ends) != 2 or taken:
            raise ProofError("an integral needs a real variable, a lower and an upper bound")
        if any(symbol in free_symbols(end) for end in ends):
            raise ProofError(f"the variable '{symbol}' stands in the bounds of its own integral")
        low, high = (self.term(end, indices) for end in ends)
        variable = Term("sym", _unused_name(indices), declared_sign(symbol))
        inner = self._integral(body, limits[:-1], {**indices, symbol: variable})
        return Term("int", declared_sign(symbol), low, high, abstract(inner, variable))

    def _extremum(self, op: str, index: Term, body: Term) -> Term:
        """The value at an index where the extremum is attained."""
        if index.args[1] != 1 or any(str(i.args[0])[0] in "%#" for i in body.indices):
            raise ProofError("an extremum must be over 1..V and must not depend on another index")
        _, low, high = index.args
        every = instantiate(body, Term("idx", "#1", low, high))
        if not all(map(is_evident, obligations(every))):
            raise ProofError("an extremum must be of what is defined at every index by its shape")
        at = Term("idx", f"*{len(self.extrema) + 1}", low, high)
        return instantiate(body, self.extrema.setdefault((op, body, (low, high)), at))

    def _derivative(self, node: sympy.Derivative, indices: Mapping[Any, Term]) -> Term:
        term = self.term(node.args[0], indices)
        for variable, count in node.variable_count:  # type: ignore[misc]
            by = self.term(variable, indices)
            if by.op not in ("sym", "arr"):
                raise ProofError(f"cannot differentiate by '{variable}'")
            for (_, body, _), at in self.extrema.items():
                if at in term.indices and mentions(body, by):
                    raise ProofError("an extremum is not differentiated by what it depends on")
            if is_zero_or_one(by):
                raise ProofError(f"nothing is differentiated by '{variable}', which is 0 or 1")
            for _ in range(int(count)):
                term = Term("diff", term, by)
        return term


def _kept(build: Callable[..., Term], parts: list[Term]) -> Term:
    """A product or a power, refused where a constant swallows what might not be defined."""
    built = build(*parts)
    if built.op == "num" and not all(is_evident(o) for part in parts for o in obligations(part)):
        raise ProofError(
            f"{' and '.join(map(show, parts))} combine to {show(built)}, which hides whether they "
            "are defined"
        )
    return built


def _places(node: Any) -> Iterable[Any]:
    """What stands as a subscript of an entry, or in the strings of a value."""
    if isinstance(node, StringValue):
        return (letter for string in node.args[1:] for letter in letters(string))
    return node.args[1:]


def _unused_name(indices: Mapping[Any, Term]) -> str:
    """A name that cannot occur elsewhere; `abstract` takes it away again."""
    taken = {known.args[0] for known in indices.values()}
    return next(f"%{n}" for n in range(len(taken) + 1) if f"%{n}" not in taken)


def _extreme(sign: Term, values: list[Term]) -> Term:
    """The largest of the values, or with sign -1 the smallest."""
    first, *rest = values
    half = power(number(2), MINUS_ONE)
    for value in rest:
        spread = absolute(subtract(first, value))
        first = mul(half, add(first, value, mul(sign, spread)))
    return first


def _symbols(nodes: Iterable[Any]) -> set[Any]:
    return {node for node in nodes if isinstance(node, (sympy.Symbol, sympy.Idx))}


def _hyperbolic(kind: str, x: Term) -> Term:
    plus, minus = exp(x), exp(mul(MINUS_ONE, x))
    cosh, sinh = add(plus, minus), subtract(plus, minus)
    half = power(number(2), MINUS_ONE)
    return {
        "cosh": mul(half, cosh),
        "sinh": mul(half, sinh),
        "tanh": mul(sinh, power(cosh, MINUS_ONE)),
    }[kind]
