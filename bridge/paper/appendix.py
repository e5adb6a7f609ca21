"""The appendix of a paper: each proof with its certificate, its command and all its steps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sympy import Eq, Gt, IndexedBase, Le, Lt, Symbol

from bridge.paper.entry import Entry
from bridge.paper.tex import pieces
from bridge.paper.words import domain, is_index, listed
from formal import Derivation, Proof, Statement, unfold
from formal.explain import Explanation, explain
from formal.latex import latex
from formal.latex.text import escaped
from formal.statement import canonical

Names = Mapping[str, str]
VERDICTS = {
    "PROVED": "Proved for every size",
    "SUPPORTED": "Supported by enclosures at random points, not proved",
    "DEFINITION": "A definition",
    "CITED": "Cited; it stands by its consequences",
}


def appendix(entries: Iterable[Entry], names: Names) -> str:
    """All entries that are no definitions, each with what is known and its proof in words."""
    known = list(entries)
    chains = [one for one in known if isinstance(one.said, Derivation)]
    return "\n".join(
        _entry(entry, names, next((c for c in chains if _shows(c.said, entry.said)), None))
        for entry in known
        if entry.standing.status != "DEFINITION"
    )


def _shows(chain: Statement | Derivation, said: Statement | Derivation) -> bool:
    """Whether a derivation ends in what a statement claims, sides and signs apart."""
    if not isinstance(chain, Derivation) or not isinstance(said, Statement) or said.claim is None:
        return False
    if not set(chain.assuming) <= set(said.domain):
        return False
    (first, exact), (second, also) = _difference(chain.conclusion), _difference(said.claim)
    return exact == also and (first == second or (exact and first == -second))


def _difference(relation: Any) -> tuple[Any, bool]:
    """The greater side of a relation less the other, expanded; and whether it is an equality."""
    if isinstance(relation, (Le, Lt)):
        relation = relation.reversed
    if isinstance(relation, (Gt, Lt)):
        return relation, False  # strict: compared as it stands
    difference: Any = canonical(unfold(relation.lhs - relation.rhs))
    return difference.expand(), isinstance(relation, Eq)


def _entry(entry: Entry, names: Names, derived: Entry | None) -> str:
    kind = entry.environment.capitalize()
    head = "Derivation" if not kind else rf"{kind}~\ref{{st:{entry.name}}},"
    lines = [
        rf"\paragraph{{{head} \eqref{{eq:{entry.name}}}.}}\porismanchor{{proof:{entry.name}}}",
        f"{_known(entry, names)}\\\\",
        rf"\porismreplay{{{_breakable(entry.standing.command)}}}\\",
        rf"\porismreplay{{sha256 {_grouped(entry.standing.digest)}}}",
    ]
    proofs = entry.standing.proofs
    if isinstance(entry.said, Derivation):  # its own chain is the explanation
        lines += [_certificate(number, proof) for number, proof in enumerate(proofs, 1)]
    elif derived is not None:
        lines.append(rf"\\The text derives it in \eqref{{eq:{derived.name}}}.")
    else:
        lines += [chain(explain(proof), names) for proof in proofs]
    return "\n".join([r"\begingroup\raggedright", *lines, r"\par\endgroup\medskip", ""])


def _certificate(number: int, proof: Proof) -> str:
    """A step of an author's derivation: how many steps of the kernel, and their certificate."""
    count, digest = len(proof.certificate["steps"]), proof.certificate["sha256"]
    return rf"\\Step {number}: {count} by the kernel, \porismreplay{{{digest[:16]}}}"


def _grouped(digest: str) -> str:
    """A digest that may be broken after every eight digits."""
    return r"\allowbreak ".join(digest[n : n + 8] for n in range(0, len(digest), 8))


def _breakable(command: str) -> str:
    """A command whose long names may be broken at their underscores."""
    return escaped(command).replace("--", "-{}-").replace(r"\_", r"\_\allowbreak ")


def _known(entry: Entry, names: Names) -> str:
    """Verdict, domain, steps, hypotheses used and conditions, in words."""
    standing = entry.standing
    said = [VERDICTS.get(standing.status, standing.status)]
    if standing.why:
        said[0] += f" ({escaped(standing.why)})"
    if isinstance(entry.said, Statement) and (where := domains(entry.said, names)):
        said.append(f"Here {where}")
    steps = sum(len(proof.certificate["steps"]) for proof in standing.proofs)
    if steps:
        used = _used(standing.proofs, names)
        said.append(f"{steps} steps, replayed by the kernel, from {used or 'no hypothesis'}")
    where = [escaped(one) for proof in standing.proofs for one in proof.where]
    if where:
        said.append(f"It has a value where {listed(list(dict.fromkeys(where)))}")
    return ". ".join(said) + "."


def _used(proofs: Iterable[Proof], names: Names) -> str:
    shown = dict.fromkeys(
        f"${latex(one, names)}$" for proof in proofs for one in proof.hypotheses_used
    )
    return listed(list(shown)) if shown else ""


def domains(statement: Statement, names: Names) -> str:
    """The domains of the free symbols of a claim, in words with formulas between dollars."""
    claim = statement.unfolded
    if claim is None:
        return ""
    families = claim.atoms(IndexedBase)
    labels = {family.label for family in families}
    free = [s for s in claim.free_symbols if isinstance(s, Symbol) and s not in labels]
    shown: dict[str, list[str]] = {}
    for symbol in sorted([*free, *families], key=str):
        if not is_index(symbol, claim):
            shown.setdefault(domain(symbol), []).append(f"${latex(symbol, names)}$")
    return "; ".join(f"{listed(letters)}: {words}" for words, letters in shown.items())


def chain(explained: Explanation, names: Names) -> str:
    """A proof as lines: relation, expression that a line may break, reason at the right."""
    rows = [
        _step("", f"{latex(letter, names)} := {latex(value, names)}", "")
        for letter, value in explained.letters
    ]
    rows += [
        _step(line.relation, latex(line.expression, names), line.reason)
        for line in explained.lines
    ]
    return "\n".join([r"\begin{porismproof}", *rows, r"\end{porismproof}"])


def _step(relation: str, text: str, reason: str) -> str:
    shown = " ".join(rf"\porismpiece{{{{}} {piece}}}" for piece in pieces(text))
    return rf"\porismstep{{{relation}}}{{{shown}}}{{{reason}}}"
