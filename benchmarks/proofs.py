"""What is proved, refuted and rejected: `python -m benchmarks.proofs [--json FILE] [--coq]`.

Prints each figure beside its bar and, below, whatever missed; exit code 1 if a bar is missed.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median
from time import perf_counter

from benchmarks import bars
from benchmarks import proof_batteries as batteries
from benchmarks.bars import Figure
from benchmarks.confrontation import BAD, Outcome
from benchmarks.proof_batteries import CORPORA, Attempt
from bridge.coq import CoqResult

MEDIAN, SLOWEST, TOTAL = 0.2, 5.0, 30.0  # seconds
TEXTBOOK = 0.95  # 38 of 40
COQ = 0.9


def of_catalogue(attempts: Sequence[Attempt], wall: float) -> Iterator[Figure]:
    """What is proved of the catalogue, and in what time."""
    for kind in ("identity", "inequality"):
        asked = [a for a in attempts if a.kind == kind]
        missed = tuple(f"{a.name}: {a.detail}" for a in asked if not a.proved)
        name = {"identity": "identities", "inequality": "inequalities"}[kind]
        proved = len(asked) - len(missed)
        yield Figure(f"catalogue, {name} proved", proved, f"= {len(asked)}", not missed, missed)
    seconds = sorted((a.seconds, a.name) for a in attempts)
    middle, slowest = median(s for s, _ in seconds), seconds[-1]
    yield Figure("median proof, s", middle, f"< {MEDIAN}", middle < MEDIAN)
    fast = slowest[0] < SLOWEST
    yield Figure("slowest proof, s", slowest[0], f"< {SLOWEST}", fast, (slowest[1],))
    yield Figure("whole catalogue, two processes, s", wall, f"< {TOTAL}", wall < TOTAL)


def of_corpus(
    name: str, attempts: Sequence[Attempt], slips: Sequence[batteries.Slip]
) -> Iterator[Figure]:
    """What is proved and refuted of a frozen corpus."""
    missed = tuple(f"{a.name}: {a.detail}" for a in attempts if not a.proved)
    proved, least = len(attempts) - len(missed), round(TEXTBOOK * len(attempts))
    bar = f">= {least} of {len(attempts)}"
    yield Figure(f"{name}, identities proved", proved, bar, proved >= least, missed)
    open_ = tuple(f"{s.name}: {s.detail}" for s in slips if not s.refuted)
    refuted = len(slips) - len(open_)
    yield Figure(f"{name}, slips refuted", refuted, f"= {len(slips)}", not open_, open_)
    proofs = tuple(s.name for s in slips if s.proved)
    yield Figure(f"{name}, slips proved", len(proofs), "= 0", not proofs, proofs)


def of_mutants(findings: Sequence[batteries.Finding]) -> Iterator[Figure]:
    """What prover and balls say of mutants; only contradictions and silence are bad."""
    counted = Counter(finding.outcome for finding in findings)
    yield Figure("mutants", len(findings), "", True)
    for outcome in Outcome:
        bad, listed = outcome in BAD, outcome in BAD | {Outcome.WEAKER}
        notes = tuple(
            f"{f.of}, {f.change}: {f.claim[:200]} ({f.detail[:120]})"
            for f in findings
            if f.outcome is outcome and listed
        )
        met = not (bad and counted[outcome])
        yield Figure(f"mutants, {outcome}", counted[outcome], "= 0" if bad else "", met, notes)


def of_corruptions(counted: Counter[str], accepted: Sequence[str]) -> Iterator[Figure]:
    """What became of corrupted certificates."""
    yield Figure("corrupted certificates rejected", counted["rejected"], "", True)
    yield Figure("corrupted, but of the same meaning", counted["same meaning"], "", True)
    notes = tuple(accepted)
    yield Figure("corrupted and accepted", len(accepted), "= 0", not accepted, notes)


def of_coq(results: Sequence[tuple[str, CoqResult]]) -> Iterator[Figure]:
    """What share of the proved identities Coq accepts, and why not the others."""
    notes = tuple(f"{name}: {r.answer}: {r.message}" for name, r in results if not r)
    share = 1 - len(notes) / max(1, len(results))
    met = bool(results) and share >= COQ
    yield Figure("proved identities accepted by Coq, share", share, f">= {COQ}", met, notes)


def figures(mutants: int, corruptions: int, seed: int, coq: bool = False) -> Iterator[Figure]:
    """Every figure, battery by battery."""
    started = perf_counter()
    attempts = batteries.catalogue()
    yield from of_catalogue(attempts, perf_counter() - started)
    for name in CORPORA:
        yield from of_corpus(name, batteries.identities(name), batteries.slips(name))
    yield from of_mutants(batteries.confrontations(mutants, seed))
    proved = [attempt.name for attempt in attempts if attempt.proved]
    yield from of_corruptions(*batteries.corruptions(proved, corruptions, seed))
    if coq:
        asked = [a.name for a in attempts if a.proved and a.kind == "identity"]
        yield from of_coq(batteries.coq(asked))


def main() -> int:
    """Measure, print a table, write JSON where asked; 1 if a bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, help="write the figures here")
    parser.add_argument("--mutants", type=int, default=500)
    parser.add_argument("--corruptions", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--coq", action="store_true", help="ask Coq as well")
    options = parser.parse_args()
    found = bars.printed(figures(options.mutants, options.corruptions, options.seed, options.coq))
    if options.json:
        document = {"format": 1, "seed": options.seed, "figures": [f._asdict() for f in found]}
        options.json.write_text(json.dumps(document, indent=2) + "\n")
    return 0 if all(figure.met for figure in found) else 1


if __name__ == "__main__":
    sys.exit(main())
