"""Identities of fractions in Coq: the field test, with its atoms and nonzero denominators named.

Each identity becomes a lemma about real variables, one per atom, which Coq's `field` proves, and
an application of it. Deltas are 0 or 1.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from formal.coq.script import Script
from formal.coq.text import NotExported, Scope, index_name, named, number_text
from formal.coq.units import Units
from formal.proof.field import as_constant, polynomial
from formal.proof.terms import NAMES, ZERO, Term, is_zero_or_one, number, opened


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
        work = Identity(self, ((before, scope), (after, scope)))
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
        old = []
        for part, new, proof in parts:
            if proof is None:
                old.append(work.keep(part, scope))
            else:
                old.append(work.variable(self.text(part, scope)))
                work.hypothesis(f"{old[-1]} = {work.keep(new, scope)}", proof)
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
            case "log" | "log0":
                inner = self.equal(left.terms[0], left_scope, right.terms[0], right_scope)
                return f"(f_equal ln {inner})"
            case "sin" | "cos":
                inner = self.equal(left.terms[0], left_scope, right.terms[0], right_scope)
                return f"(f_equal {left.op} {inner})"
            case "pow" | "xlogy":
                first, second = (
                    self.equal(a, left_scope, b, right_scope)
                    for a, b in zip(left.terms, right.terms, strict=True)
                )
                return f"(f_equal2 {'rpow' if left.op == 'pow' else 'xlogy'} {first} {second})"
            case op if op in NAMES:
                return self.equal(
                    self.expanded(left), left_scope, self.expanded(right), right_scope
                )
        raise NotExported(f"'{left.op}' is written in two orders")


class Identity(Units):
    """One identity: its variables with what they stand for, and the lemma in the end."""

    def __init__(self, script: Identities, sides: Iterable[tuple[Term, Scope]]) -> None:
        """Start with the terms that will be walked, to see their exponentials and roots."""
        super().__init__(script)
        self.opaque: dict[Term, str] = {}
        self.atoms: dict[Term, tuple[str, Term, Scope]] = {}
        self.deltas: list[int] = []
        for term, scope in sides:
            self.measure(term, scope)

    def sub(self, term: Term, scope: Scope) -> Identity:
        """Another identity about the parts of a term."""
        return Identity(self.script, ((term, scope),))

    def keep(self, term: Term, scope: Scope) -> str:
        """Take a term as it is."""
        if term.op == "num":
            return number_text(term)
        if term not in self.opaque:
            self.opaque[term] = self.variable(self.script.text(term, scope))
        return self.opaque[term]

    def proof(self, left: str, right: str, relation: str = "=", closing: str = "") -> str:
        """The application of the lemma that the two sides are equal, or so related."""
        names = [f"x{n}" for n in range(1, len(self.values) + 1)]
        hypotheses = "".join(f"{statement} -> " for statement, _ in self.hypotheses)
        variables = f"forall {' '.join(names)} : R, " if names else ""
        labels = [f"h{n}" for n in range(1, len(self.hypotheses) + 1)]
        cases = "".join(f" destruct h{n} as [h{n}|h{n}]; subst;" for n in self.deltas)
        script = f"intros {' '.join([*names, *labels])}; subst;{cases} "
        script += closing or self._closing(left + right)
        statement = f": {variables}{hypotheses}{left} {relation} {right}"
        lemma = self.script.lemma("K", statement, f"{script}.")
        return f"({' '.join([lemma, *self.values, *(p for _, p in self.hypotheses)])})"

    def _closing(self, sides: str) -> str:
        """The tactic: `field` if something is divided by, else `ring`; roots are given to it."""
        equations = [statement for statement, _ in self.hypotheses if " = " in statement]
        given = " ".join(f"h{n}" for n in self.equations)
        given = f" [{given}]" if given else ""
        return f"field{given}; nonzeros" if "/" in sides + "".join(equations) else f"ring{given}"

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
                return self.exponential(term, scope)
            case "delta":
                return self._delta(term, scope)
            case "sym" if str(term.args[0]).startswith("@"):
                return f"({self._atom(Term('size', str(term.args[0])[1:]), scope)} + (-1))"
            case _ if is_zero_or_one(term):
                return self._indicator(term, scope)
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

    def _indicator(self, term: Term, scope: Scope) -> str:
        """An atom that is 0 or 1."""
        variable = self._atom(term, scope)
        cases = f"({variable} = 0 \\/ {variable} = 1)"
        indices = " ".join(index_name(i, scope) for i in term.terms)
        proof = f"(H{self.script.symbol(term)} {indices})"
        if all(known != cases for known, _ in self.hypotheses):
            self.deltas.append(self.hypothesis(cases, proof))
        return variable

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
            if constant is not None:
                return self._counted(term, scope, constant)
            variable = self._atom(term, scope)
            if base == ZERO:
                proof = f"(rpow_zero {self.script.text(exponent, scope)})"
                self.hypothesis(f"{variable} = 0", proof)
            return variable
        if exponent.value.denominator > 1:
            return self.root(term, scope)
        inner, n = self.walk(base, scope), int(exponent.value)
        if n >= 0:
            return f"({inner} ^ {n})"
        self.hypothesis(f"{inner} <> 0", self.script.condition("nonzero", base, scope))
        return f"(/ {inner})" if n == -1 else f"(/ {inner} ^ {-n})"

    def _counted(self, term: Term, scope: Scope, value: Fraction) -> str:
        """A power whose exponent is a constant, though it is not written as a number."""
        text = self.script.text(term, scope)
        if text not in self.texts:
            base, exponent = term.terms
            plain = Term("pow", base, number(value))
            inner = self.walk(plain, scope)
            same = self.script.equal(exponent, scope, number(value), scope)
            base_text = self.script.text(base, scope)
            proof = f"(f_equal (rpow {base_text}) {same})"
            if value.denominator == 1:
                positive = self.script.condition("positive", base, scope)
                proof = f"(eq_trans {proof} ({whole_power(int(value))} {base_text} {positive}))"
            self.texts[text] = self.variable(text)
            self.hypothesis(f"{self.texts[text]} = {inner}", proof)
        return self.texts[text]


def whole_power(n: int) -> str:
    """The lemma that a power with a whole exponent is what is printed for it."""
    if n == -1:
        return "rpow_inv"
    return f"rpow_whole {n}" if n >= 0 else f"rpow_whole_inv {-n}"
