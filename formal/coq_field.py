"""Identities of fractions in Coq: the field test, with its atoms and nonzero denominators named.

Each identity becomes a lemma about real variables, one per atom, which Coq's `field` proves, and
an application of it. Exponentials are written as powers of exponentials of single monomials,
roots as powers of one root per base, deltas are 0 or 1, as in `formal.proof_field`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from math import lcm

from formal.coq_script import Script
from formal.coq_text import NotExported, Scope, index_name, named, number_text, scope_of
from formal.proof_field import Monomial, as_constant, polynomial, to_term
from formal.proof_terms import Term, number, opened


class Identities(Script):
    """A script with proofs of equations between terms that the field test identifies."""

    def condition(self, kind: str, term: Term, scope: Scope) -> str:
        """A proof that a term is positive, nonnegative or nonzero."""
        raise NotImplementedError

    def equal(self, left: Term, left_scope: Scope, right: Term, right_scope: Scope) -> str:
        """A proof that two terms are equal as rational functions of their atoms."""
        texts = self.text(left, left_scope), self.text(right, right_scope)
        if texts[0] == texts[1]:
            return f"(eq_refl {texts[0]})"
        work = Identity(self, ((left, left_scope), (right, right_scope)))
        return work.proof(work.walk(left, left_scope), work.walk(right, right_scope))

    def regrouped(self, before: Term, after: Term, scope: Scope, opaque: list[Term]) -> str:
        """A proof that two terms are equal in which some subterms are taken as they are."""
        if self.text(before, scope) == self.text(after, scope):
            return f"(eq_refl {self.text(before, scope)})"
        work = Identity(self, ())
        for term in opaque:
            work.keep(term, scope)
        return work.proof(work.walk(before, scope), work.walk(after, scope))

    def congruent(
        self, before: Term, after: Term, scope: Scope, parts: list[tuple[Term, Term, str | None]]
    ) -> str:
        """A proof that a sum or a product equals another, given proofs for changed parts.

        `after` is the kernel's own sum or product of the changed parts.
        """
        work = Identity(self, ())
        old = [
            self.text(part, scope) if part.op == "num" else work.variable(self.text(part, scope))
            for part, _, _ in parts
        ]
        for (_, new, proof), variable in zip(parts, old, strict=True):
            if proof is None and new.op != "num":
                work.opaque[new] = variable
            elif proof is None:
                continue
            else:
                changed = work.keep(new, scope)
                work.hypothesis(f"{variable} = {changed}", proof)
        left = f"({(' + ' if before.op == 'add' else ' * ').join(old)})"
        return work.proof(left, work.walk(after, scope))

    def identity(self, *sides: tuple[Term, Scope]) -> Identity:
        """An identity of terms that are made of these."""
        return Identity(self, sides)

    def same(self, left: Term, left_scope: Scope, right: Term, right_scope: Scope) -> str:
        """A proof that two atoms are equal that differ in the order of what they are made of."""
        match left.op:
            case "sum":
                low, high, _ = left.args
                index, body = opened(left)
                other, other_body = opened(right)
                place, inner = self.inside(index, left_scope)
                proof = self.equal(body, inner, other_body, {**right_scope, other: place})
                f, g = self.summand(left, left_scope), self.summand(right, right_scope)
                return (
                    f"(vsum_eq {low} {self.high(high)} {f} {g} "
                    f"(fun {self.binder(place)} => {proof}))"
                )
            case "log":
                inner = self.equal(left.terms[0], left_scope, right.terms[0], right_scope)
                return f"(f_equal ln {inner})"
            case "pow":
                base, exponent = (
                    self.equal(a, left_scope, b, right_scope)
                    for a, b in zip(left.terms, right.terms, strict=True)
                )
                return f"(f_equal2 rpow {base} {exponent})"
            case "gap" | "above" | "apart" | "rise" | "slack":
                return self.equal(
                    self.expanded(left), left_scope, self.expanded(right), right_scope
                )
        raise NotExported(f"'{left.op}' is written in two orders")


class Identity:
    """One identity: its variables with what they stand for, its hypotheses with their proofs."""

    def __init__(self, script: Identities, sides: Iterable[tuple[Term, Scope]]) -> None:
        """Start with the terms that will be walked, to see their exponentials."""
        self.script = script
        self.values: list[str] = []
        self.hypotheses: list[tuple[str, str]] = []
        self.opaque: dict[Term, str] = {}
        self.texts: dict[str, str] = {}
        self.atoms: dict[Term, tuple[str, Term, Scope]] = {}
        self.deltas: list[int] = []
        self.equations: list[int] = []
        self.roots: dict[Term, str] = {}
        self.scales: dict[Monomial, int] = {}
        self.root_scales: dict[Term, int] = {}
        for term, scope in sides:
            self._measure(term, scope)

    def variable(self, text: str) -> str:
        """A variable for a real number of the given text."""
        self.values.append(text)
        return f"x{len(self.values)}"

    def hypothesis(self, statement: str, proof: str) -> int:
        """Assume something of the variables, given a proof of it; its number."""
        if all(known != statement for known, _ in self.hypotheses):
            self.hypotheses.append((statement, proof))
        return [known for known, _ in self.hypotheses].index(statement) + 1

    def keep(self, term: Term, scope: Scope) -> str:
        """Take a term as it is."""
        if term.op == "num":
            return number_text(term)
        if term not in self.opaque:
            self.opaque[term] = self.variable(self.script.text(term, scope))
        return self.opaque[term]

    def proof(self, left: str, right: str, relation: str = "=", tactic: str = "") -> str:
        """The application of the lemma that the two sides are equal, or so related."""
        names = [f"x{n}" for n in range(1, len(self.values) + 1)]
        hypotheses = "".join(f"{statement} -> " for statement, _ in self.hypotheses)
        variables = f"forall {' '.join(names)} : R, " if names else ""
        labels = [f"h{n}" for n in range(1, len(self.hypotheses) + 1)]
        cases = "".join(f" destruct h{n} as [h{n}|h{n}]; subst;" for n in self.deltas)
        given = " ".join(f"h{n}" for n in self.equations)
        divided = "/" in left + right + "".join(
            statement for statement, _ in self.hypotheses if " = " in statement
        )
        closing = f"field{f' [{given}]' if given else ''}; nonzeros" if divided else "ring"
        script = f"intros {' '.join([*names, *labels])}; subst;{cases} {closing}."
        if tactic:
            script = f"intros; {tactic}"
        statement = f": {variables}{hypotheses}{left} {relation} {right}"
        lemma = self.script.lemma("K", statement, script)
        return f"({' '.join([lemma, *self.values, *(p for _, p in self.hypotheses)])})"

    def walk(self, term: Term, scope: Scope) -> str:
        """The term as text over the variables."""
        if term in self.opaque:
            return self.opaque[term]
        match term.op:
            case "num":
                return number_text(term)
            case "add" | "mul":
                sign = " + " if term.op == "add" else " * "
                return f"({sign.join(self.walk(t, scope) for t in term.terms)})"
            case "pow":
                return self._power(term, scope)
            case "exp":
                return self._exponential(term, scope)
            case "delta":
                return self._delta(term, scope)
            case _:
                return self._atom(term, scope)

    def _atom(self, term: Term, scope: Scope) -> str:
        text = self.script.text(term, scope)
        if text not in self.texts:
            name = named(term, scope)
            if name in self.atoms:
                known, other, other_scope = self.atoms[name]
                proof = self.script.same(term, scope, other, other_scope)
                self.texts[text] = self.variable(text)
                self.hypothesis(f"{self.texts[text]} = {known}", proof)
            else:
                self.texts[text] = self.variable(text)
                self.atoms[name] = self.texts[text], term, scope
        return self.texts[text]

    def _delta(self, term: Term, scope: Scope) -> str:
        left, right = (index_name(i, scope) for i in term.terms)
        if left == right:
            if f"{left}={right}" not in self.texts:
                variable = self.texts[f"{left}={right}"] = self.variable(f"(delta {left} {right})")
                self.hypothesis(f"{variable} = 1", f"(delta_same {left})")
            return self.texts[f"{left}={right}"]
        if f"{left}={right}" not in self.texts:
            variable = self.texts[f"{left}={right}"] = self.variable(f"(delta {left} {right})")
            if f"{right}={left}" in self.texts:
                mirrored = self.texts[f"{right}={left}"]
                self.hypothesis(f"{variable} = {mirrored}", f"(delta_sym {left} {right})")
            elif (left, right) in self.script.apart:
                self.hypothesis(
                    f"{variable} = 0",
                    f"(delta_other {left} {right} {self.script.apart[left, right]})",
                )
            else:
                self.deltas.append(
                    self.hypothesis(
                        f"({variable} = 0 \\/ {variable} = 1)", f"(delta_cases {left} {right})"
                    )
                )
        return self.texts[f"{left}={right}"]

    def _power(self, term: Term, scope: Scope) -> str:
        base, exponent = term.terms
        if exponent.op != "num":
            constant = as_constant(polynomial(named(exponent, scope)))
            return (
                self._atom(term, scope) if constant is None else self._odd(term, scope, constant)
            )
        if exponent.value.denominator > 1:
            return self._root(term, scope)
        inner, n = self.walk(base, scope), int(exponent.value)
        if n >= 0:
            return f"({inner} ^ {n})"
        self.hypothesis(f"{inner} <> 0", self.script.condition("nonzero", base, scope))
        return f"(/ {inner})" if n == -1 else f"(/ {inner} ^ {-n})"

    def _odd(self, term: Term, scope: Scope, value: Fraction) -> str:
        """A power whose exponent is a constant, though it is not written as a number."""
        raise NotExported("an exponent is a constant that is not written as a number")

    def _root(self, term: Term, scope: Scope) -> str:
        raise NotExported("roots")

    # Exponentials

    def _measure(self, term: Term, scope: Scope) -> None:
        """Note the monomials in exponents, with a common denominator of their factors."""
        for inner in _field_parts(term):
            if inner.op == "exp":
                for m, c in polynomial(named(inner.terms[0], scope)).items():
                    self.scales[m] = lcm(self.scales.get(m, 1), Fraction(c).denominator)

    def _exponential(self, term: Term, scope: Scope) -> str:
        text = self.script.text(term, scope)
        if text in self.texts:
            return self.texts[text]
        argument = named(term.terms[0], scope)
        poly = polynomial(argument)
        addends, factors, proofs = [], [], []
        for monomial, coefficient in poly.items():
            scale = self.scales[monomial]
            n = int(coefficient * scale)
            part, unit = self._unit(monomial, scale)
            addends.append(Term("mul", number(n), part))
            factors.append(f"{unit} ^ {n}" if n > 0 else f"/ {unit} ^ {-n}")
            part_text = self.script.text(part, scope_of(part))
            proofs.append(f"(exp_{'times' if n > 0 else 'minus'} {abs(n)} {part_text})")
        self.texts[text] = variable = self.variable(text)
        raw = number(0) if not addends else _sum(addends)
        split = "exp_0" if not proofs else proofs[0]
        for proof in proofs[1:]:
            split = f"(exp_sum _ _ _ _ {split} {proof})"
        inner = self.script.equal(term.terms[0], scope, raw, scope_of(raw))
        self.hypothesis(
            f"{variable} = {' * '.join(factors) or '1'}",
            f"(eq_trans (f_equal exp {inner}) {split})",
        )
        return variable

    def _unit(self, monomial: Monomial, scale: int) -> tuple[Term, str]:
        """A monomial divided by the scale, and the variable of its exponential."""
        part = to_term({monomial: 1})
        if scale > 1:
            part = Term("mul", part, number(Fraction(1, scale)))
        text = self.script.text(part, scope_of(part))
        if (label := f"exp {text}") not in self.texts:
            self.texts[label] = self.variable(f"(exp {text})")
            self.hypothesis(f"{self.texts[label]} <> 0", f"(exp_ne {text})")
        return part, self.texts[label]


def _sum(terms: list[Term]) -> Term:
    return Term("add", *terms) if len(terms) > 1 else terms[0]


def _field_parts(term: Term) -> Iterator[Term]:
    """The subterms that the field test looks at, exponentials and roots without their insides."""
    yield term
    if term.op in ("add", "mul"):
        for part in term.terms:
            yield from _field_parts(part)
    if term.op == "pow" and term.terms[1].op == "num":
        yield from _field_parts(term.terms[0])
