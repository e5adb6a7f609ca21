"""Optimal values, policies and preferences against brute force in float64 and their limits."""

import math

import numpy as np
import pytest
import torch

import numeric
from numeric.errors import InputError

G = torch.Generator().manual_seed(0)
R = torch.randn(4, 6, dtype=torch.float64, generator=G)
MU = torch.randn(4, 6, dtype=torch.float64, generator=G)
ENDS = torch.tensor([0.0, -torch.inf], dtype=torch.float64)


def value(temperature):
    return temperature * (MU.log_softmax(-1) + R / temperature).logsumexp(-1)


def test_optimal_value_and_policy_by_brute_force():
    torch.testing.assert_close(numeric.optimal_value(R, MU, 0.7), value(0.7))
    policy = (MU + R / 0.7).softmax(-1)
    torch.testing.assert_close(numeric.optimal_policy(R, MU, 0.7), policy)
    torch.testing.assert_close(numeric.log_optimal_policy(R, MU, 0.7), policy.log())


def test_temperatures_make_an_axis_and_numpy_stays_numpy():
    found = numeric.optimal_value(R.numpy(), MU.numpy(), [0.5, 2.0])
    assert isinstance(found, np.ndarray)
    np.testing.assert_allclose(found, torch.stack([value(0.5), value(2.0)], -1).numpy())
    assert numeric.optimal_policy(R.numpy(), MU.numpy(), [0.5, 2.0]).shape == (4, 2, 6)


def test_the_value_of_dear_divergence_is_the_mean_reward():
    """T ln mean exp(r / T) - mean r = Var(r) / 2T + ...: the sum of exponentials loses it."""
    rewards, reference = torch.tensor([1.0, 3.0]), torch.zeros(2)
    assert float(numeric.optimal_value(rewards, reference, 1e6)) == pytest.approx(2.0, rel=1e-6)


def test_the_value_of_cheap_divergence_is_the_greatest_reward():
    rewards = torch.tensor([1.0, 3.0], dtype=torch.float64)
    found = numeric.optimal_value(rewards, torch.zeros(2, dtype=torch.float64), 1e-3)
    assert float(found) == pytest.approx(3 - 1e-3 * math.log(2), rel=1e-15)


def test_excluded_answers_count_for_nothing():
    wide = torch.cat([R, torch.full((4, 1), 1e6, dtype=R.dtype)], -1)
    gone = torch.cat([MU, torch.full((4, 1), -torch.inf, dtype=R.dtype)], -1)
    torch.testing.assert_close(numeric.optimal_value(wide, gone, 0.7), value(0.7))
    assert (numeric.optimal_policy(wide, gone, 0.7)[:, -1] == 0).all()
    x, t = wide.requires_grad_(), torch.tensor(0.7, dtype=R.dtype, requires_grad=True)
    slopes = torch.autograd.grad(numeric.optimal_value(x, gone, t).sum(), (x, t))
    assert all(slope.isfinite().all() for slope in slopes)


def test_preference_loss_cancels_what_normalizes():
    x, y = R[:, :2], MU[:, :2]
    margin = (x[:, 0] - x[:, 1]) - (y[:, 0] - y[:, 1])
    expected = -torch.nn.functional.logsigmoid(0.1 * margin)
    torch.testing.assert_close(numeric.preference_loss(x, y, 0, 1, 0.1), expected)
    shifted = numeric.preference_loss(x + 7, y - 3, 0, 1, 0.1)
    torch.testing.assert_close(shifted, expected)


def test_preference_loss_at_a_great_margin():
    x, y = torch.tensor([500.0, 0.0], dtype=torch.float64), torch.zeros(2, dtype=torch.float64)
    assert float(numeric.preference_loss(x, y, 0, 1, 1.0)) == pytest.approx(math.exp(-500))
    assert float(numeric.preference_loss(x, y, 1, 0, 1.0)) == 500


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: numeric.optimal_value(R, MU, -1.0), "temperature: expected positive"),
        (lambda: numeric.optimal_value(R * torch.nan, MU, 1.0), "expected finite"),
        (lambda: numeric.optimal_value(ENDS, ENDS.flip(0), 1.0), "every token masked"),
        (lambda: numeric.preference_loss(R, MU[:, :3], 0, 1, 1.0), "logits, reference_logits"),
        (lambda: numeric.preference_loss(R, MU, 0, 9, 1.0), "target: expected 0..5"),
    ],
)
def test_what_is_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()
