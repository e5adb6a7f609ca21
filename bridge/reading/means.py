"""Means and what is made of them: <E>, E_{i~p}[f], Var, Cov; entropy, divergence, softmax.

What a mean is taken over is read where it is written, and else from the declaration
`% porism: <.> averages over p`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sympy import Indexed, Lambda, Mul, Sum, Symbol, exp, log

from bridge.reading import nodes
from bridge.reading.naming import conditional, found, index, key, literal, pieces
from bridge.reading.questions import UnknownDistribution, declare_random
from bridge.reading.scope import Defined, Family, Scalar
from bridge.reading.tokens import Place, QuestionError, ReadingError
from bridge.reading.vectors import VectorReader
from bridge.reading.writing import text
from formal.functions import xlogy
from formal.quantity import component

if TYPE_CHECKING:
    from bridge.reading.expressions import Reader

EXPECTATIONS = ("\\mathbb{E}", "\\mathrm{E}", "\\mathsf{E}", "\\mathbf{E}", "\\mathcal{E}")
VARIANCES = ("\\mathrm{Var}", "\\mathrm{var}", "\\mathbb{V}", "\\mathrm{Var}", "\\mathbb{Var}")
COVARIANCES = ("\\mathrm{Cov}", "\\mathrm{cov}")
DIVERGENCES = ("\\mathrm{KL}", "\\mathrm{kl}", "\\mathbb{KL}", "\\mathrm{DKL}", "\\mathsf{KL}")
DIVERGENT = ("D", "\\mathrm{D}", "\\mathbb{D}", "\\mathcal{D}", "d", "D'")
ENTROPIES = ("H", "\\mathrm{H}", "\\mathbb{H}", "\\mathcal{H}", "\\mathsf{H}")
SOFTMAX = ("\\mathrm{softmax}", "\\mathrm{Softmax}")
LOGSUMEXP = ("\\mathrm{LSE}", "\\mathrm{logsumexp}", "\\mathrm{lse}")
INDICATORS = ("\\mathbf{1}", "\\mathbb{1}", "\\mathds{1}", "\\mathbb{I}", "\\mathbf{I}")
BRACKETS = ("[", "(", "\\{", "{")


class MeanReader:
    """Reads means in a reader's scope."""

    def __init__(self, reader: Reader) -> None:
        """Means of a reader's scope."""
        self.reader, self.scope = reader, reader.scope
        self.vectors = VectorReader(self)

    def read(self, items: Sequence[nodes.Item], at: int) -> tuple[Any, int] | None:
        """What is read here, with its power, and the position after it; None for other things."""
        item = items[at]
        if isinstance(item.atom, nodes.Group):
            return self._bracketed(item, at)
        if not isinstance(item.atom, nodes.Letter):
            return None
        group = items[at + 1].atom if at + 1 < len(items) else None
        group = group if isinstance(group, nodes.Group) else None
        if item.atom == nodes.Letter("E") and _is_drawn(item):
            return self._expectation(items, at)
        operator = self.scope.operators.get(key(item, below=True, above=False))
        if operator is not None:
            return self._operator(*operator, items, at)
        if found(self.scope, item) is not None or literal(item, group) in self.scope.names:
            return None
        name = item.atom.text
        if name in INDICATORS:
            return self.vectors.indicator(items, at)
        if item.above is not None and text(item.above) in ("\\top", "\\intercal"):
            return self.vectors.inner_product(items, at)
        if name in EXPECTATIONS:
            return self._expectation(items, at)
        if name == "E" and item.below is not None:
            self._ask_mean(items, at)
        if group is None or group.opener not in BRACKETS:
            return None
        if name in VARIANCES:
            return self._powered(self._variance(item, group.row), items, at)
        if name in COVARIANCES and len(group.row.cells) == 2:
            return self._powered(self._covariance(item, group.row), items, at)
        if self._is_divergence(item, group):
            return self._powered(self._divergence(item, group.row), items, at)
        if name in ENTROPIES and item.below is None and len(group.row.cells) <= 2:
            return self._powered(self._entropy(item, group.row), items, at)
        if name in LOGSUMEXP and len(group.row.cells) == 1:
            family = self.reader.family(group.row)
            return self._powered(log(self.over(family, exp, item.place)), items, at)
        if name in SOFTMAX:
            return self._softmax(items, at, group.row)
        return None

    def _operator(
        self, kind: str, over: nodes.Row, items: Sequence[nodes.Item], at: int
    ) -> tuple[Any, int]:
        """E_x[...], where the paper declares that it sums or averages, and over what."""
        item = items[at]
        if at + 1 >= len(items):
            raise ReadingError(f"{text(item)} of what?", item.place)
        after = at + 1

        def read() -> Any:
            nonlocal after
            value, after = self.reader.unit(items, at + 1)
            return value

        if kind == "mean":
            value = self._nested([(text(item.below), over)], item, read, nodes.row_of(*items[at:]))
        else:
            with self.scope.binding(text(over)) as (bound,):
                value = self.total(1, read(), bound, item.place)
        return (value if item.above is None else value ** self.reader.row(item.above)), after

    def _ask_mean(self, items: Sequence[nodes.Item], at: int) -> None:
        """Ask whether E_x[...] is a mean, where E has no other meaning."""
        following = items[at + 1].atom if at + 1 < len(items) else None
        if following == nodes.Letter("E") or isinstance(following, nodes.Group):
            raise QuestionError(
                f"is {text(items[at])} a mean, and over what? Declare it: % porism: "
                f"{text(items[at])} averages over p (or: sums over x)",
                items[at].place,
            )

    def _powered(self, value: Any, items: Sequence[nodes.Item], at: int) -> tuple[Any, int]:
        """A function of brackets with the power at either."""
        for item in items[at : at + 2]:
            if item.above is not None:
                value = value ** self.reader.row(item.above)
        return value, at + 2

    # Means

    def _bracketed(self, item: nodes.Item, at: int) -> tuple[Any, int] | None:
        """<E>, or a norm."""
        assert isinstance(item.atom, nodes.Group)
        row = item.atom.row
        if item.atom.opener == "||":
            return self.vectors.norm(item, row), at + 1
        if item.atom.opener != "<":
            return None
        if len(row.cells) != 1:
            raise ReadingError(f"{text(item)} is not mathematics I read", item.place)
        value = self._mean(item, lambda: self.reader.row(row), row)
        return (value if item.above is None else value ** self.reader.row(item.above)), at + 1

    def _expectation(self, items: Sequence[nodes.Item], at: int) -> tuple[Any, int]:
        item = items[at]
        if at + 1 >= len(items):
            raise ReadingError(f"{text(item)} of what?", item.place)
        group = items[at + 1]
        if isinstance(group.atom, nodes.Group) and group.atom.opener in BRACKETS:
            row = group.atom.row
            value = self._mean(item, lambda: self.reader.row(row), row)
            return self._powered(value, items, at)
        rest = items[at + 1 :]
        row = nodes.row_of(*rest)
        return self._mean(item, lambda: self.reader.product(rest), row), len(items)

    def _mean(self, item: nodes.Item, read: Any, row: nodes.Row) -> Any:
        """The mean of what `read` gives, over what the item's subscript says."""
        random = self.reader.random.mean(item, row)
        if random is not None:
            return random
        draws = self._draws(item)
        return self._nested(draws, item, read, row)

    def _nested(self, draws: list[Any], item: nodes.Item, read: Any, row: nodes.Row) -> Any:
        if not draws:
            return read()
        (letter, spec), *others = draws
        name = letter or self._fresh(row, spec)
        with self.scope.binding(name) as (bound,), self.scope.filling(bound):
            value = self._nested(others, item, read, row)
            weight = self._weight(spec, value, bound)
        if letter is None and bound not in value.free_symbols:
            value, weight, bound = self._renamed(value, weight, bound, item.place)
        if bound not in weight.free_symbols:
            raise QuestionError(
                f"what is {text(spec)} a distribution over? Declare it: % porism: "
                f"{text(spec)} has probabilities p(x)",
                item.place,
            )
        return self.total(weight, value, bound, item.place)

    def _weight(self, spec: nodes.Row, value: Any, bound: Symbol) -> Any:
        """What a mean is weighted with; pi is pi(a | s) where only that has a meaning, and s is
        the one other index of what is averaged."""
        item = spec.item
        entry = self.scope.names.get(conditional(item)) if item is not None else None
        if item is None or not isinstance(entry, Family) or found(self.scope, item) is not None:
            return self.reader.row(spec)
        indices = {i for node in value.atoms(Indexed) for i in node.args[1:]} - {bound}
        if len(indices) != 1 or len(entry.axes) != 2:
            raise QuestionError(f"given what is {text(item)} a distribution?", item.place)
        return entry.base[(indices.pop(), bound)]

    def _renamed(self, value: Any, weight: Any, bound: Symbol, place: Place) -> Any:
        """The mean of what is written with its index: over that index."""
        try:
            other = self.reader.free_index(value, place)
        except QuestionError:
            if self.reader.scope.quantity_indices(value) or _has_indices(value):
                raise
            return value, weight, bound
        return value, weight.xreplace({bound: other}), other

    def total(self, weight: Any, value: Any, bound: Symbol, place: Place) -> Any:
        """The sum of weight times value over an index."""
        product = _times(weight, value)
        end = self.scope.axis(product, bound)
        if end is None:
            end = self.scope.default_size(str(bound), place)
            self.scope.set_axis(product, bound, end)
        return Sum(product, (bound, 1, end))

    def _draws(self, item: nodes.Item) -> list[tuple[str | None, nodes.Row]]:
        """What a mean is over: letters, where they are written, and distributions."""
        if item.below is None:
            return [(None, self._declared(item))]
        found_: list[tuple[str | None, nodes.Row]] = []
        for cell in item.below.cells:
            if cell is None or len(cell.sums) > 2:
                raise ReadingError(f"{text(item)} is not mathematics I read", item.place)
            if cell.relations and cell.relations[0].sign == "sim":
                letters = pieces(nodes.Row((nodes.Chain(cell.sums[:1]),)))
                if not letters or len(letters) != 1:
                    raise ReadingError(f"{text(item)} is not mathematics I read", item.place)
                found_.append((text(letters[0]), nodes.Row((nodes.Chain(cell.sums[1:]),))))
            elif not cell.relations:
                found_.append((None, self._named(nodes.Row((cell,)), item)))
            else:
                raise ReadingError(f"{text(item)} is not mathematics I read", item.place)
        return found_

    def _declared(self, item: nodes.Item) -> nodes.Row:
        if self.scope.averages is None:
            raise QuestionError(
                f"what does {text(item)} average over? Declare it: % porism: <.> averages over p",
                item.place,
            )
        return self.scope.averages

    def _named(self, row: nodes.Row, item: nodes.Item) -> nodes.Row:
        """The distribution that a subscript names; a number there stands for the declared one."""
        inside = row.item
        known = found(self.scope, inside) if inside is not None else None
        if known is not None and isinstance(known[0], Scalar):
            return self._declared(item)
        if known is not None and isinstance(known[0], Defined) and not known[0].indices:
            return self._declared(item)
        return row

    def _fresh(self, *rows: nodes.Row) -> str:
        return self.reader.fresh(nodes.Row(tuple(cell for row in rows for cell in row.cells)))

    def _variance(self, item: nodes.Item, row: nodes.Row) -> Any:
        return self._second_moment(item, row, row)

    def _covariance(self, item: nodes.Item, row: nodes.Row) -> Any:
        first, second = (nodes.Row((cell,)) for cell in row.cells)
        return self._second_moment(item, first, second)

    def _second_moment(self, item: nodes.Item, first: nodes.Row, second: nodes.Row) -> Any:
        """The mean of the product of what two things differ from their means by."""

        random = self.reader.random.covariance(item, first, second)
        if random is not None:
            return random

        def centered(row: nodes.Row) -> Any:
            return self.reader.row(row) - self._mean(item, lambda: self.reader.row(row), both)

        both = nodes.Row((*first.cells, *second.cells), (",",))
        return self._mean(item, lambda: centered(first) * centered(second), both)

    # Functions of distributions

    def _is_divergence(self, item: nodes.Item, group: nodes.Group) -> bool:
        name = item.atom.text  # type: ignore[union-attr]
        if len(group.row.cells) != 2 or item.above is not None:
            return False
        below = text(item.below).replace("\\mathrm{", "").strip("}")
        return (
            name in DIVERGENCES
            or (name in DIVERGENT and below == "KL")
            or (
                name in ("D", "\\mathbb{D}")
                and item.below is None
                and group.row.separators in (("||",), ("|",))
            )
        )

    def _divergence(self, item: nodes.Item, row: nodes.Row) -> Any:
        joint = self.reader.random.divergence(row)
        if joint is not None:
            return joint
        p, q = map(self._distribution, row.cells)
        bound = p.variables[0]
        first, second = p.expr, component(q, bound)
        return self.total(first, log(first / second), bound, item.place)

    def _distribution(self, cell: nodes.Chain | None) -> Lambda:
        """The family of probabilities that stands on one side of a divergence."""
        row = nodes.Row((cell,))
        item = row.item
        if item is not None and isinstance(item.atom, nodes.Letter) and not item.below:
            if found(self.scope, item) is None or item.atom.text in self.scope.inferred:
                raise UnknownDistribution(item.atom.text, item.place)
        return self.reader.family(row)

    def _entropy(self, item: nodes.Item, row: nodes.Row) -> Any:
        self._ask_random(row, item)
        families = [self.reader.family(nodes.Row((cell,))) for cell in row.cells]
        bound = families[0].variables[0]
        first, last = families[0].expr, component(families[-1], bound)
        return -self.total(first, log(last), bound, item.place)

    def _ask_random(self, row: nodes.Row, item: nodes.Item) -> None:
        """Ask for the distribution of what looks like random variables."""
        inside = [nodes.Row((cell,)).item for cell in row.cells]
        names = sorted(text(i) for i in inside if i is not None)
        entries = [found(self.scope, item) for item in inside if item is not None]
        known = any(entry is not None and not isinstance(entry[0], Scalar) for entry in entries)
        if len(names) == len(inside) and not known and all(name.isupper() for name in names):
            raise QuestionError(f"what is {names[0]} here? {declare_random(names)}", item.place)

    def over(self, family: Lambda, function: Any, place: Place) -> Any:
        """The sum of a function of a family's components."""
        bound = family.variables[0]
        return self.total(1, function(family.expr), bound, place)

    def _softmax(self, items: Sequence[nodes.Item], at: int, row: nodes.Row) -> tuple[Any, int]:
        """softmax(x)_i or softmax_i(x)."""
        family = self.reader.family(row)
        parts = pieces(items[at].below) or pieces(items[at + 1].below)
        if parts:
            place = index(self.scope, parts[0])
        elif self.scope.bare is not None:
            place = self.scope.bare
        else:
            raise QuestionError("which component of the softmax?", items[at].place)
        total = self.over(family, exp, items[at].place)
        return self._powered(exp(component(family, place)) / total, items, at)


def _is_drawn(item: nodes.Item) -> bool:
    """Whether a subscript says what is drawn from what, as in E_{x ~ p}."""
    chain = item.below.lone if item.below is not None else None
    return chain is not None and [relation.sign for relation in chain.relations] == ["sim"]


def _times(weight: Any, value: Any) -> Any:
    """A product, with 0 ln 0 = 0 where the weight may vanish."""
    if isinstance(value, log) and weight.is_positive is not True and weight.is_nonnegative:
        return xlogy(weight, value.args[0])
    return Mul(weight, value)


def _has_indices(value: Any) -> bool:
    return any(getattr(node, "is_Indexed", False) for node in value.atoms())
