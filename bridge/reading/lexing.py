"""Tokens of TeX as terminals of the grammar.

Every argument gets its braces (`x^2`, `\\frac12`), digits become numbers, alphabets and accents
names, and bars that open or close are told from those that separate: in a pair they hold an
absolute value, alone they separate, as in p(x|y).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bridge.reading import vocabulary as words
from bridge.reading.tokens import ReadingError, Token, argument, group_end, written

OPENING = ("(", "[", "\\{", "\\left")


@dataclass(frozen=True)
class Terminal:
    """A terminal of the grammar: its kind, its text, and the token it begins with."""

    kind: str
    text: str
    token: Token


def terminals(found: Sequence[Token]) -> list[Terminal]:
    """The terminals of a formula.

    Raises:
        ReadingError: A macro is unknown, or braces, brackets or bars do not fit together.
    """
    return _barred(list(_Lexer(found).all()))


class _Lexer:
    """Goes through the tokens of a formula once."""

    def __init__(self, found: Sequence[Token]) -> None:
        self.found = [t for t in found if t.text not in words.SPACES and t.text not in words.SIZES]
        self.position = 0

    def all(self) -> Iterator[Terminal]:
        while self.position < len(self.found):
            yield from self.one(self.found[self.position])

    def one(self, token: Token) -> Iterator[Terminal]:
        """The terminals that begin with a token; moves past them."""
        text, name = token.text, token.text[1:]
        self.position += 1
        if text == "}":
            raise ReadingError("this brace closes nothing", token.place)
        if text == "{":
            end = group_end(self.found, self.position - 1)
            if end is None:
                raise ReadingError("this brace is not closed", token.place)
            yield from self.braced(self.found[self.position : end], token)
            self.position = end + 1
        elif text in ("^", "_"):
            yield Terminal("SUP" if text == "^" else "SUB", text, token)
            yield from self.braced(self.taken(), token)
        elif text == "'" or name == "prime":
            yield Terminal("PRIME", "'", token)
        elif text.isdigit():
            yield Terminal("NUMBER", self.number(text), token)
        elif text in ("\\left", "\\right"):
            yield self.delimiter(token)
        elif name in ("frac", "dfrac", "tfrac", "cfrac"):
            yield Terminal("FRACTION", "frac", token)
            yield from self.braced(self.taken(), token)
            yield from self.braced(self.taken(), token)
        elif name == "sqrt":
            yield from self.root(token)
        elif name in ("mathop", "mathbin", "mathrel", "substack", "ensuremath"):
            yield from _Lexer(self.taken()).all()
        elif name == "underset":
            below = self.taken()
            yield from _Lexer(self.taken()).all()
            yield Terminal("SUB", "_", token)
            yield from self.braced(below, token)
        elif name in ("begin", "end") and written(self.taken()) == "subarray":
            if name == "begin":
                self.taken()
        elif (function := self.plain_function(token)) is not None:
            self.position += len(function) - 1
            yield Terminal("FUNCTION", function, token)
        else:
            yield self.simple(token)

    def plain_function(self, token: Token) -> str | None:
        """The function that is written without its backslash, as in exp(x); None without one."""
        for name in ("exp", "log", "ln"):
            letters = self.found[self.position - 1 : self.position + len(name)]
            if [t.text for t in letters[:-1]] != list(name) or letters[-1].text not in OPENING:
                continue
            columns = [t.place.column - token.place.column for t in letters]
            if columns in (list(range(len(letters))), [0] * len(letters)):
                return name
        return None

    def simple(self, token: Token) -> Terminal:
        text, name = token.text, token.text[1:]
        if text == ":" and self.ahead("="):
            self.position += 1
            return Terminal("RELATION", ":=", token)
        for table, kind in (
            (words.RELATIONS, "RELATION"), (words.MARKS, "MARK"), (words.SIGNS, "SIGN"),
            (words.OPENERS, "OPEN"), (words.CLOSERS, "CLOSE"), (words.BARS, "BAR"),
            (words.SEPARATORS, "SEPARATOR"),
        ):  # fmt: skip
            if text in table:
                if table is words.BARS and text in ("\\mid", "\\parallel"):
                    return Terminal("SEPARATOR", table[text], token)
                return Terminal(kind, table[text], token)
        if text[0] != "\\":
            if text.isalpha() or text in (".", "#") or text[0] == "#":
                return Terminal("LETTER", text, token)
            raise ReadingError(f"{text!r} is not mathematics I read", token.place)
        return self.word(name, token)

    def word(self, name: str, token: Token) -> Terminal:
        if name in words.GREEK or name in words.SYMBOLS:
            return Terminal("LETTER", token.text, token)
        if name in words.FUNCTIONS:
            return Terminal("FUNCTION", name, token)
        if name in words.BIG:
            return Terminal("BIG", words.BIG[name], token)
        if name in words.ROMAN or name == "DeclareMathOperator":
            return self.roman(token)
        if name in words.ALPHABETS or name in words.ACCENTS:
            inside = written(self.taken())
            return Terminal("LETTER", f"\\{_plain(name)}{{{inside}}}", token)
        if name in words.TEXT:
            said = written(self.taken())
            if said.strip() and said.replace("-", "").isalnum():
                return self.named(said, token)
            return Terminal("WORDS", said, token)
        if name in ("Pr", "det", "dim", "gcd"):
            return Terminal("LETTER", f"\\mathrm{{{name}}}", token)
        if name in ("stackrel", "overset"):
            above, _ = self.taken(), None
            return self.related(written(above), token)
        raise ReadingError(f"{token.text} is not known here", token.place)

    def related(self, above: str, token: Token) -> Terminal:
        """A relation with something written above it."""
        below = written(self.taken())
        if below not in words.RELATIONS:
            raise ReadingError(f"{token.text} with {below} is not mathematics I read", token.place)
        sign = ":=" if "def" in above and below == "=" else words.RELATIONS[below]
        return Terminal("RELATION", sign, token)

    def roman(self, token: Token) -> Terminal:
        if self.ahead("*"):
            self.position += 1
        return self.named(written(self.taken()), token)

    def named(self, name: str, token: Token) -> Terminal:
        """A word in roman letters: a function, an operator or a name."""
        name = name.replace("\\,", "").replace(" ", "")
        lower = name[0].lower() + name[1:]
        if lower in words.FUNCTIONS:
            return Terminal("FUNCTION", lower, token)
        if lower.replace("-", "") in words.BIG and not name[:1].isupper():
            return Terminal("BIG", words.BIG[lower.replace("-", "")], token)
        return Terminal("LETTER", f"\\mathrm{{{name}}}", token)

    def root(self, token: Token) -> Iterator[Terminal]:
        yield Terminal("ROOT", "sqrt", token)
        if self.ahead("["):
            end = next(
                (n for n in range(self.position, len(self.found)) if self.found[n].text == "]"),
                None,
            )
            if end is None:
                raise ReadingError("this bracket is not closed", token.place)
            inside = self.found[self.position + 1 : end]
            yield Terminal("LBRACKET", "[", token)
            yield from _Lexer(inside).all()
            yield Terminal("RBRACKET", "]", token)
            self.position = end + 1
        yield from self.braced(self.taken(), token)

    def delimiter(self, token: Token) -> Terminal:
        """What follows \\left or \\right."""
        if self.position >= len(self.found):
            raise ReadingError(f"{token.text} stands before nothing", token.place)
        sign = self.found[self.position].text
        self.position += 1
        opens = token.text == "\\left"
        table = words.OPENERS | {"<": "<"} if opens else words.CLOSERS | {">": ">"}
        known = {**words.BARS, ".": ".", **words.OPENERS, **words.CLOSERS, **table}
        if sign not in known:
            raise ReadingError(f"{token.text}{sign} is not mathematics I read", token.place)
        return Terminal("OPEN" if opens else "CLOSE", known[sign], token)

    def number(self, text: str) -> str:
        while self.position < len(self.found):
            following = self.found[self.position].text
            point = following == "." and "." not in text and self.digit(self.position + 1)
            if not (following.isdigit() or point):
                return text
            text += following
            self.position += 1
        return text

    def digit(self, position: int) -> bool:
        return position < len(self.found) and self.found[position].text.isdigit()

    def ahead(self, text: str) -> bool:
        return self.position < len(self.found) and self.found[self.position].text == text

    def taken(self) -> list[Token]:
        """The argument that stands here; a control word takes its own arguments along."""
        if self.position >= len(self.found):
            raise ReadingError("an argument is missing here", self.found[-1].place)
        start = self.position
        inside, after = argument(self.found, start)
        self.position = after
        if self.found[start].text.startswith("\\"):
            self.position = start
            list(self.one(self.found[start]))
            return self.found[start : self.position]
        return inside

    def braced(self, inside: Sequence[Token], token: Token) -> Iterator[Terminal]:
        yield Terminal("LBRACE", "{", token)
        yield from _Lexer(inside).all()
        yield Terminal("RBRACE", "}", token)


def _plain(name: str) -> str:
    """One name for accents and alphabets that look alike."""
    return {"widehat": "hat", "overline": "bar", "widetilde": "tilde", "bm": "mathbf",
            "boldsymbol": "mathbf"}.get(name, name)  # fmt: skip


def _barred(found: list[Terminal]) -> list[Terminal]:
    """Bars told apart, brackets checked."""
    result = list(found)
    levels: list[tuple[Terminal | None, list[int]]] = [(None, [])]
    for n, terminal in enumerate(found):
        if terminal.kind in ("OPEN", "LBRACE", "LBRACKET"):
            levels.append((terminal, []))
        elif terminal.kind in ("CLOSE", "RBRACE", "RBRACKET"):
            opener, bars = levels.pop()
            _fitting(opener, terminal)
            _pair(bars, found, result, inside=True)
        elif terminal.kind == "BAR":
            levels[-1][1].append(n)
    opener, bars = levels.pop()
    if opener is not None:
        raise ReadingError("this bracket is not closed", opener.token.place)
    _pair(bars, found, result, inside=False)
    return result


def _fitting(opener: Terminal | None, closer: Terminal) -> None:
    kinds = {"OPEN": "CLOSE", "LBRACE": "RBRACE", "LBRACKET": "RBRACKET"}
    if opener is None or kinds[opener.kind] != closer.kind:
        raise ReadingError("this bracket closes nothing", closer.token.place)


def _pair(bars: list[int], found: list[Terminal], result: list[Terminal], *, inside: bool) -> None:
    """Bars of one level: in pairs they hold something, a lone one separates."""
    for text in ("|", "||"):
        places = [n for n in bars if found[n].text == text]
        if len(places) % 2 and (len(places) > 1 or not inside):
            raise ReadingError("it is unclear what this bar closes", found[places[0]].token.place)
        for count, n in enumerate(places):
            kind = "SEPARATOR" if len(places) == 1 else ("CLOSE" if count % 2 else "OPEN")
            result[n] = Terminal(kind, text, found[n].token)
