"""What an author declares in comments: domains, indices, distributions, what <.> averages over.

    % porism: T > 0
    % porism: E_i real, i = 1..V
    % porism: p_i > 0, sum p_i = 1
    % porism: 0 < epsilon < 1
    % porism: <.> averages over p
    % porism: beta = 1/T
    % porism: conventions porism            (or: conventions porism alignment, a topic)

and the sentences of `bridge.reading.phrases`. Names are those of the formulas, Greek ones with or
without a backslash.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sympy import E, Eq, Ge, Gt, IndexedBase, Integer, Le, Lt, Ne, Sum, Symbol

from bridge.reading import nodes
from bridge.reading.expressions import Reader
from bridge.reading.naming import conditional, key, pieces
from bridge.reading.parsing import parse
from bridge.reading.phrases import (
    Averages,
    Has,
    Phrase,
    Random,
    Sums,
    Unit,
    greek,
    parts,
    phrase,
    with_means,
)
from bridge.reading.scope import (
    Family,
    Joint,
    Scalar,
    Scope,
    Size,
    Variable,
    index_symbol,
)
from bridge.reading.tokens import Declaration, Place, Problem, ReadingError, tokens
from bridge.reading.writing import symbol_name, text

GENERAL = "boltzmann"  # the topic of the conventions where none is named
RANGE = re.compile(r"(\S+?)\s*(?:=|from)\s*1\s*(?:\.\.+|,?\s*\\[lc]?dots\s*,?|to)\s*(\S+)")
MEMBER = re.compile(r"(\S+?)\s*(?:\\in|\bin)\s+(\S+)|(\S+?)\s*\\in\s*(\S+)")
NORMAL = re.compile(r"\\?sum(?:_\{?([^\s{}]+?)\}?(?=[\s\\]))?\s*(.+?)\s*=\s*(\d+)")
KINDS = re.compile(
    r"(.+?)\s+(?:is\s+|are\s+)?(?:an?\s+)?(?:any\s+)?"
    r"(real|positive|nonnegative|negative|integer|distributions?)(?:\s+numbers?)?"
)
SIGNS = {
    "<": Lt, ">": Gt, "<=": Le, ">=": Ge, "!=": Ne,
}  # fmt: skip
COMPARED = re.compile(r"\s*(<=|>=|!=|<|>|\\leq?(?:slant)?|\\geq?(?:slant)?|\\neq?)\s*")
UNITS: dict[str, Any] = {"bits": Integer(2), "nats": E}
PLAIN = {"\\le": "<=", "\\leq": "<=", "\\leqslant": "<=", "\\ge": ">=", "\\geq": ">=",
         "\\geqslant": ">=", "\\ne": "!=", "\\neq": "!="}  # fmt: skip


@dataclass
class Named:
    """A name as it is declared: its indices and what is said of its values."""

    name: str
    letters: tuple[str, ...]
    kinds: set[str] = field(default_factory=set)
    bounds: list[tuple[str, str]] = field(default_factory=list)
    total: int | None = None
    over: str = ""
    place: Place = field(default_factory=lambda: Place("", 1, 1))


@dataclass
class Declared:
    """What the declarations of a paper said that is not in its scope."""

    definitions: list[tuple[nodes.Row, Place]] = field(default_factory=list)
    conventions: str | None = None
    problems: list[Problem] = field(default_factory=list)


def declare(scope: Scope, declarations: Sequence[Declaration]) -> Declared:
    """Take declarations into a scope."""
    taken = _Declarations(scope)
    for declaration in declarations:
        try:
            taken.line(declaration)
        except ReadingError as error:
            said = f"this declaration is not understood: {declaration.text!r} ({error.message})"
            taken.result.problems.append(Problem(declaration.place, said))
    taken.finish()
    return taken.result


class _Declarations:
    """Collects what is declared, and then puts it into the scope."""

    def __init__(self, scope: Scope) -> None:
        self.scope, self.result = scope, Declared()
        self.named: dict[str, Named] = {}
        self.averages: tuple[str, Place] | None = None
        self.random: list[tuple[Random, Named]] = []
        self.has: list[tuple[Has, Place]] = []

    def line(self, declaration: Declaration) -> None:
        said, place = declaration.text.rstrip(". ;"), declaration.place
        topic = re.fullmatch(r"conventions\s+porism(?:\s+(\w+))?", said)
        if topic:
            self.result.conventions = topic.group(1) or GENERAL
            return
        sentence = phrase(said)
        if sentence is not None:
            self.sentence(sentence, place)
            return
        found = [part.strip() for part in parts(with_means(said))]
        rest = [part for part in found if not self.range(part)]
        waiting: list[Named] = []
        for part in rest:
            waiting = self.part(part, waiting, place)
        if waiting and rest:
            raise ReadingError(f"what about {waiting[0].name}?", place)

    def sentence(self, sentence: Phrase, place: Place) -> None:
        """Take in a sentence."""
        match sentence:
            case Unit(name):
                if name not in UNITS:
                    raise ReadingError("expected bits or nats", place)
                self.scope.unit = UNITS[name]
            case Averages(name, str(of), over):
                item = parse(_tokens(of, place)).item
                letter = text(item.below) if item is not None and item.below else ""
                drawn = f"{letter} \\sim {over}" if letter else over
                self.define(f"{name} = \\mathbb{{E}}_{{{drawn}}}[{of}]", place)
            case Averages(name, None, over) if "_" in name:
                self.operator("mean", name, over, place)
            case Averages(_, None, over):
                self.averages = (over, place)
            case Sums(name, over):
                self.operator("sum", name, over, place)
            case Has():
                self.has.append((sentence, place))
            case Random(variables, joint, rest):
                if not joint:
                    letters = ", ".join(name.lower() for name in variables)
                    shown = ", ".join(variables)
                    said = f"with what probabilities? {shown} random with joint p({letters})"
                    raise ReadingError(said, place)
                named = self.name(joint, place)
                if len(named.letters) != len(variables):
                    said = (
                        f"{len(variables)} variables, but {joint} has {len(named.letters)} values"
                    )
                    raise ReadingError(said, place)
                self.random.append((sentence, named))
                if rest.strip():
                    self.line(Declaration(rest.strip(), place))

    def define(self, written: str, place: Place) -> None:
        """Keep a definition for when the paper is read."""
        self.result.definitions.append((parse(_tokens(written, place)), place))

    def operator(self, kind: str, name: str, over: str, place: Place) -> None:
        """Take in what a sign such as E_x does."""
        item = parse(_tokens(name, place)).item
        if item is None or not isinstance(item.atom, nodes.Letter) or item.below is None:
            raise ReadingError(f"{name!r} is no sign with a subscript, as E_x is", place)
        row = parse(_tokens(over, place))
        self.scope.operators[key(item, below=True, above=False)] = kind, row

    def range(self, part: str) -> bool:
        """Take in `i = 1..V`, or `i in S`."""
        found = RANGE.fullmatch(part)
        if found:
            end = found.group(2)
            for letter in found.group(1).split("="):
                known: Any = Integer(int(end)) if end.isdigit() else self.scope.size(greek(end))
                self.scope.ranges[greek(letter)] = known
            return True
        member = MEMBER.fullmatch(part)
        if member and "(" not in part:
            letter, name = [group for group in member.groups() if group is not None]
            end = self.scope.ranges.setdefault(f"in {name}", self.scope.size(f"|{name}|"))
            self.scope.ranges[greek(letter)] = end
            return True
        return False

    def part(self, part: str, waiting: list[Named], place: Place) -> list[Named]:
        """Take in what is said between commas; names of which nothing is said yet wait."""
        normal = NORMAL.fullmatch(part)
        if normal:
            named = self.name(normal.group(2), place)
            total = int(normal.group(3))
            if named.total not in (None, total):
                raise ReadingError(f"its sum is {named.total} by what is said before", place)
            named.total = total
            named.over = normal.group(1) or ""
            return []
        kind = KINDS.fullmatch(part)
        if kind:
            named = self.name(kind.group(1), place)
            for one in (*waiting, named):
                if kind.group(2).startswith("distribution"):
                    one.kinds.add("positive")
                    one.total = 1
                one.kinds.add(kind.group(2))
            return []
        pieces_ = COMPARED.split(part)
        if len(pieces_) > 1:
            self.compared([greek(piece) for piece in pieces_], waiting, place)
            return []
        if "=" in part:
            self.define(part, place)
            return []
        return [*waiting, self.name(part, place)]

    def compared(self, parts: list[str], waiting: list[Named], place: Place) -> None:
        """Take in bounds such as `T > 0` or `0 < a < 1`."""
        for left, sign, right in zip(parts[::2], parts[1::2], parts[2::2], strict=False):
            sign = PLAIN.get(sign, sign)
            if _is_number(left):
                left, right = right, left
                sign = sign.translate(str.maketrans("<>", "><"))
            for one in (*waiting, self.name(left, place)):
                one.bounds.append((sign, right))
                if sign in (">", ">=") and _is_number(right) and float(right) >= 0:
                    one.kinds.add("positive" if sign == ">" or float(right) > 0 else "nonnegative")
                if sign == "<" and right == "0":
                    one.kinds.add("negative")

    def name(self, written: str, place: Place) -> Named:
        """The name that is declared, with its indices."""
        name, letters = self.written(written, place)
        known = self.named.setdefault(name, Named(name, letters, place=place))
        if letters and not known.letters:
            known.letters = letters
        return known

    def written(self, written: str, place: Place) -> tuple[str, tuple[str, ...]]:
        """A name as it is written, and the letters of its indices."""
        row = parse(_tokens(written, place))
        product = row.product
        if product is None or not isinstance(product.items[0].atom, nodes.Letter):
            raise ReadingError(f"{written!r} is no name", place)
        item, *others = product.items
        letters: list[str] = []
        parts = pieces(item.below)
        below = bool(item.below) and not (parts and all(self.is_index(p) for p in parts))
        if item.below is not None and not below:
            letters += [text(part) for part in parts or ()]
        name = key(item, below=below, above=True)
        if others:
            group = others[0].atom
            if not isinstance(group, nodes.Group) or len(others) > 1:
                raise ReadingError(f"{written!r} is no name", place)
            called = [text(nodes.Row((cell,))) for cell in group.row.cells]
            if group.row.separators == ("|",):
                name, called = conditional(item), called[::-1]
            letters += called
        return name, tuple(letters)

    def is_index(self, item: nodes.Item) -> bool:
        """Whether a subscript is an index: a small Latin letter, or one with a range."""
        if not isinstance(item.atom, nodes.Letter) or item.below or item.above:
            return False
        name = item.atom.text
        return name in self.scope.ranges or (len(name) == 1 and name.islower())

    # Into the scope

    def finish(self) -> None:
        """Put the names into the scope, and then what is said about them."""
        self.distributions()
        for named in self.named.values():
            if "negative" in named.kinds and named.kinds & {"positive", "nonnegative"}:
                said = f"{named.name} is declared negative and not negative: which is it?"
                self.result.problems.append(Problem(named.place, said))
                named.kinds.clear()
            if not isinstance(self.scope.names.get(named.name), Size):
                self.scope.names[named.name] = self.entry(named)
        for named in self.named.values():
            try:
                self.hypotheses(named)
            except ReadingError as error:
                self.result.problems.append(error.problem)
        if self.averages is not None:
            written, place = self.averages
            try:
                self.scope.averages = parse(_tokens(written, place))
            except ReadingError as error:
                self.result.problems.append(error.problem)

        for sentence, named in self.random:
            self.joint(sentence, named)

    def distributions(self) -> None:
        """What random variables and named distributions say of their probabilities."""
        for sentence, named in self.random:
            for variable, letter in zip(sentence.variables, named.letters, strict=True):
                if letter not in self.scope.ranges:
                    self.scope.ranges[letter] = self.scope.size(f"|{variable}|")
        drawn = [(_stem(named), set(named.letters)) for _, named in self.random]
        for has, place in self.has:
            try:
                name, letters = self.written(has.probabilities, place)
                shown = ", ".join(letters).join("()" if "(" in has.probabilities else ("_{", "}"))
                self.define(f"{has.name}{shown} = {has.probabilities}", place)
                if not any(name == stem and set(letters) <= own for stem, own in drawn):
                    _distribution(self.name(has.probabilities, place))
            except ReadingError as error:
                self.result.problems.append(error.problem)
        for _, named in self.random:
            _distribution(named)

    def joint(self, sentence: Random, named: Named) -> None:
        """Put random variables into the scope, with their joint distribution."""
        stem, entry = _stem(named), self.scope.names[named.name]
        said = {f"{stem}_{{{name}}}" for name in sentence.variables} & set(self.named)
        if len(sentence.variables) > 1 and said:
            message = (
                f"{said.pop()} is a margin of {named.name}, and declared as well: which is it?"
            )
            self.result.problems.append(Problem(named.place, message))
        elif "nonnegative" in named.kinds:
            message = f"random variables are read with probabilities above zero: {named.name} > 0"
            self.result.problems.append(Problem(named.place, message))
        elif isinstance(entry, Family):
            variables = map(Variable, sentence.variables, named.letters)
            joint = Joint(named.name, stem, tuple(variables), tuple(entry.axes))
            self.scope.joints.append(joint)

    def entry(self, named: Named) -> Family | Scalar:
        assumptions: dict[str, Any] = {
            kind: True
            for kind in ("positive", "nonnegative", "negative", "integer")
            if kind in named.kinds
        }
        if "positive" in assumptions:
            assumptions.pop("nonnegative", None)
        if not assumptions or set(assumptions) == {"integer"}:
            assumptions |= {"real": True} if not assumptions else {}
        label = symbol_name(named.name)
        if not named.letters:
            return Scalar(Symbol(label, **assumptions))
        axes = [self.scope.ranges.get(letter) for letter in named.letters]
        return Family(IndexedBase(label, **assumptions), axes)

    def summed(self, named: Named) -> list[int]:
        """Which indices a sum is over: those it names, of a conditional the first, else all."""
        places = list(range(len(named.letters)))
        if named.over:
            return [n for n in places if named.letters[n] in named.over][::-1]
        return places[-1:] if named.name.endswith("{|}") else places[::-1]

    def hypotheses(self, named: Named) -> None:
        entry = self.scope.names[named.name]
        reader = Reader(self.scope)
        value: Any
        if isinstance(entry, Family):
            letters = [index_symbol(letter) for letter in named.letters]
            value = entry.base[tuple(letters)]
            if named.total is not None:
                total: Any = value
                for place in self.summed(named):
                    end = entry.axes[place]
                    if end is None:
                        end = self.scope.default_size(named.letters[place], named.place)
                        entry.axes[place] = end
                    total = Sum(total, (letters[place], 1, end))
                self.scope.hypotheses.append(Eq(total, named.total, evaluate=False))  # type: ignore[arg-type]
        else:
            value = entry.symbol  # type: ignore[union-attr]
        for sign, bound in named.bounds:
            if _is_number(bound) and float(bound) == 0 and sign != "!=":
                continue
            other = reader.row(parse(_tokens(bound, named.place)))
            self.scope.hypotheses.append(SIGNS[sign](value, other, evaluate=False))


def _stem(named: Named) -> str:
    """The letter of a joint distribution and of all that follows from it: p of p_{XY}."""
    return named.name.partition("_{")[0]


def _distribution(named: Named) -> None:
    """Positive and of sum 1."""
    named.kinds.add("positive")
    named.total = 1 if named.total is None else named.total


def _tokens(written: str, place: Place) -> Any:
    """The tokens of a piece of a declaration, all at the place of the declaration."""
    from bridge.reading.tokens import Token

    found, _ = tokens(greek(written), place.file)
    return [Token(token.text, place) for token in found]


def _is_number(written: str) -> bool:
    return re.fullmatch(r"-?\d+(\.\d+)?", written.strip()) is not None
