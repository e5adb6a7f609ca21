"""Terms of the proof language: immutable trees in which no index can be captured.

A bound index is a number that counts the binders around it, so that sums equal up to the names
of their indices are equal as terms. A free index carries its range. Opening a binder puts a
free index in the place of the bound one; the names ``#1``, ``#2``, ... are reserved for that,
and whatever is proved about them is proved for every value in their range. The variable of an
integral is bound in the same way, by a parameter with such a name: what is proved about it is
proved for every value of its sign.

======  ==========================  =====================================
op      arguments                   meaning
======  ==========================  =====================================
num     numerator, denominator      a rational number
sym     name, sign                  a real parameter
size    name                        a number of states, at least 1
idx     name, low, high             an index with low <= index <= high
var     k                           the index of the k-th binder outwards
arr     name, sign, index...        an entry of an array, or a value at strings
cat     index...                    a string: words and strings one after another
delta   index, index                Kronecker's delta
add     term...                     sum of finitely many terms
mul     term...                     product
pow     base, exponent
exp     term
log     term                        natural logarithm
log0    term                        its logarithm where it is positive, else 0
xlogy   x, y                        x ln y; 0 where x = 0
pi                                  half of a full turn
sin     term                        sine of any real number
cos     term                        cosine of any real number
sum     low, high, body             sum over an index (binder)
int     sign, low, high, body       integral over a parameter of that sign (binder)
diff    term, variable              derivative by a sym or an arr entry
gap     x                           x - 1 - ln x
gap0    x, y                        y - x - x ln y + x ln x, for x, y >= 0
fold    x                           |x| - x
bend    x, y                        |x| + |y| - |x + y|
above   sum, index                  sum minus its summand at the index
apart   index, index                1 - delta
rise    x                           exp(x) - 1, for x >= 0
slack   number, index...            greater minus smaller side of a hypothesis
spread  sum                         sum of |f| - |sum of f|
======  ==========================  =====================================

The sign of a `sym` or `arr` is positive, nonnegative, negative or real, or, of an `arr` only,
indicator: 0 or 1. The last nine are names for expressions that are never negative, see
`formal.proof.names`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

BINDERS = frozenset({"sum", "int"})
NAMES = frozenset({"gap", "gap0", "fold", "bend", "spread", "above", "apart", "rise", "slack"})
MAX_SIZE = 6_000
MAX_DEPTH = 120
MAX_DIGITS = 60


class ProofError(Exception):
    """A term, a step or a certificate that is not acceptable; the message says why."""


class Term:
    """A node: an operation and its arguments, compared and ordered by its text."""

    __slots__ = ("args", "depth", "indices", "loose", "op", "size", "text")

    def __init__(self, op: str, *args: Term | str | int) -> None:
        """Build a node.

        Raises:
            ProofError: The term would be too large or too deep, or its range empty.
        """
        terms = [a for a in args if isinstance(a, Term)]
        if op in ("sum", "idx"):
            _check_range(*args[-2:] if op == "idx" else args[:2])
        self.op = op
        self.args = args
        self.text = f"({op} {' '.join(a.text if isinstance(a, Term) else str(a) for a in args)})"
        self.size = 1 + sum(t.size for t in terms)
        self.depth = 1 + max((t.depth for t in terms), default=0)
        if self.size > MAX_SIZE or self.depth > MAX_DEPTH:
            raise ProofError(
                f"the expression is too large: {self.size} nodes, depth {self.depth}; "
                f"at most {MAX_SIZE} nodes and depth {MAX_DEPTH} are accepted"
            )
        inner = range(len(terms))
        loose = max((t.loose - _inside(op, terms, n) for n, t in zip(inner, terms)), default=0)  # noqa: B905
        self.loose = int(args[0]) + 1 if op == "var" else max(loose, 0)  # type: ignore[arg-type]
        own = op == "idx" or (op == "sym" and str(args[0])[0] in "#%")
        self.indices: frozenset[Term] = (
            frozenset({self}) if own else frozenset().union(*(t.indices for t in terms))
        )

    def __eq__(self, other: object) -> bool:
        """Equality of terms, up to the names of bound indices."""
        return self is other or (isinstance(other, Term) and self.text == other.text)

    def __hash__(self) -> int:
        """Hash of the text."""
        return hash(self.text)

    def __lt__(self, other: Term) -> bool:
        """Order of the texts."""
        return self.text < other.text

    def __repr__(self) -> str:
        """The text: operation and arguments in parentheses."""
        return self.text

    @property
    def terms(self) -> tuple[Term, ...]:
        """The arguments that are terms."""
        return tuple(a for a in self.args if isinstance(a, Term))

    @property
    def value(self) -> Fraction:
        """The value of a number."""
        return Fraction(*self.args)  # type: ignore[arg-type]


def _check_range(low: object, high: object) -> None:
    """Every range has a value, but for those from 2 to a size; words and strings have no second.

    What is proved of an index holds for all its values, and there has to be one.
    """
    if isinstance(high, int) and isinstance(low, int) and high < low:
        raise ProofError(f"the range from {low} to {high} is empty")
    if str(high).startswith("@") and low != 1:
        raise ProofError("words and strings are not counted off")


def _inside(op: str, terms: Sequence[Term], place: int) -> bool:
    """Whether a binder binds in its subterm at a place: in its body, not in its bounds."""
    return op in BINDERS and place == len(terms) - 1


def number(value: int | Fraction) -> Term:
    """The rational number as a term.

    Raises:
        ProofError: It has too many digits.
    """
    value = Fraction(value)
    if max(abs(value.numerator), value.denominator) >= 10**MAX_DIGITS:
        raise ProofError(f"a number has more than {MAX_DIGITS} digits")
    return Term("num", value.numerator, value.denominator)


ZERO, ONE, MINUS_ONE = number(0), number(1), number(-1)
TWO, HALF = number(2), number(Fraction(1, 2))


def add(*terms: Term) -> Term:
    """The sum of terms, without zeros."""
    kept = sorted(t for t in terms if t != ZERO)
    return Term("add", *kept) if len(kept) > 1 else kept[0] if kept else ZERO


def mul(*terms: Term) -> Term:
    """The product of terms, without ones."""
    if ZERO in terms:
        return ZERO
    kept = sorted(t for t in terms if t != ONE)
    return Term("mul", *kept) if len(kept) > 1 else kept[0] if kept else ONE


def power(base: Term, exponent: Term) -> Term:
    """The base raised to the exponent."""
    return base if exponent == ONE else Term("pow", base, exponent)


def exp(term: Term) -> Term:
    """The exponential."""
    return ONE if term == ZERO else Term("exp", term)


def sin(term: Term) -> Term:
    """The sine."""
    return Term("sin", term)


def cos(term: Term) -> Term:
    """The cosine."""
    return Term("cos", term)


def subtract(left: Term, right: Term) -> Term:
    """The difference left - right."""
    return add(left, mul(MINUS_ONE, right))


def absolute(term: Term) -> Term:
    """The absolute value: the root of the square."""
    return power(power(term, TWO), HALF)


def need(holds: bool, why: str) -> None:
    """Refuse, saying why, what does not hold."""
    if not holds:
        raise ProofError(why)


def rebuild(term: Term, parts: list[Term]) -> Term:
    """The same operation on other subterms, numbers and names kept."""
    rest = iter(parts)
    args = [next(rest) if isinstance(a, Term) else a for a in term.args]
    match term.op:
        case "add":
            return add(*parts)
        case "mul":
            return mul(*parts)
        case _:
            return Term(term.op, *args)


def instantiate(body: Term, index: Term, level: int = 0) -> Term:
    """The body of a binder with `index` in the place of its bound index."""
    if body.loose <= level:
        return body
    if body.op == "var":
        return index if body.args[0] == level else body
    parts = body.terms
    inner = (level + _inside(body.op, parts, n) for n in range(len(parts)))
    return rebuild(body, [instantiate(t, index, n) for t, n in zip(parts, inner, strict=True)])


def evaluated(body: Term, variable: Term, value: Term) -> Term:
    """The integrand or primitive in a free variable, at a value of the variable.

    Raises:
        ProofError: It differentiates by the variable: what stands at the value would
            differentiate by the value, and see all that depends on that.
    """
    open_body = instantiate(body, variable)
    slopes = (part for part in subterms(open_body) if part.op == "diff")
    need(
        all(slope.terms[1] != variable for slope in slopes),
        "a derivative by the variable has no value at an end of an integral: differentiate first",
    )
    return instantiate(body, value)


def abstract(term: Term, index: Term, level: int = 0) -> Term:
    """The body of a binder whose bound index takes the place of `index`."""
    if term == index:
        return Term("var", level)
    if index not in term.indices:
        return term
    parts = term.terms
    inner = (level + _inside(term.op, parts, n) for n in range(len(parts)))
    return rebuild(term, [abstract(t, index, n) for t, n in zip(parts, inner, strict=True)])


def replace(term: Term, mapping: Mapping[Term, Term]) -> Term:
    """The term with free indices renamed; binders cannot capture them."""
    if term in mapping:
        return mapping[term]
    if not any(i in term.indices for i in mapping):
        return term
    return rebuild(term, [replace(t, mapping) for t in term.terms])


def substitute(term: Term, part: Term, value: Term) -> Term:
    """The term with a value in the place of a part, neither of which has a bound index."""
    if term == part:
        return value
    if part.text not in term.text:
        return term
    return rebuild(term, [substitute(t, part, value) for t in term.terms])


def bind(op: str, index: Term, body: Term) -> Term:
    """A sum over the range of a free index."""
    _, low, high = index.args
    return Term(op, low, high, abstract(body, index))


def fresh(binder: Term, *avoid: Term) -> Term:
    """What the binder binds, as `#n` with the smallest n that is free in no given term."""
    taken = {i.args[0] for t in (binder, *avoid) for i in t.indices}
    n = next(n for n in range(1, len(taken) + 2) if f"#{n}" not in taken)
    if binder.op == "int":
        return Term("sym", f"#{n}", binder.args[0])
    return Term("idx", f"#{n}", *binder.args[:2])


def opened(binder: Term, *avoid: Term) -> tuple[Term, Term]:
    """A fresh index for the binder and the binder's body at that index."""
    index = fresh(binder, *avoid)
    return index, instantiate(body_of(binder), index)


def body_of(binder: Term) -> Term:
    """The body of a binder, its index bound."""
    return binder.terms[-1]


def is_universal(index: Term) -> bool:
    """Whether an index is one of the reserved names, which stand for every value."""
    return str(index.args[0]).startswith("#")


def is_zero_or_one(term: Term) -> bool:
    """Whether a term takes no values but 0 and 1: a delta or an indicator."""
    return term.op == "delta" or (term.op == "arr" and term.args[1] == "indicator")


def generic(term: Term) -> Term:
    """The term with its universal indices renamed in order, to compare statements about all."""
    found = sorted(
        (i for i in term.indices if is_universal(i)), key=lambda i: term.text.find(i.text)
    )
    names = {i: Term(i.op, f"#{n}", *i.args[1:]) for n, i in enumerate(found, 1)}
    return replace(term, names) if names else term


def subterms(term: Term) -> Iterator[Term]:
    """All subterms, outermost first; bodies of binders at fresh indices."""
    yield term
    parts = (*term.terms[:-1], opened(term)[1]) if term.op in BINDERS else term.terms
    for part in parts:
        yield from subterms(part)
