"""Signs in Coq: proofs that mirror `formal.proof.sign` case by case."""

from __future__ import annotations

from formal.coq.field import Identities
from formal.coq.text import NotExported, Scope
from formal.proof.sign import _minus_one, sign
from formal.proof.terms import MINUS_ONE, NAMES, Term, is_zero_or_one, opened

WORDS = {2: "pos", 1: "nonneg", -1: "nonpos", -2: "neg"}
_ONE = "(conj (le_n 1) {})"


class Signs(Identities):
    """A script with proofs of the signs that terms show by their shapes."""

    def sign(self, term: Term, scope: Scope) -> tuple[int, str]:
        """The sign that the shape of a term shows, 2, 1, -1 or -2, and its proof.

        Raises:
            NotExported: The shape shows none.
        """
        value = sign(term)
        match term.op:
            case "num":
                relation = {2: "0 < {}", 1: "0 <= {}", -2: "{} < 0"}[value]
                text = self.text(term, scope)
                return value, f"(ltac:(lra) : {relation.format(text)})"
            case "sym" if str(term.args[0]).startswith("@"):
                return 1, f"(size_more _ H{self.high(str(term.args[0])[1:])})"
            case "sym" if value:
                return value, f"H{self.symbol(term)}"
            case "arr" if value and not is_zero_or_one(term):
                indices = " ".join(scope[i].name for i in term.terms)
                return value, f"(H{self.symbol(term)} {indices})"
            case "size":
                return 2, f"(size_pos _ H{self.high(term.args[0])})"
            case "idx":
                return 2, f"(index_pos _ _ _ {self.low(scope[term].index)} {scope[term].proof})"
            case "pi":
                return 2, "PI_RGT_0"
            case "exp":
                return 2, f"(exp_pos {self.text(term.terms[0], scope)})"
            case "add" if value and not all(value * sign(t) > 0 for t in term.terms):
                return value, self._complement(term, scope, value)
            case "add" if value:
                return self.fold("add", [self.sign(t, scope) for t in term.terms])
            case "mul" if value:
                return self.fold("mul", [self.sign(t, scope) for t in term.terms])
            case "pow" if value:
                return self._power(term, scope)
            case "log" if value:
                return self._logarithm(term.terms[0], scope)
            case "sum" if value:
                return self._sum(term, scope)
            case "delta":
                return 1, f"(delta_nonneg {scope[term.terms[0]].name} {scope[term.terms[1]].name})"
            case "arr":
                indices = " ".join(scope[i].name for i in term.terms)
                return 1, f"(bit_nonneg _ (H{self.symbol(term)} {indices}))"
            case op if op in NAMES:
                return 1, self.nonnegative_name(term, scope)
        raise NotExported(f"the sign of '{term.op}' is not known by its shape")

    def fold(self, op: str, signs: list[tuple[int, str]]) -> tuple[int, str]:
        """The sign of a sum or a product from the signs of its parts, from left to right."""
        value, proof = signs[0]
        for other, other_proof in signs[1:]:
            if op == "mul" and (abs(value), abs(other)) != (2, 2):
                value, proof = self.weak(value, proof)
                other, other_proof = self.weak(other, other_proof)
            proof = f"({op}_{WORDS[value]}_{WORDS[other]} _ _ {proof} {other_proof})"
            if op == "add":
                value = value if abs(value) >= abs(other) else other
            else:
                value = (1 if value * other > 0 else -1) * (2 if abs(value * other) == 4 else 1)
        return value, proof

    def _complement(self, term: Term, scope: Scope, value: int) -> str:
        """A number plus a number times what is 0 or 1."""
        work = self.identity()
        sides = "0", work.walk(term, scope)
        return work.proof(*(sides if value > 0 else sides[::-1]), relation="<=", closing="lra")

    def weak(self, value: int, proof: str) -> tuple[int, str]:
        """A strict sign as one that is not."""
        return (value, proof) if abs(value) == 1 else (value // 2, f"(Rlt_le _ _ {proof})")

    def at_least(self, value: int, proof: str, strict: bool) -> str:
        """A proof of a positive sign, as strict as is asked."""
        return proof if strict or value == 1 else f"(Rlt_le _ _ {proof})"

    def _power(self, term: Term, scope: Scope) -> tuple[int, str]:
        base, exponent = term.terms
        base_text, exponent_text = (self.text(t, scope) for t in term.terms)
        if exponent.op != "num" or exponent.value.denominator > 1:
            if sign(base) == 2 or exponent.op != "num" or exponent.value < 0:
                positive = self.condition("positive", base, scope)
                return 2, f"(rpow_pos {base_text} {exponent_text} {positive})"
            return 1, f"(rpow_nonneg {base_text} {exponent_text})"
        n = int(exponent.value)
        value, proof = self._whole_power(base, abs(n), n < 0, scope)
        if n < 0:
            return value, f"(inv_{WORDS[value]} _ {proof})"
        return value, proof

    def _whole_power(self, base: Term, n: int, strict: bool, scope: Scope) -> tuple[int, str]:
        """The sign of a positive power of a base, which is nonzero if `strict`."""
        strict = strict or abs(sign(base)) == 2
        plain = strict and n == 1  # a reciprocal is printed without a power
        if n % 2 == 0:
            if strict:
                nonzero = self.condition("nonzero", base, scope)
                return 2, f"(pow_even_ne {n // 2} {self.text(base, scope)} {nonzero})"
            return 1, f"(pow_even {n // 2} {self.text(base, scope)})"
        value, proof = self.sign(base, scope)
        if strict and abs(value) == 1:
            nonzero = self.condition("nonzero", base, scope)
            value, proof = 2 * value, f"({WORDS[2 * value]}_of_ne _ {proof} {nonzero})"
        if plain:
            return value, proof
        if value > 0:
            return value, f"(pow_{WORDS[value]} {n} _ {proof})"
        return value, f"(pow_odd_{WORDS[value]} {n // 2} _ {proof})"

    def _logarithm(self, argument: Term, scope: Scope) -> tuple[int, str]:
        if argument.op == "size":
            return 1, f"(ln_size _ H{self.high(argument.args[0])})"
        less = _minus_one(argument)
        value, proof = self.sign(less, scope)
        raw = Term("add", argument, MINUS_ONE)
        moved = f"({WORDS[value]}_eq _ _ {self.equal(less, scope, raw, scope)} {proof})"
        if value > 0:
            return value, f"(ln_{WORDS[value]} _ {moved})"
        positive = self.condition("positive", argument, scope)
        return value, f"(ln_{WORDS[value]} _ {positive} {moved})"

    def _sum(self, term: Term, scope: Scope) -> tuple[int, str]:
        low, high, _ = term.args
        index, body = opened(term)
        place, inner = self.inside(index, scope)
        value, proof = self.sign(body, inner)
        if abs(value) == 2 and abs(sign(term)) == 1:
            value, proof = self.weak(value, proof)
        inhabited = f"{self._inhabited(low, high)} " if abs(value) == 2 else ""
        function = self.summand(term, scope)
        return value, (
            f"(vsum_{WORDS[value]} {low} {self.high(high)} {function} {inhabited}"
            f"(fun {self.binder(place)} => {proof}))"
        )

    def _inhabited(self, low: object, high: object) -> str:
        if low == 1 and isinstance(high, str):
            return _ONE.format(f"H{self.high(high)}")
        return f"(ltac:(lia) : (1 <= {low} <= {self.high(high)})%nat)"

    def low(self, index: Term) -> str:
        """A proof that a range does not start at 0."""
        return "(le_n 1)" if index.args[1] == 1 else "(le_S 1 1 (le_n 1))"

    def nonnegative_name(self, term: Term, scope: Scope) -> str:
        """A proof that a nonnegative name is nonnegative."""
        raise NotImplementedError
