"""Laws: what the catalogue states about a quantity, asked of a function that computes it.

A statement is a law for a function if a quantity that the function computes occurs in it, however
deep, or is what the definition of that quantity is made of. It is confronted as `bridge.confront`
does it, with the function in the place of the project's own code, and everything else in the
statement as it is. A function is refuted by a law only if the law is proved: a proof is searched
for, and replayed, when a law fails.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import torch
from sympy import Basic, Derivative
from torch import Tensor

from bridge import lexicon
from bridge.arrays import Assignment, Evaluation
from bridge.confront import Confrontation, confront
from bridge.crosschecking.calls import Calls
from bridge.crosschecking.instances import Law, instance_of
from bridge.crosschecking.patience import TimeLimit
from bridge.crosschecking.stands import Stand
from bridge.domain import Domain, closure
from bridge.lexicon import Code, Role
from bridge.measured import CodeError, UnsupportedError
from bridge.running import slack
from bridge.strategies import Recipe, assign
from bridge.tightness import tighten
from formal import prove, replay
from formal.proof.prover import Proof
from formal.proof.terms import ProofError
from formal.quantity import Quantity, quantities
from formal.statement import Statement

ROWS, MORE_ROWS = 4, 12  # more where a function selects tokens
SIZES = (4,)
STYLES = ("halves", "normal", "ties", "dominant")
UNTIED = ("normal", "dominant")  # where a tie decides what a function returns
PATIENCE = 10.0  # seconds for the proof of a law that fails


@dataclass(frozen=True)
class Broken:
    """A law that the function breaks, and inputs on some row of which it does; `told` says so
    where a side has no value."""

    law: Law
    inputs: Assignment
    told: str = ""

    @property
    def proved(self) -> bool:
        """Whether the kernel replays a proof of the statement that is found in some seconds."""
        return _proved(self.law.statement.claim, self.law.statement.domain)


@dataclass
class Laws:
    """Which laws were asked, which hold, and which are broken."""

    held: list[str] = field(default_factory=list)
    broken: list[Broken] = field(default_factory=list)
    not_asked: dict[str, str] = field(default_factory=dict)
    moved: int = 0  # laws that would have failed, had they been moved by a thousandth


def laws_of(calls: Calls, catalogue: Mapping[str, Statement]) -> Iterator[Law]:
    """The statements in which a quantity occurs that the function computes, and those that are
    about one of them by its definition."""
    stands = calls.target.stands
    own = {stand.quantity: stand for stand in stands}
    for statement in catalogue.values():
        if statement.kind not in ("identity", "inequality"):
            continue
        claim: Any = statement.claim
        if _quantities(claim) & own.keys():
            law: Law | None = Law(statement, claim, statement.domain)
        else:
            found = (instance_of(statement, stand.quantity) for stand in stands)
            law = next((one for one in found if one is not None), None)
        if law is not None:
            yield _within_reach(law, own)


def _within_reach(law: Law, own: Mapping[type[Quantity], Stand]) -> Law:
    """The law under the hypotheses that its arguments are such as the function takes."""
    further = dict.fromkeys(
        hypothesis
        for node in quantities(law.claim)
        if type(node) in own
        for hypothesis in own[type(node)].domain(node)
        if hypothesis not in law.hypotheses
    )
    return replace(law, hypotheses=(*law.hypotheses, *further))


def look_at_laws(
    calls: Calls,
    catalogue: Mapping[str, Statement],
    dtype: str,
    seed: int,
    *,
    smooth: bool,
    in_temperature: bool,
) -> Laws:
    """Ask every law; those with derivatives of the function only if it is `smooth`, and those
    with derivatives in its temperature only where the function gives them.

    Raises:
        TimeLimit: The function did not return in time.
    """
    seen = Laws()
    codes = codes_of(calls)
    for law in laws_of(calls, catalogue):
        reason = _unasked(calls, law, smooth, in_temperature)
        if reason:
            seen.not_asked[law.name] = reason
            continue
        try:
            _ask(law, calls, codes, dtype, seed, seen)
        except TimeLimit:
            raise
        except UnsupportedError as problem:
            seen.not_asked[law.name] = f"not evaluated on arrays: {problem}"
        except Exception as problem:  # the function's own, on inputs that a law makes
            told = f"{type(problem).__name__}: {problem}".splitlines()[0]
            seen.not_asked[law.name] = f"the function raises {told}"
    return seen


def _ask(
    law: Law,
    calls: Calls,
    codes: Mapping[type[Quantity], Code],
    dtype: str,
    seed: int,
    seen: Laws,
) -> None:
    domain = Domain(law.claim, law.hypotheses)
    styles, rows = (STYLES, ROWS) if calls.target.continuous else (UNTIED, MORE_ROWS)
    before = calls.patience.called
    moved = asked = False
    for size in SIZES:
        recipe = Recipe(size, styles, seed, rows)
        at = assign(domain, recipe, getattr(torch, dtype))
        for inputs in _inputs(at, law, domain):
            try:
                found = confronted(law, inputs, codes)
            except CodeError as problem:
                seen.broken.append(Broken(law, inputs, str(problem)))
                return
            if bool(found.violated.any()):
                seen.broken.append(Broken(law, inputs))
                return
            asked |= found.cases > 0
            moved |= found.moved_is_seen
    if not asked:
        seen.not_asked[law.name] = "no case met the hypotheses and was well conditioned"
    elif calls.patience.called == before:
        seen.not_asked[law.name] = "the function is not called: its value cancels"
    else:
        seen.held.append(law.name)
        seen.moved += moved


def confronted(
    law: Law, inputs: Assignment, codes: Mapping[type[Quantity], Code]
) -> Confrontation:
    """The two sides of a law on some inputs, with a function in the place of quantities."""
    domain = Domain(law.claim, law.hypotheses)
    found = confront(domain.claim, Evaluation(inputs, codes), domain.hypotheses)
    size = next(size for s, size in inputs.sizes.items() if s.name == "V")
    return _of_a_nat(found, size)


def _of_a_nat(found: Confrontation, size: int) -> Confrontation:
    """The confrontation with at least the roundings allowed that a nat has."""
    left, right = found.sides
    floor = slack(size) * torch.finfo(left.dtype).eps * (left.abs() + right.abs() + 1)
    return replace(found, allowance=torch.maximum(found.allowance, floor))


def _inputs(at: Assignment, law: Law, domain: Domain) -> Iterator[Assignment]:
    yield at
    if law.statement.tight_at and not law.by:
        yield tighten(at, law.statement.tight_at, derivative=domain.has_derivative)


def codes_of(calls: Calls) -> dict[type[Quantity], Code]:
    """The function as the lexicon would call it, for each quantity that it computes."""

    def function(*arguments: Any) -> Tensor:
        return calls.patience.run(lambda: _through(calls, arguments))

    found = {}
    for stand in calls.target.stands:
        known = lexicon.code_of(stand.quantity)
        trusted = known[0].function if known else None
        name = getattr(calls.function, "__name__", "the function")
        code = stand.code(function)
        zeros = not calls.target.continuous  # at tokens that are not selected
        found[stand.quantity] = Code(code, stand.roles, name, exact_zeros=zeros, trusted=trusted)
    return found


def _through(calls: Calls, arguments: tuple[Any, ...]) -> Tensor:
    """The function's value on tensors, by arrays of its kind."""
    with torch.enable_grad():
        if calls.arrays.is_torch:
            held = [a.clone() if isinstance(a, Tensor) else a for a in arguments]
            return calls.function(*held)
        held = [
            float(a)
            if isinstance(a, Tensor) and a.ndim == 0 and a.is_floating_point()
            else calls.arrays.enter(a.detach())
            if isinstance(a, Tensor)
            else a
            for a in arguments
        ]
        value = calls.arrays.leave(calls.function(*held))
        if value is None:
            raise UnsupportedError("the function returns no array")
        return value


def _unasked(calls: Calls, law: Law, smooth: bool, in_temperature: bool) -> str:
    """Why a law cannot be asked of the function, or nothing."""
    claim: Any = law.claim
    domain = Domain(claim, law.hypotheses)
    if domain.has_integral:
        return "an integral, for which the function would be called thousands of times"
    if domain.is_table_of_slopes:
        return "a table of derivatives"
    roles = {stand.quantity: stand.roles for stand in calls.target.stands}
    for node in closure([claim]):
        if not isinstance(node, Derivative):
            continue
        inside = [n for n in closure([node.expr]) if type(n) in roles]
        if inside and not smooth:
            return "a derivative, which the function does not give"
        if not in_temperature and any(_moves_number(n, roles[type(n)], node) for n in inside):
            return "a derivative in the temperature, which the function does not give"
    return ""


def _moves_number(node: Any, roles: tuple[Role, ...], derivative: Any) -> bool:
    """Whether what a derivative varies enters a quantity as a temperature or another number."""
    varied = set().union(*(v.free_symbols for v in derivative.variables))
    numbers = (a for a, role in zip(node.args, roles, strict=True) if role is Role.TEMPERATURE)
    return any(number.free_symbols & varied for number in numbers)


@lru_cache(maxsize=4096)
def _quantities(expression: Basic) -> frozenset[type[Quantity]]:
    """The quantities in an expression, and in the definitions of those without code."""
    own = frozenset(type(node) for node in quantities(expression))
    return own.union(*(_within(kind) for kind in own))


@lru_cache(maxsize=1024)
def _within(kind: type[Quantity]) -> frozenset[type[Quantity]]:
    """The quantities in the definition of one, where no code computes it."""
    return frozenset() if lexicon.code_of(kind) else _quantities(kind.body)


@lru_cache(maxsize=256)
def _proved(claim: Any, domain: tuple[Any, ...]) -> bool:
    """Whether the kernel replays a proof of a claim that is found in some seconds."""
    try:
        proof = prove(claim, domain, seconds=PATIENCE)
        return isinstance(proof, Proof) and bool(replay(proof.certificate, claim, domain))
    except ProofError:
        return False
