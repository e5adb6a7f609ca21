"""Speculative decoding against exact fractions and a simulation; order of decoding steps."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import numeric

# probabilities 4, 2, 1, 1 and 1, 1, 2, 4 of 8
P = torch.tensor([4.0, 2.0, 1.0, 1.0], dtype=torch.float64).log()
Q = torch.tensor([1.0, 1.0, 2.0, 4.0], dtype=torch.float64).log()


def test_shared_mass_and_distance_add_to_one():
    assert numeric.acceptance_rate(P, Q).item() == pytest.approx(4 / 8, rel=1e-15)
    assert numeric.total_variation_distance(P, Q).item() == pytest.approx(4 / 8, rel=1e-15)
    assert numeric.total_variation_distance(P.numpy(), (Q + 5).numpy()) == pytest.approx(0.5)
    assert numeric.acceptance_rate(P, P) == 1 and numeric.total_variation_distance(P, P) == 0


def test_the_residual_is_the_normalized_excess():
    expected = torch.tensor([3 / 4, 1 / 4, 0, 0], dtype=torch.float64)
    torch.testing.assert_close(numeric.residual_probabilities(P, Q), expected)
    torch.testing.assert_close(numeric.residual_probabilities(P, P), P.softmax(-1))


def test_small_distances_keep_their_digits():
    near = P + torch.tensor([1e-9, 0, 0, 0], dtype=torch.float64)
    exact = 0.5 * np.expm1(1e-9) * 0.5 / (0.5 * np.exp(1e-9) + 0.5)  # p_1 (1 - p_1) to first order
    assert numeric.total_variation_distance(P, near).item() == pytest.approx(exact, rel=1e-6)


def test_masked_tokens_are_shared_by_nobody():
    masked = torch.tensor([0.0, 0.0, -torch.inf, -torch.inf], requires_grad=True)
    other = torch.tensor([-torch.inf, 0.0, 0.0, -torch.inf], requires_grad=True)
    assert numeric.acceptance_rate(masked, other).item() == pytest.approx(1 / 2)
    distance = numeric.total_variation_distance(masked, other)
    assert distance.item() == pytest.approx(1 / 2)
    (slope,) = torch.autograd.grad(distance, masked)
    assert bool(slope.isfinite().all())
    assert numeric.residual_probabilities(masked, other).tolist() == [1, 0, 0, 0]


def test_drafts_accepted_or_redrawn_follow_the_model():
    """The law of the output, exactly: min(p, q) + (1 - acceptance) residual."""
    torch.manual_seed(0)
    p, q = torch.randn(2, 50, 7, dtype=torch.float64) * 3
    shared = torch.minimum(p.softmax(-1), q.softmax(-1))
    rate = numeric.acceptance_rate(p, q).unsqueeze(-1)
    law = shared + (1 - rate) * numeric.residual_probabilities(p, q)
    torch.testing.assert_close(law, p.softmax(-1), rtol=1e-13, atol=1e-15)
    swapped = shared + (1 - rate) * numeric.residual_probabilities(q, p)
    assert not torch.allclose(swapped, p.softmax(-1), atol=1e-3)


def test_batches_broadcast_and_kinds_are_kept():
    drafts = torch.stack([P, Q]).float()
    assert numeric.acceptance_rate(P, drafts).shape == (2,)
    assert numeric.acceptance_rate(P, drafts).dtype == torch.float64
    assert isinstance(numeric.residual_probabilities(P.numpy(), Q.numpy()), np.ndarray)


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        (P, Q[:3], "not rows of one vocabulary"),
        (P.expand(2, 4), Q.expand(3, 4), "not rows of one vocabulary"),
        (P, Q.numpy(), "both logits torch or both NumPy"),
        (P, Q.clone().fill_(torch.nan), "logits"),
    ],
)
def test_what_does_not_fit_is_named(first, second, message):
    for function in (
        numeric.acceptance_rate,
        numeric.total_variation_distance,
        numeric.residual_probabilities,
    ):
        with pytest.raises(ValueError, match=message):
            function(first, second)


def _kept(x: torch.Tensor, keep: int) -> torch.Tensor:
    """Logits with all but the likeliest tokens masked."""
    return x.masked_fill(x < x.topk(keep).values[-1], -torch.inf)


def test_top_k_commutes_with_temperature_and_a_nucleus_does_not():
    """p = (8, 4, 2, 2) / 16: three quarters take two tokens; heated to T = 2, three."""
    x = torch.tensor([8.0, 4.0, 2.0, 2.0], dtype=torch.float64).log()
    heated = x / 2
    torch.testing.assert_close(_kept(x, 2) / 2, _kept(heated, 2))
    before = int(numeric.nucleus_size(x, 1.0, 0.74))
    after = int(numeric.nucleus_size(heated, 1.0, 0.74))
    assert (before, after) == (2, 3)
    first_cut = (_kept(x, before) / 2).softmax(-1)
    first_heated = _kept(heated, after).softmax(-1)
    assert not torch.allclose(first_cut, first_heated, atol=0.1)
