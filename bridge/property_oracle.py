"""The property oracle: Hypothesis attacks the claim as the project's code computes it.

A theorem is confronted through the functions that compute its quantities; a definition holds
every function of the lexicon against the formula in balls (see `bridge.reference`).
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import product
from typing import Any

import torch
from hypothesis import HealthCheck, Phase, given, seed, settings
from sympy.core.relational import Relational

from bridge import lexicon
from bridge.arrays import Assignment, Evaluation
from bridge.confront import confront
from bridge.domain import Domain
from bridge.lexicon import FAMILIES, Code
from bridge.measured import CodeError, UnsupportedError
from bridge.reference import compare, masked
from bridge.strategies import SIZES, SMALL_SIZES, batches
from bridge.tally import Tally, Violation
from bridge.tightness import tighten
from bridge.verdict import Evidence, Status
from formal.quantity import Quantity
from formal.symbols import V

FEWEST = 8  # batches, each of one size and a few styles: the first one has a single state
DTYPES = {"float64": torch.float64, "float32": torch.float32}


def property_evidence(
    claim: Relational,
    assuming: tuple[Relational, ...] = (),
    *,
    tight_at: dict[Any, Any] | None = None,
    examples: int = 100,
    seed_: int = 0,
    dtypes: tuple[str, ...] = ("float64", "float32"),
) -> Evidence:
    """Confront a claim on at least `examples` hard inputs in each dtype.

    SUPPORTED: no counterexample, and the claim moved by 1e-3 has one. REFUTED: with a witness.
    UNDEFINED: code returned NaN on legal inputs. UNKNOWN: nothing was decided, or nothing here
    could have told the claim from the moved one.
    """
    domain = Domain(claim, assuming)
    tally = Tally()
    try:
        for name in dtypes:
            _attack(domain, DTYPES[name], tight_at or {}, examples, seed_, tally)
            tally.dtypes.add(name)
            if tally.witness or tally.undefined:
                break
    except UnsupportedError as problem:
        return Evidence("property", Status.UNKNOWN, f"not evaluated on arrays: {problem}")
    return _evidence(tally)


def definition_evidence(
    quantity: type[Quantity],
    *,
    examples: int = 100,
    seed_: int = 0,
    dtypes: tuple[str, ...] = ("float64", "float32"),
) -> Evidence | None:
    """Hold every function that computes a quantity against its definition; None without code.

    At least `examples` inputs in each dtype are shared out among the functions; where the
    quantity is one of a single distribution, half of them have masked tokens.
    """
    node = quantity(*quantity.parameters)
    domain = Domain(quantity.statement.claim, quantity.statement.domain)
    tally = Tally()
    codes = lexicon.code_of(quantity)
    each = -(-examples // max(1, 2 * len(codes)))
    for code, name in product(codes, dtypes):
        _run(_definition_checker(node, code, tally), domain, DTYPES[name], each, seed_, 8)
        tally.dtypes.add(name)
        if tally.witness or tally.undefined:
            tally.code = code.name
            break
    return _evidence(tally) if codes else None


def _definition_checker(node: Quantity, code: Code, tally: Tally) -> Callable[[Assignment], None]:
    single = sum(role in FAMILIES for role in code.roles) == 1

    def check(at: Assignment) -> None:
        at = replace(at, uncertainty=0.0)  # code normalizes the logarithms it is given
        tally.take(at, lambda: compare(node, code, at))
        if single and at.sizes[V] > 2:
            hidden = masked(node, code, at)
            tally.take(hidden, lambda: compare(node, code, hidden))

    return check


def _attack(
    domain: Domain, dtype: torch.dtype, tight_at: dict, examples: int, seed_: int, tally: Tally
) -> None:
    rows = 4 if domain.has_integral else 16
    check = _checker(domain, tight_at, tally)
    _run(check, domain, dtype, 8 if domain.has_integral else examples, seed_, rows)


def _run(
    check: Callable[[Assignment], None],
    domain: Domain,
    dtype: torch.dtype,
    examples: int,
    seed_: int,
    rows: int,
) -> None:
    small = SMALL_SIZES[:-1] if domain.is_table_of_slopes else SMALL_SIZES
    sizes = small if domain.is_dense else SIZES if rows > 8 else SIZES[:-1]
    runs = max(2 if domain.has_integral else FEWEST, -(-examples // rows))
    drawn = given(batches(domain, dtype, sizes, rows))(check)
    quiet = settings(
        max_examples=runs,
        database=None,
        deadline=None,
        suppress_health_check=tuple(HealthCheck),  # type: ignore[arg-type]
        phases=(Phase.generate, Phase.shrink),
        report_multiple_bugs=False,
    )
    try:
        seed(seed_)(quiet(drawn))()
    except (Violation, CodeError):
        pass  # the tally holds the witness


def _checker(domain: Domain, tight_at: dict, tally: Tally) -> Callable[[Assignment], None]:
    def check(at: Assignment) -> None:
        for inputs in [at, *_tight(at, tight_at, domain)]:
            look = partial(confront, domain.claim, Evaluation(inputs), domain.hypotheses)
            tally.take(inputs, look)

    return check


def _tight(at: Assignment, tight_at: dict, domain: Domain) -> list[Assignment]:
    return [tighten(at, tight_at, derivative=domain.has_derivative)] if tight_at else []


def _evidence(tally: Tally) -> Evidence:
    residual, allowance = tally.worst
    data = {
        "cases": tally.cases,
        "skipped": tally.skipped,
        "worst_residual": residual,
        "allowance": allowance,
        "dtypes": sorted(tally.dtypes, reverse=True),
        "moved_claim_fails": tally.moved_is_seen,
    }
    if tally.witness is not None:
        detail = (
            f"{tally.code or 'the claim'} fails in {tally.witness['dtype']}: "
            f"residual {tally.witness['residual']:.2e}, "
            f"allowed {tally.witness['allowance']:.2e}"
        )
        return Evidence("property", Status.REFUTED, detail, data, tally.witness)
    if tally.undefined:
        return Evidence("property", Status.UNDEFINED, tally.undefined, data)
    if not tally.cases:
        return Evidence(
            "property", Status.UNKNOWN, "no case met the hypotheses and was well conditioned", data
        )
    if not tally.moved_is_seen:
        detail = f"{tally.cases} cases, but the claim moved by 1/1000 passes them too"
        return Evidence("property", Status.UNKNOWN, detail, data)
    detail = (
        f"{tally.cases} cases in {' and '.join(data['dtypes'])}, worst {max(residual, 0):.1e} "
        f"of {allowance:.1e} allowed; {tally.skipped} skipped"
    )
    return Evidence("property", Status.SUPPORTED, detail, data)
