"""Terms of the proof language as text of Coq, which reads like the mathematics.

A parameter T is `x_T : R`, a family E is `f_E : nat -> R`, a number of states V is `n_V : nat`,
a free index k is `i_k : nat`; only letters, digits and `_` of a name survive. A sum is
`vsum 1 n_V (fun j1 => ...)`, a derivative `Derive (fun x_T => ...) x_T`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from formal.proof.kernel import Claim
from formal.proof.strings import STRINGS
from formal.proof.terms import ProofError, Term, is_universal, opened, replace

MAX_LITERAL = 2_000


class NotExported(ProofError):
    """Coq's file cannot be written; the message says why."""


@dataclass(frozen=True)
class Local:
    """An index in Coq: its name with its range as a term, and the name of the range's proof."""

    index: Term
    proof: str

    @property
    def name(self) -> str:
        """The name."""
        return str(self.index.args[0])


Scope = Mapping[Term, Local]


def local(index: Term, name: str) -> Local:
    """The index under a name of Coq."""
    return Local(Term("idx", name, *index.args[1:]), f"H{name}")


class Names:
    """What sizes, parameters, families and free indices are called in Coq."""

    def __init__(self, claim: Claim) -> None:
        """Collect the names of a claim and its hypotheses, in order."""
        self.sizes: dict[str, str] = {}
        self.symbols: dict[tuple, str] = {}
        self.scope: dict[Term, Local] = {}
        self._taken: dict[str, int] = {}
        self._texts: dict[tuple, str] = {}
        for relation in (claim.relation, *claim.hypotheses):
            for term in (relation.left, relation.right):
                self._collect(term)

    def _collect(self, term: Term) -> None:
        if term.op == "sum":
            self._size(term.args[1])
        if term.op == "size":
            self._size(term.args[0])
        if term.op in ("sym", "arr") and key(term) not in self.symbols:
            kind = "x" if term.op == "sym" else "f"
            self.symbols[key(term)] = self._identifier(kind, str(term.args[0]))
        if term.op == "idx" and not is_universal(term) and term not in self.scope:
            self.scope[term] = local(term, self._identifier("i", str(term.args[0])))
        if term.op == "idx":
            self._size(term.args[2])
        for part in term.terms:
            self._collect(part)

    def _size(self, high: object) -> None:
        if high == STRINGS:
            raise NotExported("sums over strings")
        if isinstance(high, str) and high not in self.sizes:
            self.sizes[high] = self._identifier("n", high)

    def _identifier(self, kind: str, name: str) -> str:
        safe = f"{kind}_{re.sub('[^A-Za-z0-9_]', '', name)}"
        self._taken[safe] = self._taken.get(safe, 0) + 1
        return safe if self._taken[safe] == 1 else f"{safe}__{self._taken[safe]}"

    def high(self, high: object) -> str:
        """The end of a range.

        Raises:
            NotExported: It is unknown, or a number that is too large to be counted out.
        """
        if isinstance(high, str) and high in self.sizes:
            return self.sizes[high]
        if isinstance(high, int) and high <= MAX_LITERAL:
            return str(high)
        raise NotExported(f"the end {high!r} of a range is unknown, or more than {MAX_LITERAL}")

    def range(self, name: str, index: Term) -> str:
        """The proposition that an index lies in a range."""
        return f"({index.args[1]} <= {name} <= {self.high(index.args[2])})%nat"

    def symbol(self, term: Term) -> str:
        """The name of a parameter or a family.

        Raises:
            NotExported: The claim does not mention it.
        """
        if key(term) not in self.symbols:
            raise NotExported(f"the proof mentions '{term.args[0]}', which the claim does not")
        return self.symbols[key(term)]

    def text(self, term: Term, scope: Scope, depth: int = 1) -> str:
        """The term as a real number; bound indices are `j1`, `j2`, ... from the given depth.

        Raises:
            NotExported: It has a part that the export does not know.
        """
        places = frozenset((i, scope[i].name) for i in term.indices if i in scope)
        key = term, depth, places
        if key not in self._texts:
            self._texts[key] = self._text(term, scope, depth)
        return self._texts[key]

    def _text(self, term: Term, scope: Scope, depth: int) -> str:
        parts = lambda: [self.text(t, scope, depth) for t in term.terms]  # noqa: E731
        match term.op:
            case "num":
                return number_text(term)
            case "sym" if str(term.args[0]).startswith("@"):  # a size less one
                return f"(INR {self.high(str(term.args[0])[1:])} + (-1))"
            case "sym":
                return self.symbol(term)
            case "size":
                return f"(INR {self.high(term.args[0])})"
            case "idx":
                return f"(INR {index_name(term, scope)})"
            case "arr":
                indices = " ".join(index_name(i, scope) for i in term.terms)
                return f"({self.symbol(term)} {indices})"
            case "delta":
                left, right = (index_name(i, scope) for i in term.terms)
                return f"(delta {left} {right})"
            case "add":
                return f"({' + '.join(parts())})"
            case "mul":
                return f"({' * '.join(parts())})"
            case "pow":
                return power_text(parts()[0], term.terms[1], parts()[1])
            case "exp" | "log" | "log0":  # Coq's ln is 0 where its argument is not positive
                return f"({'exp' if term.op == 'exp' else 'ln'} {parts()[0]})"
            case "pi":
                return "PI"
            case "sin" | "cos":
                return f"({term.op} {parts()[0]})"
            case "xlogy":
                return f"(xlogy {' '.join(parts())})"
            case "sum":
                return self._sum_text(term, scope, depth)
            case "int":
                raise NotExported("integrals")
            case "diff":
                return f"({self.derivative(term, scope, 'Derive', 'partial', depth)})"
            case _:
                return self.other(term, scope, depth)

    def other(self, term: Term, scope: Scope, depth: int) -> str:
        """The text of an operation beyond those of claims.

        Raises:
            NotExported: There is none.
        """
        raise NotExported(f"the export to Coq does not know '{term.op}'")

    def _sum_text(self, term: Term, scope: Scope, depth: int) -> str:
        low, high = term.args[:2]
        return f"(vsum {low} {self.high(high)} {self.summand(term, scope, depth)})"

    def summand(self, binder: Term, scope: Scope, depth: int = 1) -> str:
        """The summand of a sum as a function."""
        index, body = opened(binder)
        inner = self.text(body, {**scope, index: local(index, f"j{depth}")}, depth + 1)
        return f"(fun j{depth} : nat => {inner})"

    def derivative(
        self, term: Term, scope: Scope, scalar: str, family: str, depth: int = 1
    ) -> str:
        """A word for derivatives (by parameters, by entries) applied to function and point."""
        body, by = term.terms
        function = f"(fun {self.bound_variable(by)} => {self.text(body, scope, depth)})"
        if by.op == "sym":
            return f"{scalar} {function} {self.symbol(by)}"
        return f"{family}{entries(by)} {function} {self.symbol(by)} " + " ".join(
            index_name(i, scope) for i in by.terms
        )

    def bound_variable(self, by: Term) -> str:
        """The variable of differentiation and its type."""
        return f"{self.symbol(by)} : {symbol_type(by)}"


def key(term: Term) -> tuple:
    """What tells parameters and families apart: kind, name, sign, number of indices."""
    return (term.op, *term.args[:2], len(term.terms))


def symbol_type(term: Term) -> str:
    """The type of a parameter or a family."""
    return "nat -> " * len(term.terms) + "R"


def entries(by: Term) -> str:
    """The suffix of the words for families with two indices.

    Raises:
        NotExported: There are more.
    """
    if len(by.terms) > 2:
        raise NotExported("derivatives by entries with more than two indices are not exported")
    return "2" if len(by.terms) == 2 else ""


def index_name(index: Term, scope: Scope) -> str:
    """The name of an index.

    Raises:
        NotExported: It has none.
    """
    if index not in scope:
        raise NotExported(f"the index '{index.args[0]}' has no meaning outside the proof")
    return scope[index].name


def number_text(term: Term) -> str:
    """A rational number."""
    numerator, denominator = term.args
    if denominator == 1:
        return str(numerator) if int(numerator) >= 0 else f"({numerator})"  # type: ignore
    shown = str(numerator) if int(numerator) >= 0 else f"({numerator})"  # type: ignore
    return f"({shown} / {denominator})"


def power_text(base: str, exponent: Term, exponent_text: str) -> str:
    """A power: `^` and `/` for whole exponents, `rpow` for others."""
    if exponent.op != "num" or exponent.value.denominator > 1:
        return f"(rpow {base} {exponent_text})"
    n = int(exponent.value)
    if abs(n) > MAX_LITERAL:
        raise NotExported(f"the exponent {n} is too large")
    if n >= 0:
        return f"({base} ^ {n})"
    return f"(/ {base})" if n == -1 else f"(/ {base} ^ {-n})"


def named(term: Term, scope: Scope) -> Term:
    """The term with Coq's names for its free indices: equal for what is equal in Coq."""
    return replace(term, {i: scope[i].index for i in term.indices if i in scope})


def scope_of(term: Term) -> dict[Term, Local]:
    """The scope in which a `named` term is printed."""
    return {i: Local(i, f"H{i.args[0]}") for i in term.indices}
