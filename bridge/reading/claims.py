"""What a paper says: definitions, conditions and claims, each with its place; and what of it
could not be read, with the reason.

Equations are taken in their order. One that mentions a name which is defined only later waits
for it; a name that is nowhere defined or declared is inferred last, where there is one reading.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from sympy import Add, Eq, Ge, Gt, Indexed, IndexedBase, Integer, Le, Lt, Ne, Pow, Sum, Symbol
from sympy.core.relational import Relational
from sympy.logic.boolalg import BooleanAtom

from bridge.ball_scope import names as names_of
from bridge.reading import nodes
from bridge.reading.citations import around
from bridge.reading.declarations import GENERAL, Declared, declare
from bridge.reading.definitions import averaged, define, is_free
from bridge.reading.document import Document, document
from bridge.reading.expressions import MOST, Reader
from bridge.reading.heads import head, is_vector, mentions
from bridge.reading.macros import Macros
from bridge.reading.parsing import parse
from bridge.reading.said import Reading, Said
from bridge.reading.scope import Family, Scalar, UnknownName
from bridge.reading.sizes import unfolded
from bridge.reading.source import Source, read_file, read_text
from bridge.reading.steps import Step, steps_of
from bridge.reading.tokens import QuestionError, ReadingError, written
from bridge.reading.words import Words
from formal.quantity import unfold

RELATIONS: dict[str, Any] = {
    "=": Eq, ":=": Eq, "=:": Eq, "<=": Le, "<": Lt, ">=": Ge, ">": Gt,
}  # fmt: skip
NOT_JUDGED = {
    "approx": "an approximation is no claim that can be judged",
    "to": "a limit or a map is no claim that can be judged",
    "sim": "what is distributed as what is no claim that can be judged",
    "much less": "an order of magnitude is no claim that can be judged",
    "much greater": "an order of magnitude is no claim that can be judged",
    "in": "what something is an element of is no claim that is judged",
    "not in": "what something is no element of is no claim that is judged",
    "subset": "what is part of what is no claim that is judged",
    "propto": "what is proportional to what is not judged here",
}


def read_paper(paper: Path | str, conventions: str | None = None) -> Reading:
    """Read a paper from its file, or from its text; nothing is judged yet.

    Raises:
        OSError: The file cannot be read.
        ValueError: The conventions are not known.
    """
    name, _, topic = (conventions or "porism").partition(":")
    if name != "porism" or (topic and not topic.isidentifier()):
        raise ValueError(f"expected the conventions porism, or porism:TOPIC, got {conventions!r}")
    source = read_file(paper) if isinstance(paper, Path) else read_text(paper)
    return read_source(source, conventions)


def read_source(source: Source, conventions: str | None = None) -> Reading:
    """Read the tokens of a paper and its declarations."""
    macros = Macros()
    expanded = macros.expanded(source.tokens)
    found: Document = document(expanded)
    reading = Reading(files=tuple(source.files))
    declared = declare(reading.scope, source.declarations)
    if conventions is not None:
        declared.conventions = conventions.partition(":")[2] or GENERAL
    reading.problems += [*source.problems, *macros.problems, *declared.problems, *found.problems]
    reading.dangling = [r for r in found.references if r.label not in found.labels]
    reading.labels = frozenset(found.labels)
    steps = steps_of(found, around(expanded, found), reading)
    _Claims(reading, declared, "".join(step.latex for step in steps)).read(steps)
    reading.said.sort(key=lambda said: said.order)
    return reading


class _Claims:
    """Reads steps one after the other, until nothing is left that can be read."""

    def __init__(self, reading: Reading, declared: Declared, written: str) -> None:
        self.reading, self.scope = reading, reading.scope
        self.reader = Reader(self.scope)
        if declared.conventions is not None:
            from bridge.reading.conventions import convention_reader

            self.reader = convention_reader(self.scope, declared.conventions, written)
        self.words = Words(self.reader, declared.definitions)
        self.scope.asks_unit = "\\log_" in written and self.scope.unit is None
        self.random = self.reader.random.recognizes
        self.reserved: dict[str, int] = {}
        self.parsed: dict[int, tuple[nodes.Row, nodes.Row]] = {}

    def read(self, steps: list[Step]) -> None:
        self.reading.problems += self.words.take()
        self.reserved |= dict.fromkeys(self.words.names(), -1)
        pending = [step for step in steps if not self._changes_variable(step)]
        while pending:
            waiting = [step for step in pending if not self._settled(step)]
            left = len(self.words)
            self.reading.problems += self.words.take()
            if len(self.words) == left and len(waiting) == len(pending):
                self._infer(waiting)
            pending = waiting
        self.reading.problems += self.words.unmet()

    def _infer(self, waiting: list[Step]) -> None:
        """Take the first step that can be read if names are inferred: none that a later step
        gives a meaning, as long as there is another."""
        self.scope.inferring = True
        self.scope.awaited = {name for step in waiting if (name := self._defines(step))}
        at = next((n for n, step in enumerate(waiting) if self._settled(step)), None)
        self.scope.awaited = set()
        if at is None:
            at = 0
            self._settled(waiting[0])
        waiting.pop(at)
        self.scope.inferring = False

    def _defines(self, step: Step) -> str | None:
        """The name that a step would define, as far as its left side says it."""
        if step.number > 1 or step.sign not in ("=", ":="):
            return None
        try:
            sides = self._sides(step)
            found = None if self.random(sides[0]) else head(self.scope, *sides)
        except ReadingError:
            return None
        return None if found is None or not is_free(self.scope, found) else found.name

    def _changes_variable(self, step: Step) -> bool:
        """Whether a step such as beta = 1/T makes one declared number of another: it is taken
        first, wherever it stands, so that derivatives by either are what they are."""
        if step.sign not in ("=", ":=") or step.number > 1:
            return False
        try:
            left, right = self._sides(step)
            found = head(self.scope, left, right)
            if found is None or not isinstance(self.scope.names.get(found.name), Scalar):
                return False
            if not is_free(self.scope, found):
                return False
            before = set(self.scope.used)
            value = self.reader.row(right)
            self.scope.used = before
        except ReadingError:
            return False
        free = value.free_symbols
        if len(free) != 1 or not _is_monomial(value):
            return False
        return self._settled(step)

    def _settled(self, step: Step) -> bool:
        """Read a step; false while it waits for a name."""
        self.reader.left = MOST
        try:
            said = self._step(step)
        except UnknownName as error:
            if not self.scope.inferring or error.name in self.scope.awaited:
                return False
            said = self._said(step, "question", message=error.message, place=error.place)
        except ReadingError as error:
            kind = "question" if isinstance(error, QuestionError) else "unread"
            message = error.message + self._defined_further_on(step)
            said = self._said(step, kind, message=message, place=error.place)
        except RecursionError:
            said = self._said(step, "unread", message="it is nested too deeply")
        except (TypeError, ValueError, ArithmeticError) as error:
            brief = " ".join(str(error).split())[:200]
            said = self._said(step, "unread", message=f"SymPy refuses it: {brief}")
        self.reserved = {n: order for n, order in self.reserved.items() if order != step.order}
        self.reading.said.append(said)
        return True

    def _defined_further_on(self, step: Step) -> str:
        """Of a = b = c, where b is not read: a is c by the author's words; said, if it is used."""
        name = self._defines(step)
        if name is None:
            return ""
        for side in step.chain.sides[2:]:
            further = replace(step, right=side)
            try:
                left, right = parse(further.left), parse(further.right)
                found = head(self.scope, left, right)
                if found is None or mentions(self.scope, right, found):
                    return ""
                define(self.reader, found, right)
            except ReadingError:
                continue
            return f"; {name} is taken as {written(side)}"
        return ""

    def _said(self, step: Step, kind: str, **changes: Any) -> Said:
        chain = step.chain
        said = Said(kind, step.place, step.latex, chain.labels, step.number, chain.displayed)
        about, numbers = step.said, tuple(f"({number})" for number in chain.numbers)
        vanishes = about.vanishing and step.sign == "=" and written(step.right).strip(" .,") == "0"
        assumed = "to zero" if vanishes else about.assumed
        said = replace(said, cites=about.cites, assumed=assumed, numbers=numbers)
        return replace(said, formula=chain.formula, order=step.order, **changes)

    def _step(self, step: Step) -> Said:
        if step.sign == "!=":
            return self._said(step, "condition", message="a condition, not judged")
        if step.sign not in RELATIONS and step.sign != "propto":
            reason = NOT_JUDGED.get(step.sign)
            kind = "unread" if reason is None else "remark"
            message = reason or f"a relation of the kind {step.sign!r} is not read"
            return self._said(step, kind, message=message)
        left, right = self._sides(step)
        if step.sign == "=:":
            left, right = right, left
        if step.sign in ("=", ":=") and self.scope.averages is None:
            weights = averaged(left, right)
            if weights is not None:
                self.scope.averages = weights
                return self._said(step, "definition", message="what <.> averages over")
        if is_vector(self.scope, left):
            return self._vector_claim(step, left, right)
        if step.sign in ("=", ":=", "=:", "propto"):
            found = None if self.random(left) else head(self.scope, left, right)
            names_it = step.sign != "=" or self._follows_names(step, right)
            free = found is not None and names_it and is_free(self.scope, found)
            free = free and not self.reader.recognizes(left)
            if found is not None and free and not mentions(self.scope, right, found):
                if step.chain.displayed or not _is_value(right):
                    if self.reserved.setdefault(found.name, step.order) < step.order:
                        raise UnknownName(found.name, step.place)  # the first defines it
                    return self._definition(step, found, left, right)
        if step.sign == "propto":
            raise ReadingError(NOT_JUDGED["propto"], step.place)
        return self._claim(step, left, right)

    def _follows_names(self, step: Step, right: nodes.Row) -> bool:
        """Whether what stands before a step in its chain are names alone, as in a = b = c."""
        before = step.chain.sides[: step.number - 1]
        return all(head(self.scope, parse(side), right) is not None for side in before)

    def _sides(self, step: Step) -> tuple[nodes.Row, nodes.Row]:
        if not any(token.text.strip() for token in step.left) or not any(
            token.text.strip() for token in step.right
        ):
            raise ReadingError("a side of this relation is missing", step.place)
        if step.order not in self.parsed:
            self.parsed[step.order] = parse(step.left), parse(step.right)
        return self.parsed[step.order]

    def _definition(self, step: Step, found: Any, left: nodes.Row, right: nodes.Row) -> Said:
        value = define(self.reader, found, right, normalized=step.sign == "propto")
        claim: Any = Eq(value, value.definition(), evaluate=False)
        return self._said(step, "definition", claim=claim)

    def _claim(self, step: Step, left: nodes.Row, right: nodes.Row) -> Said:
        derivatives = self.reader.derivatives
        variable = derivatives.acted_on(left, right)
        message = "" if variable is None else f"both sides act on {variable}"
        with derivatives.acting(variable):
            sides = self.reader.row(left), self.reader.row(right)
        claim = RELATIONS[step.sign](*sides, evaluate=False)
        for side in sides:
            unfolded(side, step.place)  # or it is too large
        if isinstance(claim, BooleanAtom):
            raise ReadingError("SymPy has decided this relation already", step.place)
        condition = self._condition(claim, step)
        if condition is not None:
            return condition
        inferred = self._inferred(claim)
        return self._said(step, "claim", claim=claim, message=message, inferred=inferred)

    def _vector_claim(self, step: Step, left: nodes.Row, right: nodes.Row) -> Said:
        """An equation of vectors: it holds for every component."""
        if step.sign not in ("=", ":="):
            raise QuestionError("is this a relation of every component?", step.place)
        letter = self.reader.fresh(nodes.Row((*left.cells, *right.cells), (",",)))
        with self.scope.binding(letter) as (bound,), self.scope.filling(bound):
            sides = self.reader.row(left), self.reader.row(right)
        if any(bound not in side.free_symbols for side in sides):
            raise QuestionError("is this an equation of vectors or of numbers?", step.place)
        claim = Eq(*sides, evaluate=False)
        return self._said(step, "claim", claim=claim, inferred=self._inferred(claim))

    def _condition(self, claim: Any, step: Step) -> Said | None:
        """That a free family sums to one, or the domain of a free number: nothing to judge."""
        free = {e.base for e in self.scope.names.values() if isinstance(e, Family)}
        match claim:
            case Eq(lhs=Sum(function=Indexed() as entry), rhs=Integer() as one) if one == 1:
                if entry.base in free and not any(h.has(entry.base) for h in self._sums()):
                    self.scope.hypotheses.append(claim)
                    return self._said(step, "condition", claim=claim)
            case Gt() | Ge() | Lt() | Le() | Ne() | Eq() if _is_domain(claim):
                if not isinstance(claim, Eq) or not step.chain.displayed:
                    return self._said(
                        step, "condition", claim=claim, message="a condition, not judged"
                    )
        return None

    def _sums(self) -> list[Relational]:
        return [h for h in self.scope.hypotheses if isinstance(h, Eq) and isinstance(h.lhs, Sum)]

    def _inferred(self, claim: Any) -> tuple[Any, ...]:
        plain: Any = unfold(claim)
        names = names_of(plain)
        entries = [
            self.scope.names[name]
            for name in sorted(self.scope.inferred)
            if name in self.scope.names
        ]
        symbols = [
            e.base if isinstance(e, Family) else getattr(e, "symbol", None) for e in entries
        ]
        return tuple(s for s in symbols if s in names)


def assuming(reading: Reading, *claims: Relational) -> tuple[Relational, ...]:
    """The hypotheses of a paper that are about names of a claim, or of any of several."""
    about: set[Any] = set().union(*(names_of(unfold(claim)) for claim in claims))
    held: list[Relational] = []
    waiting = list(reading.scope.hypotheses)
    changed = True
    while changed:
        changed = False
        for hypothesis in list(waiting):
            names = _parameters(hypothesis)
            if names & about:
                waiting.remove(hypothesis)
                held.append(hypothesis)
                about |= names
                changed = True
    return tuple(h for h in reading.scope.hypotheses if h in held)


def _parameters(hypothesis: Relational) -> set[Any]:
    found = names_of(unfold(hypothesis))
    return {n for n in found if isinstance(n, IndexedBase) or not n.is_integer}


def _is_domain(claim: Any) -> bool:
    """Whether a relation only bounds a free symbol by a number."""
    sides = (claim.lhs, claim.rhs)
    return any(isinstance(s, (Symbol, Indexed)) for s in sides) and any(s.is_number for s in sides)


def _is_value(row: nodes.Row) -> bool:
    """Whether a row is nothing but a number."""
    item = row.item
    return item is not None and isinstance(item.atom, nodes.Number)


def _is_monomial(value: Any) -> bool:
    return not value.has(Add, Indexed) and isinstance(value, (Pow, Symbol)) or value.is_Mul
