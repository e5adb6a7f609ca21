"""All quantities at once: the same numbers, the gauges, how it shows itself."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import numeric

X = torch.tensor(
    [[0.3, 1.9, float("-inf"), -0.4, 1.1], [2.0, 2.0, 0.5, -7.0, 1.0]], dtype=torch.float64
)
T = torch.tensor([0.4, 1.0, 3.0], dtype=torch.float64)
NAMES = ("log_partition", "free_energy", "internal_energy", "entropy", "heat_capacity")


def by_definition(energies: torch.Tensor, t: torch.Tensor) -> dict[str, torch.Tensor]:
    """Quantities of energies (..., V) at temperatures (K,) by the textbook."""
    energies = energies.unsqueeze(-2)
    boltzmann = torch.exp(-energies / t[:, None])
    z = boltzmann.sum(-1)
    p = boltzmann / z[..., None]
    finite = torch.where(p > 0, energies, 0)
    u = (p * finite).sum(-1)
    return {
        "log_partition": z.log(),
        "free_energy": -t * z.log(),
        "internal_energy": u,
        "entropy": -torch.xlogy(p, p).sum(-1),
        "heat_capacity": (p * (finite - u[..., None]) ** 2).sum(-1) / t**2,
    }


def gauged_energies(gauge):
    kept = torch.isfinite(X)
    if gauge == "normalized":
        return -torch.log_softmax(X, -1)
    shift = {
        "raw": torch.zeros(2, 1).double(),
        "ground": X.amax(-1, keepdim=True),
        "centered": torch.where(kept, X, 0).sum(-1, keepdim=True) / kept.sum(-1, keepdim=True),
    }[gauge]
    return -X + shift


@pytest.mark.parametrize("gauge", ["raw", "normalized", "centered", "ground"])
def test_every_gauge_equals_the_definition_with_its_energies(gauge):
    th = numeric.thermodynamics(X, T, gauge=gauge)
    for name, expected in by_definition(gauged_energies(gauge), T).items():
        torch.testing.assert_close(getattr(th, name), expected, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("gauge", ["normalized", "centered", "ground"])
def test_a_gauge_moves_energies_and_nothing_else(gauge):
    raw, th = (numeric.thermodynamics(X, T, order=4, gauge=g) for g in ("raw", gauge))
    assert torch.equal(th.entropy, raw.entropy) and torch.equal(
        th.heat_capacity, raw.heat_capacity
    )
    for a, b in zip(th.cumulants[1:], raw.cumulants[1:], strict=True):
        assert torch.equal(a, b)
    assert not torch.allclose(th.internal_energy, raw.internal_energy)


def test_normalized_gauge_has_no_free_energy_at_temperature_one():
    th = numeric.thermodynamics(X, 1.0, gauge="normalized")
    assert torch.equal(th.free_energy, torch.zeros(2, dtype=torch.float64))


@pytest.mark.parametrize("name", NAMES)
def test_fields_equal_the_functions(name):
    th = numeric.thermodynamics(X, T)
    torch.testing.assert_close(getattr(th, name), getattr(numeric, name)(X, T), rtol=1e-15, atol=0)


def test_cumulants_begin_with_energy_and_variance():
    th = numeric.thermodynamics(X, T, order=3)
    assert len(th.cumulants) == 3 and torch.equal(th.cumulants[0], th.internal_energy)
    torch.testing.assert_close(th.cumulants[1], T**2 * th.heat_capacity, rtol=1e-15, atol=0)


def test_two_states_are_the_schottky_anomaly():
    """Gap g: S = ln(1 + e^-y) + y / (1 + e^y), C = y^2 e^y / (1 + e^y)^2 with y = g / T."""
    y = 2.5 / T
    th = numeric.thermodynamics(torch.tensor([0.0, 2.5], dtype=torch.float64), T, order=4)
    p = 1 / (1 + y.exp())
    torch.testing.assert_close(th.entropy, (-y).exp().log1p() + y * p, rtol=1e-14, atol=0)
    torch.testing.assert_close(th.heat_capacity, y**2 * p * (1 - p), rtol=1e-13, atol=0)
    third = 2.5**3 * p * (1 - p) * (1 - 2 * p)
    torch.testing.assert_close(th.cumulants[2], third, rtol=1e-12, atol=0)
    fourth = 2.5**4 * p * (1 - p) * (1 - 6 * p * (1 - p))
    torch.testing.assert_close(th.cumulants[3], fourth, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("temperature", [0.7, T, T * torch.ones(6, 5, 1, dtype=torch.float64)])
def test_the_reference_takes_few_rows_at_a_time_and_changes_nothing(monkeypatch, temperature):
    x = torch.randn(6, 5, 40, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    whole = numeric.thermodynamics(x, temperature, order=4, backend="torch").state
    monkeypatch.setattr("numeric.backends.reference._NUMBERS_AT_A_TIME", (40 * 3 * 4,) * 2)
    parts = numeric.thermodynamics(x, temperature, order=4, backend="torch").state
    assert parts == whole
    x[4, 1, 7] = torch.nan
    with pytest.raises(ValueError, match=r"nan in row \(4, 1\)"):
        numeric.thermodynamics(x, temperature, order=4, backend="torch")


def test_it_shows_itself_shortly_and_as_a_table():
    th = numeric.thermodynamics(X.numpy(), T.numpy())
    assert repr(th) == "Thermodynamics(shape=(2, 3), dtype=float64, T=0.4..3, gauge='raw')"
    html = th._repr_html_()
    assert html.startswith("<table>") and html.count("<tr>") == 4
    assert f"{np.mean(th.entropy[:, 1]):.6g}" in html
    assert "<td>" in numeric.thermodynamics(X[0], 0.7)._repr_html_()
    assert numeric.thermodynamics(X, 0.7)._repr_html_().count("<tr>") == 2  # one line for all rows
