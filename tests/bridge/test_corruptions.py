"""No corruption of a certificate gets through, and a replay that lets one through is caught."""

import json
from random import Random
from typing import Any

import pytest

from bridge.corruptions import corrupted, deep, raw, tally
from formal.proof.certificate import digest
from formal.proof.prover import replay
from tests.formal.certified import CASES, GIBBS, certificate

EACH = 30


@pytest.mark.parametrize(("claim", "assuming"), CASES)
def test_every_corruption_is_rejected_or_means_the_same(claim: Any, assuming: Any) -> None:
    counted, wrong = tally(certificate(claim, assuming), claim, assuming, Random(1), EACH)
    assert not wrong
    assert counted["rejected"] >= EACH * 4 // 5


@pytest.mark.parametrize("corruption", [raw, deep])
def test_a_corruption_has_a_right_hash_and_differs(corruption: Any) -> None:
    data, random = certificate(*GIBBS), Random(0)
    found = [corruption(data, random) for _ in range(50)]
    assert all(bad["sha256"] == digest(bad) for bad in found)
    assert sum(bad != data for bad in found) > 40


def test_deep_corruptions_are_refused_by_rules_and_not_for_their_form() -> None:
    """In canonical form no row is written twice, and each refers to earlier rows only."""
    data, random = certificate(*GIBBS), Random(0)
    for _ in range(20):
        rows = deep(data, random)["terms"]
        assert len({json.dumps(row) for row in rows}) == len(rows)
        for place, row in enumerate(rows):
            assert all(part[0] < place for part in row if isinstance(part, list))


def test_a_replay_that_accepts_everything_is_caught() -> None:
    data = certificate(*GIBBS)
    _, wrong = tally(data, *GIBBS, Random(1), EACH, replayed=lambda *_: True)
    assert len(wrong) > EACH // 2


def test_a_replay_that_trusts_the_hash_alone_is_caught() -> None:
    data = certificate(*GIBBS)
    trusting = lambda bad, *_: bad["sha256"] == digest(bad)  # noqa: E731
    _, wrong = tally(data, *GIBBS, Random(1), EACH, replayed=trusting)
    assert wrong


def test_corruptions_are_those_of_the_seed() -> None:
    data = certificate(*GIBBS)
    assert corrupted(data, Random(3)) == corrupted(data, Random(3))
    assert replay(data, *GIBBS)
