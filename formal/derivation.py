"""Derivations: chains a = b <= c of expressions, with the reason of each step.

    Derivation([F, U - T * S, F + T * S - T * S], reasons=["definition", "add and subtract T S"])

A derivation is written down here and judged elsewhere, one step at a time; see `bridge.verify`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sympy import Eq, Expr, Ge, Gt, Le, Lt, sympify
from sympy.core.relational import Relational
from sympy.logic.boolalg import BooleanAtom

from formal.proof.symbols import check_size
from formal.proof.terms import ProofError

RELATIONS: dict[str, Any] = {"=": Eq, "<=": Le, "<": Lt, ">=": Ge, ">": Gt}
MOST_STEPS = 1000


@dataclass(frozen=True)
class Step:
    """One step: its place from 1 on, its two sides as a relation, and its reason in words."""

    number: int
    claim: Relational
    reason: str = ""


class Derivation:
    """A chain of expressions, each related to the one before it.

    `relations` is one of =, <=, <, >=, > for every step or one for each; steps may mix = with <=
    and <, or = with >= and >, never both directions. `reasons` are words for people, one for each
    step, or none. `assuming` holds the hypotheses of the whole chain.
    """

    def __init__(
        self,
        expressions: Iterable[Any],
        reasons: Iterable[str] = (),
        relations: str | Iterable[str] = "=",
        assuming: Iterable[Relational] = (),
    ) -> None:
        """A derivation; nothing is proved yet.

        Raises:
            ValueError: It is no chain: too few or no expressions, an expression that returns,
                relations of both directions, or wrong numbers of relations or reasons.
        """
        self.expressions = tuple(map(_expression, _listed(expressions, "expressions"), _from(1)))
        steps = len(self.expressions) - 1
        if not 1 <= steps <= MOST_STEPS:
            raise ValueError(
                f"a derivation has 2 to {MOST_STEPS + 1} expressions, got {len(self.expressions)}"
            )
        self.relations = _relations(relations, steps)
        self.reasons = _reasons(reasons, steps)
        self.assuming = tuple(map(_hypothesis, _listed(assuming, "hypotheses")))
        self._refuse_circles()

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps in their order."""
        pairs = zip(self.expressions, self.expressions[1:], strict=False)
        rows = zip(pairs, self.relations, self.reasons, strict=True)
        return tuple(
            Step(number, RELATIONS[sign](left, right, evaluate=False), reason)
            for number, ((left, right), sign, reason) in enumerate(rows, start=1)
        )

    @property
    def conclusion(self) -> Relational:
        """What the whole chain shows: its first expression related to its last."""
        signs = set(self.relations) - {"="}
        sign = min(signs, key=len) if signs else "="  # one strict step makes the whole strict
        return RELATIONS[sign](self.expressions[0], self.expressions[-1], evaluate=False)

    @property
    def latex(self) -> str:
        """The chain as aligned equations, a line per step, the reason beside it."""
        from formal.latex import latex
        from formal.latex.text import escaped

        signs = {"=": "=", "<=": r"\leq", "<": "<", ">=": r"\geq", ">": ">"}
        lines = []
        for place, (sign, reason) in enumerate(zip(self.relations, self.reasons, strict=True)):
            left = f"{latex(self.expressions[0])} " if place == 0 else ""
            right = latex(self.expressions[place + 1])
            beside = rf" && \text{{{escaped(reason)}}}" if reason else ""
            lines.append(f"{left}&{signs[sign]} {right}{beside}")
        inside = " \\\\\n".join(lines)
        return f"\\begin{{aligned}}\n{inside}\n\\end{{aligned}}"

    def _refuse_circles(self) -> None:
        first: dict[Any, int] = {}
        for place, expression in enumerate(self.expressions, start=1):
            before = first.setdefault(expression, place)
            if before < place - 1 or (before < place and self.relations[place - 2] in "<>"):
                raise ValueError(
                    f"expression {place} is expression {before} again: the derivation goes in a "
                    "circle"
                )

    def __len__(self) -> int:
        return len(self.relations)

    def __iter__(self) -> Iterator[Step]:
        return iter(self.steps)

    def __repr__(self) -> str:
        return f"Derivation of {len(self)} steps: {self.conclusion}"

    def _repr_latex_(self) -> str:
        return f"$$\n{self.latex}\n$$"


def _from(start: int) -> Iterator[int]:
    while True:
        yield start
        start += 1


def _listed(values: Any, what: str) -> Sequence[Any]:
    """The values of an iterable that is neither text nor one expression."""
    if isinstance(values, (str, bytes)) or not isinstance(values, Iterable):
        raise ValueError(f"expected a list of {what}, got {_brief(values)}")
    found = []
    for value in values:
        found.append(value)
        if len(found) > MOST_STEPS + 1:
            raise ValueError(f"more than {MOST_STEPS + 1} {what}")
    return found


def _expression(value: Any, place: int) -> Expr:
    if isinstance(value, (bool, str, bytes)) or value is None:
        raise ValueError(f"expression {place}: expected a SymPy expression, got {_brief(value)}")
    if isinstance(value, (Relational, BooleanAtom)):
        raise ValueError(
            f"expression {place} is a relation; a derivation lists the expressions, and the "
            "relations between them apart"
        )
    try:
        expression = sympify(value, strict=True)
        if not isinstance(expression, Expr):
            raise TypeError
        check_size(expression)
    except (TypeError, ValueError, AttributeError) as error:  # SympifyError is a ValueError
        raise ValueError(
            f"expression {place}: expected a SymPy expression, got {_brief(value)}"
        ) from error
    except (ProofError, RecursionError) as error:
        raise ValueError(f"expression {place}: {error}") from error
    return expression


def _hypothesis(value: Any) -> Relational:
    if not isinstance(value, Relational):
        raise ValueError(f"expected a hypothesis such as Eq(a, b), got {_brief(value)}")
    return value


def _relations(relations: Any, steps: int) -> tuple[str, ...]:
    if isinstance(relations, str):
        relations = [relations] * steps
    signs = tuple(_listed(relations, "relations"))
    for sign in signs:
        if not isinstance(sign, str) or sign not in RELATIONS:
            raise ValueError(f"expected relations among {' '.join(RELATIONS)}, got {_brief(sign)}")
    if len(signs) != steps:
        raise ValueError(f"{steps} steps need {steps} relations, got {len(signs)}")
    if {sign[0] for sign in signs} >= {"<", ">"}:
        raise ValueError("a derivation goes in one direction: it mixes < or <= with > or >=")
    return signs


def _reasons(reasons: Any, steps: int) -> tuple[str, ...]:
    words = tuple(_listed(reasons, "reasons"))
    if not words:
        return ("",) * steps
    if len(words) != steps:
        raise ValueError(f"{steps} steps need {steps} reasons or none, got {len(words)}")
    for reason in words:
        if not isinstance(reason, str):
            raise ValueError(f"a reason is text, got {_brief(reason)}")
    return words


def _brief(value: Any) -> str:
    """What arrived, in a few words; a huge expression is not printed."""
    if isinstance(value, (str, bytes, bool, int, float)) or value is None:
        text = repr(value)
        return text if len(text) <= 60 else text[:57] + "..."
    return f"a {type(value).__name__}"
