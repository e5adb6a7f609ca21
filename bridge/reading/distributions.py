"""What follows from a joint distribution: margins, conditionals, entropies, informations."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sympy import Integer, Mul, Sum, log

from bridge.reading.quantities import quantity_of
from bridge.reading.scope import Defined, Family, Joint, Scope, index_symbol

Names = tuple[str, ...]


class Distribution:
    """What follows from a joint distribution: margins, conditionals, entropies, informations."""

    def __init__(self, scope: Scope, joint: Joint) -> None:
        """The joint as the scope knows it now: declared, or defined by the paper."""
        self.scope, self.joint = scope, joint
        self.entry: Any = scope.names[joint.name]
        self.sizes = {v.name: end for v, end in zip(joint.variables, joint.ends, strict=True)}
        self.letters = {v.name: index_symbol(v.letter) for v in joint.variables}
        self.made: dict[tuple[str, Names, Names, Names], Any] = {}

    def ordered(self, names: Iterable[str]) -> Names:
        """Variables in the order of the joint, each once."""
        asked = set(names)
        return tuple(v.name for v in self.joint.variables if v.name in asked)

    def probability(self, at: dict[str, Any]) -> Any:
        """The probability that some variables have the values `at`."""
        names = self.ordered(at)
        if not names:
            return Integer(1)
        if len(names) < len(self.joint.variables):
            return self._margin(names)(*at_places(names, at), *self._rest(("p", names, (), ())))
        places = at_places(names, at)
        if isinstance(self.entry, Family):
            return self.entry.base[tuple(places)]
        return self.entry.where(dict(zip(self.entry.places, places, strict=True)))

    def conditional(self, of: dict[str, Any], given: dict[str, Any]) -> Any:
        """The probability of some values given others."""
        return self.probability({**given, **of}) / self.probability(given)

    def entropy(self, of: Iterable[str], given: Iterable[str]) -> Any:
        """H(A|B), the mean of -ln p(a|b)."""
        return self._made("H", self.ordered(of), self.ordered(given), ())

    def information(self, one: Iterable[str], other: Iterable[str], given: Iterable[str]) -> Any:
        """I(A;B|C), the mean of ln p(a,b|c) / (p(a|c) p(b|c))."""
        first, second = sorted((self.ordered(one), self.ordered(other)))
        return self._made("I", first, second, self.ordered(given))

    def summed(self, names: Names, body: Any) -> Any:
        """The sum over all values of some variables."""
        for name in reversed(names):
            body = Sum(body, (self.letters[name], 1, self.sizes[name]))
        return body

    def mean(self, names: Names, value: Any) -> Any:
        """The mean of what depends on some variables."""
        return self.summed(names, Mul(self.probability(self.at(names)), value))

    def at(self, names: Iterable[str]) -> dict[str, Any]:
        """Variables at their own letters."""
        return {name: self.letters[name] for name in names}

    def _margin(self, names: Names) -> Any:
        made = self.made.get(("p", names, (), ()))
        if made is not None:
            return made
        others = tuple(v.name for v in self.joint.variables if v.name not in names)
        body = self.summed(others, self.probability(self.at(self.letters)))
        letters = [self.letters[name] for name in names]
        name = f"{self.joint.stem}_{{{','.join(names)}}}"
        holes = ", ".join(f"#{n}" for n in range(1, len(names) + 1))
        made = quantity_of(name, f"{name}({holes})", letters, body, letters)
        self.made["p", names, (), ()] = made
        axes = [self.sizes[n] for n in names]
        entry = Defined(made, len(names), (), tuple(range(len(names))), axes)
        self.scope.names[name] = entry
        return made

    def _rest(self, made: tuple[str, Names, Names, Names]) -> tuple[Any, ...]:
        return self.made[made].parameters[len(made[1]) :]

    def _made(self, kind: str, one: Names, other: Names, given: Names) -> Any:
        found = self.made.get((kind, one, other, given))
        if found is None:
            body = self._entropy(one, other) if kind == "H" else self._shared(one, other, given)
            body = body if self.scope.unit is None else body / log(self.scope.unit)
            bar = "|" + ",".join(other if kind == "H" else given)
            inside = ",".join(one) if kind == "H" else ";".join(map(",".join, (one, other)))
            shown = f"{kind}({inside}{bar if len(bar) > 1 else ''})"
            found = quantity_of(shown, shown.replace("|", "\\mid "), [], body, [])
            self.made[kind, one, other, given] = found
        return found(*found.parameters)

    def _entropy(self, of: Names, given: Names) -> Any:
        both = self.ordered((*of, *given))
        ratio = self.conditional(self.at(both), self.at(given))
        return -self.mean(both, log(ratio))

    def _shared(self, one: Names, other: Names, given: Names) -> Any:
        first, second = self.ordered((*one, *given)), self.ordered((*other, *given))
        every = self.ordered((*first, *second))
        top = self.probability(self.at(every)) * self.probability(self.at(given))
        bottom = self.probability(self.at(first)) * self.probability(self.at(second))
        return self.mean(every, log(top / bottom))


def at_places(names: Names, at: dict[str, Any]) -> list[Any]:
    """Values in the order of their variables."""
    return [at[name] for name in names]
