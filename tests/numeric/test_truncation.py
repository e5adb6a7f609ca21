"""Truncation on rows that fit on a napkin: which tokens stay, ties, masks, gradients."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import numeric
from numeric.errors import InputError

# probabilities 8, 4, 2, 2 of 16; entropy 1.75 bits
X = torch.tensor([8.0, 2.0, 4.0, 2.0], dtype=torch.float64).log()


def _tokens(p) -> list[int]:
    return torch.as_tensor(p).nonzero().flatten().tolist()


@pytest.mark.parametrize(
    ("rule", "parameter", "kept"),
    [
        (numeric.top_k_probabilities, 1, [0]),
        (numeric.top_k_probabilities, 2, [0, 2]),
        (numeric.top_k_probabilities, 3, [0, 1, 2, 3]),  # the third place is shared
        (numeric.top_k_probabilities, 99, [0, 1, 2, 3]),
        (numeric.top_p_probabilities, 0.01, [0]),
        (numeric.top_p_probabilities, 0.49, [0]),
        (numeric.top_p_probabilities, 0.51, [0, 2]),
        (numeric.top_p_probabilities, 0.76, [0, 1, 2, 3]),
        (numeric.min_p_probabilities, 1.0, [0]),
        (numeric.min_p_probabilities, 0.49, [0, 2]),
        (numeric.min_p_probabilities, 0.24, [0, 1, 2, 3]),
        (numeric.typical_probabilities, 0.2, [2]),  # 2 bits of surprise, 1.75 of entropy
        (numeric.typical_probabilities, 0.3, [0, 2]),
        (numeric.typical_probabilities, 0.8, [0, 1, 2, 3]),
        (numeric.eta_probabilities, 0.3, [0, 2]),  # min(0.3, sqrt(0.3) 2^-1.75 = 0.163)
        (numeric.eta_probabilities, 0.1, [0, 1, 2, 3]),
    ],
)
def test_which_tokens_stay(rule, parameter, kept):
    found = rule(X, parameter)
    assert _tokens(found) == kept
    weights = X.exp()[kept]
    torch.testing.assert_close(found[kept], weights / weights.sum())


RULES = {
    numeric.top_k_probabilities: 2,
    numeric.top_p_probabilities: 0.6,
    numeric.min_p_probabilities: 0.3,
    numeric.typical_probabilities: 0.4,
    numeric.eta_probabilities: 0.2,
}


@pytest.mark.parametrize("rule", RULES)
def test_masked_tokens_are_no_tokens(rule):
    masked = torch.cat([X, torch.tensor([-torch.inf, -torch.inf], dtype=X.dtype)])
    torch.testing.assert_close(rule(masked, RULES[rule])[:4], rule(X, RULES[rule]))
    assert rule(masked, RULES[rule])[4:].tolist() == [0, 0]
    assert rule(torch.zeros(1), RULES[rule]).tolist() == [1]


@pytest.mark.parametrize("rule", RULES)
def test_kinds_batches_and_offsets(rule):
    rows = np.stack([X.numpy(), X.numpy() + 1e6]).astype(np.float32)
    found = rule(rows, RULES[rule])
    assert isinstance(found, np.ndarray) and found.dtype == np.float32
    assert _tokens(found[0]) == _tokens(found[1])
    each = rule(X.expand(2, 4), torch.full((2,), float(RULES[rule])))
    torch.testing.assert_close(each[1], rule(X, RULES[rule]))


@pytest.mark.parametrize("rule", RULES)
def test_the_gradient_is_that_of_the_tokens_that_are_kept(rule):
    x = X.clone().requires_grad_()
    p = rule(x, RULES[rule])
    (slope,) = torch.autograd.grad(p[2], x)
    expected = p[2].detach() * ((torch.arange(4) == 2).double() - p.detach())
    torch.testing.assert_close(slope, expected)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: numeric.top_k_probabilities(X, 0), "count: expected 1 or more"),
        (
            lambda: numeric.top_p_probabilities(X, 90),
            r"mass: expected numbers in \(0, 1\], got 90",
        ),
        (lambda: numeric.min_p_probabilities(X, 0.0), "share: expected numbers in"),
        (lambda: numeric.eta_probabilities(X, torch.ones(3)), "constant: expected a number or"),
        (lambda: numeric.typical_probabilities(X * torch.nan, 0.5), "logits: expected finite"),
    ],
)
def test_what_is_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()
