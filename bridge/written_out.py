"""Claims with their sums written out: at V = 2, E becomes E_1 and E_2, and a sum two terms.

Derivatives are SymPy's own, by the components. A family that a hypothesis normalizes becomes
w_i / (w_1 + ... ) with positive w, so that its components sum to one by themselves.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from sympy import (
    Basic,
    Derivative,
    Eq,
    Indexed,
    Integer,
    KroneckerDelta,
    Lambda,
    Piecewise,
    Product,
    Sum,
    Symbol,
    diff,
    log,
)
from sympy.core.relational import Relational

from bridge.ball_numbers import UnsupportedError
from bridge.points import roles_of, simplex_axes
from bridge.roles import Roles
from formal.functions import Subset, xlogy
from formal.quantity import bound_symbols, rebuild, unfold
from formal.symbols import V

MOST_CASES = 30  # values of the free indices together


@dataclass
class WrittenOut:
    """Expressions over the components of families, at given sizes."""

    roles: Roles
    sizes: Mapping[Basic, int]
    assuming: Sequence[Relational]
    components: dict[tuple, Any] = field(default_factory=dict)

    def __call__(self, e: Any, at: Mapping[Basic, int]) -> Any:
        """The expression at values of its free indices.

        Raises:
            UnsupportedError: It holds a node that is not a finite formula.
        """
        if isinstance(e, Symbol):
            return Integer(at[e]) if e in at else Integer(self.sizes[e]) if e in self.sizes else e
        if isinstance(e, Indexed):
            return self._component(e, at)
        if isinstance(e, (Sum, Product)):
            return self._fold(e, at)
        if isinstance(e, Derivative):
            variables = [self._variable(v, at) for v in e.variables]
            return diff(self(e.expr, at), *variables)
        if isinstance(e, KroneckerDelta):
            left, right = (self(argument, at) for argument in e.args)
            if not (left.is_Integer and right.is_Integer):
                raise UnsupportedError("a Kronecker delta of other than indices")
            return Integer(int(left == right))
        if isinstance(e, xlogy):
            x, y = (self(argument, at) for argument in e.args)
            if not y.is_positive:
                raise UnsupportedError("x ln y where y may be zero")
            return x * log(y)
        if bound_symbols(e) or isinstance(e, (Lambda, Piecewise)):
            raise UnsupportedError(f"no finite formula for {type(e).__name__}")
        return rebuild(e, tuple(self(argument, at) for argument in e.args)) if e.args else e

    def _fold(self, e: Any, at: Mapping[Basic, int]) -> Any:
        body, *inner, (index, first, last) = e.args
        body = e.func(body, *inner) if inner else body
        span = range(int(self(first, at)), int(self(last, at)) + 1)
        total = Integer(0) if isinstance(e, Sum) else Integer(1)
        for n in span:
            term = self(body, {**at, index: n})
            total = total + term if isinstance(e, Sum) else total * term
        return total

    def _variable(self, variable: Any, at: Mapping[Basic, int]) -> Any:
        found = self(variable, at)
        if not isinstance(found, Symbol):
            raise UnsupportedError(f"a derivative by {variable}, which a hypothesis fixes")
        return found

    def _component(self, e: Any, at: Mapping[Basic, int]) -> Any:
        places = tuple(int(self(index, at)) for index in e.indices)
        key = (e.base, places)
        if key not in self.components:
            self.components[key] = self._new(e.base, places)
        return self.components[key]

    def _new(self, base: Any, places: tuple[int, ...]) -> Any:
        if isinstance(base, Subset):
            raise UnsupportedError("a subset that is not known")
        axes = simplex_axes(base, self.assuming)
        if not axes:
            return _symbol(base, places)
        spans = [
            range(1, self._length(base, axis) + 1) if axis in axes else (place,)
            for axis, place in enumerate(places)
        ]
        return _symbol(base, places) / sum(_symbol(base, other) for other in product(*spans))

    def _length(self, base: Any, axis: int) -> int:
        ends = {self.sizes[end] for end in self.roles.axes[base][axis] if end in self.sizes}
        return max(ends, default=self.sizes.get(V, 2))


def _symbol(base: Any, places: tuple[int, ...]) -> Symbol:
    known = {"positive": True} if base.is_positive else {"nonnegative": True}
    known = known if base.is_nonnegative else {"real": True}
    return Symbol(f"{base}_{'_'.join(map(str, places))}", **known)


def written_out(
    claim: Relational, assuming: Sequence[Relational], size: int
) -> Iterator[tuple[Any, Any]]:
    """Both sides of a claim at every value of its free indices, all sizes being `size`.

    Raises:
        UnsupportedError: The claim or a hypothesis has no finite formula.
    """
    plain: Any = unfold(claim)
    held: Any = tuple(unfold(h) for h in assuming)
    values = _defined(held)
    roles = roles_of(plain, held, {})
    sizes = {name: size for name in (*roles.sizes, V)}
    write = WrittenOut(roles, sizes, held)
    free = [i for i in roles.indices if i in plain.free_symbols]
    cases = list(product(range(1, size + 1), repeat=len(free)))
    if len(cases) > MOST_CASES:
        raise UnsupportedError(f"{len(free)} free indices are too many")
    for case in cases:
        at = dict(zip(free, case, strict=True))
        yield tuple(write(side, at).subs(values) for side in plain.args)  # type: ignore[misc]


def _defined(assuming: Sequence[Any]) -> dict[Any, Any]:
    """Symbols that a hypothesis defines; inequalities and normalizations need nothing here.

    Raises:
        UnsupportedError: A hypothesis is an equation of another kind.
    """
    found: dict[Any, Any] = {}
    for hypothesis in assuming:
        if not isinstance(hypothesis, Eq):
            continue
        families = {entry.base for entry in hypothesis.atoms(Indexed)}
        if any(simplex_axes(base, (hypothesis,)) for base in families):
            continue
        name, value = hypothesis.args
        if not isinstance(name, Symbol) or value.has(name, Indexed):
            raise UnsupportedError("a hypothesis that is no normalization")
        found[name] = value
    return found
