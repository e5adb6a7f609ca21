"""Statements: what theory claims, one declaration each.

    @identity(YANG, item="1:T1.19")
    def free_energy_eq_internal_energy_sub_temperature_mul_entropy():
        \"\"\"Free energy is internal energy minus temperature times entropy.\"\"\"
        return Eq(F, U - T * S)

The function's name is the conclusion read from left to right, its docstring the sentence a
lecturer would say, its value the relation in the author's order. The claim is built without
evaluation, so that SymPy neither reorders the printed form nor turns it into `True`.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from html import escape
from inspect import signature
from typing import Any, Literal, cast

from sympy import Basic, Derivative, Eq, IndexedBase, Integer, Lambda, Sum, evaluate, sympify
from sympy.core.relational import Relational
from sympy.logic.boolalg import BooleanAtom

from formal import symbols
from formal.quantity import Quantity, quantities, rebuild, unfold

BOLD = re.compile(r"\*\*(.+?)\*\*")  # what a sentence stresses, as in its docstring
Kind = Literal["definition", "identity", "inequality", "theorem", "conjecture"]
Fidelity = Literal["verbatim", "restated", "derived"]


@dataclass(frozen=True)
class Source:
    """Where a statement comes from: a BibTeX key, a place in it, and how faithful we are to it.

    `at` is a place that was read ("abstract", "Eq. (12)"), or empty where the reference is the
    subject's standard one and no place is claimed. `derived` means that the statement is ours.
    """

    key: str
    at: str = ""
    fidelity: Fidelity = "restated"


class ClaimError(ValueError):
    """A claim that cannot be stated: not a relation, or true or false before it was looked at."""


@dataclass(frozen=True, eq=False)
class Statement:
    """One claim of the theory.

    `claim` is a SymPy relation over quantities and symbols, or None for a statement that is not
    a relation of numbers; `text` and `consequences` stand in for it.
    `domain` holds the hypotheses beyond the symbols' own types and ranges.
    `tight_at` says where an inequality is an equality: values for symbols and families, where
    `oo` and `0` stand for limits of a parameter. `presentation` is the claim as its author
    ordered it.
    """

    name: str
    kind: Kind
    claim: Relational | None
    item: tuple[str, ...]
    source: Source
    doc: str
    domain: tuple[Relational, ...] = ()
    tight_at: Mapping[Basic, Basic] = field(default_factory=dict)
    presentation: Basic | None = None
    text: str = ""
    consequences: tuple[str, ...] = ()
    module: str = ""
    measure: str = ""
    falsified: str = ""

    @classmethod
    def of(
        cls, claim: Relational, kind: Kind, domain: tuple[Relational, ...] = (), text: str = ""
    ) -> "Statement":
        """A statement without a name or a source, such as a user's own relation."""
        name, source = "claim", Source("", "", "derived")
        return cls(name, kind, claim, (), source, "", domain, presentation=claim, text=text)

    def assuming(self, hypotheses: tuple[Relational, ...]) -> "Statement":
        """The same statement under further hypotheses."""
        return replace(self, domain=(*self.domain, *hypotheses)) if hypotheses else self

    @cached_property
    def unfolded(self) -> Relational | None:
        """The claim in plain SymPy: every quantity replaced by its definition."""
        return None if self.claim is None else unfold(self.claim)  # type: ignore[return-value]

    @cached_property
    def quantities(self) -> tuple[type[Quantity], ...]:
        """The quantities that the claim mentions, in order of appearance."""
        if self.claim is None:
            return ()
        return tuple(dict.fromkeys(type(node) for node in quantities(self.claim)))

    @property
    def topic(self) -> str:
        """The stem of the module that states it: `boltzmann`, `moduli`, ..."""
        return self.module.rpartition(".")[2]

    @cached_property
    def latex(self) -> str:
        """The claim in LaTeX, without delimiters, in the author's order."""
        from formal.latex import latex

        return self.text if self.presentation is None else latex(self.presentation)

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex}$"

    def _repr_html_(self) -> str:
        items = ", ".join(self.item)
        about = "; ".join(escape(part) for part in (self.kind, items, self.source.key) if part)
        sentence = BOLD.sub(r"<b>\1</b>", escape(self.doc, quote=False))
        return (
            f"<p><b>{escape(self.name)}</b> <small>({about})</small><br>"
            f"{sentence}</p><p>$\\displaystyle {escape(self.latex, quote=False)}$</p>"
        )

    def __repr__(self) -> str:
        return f"Statement({self.kind} {self.name}: {self.claim})"


def definition(
    symbol: str,
    source: Source,
    *,
    item: str | tuple[str, ...],
    assuming: tuple[Relational, ...] = (),
) -> Callable[[Callable[..., Any]], type[Quantity]]:
    """Declare a quantity by its definition; the decorated function is its right-hand side.

    The function's parameters name symbols and families of `formal.symbols`, which become the
    quantity's default arguments. In `symbol`, `#1` stands for the first argument, and so on;
    an argument without such a place is printed only where it is not the default.
    """

    def declare(function: Callable[..., Any]) -> type[Quantity]:
        parameters = tuple(getattr(symbols, name) for name in signature(function).parameters)
        presentation = _present(function, *parameters)
        body = canonical(presentation)
        _refuse_derivatives_by(parameters, body, function.__name__)
        quantity = type(
            function.__name__,
            (Quantity,),
            {
                "symbol": symbol,
                "parameters": parameters,
                "body": body,
                "__doc__": function.__doc__,
                "__module__": function.__module__,
            },
        )
        applied = quantity(*parameters)
        quantity.statement = Statement(
            name=function.__name__,
            kind="definition",
            claim=_equality(applied, quantity.body),
            item=_items(item),
            source=source,
            doc=_sentence(function),
            domain=assuming,
            presentation=Eq(applied, presentation, evaluate=False),
            module=function.__module__,
        )
        return quantity

    return declare


def _declare(kind: Kind) -> Callable[..., Callable[[Callable[[], Any]], Statement]]:
    def decorator(
        source: Source,
        *,
        item: str | tuple[str, ...],
        assuming: tuple[Relational, ...] = (),
        tight_at: Mapping[Any, Any] | None = None,
    ) -> Callable[[Callable[[], Any]], Statement]:
        def declare(function: Callable[[], Any]) -> Statement:
            presentation = _present(function)
            return Statement(
                name=function.__name__,
                kind=kind,
                claim=_relation(canonical(presentation), function.__name__),
                item=_items(item),
                source=source,
                doc=_sentence(function),
                domain=assuming,
                tight_at={
                    key: canonical(sympify(value, strict=True))
                    for key, value in (tight_at or {}).items()
                },
                presentation=presentation,
                module=function.__module__,
            )

        return declare

    return decorator


identity = _declare("identity")
inequality = _declare("inequality")
conjecture = _declare("conjecture")
condition = _declare("definition")  # a definition by a relation that things must satisfy


def _declare_prose(kind: Kind) -> Callable[..., Callable[[Callable[[], str]], Statement]]:
    def decorator(
        source: Source, *, item: str | tuple[str, ...], consequences: tuple[str, ...]
    ) -> Callable[[Callable[[], str]], Statement]:
        def declare(function: Callable[[], str]) -> Statement:
            return Statement(
                name=function.__name__,
                kind=kind,
                claim=None,
                item=_items(item),
                source=source,
                doc=_sentence(function),
                text=function(),
                consequences=consequences,
                module=function.__module__,
            )

        return declare

    return decorator


# Statements that are not relations of numbers: the function returns their LaTeX, and
# `consequences` names the statements by which they are checked.
theorem = _declare_prose("theorem")
notion = _declare_prose("definition")


def open_conjecture(
    source: Source, *, item: str | tuple[str, ...], measure: str, falsified: str
) -> Callable[[Callable[[], str]], Statement]:
    """Declare a conjecture about language models; the decorated function returns its LaTeX.

    It is neither proved nor supported here, whatever is measured: `measure` says in a sentence
    what is, and `falsified` what outcome would speak against it.
    """

    def declare(function: Callable[[], str]) -> Statement:
        stated = _declare_prose("conjecture")(source, item=item, consequences=())(function)
        if not (measure and falsified):
            raise ClaimError(f"{function.__name__}: say what is measured, and what would falsify")
        return replace(stated, measure=measure, falsified=falsified)

    return declare


def family(function: Callable[..., Any]) -> Lambda:
    """The family with component `function(i)`, terms as written: `family(lambda i: E[i] + c)`."""
    with evaluate(False):
        return Lambda(symbols.i, function(symbols.i))


def simplex(*families: IndexedBase) -> tuple[Relational, ...]:
    """The hypotheses that families are probability distributions: components sum to one."""
    return tuple(
        _equality(Sum(p[symbols.i], (symbols.i, 1, symbols.V)), Integer(1)) for p in families
    )


@lru_cache(maxsize=16384)
def canonical(expression: Basic) -> Basic:
    """SymPy's own form of an unevaluated expression; relations and derivatives stay."""
    if isinstance(expression, Derivative):
        target, *counts = (canonical(argument) for argument in expression.args)
        return Derivative(target, *counts, evaluate=False)
    return rebuild(expression, tuple(canonical(argument) for argument in expression.args))


def _equality(left: Basic, right: Basic) -> Relational:
    """An equality as it stands; SymPy types it as what it might evaluate to."""
    return cast(Relational, Eq(left, right, evaluate=False))


def _present(function: Callable[..., Any], *arguments: Basic) -> Basic:
    with evaluate(False):
        return function(*arguments)


def _refuse_derivatives_by(parameters: tuple[Basic, ...], body: Basic, name: str) -> None:
    """Another argument in the place of a variable of differentiation would mean another thing."""
    for node in body.atoms(Derivative):
        for variable in node.variables:
            if variable.has(*parameters):
                raise ClaimError(
                    f"{name}: a definition may not differentiate by its own parameter {variable}; "
                    "state the derivative as an identity"
                )


def _relation(claim: Basic, name: str) -> Relational:
    if isinstance(claim, BooleanAtom):
        raise ClaimError(f"{name}: SymPy has already decided this claim: it is {claim}")
    if not isinstance(claim, Relational):
        raise ClaimError(f"{name}: expected a relation such as Eq(a, b), got {claim!r}")
    return claim


def _items(item: str | tuple[str, ...]) -> tuple[str, ...]:
    return (item,) if isinstance(item, str) else tuple(item)


def _sentence(function: Callable[..., Any]) -> str:
    doc = (function.__doc__ or "").strip()
    if not doc:
        raise ClaimError(f"{function.__name__}: a statement needs a docstring, one sentence")
    return " ".join(doc.split())
