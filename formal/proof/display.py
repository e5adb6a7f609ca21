"""Terms as text for people: what a failure leaves and what a proof assumes."""

from __future__ import annotations

from itertools import count

from formal.proof.strings import STRINGS, WORDS
from formal.proof.terms import Term, body_of, instantiate

_LETTERS = "ijklmnabcstuvw"


def show(term: Term, taken: tuple[str, ...] = ()) -> str:
    """The term in ordinary notation, bound indices named i, j, k, ..."""
    match term.op:
        case "num":
            numerator, denominator = term.args
            return str(numerator) if denominator == 1 else f"{numerator}/{denominator}"
        case "size" if term.args[0] == WORDS:
            return "|W|"
        case "sym" | "size" | "idx":
            return _index_name(str(term.args[0]))
        case "pi":
            return "pi"
        case "cat":
            return " ".join(show(t, taken) for t in term.terms) or "empty"
        case "arr":
            return f"{term.args[0]}[{', '.join(show(t, taken) for t in term.terms)}]"
        case "add":
            return " + ".join(show(t, taken) for t in term.terms).replace("+ -", "- ")
        case "mul":
            return _product(term, taken)
        case "pow" if (inner := absolute_of(term)) is not None:
            return f"|{show(inner, taken)}|"
        case "pow":
            base, exponent = (show(t, taken) for t in term.terms)
            inner = exponent if exponent.isalnum() else f"({exponent})"
            return f"{_wrapped(term.terms[0], base)}^{inner}"
        case "sum":
            name = _fresh_name(term, taken)
            low, high, body = term.args
            assert isinstance(body, Term)
            opened = instantiate(body, Term("idx", name, low, high))
            over = {STRINGS: f"{name} in strings", WORDS: f"{name} in words"}
            limits = over.get(str(high), f"{name}={low}..{high}")
            return f"Sum({show(opened, (*taken, name))}, {limits})"
        case "diff":
            return f"d/d{show(term.terms[1], taken)}({show(term.terms[0], taken)})"
        case "int":
            name = _fresh_name(term, taken)
            low, high, _ = (show(t, taken) for t in term.terms)
            opened = instantiate(body_of(term), Term("sym", f"#{name}", term.args[0]))
            return f"Integral({show(opened, (*taken, name))}, {name}={low}..{high})"
        case "slack":
            inside = ", ".join(
                [f"hypothesis {term.args[0]}", *(show(t, taken) for t in term.terms)]
            )
            return f"slack({inside})"
        case _:
            return f"{term.op}({', '.join(show(t, taken) for t in term.terms)})"


def _product(term: Term, taken: tuple[str, ...]) -> str:
    factors = [_wrapped(t, show(t, taken)) for t in term.terms]
    numbers = [f for f, t in zip(factors, term.terms, strict=True) if t.op == "num"]
    rest = [f for f, t in zip(factors, term.terms, strict=True) if t.op != "num"]
    if numbers == ["-1"] and rest:
        return "-" + "*".join(rest)
    return "*".join([*numbers, *rest])


def absolute_of(term: Term) -> Term | None:
    """x where the term is the root of the square of x."""
    base, exponent = term.terms
    if exponent.op == "num" and exponent.args == (1, 2) and base.op == "pow":
        x, two = base.terms
        return x if two.op == "num" and two.args == (2, 1) else None
    return None


def _wrapped(term: Term, text: str) -> str:
    compound = term.op == "add" or ("/" in text and term.op == "num")
    return f"({text})" if compound or ("^" in text and term.op == "pow") else text


def _index_name(name: str) -> str:
    """Reserved names in words: ``*1`` is where an extremum is attained."""
    return name.replace("*", "extremal").replace("#", "any")


def _fresh_name(term: Term, taken: tuple[str, ...]) -> str:
    used = {*taken, *(str(i.args[0]) for i in term.indices)}
    letters = (f"{letter}{n or ''}" for n in count() for letter in _LETTERS)
    return next(name for name in letters if name not in used and f" {name} " not in term.text)
