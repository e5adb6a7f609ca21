"""Thermodynamics from hidden states equal those of the logits, in bounded memory."""

from __future__ import annotations

import resource
import subprocess
import sys
from dataclasses import fields

import numpy as np
import pytest
import torch

import numeric
from numeric.hidden import thermodynamics_from_hidden

G = torch.Generator().manual_seed(0)
HIDDEN = torch.randn(3, 5, 16, generator=G, dtype=torch.float64)
WEIGHT, BIAS = torch.randn(70, 16, generator=G).double(), torch.randn(70, generator=G).double()
T = torch.tensor([0.5, 1.0, 2.5], dtype=torch.float64)
NAMES = ("log_partition", "free_energy", "internal_energy", "entropy", "heat_capacity")


def small_slabs(monkeypatch):
    """Four rows and 24 tokens at a time."""
    for name, value in {"_ROWS": 4, "_BUFFER": 4 * 24 * 8, "_BLOCK": 8}.items():
        monkeypatch.setattr(f"numeric.stream.{name}", value)


@pytest.mark.parametrize("bias", [BIAS, None])
@pytest.mark.parametrize("gauge", ["raw", "normalized", "centered", "ground"])
@pytest.mark.parametrize("temperature", [0.7, T, torch.rand(3, 5, 2).double() + 0.5])
def test_equal_those_of_the_logits(bias, gauge, temperature, monkeypatch):
    small_slabs(monkeypatch)
    logits = torch.nn.functional.linear(HIDDEN, WEIGHT, bias)
    expected = numeric.thermodynamics(logits, temperature, order=4, gauge=gauge)
    found = thermodynamics_from_hidden(
        HIDDEN, WEIGHT, bias, temperature, order=4, gauge=gauge, top=3, target=2
    )
    for name in NAMES:
        a, b = getattr(found, name), getattr(expected, name)
        # products of different shapes sum 16 terms in different orders
        torch.testing.assert_close(a, b, rtol=1e-12, atol=1e-13)
    assert found.state.order == 4 and len(found.cumulants) == 4
    target = -numeric.cross_entropy(logits, torch.tensor(2), temperature)
    torch.testing.assert_close(found.target_log_probability, target, rtol=1e-12, atol=1e-13)
    values, tokens = logits.topk(3)
    assert torch.equal(found.top_tokens, tokens) and found.top_logits.shape == (3, 5, 3)
    torch.testing.assert_close(found.top_logits, values, rtol=1e-12, atol=1e-13)


def test_what_was_not_asked_for_is_none():
    found = thermodynamics_from_hidden(HIDDEN[0, 0], WEIGHT, None, 1.0)
    assert found.entropy.shape == () and found.top_tokens is None
    assert found.target_log_probability is None


def test_numpy_in_numpy_out():
    found = thermodynamics_from_hidden(HIDDEN.numpy(), WEIGHT.numpy(), None, 1.0, top=1)
    assert all(isinstance(getattr(found, n), np.ndarray) for n in (*NAMES, "top_tokens"))


def test_gradients_flow_to_hidden_states_and_weights():
    h, w = HIDDEN[:1, :2].clone().requires_grad_(), WEIGHT.clone().requires_grad_()
    assert torch.autograd.gradcheck(
        lambda h, w: thermodynamics_from_hidden(h, w, None, T).entropy, (h, w), fast_mode=True
    )


def test_no_rows():
    assert thermodynamics_from_hidden(HIDDEN[:0], WEIGHT, None, T).entropy.shape == (0, 5, 3)


BAD = [
    ((HIDDEN, WEIGHT[:, :3], None, 1.0), r"shapes \(3, 5, 16\) and \(70, 3\)"),
    ((HIDDEN, WEIGHT, BIAS[:2], 1.0), r"bias: expected shape \(70,\)"),
    ((HIDDEN, WEIGHT.float(), None, 1.0), "weight: expected torch.float64"),
    ((HIDDEN, WEIGHT, None, -1.0), "temperature: expected positive"),
    ((HIDDEN, WEIGHT, None, torch.ones(7, 2)), "do not broadcast"),
    ((HIDDEN * torch.nan, WEIGHT, None, 1.0), r"nan in row \(0, 0\)"),
]


@pytest.mark.parametrize("arguments, message", BAD)
def test_bad_input_is_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        thermodynamics_from_hidden(*arguments)


def test_options_outside_their_range_are_named():
    with pytest.raises(ValueError, match=r"top: expected 0\.\.70"):
        thermodynamics_from_hidden(HIDDEN, WEIGHT, None, 1.0, top=71)
    with pytest.raises(ValueError, match=r"target: expected 0\.\.69, got 70"):
        thermodynamics_from_hidden(HIDDEN, WEIGHT, None, 1.0, target=70)


@pytest.mark.parametrize("gauge", ["raw", "normalized", "centered", "ground"])
def test_slabs_may_be_masked_altogether(gauge, monkeypatch):
    small_slabs(monkeypatch)
    bias = BIAS.clone()
    bias[:30] = bias[50:] = -torch.inf  # the first and the last slab
    logits = torch.nn.functional.linear(HIDDEN, WEIGHT, bias)
    expected = numeric.thermodynamics(logits, T, gauge=gauge)
    found = thermodynamics_from_hidden(HIDDEN, WEIGHT, bias, T, gauge=gauge, target=3, top=25)
    for name in NAMES:
        torch.testing.assert_close(
            getattr(found, name), getattr(expected, name), rtol=1e-12, atol=1e-13
        )
    assert torch.all(found.target_log_probability == -torch.inf)
    values = logits.topk(25).values
    torch.testing.assert_close(found.top_logits, values, rtol=1e-12, atol=1e-13)


def test_illegal_rows_are_named_as_the_caller_knows_them(monkeypatch):
    small_slabs(monkeypatch)
    h, masked = HIDDEN.clone(), torch.full_like(BIAS, -torch.inf)
    h[2, 3, 0] = torch.nan
    with pytest.raises(ValueError, match=r"nan in row \(2, 3\)"):
        thermodynamics_from_hidden(h, WEIGHT, BIAS, T)
    with pytest.raises(ValueError, match=r"every token masked \(-inf\) in row \(0, 0\)"):
        thermodynamics_from_hidden(HIDDEN, WEIGHT, masked, T)


PEAK = """
import resource, torch
from numeric.hidden import thermodynamics_from_hidden
h, w = torch.randn({rows}, 8), torch.randn({states}, 8)
thermodynamics_from_hidden(h[:1], w, None, [0.5, 1.0])
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
thermodynamics_from_hidden(h, w, None, [0.5, 1.0])
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.parametrize("rows, states", [(2048, 50257), (64, 1_000_000)])
def test_extra_memory_is_at_most_64_mib(rows, states):
    """The logits would take 393 and 244 MiB."""
    assert resource.RUSAGE_SELF == 0
    code = PEAK.format(rows=rows, states=states)
    kib = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=300
    ).stdout
    assert int(kib) <= 64 * 1024


def test_every_field_is_joined():
    """A field that is new in `Thermodynamics` must not be lost."""
    found = thermodynamics_from_hidden(HIDDEN, WEIGHT, None, T)
    expected = numeric.thermodynamics(HIDDEN @ WEIGHT.T, T)
    for f in fields(expected):
        assert type(getattr(found, f.name)) is type(getattr(expected, f.name)), f.name
