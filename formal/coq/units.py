"""Variables of an identity in Coq: exponentials and roots as powers of common units.

An exponential is a product of powers of exponentials of single monomials, a root a product of
powers of one root per base, as in `formal.proof.field`.
"""

from __future__ import annotations

from fractions import Fraction
from math import lcm
from typing import TYPE_CHECKING

from formal.coq.text import NotExported, Scope, named, number_text, scope_of
from formal.proof.factor import quotient
from formal.proof.field import Monomial, Number, as_constant, polynomial, raised, to_term
from formal.proof.sign import sign
from formal.proof.terms import Term, number

if TYPE_CHECKING:
    from formal.coq.field import Identities


class Units:
    """Variables with what they stand for, hypotheses with their proofs, units with their scales.

    The unit of a monomial m is exp(m / scale), that of an atom a is its root of order scale.
    """

    def __init__(self, script: Identities) -> None:
        """Start without variables."""
        self.script = script
        self.values: list[str] = []
        self.hypotheses: list[tuple[str, str]] = []
        self.texts: dict[str, str] = {}
        self.equations: list[int] = []
        self.scales: dict[Monomial, int] = {}
        self.root_scales: dict[Term, int] = {}

    def walk(self, term: Term, scope: Scope) -> str:
        """The term as text over the variables."""
        raise NotImplementedError

    def sub(self, term: Term, scope: Scope) -> Units:
        """Another identity about the parts of a term."""
        raise NotImplementedError

    def proof(self, left: str, right: str, relation: str = "=", closing: str = "") -> str:
        """The application of the lemma that the two sides are equal, or so related."""
        raise NotImplementedError

    def variable(self, text: str) -> str:
        """A variable for a real number of the given text."""
        self.values.append(text)
        return f"x{len(self.values)}"

    def hypothesis(self, statement: str, proof: str) -> int:
        """Assume something of the variables, given a proof of it; its number."""
        if all(known != statement for known, _ in self.hypotheses):
            self.hypotheses.append((statement, proof))
        return [known for known, _ in self.hypotheses].index(statement) + 1

    def measure(self, term: Term, scope: Scope) -> None:
        """Note of which exponentials and roots a term is made, for the scales of their units."""
        if term.op in ("add", "mul"):
            for part in term.terms:
                self.measure(part, scope)
        elif term.op == "exp":
            for monomial, c in polynomial(named(term.terms[0], scope)).items():
                self._scale(monomial, c)
        elif term.op == "pow":
            value = as_constant(polynomial(named(term.terms[1], scope)))
            if value is not None and value.denominator > 1:
                for atom, e in self._root_factors(term.terms[0], scope, value.denominator)[1:]:
                    if atom.op == "exp":
                        self._scale(_single(atom.terms[0]), e)
                    else:
                        scale = self.root_scales.get(atom, 1)
                        self.root_scales[atom] = lcm(scale, Fraction(e).denominator)
            elif value is not None:
                self.measure(term.terms[0], scope)

    def _scale(self, monomial: Monomial, exponent: Number) -> None:
        self.scales[monomial] = lcm(self.scales.get(monomial, 1), Fraction(exponent).denominator)

    # Exponentials

    def exponential(self, term: Term, scope: Scope) -> str:
        """A variable for an exponential, equal to a product of powers of units."""
        text = self.script.text(term, scope)
        if text in self.texts:
            return self.texts[text]
        addends, factors, proofs = [], [], []
        for monomial, coefficient in polynomial(named(term.terms[0], scope)).items():
            part, unit = self._exponential_unit(monomial)
            n = int(coefficient * self.scales[monomial])
            addends.append(Term("mul", number(n), part))
            factors.append(_power(unit, n))
            word = "times" if n > 0 else "minus"
            proofs.append(f"(exp_{word} {abs(n)} {self.script.text(part, scope_of(part))})")
        self.texts[text] = variable = self.variable(text)
        raw = Term("add", *addends) if len(addends) > 1 else [*addends, number(0)][0]
        split = proofs[0] if proofs else "exp_0"
        for proof in proofs[1:]:
            split = f"(exp_sum _ _ _ _ {split} {proof})"
        inner = self.script.equal(term.terms[0], scope, raw, scope_of(raw))
        value = " * ".join(factors) or "1"
        self.hypothesis(f"{variable} = {value}", f"(eq_trans (f_equal exp {inner}) {split})")
        return variable

    def _exponential_unit(self, monomial: Monomial) -> tuple[Term, str]:
        """A monomial divided by its scale, and the variable of its exponential."""
        part, scale = to_term({monomial: 1}), self.scales[monomial]
        if scale > 1:
            part = Term("mul", part, number(Fraction(1, scale)))
        text = self.script.text(part, scope_of(part))
        if (label := f"exp {text}") not in self.texts:
            self.texts[label] = self.variable(f"(exp {text})")
            self.hypothesis(f"{self.texts[label]} <> 0", f"(exp_ne {text})")
        return part, self.texts[label]

    # Roots

    def root(self, term: Term, scope: Scope) -> str:
        """A variable for base ^ (p / q), equal to w ^ p, where base = w ^ q and w >= 0."""
        text = self.script.text(term, scope)
        if text in self.texts:
            return self.texts[text]
        base, exponent = term.terms
        p, q = exponent.value.numerator, exponent.value.denominator
        work = self.sub(base, scope)
        work.scales.update(self.scales)
        work.root_scales.update(self.root_scales)
        work.measure(base, scope)
        known = work.proof(work.walk(base, scope), f"({work.root_text(base, scope, q)[0]} ^ {q})")
        self.texts[text] = variable = self.variable(text)
        value, actual, nonnegative = self.root_text(base, scope, q)
        given = f"{actual} {self.script.text(base, scope)} {nonnegative}"
        if p > 0:
            proof = f"(rpow_of_root {p - 1} {q - 1} {given} {known})"
        else:
            positive = self.script.condition("positive", base, scope)
            proof = f"(rpow_of_root_inv {-p - 1} {q - 1} {given} {positive} {known})"
            self.hypothesis(f"{value} <> 0", f"(root_ne {q - 1} _ _ {positive} {known})")
        self.hypothesis(f"{variable} = {_power(value, p)}", proof)
        return variable

    def root_text(self, base: Term, scope: Scope, q: int) -> tuple[str, str, str]:
        """The q-th root of a base over the variables and in Coq, and that it is nonnegative."""
        (coefficient, _), *factors = self._root_factors(base, scope, q)
        texts, actual, proofs = [], [], []
        if coefficient.value != 1 or not factors:
            texts.append(number_text(coefficient))
            actual.append(texts[0])
            proofs.append(f"(ltac:(lra) : 0 <= {texts[0]})")
        for atom, e in factors:
            unit, value, k, proof = self._root_unit(atom, e, base, scope)
            texts.append(_power(unit, k))
            actual.append(_power(value, k))
            proof = f"(pow_nonneg {abs(k)} {value} {proof})"
            proofs.append(proof if k > 0 else f"(inv_nonneg _ {proof})")
        whole = proofs[0]
        for proof in proofs[1:]:
            whole = f"(mul_nonneg_nonneg _ _ {whole} {proof})"
        return f"({' * '.join(texts)})", f"({' * '.join(actual)})", whole

    def _root_factors(self, base: Term, scope: Scope, q: int) -> list[tuple[Term, Number]]:
        """The atoms of the q-th root of a base with exponents; its number comes first.

        Raises:
            NotExported: The root is a sum.
        """
        root = raised(polynomial(named(base, scope)), Fraction(1, q))
        if len(root) != 1:
            raise NotExported("a root is a sum")
        ((monomial, coefficient),) = root.items()
        return [(number(Fraction(coefficient)), 1), *monomial]

    def _root_unit(
        self, atom: Term, e: Number, base: Term, scope: Scope
    ) -> tuple[str, str, int, str]:
        """Variable, text and exponent of the unit of an atom, and that it is nonnegative."""
        if atom.op == "exp":
            monomial = _single(atom.terms[0])
            part, unit = self._exponential_unit(monomial)
            text = self.script.text(part, scope_of(part))
            positive = f"(Rlt_le _ _ (exp_pos {text}))"
            return unit, f"(exp {text})", int(e * self.scales[monomial]), positive
        inside, scale = scope_of(atom), self.root_scales[atom]
        text, nonnegative = self.script.text(atom, inside), self._nonnegative(atom, base, scope)
        if scale == 1:
            return self.walk(atom, inside), text, int(e), nonnegative
        value = f"(rpow {text} (1 / {scale}))"
        if (label := f"unit {value}") not in self.texts:
            self.texts[label] = unit = self.variable(value)
            inner = self.walk(atom, inside)
            proof = f"(root_pow {scale - 1} {text} {nonnegative})"
            relation = self.hypothesis(f"{unit} ^ {scale} = {inner}", proof)
            if not inner.startswith("x"):  # a variable is substituted
                self.equations.append(relation)
            if sign(atom) == 2:
                positive = self.script.condition("positive", atom, inside)
                known = f"(rpow_pos {text} (1 / {scale}) {positive})"
                self.hypothesis(f"{unit} <> 0", f"(ne_of_pos _ {known})")
        return self.texts[label], value, int(e * scale), f"(rpow_nonneg {text} (1 / {scale}))"

    def _nonnegative(self, atom: Term, base: Term, scope: Scope) -> str:
        """A proof that a factor of a base is nonnegative: by its shape, or by the others."""
        inside = scope_of(atom)
        if sign(atom) >= 1:
            return self.script.condition("nonnegative", atom, inside)
        others = quotient(named(base, scope), atom)
        product = Term("mul", others, atom)
        same = self.script.equal(base, scope, product, scope_of(product))
        positive = self.script.condition("positive", others, scope_of(others))
        given = self.script.condition("nonnegative", base, scope)
        return f"(nonneg_factor _ _ {positive} (nonneg_eq _ _ {same} {given}))"


def _power(unit: str, n: int) -> str:
    return f"{unit} ^ {n}" if n >= 0 else f"/ {unit} ^ {-n}"


def _single(argument: Term) -> Monomial:
    """The monomial of a term that is one."""
    (monomial,) = polynomial(argument)
    return monomial
