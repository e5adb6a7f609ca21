"""What `crosscheck` sees: `python -m benchmarks.crosscheck [--json FILE] [--faults N]`.

Right functions of many styles must pass, faults made of them be caught, equivalent mutants (by
balls, on inputs of their own) not be counted. Prints each figure beside its bar, then every
survivor and every false alarm; exit code 1 if a bar is missed. Seconds are those of a processor,
on one thread. `--against QUANTITY...` looks at some quantities only.
"""

from __future__ import annotations

import argparse
import json
import sys
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from statistics import median
from time import process_time
from typing import NamedTuple

import torch

from benchmarks import bars
from benchmarks.bars import Figure
from benchmarks.crosscheck.candidates import (
    Candidate,
    blind_suite,
    mutants_of,
    right_functions,
)
from benchmarks.crosscheck.equivalence import Outcome, judged
from bridge import crosscheck
from bridge.report.files import write_text
from bridge.verdict import Status

CAUGHT, MEDIAN, SLOWEST, SEEDS = 0.97, 3.0, 20.0, 10
BAD = (Status.REFUTED, Status.UNDEFINED)


class Seen(NamedTuple):
    """A candidate, what crosscheck said of it, and in what time."""

    candidate: Candidate
    status: Status
    broken: str
    cause: str
    seconds: float
    where: str = ""

    @property
    def caught(self) -> bool:
        """Whether it was blamed."""
        return self.status in BAD

    def __str__(self) -> str:
        c = self.candidate
        change = f" [{c.kind}] {c.change}" if c.kind else ""
        return f"{c.name}{change}: {self.status} {self.broken} {self.where}".strip()


def look(candidate: Candidate, where: str = "", seed: int = 0) -> Seen:
    """What crosscheck says of a candidate."""
    started = process_time()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of NumPy, about what it was asked
        verdict = crosscheck(
            candidate.function, candidate.against, array=candidate.array, seed=seed
        )
    seconds = process_time() - started
    broken = verdict.broken[0] if verdict.broken else ""
    return Seen(candidate, verdict.status, broken, verdict.cause, seconds, where)


def look_at_faults(mutants: Sequence[Candidate], count: int, told: Counter[str]) -> Iterator[Seen]:
    """What crosscheck says of mutants that are faults, until there are so many of these."""
    for candidate in mutants:
        if told[Outcome.FAULT] == count:
            return
        outcome, where = judged(candidate)
        told[outcome] += 1
        if outcome is Outcome.FAULT:
            yield look(candidate, where)


def of_right(seen: Sequence[Seen]) -> Iterator[Figure]:
    """Right functions that are blamed."""
    alarms = tuple(str(s) for s in seen if s.status is not Status.SUPPORTED)
    yield Figure("right functions", len(seen), ">= 25", len(seen) >= 25)
    yield Figure("right functions not SUPPORTED", len(alarms), "= 0", not alarms, alarms)


def of_faults(seen: Sequence[Seen], told: Counter[str]) -> Iterator[Figure]:
    """Faults that are caught, in all and by kind."""
    for outcome in (Outcome.EQUIVALENT, Outcome.BROKEN):
        yield Figure(f"mutants that are {outcome}, not counted", told[outcome], "", True)
    yield Figure("faults", len(seen), ">= 150", len(seen) >= 150)
    survivors = tuple(str(s) for s in seen if not s.caught)
    share = 1 - len(survivors) / max(1, len(seen))
    yield Figure("faults caught, share", share, f">= {CAUGHT}", share >= CAUGHT, survivors)
    for kind in sorted({s.candidate.kind for s in seen}):
        of_kind = [s for s in seen if s.candidate.kind == kind]
        caught = sum(s.caught for s in of_kind)
        yield Figure(f"  {kind}, {len(of_kind)} faults, caught", caught, "", True)
    yield Figure("faults with a guess of the cause", sum(bool(s.cause) for s in seen), "", True)


def of_blind(seen: Sequence[Seen]) -> Iterator[Figure]:
    """The blind suite: wrong functions caught, right ones passed."""
    wrong = [s for s in seen if not s.candidate.right]
    missed = tuple(str(s) for s in wrong if not s.caught)
    caught = len(wrong) - len(missed)
    yield Figure("blind suite, caught", caught, f"= {len(wrong)}", not missed, missed)
    right = [s for s in seen if s.candidate.right]
    alarms = tuple(str(s) for s in right if s.status is not Status.SUPPORTED)
    bar = f"= {len(right)}"
    yield Figure("blind suite, right passed", len(right) - len(alarms), bar, not alarms, alarms)


def of_times(seen: Iterable[Seen]) -> Iterator[Figure]:
    """Seconds for a function, on one thread."""
    seconds = sorted((s.seconds, s.candidate.name) for s in seen)
    middle, (slowest, name) = median(s for s, _ in seconds), seconds[-1]
    yield Figure("median, s", middle, f"< {MEDIAN}", middle < MEDIAN)
    yield Figure("slowest, s", slowest, f"< {SLOWEST}", slowest < SLOWEST, (name,))


def of_seeds(candidates: Sequence[Candidate], seeds: int) -> Iterator[Figure]:
    """Whether other seeds give other verdicts."""
    changing = []
    for candidate in candidates:
        found = {look(candidate, seed=seed).status for seed in range(seeds)}
        if len(found) > 1:
            changing.append(f"{candidate.name} {candidate.change}: {', '.join(sorted(found))}")
    name = f"of {len(candidates)} functions, verdicts that change with {seeds} seeds"
    yield Figure(name, len(changing), "= 0", not changing, tuple(changing))


def figures(
    count: int, seeds: int, against: Sequence[str], report: list[Seen]
) -> Iterator[Figure]:
    """Every figure; what was seen is added to `report`."""

    def asked(candidates: Sequence[Candidate]) -> list[Candidate]:
        return [c for c in candidates if not against or c.against in against]

    def shown(found: Iterable[Seen]) -> list[Seen]:
        kept = []
        for number, seen in enumerate(found, 1):
            print(f"\r{number} {seen.candidate.name:60.60}", end="", file=sys.stderr, flush=True)
            kept.append(seen)
        print("\r" + " " * 70, end="\r", file=sys.stderr)
        return kept

    origins = asked(right_functions())
    right = shown(map(look, origins))
    yield from of_right(right)
    told: Counter[str] = Counter()
    faulty = shown(look_at_faults(mutants_of(origins), count, told))
    yield from of_faults(faulty, told)
    blind = shown(map(look, asked(blind_suite())))
    yield from of_blind(blind)
    report += [*right, *faulty, *blind]
    yield from of_times(report)
    if seeds > 1:
        sample = [*origins[::8], *(s.candidate for s in faulty[::25])]
        yield from of_seeds(sample, seeds)


def main() -> int:
    """Measure, print a table, write JSON where asked; 1 if a bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, help="write the figures here")
    parser.add_argument("--faults", type=int, default=200, help="how many are looked for")
    parser.add_argument("--against", nargs="*", default=[], help="quantities; all by default")
    parser.add_argument("--seeds", type=int, default=SEEDS, help="for a sample of functions")
    options = parser.parse_args()
    torch.set_num_threads(1)
    seen: list[Seen] = []
    found = bars.printed(figures(options.faults, options.seeds, options.against, seen))
    if options.json:
        write_text(options.json, json.dumps(_document(found, seen), indent=2) + "\n")
    return 0 if all(figure.met for figure in found) else 1


def _document(found: Sequence[Figure], seen: Sequence[Seen]) -> dict[str, object]:
    return {
        "format": 1,
        "torch": torch.__version__,
        "figures": [figure._asdict() for figure in found],
        "functions": [
            {
                "name": s.candidate.name,
                "against": s.candidate.against,
                "right": s.candidate.right,
                "kind": s.candidate.kind,
                "change": s.candidate.change,
                "status": str(s.status),
                "broken": s.broken,
                "where": s.where,
                "cause": s.cause,
                "seconds": round(s.seconds, 3),
            }
            for s in seen
        ],
    }


if __name__ == "__main__":
    sys.exit(main())
