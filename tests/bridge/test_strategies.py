"""The strategies that anybody may use: legal, hard, and shrinking to something simple."""

import numpy as np
import torch
from hypothesis import find, given, settings

from bridge.regimes import REGIMES
from bridge.strategies import logits, pairs_of_logits, temperatures


@settings(max_examples=60, deadline=None, derandomize=True)
@given(logits(masked=True), temperatures())
def test_logits_are_legal(rows, temperature):
    assert rows.dtype == torch.float64 and rows.shape[-1] >= 1
    assert not bool(rows.isnan().any()) and not bool(rows.isposinf().any())
    assert bool(rows.isfinite().any(-1).all())  # never is every token masked
    assert 0.01 <= temperature <= 100


@settings(max_examples=30, deadline=None, derandomize=True)
@given(pairs_of_logits("float32", array="numpy"))
def test_pairs_have_one_shape_and_are_finite(pair):
    first, second = pair
    assert first.shape == second.shape and first.dtype == second.dtype == np.float32
    assert np.isfinite(first).all() and np.isfinite(second).all()


def test_what_breaks_code_is_found_and_shrinks():
    def entropy_is_nan(rows):
        p = torch.softmax(rows, -1)
        return bool((p * p.log()).sum(-1).isnan().any())

    quiet = settings(max_examples=500, deadline=None, derandomize=True, database=None)
    simplest = find(logits(), entropy_is_nan, settings=quiet)
    assert simplest.shape == (2,)
    masked = find(logits(masked=True), lambda rows: bool(rows.isneginf().any()), settings=quiet)
    assert masked.shape == (2,)


def test_every_kind_of_row_is_drawn():
    for regime in REGIMES.values():
        row = regime.row([1.0, -2.0, 3.0], 1, [True, True, False])
        assert len(row) == 3 and np.isfinite(row[1])
        assert np.isneginf(row[0]) == regime.masked
