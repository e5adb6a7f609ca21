"""The page of the Boltzmann manifold: its numbers, its figures, and what is refused."""

import json
import math

import numpy as np
import pytest
import torch
from command_line import refused, run
from tiny_model import write_gemma

import numeric
from bridge.manifold import read
from bridge.manifold.page import pictures, sentences
from bridge.report.plotting import manner
from numeric.models import load_model
from numeric.plane import capacity_boundary

TEXT = "ab ba. abba abab, ba! ab"


def test_the_page_and_its_figures_are_written(folder, text, tmp_path):
    told = run("manifold", "--model", folder, "--text", text, "--out", tmp_path, "--json")
    assert told.exit_code == 0, told.output
    data = json.loads(told.stdout)
    assert data["map_error"] < 1e-12 and data["dimension"] == 16
    assert data["rank"]["rank"] <= 16 and len(data["spectra"]) == 2
    html = (tmp_path / "index.html").read_text(encoding="utf-8")
    for name in ("text", "plane", "melting", "path", "spectrum"):
        assert f'id="figure-{name}"' in html
        for suffix in ("svg", "pdf"):
            assert (tmp_path / "figures" / f"{name}.{suffix}").stat().st_size > 1000
    assert json.loads((tmp_path / "manifold.json").read_text(encoding="utf-8")) == data


def test_numbers_are_those_of_the_engine(folder):
    model = load_model(folder, "cpu")
    found = read(model, TEXT, positions=9)
    logits = model.logits(model.encode(TEXT)[:9])
    assert len(found) == 9 and found.features["entropy"] == pytest.approx(
        numeric.entropy(logits, 1.0).numpy(), rel=1e-5
    )
    distances = numeric.fisher_rao_distance(logits[:-1], logits[1:])
    assert found.steps == pytest.approx(distances.numpy(), rel=1e-4)
    assert found.stretch is not None and found.stretch.length >= found.stretch.distance
    ends = found.stretch.path[[0, -1]]
    assert ends == pytest.approx(np.array([[0, 0], [found.stretch.distance, 0]]), abs=1e-6)
    for line in (found.stretch.exponential, found.stretch.mixture):
        assert line[[0, -1]] == pytest.approx(ends, abs=1e-6)


def test_one_position_and_repeated_prompts(folder):
    model = load_model(folder, "cpu")
    one = read(model, "ba", positions=1)
    assert len(one) == 1 and one.length == 0 and one.stretch is None and one.rank is None
    assert len(sentences(one)) == 4
    for picture in pictures(one):
        with manner():
            assert picture.draw().axes
    same = read(model, "aaaaaa", positions=5)
    assert np.isfinite(same.steps).all()


def test_bad_input_is_one_line(folder, text, tmp_path):
    empty = tmp_path / "empty.txt"
    empty.write_text("", encoding="utf-8")
    refused("manifold", "--model", folder, "--text", empty)
    assert "file" in refused("manifold", "--model", folder, "--text", text, "--out", empty)
    capped = tmp_path / "capped"
    capped.mkdir()
    write_gemma(capped)
    line = refused("manifold", "--model", capped, "--text", text)
    assert "capped or rescaled logits" in line


def test_no_distribution_lies_above_the_boundary():
    rng = np.random.default_rng(0)
    for size in (2, 5):
        logits = rng.normal(size=(800, size)) * rng.uniform(0, 10, size=(800, 1))
        logits[::2] = np.where(rng.random((400, size)) < 0.5, 0.0, logits[::2, :1])
        logits[1::5, 0] = -800.0  # next to a face
        x = torch.from_numpy(logits)
        s, c = numeric.entropy(x, 1.0).numpy(), numeric.heat_capacity(x, 1.0).numpy()
        allowed = capacity_boundary(size, np.minimum(s, math.log(size)))
        assert (c <= allowed * (1 + 1e-6) + 1e-9).all()
        assert (c > 0.999 * allowed)[allowed > 0.01].any()  # and it is reached
    summit = capacity_boundary(49_152, np.linspace(0, math.log(49_152), 401)).max()
    assert summit == pytest.approx(30.16335, abs=1e-2)
    with pytest.raises(ValueError, match="entropy: expected numbers from 0"):
        capacity_boundary(3, 2.0)
