"""Certificates: proofs as inert JSON data, which others can replay.

A certificate holds its format, a table of terms, the claim and hypotheses, the steps
``[rule, before, after, data]``, the displayed nonnegative term of an inequality, the conditions
under which the claim is defined, the hypotheses used, and a SHA-256 of all that. Terms are rows
``[op, argument...]`` of the table, where an argument is ``[row]``, a name or a number; a row
refers to earlier rows only. The encoding is canonical: one proof has one certificate.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

from formal.proof.conditions import Relation
from formal.proof.kernel import Claim, Derivation
from formal.proof.strings import STRINGS, WORDS
from formal.proof.symbols import NAME
from formal.proof.terms import MAX_DIGITS, ProofError, Term, number

FORMAT = "porism-proof-1"
Step = tuple[str, Term, Term, tuple]
RESERVED = re.compile("[#*][0-9]{1,4}")
MAX_ROWS = 20_000
MAX_STEPS = 5_000
_SIGNS = frozenset({"positive", "nonnegative", "negative", "real", "indicator"})
_SCHEMA: dict[str, str] = {
    # t: a term, i: an index, p: a place (an index or a string), n: a name, s: a sign, k: a number,
    # h: an end of a range, *: repeated
    "num": "kk",
    "sym": "ns",
    "size": "h",
    "idx": "nkh",
    "var": "k",
    "arr": "nsp*",
    "cat": "i*",
    "delta": "ii",
    "add": "t*",
    "mul": "t*",
    "pow": "tt",
    "exp": "t",
    "log": "t",
    "log0": "t",
    "xlogy": "tt",
    "pi": "",
    "sin": "t",
    "cos": "t",
    "sum": "kht",
    "int": "sttt",
    "diff": "tt",
    "gap": "t",
    "gap0": "tt",
    "fold": "t",
    "bend": "tt",
    "above": "ti",
    "apart": "ii",
    "rise": "t",
    "slack": "ki*",
    "spread": "t",
}


def certificate(proof: Derivation, steps: list[tuple], displayed: Term | None) -> dict[str, Any]:
    """The certificate of a finished derivation."""
    table = _Table()
    body = {
        "format": FORMAT,
        "claim": table.relation(proof.claim.relation),
        "hypotheses": [table.relation(h) for h in proof.claim.hypotheses],
        "steps": [[r, table.add(b), table.add(a), table.data(d)] for r, b, a, d in steps],
        "displayed": None if displayed is None else table.add(displayed),
        "conditions": [[kind, table.add(term)] for kind, term in proof.conditions],
        "used": sorted(proof.used),
        "terms": table.rows,
    }
    return {**body, "sha256": digest(body)}


def digest(body: dict[str, Any]) -> str:
    """SHA-256 of the canonical JSON text of a certificate without its hash."""
    plain = {key: value for key, value in body.items() if key != "sha256"}
    text = json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def checked(data: Any, claim: Claim) -> bool:
    """Whether a certificate proves the claim from its hypotheses.

    Raises:
        ProofError: It does not; the message says why.
    """
    body = _object(data)
    try:
        expected = digest(body)
    except (TypeError, ValueError) as error:
        raise ProofError("a certificate is plain JSON data") from error
    if body["sha256"] != expected:
        raise ProofError("the certificate's hash does not belong to its content")
    stated, steps, displayed = decoded(body)
    if stated.relation != claim.relation:
        raise ProofError("the certificate proves another claim")
    if not set(stated.hypotheses) <= set(claim.hypotheses):
        raise ProofError("the certificate uses other hypotheses")
    proof = Derivation(stated)
    for rule, left, right, arguments in steps:
        if left in proof.equations:
            raise ProofError("a step repeats another")
        if proof.step(rule, left, *arguments) != right:
            raise ProofError("a step claims another result than its rule gives")
    if not proof.proves(displayed):
        raise ProofError("the steps do not close the claim")
    if any(step[1] not in proof.applied for step in steps):
        raise ProofError("a step is idle")
    if certificate(proof, steps, displayed) != data:
        raise ProofError("the certificate is not in canonical form")
    return True


def decoded(data: Any) -> tuple[Claim, list[Step], Term | None]:
    """Claim, steps and displayed term of a certificate, as they stand: nothing is proved here.

    Raises:
        ProofError: It is not in the format of certificates.
    """
    body = _object(data)
    rows = _terms(body["terms"])
    stated = Claim(
        _relation(body["claim"], rows),
        tuple(_relation(h, rows) for h in _list(body["hypotheses"], 100)),
    )
    steps = [_step(step, rows) for step in _list(body["steps"], MAX_STEPS)]
    return stated, steps, None if body["displayed"] is None else _row(body["displayed"], rows)


def _step(data: Any, rows: list[Term]) -> Step:
    rule, before, after, values = _list(data, 4, exactly=True)
    if not isinstance(rule, str):
        raise ProofError("the name of a rule must be text")
    arguments = _data(values, rows)
    if not isinstance(arguments, tuple):
        raise ProofError("a step's data are not a list")
    return rule, _row(before, rows), _row(after, rows), arguments


class _Table:
    """Terms as rows, each written once."""

    def __init__(self) -> None:
        self.rows: list[list] = []
        self.places: dict[Term, int] = {}

    def add(self, term: Term) -> int:
        if term not in self.places:
            row = [term.op, *([self.add(a)] if isinstance(a, Term) else a for a in term.args)]
            self.places[term] = len(self.rows)
            self.rows.append(row)
        return self.places[term]

    def relation(self, relation: Relation) -> list:
        return [relation.kind, self.add(relation.left), self.add(relation.right)]

    def data(self, data: Any) -> Any:
        if isinstance(data, Term):
            return {"term": self.add(data)}
        return [self.data(d) for d in data] if isinstance(data, tuple | list) else data


def _object(data: Any) -> dict[str, Any]:
    keys = {
        "format",
        "claim",
        "hypotheses",
        "steps",
        "displayed",
        "conditions",
        "used",
        "terms",
        "sha256",
    }
    if not isinstance(data, dict) or set(data) != keys:
        raise ProofError(f"a certificate is an object with the keys {', '.join(sorted(keys))}")
    if data["format"] != FORMAT:
        raise ProofError(f"the format is {_brief(data['format'])}, this version reads {FORMAT!r}")
    return data


def _brief(data: Any) -> str:
    """Text as it stands, and of anything else its type: a number may be too long to print."""
    return repr(data[:40]) if isinstance(data, str) else f"a {type(data).__name__}"


def _list(data: Any, limit: int, exactly: bool = False) -> list:
    if not isinstance(data, list) or len(data) > limit or (exactly and len(data) != limit):
        raise ProofError(f"expected a list of {'' if exactly else 'at most '}{limit} entries")
    return data


def _relation(data: Any, rows: list[Term]) -> Relation:
    kind, left, right = _list(data, 3, exactly=True)
    if kind not in ("Eq", "Le", "Lt", "Ne"):
        raise ProofError("a relation must be Eq, Le, Lt or Ne")
    return Relation(kind, _row(left, rows), _row(right, rows))


def _row(data: Any, rows: list[Term]) -> Term:
    if type(data) is not int or not 0 <= data < len(rows):
        raise ProofError("a reference to a term leads nowhere")
    return rows[data]


def _data(data: Any, rows: list[Term], depth: int = 0) -> Any:
    if isinstance(data, dict) and set(data) == {"term"}:
        return _row(data["term"], rows)
    if isinstance(data, list) and depth < 4:
        return tuple(_data(d, rows, depth + 1) for d in data)
    if type(data) is int and abs(data) < 10**6:
        return data
    raise ProofError("a step's data must be terms, small numbers, or lists of them")


def _terms(data: Any) -> list[Term]:
    rows: list[Term] = []
    for row in _list(data, MAX_ROWS):
        op, *args = _list(row, 200) or [None]
        if not isinstance(op, str) or op not in _SCHEMA:
            raise ProofError(f"there is no operation {_brief(op)}")
        rows.append(_term(op, args, rows))
    return rows


def _term(op: str, args: list, rows: list[Term]) -> Term:
    schema = _SCHEMA[op]
    if schema.endswith("*"):
        last = schema[-2]
        schema = schema[:-2] + last * (len(args) - len(schema) + 2)
    if len(args) != len(schema) or not (args or op in ("cat", "pi")):
        raise ProofError(f"'{op}' has the wrong number of arguments")
    values = [_argument(kind, arg, rows) for kind, arg in zip(schema, args, strict=True)]
    if op == "num":
        if values[1] <= 0 or number(_fraction(*values)).args != tuple(values):
            raise ProofError("a number must be a reduced fraction")
    if op in ("sum", "idx") and values[op == "idx"] not in (1, 2):
        raise ProofError("a range must start at 1 or 2")
    if op == "size" and (not isinstance(values[0], str) or values[0] == STRINGS):
        raise ProofError("a size must be a name")
    if op in ("sym", "int") and values[op == "sym"] == "indicator":
        raise ProofError("only an entry of an array can be an indicator")
    if op == "diff" and values[1].op not in ("sym", "arr", "var"):
        raise ProofError("a derivative must be by a parameter or an entry of an array")
    return Term(op, *values)


def _fraction(numerator: int, denominator: int) -> Any:
    from fractions import Fraction

    return Fraction(numerator, denominator)


def _argument(kind: str, data: Any, rows: list[Term]) -> Any:
    if kind in "tip":
        (place,) = _list(data, 1, exactly=True)
        term = _row(place, rows)
        if kind in "ip" and term.op not in ("idx", "var", *(("cat",) if kind == "p" else ())):
            raise ProofError("an index must be an index")
        return term
    if kind == "k" or (kind == "h" and not isinstance(data, str)):
        if type(data) is not int or abs(data) >= 10**MAX_DIGITS:
            raise ProofError("a number must be a whole number of acceptable size")
        return data
    if not isinstance(data, str):
        raise ProofError("a name must be text")
    if kind == "s" and data not in _SIGNS:
        raise ProofError(f"there is no sign {data[:40]!r}")
    if kind == "h" and data in (STRINGS, WORDS):
        return data
    if kind in "nh" and not (NAME.fullmatch(data) or RESERVED.fullmatch(data)):
        raise ProofError(f"the name {data[:40]!r} is not acceptable")
    return data
