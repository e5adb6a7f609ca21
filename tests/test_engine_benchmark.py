"""The measurements of the engine can fail, and their peers compute the same numbers."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from rich.console import Console

import numeric
from benchmarks import exact, peers
from benchmarks.figures import Figure, show, write_json
from benchmarks.inputs import SPACED, logits
from benchmarks.timing import exponent, interleaved


def test_a_missed_bar_is_said():
    at_most, at_least = Figure("a", "b", 0.6, 0.5), Figure("a", "b", 100, 150, "at least")
    assert at_most.met is False and replace(at_most, value=0.5).met is True
    assert at_least.met is False and replace(at_least, value=150.0).met is True
    assert Figure("a", "b", None, 0.5).met is None and Figure("a", "b", 0.6).met is None
    console = Console(record=True, width=100)
    show([at_most, Figure("c", "d", None, 1, note="no compiler")], console)
    text = console.export_text()
    assert "NO" in text and "no compiler" in text


def test_figures_are_written_with_their_verdicts(tmp_path):
    path = tmp_path / "figures.json"
    write_json([Figure("a", "b", 0.6, 0.5)], {"a": 1.5}, path)
    document = json.loads(path.read_text())
    assert document["figures"][0]["met"] is False and document["milliseconds"] == {"a": 1.5}


def test_exponents_and_medians():
    assert exponent({n: 3.0 * n**1.5 for n in (1, 4, 64)}) == pytest.approx(1.5)
    calls = []
    times = interleaved({"a": lambda: calls.append("a"), "b": lambda: calls.append("b")}, 2)
    assert calls == ["a", "b"] * 3 and set(times) == {"a", "b"}


def test_balls_know_a_two_level_system():
    s, c = exact.entropy_and_heat_capacity([2.0, 0.0], 1.0)
    p = 1 / (1 + np.exp(-2.0))
    assert exact.relative_error(-p * np.log(p) - (1 - p) * np.log(1 - p), s) < 1e-15
    assert exact.relative_error(4 * p * (1 - p), c) < 1e-15
    assert exact.relative_error(1.001 * float(c), c) > 9e-4


def test_a_wrong_entropy_of_the_timed_array_is_seen(monkeypatch):
    x = logits(2, 3000)
    assert exact.timed_array_error(x, SPACED) <= 2
    honest = numeric.thermodynamics

    def wrong(x, t, **options):
        th = honest(x, t, **options)
        return th if options else replace(th, entropy=th.entropy * (1 + 1e-4))

    monkeypatch.setattr(numeric, "thermodynamics", wrong)
    assert exact.timed_array_error(x, SPACED) > 2


def test_peers_compute_the_same_numbers():
    x, beta = logits(3, 500), [0.25, 0.5, 0.75]
    th = numeric.thermodynamics(x.double(), [1 / b for b in beta])
    for graph in (peers.exponential_each, peers.powers):
        for k, (_, _, c) in enumerate(graph(x.double(), beta)):
            torch.testing.assert_close(c, th.heat_capacity[:, k])
    _, s = peers.entropy_by_scipy(x)
    expected = numeric.entropy(x, 1.0)
    np.testing.assert_allclose(s, expected, rtol=1e-4)
    torch.testing.assert_close(peers.entropy_by_categorical(x), expected, rtol=1e-4, atol=1e-4)
