"""Losses against brute force in float64, PyTorch's own, and at the edges of their domain."""

import math

import numpy as np
import pytest
import torch
from torch.nn import functional

import numeric
from numeric.errors import InputError

X = torch.randn(6, 5, dtype=torch.float64, generator=torch.Generator().manual_seed(0)) * 3
Y = torch.arange(6) % 5


def test_z_loss_is_the_square_of_log_sum_exp():
    torch.testing.assert_close(numeric.z_loss(X), X.logsumexp(-1) ** 2)


@pytest.mark.parametrize("smoothing", [0.0, 0.1, 1.0])
def test_label_smoothing_is_that_of_torch(smoothing):
    expected = functional.cross_entropy(X, Y, label_smoothing=smoothing, reduction="none")
    torch.testing.assert_close(numeric.label_smoothing_loss(X, Y, smoothing), expected)


def test_masked_tokens_are_left_out_of_the_uniform_law():
    masked = torch.cat([X, torch.full((6, 2), -torch.inf, dtype=X.dtype)], dim=-1)
    loss = numeric.label_smoothing_loss(masked, Y, 0.1)
    torch.testing.assert_close(loss, numeric.label_smoothing_loss(X, Y, 0.1))
    assert numeric.label_smoothing_loss(masked, 6, 0.1).isinf().all()


@pytest.mark.parametrize("focus", [0.5, 2.0])
def test_focal_loss_by_brute_force(focus):
    p = X.softmax(-1)[torch.arange(6), Y]
    torch.testing.assert_close(numeric.focal_loss(X, Y, focus), -((1 - p) ** focus) * p.log())


def test_focal_loss_keeps_its_digits_where_the_model_is_sure():
    """1 - p and -ln p are e^-50 to first order; 1 - softmax in floats is zero."""
    found = numeric.focal_loss(torch.tensor([50.0, 0.0], dtype=torch.float64), 0, 1.0)
    assert float(found) == pytest.approx(math.exp(-100), rel=1e-13)


def test_focal_loss_of_one_token_has_no_gradient():
    x = torch.zeros(1, requires_grad=True)
    numeric.focal_loss(x, 0, 0.5).backward()
    assert x.grad is not None and float(x.grad) == 0


def test_distillation_gradient_times_temperature_squared_tends_to_centered_difference():
    teacher = X.flip(-1)
    for temperature, near in ((1.0, False), (1e4, True)):
        x = X.clone().requires_grad_()
        (numeric.distillation_loss(x, teacher, temperature).sum() * temperature**2).backward()
        limit = (X - X.mean(-1, keepdim=True) - teacher + teacher.mean(-1, keepdim=True)) / 5
        assert x.grad is not None
        assert torch.allclose(x.grad, limit, atol=1e-2) is near


def test_distillation_at_several_temperatures_in_numpy():
    found = numeric.distillation_loss(X.numpy(), X.flip(-1).numpy(), [1.0, 2.0])
    assert isinstance(found, np.ndarray) and found.shape == (6, 2)
    p, q = (v.div(2).softmax(-1) for v in (X, X.flip(-1)))
    np.testing.assert_allclose(found[:, 1], -(q * p.log()).sum(-1).numpy())


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: numeric.focal_loss(X, Y, 0.0), "focus: expected positive"),
        (lambda: numeric.focal_loss(X, 5, 1.0), "target: expected 0..4"),
        (lambda: numeric.distillation_loss(X, X[:, :4], 1.0), "student, teacher: shapes"),
        (lambda: numeric.distillation_loss(X, X, 0.0), "temperature: expected positive"),
        (lambda: numeric.z_loss(torch.tensor([torch.nan])), "logits: expected finite"),
    ],
)
def test_what_is_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()
