"""Attention against PyTorch's own, whole and in blocks."""

import numpy as np
import pytest
import torch

import numeric
from numeric.errors import InputError

G = torch.Generator().manual_seed(0)
SCORES = torch.randn(3, 10, dtype=torch.float64, generator=G) * 4
VALUES = torch.randn(3, 10, 5, dtype=torch.float64, generator=G)


def test_attention_is_that_of_torch():
    q, k = (torch.randn(3, n, 8, dtype=torch.float64, generator=G) for n in (1, 10))
    expected = torch.nn.functional.scaled_dot_product_attention(q, k, VALUES)[:, 0]
    scores = (q @ k.transpose(-1, -2))[:, 0]
    torch.testing.assert_close(numeric.attention(scores, VALUES, 8**0.5), expected)


def test_temperatures_make_an_axis_and_numpy_stays_numpy():
    found = numeric.attention(SCORES.numpy(), VALUES.numpy(), [1.0, 2.0])
    assert isinstance(found, np.ndarray) and found.shape == (3, 2, 5)
    np.testing.assert_allclose(found[:, 1], numeric.attention(SCORES, VALUES, 2.0).numpy())


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1)])
def test_blocks_merge_in_any_order(order):
    ends = ((0, 3), (3, 4), (4, 10))
    blocks = [numeric.attention_block(SCORES[:, a:b], VALUES[:, a:b]) for a, b in ends]
    first, second, third = (blocks[n] for n in order)
    for whole in (first.merged(second).merged(third), first.merged(second.merged(third))):
        torch.testing.assert_close(whole.mean, numeric.attention(SCORES, VALUES))
        torch.testing.assert_close(whole.log_partition, SCORES.logsumexp(-1))


def test_a_masked_block_changes_nothing():
    block = numeric.attention_block(SCORES, VALUES)
    gone = numeric.attention_block(torch.full_like(SCORES, -torch.inf), VALUES * torch.inf)
    for whole in (block.merged(gone), gone.merged(block)):
        torch.testing.assert_close(whole.mean, block.mean)
    assert (gone.merged(gone).mean == 0).all() and gone.merged(gone).log_partition.isneginf().all()


def test_scores_far_apart_merge_without_overflow():
    low = numeric.attention_block(SCORES.numpy() - 1e4, VALUES.numpy())
    high = numeric.attention_block(SCORES.numpy() + 1e4, VALUES.numpy())
    np.testing.assert_array_equal(low.merged(high).mean, high.mean)


def test_what_is_refused():
    with pytest.raises(InputError, match="values: expected shape"):
        numeric.attention(SCORES, VALUES[:, :9])
    with pytest.raises(InputError, match="both torch or both NumPy"):
        numeric.attention(SCORES, VALUES.numpy())
