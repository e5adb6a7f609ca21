"""Principal bundles by components: what a bundle is, and the axioms that one has to satisfy.

    for axiom, claims in axioms(hopf).items():
        assert all(prove(claim) for claim in claims)

Everything is real and symbolic: a point, an element of the group and one of its algebra are tuples
of components, over which functions say how they combine. The group acts linearly from the right,
so that it acts on tangents as on points. `formal.bundles` holds instances.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sympy import Derivative, Eq, Integer, symbols
from sympy.core.relational import Relational

Vector = tuple[Any, ...]


@dataclass(frozen=True)
class Bundle:
    """A principal bundle with a connection.

    `point`, `element` and `generator` are symbols for a point of the total space, an element of
    the structure group and one of its Lie algebra. `adjoint(g, a)` is the inverse of g times a
    times g, `rate(g, x)` that inverse times the tangent x at g. `difference(p, q)` is the element
    that takes p to q in its fibre. `fundamental(p, a)` is the tangent at p of moving by a,
    `connection(p, x)` what a tangent x has of that, and `metric(p, x, y)` the product to which
    horizontal means orthogonal, if any; the group keeps it. `section` are points that the group,
    and what else the connection does not see, carry everywhere, if these are not all points: the
    rest need be looked at there only.
    """

    point: Vector
    element: Vector
    generator: Vector
    project: Callable[[Vector], Vector]
    act: Callable[[Vector, Vector], Vector]
    compose: Callable[[Vector, Vector], Vector]
    adjoint: Callable[[Vector, Vector], Vector]
    bracket: Callable[[Vector, Vector], Vector]
    rate: Callable[[Vector, Vector], Vector]
    difference: Callable[[Vector, Vector], Vector]
    fundamental: Callable[[Vector, Vector], Vector]
    connection: Callable[[Vector, Vector], Vector]
    metric: Callable[[Vector, Vector, Vector], Any] | None = None
    section: Vector = ()

    def vertical(self, p: Vector, x: Vector) -> Vector:
        """The part of a tangent along the fibre."""
        return self.fundamental(p, self.connection(p, x))

    def horizontal(self, p: Vector, x: Vector) -> Vector:
        """The part of a tangent that the connection does not see."""
        return tuple(a - b for a, b in zip(x, self.vertical(p, x), strict=True))

    def along(self, function: Callable[[Vector], Vector], x: Vector) -> Vector:
        """The derivatives of a function of the point, along a tangent."""
        return slopes(function(self.point), self.point, x)

    def curvature(self, x: Vector, y: Vector) -> Vector:
        """The curvature at the point, of two fields of tangents."""
        seen = [self.along(lambda p: self.connection(p, y), x)]
        seen.append(self.along(lambda p: self.connection(p, x), y))
        fields = zip(self.along(lambda _: y, x), self.along(lambda _: x, y), strict=True)
        seen.append(self.connection(self.point, tuple(a - b for a, b in fields)))
        seen.append(self.bracket(self.connection(self.point, x), self.connection(self.point, y)))
        return tuple(a - b - c + d for a, b, c, d in zip(*seen, strict=True))

    def pulled_back(self, path: Vector, by: Any) -> Vector:
        """The connection along a path of points: zero where the path is a parallel transport.

        Of a section it is the gauge potential, and of the section turned by g(by) the potential
        after a gauge transformation.
        """
        return self.connection(path, tuple(_slope(entry, by) for entry in path))

    def transformed(self, potential: Vector, turn: Vector, by: Any) -> Vector:
        """A gauge potential after the gauge transformation by elements turn(by)."""
        rates = self.rate(turn, tuple(_slope(entry, by) for entry in turn))
        seen = self.adjoint(turn, potential), rates
        return tuple(a + b for a, b in zip(*seen, strict=True))

    def holonomy(self, pieces: Sequence[tuple[Vector, Vector]]) -> Vector:
        """The turn along a loop of horizontal pieces, given by their first and last points.

        Each piece begins in the fibre in which the one before ends, the first where the last ends.
        It takes the first point to the end of the horizontal path from there.
        """
        here = start = pieces[0][0]
        for first, last in pieces:
            here = self.act(last, self.difference(first, here))
        return self.difference(start, here)


def axioms(bundle: Bundle) -> dict[str, tuple[Relational, ...]]:
    """What has to hold of a bundle, component by component; all of it is to be proved.

    fibre: the group moves within a fibre. action: it acts as a group. free: an element is told by
    what it moves. vertical: generators point along fibres. reproduces: the connection tells them
    back. equivariant: it turns as the fibre does. gauge: of a tangent along the group it sees the
    rate. orthogonal: horizontal is orthogonal to vertical, where there is a metric.
    """
    p, g, a = bundle.point, bundle.element, bundle.generator
    h = symbols([f"{symbol}'" for symbol in g], real=True)
    x = symbols([f"d{symbol}" for symbol in p], real=True)
    s = bundle.section or p
    moved, up = bundle.act(p, g), bundle.fundamental(p, a)
    seen = bundle.connection(bundle.act(s, g), bundle.act(tuple(x), g))
    turned = bundle.adjoint(g, bundle.connection(s, tuple(x)))
    dg = tuple(symbols([f"d{symbol}" for symbol in g], real=True))
    drawn = slopes(bundle.act(s, g), g, dg)
    found = {
        "fibre": equations(bundle.project(moved), bundle.project(p)),
        "action": equations(
            bundle.act(moved, tuple(h)), bundle.act(p, bundle.compose(g, tuple(h)))
        ),
        "free": equations(bundle.difference(s, bundle.act(s, g)), g),
        "vertical": equations(bundle.along(bundle.project, up), nothing(bundle.project(p))),
        "reproduces": equations(bundle.connection(p, up), a),
        "equivariant": equations(seen, turned),
        "gauge": equations(bundle.connection(bundle.act(s, g), drawn), bundle.rate(g, dg)),
    }
    if bundle.metric is not None:
        product = bundle.metric(s, bundle.fundamental(s, a), bundle.horizontal(s, tuple(x)))
        found["orthogonal"] = equations((product,), (Integer(0),))
    return found


def is_tensorial(bundle: Bundle) -> tuple[Relational, ...]:
    """What follows from the axioms: curvature has no part along the fibre."""
    x = symbols([f"d{symbol}" for symbol in bundle.point], real=True)
    up = bundle.fundamental(bundle.point, bundle.generator)
    return equations(bundle.curvature(up, tuple(x)), nothing(bundle.generator))


def slopes(values: Vector, at: Vector, x: Vector) -> Vector:
    """The derivatives of values, by symbols, along a tangent."""
    return tuple(
        sum((v * _slope(value, q) for v, q in zip(x, at, strict=True)), Integer(0))
        for value in values
    )


def _slope(value: Any, by: Any) -> Any:
    return Derivative(value, by) if getattr(value, "free_symbols", set()) & {by} else Integer(0)


def nothing(x: Vector) -> Vector:
    """As many zeros."""
    return tuple(Integer(0) for _ in x)


def equations(left: Vector, right: Vector) -> tuple[Relational, ...]:
    """Equations of components, without those that SymPy sees at once."""
    pairs = zip(left, right, strict=True)
    return tuple(cast(Relational, Eq(x, y, evaluate=False)) for x, y in pairs if x - y != 0)
