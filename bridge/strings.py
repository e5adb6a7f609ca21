"""The oracle for claims over strings: random finite-state language models, in Arb balls.

Both sides are evaluated on models with rational tables and a stop that is never far away, for all
short strings that stand for the free ones. Sums over all strings are intervals (see
`bridge.string_evaluation`), so that a disagreement is a rigorous refutation, and agreement comes
with the digits that were compared.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from math import inf
from random import Random
from typing import Any

from flint import arb, ctx
from sympy import Basic, Eq, Ge, Gt, Lambda, Le, Lt
from sympy.core.relational import Relational

from bridge.ball_numbers import BallError, UndecidedError, UndefinedError
from bridge.string_evaluation import Place, StringEvaluation, free_strings
from bridge.string_models import String, StringModel, models, strings, sum_of
from bridge.verdict import Evidence, Status
from formal.quantity import Quantity, instantiate, quantities
from formal.statement import Statement
from formal.strings import P, StringValue, SumOver, WordSymbol

ORACLE = "strings"
_PRECISION = 333  # bits, about 100 digits
_POINTS = 16  # strings tried per model
_DIGITS = 4  # a comparison by fewer says nothing
_SLACK = 1e-3  # an inequality that never comes closer than this was not put to the test


def is_about_strings(claim: Statement | Basic | None) -> bool:
    """Whether the claim speaks of functions of strings or of sums over strings."""
    if isinstance(claim, Statement):
        claim = claim.claim
    if claim is None:
        return False
    definitions = (quantity.body for quantity in quantities(claim))
    return any(e.has(StringValue, SumOver) for e in (claim, *definitions))


def string_evidence(
    statement: Statement | Relational,
    assuming: tuple[Relational, ...] = (),
    *,
    models: int = 8,
    seed: int = 0,
) -> Evidence:
    """What language models say of a claim over strings.

    SUPPORTED where both sides agree on every model; REFUTED with the tables of a model and the
    strings where they certainly do not; UNDEFINED where the hypotheses allow a point at which a
    side has no value; UNKNOWN where nothing was compared, or an inequality is nowhere tight, so
    that a stronger one could not have been told from it. Hypotheses of a `Statement` are its own;
    `assuming` adds to them.

    Raises:
        ValueError: The claim is not about strings.
    """
    claim = statement.claim if isinstance(statement, Statement) else statement
    if claim is None or not is_about_strings(claim):
        raise ValueError("expected a claim over strings; this one speaks of none")
    if not isinstance(claim, Eq | Le | Ge | Lt | Gt):
        reason = f"expected an equation or an inequality, got {type(claim).__name__}"
        return Evidence(ORACLE, Status.UNKNOWN, reason)
    trial = Trial(claim, (*getattr(statement, "domain", ()), *assuming))
    with ctx.workprec(_PRECISION):
        try:
            return _tried(trial, getattr(statement, "tight_at", {}), models, seed)
        except _Failure as failure:
            return failure.evidence
        except UndefinedError as error:
            return Evidence(ORACLE, Status.UNDEFINED, str(error))
        except BallError as error:
            return Evidence(ORACLE, Status.UNKNOWN, str(error))


class _Failure(Exception):
    """A point at which the claim fails or has no value."""

    def __init__(self, evidence: Evidence) -> None:
        super().__init__(evidence.detail)
        self.evidence = evidence


@dataclass
class Trial:
    """A claim under trial: what was compared so far, and how well."""

    claim: Relational
    domain: tuple[Relational, ...]
    points: int = 0
    excluded: int = 0
    undecided: int = 0
    models: int = 0
    largest: int = 0
    digits: float = inf
    slack: float = inf

    def on(self, model: StringModel, points: Iterator[Place]) -> None:
        """Try the claim on a model, at those strings that satisfy its hypotheses."""
        evaluation, before = StringEvaluation(model), self.points
        for at in points:
            try:
                if all(_holds(hypothesis, evaluation, at) for hypothesis in self.domain):
                    self._compare(evaluation, at)
                else:
                    self.excluded += 1
            except UndecidedError:
                self.undecided += 1
        self.models += self.points > before

    def _compare(self, evaluation: StringEvaluation, at: Place) -> None:
        model = evaluation.model
        try:
            left, right = (evaluation.value(side, at) for side in self.claim.args)
        except UndefinedError as error:
            witness = {**model.witness(), **_named(at)}
            evidence = Evidence(ORACLE, Status.UNDEFINED, str(error), witness=witness)
            raise _Failure(evidence) from error
        if _fails(self.claim, left, right):
            raise _Failure(_refutation(model, at, left, right))
        digits = _digits(self.claim, left, right)
        if digits < _DIGITS:
            raise UndecidedError("the sums over strings are known too roughly to compare")
        self.points += 1
        self.largest = max(self.largest, model.words)
        self.digits = min(self.digits, digits)
        self.slack = min(self.slack, float(abs(left - right).upper()))

    @property
    def data(self) -> dict[str, Any]:
        """The counts in plain data; digits are null where all values were exact."""
        return {
            "models": self.models,
            "largest_vocabulary": self.largest,
            "points": self.points,
            "excluded": self.excluded,
            "undecided": self.undecided,
            "digits": None if self.digits == inf else int(self.digits),
        }


def _tried(trial: Trial, tight_at: Mapping[Basic, Basic], count: int, seed: int) -> Evidence:
    rng = Random(f"strings {seed}")
    for model in models(count, seed):
        trial.on(model, _points(trial, model.words, rng))
    if not trial.points:
        reason = f"no point decided: {trial.excluded} outside the hypotheses"
        return Evidence(ORACLE, Status.UNKNOWN, reason, trial.data)
    if isinstance(trial.claim, Eq):
        return Evidence(ORACLE, Status.SUPPORTED, _sentence(trial), trial.data)
    slack = _tightness(trial, tight_at) if tight_at else trial.slack
    data = {**trial.data, "slack": None if slack == inf else slack}
    if slack > _SLACK:
        where = "where it should be tight" if tight_at else "anywhere"
        reason = f"not closer to equality than {slack:.2g} {where}: a stronger claim would pass"
        return Evidence(ORACLE, Status.UNKNOWN, reason, data)
    return Evidence(ORACLE, Status.SUPPORTED, _sentence(trial), data)


def _tightness(trial: Trial, tight_at: Mapping[Basic, Basic]) -> float:
    """Distance from equality where the statement says that there is none."""
    here = {symbol: value for symbol, value in tight_at.items() if symbol != P}
    claim, *domain = (_at(relation, here) for relation in (trial.claim, *trial.domain))
    special = Trial(claim, tuple(domain))
    formula = tight_at.get(P)
    if isinstance(formula, Lambda):
        tight: Iterable[StringModel] = [ClosedFormModel(formula, words=1, length=60)]
    else:
        tight = models(4, seed=0)
    rng = Random(0)
    for model in tight:
        special.on(model, _points(special, model.words, rng))
    return special.slack


def _at(relation: Relational, values: Mapping[Basic, Basic]) -> Relational:
    return instantiate(relation, values)  # type: ignore[return-value]


@dataclass(eq=False)
class ClosedFormModel:
    """A model given by a formula for the probability of a string; its total mass must be one."""

    family: Lambda
    words: int
    length: int

    def probability(self, string: String) -> arb:
        """The formula at the string."""
        return StringEvaluation(self).value(self.family.expr, {self.family.variables[0]: string})

    def tail(self, prefix: String) -> arb:
        """Bound on the mass of longer strings: one, less the mass of all others."""
        shown = strings(self.words, len(prefix) + self.length)
        missing = 1 - sum_of([self.probability(string) for string in shown])
        if missing < 0:
            raise UndefinedError("this is not a distribution: its mass exceeds one")
        return missing.nonnegative_part()

    def witness(self) -> dict[str, Any]:
        """The formula in LaTeX."""
        from formal.latex import latex

        return {"model": latex(self.family.expr), "words": self.words}


def _points(trial: Trial, words: int, rng: Random) -> Iterator[Place]:
    """Short strings for the free symbols: the shortest first, then a sample."""
    free = {symbol for r in (trial.claim, *trial.domain) for symbol in free_strings(r)}
    symbols = sorted(free, key=str)
    ranges = [_range(symbol, words) for symbol in symbols]
    places = sorted(product(*ranges), key=lambda place: sum(map(len, place)))
    if len(places) > _POINTS:
        places = places[: _POINTS // 2] + rng.sample(places[_POINTS // 2 :], _POINTS // 2)
    return (dict(zip(symbols, place, strict=True)) for place in places)


def _range(symbol: Basic, words: int) -> tuple[String, ...]:
    short = strings(words, 2)
    return short[1 : words + 1] if isinstance(symbol, WordSymbol) else short


def _holds(hypothesis: Relational, evaluation: StringEvaluation, at: Place) -> bool:
    """Whether a hypothesis holds; one that has no value does not."""
    try:
        left, right = (evaluation.value(side, at) for side in hypothesis.args)
    except UndefinedError:
        return False
    if isinstance(hypothesis, Eq):
        return left.overlaps(right)
    certain = {Gt: left > right, Ge: left >= right, Lt: left < right, Le: left <= right}
    if not certain[type(hypothesis)] and not _fails(hypothesis, left, right):
        raise UndecidedError("a hypothesis can be neither confirmed nor denied")
    return certain[type(hypothesis)]


def _fails(relation: Relational, left: arb, right: arb) -> bool:
    """Whether the relation is certainly false."""
    if isinstance(relation, Eq):
        return not left.overlaps(right)
    fails = {Gt: left <= right, Ge: left < right, Lt: left >= right, Le: left > right}
    return fails[type(relation)]


def _digits(relation: Relational, left: arb, right: arb) -> float:
    """Decimal digits to which two sides are compared: of an equation relative to their size."""
    scale = max(abs(left).upper(), abs(right).upper()) if isinstance(relation, Eq) else arb(1)
    width = (left - right).rad()
    if width == 0 or scale == 0:
        return inf
    return -float((width / scale).log() / arb(10).log())


def _refutation(model: StringModel, at: Place, left: arb, right: arb) -> Evidence:
    sides = {"left": left.str(20), "right": right.str(20)}
    where = ", ".join(f"{name} = {value}" for name, value in _named(at).items())
    detail = f"{sides['left']} against {sides['right']} at {where or 'one model'}"
    witness = {**model.witness(), **_named(at), **sides}
    return Evidence(ORACLE, Status.REFUTED, detail, witness=witness)


def _named(at: Place) -> dict[str, str]:
    """Strings by the names of their symbols; words are numbered from one."""
    return {
        str(symbol): " ".join(str(word + 1) for word in string) or "(empty)"
        for symbol, string in at.items()
    }


def _sentence(trial: Trial) -> str:
    """What was compared, in one line."""
    digits = "exactly" if trial.digits == inf else f"to {int(trial.digits)} digits or more"
    if _is_definition(trial.claim):
        digits = "defined there; both sides are one expression"
    skipped = f", {trial.excluded} outside the hypotheses" if trial.excluded else ""
    skipped += f", {trial.undecided} undecided" if trial.undecided else ""
    return (
        f"{trial.models} models with up to {trial.largest} words, "
        f"{trial.points} points, {digits}{skipped}"
    )


def _is_definition(claim: Relational) -> bool:
    left, right = claim.args
    return isinstance(left, Quantity) and left.definition() == right
