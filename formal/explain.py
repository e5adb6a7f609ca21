"""Proofs as a person would write them: a chain of expressions, each with its reason.

`explain` replays a certificate and follows what its steps do to the two sides of the claim. Steps
of one kind in a row are one line, lines that look alike are one, and sums that stand in
logarithms and denominators get a letter. An equality goes from its left side to its right side;
an inequality from the difference of its sides to a term that is never negative.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

from sympy import Symbol

from formal.latex import latex
from formal.latex.text import escaped
from formal.proof.certificate import Step, decoded
from formal.proof.decoding import Decoder, unused_letter
from formal.proof.field import is_zero, polynomial, to_term
from formal.proof.kernel import Claim, Derivation
from formal.proof.terms import BINDERS, NAMES, ProofError, Term, body_of, instantiate, subtract

KINDS = {
    "diff": "derivative",
    "log": "logarithm of a product",
    "xlogy": "logarithm of a product",
    "pow": "powers as exponentials",
    "explog": "exponential of a logarithm",
    "lin": "linearity of the sum",
    "fubini": "order of summation",
    "kron": "the delta picks one term",
    "delta": "the delta is zero unless its indices agree",
    "gather": "strings by their first word",
    "angles": "addition theorem",
    "parity": "parity of sine and cosine",
    "circle": "squares of sine and cosine",
    "turn": "value at a part of a turn",
    "ftc": "fundamental theorem of calculus",
    "field": "algebra",
    "unfold": "written out",
}
LEMMAS = {
    "gap": r"x - 1 - \ln x \geq 0 \text{ at } x = ",
    "gap0": r"y - x + x \ln x - x \ln y \geq 0 \text{ at } x, y = ",
    "rise": r"e^{x} \geq 1 \text{ for } x \geq 0, \text{ at } x = ",
    "fold": r"|x| \geq x \text{ at } x = ",
    "bend": r"|x| + |y| \geq |x + y| \text{ at } x, y = ",
}


@dataclass(frozen=True)
class Line:
    """One line of a chain: how it relates to the line before, an expression, and why.

    `reason` is LaTeX: words inside ``\\text``, formulas outside.
    """

    relation: str
    expression: Any
    reason: str


@dataclass(frozen=True)
class Explanation:
    """A proof as a chain of lines; `letters` are the sums that have a letter of their own,
    `hypotheses` those that are used, `conditions` those under which the claim is defined."""

    letters: tuple[tuple[Symbol, Any], ...]
    lines: tuple[Line, ...]
    hypotheses: tuple[Any, ...]

    @property
    def latex(self) -> str:
        """The chain as aligned equations, the letters first."""
        rows = [rf"{latex(letter)} &\coloneqq {latex(value)}" for letter, value in self.letters]
        for line in self.lines:
            relation = f"&{line.relation}" if line.relation else "&"
            reason = rf" && {line.reason}" if line.reason else ""
            rows.append(f"{relation} {latex(line.expression)}{reason}")
        body = " \\\\\n".join(rows).replace(r"\coloneqq", ":=")
        return f"\\begin{{aligned}}\n{body}\n\\end{{aligned}}"

    def __iter__(self) -> Iterator[tuple[Any, str]]:
        """The expressions with their reasons."""
        return ((line.expression, line.reason) for line in self.lines)

    def __len__(self) -> int:
        return len(self.lines)

    def _repr_latex_(self) -> str:
        return f"$$\n{self.latex}\n$$"


def explain(proof: Any) -> Explanation:
    """The chain of a proof, or of a certificate: where it starts, each step with its reason.

    Raises:
        ValueError: It is not the certificate of a proof.
    """
    try:
        claim, steps, displayed = decoded(getattr(proof, "certificate", proof))
        return _explained(claim, steps, displayed)
    except (ProofError, RecursionError) as error:
        raise ValueError(f"this is no certificate of a proof: {error}") from error


@dataclass(frozen=True)
class _Form:
    """A side of the claim after some of the steps, and what the last of them were."""

    term: Term
    reasons: tuple[str, ...]


def _explained(claim: Claim, steps: list[Step], displayed: Term | None) -> Explanation:
    kind, left, right = claim.relation
    if displayed is None:
        starts = (left, right)
    else:
        starts = (subtract(right, left), displayed)
    proof, forms = _followed(claim, steps, starts)
    if not proof.proves(displayed):
        raise ProofError("the steps do not close the claim")
    if not is_zero(subtract(forms[0][-1].term, forms[1][-1].term)):
        starts = (subtract(*starts), to_term({}))  # rules that act on the difference as a whole
        proof, forms = _followed(claim, steps, starts)
    decode = Decoder(claim.hypotheses, _letters([f.term for chain in forms for f in chain]))
    lines = _chain(forms, decode)
    if displayed is not None:
        strict = ">" if kind == "Lt" else r"\geq"
        lines.append(Line(strict, Decoder()(to_term({})), _lemmas(displayed, decode)))
    used = tuple(decode.relation(claim.hypotheses[n]) for n in sorted(proof.used))
    plain = Decoder(claim.hypotheses)
    letters = tuple((letter, plain(term)) for term, letter in decode.names.items())
    return Explanation(letters, tuple(lines), used)


def _followed(
    claim: Claim, steps: list[Step], starts: tuple[Term, Term]
) -> tuple[Derivation, tuple[list[_Form], list[_Form]]]:
    """The forms that two terms take while the steps are taken, one per run of a rule."""
    proof = Derivation(claim)
    forms = tuple([_Form(start, ())] for start in starts)
    decode = Decoder(claim.hypotheses)
    reasons: dict[str, None] = {}
    for place, (rule, before, _, data) in enumerate(steps):
        proof.step(rule, before, *data)
        reasons[_reason(rule, data, claim, decode)] = None
        if place + 1 < len(steps) and steps[place + 1][0] == rule:
            continue
        for chain in forms:
            term = proof.rewritten(chain[-1].term)
            if term != chain[-1].term:
                chain.append(_Form(term, tuple(reasons)))
        reasons = {}
    return proof, (forms[0], forms[1])


def _reason(rule: str, data: Any, claim: Claim, decode: Decoder) -> str:
    if rule == "axiom":
        return rf"\text{{hypothesis }} {latex(decode.relation(claim.hypotheses[data[1]]))}"
    return rf"\text{{{escaped(KINDS.get(rule, rule))}}}"


def _letters(terms: list[Term]) -> dict[Term, Symbol]:
    """Letters for the closed sums that stand in logarithms and under fractions."""
    found: dict[Term, None] = {}

    def visit(term: Term) -> None:
        inner = term.terms[0] if term.op == "log" else None
        if term.op == "pow" and term.terms[1].op == "num" and term.terms[1].value < 0:
            inner = term.terms[0]
        if inner is not None and inner.op == "sum" and not inner.loose and not inner.indices:
            found[inner] = None
        for part in term.terms:
            visit(part)

    for term in terms:
        visit(term)
    text = " ".join(term.text for term in terms)
    free = (name for n in count() for name in (f"Z_{n}" if n else "Z",) if f" {name} " not in text)
    return {term: Symbol(next(free), positive=True) for term in found}


def _chain(forms: tuple[list[_Form], list[_Form]], decode: Decoder) -> list[Line]:
    """Down the forms of the first side and up those of the second, what looks alike once."""
    first, second = forms
    lines = [Line("", decode(first[0].term), "")]
    for form in first[1:]:
        _append(lines, decode(form.term), form.reasons)
    _append(lines, decode(to_term(polynomial(second[-1].term))), (r"\text{algebra}",))
    for later, earlier in zip(second[::-1], second[-2::-1], strict=False):
        _append(lines, decode(earlier.term), later.reasons)
    return lines


def _append(lines: list[Line], expression: Any, reasons: tuple[str, ...]) -> None:
    if expression != lines[-1].expression:
        lines.append(Line("=", expression, r",\ ".join(reasons)))


def _lemmas(displayed: Term, decode: Decoder) -> str:
    """Why the displayed term is not negative."""
    found: dict[str, None] = {}

    def visit(term: Term) -> None:
        if term.op in BINDERS and term.op == "sum":
            index = Term("idx", unused_letter(term), *term.args[:2])
            visit(instantiate(body_of(term), index))
            return
        if term.op in NAMES:
            found[_lemma(term, decode)] = None
        for part in term.terms:
            visit(part)

    visit(displayed)
    return r",\ ".join(found) or r"\text{no factor is negative}"


def _lemma(term: Term, decode: Decoder) -> str:
    if term.op in LEMMAS:
        return LEMMAS[term.op] + ", ".join(latex(decode(part)) for part in term.terms)
    return {
        "above": r"\text{a sum of nonnegative terms is at least each of them}",
        "apart": r"\text{a delta is at most one}",
        "spread": r"\text{triangle inequality}",
    }.get(term.op) or rf"\text{{hypothesis: }} {latex(decode(term))} \geq 0"
