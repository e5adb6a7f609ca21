"""The one small edit that makes a wrong step right, if there is one.

Edits are tried at a few points in balls, which most do not survive; what survives is proved. The
hypotheses that are often forgotten, that a family sums to one, are tried as well.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from time import monotonic
from typing import Any, cast

from sympy import Basic, Eq, Ge, Gt, Indexed, Le, Lt, Sum
from sympy.core.relational import Relational

from bridge.ball_comparison import RULES, compared
from bridge.ball_numbers import BallError, UndecidedError, UnsupportedError
from bridge.ball_oracle import ball_evidence
from bridge.balls import Evaluation
from bridge.edits import Edit, edits
from bridge.plain_math import plain
from bridge.points import Case, draws, roles_of
from bridge.roles import Roles
from bridge.verdict import Status
from formal import prove
from formal.latex import latex
from formal.quantity import Quantity, unfold

PATIENCE = 6.0  # seconds for the whole search,
PROOF = 3.0  # and for each proof
ROUGH = 96  # bits
POINTS = 9  # simple points of one to four states
LONG = 60  # letters of a part that is not written twice
MOST = 1500  # edits that are tried
TURNED: dict[type, Any] = {Le: Ge, Lt: Gt, Ge: Le, Gt: Lt}


@dataclass(frozen=True)
class Suggestion:
    """An edit in words, the relation that it gives, the hypothesis that it adds, if it does, and
    whether the result was proved or only not refuted."""

    text: str
    claim: Relational
    assuming: tuple[Relational, ...]
    proved: bool

    def __str__(self) -> str:
        """What to tell the author of the step."""
        found = "the step is proved" if self.proved else "no counterexample was found"
        return f"{self.text} {found}"


def suggestion(
    claim: Relational, assuming: Sequence[Relational], *, left: bool = False
) -> Suggestion | None:
    """The likeliest edit of the right side, with `left` of either, that makes a false claim right.

    An edit that is proved is preferred to one that is only not refuted; without any, None.
    """
    deadline = monotonic() + PATIENCE
    second: Suggestion | None = None
    for found in _surviving(claim, tuple(assuming), left, deadline):
        if prove(found.claim, found.assuming, seconds=PROOF):
            return Suggestion(found.text, found.claim, found.assuming, True)
        second = second or found
        if monotonic() > deadline:
            break
    return second


def _surviving(
    claim: Relational, assuming: tuple[Relational, ...], left: bool, deadline: float
) -> Iterator[Suggestion]:
    """Edits that balls do not refute."""
    try:
        roles = roles_of(unfold(claim), assuming, {})
        tests = [
            _Test(Evaluation(case.point, ROUGH), case)
            for case in draws(unfold(claim), assuming, count=POINTS).cases
        ]
    except UnsupportedError:
        return
    yield from _turned(claim, assuming, tests)
    yield from _normalizing(claim, assuming, roles)
    for text, edited in islice(_edited(claim, roles, left), MOST):
        if monotonic() > deadline:
            return
        if all(test.allows(edited) for test in tests):
            yield Suggestion(text, edited, assuming, False)


def _edited(claim: Relational, roles: Roles, left: bool) -> Iterator[tuple[str, Relational]]:
    for n in (1, 0) if left else (1,):
        for edit in edits(cast(Any, claim.args[n]), roles):
            sides = [*claim.args]
            sides[n] = edit.expression
            edited: Any = claim.func(*sides, evaluate=False)
            yield _told(edit), edited


def _told(edit: Edit) -> str:
    before, after = (plain(latex(part)) for part in (edit.before, edit.after))
    if len(before) > LONG and edit.before != 0:
        ratio = edit.after / edit.before
        if not ratio.has(Sum, Indexed, Quantity):
            return f"with the factor {plain(latex(ratio))} before {before}"
    return f"with {after} in place of {before}"


def _turned(
    claim: Relational, assuming: tuple[Relational, ...], tests: Sequence["_Test"]
) -> Iterator[Suggestion]:
    """The inequality the other way round."""
    if type(claim) in TURNED:
        other = TURNED[type(claim)](*claim.args, evaluate=False)
        if all(test.allows(other) for test in tests):
            yield Suggestion("the other way round", other, assuming, False)


def _normalizing(
    claim: Relational, assuming: tuple[Relational, ...], roles: Roles
) -> Iterator[Suggestion]:
    """The hypothesis that a positive family sums to one over its last or only axis."""
    for family in roles.axes:
        limit = _range_of(claim, family) if getattr(family, "is_positive", False) else None
        if limit is None:
            continue
        total: Any = Eq(Sum(cast(Any, family)[limit[0]], limit), 1, evaluate=False)
        held = (*assuming, total)
        if ball_evidence(claim, held, points=POINTS).status is Status.SUPPORTED:
            yield Suggestion(f"with {plain(latex(total))} assumed", claim, held, False)


def _range_of(claim: Basic, family: Basic) -> Any:
    """The index and range of a sum over the components of a family of one index, or None."""
    for total in sorted(unfold(claim).atoms(Sum), key=str):
        entries = {e.indices for e in total.atoms(Indexed) if e.base == family}
        for limit in total.limits:
            if (limit[0],) in entries:
                return limit
    return None


@dataclass(frozen=True)
class _Test:
    """A point at which edits are tried; what the expressions share is computed once."""

    evaluation: Evaluation
    case: Case

    def allows(self, claim: Relational) -> bool:
        """Whether the claim may hold here, and is defined."""
        plainly = unfold(claim)
        for indices in self.case.indices:
            try:
                comparison = compared(cast(Relational, plainly), self.evaluation, indices)
            except UndecidedError:
                continue
            except BallError:
                return False
            if RULES[type(claim)](comparison.difference) is False:
                return False
        return True
