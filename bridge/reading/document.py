"""Where the mathematics of a paper stands: formulas, displayed and inline, and references."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from bridge.reading.tokens import (
    BLANK,
    Place,
    Problem,
    ReadingError,
    Token,
    argument,
    group_end,
    written,
)

ALIGNED = ("align", "alignat", "flalign", "eqnarray", "aligned", "alignedat", "split", "xalignat")
GATHERED = ("gather", "gathered")
WHOLE = ("equation", "multline", "displaymath", "math", "dmath")
DISPLAYED = (*ALIGNED[:4], "xalignat", "gather", *WHOLE)
INNER = ("aligned", "alignedat", "split", "gathered", "multlined")
REFERENCES = ("\\eqref", "\\ref", "\\cref", "\\Cref", "\\autoref")
RENUMBERING = ("\\numberwithin", "\\setcounter", "\\addtocounter", "\\theequation")
CLOSERS = {"\\[": "\\]", "\\(": "\\)", "$": "$", "$$": "$$"}


@dataclass(frozen=True)
class Row:
    """A line of a formula: its cells between &, its labels, where it begins, and the number that
    is printed beside it, if that is known; an empty one is none."""

    cells: tuple[tuple[Token, ...], ...]
    labels: tuple[str, ...]
    place: Place
    number: str | None = None


@dataclass(frozen=True)
class Formula:
    """Mathematics between delimiters: `align` and its like have rows that continue others.

    `span` are the positions of its tokens in the paper, the delimiters included.
    """

    rows: tuple[Row, ...]
    place: Place
    displayed: bool
    aligned: bool = False
    span: tuple[int, int] = (0, 0)


@dataclass(frozen=True)
class Reference:
    """A reference to an equation, by its label."""

    label: str
    place: Place


@dataclass
class Document:
    """The formulas of a paper in their order, its references, and what could not be read."""

    formulas: list[Formula] = field(default_factory=list)
    references: list[Reference] = field(default_factory=list)
    labels: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)


def document(found: Sequence[Token]) -> Document:
    """What mathematics a paper's tokens hold; a preamble holds none."""
    begins = [n for n, _ in enumerate(found) if _environment(found, n, "\\begin") == "document"]
    paper = _Paper(found, begins[0] + 10 if begins else 0)
    paper.read()
    return paper.result


def _environment(found: Sequence[Token], position: int, command: str) -> str | None:
    """The name of the environment that begins or ends here."""
    if found[position].text != command or position + 1 >= len(found):
        return None
    if found[position + 1].text != "{":
        return None
    end = group_end(found[position + 1 : position + 40], 0)
    return None if end is None else written(found[position + 2 : position + 1 + end])


class _Paper:
    """Goes once through the tokens of a paper."""

    def __init__(self, found: Sequence[Token], start: int) -> None:
        self.found, self.position, self.result = found, start, Document()
        self.start = start
        counted = not any(token.text in RENUMBERING for token in found)
        self.count: int | None = 0 if counted else None

    def read(self) -> None:
        while self.position < len(self.found):
            token = self.found[self.position]
            try:
                self.step(token)
            except ReadingError as error:
                self.result.problems.append(error.problem)
                self.position += 1

    def step(self, token: Token) -> None:
        name = _environment(self.found, self.position, "\\begin")
        self.start = self.position
        if name == "subequations":
            self.count = None
        if name is not None and name.rstrip("*") in DISPLAYED:
            self.environment(name, token)
        elif token.text in CLOSERS:
            self.delimited(token)
        elif token.text in REFERENCES or token.text == "\\label":
            self.named(token)
        else:
            self.position += 1

    def named(self, token: Token) -> None:
        """A reference, or a label outside mathematics."""
        name, after = argument(self.found, self.position + 1)
        if token.text == "\\label":
            self.result.labels.add(written(name))
        else:
            for label in written(name).split(","):
                self.result.references.append(Reference(label.strip(), token.place))
        self.position = after

    def environment(self, name: str, token: Token) -> None:
        start = self.after_name(self.position)
        if name.rstrip("*") in ("alignat", "xalignat"):
            start = argument(self.found, start)[1]
        depth = 0
        for n in range(start, len(self.found)):
            if _environment(self.found, n, "\\begin") == name:
                depth += 1
            if _environment(self.found, n, "\\end") == name:
                if depth == 0:
                    self.position = self.after_name(n)
                    numbered = not name.endswith("*") and name not in ("displaymath", "math")
                    inside = self.found[start:n]
                    return self.formula(inside, token.place, name.rstrip("*"), numbered)
                depth -= 1
        raise ReadingError(f"\\begin{{{name}}} has no \\end", token.place)

    def after_name(self, position: int) -> int:
        return argument(self.found, position + 1)[1]

    def delimited(self, token: Token) -> None:
        opener, start = token.text, self.position + 1
        if opener == "$" and start < len(self.found) and self.found[start].text == "$":
            opener, start = "$$", start + 1
        for n in range(start, len(self.found)):
            text = self.found[n].text
            if text == "par":
                break
            if text == CLOSERS[opener] or (text == "$" and opener == "$$"):
                self.position = n + (2 if opener == "$$" else 1)
                displayed = opener in ("\\[", "$$")
                kind = "equation" if displayed else "math"
                return self.formula(self.found[start:n], token.place, kind)
        self.position = start - 1
        raise ReadingError(f"{opener} has no {CLOSERS[opener]} in this paragraph", token.place)

    def formula(
        self, inside: Sequence[Token], place: Place, kind: str, numbered: bool = False
    ) -> None:
        inner = _only_environment(inside)
        if inner is not None:
            kind, inside, outside = inner
        else:
            outside = ()
        several = kind in (*ALIGNED, *GATHERED)
        rows = [_row(row, place) for row in _split(inside, "\\\\")] if several else []
        if not several:
            joined = [token for token in inside if token.text not in ("\\\\", "&")]
            rows = [_row(joined, place)]
        around = _row(outside, place)
        if around.labels or inner is not None:
            first = rows[0]
            number = first.number if around.number is None else around.number
            rows = [replace(first, labels=(*around.labels, *first.labels), number=number)] + [
                replace(row, number=row.number or "") for row in rows[1:]
            ]
        rows = [self.numbered(row, numbered) for row in rows]
        self.result.labels.update(label for row in rows for label in row.labels)
        span = (self.start, self.position)
        shown = Formula(tuple(rows), place, kind != "math", kind in ALIGNED, span)
        self.result.formulas.append(shown)

    def numbered(self, row: Row, counts: bool) -> Row:
        """The row with the number that LaTeX prints beside it, where it counts on."""
        if not counts or row.number is not None:
            return row
        if self.count is None or not any(t.text not in BLANK for c in row.cells for t in c):
            return row
        self.count += 1
        return replace(row, number=str(self.count))


def _only_environment(
    inside: Sequence[Token],
) -> tuple[str, Sequence[Token], Sequence[Token]] | None:
    """The one inner environment of which a formula consists, apart from labels and dots."""
    for start in range(len(inside)):
        name = _environment(inside, start, "\\begin")
        if name is None:
            continue
        if name not in INNER:
            return None
        first = _without_option(inside, argument(inside, start + 1)[1])
        if name == "alignedat":
            first = argument(inside, first)[1]
        for n in range(first, len(inside)):
            if _environment(inside, n, "\\end") == name:
                after = argument(inside, n + 1)[1]
                outside = [*inside[:start], *inside[after:]]
                rest = [t for t in _row(outside, inside[0].place).cells for t in t]
                if any(t.text not in (*BLANK, ".", ",", ";") for t in rest):
                    return None
                return name, inside[first:n], outside
        raise ReadingError(f"\\begin{{{name}}} has no \\end", inside[start].place)
    return None


def _without_option(found: Sequence[Token], position: int) -> int:
    """The position after [2pt], [t] and the like."""
    if position < len(found) and found[position].text == "[":
        for n in range(position, min(position + 12, len(found))):
            if found[n].text == "]":
                return n + 1
    return position


def _split(found: Sequence[Token], separator: str) -> list[list[Token]]:
    """The tokens between separators that stand in no braces and no inner environment."""
    parts: list[list[Token]] = [[]]
    depth, after = 0, 0
    for n, token in enumerate(found):
        if n < after:
            continue
        if token.text == "\\\\":
            star = n + 1 < len(found) and found[n + 1].text == "*"
            after = _without_option(found, n + 1 + star)
        depth += {"{": 1, "\\begin": 1, "}": -1, "\\end": -1}.get(token.text, 0)
        if token.text == separator and depth == 0:
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def _row(found: Sequence[Token], around: Place) -> Row:
    """A line without labels, tags and what only concerns its looks."""
    kept: list[Token] = []
    labels: list[str] = []
    number: str | None = None
    position = 0
    while position < len(found):
        token = found[position]
        position += 1
        if token.text in ("\\label", "\\tag"):
            if position < len(found) and found[position].text == "*":
                position += 1
            name, position = argument(found, position)
            if token.text == "\\label":
                labels.append(written(name))
            else:
                number = written(name)
        elif token.text in ("\\nonumber", "\\notag"):
            number = ""
        else:
            kept.append(token)
    place = next((token.place for token in kept if token.text not in BLANK), around)
    cells = tuple(tuple(cell) for cell in _split(kept, "&"))
    return Row(cells, tuple(labels), place, number)
