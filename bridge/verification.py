"""`verify`: every oracle that applies to a claim, and the verdict that they carry."""

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from sympy import Eq, Ge, Gt, Le, Lt
from sympy.core.relational import Relational
from sympy.logic.boolalg import BooleanAtom

from bridge import coq
from bridge.ball_oracle import ball_evidence
from bridge.derivations import ORACLES as STEPWISE
from bridge.derivations import derivation_verdict
from bridge.exact_oracle import exact_evidence
from bridge.strings import is_about_strings, string_evidence
from bridge.verdict import Evidence, Status, Verdict
from formal import Derivation, prove, replay, statements
from formal.latex import latex
from formal.proof.prover import Proof
from formal.proof.symbols import check_size
from formal.proof.terms import ProofError
from formal.quantity import Quantity
from formal.statement import ClaimError, Statement

if TYPE_CHECKING:
    from bridge.model_oracle import ModelOracle
    from bridge.sample import Sample

PATIENCE = 30.0  # seconds for a proof, ten times what the slowest of the catalogue takes
ORACLES = ("kernel", "exact", "balls", "strings", "property", "model")
ON_REQUEST = ("coq", "audit")  # asked only by name: they judge the certificate once more


class UnknownStatementError(LookupError):
    """No statement of the catalogue has this name."""


def verify(
    claim: Statement | str | Relational | Derivation,
    assuming: Iterable[Relational] = (),
    *,
    oracles: Iterable[str] | None = None,
    sample: "Sample | ModelOracle | None" = None,
    seed: int = 0,
    examples: int = 100,
    catalogue: Mapping[str, Statement] | None = None,
    verdicts: Mapping[str, Verdict] | None = None,
) -> Verdict:
    """The verdict on a statement, on the statement of a name, a SymPy relation or a derivation.

    Applies the oracles asked for, as far as they apply: `kernel` proves for every size and
    replays the certificate, `exact` writes identities out at V = 2 and 3, `balls` encloses both
    sides, `strings` does so for claims over strings, `property` attacks the code that computes
    the quantities with at least `examples` inputs in each dtype, `model` confronts them with the
    outputs of a model, if a `sample` is given. `coq` and `audit`, on request, have Coq judge the
    certificate, and corrupt it and drop hypotheses. `assuming` adds hypotheses to those of the
    statement; `verdicts` are those already found by the same oracles, for statements that stand
    by their consequences. A derivation is judged step by step, by kernel, balls and strings
    unless others are asked for; its verdict is a `bridge.derivations.DerivationVerdict`.

    Raises:
        ClaimError: SymPy has already decided the relation, it is none, or it is too large.
        UnknownStatementError: No statement has the name.
        ValueError: An oracle is not one of `ORACLES`.
    """
    if isinstance(claim, Derivation):
        asked = _known(STEPWISE if oracles is None else oracles)
        options = {"oracles": asked, "sample": sample, "seed": seed, "examples": examples}
        return derivation_verdict(claim, tuple(assuming), lambda c, h: verify(c, h, **options))
    asked = _known(ORACLES if oracles is None else oracles)
    known = statements() if catalogue is None else catalogue
    statement = _statement(claim, tuple(assuming), known)
    if statement.claim is None and statement.kind == "conjecture":
        return Verdict.of(statement.name, (_open(statement, sample),), statement.latex)
    if statement.claim is None:
        options = {"oracles": asked, "sample": sample, "seed": seed, "examples": examples}
        found = dict(verdicts or {})
        for name in statement.consequences:
            if name not in found:
                found[name] = verify(known[name], catalogue=known, **options)
        return _by_consequences(statement, [found[name] for name in statement.consequences])
    evidence = [
        row
        for oracle in asked
        if (row := _RULES[oracle](statement, sample, seed, examples)) is not None
    ]
    return Verdict.of(statement.name, tuple(evidence), statement.latex)


def _known(oracles: Iterable[str]) -> tuple[str, ...]:
    asked = tuple(oracles)
    for oracle in asked:
        if oracle not in (*ORACLES, *ON_REQUEST):
            known = ", ".join((*ORACLES, *ON_REQUEST))
            raise ValueError(f"expected oracles among {known}, got {oracle!r}")
    return asked


def _statement(
    claim: Statement | str | Relational,
    assuming: tuple[Relational, ...],
    known: Mapping[str, Statement],
) -> Statement:
    if isinstance(claim, str):
        if claim not in known:
            raise UnknownStatementError(claim)
        claim = known[claim]
    if isinstance(claim, Statement):
        return claim.assuming(assuming)
    if isinstance(claim, (bool, BooleanAtom)):
        raise ClaimError(
            f"SymPy has already decided this relation: it is {claim}. Build it with "
            "evaluate=False, or leave out assumptions on symbols that amount to the claim"
        )
    if not isinstance(claim, (Eq, Le, Lt, Ge, Gt)):
        raise ClaimError(
            f"expected a statement, its name, or a relation such as Eq(a, b), got {claim!r}"
        )
    try:
        for relation in (claim, *assuming):
            check_size(relation)
    except (ProofError, RecursionError) as error:
        raise ClaimError(str(error) or "the expression is nested too deeply") from error
    kind = "identity" if isinstance(claim, Eq) else "inequality"
    return Statement.of(claim, kind, assuming, latex(claim))


# One rule per oracle: the evidence, or None where the oracle does not apply


def _kernel(statement: Any, *_: Any) -> Evidence | None:
    if statement.kind == "definition":
        return None
    claim, domain = statement.claim, statement.domain
    proof = prove(claim, domain, seconds=PATIENCE)
    if not isinstance(proof, Proof):
        return Evidence("kernel", Status.UNKNOWN, proof.reason)
    if not replay(proof.certificate, claim, domain):
        return Evidence("kernel", Status.UNKNOWN, "the certificate did not replay")
    steps = len(proof.certificate["steps"])
    conditions = list(proof.where)
    data = {
        "steps": steps,
        "sha256": proof.certificate["sha256"],
        "hypotheses_used": [str(hypothesis) for hypothesis in proof.hypotheses_used],
        "where": conditions,
        "certificate": proof.certificate,
    }
    where = f", where {', '.join(conditions)}" if conditions else ""
    every = "for every language model" if is_about_strings(statement) else "for every V"
    detail = f"{every}, certificate of {steps} steps replayed{where}"
    return Evidence("kernel", Status.PROVED, detail, data)


def _exact(statement: Any, *_: Any) -> Evidence | None:
    if statement.kind == "definition" or is_about_strings(statement):
        return None
    return exact_evidence(statement.claim, statement.domain)


def _coq(statement: Any, *_: Any) -> Evidence | None:
    if statement.kind == "definition" or is_about_strings(statement):
        return None
    proof = prove(statement.claim, statement.domain, seconds=PATIENCE)
    if not isinstance(proof, Proof):
        return Evidence("coq", Status.UNKNOWN, "there is no certificate to check")
    return coq.evidence(
        coq.check(proof.certificate, statement.claim, statement.domain, statement.name)
    )


def _balls(statement: Any, sample: Any, seed: int, examples: int) -> Evidence | None:
    if is_about_strings(statement):
        return None
    return ball_evidence(statement.claim, statement.domain, tight_at=statement.tight_at, seed=seed)


def _strings(statement: Any, sample: Any, seed: int, examples: int) -> Evidence | None:
    return string_evidence(statement, seed=seed) if is_about_strings(statement) else None


def _property(statement: Any, sample: Any, seed: int, examples: int) -> Evidence | None:
    from bridge.property_oracle import definition_evidence, property_evidence

    if is_about_strings(statement) or not statement.quantities:
        return None
    if statement.kind == "definition" and isinstance(statement.claim.lhs, Quantity):
        return definition_evidence(type(statement.claim.lhs), examples=examples, seed_=seed)
    return property_evidence(
        statement.claim,
        statement.domain,
        tight_at=dict(statement.tight_at),
        examples=examples,
        seed_=seed,
    )


def _model(statement: Any, sample: Any, seed: int, examples: int) -> Evidence | None:
    from bridge.model_oracle import ModelOracle

    if sample is None or is_about_strings(statement) or not statement.quantities:
        return None
    oracle = sample if isinstance(sample, ModelOracle) else ModelOracle(sample)
    if statement.kind == "definition" and isinstance(statement.claim.lhs, Quantity):
        return oracle.definition_evidence(type(statement.claim.lhs))
    return oracle.evidence(statement.claim, statement.domain, tight_at=statement.tight_at)


def _audit(statement: Any, sample: Any, seed: int, examples: int) -> Evidence | None:
    from bridge.audit import audit_evidence

    return None if statement.kind == "definition" else audit_evidence(statement, seed)


_RULES: dict[str, Callable[..., Evidence | None]] = {
    "kernel": _kernel,
    "exact": _exact,
    "balls": _balls,
    "strings": _strings,
    "property": _property,
    "model": _model,
    "coq": _coq,
    "audit": _audit,
}


def _open(statement: Statement, sample: "Sample | ModelOracle | None") -> Evidence:
    from bridge.conjectures import measured_on, open_evidence
    from bridge.model_oracle import ModelOracle

    seen = sample.sample if isinstance(sample, ModelOracle) else sample
    found = {} if seen is None else measured_on(seen, {statement.name: statement})
    return found.get(statement.name) or open_evidence(statement)


def _by_consequences(statement: Statement, verdicts: list[Verdict]) -> Verdict:
    """What is not a relation of numbers stands as well as the statements it is checked by."""
    bad = next((verdict for verdict in verdicts if not verdict), None)
    names = ", ".join(verdict.name for verdict in verdicts)
    if not verdicts:
        row = Evidence("cited", Status.UNKNOWN, "nothing computable follows from it here")
    elif bad is not None:
        row = Evidence("cited", bad.status, f"its consequence {bad.name} is {bad.status}")
    else:
        row = Evidence("cited", Status.SUPPORTED, f"by its consequences: {names}")
    return Verdict.of(statement.name, (row,), statement.latex)
